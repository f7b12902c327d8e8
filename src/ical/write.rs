//! Text of the objects that the server makes itself; equal input gives equal bytes.
//!
//! The `icalendar` crate writes the VEVENTs: it always gets UID and DTSTAMP, since it would
//! invent them, and it never sees VTIMEZONE or VALARM, into which it would put both.
//! Never for text that a client wrote: that is `patch`'s. RFC 5545, section 3.6.1.

use bytes::Bytes;
use icalendar::{Component as _, Property as Line};

use super::line::{caret, fold};
use super::time::{write_length, write_time, write_utc};
use super::timezone;
use crate::domain::attendee::{Address, Attendee, PartStat};
use crate::domain::event::{Class, Event, ExtraDate, Part, Status};
use crate::domain::time::{EventTime, Instant, Length, Period, Zone};

/// PRODID of every text that the server makes.
pub const PRODID: &str = "-//roomdav//roomdav//EN";

/// An event to write.
#[derive(Clone, Copy, Debug)]
pub struct EventText<'a> {
    /// What it says.
    pub event: &'a Event,
    /// DTSTAMP of every part; take one that stays the same, or the ETag will not.
    pub stamp: Instant,
    /// DESCRIPTION of every part.
    pub description: Option<&'a str>,
    /// CN of the ORGANIZER.
    pub organizer_name: Option<&'a str>,
    /// Attendees that get CUTYPE=ROOM (R25).
    pub rooms: &'a [Address],
}

impl EventText<'_> {
    /// The whole VCALENDAR, with a VTIMEZONE for each zone that it names.
    #[must_use]
    pub fn write(&self) -> Bytes {
        let mut out = Vec::new();
        let mut line = |text: &str| fold(text, b"\r\n", &mut out);
        line("BEGIN:VCALENDAR");
        line("VERSION:2.0");
        line(&format!("PRODID:{PRODID}"));
        line("CALSCALE:GREGORIAN");
        let span = span(self.event);
        for zone in zones(self.event) {
            for text in timezone::generate(&zone, &clean(zone.name()), span) {
                line(&text);
            }
        }
        for part in self.event.parts() {
            out.extend_from_slice(self.part(part).as_bytes());
        }
        fold("END:VCALENDAR", b"\r\n", &mut out);
        out.into()
    }

    fn part(&self, part: &Part) -> String {
        let mut event = icalendar::Event::new();
        event.append_property(Line::new("UID", clean(self.event.uid.as_str())));
        event.append_property(Line::new("DTSTAMP", write_utc(self.stamp)));
        times(part, &mut event);
        event.append_property(Line::new("STATUS", status(part.status)));
        event.append_property(Line::new("CLASS", class(part.class)));
        event.append_property(Line::new("TRANSP", if part.transparent { "TRANSPARENT" } else { "OPAQUE" }));
        let texts = [
            ("SUMMARY", Some(part.summary.as_str())),
            ("LOCATION", Some(part.location.as_str())),
            ("DESCRIPTION", self.description),
        ];
        for (name, text) in texts {
            if let Some(text) = text.map(clean).filter(|text| !text.is_empty()) {
                event.append_property(Line::new(name, text));
            }
        }
        if part.sequence != 0 {
            event.append_property(Line::new("SEQUENCE", part.sequence.to_string()));
        }
        if part.units != 1 {
            event.append_property(Line::new("X-ROOM-UNITS", part.units.to_string()));
        }
        if part.atomic {
            event.append_property(Line::new("X-ROOM-POLICY", "ATOMIC"));
        }
        if part.note {
            event.append_property(Line::new("CATEGORIES", "NOTE"));
        }
        if let Some(organizer) = &part.organizer {
            let mut line = Line::new("ORGANIZER", clean(organizer.as_str()));
            if let Some(name) = self.organizer_name {
                line.add_parameter("CN", &caret(name));
            }
            event.append_property(line);
        }
        for attendee in &part.attendees {
            event.append_multi_property(self.attendee(attendee));
        }
        for uid in &part.related_to {
            event.append_multi_property(Line::new("RELATED-TO", clean(uid)));
        }
        event.try_into_string().expect("writing into a String cannot fail")
    }

    fn attendee(&self, attendee: &Attendee) -> Line {
        let mut line = Line::new("ATTENDEE", clean(attendee.address.as_str()));
        if attendee.partstat != PartStat::NeedsAction {
            line.add_parameter("PARTSTAT", attendee.partstat.as_str());
        }
        if attendee.addresses().any(|address| self.rooms.contains(address)) {
            line.add_parameter("CUTYPE", "ROOM");
        } else if !attendee.individual {
            line.add_parameter("CUTYPE", "UNKNOWN");
        }
        if let Some(email) = &attendee.email {
            line.add_parameter("EMAIL", &caret(email.mail().unwrap_or(email.as_str())));
        }
        line
    }
}

/// DTSTART, the length, and everything about recurrence.
fn times(part: &Part, event: &mut icalendar::Event) {
    event.append_property(dated("DTSTART", &part.start));
    if let Some(end) = end(part) {
        event.append_property(dated("DTEND", &end));
    } else if let Some(length) = write_length(part.length) {
        event.append_property(Line::new("DURATION", length));
    }
    if let Some(id) = &part.recurrence_id {
        let mut line = dated("RECURRENCE-ID", id);
        if part.this_and_future {
            line.add_parameter("RANGE", "THISANDFUTURE");
        }
        event.append_property(line);
    }
    for rule in &part.rules {
        event.append_multi_property(Line::new("RRULE", rule.to_string()));
    }
    for rule in &part.except_rules {
        event.append_multi_property(Line::new("EXRULE", rule.to_string()));
    }
    for date in &part.exceptions {
        event.append_multi_property(dated("EXDATE", date));
    }
    for date in &part.dates {
        event.append_multi_property(match date {
            ExtraDate::Start(start) => dated("RDATE", start),
            ExtraDate::Period(start, length) => {
                let length = write_length(*length).unwrap_or_else(|| "PT0S".to_owned());
                let mut line = Line::new("RDATE", format!("{}/{length}", write_time(start)));
                line.add_parameter("VALUE", "PERIOD");
                zoned(&mut line, start);
                line
            }
        });
    }
}

fn dated(name: &str, time: &EventTime) -> Line {
    let mut line = Line::new(name, write_time(time));
    if time.is_date() {
        line.add_parameter("VALUE", "DATE");
    }
    zoned(&mut line, time);
    line
}

fn zoned(line: &mut Line, time: &EventTime) {
    if let EventTime::Zoned(_, zone) = time {
        line.add_parameter("TZID", &caret(&clean(zone.name())));
    }
}

/// DTEND, where it says exactly what the length says.
fn end(part: &Part) -> Option<EventTime> {
    match (&part.start, part.length) {
        (EventTime::Date(date), Length::Nominal { days, secs: 0 }) => {
            date.checked_add(jiff::Span::new().days(days)).ok().map(EventTime::Date)
        }
        (
            start @ (EventTime::Utc(_) | EventTime::Floating(_) | EventTime::Zoned(..)),
            Length::Exact(secs),
        ) if secs > 0 => {
            let zone = start.zone(&Zone::utc());
            let end = start.instant(&zone).plus(secs);
            let wall = zone.to_local(end);
            // The second pass through a repeated hour has no wall clock of its own.
            (zone.to_instant(wall) == end).then(|| match start {
                EventTime::Zoned(..) => EventTime::Zoned(wall, zone),
                EventTime::Floating(_) => EventTime::Floating(wall),
                _ => EventTime::Utc(wall),
            })
        }
        _ => None,
    }
}

/// Every time of a part.
fn all_times(part: &Part) -> impl Iterator<Item = &EventTime> {
    let dates = part.dates.iter().map(|date| match date {
        ExtraDate::Start(start) | ExtraDate::Period(start, _) => start,
    });
    std::iter::once(&part.start).chain(&part.recurrence_id).chain(&part.exceptions).chain(dates)
}

fn zones(event: &Event) -> Vec<Zone> {
    let mut zones: Vec<Zone> = Vec::new();
    for time in event.parts().flat_map(all_times) {
        if let EventTime::Zoned(_, zone) = time
            && !zones.iter().any(|known| known.name() == zone.name())
        {
            zones.push(zone.clone());
        }
    }
    zones
}

/// The stretch for which its zones must be right.
fn span(event: &Event) -> Period {
    let times: Vec<Instant> =
        event.parts().flat_map(all_times).map(|time| time.instant(&Zone::utc())).collect();
    let start = times.iter().min().copied().unwrap_or(Instant::from_secs(0));
    timezone::needed(start, times.iter().max().copied().unwrap_or(start), event.recurs())
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Confirmed => "CONFIRMED",
        Status::Tentative => "TENTATIVE",
        Status::Cancelled => "CANCELLED",
    }
}

const fn class(class: Class) -> &'static str {
    match class {
        Class::Public => "PUBLIC",
        Class::Private => "PRIVATE",
        Class::Confidential => "CONFIDENTIAL",
    }
}

/// Without the control characters that no line may hold (L-38).
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests;
