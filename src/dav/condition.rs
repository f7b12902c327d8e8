//! Preconditions and postconditions of WebDAV, one line each.
//!
//! A condition brings its status, so that it is decided once. RFC 4918, section 16;
//! RFC 3744; RFC 3253; RFC 4331; RFC 5689; RFC 6578.

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
/// The entries of a list contradict each other.
pub const NO_ACE_CONFLICT: Condition =
    dav("no-ace-conflict", StatusCode::FORBIDDEN, "RFC 3744, section 8.1.1");
/// An entry that the server keeps was to be changed.
pub const NO_PROTECTED_ACE_CONFLICT: Condition =
    dav("no-protected-ace-conflict", StatusCode::FORBIDDEN, "RFC 3744, section 8.1.1");
/// An entry of another resource was to be changed.
pub const NO_INHERITED_ACE_CONFLICT: Condition =
    dav("no-inherited-ace-conflict", StatusCode::FORBIDDEN, "RFC 3744, section 8.1.1");
/// A list is too long.
pub const LIMITED_NUMBER_OF_ACES: Condition =
    dav("limited-number-of-aces", StatusCode::FORBIDDEN, "RFC 3744, section 8.1.1");
/// Something was to be denied.
pub const GRANT_ONLY: Condition = dav("grant-only", StatusCode::FORBIDDEN, "RFC 3744, section 8.1.1");
/// An entry is about everybody but somebody.
pub const NO_INVERT: Condition = dav("no-invert", StatusCode::FORBIDDEN, "RFC 3744, section 8.1.1");
/// A privilege cannot be granted by itself here.
pub const NO_ABSTRACT: Condition = dav("no-abstract", StatusCode::FORBIDDEN, "RFC 3744, section 8.1.1");
/// A privilege is not known here.
pub const NOT_SUPPORTED_PRIVILEGE: Condition =
    dav("not-supported-privilege", StatusCode::FORBIDDEN, "RFC 3744, section 8.1.1");
/// An entry names no principal that the reader may know.
pub const RECOGNIZED_PRINCIPAL: Condition =
    dav("recognized-principal", StatusCode::FORBIDDEN, "RFC 3744, section 8.1.1");
/// A principal that nothing can be granted to here.
pub const ALLOWED_PRINCIPAL: Condition =
    dav("allowed-principal", StatusCode::FORBIDDEN, "RFC 3744, section 8.1.1");
/// Too many answers for one request.
pub const NUMBER_OF_MATCHES_WITHIN_LIMITS: Condition =
    dav("number-of-matches-within-limits", StatusCode::FORBIDDEN, "RFC 3744, section 9.4");
/// This resource does not know this report.
pub const SUPPORTED_REPORT: Condition =
    dav("supported-report", StatusCode::FORBIDDEN, "RFC 3253, section 3.1.5");
/// A collection was to be made where something is already.
pub const RESOURCE_MUST_BE_NULL: Condition =
    dav("resource-must-be-null", StatusCode::METHOD_NOT_ALLOWED, "RFC 4791, section 5.3.1");
/// The sync token is not (or no longer) one of this collection and reader (R2.6).
pub const VALID_SYNC_TOKEN: Condition =
    dav("valid-sync-token", StatusCode::FORBIDDEN, "RFC 6578, section 3.2");
/// `DAV:sync-level` of infinity where a collection has none.
pub const SYNC_TRAVERSAL_SUPPORTED: Condition =
    dav("sync-traversal-supported", StatusCode::FORBIDDEN, "RFC 6578, section 3.3");
/// A lock is in the way whose token was not submitted by its holder; names where it was taken.
pub const LOCK_TOKEN_SUBMITTED: Condition =
    dav("lock-token-submitted", StatusCode::LOCKED, "RFC 4918, section 16");
/// A lock that there is does not go with the one asked for; names where it was taken.
pub const NO_CONFLICTING_LOCK: Condition =
    dav("no-conflicting-lock", StatusCode::LOCKED, "RFC 4918, section 16");
/// No lock with this token is on the resource.
pub const LOCK_TOKEN_MATCHES_REQUEST_URI: Condition =
    dav("lock-token-matches-request-uri", StatusCode::CONFLICT, "RFC 4918, section 16");
/// There is no more room in this folder.
pub const QUOTA_NOT_EXCEEDED: Condition =
    dav("quota-not-exceeded", StatusCode::INSUFFICIENT_STORAGE, "RFC 4331, section 6");
/// The resource type asked for cannot be made here.
pub const VALID_RESOURCETYPE: Condition =
    dav("valid-resourcetype", StatusCode::FORBIDDEN, "RFC 5689, section 3.3");
