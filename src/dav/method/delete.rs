//! DELETE. RFC 4918, section 9.6.

use http::{Response, StatusCode};

use crate::dav::body::Body;
use crate::dav::error::DavError;
use crate::dav::header::Depth;
use crate::dav::multistatus::Multistatus;
use crate::dav::privilege::Privilege;
use crate::dav::tree::{Node, Tree};

use super::{Call, check_privilege, empty};

/// 204, once the tree has removed it under the conditions; 207 where something had to stay.
pub(in crate::dav) async fn answer<T: Tree>(call: &Call<'_, T>) -> Result<Response<Body>, DavError> {
    let conditions = call.conditions()?;
    let depth = Depth::of(call.headers)?;
    if call.tree.unregister(call.viewer, &call.href).await? {
        return Ok(empty(StatusCode::NO_CONTENT));
    }
    let node = call.target().await?;
    if node.is_collection() && depth.is_some_and(|depth| depth != Depth::Infinity) {
        // RFC 4918, section 9.6.1.
        return Err(DavError::bad_request("a collection is deleted with everything in it"));
    }
    // Where DELETE is missing because the viewer may not write, that is said (B-34).
    check_privilege(&node, &[Privilege::Unbind])?;
    if !node.methods().contains(&"DELETE") {
        return Err(DavError::status(StatusCode::FORBIDDEN));
    }
    let failures = call.tree.delete(call.viewer, node.href(), &conditions).await?;
    if failures.is_empty() {
        return Ok(empty(StatusCode::NO_CONTENT));
    }
    // RFC 4918, section 9.6.1.
    Ok(Multistatus::failures(failures).into_response())
}
