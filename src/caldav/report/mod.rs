//! The reports of CalDAV, and which kind of node answers which.
//!
//! `supported-report-set` and the dispatch read the same lists. RFC 4791, sections 7 and 7.1.
//! RFC 6638, section 2.3.

mod answers;
mod calendar_multiget;
mod calendar_query;
mod free_busy_query;
mod principal_search;

use http::Response;

use crate::dav::condition::SUPPORTED_REPORT;
use crate::dav::{Body, DavError, Name, ReportRequest, Viewer};

use super::name::{
    ACL_PRINCIPAL_PROP_SET, CALENDAR_MULTIGET, CALENDAR_QUERY, EXPAND_PROPERTY, FREE_BUSY_QUERY,
    PRINCIPAL_MATCH, PRINCIPAL_PROPERTY_SEARCH, PRINCIPAL_SEARCH, PRINCIPAL_SEARCH_PROPERTY_SET,
    SYNC_COLLECTION,
};
use super::node::{FolderKind, Node, PrincipalKind};
use super::tree::CalendarTree;

/// Calendars.
pub(super) const OF_CALENDAR: &[Name] = &[
    CALENDAR_QUERY,
    CALENDAR_MULTIGET,
    FREE_BUSY_QUERY,
    SYNC_COLLECTION,
    EXPAND_PROPERTY,
    ACL_PRINCIPAL_PROP_SET,
    PRINCIPAL_MATCH,
];
/// Inboxes.
pub(super) const OF_INBOX: &[Name] = &[
    CALENDAR_QUERY,
    CALENDAR_MULTIGET,
    SYNC_COLLECTION,
    EXPAND_PROPERTY,
    ACL_PRINCIPAL_PROP_SET,
    PRINCIPAL_MATCH,
];
/// People and rooms; free-busy is asked there by Evolution.
const OF_PRINCIPAL: &[Name] = &[
    PRINCIPAL_PROPERTY_SEARCH,
    PRINCIPAL_SEARCH_PROPERTY_SET,
    PRINCIPAL_SEARCH,
    FREE_BUSY_QUERY,
    EXPAND_PROPERTY,
    ACL_PRINCIPAL_PROP_SET,
    PRINCIPAL_MATCH,
];
/// Groups, collections of principals, and the root.
const OF_PRINCIPALS: &[Name] = &[
    PRINCIPAL_PROPERTY_SEARCH,
    PRINCIPAL_SEARCH_PROPERTY_SET,
    PRINCIPAL_SEARCH,
    EXPAND_PROPERTY,
    ACL_PRINCIPAL_PROP_SET,
    PRINCIPAL_MATCH,
];
/// Calendar objects.
pub(super) const OF_OBJECT: &[Name] = &[EXPAND_PROPERTY, ACL_PRINCIPAL_PROP_SET];
/// Homes (R2.11).
const OF_HOME: &[Name] = &[SYNC_COLLECTION, EXPAND_PROPERTY, ACL_PRINCIPAL_PROP_SET, PRINCIPAL_MATCH];
/// Outboxes.
const OF_OUTBOX: &[Name] = &[EXPAND_PROPERTY, ACL_PRINCIPAL_PROP_SET, PRINCIPAL_MATCH];

/// The reports of a principal: a set of principals is never busy itself.
pub(super) const fn of_principal(kind: PrincipalKind) -> &'static [Name] {
    match kind {
        PrincipalKind::User | PrincipalKind::Room => OF_PRINCIPAL,
        PrincipalKind::Group | PrincipalKind::Pool | PrincipalKind::ProxyRead | PrincipalKind::ProxyWrite => {
            OF_PRINCIPALS
        }
    }
}

/// The reports of a folder.
pub(super) const fn of_folder(kind: FolderKind) -> &'static [Name] {
    match kind {
        FolderKind::Plain | FolderKind::Principals => OF_PRINCIPALS,
        FolderKind::Home => OF_HOME,
        FolderKind::Outbox => OF_OUTBOX,
    }
}

/// The reports that a node answers.
pub(super) fn supported(node: &Node) -> &'static [Name] {
    match node {
        Node::Root(it) | Node::PrincipalCollection(it) | Node::Home(it) | Node::Outbox(it) => {
            of_folder(it.kind)
        }
        Node::Principal(it) => of_principal(it.kind),
        Node::Calendar(_) => OF_CALENDAR,
        Node::Object(_) => OF_OBJECT,
        Node::Inbox(_) => OF_INBOX,
    }
}

/// Answers a report of CalDAV or Apple; what `Tree::report` of a calendar tree calls.
///
/// # Errors
/// The refusal; 403 `DAV:supported-report` for a name that is none of ours.
pub async fn run<T: CalendarTree>(
    tree: &T,
    viewer: &Viewer,
    node: Node,
    request: ReportRequest<'_>,
) -> Result<Response<Body>, DavError> {
    let name = request.body.name();
    if *name == CALENDAR_QUERY {
        calendar_query::report(tree, viewer, node, request).await
    } else if *name == CALENDAR_MULTIGET {
        calendar_multiget::report(tree, viewer, node, request).await
    } else if *name == FREE_BUSY_QUERY {
        free_busy_query::report(tree, viewer, node, request).await
    } else if *name == PRINCIPAL_SEARCH {
        principal_search::report(tree, viewer, node, request).await
    } else {
        Err(SUPPORTED_REPORT.into())
    }
}
