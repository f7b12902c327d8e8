//! 207 answers, written as they are produced.
//!
//! Knows elements, not methods. RFC 4918, sections 11.1, 13, 13.1, 13.3, 14.16, 14.24 and 14.28; RFC 6578,
//! sections 3.6 and 6.4.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use http::{HeaderValue, Response, StatusCode};

use super::body::Body;
use super::condition::{Condition, NUMBER_OF_MATCHES_WITHIN_LIMITS};
use super::error::DavError;
use super::exchange::Failures;
use super::href::Href;
use super::name::Name;
use super::patch::Patched;
use super::property::{Propstats, write_status};
use super::sync::SyncToken;
use super::xml::Writer;

/// Bytes after which a piece is sent.
const PIECE: usize = 64 << 10;

/// The media type of every XML answer.
pub const XML_TYPE: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");

/// Where responses are written to.
#[derive(Debug)]
pub struct Responses(Writer);

impl Responses {
    /// A resource with its properties.
    pub fn found(&mut self, href: &Href, propstats: &Propstats<'_>) {
        self.wrapped(href, |out| propstats.write(out));
    }

    /// A resource with what PROPPATCH did to it.
    pub fn patched(&mut self, href: &Href, patched: &Patched) {
        self.wrapped(href, |out| patched.write(out));
    }

    /// A resource with a status of its own and no properties (R2.2).
    pub fn status(&mut self, href: &Href, status: StatusCode) {
        self.status_of(href.as_str(), status, None);
    }

    /// An href as the client wrote it, when it names nothing that an [`Href`] could.
    pub fn status_of(&mut self, href: &str, status: StatusCode, condition: Option<&Condition>) {
        self.0.raw("<D:response>");
        self.0.leaf(&HREF, href);
        write_status(&mut self.0, status);
        if let Some(condition) = condition {
            self.0.raw("<D:error>");
            self.0.empty(&condition.name);
            self.0.raw("</D:error>");
        }
        self.0.raw("</D:response>");
    }

    /// A resource that stood against a request for a whole tree, and why (RFC 4918, section 13).
    pub fn failed(&mut self, href: &Href, error: &DavError) {
        self.0.raw("<D:response>");
        self.0.leaf(&HREF, href.as_str());
        write_status(&mut self.0, error.status);
        if let Some(element) = error.element() {
            self.0.raw("<D:error>");
            self.0.element(&element);
            self.0.raw("</D:error>");
        }
        self.0.raw("</D:response>");
    }

    /// The answer was cut short: 507 for the collection (R2.7).
    pub fn truncated(&mut self, href: &Href) {
        self.status_of(
            href.as_str(),
            StatusCode::INSUFFICIENT_STORAGE,
            Some(&NUMBER_OF_MATCHES_WITHIN_LIMITS),
        );
    }

    /// `response` elements that are XML already.
    pub(super) fn ready(&mut self, xml: &str) {
        self.0.raw(xml);
    }

    fn wrapped(&mut self, href: &Href, inner: impl FnOnce(&mut Writer)) {
        self.0.raw("<D:response>");
        self.0.leaf(&HREF, href.as_str());
        inner(&mut self.0);
        self.0.raw("</D:response>");
    }
}

const HREF: Name = Name::dav("href");
const ROOT: Name = Name::dav("multistatus");

type Step = Box<dyn FnMut(&mut Responses) -> bool + Send>;

/// A 207 answer that is not written yet.
pub struct Multistatus {
    step: Step,
    cut: Option<Href>,
    token: Option<SyncToken>,
}

impl Multistatus {
    /// Asks `step` for responses until it returns false. One call should write few.
    pub fn of(step: impl FnMut(&mut Responses) -> bool + Send + 'static) -> Self {
        Self { step: Box::new(step), cut: None, token: None }
    }

    /// Writes each item; items are dropped as they are written.
    pub fn each<T: Send + 'static>(
        items: Vec<T>,
        mut write: impl FnMut(&mut Responses, T) + Send + 'static,
    ) -> Self {
        let mut items = items.into_iter();
        Self::of(move |out| match items.next() {
            Some(item) => {
                write(out, item);
                true
            }
            None => false,
        })
    }

    /// One response for each failure.
    #[must_use]
    pub fn failures(failures: Failures) -> Self {
        Self::each(failures, |out, (href, error)| out.failed(&href, &error))
    }

    /// With a 507 response for this collection at the end.
    #[must_use]
    pub fn cut_at(mut self, href: Href) -> Self {
        self.cut = Some(href);
        self
    }

    /// With a `DAV:sync-token` at the end.
    #[must_use]
    pub fn with_token(mut self, token: SyncToken) -> Self {
        self.token = Some(token);
        self
    }

    /// The response. Short ones are whole and have a length; long ones are written while they are sent.
    #[must_use]
    pub fn into_response(self) -> Response<Body> {
        let mut pieces = Pieces { out: Responses(Writer::document(&ROOT)), rest: Some(self) };
        let first = pieces.next().unwrap_or_default();
        let body = if pieces.rest.is_none() {
            Body::whole(first)
        } else {
            Body::pieces(std::iter::once(first).chain(pieces))
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::MULTI_STATUS;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, XML_TYPE);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(VARY, HeaderValue::from_static("Brief, Prefer"));
        response
    }
}

/// The document in pieces; `rest` is gone once its end is written.
struct Pieces {
    out: Responses,
    rest: Option<Multistatus>,
}

impl Iterator for Pieces {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let rest = self.rest.as_mut()?;
        while self.out.0.len() < PIECE {
            if (rest.step)(&mut self.out) {
                continue;
            }
            if let Some(href) = rest.cut.take() {
                self.out.truncated(&href);
            }
            if let Some(token) = &rest.token {
                self.out.0.leaf(&Name::dav("sync-token"), token.as_str());
            }
            self.out.0.close(&ROOT);
            self.rest = None;
            break;
        }
        Some(self.out.0.take())
    }
}
