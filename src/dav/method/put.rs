//! PUT. RFC 4918, section 9.7; RFC 9110, section 9.3.4; R3.1 to R3.4.

use http::header::{CONTENT_RANGE, CONTENT_TYPE};
use http::{Response, StatusCode};

use crate::dav::body::Body;
use crate::dav::error::DavError;
use crate::dav::header::Conditions;
use crate::dav::privilege::Privilege;
use crate::dav::tree::{Node, Tree, Upload};

use super::{Call, check_privilege, stored};

/// Finds the parent, then leaves everything about the member to the tree's transaction.
pub(in crate::dav) async fn answer<T: Tree>(call: &Call<'_, T>) -> Result<Response<Body>, DavError> {
    if call.headers.contains_key(CONTENT_RANGE) {
        // RFC 9110, section 14.5; B-31.
        return Err(DavError::bad_request("Content-Range has no meaning in PUT"));
    }
    let conditions = Conditions::of(call.headers)?;
    if call.href.is_collection() {
        let allow = call.tree.find(call.viewer, &call.href).await?.map(|node| node.methods());
        return Err(allow.map_or(DavError::status(StatusCode::CONFLICT), DavError::not_allowed));
    }
    let parent = call.parent(&call.href).await?;
    if !parent.methods().contains(&"PUT") && !may_write(&parent) {
        check_privilege(&parent, &[Privilege::Bind])?;
    }
    if !parent.methods().contains(&"PUT") {
        // Members of this collection are not made by PUT (B-32).
        return Err(DavError::status(StatusCode::FORBIDDEN));
    }
    check_privilege(&parent, &[Privilege::Bind, Privilege::WriteContent])?;
    let content_type = call.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let upload = Upload {
        content_type: content_type.map(str::to_owned),
        body: call.body.clone(),
        headers: call.headers.clone(),
    };
    Ok(stored(&call.tree.put(call.viewer, &call.href, upload, &conditions).await?))
}

fn may_write(node: &impl Node) -> bool {
    node.privileges().has(Privilege::Bind) || node.privileges().has(Privilege::WriteContent)
}
