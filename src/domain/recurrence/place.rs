//! Puts overrides into a series: what each occurrence is in the end.
//!
//! An override replaces the instance it names (moved in or out of the window as may be), one
//! that names none is an extra (R20), and RANGE=THISANDFUTURE moves all that follow (R61).
//! RFC 5545, sections 3.2.13 and 3.8.4.4.

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use super::budget::{ExpandError, Meter};
use super::series::{Series, Start, most_secs, period};
use super::{Occurrence, PartRef, RecurrenceId};
use crate::domain::event::{Event, Part};
use crate::domain::time::{Instant, Period, Zone, wall_secs};

/// Seconds on both sides of what is asked for that zones and gaps may move an instance by.
const SLACK_SECS: i64 = 2 * 86_400;

/// Instants that expansion works with; beyond them `jiff`'s calendar may end.
const WORKABLE: (i64, i64) = (-30_000_000_000, 5_000_000_000);

/// An event made ready for expansion.
pub(super) struct Placing<'a> {
    pub(super) series: Option<Series<'a>>,
    recurs: bool,
    floating: &'a Zone,
    overrides: BTreeMap<Instant, Override<'a>>,
    /// Those with RANGE=THISANDFUTURE.
    ranges: BTreeMap<Instant, Shift>,
}

struct Override<'a> {
    part: &'a Part,
    index: usize,
}

/// What a THISANDFUTURE override does to the instances after it.
struct Shift {
    index: usize,
    zone: Zone,
    /// On the wall clock of `zone`.
    secs: i64,
}

impl<'a> Placing<'a> {
    pub(super) fn new(event: &'a Event, floating: &'a Zone, meter: &mut Meter) -> Result<Self, ExpandError> {
        let series = event.master.as_ref().map(|master| Series::new(master, floating, meter)).transpose()?;
        let mut placing = Self {
            series,
            recurs: event.recurs(),
            floating,
            overrides: BTreeMap::new(),
            ranges: BTreeMap::new(),
        };
        for (index, part) in event.overrides.iter().enumerate() {
            meter.pay(1)?;
            placing.add_override(index, part);
        }
        Ok(placing)
    }

    /// Of two overrides for one instance the later one counts; a PUT of such is refused (B-14).
    fn add_override(&mut self, index: usize, part: &'a Part) {
        let id = part.recurrence_id.as_ref().unwrap_or(&part.start);
        let (wall, key) = match &self.series {
            Some(series) => series.read(id),
            None => (id.wall(), id.instant(self.floating)),
        };
        if part.this_and_future {
            let zone = part.start.zone(self.floating);
            // The series' own wall clock may lie in a gap, which the instant forgets.
            let is_own = self.series.as_ref().is_some_and(|series| series.zone == zone);
            let from = if is_own { wall } else { zone.to_local(key) };
            let secs = wall_secs(part.start.wall()) - wall_secs(from);
            self.ranges.insert(key, Shift { index, zone, secs });
        }
        self.overrides.insert(key, Override { part, index });
    }

    /// Every occurrence that touches `window`, cancelled ones too, by start.
    pub(super) fn touching(
        &self,
        event: &Event,
        window: Period,
        meter: &mut Meter,
    ) -> Result<Vec<Occurrence>, ExpandError> {
        let mut found = self.overridden();
        if let Some(series) = &self.series {
            let longest = self.ranges.values().filter_map(|shift| event.overrides.get(shift.index));
            let longest = longest.map(|part| most_secs(part.length)).fold(series.longest(), i64::max);
            let shift = self.ranges.values().map(|shift| shift.secs.saturating_abs()).max().unwrap_or(0);
            let slack = SLACK_SECS.saturating_add(shift);
            let from = clamp(window.start.plus(slack.saturating_add(longest).saturating_neg()));
            let to = clamp(window.end.plus(slack));
            found.extend(self.placed(event, series.zone.to_local(from), series.zone.to_local(to), meter)?);
        }
        found.retain(|occurrence| touches(&occurrence.period, &window));
        found.sort_by_key(|occurrence| (occurrence.period, occurrence.id));
        Ok(found)
    }

    /// The one occurrence whose key is `at`, wherever it was moved to.
    pub(super) fn known_by(
        &self,
        event: &Event,
        at: Instant,
        meter: &mut Meter,
    ) -> Result<Option<Occurrence>, ExpandError> {
        let is_it = |occurrence: &Occurrence| occurrence.id.instant() == Some(at);
        if self.overrides.contains_key(&at) {
            return Ok(self.overridden().into_iter().find(is_it));
        }
        let Some(series) = &self.series else { return Ok(None) };
        let wall = |secs| series.zone.to_local(clamp(at.plus(secs)));
        let near = self.placed(event, wall(-SLACK_SECS), wall(SLACK_SECS), meter)?;
        Ok(near.into_iter().find(is_it))
    }

    /// What no override names, by the original start: rules' instances that originally start in
    /// `from..=to`, and all of DTSTART and the RDATEs.
    pub(super) fn placed(
        &self,
        event: &Event,
        from: DateTime,
        to: DateTime,
        meter: &mut Meter,
    ) -> Result<Vec<Occurrence>, ExpandError> {
        let Some(series) = &self.series else { return Ok(Vec::new()) };
        let starts = series.starts(from, to, meter)?;
        let left = starts.iter().filter(|start| !self.overrides.contains_key(&start.at));
        Ok(left.map(|start| self.place(event, series, start)).collect())
    }

    fn place(&self, event: &Event, series: &Series<'_>, start: &Start) -> Occurrence {
        let id = if self.recurs { RecurrenceId::at(start.at) } else { RecurrenceId::SINGLE };
        let shift = self.ranges.range(..start.at).next_back().map(|(_, shift)| shift);
        let shifted = shift.and_then(|shift| Some((shift, event.overrides.get(shift.index)?)));
        if let Some((shift, part)) = shifted {
            let wall = if shift.zone == series.zone { start.wall } else { shift.zone.to_local(start.at) };
            let moved = wall.checked_add(jiff::SignedDuration::from_secs(shift.secs)).unwrap_or(wall);
            let at = shift.zone.to_instant(moved);
            return Occurrence {
                id,
                period: period(at, part.length.end(moved, &shift.zone)),
                all_day: part.start.is_date(),
                part: PartRef::Override(shift.index),
            };
        }
        let all_day = event.master.as_ref().is_some_and(|master| master.start.is_date());
        Occurrence { id, period: series.period(start), all_day, part: PartRef::Master }
    }

    /// The overrides, each at its own time.
    pub(super) fn overridden(&self) -> Vec<Occurrence> {
        let one = |(key, Override { part, index }): (&Instant, &Override<'_>)| {
            let id = part.recurrence_id.as_ref().map_or(RecurrenceId::SINGLE, |_| RecurrenceId::at(*key));
            Occurrence {
                id,
                period: period(
                    part.start.instant(self.floating),
                    part.length.end_from(&part.start, self.floating),
                ),
                all_day: part.start.is_date(),
                part: PartRef::Override(*index),
            }
        };
        self.overrides.iter().map(one).collect()
    }

    /// Whether instances are shifted, so that their order is not that of their keys.
    pub(super) fn has_ranges(&self) -> bool {
        !self.ranges.is_empty()
    }
}

fn clamp(at: Instant) -> Instant {
    Instant::from_secs(at.secs().clamp(WORKABLE.0, WORKABLE.1))
}

/// Shares an instant with `window`, or is empty and starts inside it.
fn touches(period: &Period, window: &Period) -> bool {
    period.overlaps(window)
        || period.start == period.end && window.start <= period.start && period.start < window.end
}
