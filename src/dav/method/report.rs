//! REPORT: which one, and the ones that WebDAV itself defines. RFC 3253, section 3.6; L-51.

use http::Response;

use crate::dav::body::Body;
use crate::dav::condition::SUPPORTED_REPORT;
use crate::dav::error::DavError;
use crate::dav::header::Depth;
use crate::dav::name::DAV;
use crate::dav::tree::{Node, ReportRequest, Tree};
use crate::dav::{expand, search, sync};

use super::Call;

/// Only reports that the node lists are answered; others go up to the tree.
pub(in crate::dav) async fn answer<T: Tree>(call: &Call<'_, T>) -> Result<Response<Body>, DavError> {
    let body = call.xml()?.ok_or_else(|| DavError::bad_request("a REPORT needs a body"))?;
    let depth = Depth::of(call.headers)?;
    let node = call.target().await?;
    if !node.reports().contains(body.name()) {
        return Err(SUPPORTED_REPORT.into());
    }
    let authorities = [call.authority, call.host()];
    let request = ReportRequest {
        body: &body,
        depth,
        minimal: call.preferences().minimal,
        authorities: &authorities,
        limits: call.limits,
    };
    let local = if body.name().namespace() == DAV { body.name().local() } else { "" };
    match local {
        "sync-collection" => sync::report(call.tree, call.viewer, &node, request).await,
        "expand-property" => expand::report(call.tree, call.viewer, node, request).await,
        "principal-property-search" => search::report(call.tree, call.viewer, request).await,
        "principal-search-property-set" => Ok(search::property_set()),
        _ => call.tree.report(call.viewer, node, request).await,
    }
}
