//! Answers that the wall gives itself, and the headers every answer carries.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};

use super::{ResponseBody, full};

/// A request that goes no further.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    text: &'static str,
    header: Option<(HeaderName, HeaderValue)>,
    /// Whether what follows on the connection cannot be trusted, or is not wanted.
    pub(super) close: bool,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, text: &'static str) -> Self {
        Self { status, text, header: None, close: false }
    }

    /// A request whose framing is in doubt: nothing after it is read (D-02).
    pub(super) fn closing(status: StatusCode, text: &'static str) -> Self {
        Self { close: true, ..Self::new(status, text) }
    }

    /// No room at present: 503, come again after that many seconds.
    pub(super) fn busy(secs: u32) -> Self {
        let header = Some((header::RETRY_AFTER, HeaderValue::from(secs)));
        Self { header, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "The server is busy. Please try again.") }
    }

    /// The same, with nothing read of what follows.
    pub(super) fn and_close(self) -> Self {
        Self { close: true, ..self }
    }

    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    pub(super) fn into_response(self) -> Response<ResponseBody> {
        let mut response = text(self.status, self.text);
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// A short answer of plain text with a line end.
pub(super) fn text(status: StatusCode, text: &str) -> Response<ResponseBody> {
    let mut response = Response::new(full(format!("{text}\n")));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

const SAFE: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "private, no-cache"),
];

/// Adds what keeps a browser from running or sharing an answer (D-40), where the answer does
/// not say otherwise itself. What it says in Vary stays beside ours.
pub(super) fn make_safe(headers: &mut HeaderMap) {
    for (name, value) in SAFE {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.append(header::VARY, HeaderValue::from_static("Authorization, Cookie"));
}
