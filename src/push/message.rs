//! One message as a request. RFC 8030, section 5; WebDAV-Push, sections "Push Message" and "Web Push
//! Transport".

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST};
use http::{Method, Request, Uri};

use crate::booking::PushMessage;
use crate::domain::time::Instant;

use super::encrypt::{POINT, seal};
use super::vapid::Vapid;

/// How long a push service keeps a message for a device that is off, in seconds: by then programs
/// have looked by themselves.
const KEPT_SECS: u32 = 86_400;

/// The request, its URI absolute; `None` if the registration has no keys that fit.
pub(super) fn request(message: &PushMessage, vapid: &Vapid, now: Instant) -> Option<Request<Bytes>> {
    let due = &message.due;
    let device_key = decode(&due.public_key).filter(|key| key.len() == POINT)?;
    let body = seal(text(message).as_bytes(), &device_key, &decode(&due.auth)?)?;
    let uri: Uri = due.resource.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.clone());
    let authorization = vapid.authorization(&format!("{scheme}://{authority}"), now)?;
    Request::builder()
        .method(Method::POST)
        .uri(uri)
        .header(HOST, authority.as_str())
        .header(AUTHORIZATION, authorization)
        .header(CONTENT_ENCODING, "aes128gcm")
        .header(CONTENT_TYPE, "application/xml; charset=\"UTF-8\"")
        .header("ttl", KEPT_SECS)
        .header("urgency", "normal")
        // A later message of the same kind about the same calendar stands for this one too.
        .header("topic", topic(message))
        .body(Bytes::from(body))
        .ok()
}

/// RFC 8030, section 5.4: at most 32 characters of base64url.
fn topic(message: &PushMessage) -> String {
    let kind = match (message.due.is_content, message.due.is_property) {
        (true, true) => 'b',
        (true, false) => 'c',
        (false, _) => 'p',
    };
    format!("{kind}{}", message.topic.get(..31).unwrap_or(&message.topic))
}

/// The document that the device reads. The topic is of hexadecimal digits.
fn text(message: &PushMessage) -> String {
    let content = if message.due.is_content { "<content-update/>" } else { "" };
    let property = if message.due.is_property { "<property-update/>" } else { "" };
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<push-message xmlns=\"https://bitfire.at/webdav-push\">\
         <topic>{}</topic>{content}{property}</push-message>",
        message.topic
    )
}

/// base64url, with or without padding.
fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}
