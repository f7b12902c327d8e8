//! What other programs hand in as rows of the database: what becomes of one, and what may be wrong with it.
//!
//! `when` reads its times. Knows no tables; the sentences are in `text`. B-68.

mod when;

use super::reason::Reason;

pub use when::{When, moment};

/// What has become of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestState {
    /// Nobody has decided about it yet.
    Waiting,
    /// It has the room, on all its dates.
    Booked,
    /// It has the room on some of its dates (R54).
    PartlyBooked,
    /// A manager decides about it, or about some of its dates (R70).
    Held,
    /// What was to be cancelled is.
    Cancelled,
    /// Nothing was changed.
    Refused,
}

impl RequestState {
    /// As rows spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Booked => "booked",
            Self::PartlyBooked => "partly-booked",
            Self::Held => "held",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
        }
    }
}

/// What is wrong with a row, so that no rule is asked, or none can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No room has this name, or none that the organizer may know.
    NoRoom(String),
    /// Nobody has this login or address.
    NoPerson(String),
    /// That person's account is off.
    Disabled(String),
    /// No zone has this name.
    NoZone(String),
    /// This is no time.
    NoTime(String),
    /// This has an offset of its own, beside a zone.
    TwoClocks(String),
    /// One end is a day, the other a time.
    DayAndTime,
    /// It does not end after it begins.
    NoLength,
    /// The rule cannot be read, and why.
    BadRule(String),
    /// No calendar takes this event, and why.
    BadEvent(String),
    /// The organizer may not write into the calendar of this room.
    NotYours(String),
    /// More bookings of one person in an hour than L-65 allows.
    TooManyInAnHour,
    /// The calendar of this room takes no more (L-66).
    Full(String),
    /// Somebody was quicker.
    Taken(String),
    /// There is no such reservation, or none that the organizer may know.
    NoReservation(i64),
    /// It has no date that would start then, or had it.
    NoDate(String),
    /// A fault of the server's own, about which its log says more.
    Broken,
}

impl Fault {
    /// The code that goes with it (R151).
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::NoPerson(_) => Reason::External,
            Self::Disabled(_) | Self::NotYours(_) => Reason::NotAllowed,
            Self::TooManyInAnHour | Self::Full(_) => Reason::Quota,
            Self::Taken(_) => Reason::Busy,
            Self::NoRoom(_)
            | Self::NoZone(_)
            | Self::NoTime(_)
            | Self::TwoClocks(_)
            | Self::DayAndTime
            | Self::NoLength
            | Self::BadRule(_)
            | Self::BadEvent(_)
            | Self::NoReservation(_)
            | Self::NoDate(_)
            | Self::Broken => Reason::Invalid,
        }
    }
}
