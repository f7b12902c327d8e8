//! LOCK and UNLOCK. RFC 4918, sections 9.10, 9.10.2, 9.10.6, 9.11 and 9.11.1.

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Response, StatusCode};

use crate::dav::body::Body;
use crate::dav::condition::LOCK_TOKEN_MATCHES_REQUEST_URI;
use crate::dav::error::DavError;
use crate::dav::exchange::Locked;
use crate::dav::header::Depth;
use crate::dav::lock::{ActiveLock, NewLock, discovery, timeout, token};
use crate::dav::multistatus::{Multistatus, XML_TYPE};
use crate::dav::name::Name;
use crate::dav::privilege::Privilege;
use crate::dav::tree::{Node, Tree};
use crate::dav::xml::Writer;

use super::{Call, check_method, check_privilege, empty};

/// RFC 4918, section 10.5.
const LOCK_TOKEN: HeaderName = HeaderName::from_static("lock-token");

/// Takes a lock, or without a body refreshes those that `If` names.
pub(in crate::dav) async fn answer<T: Tree>(call: &Call<'_, T>) -> Result<Response<Body>, DavError> {
    let deep = match Depth::of(call.headers)? {
        None | Some(Depth::Infinity) => true,
        Some(Depth::Zero) => false,
        Some(Depth::One) => return Err(DavError::bad_request("Depth is 0 or infinity for LOCK")),
    };
    let timeout_secs = timeout(call.headers)?;
    let conditions = call.conditions()?;
    let body = call.xml()?;
    check_place(call).await?;
    let locked = match body {
        None if conditions.tokens().is_empty() => {
            return Err(DavError::bad_request("a refresh names the lock in If"));
        }
        None => call.tree.refresh(call.viewer, &call.href, timeout_secs, &conditions).await?,
        Some(body) => {
            let new = NewLock::parse(&body, deep, timeout_secs, call.limits)?;
            call.tree.lock(call.viewer, &call.href, new, &conditions).await?
        }
    };
    Ok(match locked {
        Locked::Yes { created, token, locks } => granted(created, token.as_deref(), &locks),
        Locked::No(mut failures) => {
            // The collection itself is not locked for want of the others (RFC 4918, section 9.10.3).
            failures.push((call.href.clone(), DavError::status(StatusCode::FAILED_DEPENDENCY)));
            Multistatus::failures(failures).into_response()
        }
    })
}

/// Whether there can be locks here: on what there is, or on what would be made.
async fn check_place<T: Tree>(call: &Call<'_, T>) -> Result<(), DavError> {
    let existing = call.tree.find(call.viewer, &call.href).await?;
    let (node, privilege) = match existing {
        Some(node) => (node, Privilege::WriteContent),
        None => (call.parent(&call.href).await?, Privilege::Bind),
    };
    // Where LOCK is missing because the viewer may not write, say so.
    check_privilege(&node, &[privilege])?;
    check_method(&node, "LOCK")
}

fn granted(created: bool, token: Option<&str>, locks: &[ActiveLock]) -> Response<Body> {
    let root = Name::dav("prop");
    let mut writer = Writer::document(&root);
    writer.raw(&discovery(locks));
    writer.close(&root);
    let mut response = Response::new(Body::whole(writer.take()));
    *response.status_mut() = if created { StatusCode::CREATED } else { StatusCode::OK };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, XML_TYPE);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(Ok(value)) = token.map(|token| HeaderValue::from_str(&format!("<{token}>"))) {
        headers.insert(LOCK_TOKEN, value);
    }
    response
}

/// Ends the lock that `Lock-Token` names.
pub(in crate::dav) async fn release<T: Tree>(call: &Call<'_, T>) -> Result<Response<Body>, DavError> {
    let conditions = call.conditions()?;
    let node = call.target().await?;
    check_method(&node, "UNLOCK")?;
    let token = token(call.headers)?;
    if !node.lock_tokens().contains(&token) {
        return Err(LOCK_TOKEN_MATCHES_REQUEST_URI.into());
    }
    call.tree.unlock(call.viewer, node.href(), &token, &conditions).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}
