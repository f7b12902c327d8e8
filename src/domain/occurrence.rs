//! An occurrence as it is kept: what became of it in its room, and what it claims there.

use super::reason::Reason;
use super::recurrence::RecurrenceId;
use super::state::OccurrenceState;
use super::time::{Instant, Period};

/// Everything that is kept about one occurrence of a reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OccurrenceFacts {
    /// Which one of its reservation.
    pub id: RecurrenceId,
    /// The event's own time.
    pub period: Period,
    /// Whether it was written in whole days.
    pub all_day: bool,
    /// STATUS:TENTATIVE (R75).
    pub tentative: bool,
    /// What became of it.
    pub state: OccurrenceState,
    /// Why it is not confirmed.
    pub reason: Option<Reason>,
    /// Since when it has its place in the order of claims.
    pub claimed_at: Instant,
    /// When it ends by itself: a grace claim (R58), what waits for a manager (R71), what is tentative where that
    /// ends (R75). Of a cancelled one, from when on it is shown as such (R62). `None`: never.
    pub expires_at: Option<Instant>,
    /// The occupied range and the units it claims on each space of the room; `None` where it
    /// claims nothing.
    pub claim: Option<(Period, i64)>,
}
