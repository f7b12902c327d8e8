//! PROPPATCH. RFC 4918, section 9.2; RFC 8144, section 2.2.

use http::{Response, StatusCode};

use crate::dav::body::Body;
use crate::dav::error::DavError;
use crate::dav::multistatus::Multistatus;
use crate::dav::patch::PropertyUpdate;
use crate::dav::prefer::applied;
use crate::dav::tree::{Node, Tree};

use super::{Call, check_method, empty};

/// 207 with a status for each property. What a reader may set is the tree's business (R1.13).
pub(in crate::dav) async fn answer<T: Tree>(call: &Call<'_, T>) -> Result<Response<Body>, DavError> {
    let body = call.xml()?.filter(|body| body.name().is_dav("propertyupdate"));
    let body = body.ok_or_else(|| DavError::bad_request("the body is not propertyupdate"))?;
    let update = PropertyUpdate::parse(&body, call.limits)?;
    let node = call.target().await?;
    check_method(&node, "PROPPATCH")?;
    let patched = call.tree.patch(call.viewer, &node, &update, &call.conditions()?).await?;
    if patched.is_success() && call.preferences().minimal {
        let mut response = empty(StatusCode::OK);
        applied(&mut response, &["return=minimal"]);
        return Ok(response);
    }
    let href = node.href().clone();
    Ok(Multistatus::each(vec![patched], move |out, patched| out.patched(&href, &patched)).into_response())
}
