//! GET and HEAD, with conditions and ranges. RFC 9110, sections 9.3.1, 9.3.2, 13 and 14; RFC 6266;
//! R3.2, R3.6.
//! RFC 4918, sections 9.4 and 20.8.

use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE,
    IF_UNMODIFIED_SINCE, LAST_MODIFIED, VARY,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};

use crate::dav::body::Body;
use crate::dav::date::{http_date, read_http_date};
use crate::dav::error::DavError;
use crate::dav::exchange::Representation;
use crate::dav::header::Conditions;
use crate::dav::range::{Wanted, wanted};
use crate::dav::tree::{Node, Tree};

use super::{Call, SCHEDULE_TAG, check_method, empty, private, tag};

/// The representation or a part of it, 304 when the client has it, or 405 where there is none.
pub(in crate::dav) async fn answer<T: Tree>(
    call: &Call<'_, T>,
    is_head: bool,
) -> Result<Response<Body>, DavError> {
    let conditions = Conditions::of_read(call.headers)?;
    let node = call.tree.chosen(call.viewer, call.target().await?);
    check_method(&node, "GET")?;
    if let Some(not_modified) = judge(call, &node, &conditions)? {
        return Ok(not_modified);
    }
    let methods = node.methods();
    let found = call.tree.read(call.viewer, node).await?;
    let (node, representation) = found.ok_or_else(|| DavError::not_allowed(methods))?;
    let mut response = represent(&node, &representation);
    let len = representation.body.len();
    let modified = node.modified_secs().map(http_date);
    let range = match wanted(call.headers, len, node.etag(), modified.as_deref()) {
        // Only GET has ranges (RFC 9110, section 14.2).
        Wanted::Part(range) if !is_head => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let shown = format!("bytes {}-{}/{len}", range.start, range.end - 1);
            set(&mut response, CONTENT_RANGE, &shown);
            range
        }
        Wanted::Nothing if !is_head => {
            let mut response = empty(StatusCode::RANGE_NOT_SATISFIABLE);
            set(&mut response, CONTENT_RANGE, &format!("bytes */{len}"));
            return Ok(response);
        }
        Wanted::Whole | Wanted::Part(_) | Wanted::Nothing => 0..len,
    };
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    if !is_head {
        *response.body_mut() = representation.body.part(range);
    }
    Ok(response)
}

/// The head of an answer that shows what there is, but for the number of its bytes.
pub(super) fn represent(node: &impl Node, representation: &Representation) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    set(&mut response, CONTENT_TYPE, &representation.content_type);
    if let (true, Some(name)) = (representation.is_attachment, node.href().name()) {
        set(&mut response, CONTENT_DISPOSITION, &name.disposition());
    }
    response.headers_mut().insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    tags(&mut response, node);
    response
}

/// 412, 304, or nothing in the way (RFC 9110, section 13.2.2).
fn judge<T: Tree>(
    call: &Call<'_, T>,
    node: &T::Node,
    conditions: &Conditions,
) -> Result<Option<Response<Body>>, DavError> {
    let current = node.etag().map(|etag| (etag, node.schedule_tag()));
    // What cannot be read as a date is ignored (RFC 9110, sections 13.1.3 and 13.1.4).
    let is_after = |name: HeaderName| {
        let text = call.headers.get(name)?.to_str().ok()?;
        Some(node.modified_secs()? > read_http_date(text)?)
    };
    let before = Conditions { if_none_match: None, ..conditions.clone() };
    if !before.hold(current) || (before.if_match.is_none() && is_after(IF_UNMODIFIED_SINCE) == Some(true)) {
        return Err(DavError::precondition_failed());
    }
    let after = Conditions { if_none_match: conditions.if_none_match.clone(), ..Conditions::default() };
    let is_same = match &after.if_none_match {
        Some(_) => !after.hold(current),
        None => is_after(IF_MODIFIED_SINCE) == Some(false),
    };
    if !is_same {
        return Ok(None);
    }
    let mut response = empty(StatusCode::NOT_MODIFIED);
    tags(&mut response, node);
    Ok(Some(response))
}

fn tags(response: &mut Response<Body>, node: &impl Node) {
    tag(response, ETAG, node.etag());
    tag(response, SCHEDULE_TAG, node.schedule_tag());
    if let Some(modified) = node.modified_secs().map(http_date) {
        set(response, LAST_MODIFIED, &modified);
    }
    if let Some(header) = node.varies_by() {
        set(response, VARY, header);
    }
    private(response);
}

/// A header whose value is visible ASCII.
fn set(response: &mut Response<Body>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
