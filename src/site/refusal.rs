//! What `booking` and `store` say, as WebDAV answers: the only mapping, arm by arm.

use http::StatusCode;

use crate::booking::admin::AdminError;
use crate::booking::{About, Error, Refusal};
use crate::caldav::condition::{
    ALLOWED_ATTENDEE_SCHEDULING_OBJECT_CHANGE, ALLOWED_ORGANIZER_SCHEDULING_OBJECT_CHANGE,
    MAX_ATTACHMENTS_PER_RESOURCE, NO_UID_CONFLICT, SAME_ORGANIZER_IN_ALL_COMPONENTS,
    UNIQUE_SCHEDULING_OBJECT_RESOURCE, VALID_MANAGED_ID, VALID_MANAGED_ID_PARAMETER, VALID_RID,
};
use crate::dav::condition::QUOTA_NOT_EXCEEDED;
use crate::dav::{DavError, Href, MemberName, Privilege, Stored};
use crate::domain::reason::Reason;
use crate::ical::IcalError;
use crate::store::StoreError;
use crate::text;

use super::condition::refused;
use super::profile::{Profile, Way};

/// A refusal by the rules, in the way that suits the program. `Ok` where it is accepted and declined.
pub(super) fn refusal(refusal: &Refusal, profile: Profile) -> Result<Stored, DavError> {
    match profile.way(refusal.about) {
        Way::AcceptAndDecline if refusal.copy.is_some() => {
            let created = refusal.copy == Some(crate::booking::Copy::Created);
            Ok(Stored { created, etag: None, schedule_tag: None })
        }
        Way::AcceptAndDecline | Way::Forbidden => {
            Err(refused(StatusCode::FORBIDDEN, refusal.reason, &refusal.sentence))
        }
        Way::PreconditionFailed => {
            Err(refused(StatusCode::PRECONDITION_FAILED, refusal.reason, &refusal.sentence))
        }
    }
}

/// Everything else that a command can come to. `at` is the member that was written.
pub(super) fn error(error: Error, at: &Href) -> DavError {
    match error {
        Error::Stale | Error::NameTaken => DavError::precondition_failed(),
        Error::Missing => DavError::not_found(),
        Error::UidConflict(other) => {
            let error = DavError::from(NO_UID_CONFLICT);
            let name = other.and_then(|(_, name)| MemberName::parse(&name).ok());
            match (name, at.parent()) {
                (Some(name), Some(parent)) => error.naming(&parent.join(&name)),
                _ => error,
            }
        }
        Error::ScheduledElsewhere => UNIQUE_SCHEDULING_OBJECT_RESOURCE.into(),
        Error::Invalid(fault) => invalid(&fault),
        Error::ForeignOrganizer => ALLOWED_ORGANIZER_SCHEDULING_OBJECT_CHANGE.into(),
        Error::OrganizersDiffer => SAME_ORGANIZER_IN_ALL_COMPONENTS.into(),
        Error::AttendeeChange => ALLOWED_ATTENDEE_SCHEDULING_OBJECT_CHANGE.into(),
        Error::UnknownAttachment => VALID_MANAGED_ID_PARAMETER.into(),
        Error::NoSuchAttachment => VALID_MANAGED_ID.into(),
        Error::NoSuchPart => VALID_RID.into(),
        Error::TooManyAttachments => MAX_ATTACHMENTS_PER_RESOURCE.into(),
        Error::QuotaExceeded => QUOTA_NOT_EXCEEDED.into(),
        Error::NotAttachable => {
            DavError::status(StatusCode::FORBIDDEN).with_reason("a declined copy carries no attachments")
        }
        Error::ReadOnly(_) | Error::OnlyReads => {
            DavError::need_privilege(&at.parent().unwrap_or_else(Href::root), Privilege::Bind)
        }
        Error::ReadOnlySource => DavError::need_privilege(at, Privilege::Unbind),
        Error::CalendarFull => {
            refused(StatusCode::FORBIDDEN, Reason::Quota, "The calendar has too many events.")
        }
        Error::TooManyBookings => {
            let mut error =
                refused(StatusCode::TOO_MANY_REQUESTS, Reason::Quota, "Too many bookings in one hour.");
            error.retry_after_secs = Some(600);
            error
        }
        // By MOVE nothing is decided, and no client asks by a row.
        Error::Decides(_) | Error::Elsewhere => DavError::status(StatusCode::FORBIDDEN),
        Error::Moved => DavError::unavailable(1, "a command kept finding something else"),
        // The second line held although the first had seen nothing: somebody was quicker.
        Error::Store(StoreError::Overlap) => {
            let sentence = format!("{}.", text::reason_phrase(Reason::Busy));
            refused(StatusCode::FORBIDDEN, Reason::Busy, &sentence)
        }
        Error::Store(error) => store(error),
    }
}

/// The database's trouble.
pub(super) fn store(error: StoreError) -> DavError {
    match error {
        StoreError::Retry(cause) => DavError::unavailable(1, cause),
        StoreError::Unavailable(cause) | StoreError::Damaged(cause) => DavError::unavailable(5, cause),
        StoreError::Full(cause) => DavError::status(StatusCode::INSUFFICIENT_STORAGE).with_cause(cause),
        StoreError::Overlap => DavError::internal("an overlap while reading"),
        StoreError::Duplicate(cause) | StoreError::Inconsistent(cause) => DavError::internal(cause),
    }
}

impl From<StoreError> for DavError {
    fn from(error: StoreError) -> Self {
        store(error)
    }
}

/// What kept an administrator's command from being done; a refusal is for the caller to tell.
pub(super) fn admin(fault: AdminError, at: &Href) -> DavError {
    match fault {
        AdminError::Booking(fault) => error(fault, at),
        AdminError::Store(fault) => store(fault),
        AdminError::Refused(_) => DavError::status(StatusCode::CONFLICT),
    }
}

/// Text that is not one calendar object of ours (RFC 4791, section 5.3.2.1).
pub(super) fn invalid(fault: &IcalError) -> DavError {
    DavError::from(fault.clone())
}

/// What to leave behind when a new booking is refused.
pub(super) fn on_refusal(profile: Profile) -> crate::booking::OnRefusal {
    match profile.way(About::New) {
        Way::AcceptAndDecline => crate::booking::OnRefusal::KeepDeclinedCopy,
        Way::Forbidden | Way::PreconditionFailed => crate::booking::OnRefusal::Refuse,
    }
}
