//! What the methods need from what they serve.
//!
//! `Tree` is the whole, `Node` a snapshot of one resource in it. Nothing here knows calendars;
//! hooks let the layers above add reports, ways of making collections, and POST.
//! RFC 4918, sections 5 and 5.1.

use std::future::Future;

use http::{Response, StatusCode};

use super::acl::Acl;
use super::body::Body;
use super::condition::{SUPPORTED_REPORT, SYNC_TRAVERSAL_SUPPORTED};
use super::error::DavError;
use super::etag::ETag;
use super::exchange::{
    Failures, Locked, NewCollection, Posted, ReportRequest, Representation, Stored, Transfer, Upload,
};
use super::header::Conditions;
use super::href::Href;
use super::limits::Limits;
use super::lock::NewLock;
use super::name::Name;
use super::patch::{Patched, PropertyUpdate};
use super::privilege::{PrivilegeSet, Supported};
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

    /// The tags of other forms in which GET may answer it: each stands for the same version in what
    /// a client believes before it writes.
    fn other_etags(&self) -> Vec<ETag> {
        Vec::new()
    }

    /// The request header that chooses the form, if there is more than one (RFC 9110, section 12.5.5).
    fn varies_by(&self) -> Option<&'static str> {
        None
    }

    /// Its schedule-tag (R3.3).
    fn schedule_tag(&self) -> Option<&ETag> {
        None
    }

    /// When what GET answers last changed, in seconds of UTC; `None` where that is not told.
    fn modified_secs(&self) -> Option<i64> {
        None
    }

    /// The tokens of the locks on it.
    fn lock_tokens(&self) -> Vec<String> {
        Vec::new()
    }

    /// Its sync token, where it has one (RFC 6578, section 5).
    fn sync_token(&self) -> Option<&str> {
        None
    }

    /// What the viewer it was loaded for may do with it.
    fn privileges(&self) -> PrivilegeSet;

    /// The privileges that there are on it.
    fn supported(&self) -> Supported {
        Supported::each(PrivilegeSet::WRITE)
    }

    /// Who may do what with it; `None` until [`Tree::with_acl`] has looked that up.
    fn acl(&self) -> Option<&Acl> {
        None
    }

    /// The methods it answers, for `Allow` and 405; in a read-only collection without PUT, POST
    /// and DELETE (R1.5).
    fn methods(&self) -> &'static [&'static str];

    /// The reports it answers, `DAV:` ones included; also its `supported-report-set`.
    fn reports(&self) -> &'static [Name];

    /// Whether a POST of XML may register something here, also where POST is not listed because
    /// the resource is read-only (R1.5).
    fn takes_registrations(&self) -> bool {
        false
    }

    /// The properties asked for.
    fn answer<'a>(&'a self, request: &'a PropRequest, viewer: &'a Viewer) -> Propstats<'a>;
}

/// Everything that is served.
///
/// Each method judges rights itself, with the viewer, and answers 404 for what may not be read (D-33).
/// What a tree has none of is refused by default. The futures are `Send`; implementations write `async fn`.
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
        _viewer: &Viewer,
        _href: &Href,
        _upload: Upload,
        _conditions: &Conditions,
    ) -> impl Future<Output = Result<Stored, DavError>> + Send {
        std::future::ready(Err(DavError::status(StatusCode::METHOD_NOT_ALLOWED)))
    }

    /// Removes a resource with everything in it. Where there are failures, they and the collections
    /// they are in are left, and everything else is gone.
    fn delete(
        &self,
        _viewer: &Viewer,
        _href: &Href,
        _conditions: &Conditions,
    ) -> impl Future<Output = Result<Failures, DavError>> + Send {
        std::future::ready(Err(DavError::status(StatusCode::METHOD_NOT_ALLOWED)))
    }

    /// Ends a registration at `href`; false where no registration can be. 404 for one that is not there.
    fn unregister(
        &self,
        _viewer: &Viewer,
        _href: &Href,
    ) -> impl Future<Output = Result<bool, DavError>> + Send {
        async { Ok(false) }
    }

    /// Makes a collection; nothing is there yet and the parent exists. `Ok` with failures when a
    /// property could not be set: then nothing was made.
    fn make_collection(
        &self,
        _viewer: &Viewer,
        _href: &Href,
        _new: NewCollection,
        _conditions: &Conditions,
    ) -> impl Future<Output = Result<Patched, DavError>> + Send {
        std::future::ready(Err(DavError::status(StatusCode::METHOD_NOT_ALLOWED)))
    }

    /// The node with the tag of the form that GET answers this viewer.
    fn chosen(&self, _viewer: &Viewer, node: Self::Node) -> Self::Node {
        node
    }

    /// Why such a collection cannot be where the method that makes it is not answered; `None` where
    /// that has no name.
    fn misplaced(&self, _new: &NewCollection) -> Option<DavError> {
        None
    }

    /// A PUT or DELETE of `href` was answered with a condition: the tree may give the member a new
    /// version for this viewer, so that his program looks at it again (R4.2). Never fails.
    fn write_refused(&self, _viewer: &Viewer, _href: &Href) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Copies or moves.
    fn transfer(
        &self,
        _viewer: &Viewer,
        _transfer: Transfer<'_>,
    ) -> impl Future<Output = Result<Stored, DavError>> + Send {
        std::future::ready(Err(DavError::status(StatusCode::METHOD_NOT_ALLOWED)))
    }

    /// Sets and removes properties, all or none ([`super::patch::plan`]).
    fn patch(
        &self,
        _viewer: &Viewer,
        node: &Self::Node,
        _update: &PropertyUpdate,
        _conditions: &Conditions,
    ) -> impl Future<Output = Result<Patched, DavError>> + Send {
        std::future::ready(Err(DavError::not_allowed(node.methods())))
    }

    /// What changed since a token (`None`: from nothing), at most `limit` members, from one snapshot.
    /// 403 `valid-sync-token` for a token that is not one of this collection and viewer.
    fn changes(
        &self,
        _viewer: &Viewer,
        _node: &Self::Node,
        _since: Option<&SyncToken>,
        _limit: u32,
    ) -> impl Future<Output = Result<Changes<Self::Node>, DavError>> + Send {
        std::future::ready(Err(SUPPORTED_REPORT.into()))
    }

    /// As [`Tree::changes`], with the members of members, however deep (RFC 6578, section 3.3).
    fn changes_below(
        &self,
        viewer: &Viewer,
        node: &Self::Node,
        since: Option<&SyncToken>,
        limit: u32,
    ) -> impl Future<Output = Result<Changes<Self::Node>, DavError>> + Send {
        let _ = (viewer, node, since, limit);
        std::future::ready(Err(SYNC_TRAVERSAL_SUPPORTED.into()))
    }

    /// Principals that `viewer` may see and that may fit: too many is fine, too few is not.
    fn principals(
        &self,
        _viewer: &Viewer,
        _search: &PrincipalSearch,
    ) -> impl Future<Output = Result<Vec<Self::Node>, DavError>> + Send {
        std::future::ready(Ok(Vec::new()))
    }

    /// The same nodes, each with its access control list as far as `viewer` may know of the principals
    /// in it: asked for apart, because it costs more than the rest of a node.
    fn with_acl(
        &self,
        _viewer: &Viewer,
        nodes: Vec<Self::Node>,
    ) -> impl Future<Output = Result<Vec<Self::Node>, DavError>> + Send {
        async { Ok(nodes) }
    }

    /// The same nodes, each with its sync token: asked for apart where making one costs more than the
    /// rest of a node.
    fn with_tokens(
        &self,
        _viewer: &Viewer,
        nodes: Vec<Self::Node>,
    ) -> impl Future<Output = Result<Vec<Self::Node>, DavError>> + Send {
        async { Ok(nodes) }
    }

    /// Replaces what an ACL request may change of a list; only asked for nodes that list the method,
    /// and of viewers who have `DAV:write-acl`.
    fn set_acl(
        &self,
        _viewer: &Viewer,
        node: &Self::Node,
        _acl: Acl,
    ) -> impl Future<Output = Result<(), DavError>> + Send {
        let methods = node.methods();
        async { Err(DavError::not_allowed(methods)) }
    }

    /// A report of a layer above; only asked for names in the node's [`Node::reports`].
    fn report(
        &self,
        _viewer: &Viewer,
        _node: Self::Node,
        _request: ReportRequest<'_>,
    ) -> impl Future<Output = Result<Response<Body>, DavError>> + Send {
        std::future::ready(Err(SUPPORTED_REPORT.into()))
    }

    /// POST, for nodes that list it in [`Node::methods`].
    fn post(
        &self,
        _viewer: &Viewer,
        node: Self::Node,
        _posted: Posted,
    ) -> impl Future<Output = Result<Response<Body>, DavError>> + Send {
        std::future::ready(Err(DavError::not_allowed(node.methods())))
    }

    /// Takes a lock; makes an empty resource where nothing is mapped. Only asked where LOCK is among
    /// the methods of the node, or of the parent of a new one.
    fn lock(
        &self,
        _viewer: &Viewer,
        _href: &Href,
        _new: NewLock,
        _conditions: &Conditions,
    ) -> impl Future<Output = Result<Locked, DavError>> + Send {
        async { Err(DavError::not_allowed(&["OPTIONS"])) }
    }

    /// Gives the viewer's locks on the resource, of those that the conditions submit, a new time;
    /// 412 where there is none such.
    fn refresh(
        &self,
        _viewer: &Viewer,
        _href: &Href,
        _timeout_secs: Option<u32>,
        _conditions: &Conditions,
    ) -> impl Future<Output = Result<Locked, DavError>> + Send {
        async { Err(DavError::not_allowed(&["OPTIONS"])) }
    }

    /// Ends a lock that the resource has, of whoever holds it (RFC 4918, section 9.11).
    fn unlock(
        &self,
        _viewer: &Viewer,
        _href: &Href,
        _token: &str,
        _conditions: &Conditions,
    ) -> impl Future<Output = Result<(), DavError>> + Send {
        async { Err(DavError::not_allowed(&["OPTIONS"])) }
    }

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

/// Nodes with whatever `request` asks for that they are not loaded with.
pub(crate) async fn complete<T: Tree>(
    tree: &T,
    viewer: &Viewer,
    request: &PropRequest,
    nodes: Vec<T::Node>,
) -> Result<Vec<T::Node>, DavError> {
    let nodes = if request.tells("acl") { tree.with_acl(viewer, nodes).await? } else { nodes };
    if request.tells("sync-token") { tree.with_tokens(viewer, nodes).await } else { Ok(nodes) }
}
