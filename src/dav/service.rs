//! From a request to a response; the only place where an error becomes one.
//!
//! Knows methods and headers; everything else is the tree's. RFC 4918; RFC 9110.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use http::{HeaderValue, Method, Request, Response, StatusCode};

use super::body::Body;
use super::error::DavError;
use super::href::{Href, HrefError};
use super::limits::Limits;
use super::method::{self, Call};
use super::multistatus::XML_TYPE;
use super::tree::{Tree, Verb};
use super::viewer::Viewer;

/// WebDAV over one tree. Cheap to clone.
pub struct Service<T> {
    tree: Arc<T>,
    limits: Arc<Limits>,
    authority: Arc<str>,
}

impl<T> Clone for Service<T> {
    fn clone(&self) -> Self {
        Self { tree: self.tree.clone(), limits: self.limits.clone(), authority: self.authority.clone() }
    }
}

impl<T: Tree> Service<T> {
    /// Serves `tree`. `authority` is host and port of the configured public URL (D-06).
    #[must_use]
    pub fn new(tree: Arc<T>, authority: &str, limits: Limits) -> Self {
        Self { tree, limits: Arc::new(limits), authority: authority.into() }
    }

    /// What is served.
    #[must_use]
    pub fn tree(&self) -> &Arc<T> {
        &self.tree
    }

    /// Answers one request of an authenticated viewer. The body has been read within its limit (L-04).
    pub async fn handle(&self, viewer: &Viewer, request: Request<Bytes>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let href = match self.target(&head) {
            Ok(href) => href,
            Err(error) => return self.refuse(&error),
        };
        let compliance = self.tree.compliance(&href);
        let call = Call {
            tree: &*self.tree,
            viewer,
            limits: &self.limits,
            authority: &self.authority,
            href,
            headers: &head.headers,
            body,
        };
        let response = match answer(&call, &head.method).await {
            Ok(response) => response,
            Err(error) => {
                if is_refused_write(&head.method, &error) {
                    self.tree.write_refused(viewer, &call.href).await;
                }
                refuse(&error)
            }
        };
        finish(response, compliance)
    }

    /// The answer to a request that failed before there was a viewer to ask for one.
    #[must_use]
    pub fn refuse(&self, error: &DavError) -> Response<Body> {
        finish(refuse(error), self.tree.compliance(&Href::root()))
    }

    /// The path of the request target (D-10, B-47).
    fn target(&self, head: &http::request::Parts) -> Result<Href, DavError> {
        if head.uri.path() == "*" && head.method == Method::OPTIONS {
            return Ok(Href::root());
        }
        if let Some(authority) = head.uri.authority() {
            let host = head.headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
            let is_here = |known: &str| known.eq_ignore_ascii_case(authority.as_str());
            if !is_here(&self.authority) && !host.is_some_and(is_here) {
                return Err(DavError::status(StatusCode::NOT_FOUND));
            }
        }
        let is_write = matches!(head.method.as_str(), "PUT" | "MKCOL" | "MKCALENDAR");
        Href::parse(head.uri.path()).map_err(|fault| match fault {
            // L-14.
            HrefError::TooLong if is_write => DavError::status(StatusCode::FORBIDDEN),
            HrefError::TooLong | HrefError::Malformed | HrefError::Foreign => DavError::from(fault),
        })
    }
}

async fn answer<T: Tree>(call: &Call<'_, T>, method: &Method) -> Result<Response<Body>, DavError> {
    let is_read = matches!(method.as_str(), "OPTIONS" | "GET" | "HEAD" | "PROPFIND" | "REPORT");
    if !is_read && call.headers.contains_key(IF) {
        // RFC 4918, section 10.4: there are no locks, so no state that it could name; and a
        // condition is never ignored.
        return Err(DavError::precondition_failed());
    }
    dispatch(call, method).await
}

async fn dispatch<T: Tree>(call: &Call<'_, T>, method: &Method) -> Result<Response<Body>, DavError> {
    match method.as_str() {
        "OPTIONS" => method::options::answer(call).await,
        "GET" => method::get::answer(call, false).await,
        "HEAD" => method::get::answer(call, true).await,
        "PUT" => method::put::answer(call).await,
        "DELETE" => method::delete::answer(call).await,
        "PROPFIND" => method::propfind::answer(call).await,
        "PROPPATCH" => method::proppatch::answer(call).await,
        "COPY" => method::copy_move::answer(call, Verb::Copy).await,
        "MOVE" => method::copy_move::answer(call, Verb::Move).await,
        "REPORT" => method::report::answer(call).await,
        "POST" => method::post::answer(call).await,
        // Known, and not for any resource here (D-04, B-31; locks are not offered).
        "PATCH" | "TRACE" | "CONNECT" | "LOCK" | "UNLOCK" => method::disallowed(call).await,
        other => method::mkcol::answer(call, other).await,
    }
}

/// A write that a condition stood against, whatever the state of the member: the program has no
/// reason to look at it again by itself.
fn is_refused_write(method: &Method, error: &DavError) -> bool {
    let is_write = [Method::PUT, Method::DELETE].contains(method);
    let is_refusal = [StatusCode::FORBIDDEN, StatusCode::CONFLICT].contains(&error.status);
    is_write && is_refusal && error.condition.is_some()
}

/// What every response carries.
fn finish(mut response: Response<Body>, compliance: &'static str) -> Response<Body> {
    response.headers_mut().insert(DAV, HeaderValue::from_static(compliance));
    response
}

/// RFC 4918, section 10.4.
const IF: HeaderName = HeaderName::from_static("if");

/// RFC 4918, section 10.1.
const DAV: HeaderName = HeaderName::from_static("dav");

/// The error as a response: status, `DAV:error` body, phrase, and a line in the log if it is our fault.
fn refuse(error: &DavError) -> Response<Body> {
    let cause = error.cause.as_deref().unwrap_or_default();
    match error.status {
        StatusCode::INTERNAL_SERVER_ERROR => tracing::error!(cause, "a request failed"),
        StatusCode::SERVICE_UNAVAILABLE => tracing::warn!(cause, "a request could not be served now"),
        // What the client did is no error of ours.
        status => tracing::debug!(status = status.as_u16(), cause, "a request was refused"),
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = error.status;
    if let Some(body) = error.body() {
        *response.body_mut() = Body::whole(body);
        response.headers_mut().insert(CONTENT_TYPE, XML_TYPE);
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(secs) = error.retry_after_secs {
        headers.insert(RETRY_AFTER, HeaderValue::from(secs));
    }
    let allow = error.allow.map(|allow| HeaderValue::from_str(&allow.join(", ")));
    if let Some(Ok(value)) = allow {
        headers.insert(ALLOW, value);
    } else if error.status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("OPTIONS"));
    }
    if let Some(reason) = &error.reason {
        response.extensions_mut().insert(reason.clone());
    }
    response
}
