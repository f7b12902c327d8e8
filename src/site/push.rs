//! Registering for push messages: what a calendar announces, POST of `push-register`, DELETE of a
//! registration, and the field that keeps a device from being told of its own change.
//!
//! What is missing is filled in as generously as programs need it: DAVx5 names neither a trigger
//! nor an encoding. WebDAV-Push, sections "Service Detection" and "Subscription Management".

use std::sync::Arc;

use http::header::{EXPIRES, LOCATION};
use http::{HeaderMap, HeaderValue, Response, StatusCode, Uri};

use crate::booking::{PUSH_KEY, push_topic};
use crate::caldav::condition::{INVALID_SUBSCRIPTION, NO_SUPPORTED_TRIGGER, PUSH_NOT_AVAILABLE};
use crate::caldav::node::{Calendar, PushFacts};
use crate::dav::date::{http_date, read_http_date};
use crate::dav::name::PUSH;
use crate::dav::xml::{self, Element};
use crate::dav::{Body, DavError, Href, Posted, Viewer};
use crate::domain::id::CalendarId;
use crate::domain::time::Instant;
use crate::store::{NewRegistration, StoreError, Tx};

use super::Site;
use super::calendar;
use super::place::Place;
use super::reader::{Reader, reader};
use super::refusal;

/// What is announced to every reader alike.
#[derive(Debug)]
pub(super) struct PushServer {
    secret: [u8; 32],
    key: Arc<str>,
}

/// More bytes than this are no address of a push service.
const MAX_RESOURCE: usize = 2_048;

/// The shortest and the usual time that a registration holds, in seconds: three days.
const DEFAULT_SECS: i64 = 3 * 86_400;

/// A point of P-256 and a shared secret, in bytes (RFC 8291, section 3.1 and 3.2).
const KEY: usize = 65;
const AUTH: usize = 16;

impl Site {
    /// Remembers what is announced, as soon as the server has a key pair.
    pub(super) async fn load_push(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        if self.push.get().is_some() {
            return Ok(());
        }
        if let Some(key) = tx.meta().get(PUSH_KEY).await? {
            let secret = tx.meta().secret().await?;
            // Whoever is second has the same.
            let _ = self.push.set(PushServer { secret, key: key.into() });
        }
        Ok(())
    }

    /// Whether messages are sent, as far as is known.
    pub(super) fn is_pushing(&self) -> bool {
        self.push.get().is_some()
    }

    /// What a calendar announces; `None` where no messages are sent.
    pub(super) fn push_facts(&self, calendar: CalendarId) -> Option<PushFacts> {
        let server = self.push.get()?;
        Some(PushFacts { topic: push_topic(&server.secret, calendar), key: server.key.clone() })
    }

    /// POST of `push-register` to a calendar.
    pub(super) async fn register_push(
        &self,
        viewer: &Viewer,
        node: &Calendar,
        posted: &Posted,
    ) -> Result<Response<Body>, DavError> {
        let reader = reader(viewer)?;
        let body = xml::read(&posted.body.bytes()?, &self.limits)?;
        let body = body.filter(|body| body.name().is(PUSH, "push-register"));
        let body = body.ok_or_else(|| DavError::bad_request("the body is not push-register"))?;
        if node.push.is_none() {
            return Err(PUSH_NOT_AVAILABLE.into());
        }
        let Some(Place::Calendar(place)) = Place::of(&node.info.href) else {
            return Err(DavError::not_found());
        };
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let found = calendar::find(&mut snapshot.tx(), reader, &place).await.map_err(refusal::store)?;
        drop(snapshot);
        let calendar = found.ok_or_else(DavError::not_found)?.calendar.id;
        let new = self.registration(reader, calendar, &body)?;
        let expires = new.expires_at;
        let most = i64::try_from(self.limits.push_registrations).unwrap_or(i64::MAX);
        let token = self.bookings.register_push(new, most).await.map_err(refusal::store)?;
        let token = token.ok_or_else(|| DavError::from(PUSH_NOT_AVAILABLE))?;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let url = format!("{}{}", self.base_url, Place::Registration(token).href());
        let fields = [(LOCATION, url), (EXPIRES, http_date(expires.secs()))];
        for (name, value) in fields {
            let value = HeaderValue::from_str(&value).map_err(|_| DavError::internal("a field of ours"))?;
            response.headers_mut().insert(name, value);
        }
        Ok(response)
    }

    fn registration(
        &self,
        reader: &Reader,
        calendar: CalendarId,
        body: &Element,
    ) -> Result<NewRegistration, DavError> {
        let invalid = || DavError::from(INVALID_SUBSCRIPTION);
        let inner = |parent: &Element, local: &str| parent.child(PUSH, local).cloned();
        let subscription = inner(body, "subscription").ok_or_else(invalid)?;
        let device = inner(&subscription, "web-push-subscription").ok_or_else(invalid)?;
        let text = |local: &str| inner(&device, local).map(|it| it.text().trim().to_owned());
        let resource = text("push-resource").filter(|text| is_push_resource(text)).ok_or_else(invalid)?;
        // Older programs call the key so.
        let key = text("subscription-public-key").or_else(|| text("client-public-key"));
        let key = key.filter(|key| key.starts_with('B') && is_base64(key, KEY)).ok_or_else(invalid)?;
        let auth = text("auth-secret").filter(|auth| is_base64(auth, AUTH)).ok_or_else(invalid)?;
        if text("content-encoding").is_some_and(|coding| coding != "aes128gcm") {
            return Err(invalid());
        }
        let trigger = inner(body, "trigger");
        let asks = |local: &str| trigger.as_ref().is_some_and(|trigger| trigger.child(PUSH, local).is_some());
        let (content, property) = (trigger.is_none() || asks("content-update"), asks("property-update"));
        if !content && !property {
            return Err(NO_SUPPORTED_TRIGGER.into());
        }
        Ok(NewRegistration {
            token: String::new(),
            user: reader.account(),
            calendar,
            resource,
            public_key: key,
            auth,
            content_updates: content,
            property_updates: property,
            expires_at: self.expiry(body)?,
        })
    }

    /// Until when a registration holds: as asked, but no longer than L-71.
    fn expiry(&self, body: &Element) -> Result<Instant, DavError> {
        let now = self.bookings.now();
        let most = i64::try_from(self.limits.push_secs).unwrap_or(i64::MAX);
        let Some(asked) = body.child(PUSH, "expires") else { return Ok(now.plus(DEFAULT_SECS.min(most))) };
        let unreadable = || DavError::bad_request("expires is an HTTP date to come");
        let asked = read_http_date(asked.text().trim()).map(Instant::from_secs).ok_or_else(unreadable)?;
        if asked <= now { Err(unreadable()) } else { Ok(asked.min(now.plus(most))) }
    }

    /// DELETE of a registration; false where the place is none.
    pub(super) async fn unregister_push(&self, viewer: &Viewer, href: &Href) -> Result<bool, DavError> {
        let Some(Place::Registration(token)) = Place::of(href) else { return Ok(false) };
        let reader = reader(viewer)?;
        let gone = self.bookings.unregister_push(reader.account(), &token).await.map_err(refusal::store)?;
        if gone { Ok(true) } else { Err(DavError::not_found()) }
    }

    /// The viewer of a request with these fields: registrations named in Push-Dont-Notify are not
    /// told of what it changes.
    pub(super) fn quietly(&self, viewer: Viewer, headers: &HeaderMap) -> Viewer {
        let named = headers.get("push-dont-notify").and_then(|value| value.to_str().ok());
        let Some((named, reader)) = named.zip(viewer.extra::<Reader>()) else { return viewer };
        let urls = named.split(',').map(|url| url.trim().trim_matches('"'));
        let here = |url: &str| Href::parse(url.strip_prefix(self.base_url.as_str()).unwrap_or(url)).ok();
        let tokens = urls.filter_map(here).filter_map(|href| match Place::of(&href) {
            Some(Place::Registration(token)) => Some(token),
            _ => None,
        });
        let mut reader = reader.clone();
        reader.actor.quiet = tokens.take(MAX_QUIET).collect();
        viewer.with_extra(reader)
    }
}

/// One device has one registration for a calendar.
const MAX_QUIET: usize = 8;

/// An absolute `https` URL without user; whether its host may be reached is known when it is (D-50).
fn is_push_resource(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let is_plain = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    text.len() <= MAX_RESOURCE && is_plain && uri.scheme_str() == Some("https")
}

/// Whether this is base64url of so many bytes, with or without padding.
fn is_base64(text: &str, bytes: usize) -> bool {
    let text = text.trim_end_matches('=');
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() == (bytes * 4).div_ceil(3) && text.bytes().all(is_digit)
}
