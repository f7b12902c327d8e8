//! VAVAILABILITY: when somebody can be had at all, and what that makes of the rest of the time.
//!
//! How the components lie over each other is computed here; where they are kept, and how opening
//! hours become one, is not known. RFC 7953, sections 3, 3.1, 3.2, 4, 5, 7.2.4 and 8.

use bytes::Bytes;

use super::error::{IcalError, IcalErrorKind};
use super::free_busy::{Busy, BusyKind};
use super::limits::Limits;
use super::object::{CalendarObject, ComponentKind};
use super::tree::Component;
use super::{checks, parse};
use crate::domain::event::Event;
use crate::domain::recurrence::{self, Budget, ExpandError, all_occurrences};
use crate::domain::time::{Instant, Period, Zone};

/// Reads the value of `CALDAV:calendar-availability`: an object with one VAVAILABILITY whose
/// AVAILABLEs can be expanded.
///
/// # Errors
/// [`IcalError`], with the first thing found wrong.
pub fn read(text: Bytes, limits: &Limits) -> Result<CalendarObject, IcalError> {
    let object = CalendarObject::parse(text, limits)?;
    if object.component() != ComponentKind::Availability {
        let message = format!("a {} is no availability", object.component().as_str());
        return Err(IcalError::new(IcalErrorKind::UnsupportedComponent, message));
    }
    if object.parts().count() != 1 {
        return Err(IcalError::object("the object has more than one VAVAILABILITY"));
    }
    Ok(object)
}

/// What is wrong with the VAVAILABILITYs of an object, beyond what is asked of every component.
pub(crate) fn check(object: &CalendarObject, limits: &Limits) -> Result<(), IcalError> {
    for component in object.parts() {
        if let (Some(start), Some(end)) = (object.date(component, "DTSTART"), object.date(component, "DTEND"))
        {
            parse::between(&start, &end, "DTEND")?;
        }
        for child in component.children() {
            if child.name() != "AVAILABLE" && !child.name().starts_with("X-") {
                return Err(IcalError::object(format!("a {} is not part of a VAVAILABILITY", child.name())));
            }
        }
        for group in groups(component) {
            checks::uid(group.iter().copied(), limits)?;
            for part in &group {
                checks::component(*part, limits)?;
            }
            let event = series(object, &group, limits)?;
            recurrence::extent(&event, &Zone::utc(), &Budget::default())?;
        }
    }
    Ok(())
}

/// The AVAILABLEs of a VAVAILABILITY: those of one UID are an instance set with its overrides.
pub(crate) fn groups(component: Component<'_>) -> Vec<Vec<Component<'_>>> {
    let mut groups: Vec<(Option<String>, Vec<Component<'_>>)> = Vec::new();
    for part in component.children().filter(|child| child.name() == "AVAILABLE") {
        let uid = part.text("UID");
        match groups.iter_mut().find(|(of, _)| *of == uid) {
            Some((_, parts)) => parts.push(part),
            None => groups.push((uid, vec![part])),
        }
    }
    groups.into_iter().map(|(_, parts)| parts).collect()
}

pub(crate) fn series(
    object: &CalendarObject,
    group: &[Component<'_>],
    limits: &Limits,
) -> Result<Event, IcalError> {
    parse::event(object.uid().clone(), group.iter().copied(), object.zones(), limits)
}

/// What laying one component over the others costs, in instances.
const LAYER: usize = 50;

/// The time inside `window` that these objects together say nobody can be had in, cut at its ends,
/// ascending. Floating times of each are read in the zone beside it.
///
/// # Errors
/// [`ExpandError`] if they cost more than the budget.
pub fn unavailable<'a>(
    objects: impl IntoIterator<Item = (&'a CalendarObject, &'a Zone)>,
    window: Period,
    budget: &Budget,
) -> Result<Vec<Busy>, ExpandError> {
    let mut layers: Vec<(u8, (&CalendarObject, &Zone), Component<'_>)> = Vec::new();
    for (object, zone) in objects {
        if object.component() == ComponentKind::Availability {
            layers.extend(object.parts().map(|component| (rank(component), (object, zone), component)));
        }
    }
    // Of two of one priority the later one decides.
    layers.sort_by_key(|(rank, _, _)| *rank);
    let mut busy: Vec<Busy> = Vec::new();
    let mut left = budget.max_instances;
    for (index, (_, (object, floating), component)) in layers.into_iter().enumerate() {
        if index > 0 {
            let too_many = ExpandError::TooManyInstances(budget.max_instances);
            left = left.checked_sub(LAYER).ok_or(too_many)?;
        }
        let Some(range) = range_of(object, component, floating, window) else { continue };
        let Some(open) = open(object, component, floating, range, budget, &mut left)? else { continue };
        busy = without(&busy, range);
        let kind = kind(component);
        busy.extend(rest(range, &open).map(|period| Busy { period, kind }));
        busy.sort_unstable();
    }
    Ok(busy)
}

/// Layers by rising weight: 0 is undefined and counts least, then 9 down to 1.
fn rank(component: Component<'_>) -> u8 {
    let priority = component.get("PRIORITY").and_then(|value| value.value().trim().parse::<u8>().ok());
    match priority {
        Some(priority @ 1..=9) => 10 - priority,
        _ => 0,
    }
}

fn kind(component: Component<'_>) -> BusyKind {
    let kind = component.get("BUSYTYPE").map(|kind| kind.value().trim().to_ascii_uppercase());
    match kind.as_deref() {
        Some("BUSY") => BusyKind::Busy,
        Some("BUSY-TENTATIVE") => BusyKind::Tentative,
        _ => BusyKind::Unavailable,
    }
}

/// What a VAVAILABILITY speaks about, inside `window`.
fn range_of(
    object: &CalendarObject,
    component: Component<'_>,
    floating: &Zone,
    window: Period,
) -> Option<Period> {
    let start = object.date(component, "DTSTART");
    let end = object.date(component, "DTEND").map(|end| end.instant(floating)).or_else(|| {
        let length = super::time::duration(component.get("DURATION")?.value())?.length();
        Some(length.end_from(start.as_ref()?, floating))
    });
    let begin = start.map_or(window.start, |start| start.instant(floating).max(window.start));
    some(begin, end.map_or(window.end, |end| end.min(window.end)))
}

/// A period that is not empty.
fn some(start: Instant, end: Instant) -> Option<Period> {
    Period::new(start, end).filter(|period| period.start < period.end)
}

/// The available time inside `range`, joined; `None` where a stored text cannot be read.
fn open(
    object: &CalendarObject,
    component: Component<'_>,
    floating: &Zone,
    range: Period,
    budget: &Budget,
    left: &mut usize,
) -> Result<Option<Vec<Period>>, ExpandError> {
    let mut open: Vec<Period> = Vec::new();
    for group in groups(component) {
        let Ok(event) = series(object, &group, &Limits::none()) else { return Ok(None) };
        let budget = Budget { max_instances: *left, ..*budget };
        let found = all_occurrences(&event, floating, range, &budget)?;
        *left = left.saturating_sub(found.len());
        open.extend(found.into_iter().map(|occurrence| occurrence.period));
    }
    open.sort_unstable();
    let mut joined: Vec<Period> = Vec::with_capacity(open.len());
    for period in open {
        match joined.last_mut() {
            Some(last) if period.start <= last.end => last.end = last.end.max(period.end),
            _ => joined.push(period),
        }
    }
    Ok(Some(joined))
}

/// `busy` without what lies in `range`.
fn without(busy: &[Busy], range: Period) -> Vec<Busy> {
    let pieces = |busy: &Busy| {
        let Period { start, end } = busy.period;
        let before = some(start, end.min(range.start));
        let after = some(start.max(range.end), end);
        let kind = busy.kind;
        before.into_iter().chain(after).map(move |period| Busy { period, kind })
    };
    busy.iter().flat_map(pieces).collect()
}

/// What `open`, which is ascending and joined, leaves of `range`.
fn rest(range: Period, open: &[Period]) -> impl Iterator<Item = Period> {
    let starts = std::iter::once(range.start).chain(open.iter().map(|period| period.end));
    let ends = open.iter().map(|period| period.start).chain(std::iter::once(range.end));
    starts.zip(ends).filter_map(move |(start, end)| some(start.max(range.start), end.min(range.end)))
}

#[cfg(test)]
mod tests;
