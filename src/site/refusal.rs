//! What `booking` and `store` say, as WebDAV answers: the only mapping, arm by arm.

use http::StatusCode;

use crate::booking::{About, Error, Refusal};
use crate::caldav::condition::{
    ALLOWED_ORGANIZER_SCHEDULING_OBJECT_CHANGE, MAX_ATTENDEES_PER_INSTANCE, MAX_DATE_TIME, MAX_INSTANCES,
    MAX_RESOURCE_SIZE, MIN_DATE_TIME, NO_UID_CONFLICT, SUPPORTED_CALENDAR_COMPONENT,
    UNIQUE_SCHEDULING_OBJECT_RESOURCE, VALID_CALENDAR_DATA, VALID_CALENDAR_OBJECT_RESOURCE,
};
use crate::dav::{Condition, DavError, Href, MemberName, Privilege, Stored};
use crate::domain::reason::Reason;
use crate::ical::{IcalError, IcalErrorKind};
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
        Error::ReadOnly(_) => {
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

/// Text that is not one calendar object of ours (RFC 4791, section 5.3.2.1).
pub(super) fn invalid(fault: &IcalError) -> DavError {
    let condition: Condition = match fault.kind {
        IcalErrorKind::NotCalendarData => VALID_CALENDAR_DATA,
        IcalErrorKind::NotCalendarObject => VALID_CALENDAR_OBJECT_RESOURCE,
        IcalErrorKind::UnsupportedComponent => SUPPORTED_CALENDAR_COMPONENT,
        IcalErrorKind::TooLarge => MAX_RESOURCE_SIZE,
        IcalErrorKind::TooManyInstances => MAX_INSTANCES,
        IcalErrorKind::TooManyAttendees => MAX_ATTENDEES_PER_INSTANCE,
        IcalErrorKind::TooEarly => MIN_DATE_TIME,
        IcalErrorKind::TooLate => MAX_DATE_TIME,
    };
    DavError::from(condition).with_reason(&fault.message)
}

/// What to leave behind when a new booking is refused.
pub(super) fn on_refusal(profile: Profile) -> crate::booking::OnRefusal {
    match profile.way(About::New) {
        Way::AcceptAndDecline => crate::booking::OnRefusal::KeepDeclinedCopy,
        Way::Forbidden | Way::PreconditionFailed => crate::booking::OnRefusal::Refuse,
    }
}
