//! Preconditions of CalDAV, one line each.
//!
//! RFC 4791, sections 1.3, 5.3, 7.8 and 7.9; RFC 6638, sections 3.2.4, 4.3.1 and 5.2.1; RFC 7809;
//! RFC 8607, section 3.11.

use http::StatusCode;

use crate::dav::DavError;
use crate::dav::condition::Condition;
use crate::dav::name::{CALDAV, Name, PUSH};
use crate::ical::{IcalError, IcalErrorKind};

const fn caldav(local: &'static str, status: StatusCode, spec: &'static str) -> Condition {
    Condition::new(Name::new(CALDAV, local), status, spec)
}

const PUT: &str = "RFC 4791, section 5.3.2.1";
const ATTACHMENTS: &str = "RFC 8607, section 3.11";
const NO: StatusCode = StatusCode::FORBIDDEN;

const fn push(local: &'static str) -> Condition {
    Condition::new(Name::new(PUSH, local), NO, "WebDAV-Push")
}

/// What is to be registered is no push subscription that messages can be sent to.
pub const INVALID_SUBSCRIPTION: Condition = push("invalid-subscription");
/// Messages are not sent about this, or this person has registered enough.
pub const PUSH_NOT_AVAILABLE: Condition = push("push-not-available");
/// Nothing that is asked for is told.
pub const NO_SUPPORTED_TRIGGER: Condition = push("no-supported-trigger");

/// The body is not of a media type that is kept here.
pub const SUPPORTED_CALENDAR_DATA: Condition =
    caldav("supported-calendar-data", StatusCode::UNSUPPORTED_MEDIA_TYPE, PUT);
/// The text is not iCalendar.
pub const VALID_CALENDAR_DATA: Condition = caldav("valid-calendar-data", NO, PUT);
/// It is iCalendar, but no single calendar object.
pub const VALID_CALENDAR_OBJECT_RESOURCE: Condition = caldav("valid-calendar-object-resource", NO, PUT);
/// A kind of component that this calendar does not take.
pub const SUPPORTED_CALENDAR_COMPONENT: Condition = caldav("supported-calendar-component", NO, PUT);
/// The UID is in this collection under another name; names it.
pub const NO_UID_CONFLICT: Condition = caldav("no-uid-conflict", StatusCode::CONFLICT, PUT);
/// More octets than announced.
pub const MAX_RESOURCE_SIZE: Condition = caldav("max-resource-size", NO, PUT);
/// A free-busy request names another person as the one who asks.
pub const VALID_ORGANIZER: Condition = caldav("valid-organizer", NO, "RFC 6638, section 5.2.2");
/// A date before the first that is kept.
pub const MIN_DATE_TIME: Condition = caldav("min-date-time", NO, PUT);
/// A date after the last that is kept.
pub const MAX_DATE_TIME: Condition = caldav("max-date-time", NO, PUT);
/// More instances than announced.
pub const MAX_INSTANCES: Condition = caldav("max-instances", NO, PUT);
/// More attendees than announced.
pub const MAX_ATTENDEES_PER_INSTANCE: Condition = caldav("max-attendees-per-instance", NO, PUT);
/// Calendars do not lie inside calendars, nor where none may be.
pub const CALENDAR_COLLECTION_LOCATION_OK: Condition =
    caldav("calendar-collection-location-ok", NO, "RFC 4791, section 5.3.1.1");
/// The time zone's name is not one that is known.
pub const VALID_TIMEZONE: Condition = caldav("valid-timezone", NO, "RFC 7809, section 3.1.5");
/// The filter is not one that RFC 4791 allows, or is over L-29 or L-52.
pub const VALID_FILTER: Condition = caldav("valid-filter", NO, "RFC 4791, section 7.8");
/// The filter asks for what cannot be asked here.
pub const SUPPORTED_FILTER: Condition = caldav("supported-filter", NO, "RFC 4791, section 7.8");
/// A collation that is not known.
pub const SUPPORTED_COLLATION: Condition = caldav("supported-collation", NO, "RFC 4791, section 7.5.1");
/// A destination that is no calendar, or none that may be one (RFC 6638).
pub const VALID_SCHEDULE_DEFAULT_CALENDAR_URL: Condition =
    caldav("valid-schedule-default-calendar-URL", NO, "RFC 6638, section 4.3.1.2");
/// The calendar that invitations go to is not removed.
pub const DEFAULT_CALENDAR_NEEDED: Condition =
    caldav("default-calendar-needed", NO, "RFC 6638, section 4.3.1.1");
/// The same UID is scheduled in another personal calendar of this person; names it.
pub const UNIQUE_SCHEDULING_OBJECT_RESOURCE: Condition =
    caldav("unique-scheduling-object-resource", NO, "RFC 6638, section 3.2.4.1");
/// All parts of an object have one organizer.
pub const SAME_ORGANIZER_IN_ALL_COMPONENTS: Condition =
    caldav("same-organizer-in-all-components", NO, "RFC 6638, section 3.2.4.2");
/// This organizer is somebody whom the writer may not act for (D-36).
pub const ALLOWED_ORGANIZER_SCHEDULING_OBJECT_CHANGE: Condition =
    caldav("allowed-organizer-scheduling-object-change", NO, "RFC 6638, section 3.2.4.3");
/// An attendee changes what only the organizer may.
pub const ALLOWED_ATTENDEE_SCHEDULING_OBJECT_CHANGE: Condition =
    caldav("allowed-attendee-scheduling-object-change", NO, "RFC 6638, section 3.2.4.4");
/// An attachment of more octets than announced.
pub const MAX_ATTACHMENT_SIZE: Condition = caldav("max-attachment-size", NO, ATTACHMENTS);
/// One attachment more than announced.
pub const MAX_ATTACHMENTS_PER_RESOURCE: Condition = caldav("max-attachments-per-resource", NO, ATTACHMENTS);
/// A POST to an object asks for nothing that there is.
pub const VALID_ACTION: Condition = caldav("valid-action", NO, ATTACHMENTS);
/// It names dates that the object has not, or must not name any.
pub const VALID_RID: Condition = caldav("valid-rid", NO, ATTACHMENTS);
/// It names an attachment that the object has not, or must not name one.
pub const VALID_MANAGED_ID: Condition = caldav("valid-managed-id", NO, ATTACHMENTS);
/// A text names an attachment that is not the writer's to name.
pub const VALID_MANAGED_ID_PARAMETER: Condition = caldav("valid-managed-id-parameter", NO, ATTACHMENTS);
/// The body of an outbox POST is not a scheduling message.
pub const VALID_SCHEDULING_MESSAGE: Condition =
    caldav("valid-scheduling-message", NO, "RFC 6638, section 5.2");

/// The precondition that a fault in iCalendar text breaks (RFC 4791, section 5.3.2.1).
#[must_use]
pub fn of(kind: IcalErrorKind) -> Condition {
    match kind {
        IcalErrorKind::NotCalendarData => VALID_CALENDAR_DATA,
        IcalErrorKind::NotCalendarObject => VALID_CALENDAR_OBJECT_RESOURCE,
        IcalErrorKind::UnknownTimezone => VALID_TIMEZONE,
        IcalErrorKind::UnsupportedComponent => SUPPORTED_CALENDAR_COMPONENT,
        IcalErrorKind::TooLarge => MAX_RESOURCE_SIZE,
        IcalErrorKind::TooManyInstances => MAX_INSTANCES,
        IcalErrorKind::TooManyAttendees => MAX_ATTENDEES_PER_INSTANCE,
        IcalErrorKind::TooEarly => MIN_DATE_TIME,
        IcalErrorKind::TooLate => MAX_DATE_TIME,
    }
}

impl From<IcalError> for DavError {
    /// The refusal of a body; the message, which quotes no value, becomes the reason phrase.
    fn from(fault: IcalError) -> Self {
        Self::from(of(fault.kind)).with_reason(&fault.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dav::ReasonPhrase;

    #[test]
    fn a_fault_in_a_text_is_refused_by_its_precondition() {
        // B-01, B-03, L-30.
        for (kind, local) in [
            (IcalErrorKind::NotCalendarData, "valid-calendar-data"),
            (IcalErrorKind::NotCalendarObject, "valid-calendar-object-resource"),
            (IcalErrorKind::UnknownTimezone, "valid-timezone"),
            (IcalErrorKind::TooLarge, "max-resource-size"),
            (IcalErrorKind::TooManyInstances, "max-instances"),
        ] {
            let refusal = DavError::from(IcalError::new(kind, "line 3 is\r\nbroken"));
            assert_eq!(refusal.status, NO);
            assert!(refusal.body().is_some_and(|body| body.contains(&format!("<C:{local} "))), "{local}");
            assert_eq!(refusal.reason.as_ref().map(ReasonPhrase::as_str), Some("line 3 isbroken"));
        }
    }
}
