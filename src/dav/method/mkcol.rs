//! MKCOL, plain and extended, and methods of upper layers that make collections.
//! RFC 4918, sections 8.4 and 9.3; RFC 5689, sections 3, 3.2 and 5.2; RFC 8144, section 2.3.

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};

use crate::dav::body::Body;
use crate::dav::condition::RESOURCE_MUST_BE_NULL;
use crate::dav::error::DavError;
use crate::dav::exchange::NewCollection;
use crate::dav::header::{is_xml, media_type};
use crate::dav::multistatus::XML_TYPE;
use crate::dav::name::Name;
use crate::dav::patch::Patched;
use crate::dav::prefer::applied;
use crate::dav::privilege::Privilege;
use crate::dav::tree::{Node, Tree};
use crate::dav::xml::Writer;

use super::{Call, check_privilege, empty};

/// Makes a collection at the request's href.
pub(in crate::dav) async fn answer<T: Tree>(
    call: &Call<'_, T>,
    method: &str,
) -> Result<Response<Body>, DavError> {
    let new = creation(call, method)?;
    if let Some(node) = call.tree.find(call.viewer, &call.href).await? {
        let mut error = DavError::not_allowed(node.methods());
        error.condition = Some(RESOURCE_MUST_BE_NULL);
        return Err(error);
    }
    let parent = call.parent(&call.href).await?;
    if !parent.methods().contains(&method)
        && let Some(error) = call.tree.misplaced(&new)
    {
        // Where none can be, nobody has the right to make one.
        return Err(error);
    }
    check_privilege(&parent, &[Privilege::Bind])?;
    if !parent.methods().contains(&method) {
        return Err(DavError::status(StatusCode::FORBIDDEN));
    }
    let root = new.response.clone();
    let conditions = call.conditions()?;
    let href = call.href.to_collection();
    let patched = call.tree.make_collection(call.viewer, &href, new, &conditions).await?;
    if patched.is_success() {
        // It says no more where nobody prefers it so, which is allowed.
        let mut response = empty(StatusCode::CREATED);
        if call.preferences().minimal {
            applied(&mut response, &["return=minimal"]);
        }
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        return Ok(response);
    }
    Ok(failed(&root.unwrap_or(Name::dav("mkcol-response")), &patched))
}

/// What the body asks for: RFC 5689 for MKCOL, the tree's own reading for other methods.
fn creation<T: Tree>(call: &Call<'_, T>, method: &str) -> Result<NewCollection, DavError> {
    if method != "MKCOL" {
        let body = call.xml()?;
        let creation = call.tree.creation(method, body.as_ref(), call.limits);
        return creation.unwrap_or_else(|| Err(DavError::status(StatusCode::NOT_IMPLEMENTED)));
    }
    let collection = || vec![Name::dav("collection")];
    if call.body.is_empty() {
        return Ok(NewCollection { resource_types: collection(), ..NewCollection::default() });
    }
    // A body that is not understood is 415 (RFC 4918, section 9.3).
    let unknown = || DavError::status(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    if media_type(call.headers).is_some() && !is_xml(call.headers) {
        return Err(unknown());
    }
    let body = call.xml()?.filter(|body| body.name().is_dav("mkcol")).ok_or_else(unknown)?;
    let mut new = NewCollection::parse(&body, call.limits)?;
    new.response = Some(Name::dav("mkcol-response"));
    if new.resource_types.is_empty() {
        new.resource_types = collection();
    }
    Ok(new)
}

/// Nothing was made because of these properties (RFC 5689, section 3.5).
fn failed(root: &Name, patched: &Patched) -> Response<Body> {
    let mut writer = Writer::document(root);
    patched.write(&mut writer);
    writer.close(root);
    let mut response = Response::new(Body::whole(writer.take()));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(CONTENT_TYPE, XML_TYPE);
    response
}
