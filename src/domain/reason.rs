//! Why a room was not given: the stable reason codes (R151) and what goes with one.
//!
//! Knows no protocol: which status or condition a reason becomes is decided where answers are made.

use super::id::{OccurrenceId, ReservationId, UserId};
use super::recurrence::RecurrenceId;
use super::time::Period;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $rule:literal;)*) => {
        /// A stable reason code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        impl Reason {
            /// Every reason, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as audit rows, listings and the element of a refusal spell it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The number of the rule that gives this reason.
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self { $(Self::$name => $rule,)* }
            }

            /// The reason with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.code() == code)
            }
        }
    };
}

reasons! {
    /// Somebody else has the room.
    Busy = "busy", "R1";
    /// The room is closed for that time.
    Blocked = "blocked", "R91";
    /// Outside opening hours.
    ClosedHours = "closed-hours", "R93";
    /// The room takes no bookings at all.
    ClosedRoom = "closed-room", "R40";
    /// This person may not do this.
    NotAllowed = "not-allowed", "R40";
    /// The organizer has no account here.
    External = "external", "R40";
    /// Less notice than the room asks for.
    TooSoon = "too-soon", "R40";
    /// Beyond the room's window.
    TooFar = "too-far", "R63";
    /// Shorter than the room allows.
    TooShort = "too-short", "R40";
    /// Longer than the room allows.
    TooLong = "too-long", "R40";
    /// Over before now.
    Past = "past", "R31";
    /// Does not start on the room's slot grid.
    Grid = "grid", "R40";
    /// The room takes no series.
    NoRecurrence = "no-recurrence", "R40";
    /// More bookings than allowed.
    Quota = "quota", "R44";
    /// More people than seats.
    Seats = "seats", "R43";
    /// Another room of the same event was not free.
    MultiRoom = "multi-room", "R76";
    /// The series overlaps itself.
    SelfOverlap = "self-overlap", "R33";
    /// The UID belongs to another organizer in this room.
    Duplicate = "duplicate", "R32";
    /// No length, or a form that cannot be booked.
    Invalid = "invalid", "R18";
    /// Nobody approved in time.
    NotApproved = "not-approved", "R71";
    /// Given back, or ended early.
    Released = "released", "R87";
    /// Nobody checked in.
    NoShow = "no-show", "R95";
    /// Lost to a block or a change of data.
    Displaced = "displaced", "R92";
    /// The organizer is gone.
    Orphaned = "orphaned", "R90";
    /// Cancelled by somebody with the right to.
    Cancelled = "cancelled", "R28";
    /// Cancelled after the deadline.
    LateCancel = "late-cancel", "R88";
}

impl Reason {
    /// Whether it may hold of one date while others are given: what policy, blocks and bookings in the
    /// way say (steps 4 and 5 of section 5), and another room's refusal of the same date (R76).
    #[must_use]
    pub const fn is_of_a_date(self) -> bool {
        match self {
            Self::Busy
            | Self::Blocked
            | Self::ClosedHours
            | Self::TooSoon
            | Self::TooFar
            | Self::TooShort
            | Self::TooLong
            | Self::Grid
            | Self::NoRecurrence
            | Self::Quota
            | Self::Seats
            | Self::MultiRoom => true,
            Self::ClosedRoom
            | Self::NotAllowed
            | Self::External
            | Self::Past
            | Self::SelfOverlap
            | Self::Duplicate
            | Self::Invalid
            | Self::NotApproved
            | Self::Released
            | Self::NoShow
            | Self::Displaced
            | Self::Orphaned
            | Self::Cancelled
            | Self::LateCancel => false,
        }
    }
}

/// One occurrence that was not given, and everything a sentence about it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub reason: Reason,
    /// Which occurrence.
    pub id: RecurrenceId,
    /// The event's own time, buffers not included.
    pub period: Period,
    /// Whether it was written in whole days.
    pub all_day: bool,
    /// The occurrence in the way, for `Busy`.
    pub conflict: Option<Conflict>,
    /// The bound that was passed: seconds for durations, notice and the grid, the instant in seconds
    /// for the window, the seats, and for quotas the [`Limit`](super::quota::Limit) by its code.
    pub bound: Option<i64>,
}

/// The occurrence in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Its key; for the audit, never shown.
    pub occurrence: OccurrenceId,
    /// Its reservation, which says in which room's calendar it is shown.
    pub reservation: ReservationId,
    /// Whose it is. Named to the asker only if the room calendar shows him (R105).
    pub holder: UserId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_read_back() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(*reason));
        }
    }
}
