//! What can be wrong with iCalendar text, in this layer's words.
//!
//! The kinds stand one to one beside the preconditions of RFC 4791, section 5.3.2.1, and RFC 7809;
//! which answer a client gets for one is decided above. Knows no HTTP.

use crate::domain::recurrence::ExpandError;

/// What is wrong; the caller's answer depends on this alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IcalErrorKind {
    /// The text breaks the grammar or a value breaks its type (`valid-calendar-data`).
    NotCalendarData,
    /// Good iCalendar, but not one calendar object resource: METHOD, two UIDs, a negative
    /// length (`valid-calendar-object-resource`; RFC 4791, section 4.1).
    NotCalendarObject,
    /// A TZID that neither our data nor the text explains, or a VTIMEZONE that explains nothing
    /// (`valid-timezone`; RFC 7809, section 3.1.4).
    UnknownTimezone,
    /// A component that this server does not keep (`supported-calendar-component`).
    UnsupportedComponent,
    /// More bytes than L-30 (`max-resource-size`).
    TooLarge,
    /// More instances, or more work to find them, than L-40 to L-45 (`max-instances`).
    TooManyInstances,
    /// More attendees than L-34 (`max-attendees-per-instance`).
    TooManyAttendees,
    /// A date before the first of L-47 (`min-date-time`).
    TooEarly,
    /// A date at or after the last of L-47 (`max-date-time`).
    TooLate,
}

/// Why a text was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct IcalError {
    /// Which rule it breaks.
    pub kind: IcalErrorKind,
    /// Where and what, for people; quotes at most a property's name, never its value.
    pub message: String,
}

impl IcalError {
    /// An error of `kind` with a sentence for people.
    #[must_use]
    pub fn new(kind: IcalErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// Shorthand for [`IcalErrorKind::NotCalendarData`].
    pub(crate) fn data(message: impl Into<String>) -> Self {
        Self::new(IcalErrorKind::NotCalendarData, message)
    }

    /// Shorthand for [`IcalErrorKind::UnknownTimezone`].
    pub(crate) fn timezone(message: impl Into<String>) -> Self {
        Self::new(IcalErrorKind::UnknownTimezone, message)
    }

    /// Shorthand for [`IcalErrorKind::NotCalendarObject`].
    pub(crate) fn object(message: impl Into<String>) -> Self {
        Self::new(IcalErrorKind::NotCalendarObject, message)
    }
}

impl From<ExpandError> for IcalError {
    /// For whoever expands an object that is about to be stored (L-40 to L-44, B-10, B-11).
    fn from(cause: ExpandError) -> Self {
        let kind = match cause {
            ExpandError::TooManyInstances(_)
            | ExpandError::TooManySteps(_)
            | ExpandError::TooSlow(_)
            | ExpandError::BelowDaily => IcalErrorKind::TooManyInstances,
            ExpandError::NoInstances => IcalErrorKind::NotCalendarObject,
        };
        Self::new(kind, cause.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expansion_that_fails_has_its_precondition() {
        let kind = |cause| IcalError::from(cause).kind;
        assert_eq!(kind(ExpandError::BelowDaily), IcalErrorKind::TooManyInstances, "L-40");
        assert_eq!(kind(ExpandError::TooManySteps(1)), IcalErrorKind::TooManyInstances, "L-43");
        assert_eq!(kind(ExpandError::NoInstances), IcalErrorKind::NotCalendarObject, "B-11");
    }
}
