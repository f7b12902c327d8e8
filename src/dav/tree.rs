//! What the methods need from what they serve.
//!
//! `Tree` is the whole, `Node` a snapshot of one resource in it. Nothing here knows calendars;
//! hooks let the layers above add reports, ways of making collections, and POST.
//! RFC 4918, section 5.

use std::future::Future;

use bytes::Bytes;
use http::{HeaderMap, Response};

use super::body::Body;
use super::error::DavError;
use super::etag::ETag;
use super::header::{Conditions, Depth};
use super::href::Href;
use super::limits::Limits;
use super::name::Name;
use super::patch::{Change, Patched, PropertyUpdate};
use super::privilege::PrivilegeSet;
use super::property::{PropRequest, Propstats};
use super::search::PrincipalSearch;
use super::sync::{Changes, SyncToken};
use super::viewer::Viewer;
use super::xml::Element;

/// A snapshot of one resource, loaded whole. Answering questions about it never waits.
pub trait Node: Send + Sync + 'static {
    /// Where it was found; a collection's ends in `/`.
    fn href(&self) -> &Href;

    /// Whether it can have members.
    fn is_collection(&self) -> bool {
        self.href().is_collection()
    }

    /// The tag of what GET answers; `None` where GET answers nothing.
    fn etag(&self) -> Option<&ETag>;

    /// Its schedule-tag (R3.3).
    fn schedule_tag(&self) -> Option<&ETag> {
        None
    }

    /// What the viewer it was loaded for may do with it.
    fn privileges(&self) -> PrivilegeSet;

    /// The methods it answers, for `Allow` and 405; in a read-only collection without PUT, POST
    /// and DELETE (R1.5).
    fn methods(&self) -> &'static [&'static str];

    /// The reports it answers, `DAV:` ones included; also its `supported-report-set`.
    fn reports(&self) -> &'static [Name];

    /// The properties asked for.
    fn answer<'a>(&'a self, request: &'a PropRequest, viewer: &'a Viewer) -> Propstats<'a>;
}

/// What GET answers.
#[derive(Clone, Debug)]
pub struct Representation {
    /// The media type, with its charset.
    pub content_type: &'static str,
    /// The bytes; `etag` of the node belongs to them.
    pub body: Bytes,
}

/// The body of a PUT.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The Content-Type header, if any.
    pub content_type: Option<String>,
    /// The whole body.
    pub body: Bytes,
    /// Every header of the request, for what only the layers above know (`Schedule-Reply`).
    pub headers: HeaderMap,
}

/// What PUT, COPY or MOVE did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// 201 rather than 204 (R3.1).
    pub created: bool,
    /// Absent when what was stored differs from what was sent (R3.2; RFC 4791, section 5.3.4).
    pub etag: Option<ETag>,
    /// Of scheduling objects (R3.3).
    pub schedule_tag: Option<ETag>,
}

/// A collection to be made.
#[derive(Clone, Debug, Default)]
pub struct NewCollection {
    /// The resource types asked for; just `DAV:collection` for a plain MKCOL.
    pub resource_types: Vec<Name>,
    /// Its first properties, without `DAV:resourcetype`.
    pub properties: PropertyUpdate,
    /// The root of the answer that lists failed properties: `mkcol-response` or its kin.
    pub response: Option<Name>,
}

impl NewCollection {
    /// Reads the resource types and first properties in a `set` (RFC 5689, section 5.1).
    ///
    /// # Errors
    /// 400 for more properties than L-28 allows.
    pub fn parse(body: &Element, limits: &Limits) -> Result<Self, DavError> {
        let mut properties = PropertyUpdate::parse(body, limits)?;
        let types = properties.take(|name| name.is_dav("resourcetype"));
        let resource_types = types.iter().flat_map(|change| match change {
            Change::Set(element) => element.children().map(|child| child.name().clone()).collect(),
            Change::Remove(_) => Vec::new(),
        });
        Ok(Self { resource_types: resource_types.collect(), properties, response: None })
    }
}

/// COPY or MOVE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// The source stays.
    Copy,
    /// The source goes.
    Move,
}

/// Where something is copied or moved.
#[derive(Clone, Debug)]
pub struct Transfer<'a> {
    /// Which of the two.
    pub verb: Verb,
    /// The source; it existed a moment ago.
    pub from: &'a Href,
    /// The destination; its parent existed a moment ago.
    pub to: &'a Href,
    /// Whether an existing destination may be replaced; if not, 412.
    pub overwrite: bool,
    /// Members too (COPY of a collection with depth infinity, every MOVE).
    pub deep: bool,
    /// About the source.
    pub conditions: &'a Conditions,
}

/// What POST brings.
#[derive(Clone, Debug)]
pub struct Posted {
    /// Every header of the request.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// A REPORT that WebDAV itself does not define.
#[derive(Clone, Copy, Debug)]
pub struct ReportRequest<'a> {
    /// The root element of the body.
    pub body: &'a Element,
    /// The Depth header.
    pub depth: Option<Depth>,
    /// `return=minimal`.
    pub minimal: bool,
    /// The authorities that hrefs in the body may name ([`Href::parse_reference`]).
    pub authorities: &'a [&'a str],
    /// The limits of this layer.
    pub limits: &'a Limits,
}

/// Everything that is served.
///
/// Each method judges rights itself, with the viewer, and answers 404 for what may not be read (D-33).
/// The futures are `Send`; implementations write `async fn`.
pub trait Tree: Send + Sync + 'static {
    /// Its resources.
    type Node: Node;

    /// The `DAV` header for a path (R1.3, R1.4); `1` stands first.
    fn compliance(&self, href: &Href) -> &'static str;

    /// The node at `href` as `viewer` may see it; `None` where nothing is mapped or nothing may be read.
    /// The slash at the end does not matter; the node's own href is the canonical one.
    fn find(
        &self,
        viewer: &Viewer,
        href: &Href,
    ) -> impl Future<Output = Result<Option<Self::Node>, DavError>> + Send;

    /// The members of a collection that `viewer` may see, columns only.
    fn members(
        &self,
        viewer: &Viewer,
        node: &Self::Node,
    ) -> impl Future<Output = Result<Vec<Self::Node>, DavError>> + Send;

    /// What GET answers, together with the node that fits it; `None` where the node has no representation.
    fn read(
        &self,
        viewer: &Viewer,
        node: Self::Node,
    ) -> impl Future<Output = Result<Option<(Self::Node, Representation)>, DavError>> + Send;

    /// Creates or replaces a member. The parent exists; the conditions are judged in the same
    /// transaction that writes (412).
    fn put(
        &self,
        viewer: &Viewer,
        href: &Href,
        upload: Upload,
        conditions: &Conditions,
    ) -> impl Future<Output = Result<Stored, DavError>> + Send;

    /// Removes a resource with everything in it.
    fn delete(
        &self,
        viewer: &Viewer,
        href: &Href,
        conditions: &Conditions,
    ) -> impl Future<Output = Result<(), DavError>> + Send;

    /// Makes a collection; nothing is there yet and the parent exists. `Ok` with failures when a
    /// property could not be set: then nothing was made.
    fn make_collection(
        &self,
        viewer: &Viewer,
        href: &Href,
        new: NewCollection,
    ) -> impl Future<Output = Result<Patched, DavError>> + Send;

    /// A PUT or DELETE of `href` was answered with a condition: the tree may give the member a new
    /// version for this viewer, so that his program looks at it again (R4.2). Never fails.
    fn write_refused(&self, _viewer: &Viewer, _href: &Href) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Copies or moves.
    fn transfer(
        &self,
        viewer: &Viewer,
        transfer: Transfer<'_>,
    ) -> impl Future<Output = Result<Stored, DavError>> + Send;

    /// Sets and removes properties, all or none ([`super::patch::plan`]).
    fn patch(
        &self,
        viewer: &Viewer,
        node: &Self::Node,
        update: &PropertyUpdate,
    ) -> impl Future<Output = Result<Patched, DavError>> + Send;

    /// What changed since a token (`None`: from nothing), at most `limit` members, from one snapshot.
    /// 403 `valid-sync-token` for a token that is not one of this collection and viewer.
    fn changes(
        &self,
        viewer: &Viewer,
        node: &Self::Node,
        since: Option<&SyncToken>,
        limit: u32,
    ) -> impl Future<Output = Result<Changes<Self::Node>, DavError>> + Send;

    /// Principals that `viewer` may see and that may fit: too many is fine, too few is not.
    fn principals(
        &self,
        viewer: &Viewer,
        search: &PrincipalSearch,
    ) -> impl Future<Output = Result<Vec<Self::Node>, DavError>> + Send;

    /// A report of a layer above; only asked for names in the node's [`Node::reports`].
    fn report(
        &self,
        viewer: &Viewer,
        node: Self::Node,
        request: ReportRequest<'_>,
    ) -> impl Future<Output = Result<Response<Body>, DavError>> + Send;

    /// POST, for nodes that list it in [`Node::methods`].
    fn post(
        &self,
        viewer: &Viewer,
        node: Self::Node,
        posted: Posted,
    ) -> impl Future<Output = Result<Response<Body>, DavError>> + Send;

    /// Another method that makes a collection, such as MKCALENDAR: reads its body.
    /// `None` for methods that it does not know.
    fn creation(
        &self,
        _method: &str,
        _body: Option<&Element>,
        _limits: &Limits,
    ) -> Option<Result<NewCollection, DavError>> {
        None
    }
}
