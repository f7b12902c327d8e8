//! PROPFIND. RFC 4918, sections 9.1, 9.1.1 and 14.20; RFC 8144, sections 2.1 and 4; R1.10; L-50.

use http::Response;

use crate::dav::body::Body;
use crate::dav::condition::PROPFIND_FINITE_DEPTH;
use crate::dav::error::DavError;
use crate::dav::header::Depth;
use crate::dav::multistatus::Multistatus;
use crate::dav::prefer::applied;
use crate::dav::property::{PropRequest, Which};
use crate::dav::tree::{Node, Tree, complete};

use super::Call;

/// The node, and its members at depth 1, written as they are sent.
pub(in crate::dav) async fn answer<T: Tree>(call: &Call<'_, T>) -> Result<Response<Body>, DavError> {
    // Without the header RFC 4918 means infinity; clients that leave it out expect an answer.
    let depth = Depth::of(call.headers)?.unwrap_or(Depth::Infinity);
    let preferences = call.preferences();
    let minimal = preferences.minimal;
    let request = match call.xml()? {
        // An empty body is allprop.
        None => PropRequest { which: Which::All(Vec::new()), minimal },
        Some(body) if body.name().is_dav("propfind") => PropRequest::parse(&body, minimal, call.limits)?
            .ok_or_else(|| DavError::bad_request("propfind has no prop, allprop or propname"))?,
        Some(_) => return Err(DavError::bad_request("the body is not propfind")),
    };
    let node = call.target().await?;
    let mut nodes = match depth {
        Depth::One if node.is_collection() => call.tree.members(call.viewer, &node).await?,
        Depth::Zero | Depth::One => Vec::new(),
        Depth::Infinity => return Err(PROPFIND_FINITE_DEPTH.into()),
    };
    let without_root = preferences.without_root && depth == Depth::One && node.is_collection();
    if !without_root {
        nodes.insert(0, node);
    }
    let nodes = complete(call.tree, call.viewer, &request, nodes).await?;
    let viewer = call.viewer.clone();
    let answer = Multistatus::each(nodes, move |out, node: T::Node| {
        out.found(node.href(), &node.answer(&request, &viewer));
    });
    let mut response = answer.into_response();
    let followed = [(minimal, "return=minimal"), (without_root, "depth-noroot")];
    for (_, preference) in followed.into_iter().filter(|(is_followed, _)| *is_followed) {
        applied(&mut response, &[preference]);
    }
    Ok(response)
}
