//! POST: nothing of WebDAV's own, all of it the tree's. RFC 9110, section 9.3.3; RFC 8144, section 3.
//! RFC 4918, section 9.5.

use http::{Response, StatusCode};

use crate::dav::body::Body;
use crate::dav::error::DavError;
use crate::dav::exchange::Posted;
use crate::dav::header::{Conditions, is_xml};
use crate::dav::tree::{Node as _, Tree};

use super::{Call, check_method, represented};

/// Hands the body to the tree, where the node takes one.
pub(in crate::dav) async fn answer<T: Tree>(call: &Call<'_, T>) -> Result<Response<Body>, DavError> {
    let node = call.target().await?;
    if !(is_xml(call.headers) && node.takes_registrations()) {
        check_method(&node, "POST")?;
    }
    let is_changed = !node.is_collection();
    let conditions = if is_changed { call.conditions()? } else { Conditions::default() };
    let query = call.query.map(str::to_owned);
    let posted = Posted { query, conditions, headers: call.headers.clone(), body: call.payload() };
    let response = call.tree.post(call.viewer, node, posted).await?;
    if !is_changed || !call.preferences().representation || !response.status().is_success() {
        return Ok(response);
    }
    let status = if response.status() == StatusCode::CREATED { StatusCode::CREATED } else { StatusCode::OK };
    let Some(mut shown) = Box::pin(represented(call, status)).await? else { return Ok(response) };
    for (name, value) in response.headers() {
        shown.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    Ok(shown)
}
