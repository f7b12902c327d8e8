//! One instance of a series, written out from its master: RECURRENCE-ID, EXDATE, and the lines
//! of a new override.
//!
//! RFC 5545, sections 3.8.4.4 and 3.8.5.1; R16, R17.

use super::object::CalendarObject;
use super::patch::rebuilt;
use super::time::write_time;
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

/// The property lines of an override for the instance at `at`: the master's, each with the
/// property it comes from, its times moved, without what makes it recur.
pub(crate) fn override_lines<'a>(
    object: &'a CalendarObject,
    master: Component<'a>,
    at: Instant,
    floating: &Zone,
) -> Option<Vec<(Option<Property<'a>>, String)>> {
    let start = object.date(master, "DTSTART")?;
    let moved = like(&start, at, floating);
    let mut lines = Vec::new();
    for property in master.properties() {
        if ["RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"].iter().any(|name| property.is(name)) {
            continue;
        }
        let text = property.logical();
        if property.is("DTSTART") {
            lines.push((Some(property), with_value(text, &moved)?));
            lines.push((None, named_like_start(object, master, "RECURRENCE-ID", at, floating)?));
        } else if property.is("DTEND") {
            let end = object.date(master, "DTEND")?;
            lines.push((Some(property), with_value(text, &moved_end(&start, &end, &moved, floating))?));
        } else {
            lines.push((Some(property), text.to_owned()));
        }
    }
    Some(lines)
}

/// The times of an override with RANGE=THISANDFUTURE at `at`, if it began at the instance after
/// that: names of properties with their new values. `None` for other overrides, and where nothing
/// follows.
pub(crate) fn range_after(
    object: &CalendarObject,
    part: Component<'_>,
    at: Instant,
    floating: &Zone,
) -> Option<Vec<(&'static str, String)>> {
    let event = object.event().ok()?;
    let is_this = |of: &Part| {
        let id = of.recurrence_id.as_ref();
        of.this_and_future && id.is_some_and(|id| recurrence::original_start(event, id, floating) == at)
    };
    let index = event.overrides.iter().position(is_this)?;
    let window = Period { start: at, end: at.plus(NEXT_WITHIN_SECS) };
    let found = recurrence::all_occurrences(event, floating, window, &Budget::default()).ok()?;
    let of_range = found.iter().filter(|found| found.part == PartRef::Override(index));
    let next = of_range.filter(|found| found.id.instant() > Some(at)).min_by_key(|found| found.id)?;
    let times =
        [("RECURRENCE-ID", next.id.instant()?), ("DTSTART", next.period.start), ("DTEND", next.period.end)];
    let value = |(name, at): (&'static str, Instant)| {
        let time = object.date(part, name)?;
        Some((name, write_time(&like(&time, at, floating))))
    };
    Some(times.into_iter().filter_map(value).collect())
}

/// A rule that leaves out more than two years ends its range.
const NEXT_WITHIN_SECS: i64 = 800 * 86_400;

fn with_value(text: &str, time: &EventTime) -> Option<String> {
    rebuilt(text, |_, value| *value = write_time(time))
}

/// R16: with DTEND the exact length of the master holds for all instances; days are days.
fn moved_end(start: &EventTime, end: &EventTime, moved: &EventTime, floating: &Zone) -> EventTime {
    if let (EventTime::Date(start), EventTime::Date(end), EventTime::Date(moved)) = (start, end, moved) {
        return EventTime::Date(moved.checked_add(*end - *start).unwrap_or(*moved));
    }
    if let (EventTime::Floating(start), EventTime::Floating(end), EventTime::Floating(moved)) =
        (start, end, moved)
    {
        return EventTime::Floating(moved.checked_add(end.duration_since(*start)).unwrap_or(*moved));
    }
    let secs = end.instant(floating).secs() - start.instant(floating).secs();
    like(end, moved.instant(floating).plus(secs), floating)
}
