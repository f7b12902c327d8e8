//! What the service answers: documents with their tags, and problems with their names.
//!
//! RFC 7808, sections 4.1.4, 4.1.7 and 10.4; RFC 7807; RFC 9110, section 13.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinError;

use crate::dav::{Body, Conditions, ETag};

/// A day, and only by who signed in.
const KEEP: HeaderValue = HeaderValue::from_static("private, max-age=86400");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// Why there is no document; each has a name (RFC 7808, section 10.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    name: &'static str,
    title: &'static str,
    status: StatusCode,
}

const fn problem(name: &'static str, title: &'static str) -> Problem {
    Problem { name, title, status: StatusCode::BAD_REQUEST }
}

impl Problem {
    pub(super) const INVALID_ACTION: Self = problem("invalid-action", "There is no such action.");
    pub(super) const INVALID_CHANGEDSINCE: Self =
        problem("invalid-changedsince", "\"changedsince\" is given more than once.");
    pub(super) const INVALID_PATTERN: Self =
        problem("invalid-pattern", "\"pattern\" is not one text with asterisks at its ends only.");
    pub(super) const INVALID_START: Self =
        problem("invalid-start", "\"start\" is not one date-time in UTC, or nothing is cut here.");
    pub(super) const INVALID_END: Self = problem(
        "invalid-end",
        "\"end\" is not one date-time in UTC after \"start\" and within 400 years of it, or nothing is cut \
         here.",
    );
    pub(super) const TZID_NOT_FOUND: Self = Self {
        name: "tzid-not-found",
        title: "There is no time zone of this name.",
        status: StatusCode::NOT_FOUND,
    };
    pub(super) const INVALID_FORMAT: Self = Self {
        name: "invalid-format",
        title: "Time zones are given as text/calendar.",
        status: StatusCode::NOT_ACCEPTABLE,
    };
    /// No name of the service's: HTTP says it (RFC 7807, section 4.2).
    const UNAVAILABLE: Self =
        Self { name: "", title: "Service Unavailable", status: StatusCode::SERVICE_UNAVAILABLE };

    pub(super) fn response(self) -> Response<Body> {
        let kind = match self.name {
            "" => "about:blank".to_owned(),
            name => format!("urn:ietf:params:tzdist:error:{name}"),
        };
        let document = json!({
            "type": kind,
            "title": self.title,
            "status": self.status.as_u16(),
        });
        let mut response = Response::new(Body::whole(document.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl From<JoinError> for Problem {
    fn from(error: JoinError) -> Self {
        tracing::warn!(%error, "cannot make the zones");
        Self::UNAVAILABLE
    }
}

pub(super) const JSON: &str = "application/json";

/// A JSON document.
pub(super) fn document(document: &Value, headers: &HeaderMap) -> Response<Body> {
    let text = Bytes::from(document.to_string());
    let etag = super::catalog::etag_of(&text);
    representation(JSON, text, &etag, headers)
}

/// A document with its tag; 304 or 412 where the conditions say so.
pub(super) fn representation(
    content_type: &'static str,
    text: Bytes,
    etag: &ETag,
    headers: &HeaderMap,
) -> Response<Body> {
    let mut response = match conditions(etag, headers) {
        None => Response::new(Body::whole(text)),
        Some(StatusCode::BAD_REQUEST) => return Problem::INVALID_ACTION.response(),
        Some(status) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = status;
            response
        }
    };
    let is_whole = response.status() == StatusCode::OK;
    let fields = response.headers_mut();
    if is_whole {
        fields.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    fields.insert(CACHE_CONTROL, KEEP);
    if let Ok(etag) = HeaderValue::from_str(etag.as_str()) {
        fields.insert(ETAG, etag);
    }
    response
}

/// What stands in the way of a document with this tag.
fn conditions(etag: &ETag, headers: &HeaderMap) -> Option<StatusCode> {
    let Ok(conditions) = Conditions::of_read(headers) else { return Some(StatusCode::BAD_REQUEST) };
    let (before, current) = (Conditions { if_none_match: None, ..conditions.clone() }, Some((etag, None)));
    if !before.hold(current) {
        return Some(StatusCode::PRECONDITION_FAILED);
    }
    (!conditions.hold(current)).then_some(StatusCode::NOT_MODIFIED)
}

/// What is answered to HEAD. Where a condition did not hold there is no document whose length could
/// be told (RFC 9110, section 8.6).
pub(super) fn keep_only_head(response: &mut Response<Body>) {
    let has_document =
        ![StatusCode::NOT_MODIFIED, StatusCode::PRECONDITION_FAILED].contains(&response.status());
    if let Some(len) = response.body().known_len().filter(|_| has_document) {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(len));
    }
    *response.body_mut() = Body::empty();
}

pub(super) fn options() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    response.headers_mut().insert(ALLOW, METHODS);
    response
}

pub(super) fn not_allowed() -> Response<Body> {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let mut response = Problem { status, ..Problem::INVALID_ACTION }.response();
    response.headers_mut().insert(ALLOW, METHODS);
    response
}
