//! An event as the house understands it: what one calendar object says about when,
//! who and what, without its text.
//!
//! Built by `ical`, read by `recurrence`, `judge` and `booking`. Knows no iCalendar syntax.
//! RFC 5545, sections 3.6.1 and 3.8.2.7; RFC 4791, section 4.1.

use super::attendee::{Address, Attendee};
use super::id::Uid;
use super::recurrence::Rule;
use super::time::{EventTime, Length};

/// One VEVENT object: a master with its overrides, or overrides alone (R20).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Shared by all parts.
    pub uid: Uid,
    /// `None` where only single instances are known (RFC 6638, section 3.2.6).
    pub master: Option<Part>,
    /// Each with a `recurrence_id`.
    pub overrides: Vec<Part>,
}

impl Event {
    /// The part that speaks for the whole: the master, else the first override.
    #[must_use]
    pub fn first(&self) -> Option<&Part> {
        self.master.as_ref().or_else(|| self.overrides.first())
    }

    /// Every part, the master first.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.master.iter().chain(&self.overrides)
    }

    /// Whether anybody is invited to any of it.
    #[must_use]
    pub fn has_attendees(&self) -> bool {
        self.parts().any(|part| !part.attendees.is_empty())
    }

    /// Whether all of it is cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.parts().all(|part| part.status == Status::Cancelled)
    }

    /// Whether the master recurs (a rule or extra dates).
    #[must_use]
    pub fn recurs(&self) -> bool {
        self.master.as_ref().is_some_and(Part::recurs)
    }
}

/// One VEVENT component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which instance this overrides; `None` on a master.
    pub recurrence_id: Option<EventTime>,
    /// RANGE=THISANDFUTURE on the recurrence-id (R61).
    pub this_and_future: bool,
    /// DTSTART.
    pub start: EventTime,
    /// From DTEND or DURATION (R16).
    pub length: Length,
    /// RRULE properties.
    pub rules: Vec<Rule>,
    /// EXRULE properties (RFC 2445), which some clients still send.
    pub except_rules: Vec<Rule>,
    /// RDATE values.
    pub dates: Vec<ExtraDate>,
    /// EXDATE values.
    pub exceptions: Vec<EventTime>,
    /// STATUS.
    pub status: Status,
    /// CLASS.
    pub class: Class,
    /// TRANSP:TRANSPARENT. Decides nothing about claims (R29).
    pub transparent: bool,
    /// CATEGORIES contains NOTE (R29).
    pub note: bool,
    /// SEQUENCE; 0 when absent.
    pub sequence: i64,
    /// SUMMARY, unescaped; empty when absent.
    pub summary: String,
    /// LOCATION, unescaped; empty when absent.
    pub location: String,
    /// ORGANIZER.
    pub organizer: Option<Address>,
    /// ATTENDEE properties in order.
    pub attendees: Vec<Attendee>,
    /// RELATED-TO values (R62).
    pub related_to: Vec<String>,
    /// X-ROOM-UNITS (R80); 1 when absent.
    pub units: i64,
    /// X-ROOM-POLICY:ATOMIC (R76).
    pub atomic: bool,
}

impl Part {
    /// Only a time: confirmed, public, of nobody.
    #[must_use]
    pub const fn plain(start: EventTime, length: Length) -> Self {
        Self {
            recurrence_id: None,
            this_and_future: false,
            start,
            length,
            rules: Vec::new(),
            except_rules: Vec::new(),
            dates: Vec::new(),
            exceptions: Vec::new(),
            status: Status::Confirmed,
            class: Class::Public,
            transparent: false,
            note: false,
            sequence: 0,
            summary: String::new(),
            location: String::new(),
            organizer: None,
            attendees: Vec::new(),
            related_to: Vec::new(),
            units: 1,
            atomic: false,
        }
    }

    /// Whether this part has a rule or extra dates.
    #[must_use]
    pub fn recurs(&self) -> bool {
        !self.rules.is_empty() || !self.dates.is_empty()
    }
}

/// An RDATE value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExtraDate {
    /// A start; the length is the master's.
    Start(EventTime),
    /// VALUE=PERIOD: brings its own length.
    Period(EventTime, Length),
}

/// STATUS of a VEVENT.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// CONFIRMED, or absent.
    #[default]
    Confirmed,
    /// TENTATIVE: asks for a room like CONFIRMED (R28).
    Tentative,
    /// CANCELLED: asks for nothing and releases (R28).
    Cancelled,
}

/// CLASS (RFC 5545, section 3.8.1.3); unknown values count as PRIVATE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Class {
    /// PUBLIC, or absent.
    #[default]
    Public,
    /// PRIVATE.
    Private,
    /// CONFIDENTIAL.
    Confidential,
}
