//! `/metrics`: numbers for those who watch many processes, and who may have them.
//!
//! Without authentication, as those programs have no account here, and outside the limit of requests in
//! hand. Shown to the configured addresses alone, and to nobody for whom a proxy speaks that is not
//! configured: behind it every stranger would have the address of this machine.

use std::net::IpAddr;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};

use super::answer::text;
use super::{Handler, ResponseBody, full, health};
use crate::config::Network;
use crate::metrics::MEDIA_TYPE;

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking {
    pub(super) address: IpAddr,
    /// A proxy that is not configured speaks for somebody.
    pub(super) is_relayed: bool,
}

/// What proxies add. `Via` is the field that every one of them must send (RFC 9110, section 7.6.3).
const RELAYED: [HeaderName; 4] = [
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-real-ip"),
    header::FORWARDED,
    header::VIA,
];

/// Whether a request came through some proxy.
pub(super) fn is_relayed(headers: &HeaderMap) -> bool {
    RELAYED.iter().any(|name| headers.contains_key(name))
}

/// The answer, if the path is ours.
pub(super) async fn answer<H: Handler>(
    method: &Method,
    path: &str,
    handler: &H,
    asking: Asking,
    shown_to: &[Network],
) -> Option<Response<ResponseBody>> {
    if path != "/metrics" {
        return None;
    }
    if let Some(refused) = health::refuse_method(method) {
        return Some(refused);
    }
    if asking.is_relayed || !shown_to.iter().any(|network| network.contains(asking.address)) {
        return Some(text(
            StatusCode::FORBIDDEN,
            "Metrics are shown to the addresses in server.metrics_from.",
        ));
    }
    let mut response = Response::new(full(handler.metrics().await));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    Some(response)
}
