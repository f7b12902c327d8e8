//! One file per method: each reads the request, asks the tree, and makes the response.
//!
//! They share [`Call`]; errors are returned, never written. RFC 4918, section 9.
//! RFC 3744, sections 7 and 7.1.

pub(super) mod acl;
pub(super) mod copy_move;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod lock;
pub(super) mod mkcol;
pub(super) mod options;
pub(super) mod post;
pub(super) mod propfind;
pub(super) mod proppatch;
pub(super) mod put;
pub(super) mod report;

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_LOCATION, ETAG};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use super::body::{Body, Payload};
use super::error::DavError;
use super::etag::ETag;
use super::exchange::Stored;
use super::header::Conditions;
use super::href::Href;
use super::limits::Limits;
use super::prefer::{Preferences, applied};
use super::privilege::Privilege;
use super::state::If;
use super::tree::{Node, Tree};
use super::viewer::Viewer;
use super::xml::{self, Element};

/// One request on its way through a method.
pub(super) struct Call<'a, T> {
    pub(super) tree: &'a T,
    pub(super) viewer: &'a Viewer,
    pub(super) limits: &'a Limits,
    /// The authority that absolute URLs of this server have.
    pub(super) authority: &'a str,
    pub(super) href: Href,
    /// What stands after the question mark.
    pub(super) query: Option<&'a str>,
    pub(super) headers: &'a HeaderMap,
    /// What `If` says.
    pub(super) state: Option<If>,
    /// The body, where it was read before.
    pub(super) body: Bytes,
    /// The body for whoever reads it himself.
    pub(super) payload: Mutex<Option<Payload>>,
}

impl<T: Tree> Call<'_, T> {
    /// The node that the request is for.
    async fn target(&self) -> Result<T::Node, DavError> {
        self.tree.find(self.viewer, &self.href).await?.ok_or_else(DavError::not_found)
    }

    /// The collection that `href` is or would be a member of; 409 where there is none (RFC 4918,
    /// sections 9.3.1, 9.7.1 and 9.8.5).
    async fn parent(&self, href: &Href) -> Result<T::Node, DavError> {
        let parent = href.parent().ok_or_else(|| DavError::status(StatusCode::METHOD_NOT_ALLOWED))?;
        let node = self.tree.find(self.viewer, &parent).await?;
        node.filter(Node::is_collection).ok_or_else(|| DavError::status(StatusCode::CONFLICT))
    }

    /// The body as XML; `None` when it is empty.
    fn xml(&self) -> Result<Option<Element>, DavError> {
        Ok(xml::read(&self.body, self.limits)?)
    }

    /// The body, to be read by the tree; there once.
    fn payload(&self) -> Payload {
        let taken = self.payload.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.unwrap_or_else(|| Payload::from(Bytes::new()))
    }

    /// What the client believes of what it changes.
    fn conditions(&self) -> Result<Conditions, DavError> {
        Ok(Conditions { state: self.state.clone(), ..Conditions::of(self.headers)? })
    }

    /// What the client would like to have (R1.10).
    fn preferences(&self) -> Preferences {
        Preferences::of(self.headers)
    }

    /// The value of Host, else the server's own authority.
    pub(super) fn host(&self) -> &str {
        self.headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or(self.authority)
    }
}

/// What GET would answer now (RFC 8144, section 3; RFC 8607, section 3.4).
async fn represented<T: Tree>(
    call: &Call<'_, T>,
    status: StatusCode,
) -> Result<Option<Response<Body>>, DavError> {
    let Some(node) = call.tree.find(call.viewer, &call.href).await? else { return Ok(None) };
    let Some((node, representation)) = call.tree.read(call.viewer, node).await? else { return Ok(None) };
    let mut response = get::represent(&node, &representation);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(representation.body.len()));
    *response.status_mut() = status;
    if let Ok(location) = HeaderValue::from_str(node.href().as_str()) {
        response.headers_mut().insert(CONTENT_LOCATION, location);
    }
    *response.body_mut() = representation.body.all();
    applied(&mut response, &["return=representation"]);
    Ok(Some(response))
}

/// 405 with what the resource does answer; for what is not there, with the least.
pub(super) async fn disallowed<T: Tree>(call: &Call<'_, T>) -> Result<Response<Body>, DavError> {
    let node = call.tree.find(call.viewer, &call.href).await?;
    Err(DavError::not_allowed(node.map_or(&["OPTIONS"], |node| node.methods())))
}

/// 405 unless the node answers `method`.
fn check_method(node: &impl Node, method: &str) -> Result<(), DavError> {
    if node.methods().contains(&method) { Ok(()) } else { Err(DavError::not_allowed(node.methods())) }
}

/// 403 `need-privileges` unless the node's viewer has one of `privileges`; the first is the one named.
pub(super) fn check_privilege(node: &impl Node, privileges: &[Privilege]) -> Result<(), DavError> {
    let has = |privilege: &Privilege| node.privileges().has(*privilege);
    match privileges.first() {
        Some(first) if !privileges.iter().any(has) => Err(DavError::need_privilege(node.href(), *first)),
        _ => Ok(()),
    }
}

/// A response without body.
fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// 201 or 204, with the tags of what was stored (R3.1 to R3.3).
fn stored(stored: &Stored) -> Response<Body> {
    let mut response = empty(if stored.created { StatusCode::CREATED } else { StatusCode::NO_CONTENT });
    tag(&mut response, ETAG, stored.etag.as_ref());
    tag(&mut response, SCHEDULE_TAG, stored.schedule_tag.as_ref());
    response
}

/// RFC 6638, sections 3.2.10 and 8.2.
const SCHEDULE_TAG: HeaderName = HeaderName::from_static("schedule-tag");

fn tag(response: &mut Response<Body>, name: HeaderName, tag: Option<&ETag>) {
    if let Some(value) = tag.and_then(|tag| HeaderValue::from_str(tag.as_str()).ok()) {
        response.headers_mut().insert(name, value);
    }
}

/// What may be kept by nobody but the client that asked, and not unasked by it.
fn private(response: &mut Response<Body>) {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
}
