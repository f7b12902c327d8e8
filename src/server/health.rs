//! `/health/live` and `/health/ready`: for those who watch the process.
//!
//! Without authentication and outside the limit of requests in hand: a full server still says
//! that it lives.

use http::header::{self, HeaderValue};
use http::{Method, Response, StatusCode};

use super::answer::text;
use super::{Handler, ResponseBody};

/// The answer, if the path is one of ours. `stopping` makes it not ready.
pub(super) async fn answer<H: Handler>(
    method: &Method,
    path: &str,
    handler: &H,
    stopping: bool,
) -> Option<Response<ResponseBody>> {
    if !matches!(path, "/health/live" | "/health/ready") {
        return None;
    }
    if let Some(refused) = refuse_method(method) {
        return Some(refused);
    }
    let well = path == "/health/live" || (!stopping && handler.ready().await);
    let (status, word) =
        if well { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready") };
    Some(text(status, word))
}

/// The answer to whoever does not just read.
pub(super) fn refuse_method(method: &Method) -> Option<Response<ResponseBody>> {
    if matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD.");
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    Some(response)
}
