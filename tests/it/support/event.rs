//! Events as text, built line by line.

use std::fmt::Write as _;

use roomdav::ical::{CalendarObject, Limits, with_zones};

/// A VEVENT object to be sent. Local times are Berlin's unless [`Event::zone`] says otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    uid: String,
    zone: Option<String>,
    times: Vec<String>,
    lines: Vec<String>,
    overrides: Vec<String>,
}

/// An event with this UID and summary, still without times.
pub(crate) fn event(uid: &str) -> Event {
    Event {
        uid: uid.to_owned(),
        zone: Some("Europe/Berlin".to_owned()),
        times: Vec::new(),
        lines: vec![format!("SUMMARY:{uid}")],
        overrides: Vec::new(),
    }
}

impl Event {
    pub(crate) fn uid(&self) -> &str {
        &self.uid
    }

    /// The zone of the times that follow; `None` floats.
    pub(crate) fn zone(mut self, zone: Option<&str>) -> Self {
        self.zone = zone.map(str::to_owned);
        self
    }

    /// From `20270301T090000` to `20270301T100000`.
    pub(crate) fn between(mut self, from: &str, to: &str) -> Self {
        self.times = vec![self.time("DTSTART", from), self.time("DTEND", to)];
        self
    }

    /// On 1 March 2027 (a Monday) or any `YYYYMMDD`, from one hour to another.
    pub(crate) fn hours(self, day: &str, from: u32, to: u32) -> Self {
        self.between(&format!("{day}T{from:02}0000"), &format!("{day}T{to:02}0000"))
    }

    /// Whole days, the end exclusive.
    pub(crate) fn days(mut self, from: &str, to: &str) -> Self {
        self.times = vec![format!("DTSTART;VALUE=DATE:{from}"), format!("DTEND;VALUE=DATE:{to}")];
        self
    }

    /// Raw lines in place of DTSTART and DTEND.
    pub(crate) fn times(mut self, lines: &[&str]) -> Self {
        self.times = lines.iter().map(|line| (*line).to_owned()).collect();
        self
    }

    pub(crate) fn rule(self, rule: &str) -> Self {
        self.line(&format!("RRULE:{rule}"))
    }

    pub(crate) fn line(mut self, line: &str) -> Self {
        self.lines.push(line.to_owned());
        self
    }

    pub(crate) fn summary(mut self, summary: &str) -> Self {
        self.lines.retain(|line| !line.starts_with("SUMMARY:"));
        self.line(&format!("SUMMARY:{summary}"))
    }

    /// Invites a room (or anybody) by mail address, with the organizer's own line.
    pub(crate) fn organizer(self, login: &str) -> Self {
        self.line(&format!("ORGANIZER:mailto:{login}@example.org"))
    }

    pub(crate) fn attendee(self, login: &str) -> Self {
        self.line(&format!("ATTENDEE;CUTYPE=ROOM;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{login}@example.org"))
    }

    /// An override: the instance of `recurrence_id` lies from `from` to `to` (local times).
    pub(crate) fn moved(mut self, recurrence_id: &str, from: &str, to: &str, more: &[&str]) -> Self {
        let mut lines = vec![
            self.time("RECURRENCE-ID", recurrence_id),
            self.time("DTSTART", from),
            self.time("DTEND", to),
            format!("SUMMARY:{}", self.uid),
        ];
        lines.extend(more.iter().map(|line| (*line).to_owned()));
        self.overrides.push(self.component(&lines));
        self
    }

    fn time(&self, name: &str, value: &str) -> String {
        match &self.zone {
            Some(zone) if !value.ends_with('Z') => format!("{name};TZID={zone}:{value}"),
            _ => format!("{name}:{value}"),
        }
    }

    fn component(&self, lines: &[String]) -> String {
        let mut text = String::new();
        let _ = write!(text, "BEGIN:VEVENT\r\nUID:{}\r\nDTSTAMP:20270101T000000Z\r\n", self.uid);
        for line in lines {
            let _ = write!(text, "{line}\r\n");
        }
        text.push_str("END:VEVENT\r\n");
        text
    }

    pub(crate) fn text(&self) -> String {
        let lines: Vec<String> = self.times.iter().chain(&self.lines).cloned().collect();
        let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//test//EN\r\n".to_owned();
        text.push_str(&self.component(&lines));
        text.extend(self.overrides.iter().map(String::as_str));
        text.push_str("END:VCALENDAR\r\n");
        explained(text)
    }
}

/// With a VTIMEZONE for each zone that it names, as programs send it; what is no calendar object stays
/// as it is.
pub(crate) fn explained(text: String) -> String {
    let limits = Limits::default().of_stored();
    let full =
        CalendarObject::parse(text.clone().into(), &limits).and_then(|object| with_zones(&object, &limits));
    full.map_or(text, |full| String::from_utf8(full.to_vec()).unwrap())
}

impl AsRef<Event> for Event {
    fn as_ref(&self) -> &Event {
        self
    }
}
