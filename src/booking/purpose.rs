//! Why a member is written: what is judged, told and kept of a write hangs on it.
//!
//! Knows neither text nor rooms. R53, R57, R65, R90.

use crate::domain::id::ReservationId;
use crate::domain::recurrence::RecurrenceId;

/// Why a member is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A person wants it so.
    Write,
    /// A series that goes on is claimed further (R65).
    Extend,
    /// What became of its occurrences is to be shown.
    Refresh,
    /// It is somebody else's from now on, with the dates that it has (R90).
    HandOver,
    /// A date that was refused is asked for once more (R53).
    Take(Waiting),
}

/// A date that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) reservation: ReservationId,
    pub(super) occurrence: RecurrenceId,
}
