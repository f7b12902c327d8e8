//! When a component or a property lies in a time range: each row of the tables, as instants.
//!
//! Pure arithmetic; which row a component stands in, and when its instances are, is `span`'s work.
//! RFC 4791, sections 7.4 and 9.9; RFC 7953, section 7.2.2.

use crate::domain::time::{Instant, Period};

/// A VEVENT from `begin` to `end`, which its DTEND, its DURATION or the day of its date says; equal
/// where it has none of them or lasts no time.
pub(crate) fn event(range: Period, begin: Instant, end: Instant) -> bool {
    if end > begin { range.start < end && range.end > begin } else { instant(range, begin) }
}

/// What the rows for VTODO ask about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Todo {
    /// DTSTART.
    pub(crate) begin: Option<Instant>,
    /// DTSTART with DURATION.
    pub(crate) lasts_until: Option<Instant>,
    pub(crate) due: Option<Instant>,
    pub(crate) completed: Option<Instant>,
    pub(crate) created: Option<Instant>,
}

pub(crate) fn todo(range: Period, todo: Todo) -> bool {
    let Period { start, end } = range;
    match (todo.begin, todo.lasts_until, todo.due) {
        (Some(begin), _, Some(due)) => (start < due || start <= begin) && (end > begin || end >= due),
        (Some(begin), Some(until), None) => start <= until && (end > begin || end >= until),
        (Some(begin), None, None) => instant(range, begin),
        (None, _, Some(due)) => start < due && end >= due,
        (None, _, None) => match (todo.completed, todo.created) {
            (Some(completed), Some(created)) => {
                (start <= created || start <= completed) && (end >= created || end >= completed)
            }
            (Some(completed), None) => start <= completed && end >= completed,
            (None, Some(created)) => end > created,
            (None, None) => true,
        },
    }
}

/// A VJOURNAL: `day_ends` where its DTSTART is a date.
pub(crate) fn journal(range: Period, begin: Instant, day_ends: Option<Instant>) -> bool {
    day_ends.map_or_else(|| instant(range, begin), |end| range.start < end && range.end > begin)
}

/// A VFREEBUSY: by its DTSTART and DTEND if it has both, else by its FREEBUSY periods.
pub(crate) fn free_busy(
    range: Period,
    ends: Option<(Instant, Instant)>,
    mut periods: impl Iterator<Item = Period>,
) -> bool {
    match ends {
        Some((begin, end)) => range.start <= end && range.end > begin,
        None => periods.any(|period| range.start < period.end && range.end > period.start),
    }
}

/// A VAVAILABILITY: where it names no end it reaches on for ever.
pub(crate) fn availability(range: Period, begin: Option<Instant>, end: Option<Instant>) -> bool {
    end.is_none_or(|end| range.start < end) && begin.is_none_or(|begin| range.end > begin)
}

/// A VALARM that rings first at `first` and `repeats` times more, `pause` seconds apart.
pub(crate) fn alarm(range: Period, first: Instant, repeats: i64, pause: i64) -> bool {
    if instant(range, first) || first >= range.start || pause <= 0 {
        return instant(range, first);
    }
    // The first of the repetitions that is not before the range.
    let late = range.start.secs().saturating_sub(first.secs());
    let nth = late / pause + i64::from(late % pause != 0);
    nth <= repeats && first.plus(nth.saturating_mul(pause)) < range.end
}

/// The properties that name an instant.
pub(crate) fn instant(range: Period, at: Instant) -> bool {
    range.start <= at && range.end > at
}
