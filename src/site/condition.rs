//! The elements that no RFC names: one per reason, in our own namespace, named after its code.
//!
//! The sentence stands in it as text; one element, no white space, because some programs show the
//! text of the whole body and the name of its first child.

use http::StatusCode;

use crate::dav::DavError;
use crate::domain::reason::Reason;
use crate::text;

/// A refusal in our own words.
pub(super) fn refused(status: StatusCode, reason: Reason, sentence: &str) -> DavError {
    DavError::refused(status, reason.code(), sentence).with_reason(text::reason_phrase(reason))
}
