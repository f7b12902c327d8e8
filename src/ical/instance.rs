//! One instance of a series, written out from what describes it: RECURRENCE-ID, EXDATE, and the
//! lines of a new override.
//!
//! RFC 5545, sections 3.2.13, 3.8.4.4 and 3.8.5.1; R15 to R17, R61.

use std::collections::BTreeSet;

use super::object::CalendarObject;
use super::patch::{Patch, rebuilt, remove_param};
use super::time::{event_time, write_time};
use super::tree::{Component, Property};
use crate::domain::event::Part;
use crate::domain::recurrence::{self, Budget, PartRef};
use crate::domain::time::{EventTime, Instant, Period, Zone};

/// `at` in the form in which DTSTART is written.
fn like(start: &EventTime, at: Instant, floating: &Zone) -> EventTime {
    let wall = start.zone(floating).to_local(at);
    match start {
        EventTime::Date(_) => EventTime::Date(wall.date()),
        EventTime::Floating(_) => EventTime::Floating(wall),
        EventTime::Utc(_) => EventTime::Utc(wall),
        EventTime::Zoned(_, zone) => EventTime::Zoned(wall, zone.clone()),
    }
}

/// A line `name` that names the instance at `at`, with the TZID and VALUE of the master's DTSTART.
pub(crate) fn named_like_start(
    object: &CalendarObject,
    master: Component<'_>,
    name: &str,
    at: Instant,
    floating: &Zone,
) -> Option<String> {
    let property = master.get("DTSTART")?;
    let start = object.date(master, "DTSTART")?;
    if !start.is_date() && like(&start, at, floating).instant(floating) != at {
        // In an hour that comes twice the wall clock means the first one.
        return Some(format!("{name}:{}", super::time::write_utc(at)));
    }
    let mut line = name.to_owned();
    for param in property.params().filter(|param| param.is("TZID") || param.is("VALUE")) {
        line.extend([";", param.name(), "=", param.raw()]);
    }
    Some(format!("{line}:{}", write_time(&like(&start, at, floating))))
}

/// An override for one instance that shares its component with others.
pub(crate) struct Detached<'a> {
    /// What describes the instance so far: the master, or an override with RANGE=THISANDFUTURE.
    pub(crate) from: Component<'a>,
    /// The new component's property lines, each with the property that it comes from.
    pub(crate) lines: Vec<(Option<Property<'a>>, String)>,
    /// Where `from` is a range that begins at this very instance: its times from the next one on.
    pub(crate) rest: Vec<(&'static str, String)>,
}

/// Gives a range that an instance was taken out of its times from the next one on.
pub(crate) fn set_times<'a>(patch: &mut Patch<'a>, range: Component<'a>, times: &[(&'static str, String)]) {
    for (name, value) in times {
        if let Some(property) = range.get(name) {
            patch.set_value(property, value);
        }
    }
}

/// The lines of an override for the instance at `at`: those of what describes it, its own times in
/// them, without what makes it recur. `None` if it has a component of its own, or there is no such
/// instance. `others` are detached with it.
pub(crate) fn detached<'a>(
    object: &'a CalendarObject,
    at: Instant,
    others: &BTreeSet<Instant>,
    floating: &Zone,
) -> Option<Detached<'a>> {
    let master = object.master()?;
    let event = object.series()?;
    let found = recurrence::occurrence_of(event, at, floating, &Budget::default()).ok()??;
    let from = object.described_by(found.part)?;
    let is_own = object.original_start(from, floating) == Some(at);
    // A range that nothing follows is the instance's own component.
    let rest = if is_own { range_after(object, from, at, others, floating)? } else { Vec::new() };
    let has_own_length = found.part == PartRef::Master && !event.master.as_ref()?.dates.is_empty();
    let mut lines = Vec::new();
    for property in from.properties() {
        if ["RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"].iter().any(|name| property.is(name)) {
            continue;
        }
        if property.is("DTSTART") {
            lines.push((Some(property), timed(object, property, found.period.start, floating)?));
            lines.push((None, named_like_start(object, master, "RECURRENCE-ID", at, floating)?));
        } else if property.is(end_of(master)) {
            let end = floating_end(object, from, found.period.start, floating);
            let line = match end {
                Some(end) => rebuilt(property.logical(), |_, value| *value = write_time(&end)),
                None => timed(object, property, found.period.end, floating),
            };
            lines.push((Some(property), line?));
        } else if property.is("DURATION") && has_own_length {
            // An RDATE may bring a length of its own (R16).
            let end = timed(object, from.get("DTSTART")?, found.period.end, floating)?;
            lines.push((Some(property), end.replacen("DTSTART", end_of(master), 1)));
        } else {
            lines.push((Some(property), property.logical().to_owned()));
        }
    }
    Some(Detached { from, lines, rest })
}

/// What a component calls its end.
fn end_of(component: Component<'_>) -> &'static str {
    if component.name() == "VTODO" { "DUE" } else { "DTEND" }
}

/// The end of an instance of floating times: as far by the wall clock as in `from`. `None` where
/// the times are no floating ones.
fn floating_end(
    object: &CalendarObject,
    from: Component<'_>,
    start: Instant,
    floating: &Zone,
) -> Option<EventTime> {
    let (EventTime::Floating(first), EventTime::Floating(end)) =
        (object.date(from, "DTSTART")?, object.date(from, end_of(from))?)
    else {
        return None;
    };
    let moved = floating.to_local(start);
    Some(EventTime::Floating(moved.checked_add(end.duration_since(first)).unwrap_or(moved)))
}

/// `property` with the time `at`, in its own form where that can say it.
pub(crate) fn timed(
    object: &CalendarObject,
    property: Property<'_>,
    at: Instant,
    floating: &Zone,
) -> Option<String> {
    let zone = object.zones().of(property).ok()?;
    let time = event_time(property.value(), zone.as_ref())?;
    let moved = like(&time, at, floating);
    let is_ambiguous = !time.is_date() && moved.instant(floating) != at;
    rebuilt(property.logical(), |params, value| {
        if is_ambiguous {
            // In an hour that comes twice the wall clock means the first one (R15).
            remove_param(params, "TZID");
            *value = super::time::write_utc(at);
        } else {
            *value = write_time(&moved);
        }
    })
}

/// The times of an override with RANGE=THISANDFUTURE at `at`, if it began at the instance after
/// that and not in `others`: names of properties with their new values. `None` for other overrides, and where nothing
/// follows.
pub(crate) fn range_after(
    object: &CalendarObject,
    part: Component<'_>,
    at: Instant,
    others: &BTreeSet<Instant>,
    floating: &Zone,
) -> Option<Vec<(&'static str, String)>> {
    let event = object.series()?;
    let is_this = |of: &Part| {
        let id = of.recurrence_id.as_ref();
        of.this_and_future && id.is_some_and(|id| recurrence::original_start(event, id, floating) == at)
    };
    let index = event.overrides.iter().position(is_this)?;
    // What follows may have been moved to before `at`.
    let moved = (event.overrides[index].start.instant(floating).secs() - at.secs()).abs();
    let window = Period { start: at.plus(-moved - LONGEST_SECS), end: at.plus(moved + NEXT_WITHIN_SECS) };
    let found = recurrence::all_occurrences(event, floating, window, &Budget::default()).ok()?;
    let of_range = found.iter().filter(|found| found.part == PartRef::Override(index));
    let is_left = |id: Instant| id > at && !others.contains(&id);
    let next =
        of_range.filter(|found| found.id.instant().is_some_and(is_left)).min_by_key(|found| found.id)?;
    let times = [
        ("RECURRENCE-ID", next.id.instant()?),
        ("DTSTART", next.period.start),
        (end_of(part), next.period.end),
    ];
    let value = |(name, at): (&'static str, Instant)| {
        let time = object.date(part, name)?;
        Some((name, write_time(&like(&time, at, floating))))
    };
    Some(times.into_iter().filter_map(value).collect())
}

/// More than an occurrence lasts (L-48).
const LONGEST_SECS: i64 = 40 * 86_400;

/// A rule that leaves out more than two years ends its range.
const NEXT_WITHIN_SECS: i64 = 800 * 86_400;
