//! PUT. RFC 4918, sections 9.7 and 9.7.2; RFC 8144, sections 3, 3.1 and 3.2; RFC 9110, section 9.3.4; R3.1
//! to R3.4.

use http::header::{CONTENT_RANGE, CONTENT_TYPE};
use http::{Response, StatusCode};

use crate::dav::body::Body;
use crate::dav::error::DavError;
use crate::dav::exchange::Upload;
use crate::dav::privilege::Privilege;
use crate::dav::tree::{Node, Tree};

use super::{Call, check_privilege, represented, stored};

/// Finds the parent, then leaves everything about the member to the tree's transaction.
pub(in crate::dav) async fn answer<T: Tree>(call: &Call<'_, T>) -> Result<Response<Body>, DavError> {
    if call.headers.contains_key(CONTENT_RANGE) {
        // RFC 9110, section 14.5; B-31.
        return Err(DavError::bad_request("Content-Range has no meaning in PUT"));
    }
    let conditions = call.conditions()?;
    if call.href.is_collection() {
        let allow = call.tree.find(call.viewer, &call.href).await?.map(|node| node.methods());
        return Err(allow.map_or(DavError::status(StatusCode::CONFLICT), DavError::not_allowed));
    }
    let parent = call.parent(&call.href).await?;
    check_privilege(&parent, &[Privilege::Bind, Privilege::WriteContent])?;
    if !parent.methods().contains(&"PUT") {
        // Members of this collection are not made by PUT (B-32).
        return Err(DavError::status(StatusCode::FORBIDDEN));
    }
    let content_type = call.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let upload = Upload { content_type: content_type.map(str::to_owned), body: call.payload() };
    let done = call.tree.put(call.viewer, &call.href, upload, &conditions).await;
    if !call.preferences().representation {
        return done.as_ref().map(stored).map_err(Clone::clone);
    }
    match done {
        Ok(done) => {
            let status = if done.created { StatusCode::CREATED } else { StatusCode::OK };
            // Somebody may have taken it away since.
            Ok(represented(call, status).await?.unwrap_or_else(|| stored(&done)))
        }
        // RFC 8144, section 3: what stood against the condition.
        Err(error) if error.status == StatusCode::PRECONDITION_FAILED && error.condition.is_none() => {
            represented(call, error.status).await?.ok_or(error)
        }
        Err(error) => Err(error),
    }
}
