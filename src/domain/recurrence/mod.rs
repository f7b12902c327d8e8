//! Recurrence: which occurrences an event has.
//!
//! The only code that turns a rule into occurrences (D-15), for claims, time ranges, free-busy
//! and mail alike. Knows no iCalendar text but a rule's own, and no rooms: only times.
//! RFC 5545, sections 3.3.10, 3.8.4.4 and 3.8.5; R10 to R20, R61; L-40 to L-47.

mod budget;
mod days;
mod extent;
mod library;
mod parse;
mod pin;
mod place;
mod rule;
mod series;
mod walls;

pub use budget::{Budget, ExpandError};
pub use parse::BadRule;
pub use rule::{Frequency, Rule, Until, WeekdayNumber};

use budget::Meter;
use place::Placing;

use super::event::{Event, Part, Status};
use super::time::{EventTime, Instant, Period, Zone};

/// Which occurrence of its event one is, whatever happened to its time since (R17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecurrenceId(Option<Instant>);

impl RecurrenceId {
    /// The one occurrence of an event that does not recur.
    pub const SINGLE: Self = Self(None);

    /// The instance that the rule (or RDATE) puts at this instant, or that an override names by it.
    #[must_use]
    pub const fn at(original_start: Instant) -> Self {
        Self(Some(original_start))
    }

    /// The original start; `None` for a single event.
    #[must_use]
    pub const fn instant(self) -> Option<Instant> {
        self.0
    }
}

impl From<Option<Instant>> for RecurrenceId {
    fn from(original_start: Option<Instant>) -> Self {
        Self(original_start)
    }
}

/// Which component of an [`Event`] describes an occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartRef {
    /// [`Event::master`].
    Master,
    /// An index into [`Event::overrides`]. With RANGE=THISANDFUTURE several occurrences share one.
    Override(usize),
}

impl PartRef {
    /// The component itself; `None` only if `event` is not the one that was expanded.
    #[must_use]
    pub fn part(self, event: &Event) -> Option<&Part> {
        match self {
            Self::Master => event.master.as_ref(),
            Self::Override(at) => event.overrides.get(at),
        }
    }
}

/// One occurrence of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Occurrence {
    /// Its key; distinct within one event.
    pub id: RecurrenceId,
    /// When it is, in UTC; empty if the event has no length (R18).
    pub period: Period,
    /// Whether it starts on a DATE.
    pub all_day: bool,
    /// What describes it.
    pub part: PartRef,
}

/// The stretch of time that all occurrences of an event lie in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// When the earliest starts.
    pub first: Instant,
    /// When the last has ended; `None` if there is no last one before 2100 (L-47) or finding it
    /// costs more than the budget.
    pub last: Option<Instant>,
}

/// The occurrences that ask for a room and touch `window`, by start: all but the cancelled (R28).
///
/// One touches the window if they share an instant, or if it is empty and starts inside.
/// `floating` is the zone in which dates and floating times are read (R12, R13).
/// Nothing is found from 2100 on (L-47).
///
/// # Errors
/// [`ExpandError`] if the budget does not suffice or a rule is below daily.
pub fn occurrences(
    event: &Event,
    floating: &Zone,
    window: Period,
    budget: &Budget,
) -> Result<Vec<Occurrence>, ExpandError> {
    let mut found = touching(event, floating, window, budget)?;
    found.retain(|occurrence| {
        occurrence.part.part(event).is_some_and(|part| part.status != Status::Cancelled)
    });
    within(found, budget)
}

/// As [`occurrences`], with the cancelled ones: what a time-range query finds
/// (RFC 4791, section 9.9, makes no difference by STATUS).
///
/// # Errors
/// As [`occurrences`].
pub fn all_occurrences(
    event: &Event,
    floating: &Zone,
    window: Period,
    budget: &Budget,
) -> Result<Vec<Occurrence>, ExpandError> {
    within(touching(event, floating, window, budget)?, budget)
}

/// The occurrence that originally starts at `at`, wherever it is now, cancelled or not (R17).
/// `None` if the event has none of that key, or is single.
///
/// # Errors
/// As [`occurrences`].
pub fn occurrence_of(
    event: &Event,
    at: Instant,
    floating: &Zone,
    budget: &Budget,
) -> Result<Option<Occurrence>, ExpandError> {
    let mut meter = Meter::new(budget);
    Placing::new(event, floating, &mut meter)?.known_by(event, at, &mut meter)
}

/// Where all occurrences lie, the cancelled included. Costs little for rules without end.
///
/// # Errors
/// [`ExpandError::NoInstances`] if there is none at all; otherwise as [`occurrences`].
pub fn extent(event: &Event, floating: &Zone, budget: &Budget) -> Result<Extent, ExpandError> {
    extent::extent(event, floating, &mut Meter::new(budget))
}

/// Whether the event means anything at all (B-11): `false` if one of its rules never has an
/// instance, not counting DTSTART, or if everything is excluded and there is no override.
///
/// # Errors
/// As [`occurrences`].
pub fn has_instances(event: &Event, floating: &Zone, budget: &Budget) -> Result<bool, ExpandError> {
    extent::has_instances(event, floating, &mut Meter::new(budget))
}

fn touching(
    event: &Event,
    floating: &Zone,
    window: Period,
    budget: &Budget,
) -> Result<Vec<Occurrence>, ExpandError> {
    let mut meter = Meter::new(budget);
    Placing::new(event, floating, &mut meter)?.touching(event, window, &mut meter)
}

/// L-41.
fn within(found: Vec<Occurrence>, budget: &Budget) -> Result<Vec<Occurrence>, ExpandError> {
    if found.len() > budget.max_instances {
        return Err(ExpandError::TooManyInstances(budget.max_instances));
    }
    Ok(found)
}

/// The instant by which an override of `event` is known: what its RECURRENCE-ID names, read as the
/// series reads it (R17).
#[must_use]
pub fn original_start(event: &Event, id: &EventTime, floating: &Zone) -> Instant {
    match &event.master {
        Some(master) => series::named(&master.start, id, &master.start.zone(floating), floating).1,
        None => id.instant(floating),
    }
}

#[cfg(test)]
mod tests;
