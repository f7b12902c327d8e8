//! ACL: who may do what with a resource, replaced as a whole. RFC 3744, sections 8 and 8.1.

use http::{Response, StatusCode};

use crate::dav::acl::Acl;
use crate::dav::body::Body;
use crate::dav::error::DavError;
use crate::dav::privilege::Privilege;
use crate::dav::tree::{Node, Tree};

use super::{Call, check_method, check_privilege, empty};

/// Reads the list; whether its principals may be granted anything is the tree's business.
pub(in crate::dav) async fn answer<T: Tree>(call: &Call<'_, T>) -> Result<Response<Body>, DavError> {
    let node = call.target().await?;
    check_method(&node, "ACL")?;
    check_privilege(&node, &[Privilege::WriteAcl])?;
    let body = call.xml()?.ok_or_else(|| DavError::bad_request("ACL needs a body"))?;
    let acl = Acl::parse(&body, node.supported(), &[call.authority, call.host()])?;
    call.tree.set_acl(call.viewer, &node, acl).await?;
    Ok(empty(StatusCode::OK))
}
