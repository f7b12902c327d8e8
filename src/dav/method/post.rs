//! POST: nothing of WebDAV's own, all of it the tree's. RFC 9110, section 9.3.3.

use http::Response;

use crate::dav::body::Body;
use crate::dav::error::DavError;
use crate::dav::tree::{Posted, Tree};

use super::{Call, check_method};

/// Hands the body to the tree, where the node takes one.
pub(in crate::dav) async fn answer<T: Tree>(call: &Call<'_, T>) -> Result<Response<Body>, DavError> {
    let node = call.target().await?;
    check_method(&node, "POST")?;
    let posted = Posted { headers: call.headers.clone(), body: call.body.clone() };
    call.tree.post(call.viewer, node, posted).await
}
