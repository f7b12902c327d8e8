//! `CALDAV:expand`: one component per instance, times in UTC, no rules and no zones.
//!
//! RFC 4791, section 9.6.5.

use bytes::Bytes;

use super::line::fold;
use super::object::CalendarObject;
use super::patch::{ending, rebuilt, remove_param};
use super::time::{event_time, write_time, write_utc};
use super::tree::{Component, Property};
use crate::domain::recurrence::{Budget, ExpandError, Occurrence, PartRef, all_occurrences};
use crate::domain::time::{EventTime, Instant, Period, Zone};

/// The text of the instances in `period`. Objects that are no events stay as they are.
pub(crate) fn expand(
    object: &CalendarObject,
    period: Period,
    floating: &Zone,
    budget: &Budget,
) -> Result<Bytes, ExpandError> {
    let Ok(event) = object.event() else { return Ok(object.bytes().clone()) };
    let found = all_occurrences(event, floating, period, budget)?;
    let calendar = object.calendar();
    let bytes = object.bytes();
    let root = calendar.node();
    let overrides: Vec<Component<'_>> =
        object.parts().filter(|part| part.get("RECURRENCE-ID").is_some()).collect();
    let mut writer =
        Writer { object, floating, newline: ending(&bytes[root.begin.clone()]), out: Vec::new() };
    writer.out.extend_from_slice(&bytes[root.begin.clone()]);
    for property in calendar.properties() {
        writer.out.extend_from_slice(&bytes[property.line().range.clone()]);
    }
    for occurrence in &found {
        let component = match occurrence.part {
            PartRef::Master => object.master(),
            PartRef::Override(at) => overrides.get(at).copied(),
        };
        if writer.out.len() > MAX_BYTES {
            return Err(ExpandError::TooManyInstances(found.len()));
        }
        if let Some(component) = component {
            writer.instance(component, occurrence, event.recurs() || event.master.is_none());
        }
    }
    writer.out.extend_from_slice(&bytes[root.end.clone()]);
    Ok(writer.out.into())
}

/// The text of one object's instances; an instance more may follow.
const MAX_BYTES: usize = 16 << 20;

struct Writer<'a> {
    object: &'a CalendarObject,
    floating: &'a Zone,
    newline: &'static [u8],
    out: Vec<u8>,
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        fold(line, self.newline, &mut self.out);
    }

    fn instance(&mut self, component: Component<'_>, occurrence: &Occurrence, recurs: bool) {
        const TIMES: [&str; 8] =
            ["DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RRULE", "EXRULE", "RDATE", "EXDATE"];
        self.line(&format!("BEGIN:{}", component.name()));
        for property in component.properties() {
            if !TIMES.iter().any(|name| property.is(name)) {
                self.property(property);
            }
        }
        let all_day = occurrence.all_day;
        self.time("DTSTART", occurrence.period.start, all_day);
        if component.get("DTEND").or(component.get("DURATION")).is_some() {
            self.time("DTEND", occurrence.period.end, all_day);
        }
        if let Some(id) =
            occurrence.id.instant().filter(|_| recurs || component.get("RECURRENCE-ID").is_some())
        {
            // The master says whether the set is one of days, whatever an override made of it.
            let days = self.object.master().and_then(|master| self.object.date(master, "DTSTART"));
            self.time("RECURRENCE-ID", id, days.map_or(all_day, |start| start.is_date()));
        }
        for child in component.children() {
            let whole = child.node().begin.start..child.node().end.end;
            self.out.extend_from_slice(&self.object.bytes()[whole]);
        }
        self.line(&format!("END:{}", component.name()));
    }

    fn time(&mut self, name: &str, at: Instant, all_day: bool) {
        let line = if all_day {
            let date = EventTime::Date(self.floating.to_local(at).date());
            format!("{name};VALUE=DATE:{}", write_time(&date))
        } else {
            format!("{name}:{}", write_utc(at))
        };
        self.line(&line);
    }

    /// A property as it stands, but without a zone that the answer does not define.
    fn property(&mut self, property: Property<'_>) {
        if property.param("TZID").is_none() {
            let range = property.line().range.clone();
            let bytes = self.object.bytes();
            self.out.extend_from_slice(&bytes[range]);
            return;
        }
        let zone = self.object.zones().of(property).ok().flatten();
        let at = zone.and_then(|zone| event_time(property.value(), Some(&zone)));
        let floating = self.floating;
        let line = rebuilt(property.logical(), |params, value| {
            remove_param(params, "TZID");
            if let Some(at) = at.filter(|at| !at.is_date()) {
                *value = write_utc(at.instant(floating));
            }
        });
        if let Some(line) = line {
            self.line(&line);
        }
    }
}
