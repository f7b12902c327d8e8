//! `/.well-known/caldav`: where the calendars are (RFC 6764, section 5).
//!
//! A redirect for every method, without authentication (R1.1): some clients do not
//! recognise an answer in place.

use http::header::{self, HeaderValue};
use http::{Response, StatusCode};

use super::ResponseBody;
use super::answer::text;

/// Whether the path is ours, with or without a slash at the end.
pub(super) fn is_here(path: &str) -> bool {
    path.strip_suffix('/').unwrap_or(path) == "/.well-known/caldav"
}

/// The way to the context root. Relative, so that the origin stays whatever the client used.
pub(super) fn answer() -> Response<ResponseBody> {
    let mut response = text(StatusCode::MOVED_PERMANENTLY, "Calendars are at /.");
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/"));
    response
}
