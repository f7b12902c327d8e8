//! OPTIONS: what a resource can do. RFC 4918, section 10.1; R1.3 to R1.5.

use http::header::ALLOW;
use http::{HeaderValue, Response, StatusCode};

use crate::dav::body::Body;
use crate::dav::error::DavError;
use crate::dav::tree::{Node, Tree};

use super::{Call, empty};

/// 200 with `Allow`; the `DAV` header is on every response anyway.
pub(in crate::dav) async fn answer<T: Tree>(call: &Call<'_, T>) -> Result<Response<Body>, DavError> {
    let node = call.target().await?;
    // Not 204: GNOME Online Accounts wants exactly 200 (R1.3).
    let mut response = empty(StatusCode::OK);
    if let Ok(value) = HeaderValue::from_str(&node.methods().join(", ")) {
        response.headers_mut().insert(ALLOW, value);
    }
    Ok(response)
}
