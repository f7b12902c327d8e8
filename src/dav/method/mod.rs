//! One file per method: each reads the request, asks the tree, and makes the response.
//!
//! They share [`Call`]; errors are returned, never written. RFC 4918, section 9.

pub(super) mod copy_move;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod mkcol;
pub(super) mod options;
pub(super) mod post;
pub(super) mod propfind;
pub(super) mod proppatch;
pub(super) mod put;
pub(super) mod report;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, ETAG};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use super::body::Body;
use super::error::DavError;
use super::etag::ETag;
use super::href::Href;
use super::limits::Limits;
use super::prefer::Preferences;
use super::privilege::Privilege;
use super::tree::{Node, Stored, Tree};
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
    pub(super) headers: &'a HeaderMap,
    pub(super) body: Bytes,
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

    /// What the client would like to have (R1.10).
    fn preferences(&self) -> Preferences {
        Preferences::of(self.headers)
    }

    /// The value of Host, else the server's own authority.
    fn host(&self) -> &str {
        self.headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or(self.authority)
    }
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
fn check_privilege(node: &impl Node, privileges: &[Privilege]) -> Result<(), DavError> {
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
