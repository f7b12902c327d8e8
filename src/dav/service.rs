//! From a request to a response; the only place where an error becomes one.
//!
//! Knows methods and headers; everything else is the tree's. RFC 4918; RFC 9110.
//! RFC 4918, sections 8 and 8.5.

use std::sync::{Arc, Mutex};

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use http::{HeaderValue, Method, Request, Response, StatusCode};

use super::body::{Body, Payload};
use super::error::DavError;
use super::exchange::Verb;
use super::href::{Href, HrefError};
use super::limits::Limits;
use super::method::{self, Call};
use super::multistatus::XML_TYPE;
use super::state::{If, ResourceState};
use super::tree::{Node, Tree};
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

    /// Answers one request of an authenticated viewer. The body keeps within its limit (L-04).
    pub async fn handle(&self, viewer: &Viewer, request: Request<impl Into<Payload>>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let body = body.into();
        let href = match self.target(&head) {
            Ok(href) => href,
            Err(error) => return self.refuse(&error),
        };
        let compliance = self.tree.compliance(&href);
        let mut call = Call {
            tree: &*self.tree,
            viewer,
            limits: &self.limits,
            authority: &self.authority,
            href,
            query: head.uri.query(),
            headers: &head.headers,
            state: None,
            body: body.whole().cloned().unwrap_or_default(),
            payload: Mutex::new(Some(body)),
        };
        let response = match answer(&mut call, &head.method).await {
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

async fn answer<T: Tree>(call: &mut Call<'_, T>, method: &Method) -> Result<Response<Body>, DavError> {
    if BODILESS.contains(&method.as_str()) && !call.body.is_empty() {
        return Err(DavError::status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    call.state = If::of(call.headers, &[call.authority, call.host()])?;
    judge_state(call).await?;
    dispatch(call, method).await
}

/// Holds `If` against what there is now, whatever the method. Trees judge what it says of the
/// resource that is written again, in the transaction that writes.
async fn judge_state<T: Tree>(call: &Call<'_, T>) -> Result<(), DavError> {
    let Some(header) = &call.state else { return Ok(()) };
    let mut states = Vec::new();
    for href in std::iter::once(&call.href).chain(header.named()) {
        let node: Vec<_> = call.tree.find(call.viewer, href).await?.into_iter().collect();
        let node = call.tree.with_tokens(call.viewer, node).await?.pop();
        states.push((href, node.as_ref().map(state_of).unwrap_or_default()));
    }
    let state = |href: Option<&Href>| {
        let href = href.unwrap_or(&call.href);
        states.iter().find(|(known, _)| *known == href).map(|(_, state)| state.clone()).unwrap_or_default()
    };
    if header.holds(state) { Ok(()) } else { Err(DavError::precondition_failed()) }
}

fn state_of(node: &impl Node) -> ResourceState {
    let mut tokens = node.lock_tokens();
    tokens.extend(node.sync_token().map(str::to_owned));
    ResourceState { etag: node.etag().cloned(), other_etags: node.other_etags(), tokens }
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
        "POST" => Box::pin(method::post::answer(call)).await,
        "ACL" => method::acl::answer(call).await,
        "LOCK" => method::lock::answer(call).await,
        "UNLOCK" => method::lock::release(call).await,
        // Known, and not for any resource here (D-04, B-31).
        "PATCH" | "TRACE" | "CONNECT" => method::disallowed(call).await,
        other => method::mkcol::answer(call, other).await,
    }
}

/// Methods whose body would mean nothing: it is refused rather than read over (RFC 4918, section 8.4).
const BODILESS: [&str; 7] = ["OPTIONS", "GET", "HEAD", "DELETE", "COPY", "MOVE", "UNLOCK"];

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
