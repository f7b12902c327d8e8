//! Preconditions and postconditions of WebDAV, one line each.
//!
//! A condition brings its status, so that it is decided once. RFC 4918, section 16;
//! RFC 3744; RFC 3253; RFC 5689; RFC 6578.

use http::StatusCode;

use super::name::Name;

/// An element of `DAV:error` and the status it comes with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The element.
    pub name: Name,
    /// The status of a response that it is the reason for.
    pub status: StatusCode,
    /// Where it is defined.
    pub spec: &'static str,
}

impl Condition {
    /// A condition; for lists like the one below.
    #[must_use]
    pub const fn new(name: Name, status: StatusCode, spec: &'static str) -> Self {
        Self { name, status, spec }
    }
}

const fn dav(local: &'static str, status: StatusCode, spec: &'static str) -> Condition {
    Condition::new(Name::dav(local), status, spec)
}

/// A live property may not be set.
pub const CANNOT_MODIFY_PROTECTED_PROPERTY: Condition =
    dav("cannot-modify-protected-property", StatusCode::FORBIDDEN, "RFC 4918, section 16");
/// `Depth: infinity` on PROPFIND.
pub const PROPFIND_FINITE_DEPTH: Condition =
    dav("propfind-finite-depth", StatusCode::FORBIDDEN, "RFC 4918, section 16");
/// A DTD or an external entity in the body.
pub const NO_EXTERNAL_ENTITIES: Condition =
    dav("no-external-entities", StatusCode::FORBIDDEN, "RFC 4918, section 16");
/// Rights are missing; names resource and privilege.
pub const NEED_PRIVILEGES: Condition =
    dav("need-privileges", StatusCode::FORBIDDEN, "RFC 3744, section 7.1.1");
/// Too many answers for one request.
pub const NUMBER_OF_MATCHES_WITHIN_LIMITS: Condition =
    dav("number-of-matches-within-limits", StatusCode::FORBIDDEN, "RFC 3744, section 9.4");
/// This resource does not know this report.
pub const SUPPORTED_REPORT: Condition =
    dav("supported-report", StatusCode::FORBIDDEN, "RFC 3253, section 3.1.5");
/// The sync token is not (or no longer) one of this collection and reader (R2.6).
pub const VALID_SYNC_TOKEN: Condition =
    dav("valid-sync-token", StatusCode::FORBIDDEN, "RFC 6578, section 3.2");
/// `DAV:sync-level` of infinity, which no collection here offers.
pub const SYNC_TRAVERSAL_SUPPORTED: Condition =
    dav("sync-traversal-supported", StatusCode::FORBIDDEN, "RFC 6578, section 3.3");
/// The resource type asked for cannot be made here.
pub const VALID_RESOURCETYPE: Condition =
    dav("valid-resourcetype", StatusCode::FORBIDDEN, "RFC 5689, section 3.3");
