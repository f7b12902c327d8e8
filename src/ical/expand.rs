//! `CALDAV:expand`: one component per instance, times in UTC, no rules and no zones.
//!
//! RFC 4791, section 9.6.5.

use bytes::Bytes;

use super::line::fold;
use super::object::{CalendarObject, ComponentKind};
use super::patch::{ending, rebuilt, remove_param};
use super::span::Spans;
use super::time::{event_time, write_time, write_utc};
use super::tree::{Component, Property};
use crate::domain::recurrence::{Budget, ExpandError, Occurrence};
use crate::domain::time::{EventTime, Instant, Period, Zone};

/// The text of the instances in `period`. Objects that are about nothing that happens stay as they
/// are, and what does not recur is written with its times in UTC wherever it lies, unless it is an
/// event.
pub(crate) fn expand(
    object: &CalendarObject,
    period: Period,
    floating: &Zone,
    budget: &Budget,
) -> Result<Bytes, ExpandError> {
    let Some(event) = object.series() else { return Ok(object.bytes().clone()) };
    let is_event = object.component() == ComponentKind::Event;
    let spans = Spans::new(object, floating, budget);
    let found = if is_event || event.recurs() {
        spans.instances(period)?
    } else {
        spans.instances(Period {
            start: Instant::from_secs(i64::MIN / 4),
            end: Instant::from_secs(i64::MAX / 4),
        })?
    };
    let calendar = object.calendar();
    let bytes = object.bytes();
    let root = calendar.node();
    let mut writer =
        Writer { object, floating, newline: ending(&bytes[root.begin.clone()]), out: Vec::new() };
    writer.out.extend_from_slice(&bytes[root.begin.clone()]);
    for property in calendar.properties() {
        writer.out.extend_from_slice(&bytes[property.line().range.clone()]);
    }
    for (component, occurrence) in &found {
        if writer.out.len() > MAX_BYTES {
            return Err(ExpandError::TooManyInstances(found.len()));
        }
        writer.instance(*component, occurrence, event.recurs() || event.master.is_none());
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
        const TIMES: [&str; 9] =
            ["DTSTART", "DTEND", "DUE", "DURATION", "RECURRENCE-ID", "RRULE", "EXRULE", "RDATE", "EXDATE"];
        let end = if component.name() == "VTODO" { "DUE" } else { "DTEND" };
        self.line(&format!("BEGIN:{}", component.name()));
        for property in component.properties() {
            if !TIMES.iter().any(|name| property.is(name)) {
                self.property(property);
            }
        }
        let all_day = occurrence.all_day;
        self.time("DTSTART", occurrence.period.start, all_day);
        if component.get(end).or(component.get("DURATION")).is_some() {
            self.time(end, occurrence.period.end, all_day);
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
