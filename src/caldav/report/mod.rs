//! The reports of CalDAV, and which kind of node answers which.
//!
//! `supported-report-set` and the dispatch read the same lists. RFC 4791, section 7.

mod answers;
mod calendar_multiget;
mod calendar_query;
mod free_busy_query;
mod principal_search;

use http::Response;

use crate::dav::condition::SUPPORTED_REPORT;
use crate::dav::{Body, DavError, Name, ReportRequest, Viewer};

use super::name::{
    CALENDAR_MULTIGET, CALENDAR_QUERY, EXPAND_PROPERTY, FREE_BUSY_QUERY, PRINCIPAL_PROPERTY_SEARCH,
    PRINCIPAL_SEARCH, PRINCIPAL_SEARCH_PROPERTY_SET, SYNC_COLLECTION,
};
use super::node::{FolderKind, Node};
use super::tree::CalendarTree;

/// Calendars.
pub(super) const OF_CALENDAR: &[Name] =
    &[CALENDAR_QUERY, CALENDAR_MULTIGET, FREE_BUSY_QUERY, SYNC_COLLECTION, EXPAND_PROPERTY];
/// Inboxes.
pub(super) const OF_INBOX: &[Name] = &[CALENDAR_QUERY, CALENDAR_MULTIGET, SYNC_COLLECTION, EXPAND_PROPERTY];
/// Principals; free-busy is asked there by Evolution.
pub(super) const OF_PRINCIPAL: &[Name] = &[
    PRINCIPAL_PROPERTY_SEARCH,
    PRINCIPAL_SEARCH_PROPERTY_SET,
    PRINCIPAL_SEARCH,
    FREE_BUSY_QUERY,
    EXPAND_PROPERTY,
];
/// Collections of principals, and the root.
const OF_PRINCIPALS: &[Name] =
    &[PRINCIPAL_PROPERTY_SEARCH, PRINCIPAL_SEARCH_PROPERTY_SET, PRINCIPAL_SEARCH, EXPAND_PROPERTY];
/// Calendar objects.
pub(super) const OF_OBJECT: &[Name] = &[EXPAND_PROPERTY];
/// Homes and outboxes (R2.11: no sync-collection).
const OF_HOME: &[Name] = &[EXPAND_PROPERTY];

/// The reports of a folder.
pub(super) const fn of_folder(kind: FolderKind) -> &'static [Name] {
    match kind {
        FolderKind::Plain | FolderKind::Principals => OF_PRINCIPALS,
        FolderKind::Home | FolderKind::Outbox => OF_HOME,
    }
}

/// The reports that a node answers.
pub(super) fn supported(node: &Node) -> &'static [Name] {
    match node {
        Node::Root(it) | Node::PrincipalCollection(it) | Node::Home(it) | Node::Outbox(it) => {
            of_folder(it.kind)
        }
        Node::Principal(_) => OF_PRINCIPAL,
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
