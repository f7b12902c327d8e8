//! GET and HEAD, with conditions. RFC 9110, sections 9.3.1, 9.3.2 and 13; R3.2, R3.6.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use http::{HeaderValue, Response, StatusCode};

use crate::dav::body::Body;
use crate::dav::error::DavError;
use crate::dav::header::Conditions;
use crate::dav::tree::{Node, Representation, Tree};

use super::{Call, SCHEDULE_TAG, check_method, empty, private, tag};

/// The representation, 304 when the client has it, or 405 where there is none.
pub(in crate::dav) async fn answer<T: Tree>(
    call: &Call<'_, T>,
    is_head: bool,
) -> Result<Response<Body>, DavError> {
    let conditions = Conditions::of_read(call.headers)?;
    let node = call.target().await?;
    check_method(&node, "GET")?;
    if let Some(not_modified) = judge(&node, &conditions)? {
        return Ok(not_modified);
    }
    let methods = node.methods();
    let found = call.tree.read(call.viewer, node).await?;
    let (node, representation) = found.ok_or_else(|| DavError::not_allowed(methods))?;
    let mut response = represent(&node, &representation);
    if !is_head {
        *response.body_mut() = Body::whole(representation.body);
    }
    Ok(response)
}

/// The head of an answer that shows what there is.
pub(super) fn represent(node: &impl Node, representation: &Representation) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(representation.content_type));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(representation.body.len()));
    tags(&mut response, node);
    response
}

/// 412, 304, or nothing in the way (RFC 9110, section 13.2.2).
fn judge(node: &impl Node, conditions: &Conditions) -> Result<Option<Response<Body>>, DavError> {
    let current = node.etag().map(|etag| (etag, node.schedule_tag()));
    let before = Conditions { if_none_match: None, ..conditions.clone() };
    if !before.hold(current) {
        return Err(DavError::precondition_failed());
    }
    let after = Conditions { if_none_match: conditions.if_none_match.clone(), ..Conditions::default() };
    if after.hold(current) {
        return Ok(None);
    }
    let mut response = empty(StatusCode::NOT_MODIFIED);
    tags(&mut response, node);
    Ok(Some(response))
}

fn tags(response: &mut Response<Body>, node: &impl Node) {
    tag(response, ETAG, node.etag());
    tag(response, SCHEDULE_TAG, node.schedule_tag());
    private(response);
}
