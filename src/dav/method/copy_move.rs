//! COPY and MOVE. RFC 4918, sections 9.8, 9.8.1, 9.9, 9.9.2 and 9.9.4; D-35; B-49.

use http::{Response, StatusCode};

use crate::dav::body::Body;
use crate::dav::error::DavError;
use crate::dav::exchange::{Transfer, Verb};
use crate::dav::header::{Depth, destination, overwrite};
use crate::dav::privilege::Privilege;
use crate::dav::tree::{Node, Tree};

use super::{Call, check_privilege, stored};

/// Checks source and destination, then leaves the rest to the tree's transaction.
pub(in crate::dav) async fn answer<T: Tree>(
    call: &Call<'_, T>,
    verb: Verb,
) -> Result<Response<Body>, DavError> {
    let conditions = call.conditions()?;
    let depth = Depth::of(call.headers)?;
    let may_overwrite = overwrite(call.headers)?;
    let to = destination(call.headers, call.authority)?;
    let source = call.target().await?;
    let deep = check_depth(verb, depth, source.is_collection())?;
    if verb == Verb::Move {
        check_privilege(&source, &[Privilege::Unbind])?;
    }
    if !source.methods().contains(&verb.as_str()) {
        return Err(DavError::status(StatusCode::FORBIDDEN));
    }
    let from = source.href();
    if from.same_resource(&to) || (deep && from.contains(&to)) || to.contains(from) {
        // RFC 4918, section 9.8.5: source and destination are the same, or one lies in the other.
        return Err(DavError::status(StatusCode::FORBIDDEN));
    }
    let parent = call.parent(&to).await?;
    check_privilege(&parent, &[Privilege::Bind, Privilege::WriteContent])?;
    let transfer = Transfer { verb, from, to: &to, overwrite: may_overwrite, deep, conditions: &conditions };
    Ok(stored(&call.tree.transfer(call.viewer, transfer).await?))
}

/// Whether members go along; 400 for depths that the method does not have.
fn check_depth(verb: Verb, depth: Option<Depth>, is_collection: bool) -> Result<bool, DavError> {
    match (verb, depth.unwrap_or(Depth::Infinity)) {
        (_, Depth::Infinity) => Ok(true),
        (Verb::Copy, Depth::Zero) => Ok(false),
        (Verb::Move, Depth::Zero) if !is_collection => Ok(true),
        (_, Depth::Zero | Depth::One) => Err(DavError::bad_request("no such Depth for COPY or MOVE")),
    }
}

impl Verb {
    /// The method's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Copy => "COPY",
            Self::Move => "MOVE",
        }
    }
}
