//! Where an event's occurrences begin and end, and whether there is any.
//!
//! Looks near both ends first and widens the search only if nothing is left there, so rules
//! without end and long ones cost little. R17, B-11, L-43, L-47.

use jiff::civil::DateTime;

use super::budget::{END_OF_TIME, ExpandError, Meter};
use super::place::Placing;
use super::{Extent, Occurrence};
use crate::domain::event::Event;
use crate::domain::time::Zone;

/// How far from an end to look, in days, before everything is looked at.
const REACHES: [i64; 3] = [40, 400, 4_000];

pub(super) fn extent(event: &Event, floating: &Zone, meter: &mut Meter) -> Result<Extent, ExpandError> {
    let placing = Placing::new(event, floating, meter)?;
    let mut near_start = placing.overridden();
    near_start.extend(first(event, &placing, meter)?);
    let first = near_start.iter().map(|occurrence| occurrence.period.start).min();
    let first = first.ok_or(ExpandError::NoInstances)?;
    let last = match last(event, &placing, meter) {
        Ok(near_end) => near_end.map(|near_end| {
            let both = near_start.iter().chain(&near_end);
            both.map(|occurrence| occurrence.period.end).fold(first, Ord::max)
        }),
        // Then there is an end, but it is too far to find: as good as none.
        Err(ExpandError::TooManySteps(_) | ExpandError::TooSlow(_)) => None,
        Err(error) => return Err(error),
    };
    Ok(Extent { first, last })
}

pub(super) fn has_instances(event: &Event, floating: &Zone, meter: &mut Meter) -> Result<bool, ExpandError> {
    let placing = Placing::new(event, floating, meter)?;
    if let Some(series) = &placing.series
        && !series.rules_have_instances(meter)?
    {
        return Ok(false);
    }
    Ok(!placing.overridden().is_empty() || !first(event, &placing, meter)?.is_empty())
}

/// Occurrences of the series that include the earliest.
///
/// A THISANDFUTURE override keeps order among the instances that it shifts, and is itself the
/// first of them, so instances further on need not be looked at.
fn first(event: &Event, placing: &Placing<'_>, meter: &mut Meter) -> Result<Vec<Occurrence>, ExpandError> {
    let Some((series, master)) = placing.series.as_ref().zip(event.master.as_ref()) else {
        return Ok(Vec::new());
    };
    let start = master.start.wall();
    for reach in REACHES {
        let to = moved(start, reach);
        let found = placing.placed(event, start, to, meter)?;
        let to = series.zone.to_instant(to);
        if found.iter().any(|occurrence| occurrence.id.instant().is_none_or(|at| at <= to)) {
            return Ok(found);
        }
    }
    placing.placed(event, start, END_OF_TIME, meter)
}

/// Occurrences of the series that include the latest; `None` if there is none before 2100.
fn last(
    event: &Event,
    placing: &Placing<'_>,
    meter: &mut Meter,
) -> Result<Option<Vec<Occurrence>>, ExpandError> {
    let Some((series, master)) = placing.series.as_ref().zip(event.master.as_ref()) else {
        return Ok(Some(Vec::new()));
    };
    let Some(bound) = series.bound(meter)? else { return Ok(None) };
    let start = master.start.wall();
    // Of instances shifted by different overrides, the last need not be the latest.
    let reaches = if placing.has_ranges() { &[][..] } else { &REACHES[..] };
    for reach in reaches {
        let from = moved(bound, -reach).max(start);
        let found = placing.placed(event, from, bound, meter)?;
        let from = series.zone.to_instant(from);
        if found.iter().any(|occurrence| occurrence.id.instant().is_none_or(|at| at >= from)) {
            return Ok(Some(found));
        }
    }
    placing.placed(event, start, bound, meter).map(Some)
}

fn moved(wall: DateTime, days: i64) -> DateTime {
    wall.saturating_add(jiff::Span::new().days(days))
}
