//! REPORT: which one, and the ones that WebDAV itself defines. RFC 3253, section 3.6; L-51.
//! RFC 3744, section 9.1.

use http::Response;

use crate::dav::body::Body;
use crate::dav::condition::SUPPORTED_REPORT;
use crate::dav::error::DavError;
use crate::dav::exchange::ReportRequest;
use crate::dav::header::Depth;
use crate::dav::name::DAV;
use crate::dav::privilege::Privilege;
use crate::dav::tree::{Node, Tree};
use crate::dav::{expand, principals, search, sync};

use super::{Call, check_privilege};

/// Reports that tell of principals, or of busy times, which has a privilege of its own.
const OPEN: [&str; 5] = [
    "principal-property-search",
    "principal-search-property-set",
    "calendarserver-principal-search",
    "acl-principal-prop-set",
    "free-busy-query",
];

/// Only reports that the node lists are answered; others go up to the tree.
pub(in crate::dav) async fn answer<T: Tree>(call: &Call<'_, T>) -> Result<Response<Body>, DavError> {
    let body = call.xml()?.ok_or_else(|| DavError::bad_request("a REPORT needs a body"))?;
    let depth = Depth::of(call.headers)?;
    let node = call.target().await?;
    if !node.reports().contains(body.name()) {
        return Err(SUPPORTED_REPORT.into());
    }
    if !OPEN.iter().any(|name| body.name().local() == *name) {
        // RFC 3744, appendix B, as for PROPFIND with what is inside.
        check_privilege(&node, &[Privilege::Read])?;
    }
    let authorities = [call.authority, call.host()];
    let request = ReportRequest {
        body: &body,
        depth,
        minimal: call.preferences().minimal,
        headers: call.headers,
        authorities: &authorities,
        limits: call.limits,
    };
    let local = if body.name().namespace() == DAV { body.name().local() } else { "" };
    match local {
        "sync-collection" => sync::report(call.tree, call.viewer, &node, request).await,
        "expand-property" => expand::report(call.tree, call.viewer, node, request).await,
        "principal-property-search" => search::report(call.tree, call.viewer, &node, request).await,
        "principal-search-property-set" => Ok(search::property_set()),
        "acl-principal-prop-set" => principals::of_acl(call.tree, call.viewer, node, request).await,
        "principal-match" => principals::matching(call.tree, call.viewer, node, request).await,
        _ => call.tree.report(call.viewer, node, request).await,
    }
}
