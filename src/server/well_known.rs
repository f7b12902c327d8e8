//! `/.well-known/caldav` and `/.well-known/timezone`: where the calendars are, and where the service
//! for time zone data is (RFC 6764, section 5; RFC 7808, section 4.2.1.3).
//!
//! A redirect for every method, without authentication (R1.1): some clients do not
//! recognise an answer in place.

use http::header::{self, HeaderValue};
use http::{Response, StatusCode, Uri};

use super::ResponseBody;
use super::answer::text;

/// The context path of the time zone service.
const TIME_ZONES: &str = "/tzdist";

/// The way to the context root, if the path is ours, with or without a slash at the end; to an action
/// of the time zone service also from below. Relative, so that the origin stays whatever the client used.
pub(super) fn answer(uri: &Uri) -> Option<Response<ResponseBody>> {
    let path = uri.path();
    if path.strip_suffix('/').unwrap_or(path) == "/.well-known/caldav" {
        return Some(to("/", "Calendars are at /."));
    }
    let rest = path.strip_prefix("/.well-known/timezone")?;
    if !rest.is_empty() && !rest.starts_with('/') {
        return None;
    }
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut response = to(&format!("{TIME_ZONES}{rest}{query}"), "Time zones are at /tzdist.");
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=86400"));
    Some(response)
}

fn to(location: &str, sentence: &'static str) -> Response<ResponseBody> {
    let mut response = text(StatusCode::MOVED_PERMANENTLY, sentence);
    // What a URI is made of may stand in a header.
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}
