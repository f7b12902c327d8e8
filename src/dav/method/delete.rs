//! DELETE. RFC 4918, section 9.6.

use http::{Response, StatusCode};

use crate::dav::body::Body;
use crate::dav::error::DavError;
use crate::dav::header::{Conditions, Depth};
use crate::dav::privilege::Privilege;
use crate::dav::tree::{Node, Tree};

use super::{Call, check_privilege, empty};

/// 204, once the tree has removed it under the conditions.
pub(in crate::dav) async fn answer<T: Tree>(call: &Call<'_, T>) -> Result<Response<Body>, DavError> {
    let conditions = Conditions::of(call.headers)?;
    let depth = Depth::of(call.headers)?;
    let node = call.target().await?;
    if node.is_collection() && depth.is_some_and(|depth| depth != Depth::Infinity) {
        // RFC 4918, section 9.6.1.
        return Err(DavError::bad_request("a collection is deleted with everything in it"));
    }
    if !node.methods().contains(&"DELETE") {
        // Where DELETE is missing because the viewer may not write, say so (B-34).
        check_privilege(&node, &[Privilege::Unbind])?;
        return Err(DavError::status(StatusCode::FORBIDDEN));
    }
    check_privilege(&node, &[Privilege::Unbind])?;
    call.tree.delete(call.viewer, node.href(), &conditions).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}
