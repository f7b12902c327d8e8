//! Busy time: what an object says, VFREEBUSY text, and the request for it.
//!
//! RFC 4791, section 7.10; RFC 5545, sections 3.6.4 and 3.8.2.6; RFC 6638, section 5; R104.
//! RFC 7953, section 9.

use bytes::Bytes;

use super::error::IcalError;
use super::limits::Limits;
use super::line::fold;
use super::object::CalendarObject;
use super::scan::scan;
use super::time::{self, write_utc};
use super::tree::{Component, Property};
use super::zones::Zones;
use crate::domain::attendee::Address;
use crate::domain::event::Status;
use crate::domain::recurrence::{Budget, ExpandError, all_occurrences};
use crate::domain::time::{Instant, Period, Zone};

/// FBTYPE, by rising weight where several kinds cover one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BusyKind {
    /// BUSY-TENTATIVE.
    Tentative,
    /// BUSY-UNAVAILABLE.
    Unavailable,
    /// BUSY.
    Busy,
}

impl BusyKind {
    /// The value of FBTYPE.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tentative => "BUSY-TENTATIVE",
            Self::Unavailable => "BUSY-UNAVAILABLE",
            Self::Busy => "BUSY",
        }
    }
}

/// One stretch of busy time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Busy {
    /// When.
    pub period: Period,
    /// How.
    pub kind: BusyKind,
}

/// Whether TRANSP counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transparency {
    /// A person's calendar: transparent events are free (RFC 4791, section 7.10).
    Obeyed,
    /// A room: whatever stands in it occupies it (R29).
    Ignored,
}

/// The busy time of one object inside `window`, cut at its ends; neither sorted nor merged.
/// Cancelled events and those without length give none; no more does availability, which means
/// something only with all the other there is ([`unavailable`](super::availability::unavailable)).
///
/// # Errors
/// [`ExpandError`] if the instances cost more than the budget.
pub fn busy(
    object: &CalendarObject,
    floating: &Zone,
    window: Period,
    budget: &Budget,
    transparency: Transparency,
) -> Result<Vec<Busy>, ExpandError> {
    let Ok(event) = object.event() else {
        let stated = object.parts().flat_map(|part| stated(part).collect::<Vec<_>>());
        return Ok(stated.filter_map(|busy| cut(busy, window)).collect());
    };
    let mut found = Vec::new();
    for occurrence in all_occurrences(event, floating, window, budget)? {
        let Some(part) = occurrence.part.part(event) else { continue };
        let free = part.transparent && transparency == Transparency::Obeyed;
        let kind = match part.status {
            Status::Confirmed => BusyKind::Busy,
            Status::Tentative => BusyKind::Tentative,
            Status::Cancelled => continue,
        };
        found.extend((!free).then(|| cut(Busy { period: occurrence.period, kind }, window)).flatten());
    }
    Ok(found)
}

fn cut(busy: Busy, window: Period) -> Option<Busy> {
    let (start, end) = (busy.period.start.max(window.start), busy.period.end.min(window.end));
    (start < end).then_some(Busy { period: Period { start, end }, kind: busy.kind })
}

/// Sorts, and joins what overlaps or touches; where kinds overlap the heavier one is shown.
#[must_use]
pub fn merge(busy: &[Busy]) -> Vec<Busy> {
    let mut edges: Vec<Instant> = busy.iter().flat_map(|busy| [busy.period.start, busy.period.end]).collect();
    edges.sort_unstable();
    edges.dedup();
    let mut sorted = busy.to_vec();
    sorted.sort_unstable();
    let mut next = sorted.into_iter().peekable();
    // What covers the current moment: how often each kind has begun, by when it ends.
    let mut open: Vec<Busy> = Vec::new();
    let mut merged: Vec<Busy> = Vec::new();
    for pair in edges.windows(2) {
        let [start, end] = [pair[0], pair[1]];
        open.retain(|busy| busy.period.end > start);
        while let Some(begun) = next.next_if(|busy| busy.period.start <= start) {
            keep_longest(&mut open, begun);
        }
        let Some(kind) = open.iter().filter(|busy| busy.period.end > start).map(|busy| busy.kind).max()
        else {
            continue;
        };
        match merged.last_mut() {
            Some(last) if last.period.end == start && last.kind == kind => last.period.end = end,
            _ => merged.push(Busy { period: Period { start, end }, kind }),
        }
    }
    merged
}

/// Of each kind only the one that lasts longest matters, so at most three stay open.
fn keep_longest(open: &mut Vec<Busy>, begun: Busy) {
    match open.iter_mut().find(|busy| busy.kind == begun.kind) {
        Some(busy) if busy.period.end >= begun.period.end => {}
        Some(busy) => *busy = begun,
        None => open.push(begun),
    }
}

/// The FREEBUSY properties of a VFREEBUSY, apart from FREE.
pub(crate) fn stated(component: Component<'_>) -> impl Iterator<Item = Busy> {
    component.all("FREEBUSY").flat_map(|property| {
        let kind = property.param("FBTYPE").map(|kind| kind.to_ascii_uppercase());
        let kind = match kind.as_deref() {
            Some("FREE") => None,
            Some("BUSY-TENTATIVE") => Some(BusyKind::Tentative),
            Some("BUSY-UNAVAILABLE") => Some(BusyKind::Unavailable),
            _ => Some(BusyKind::Busy),
        };
        let periods = property.value().split(',').filter_map(stated_in);
        periods.filter_map(move |period| Some(Busy { period, kind: kind? }))
    })
}

/// One PERIOD in UTC.
pub(crate) fn stated_in(text: &str) -> Option<Period> {
    let (start, length) = time::period(text, None)?;
    let utc = Zone::utc();
    Period::new(start.instant(&utc), length.end_from(&start, &utc))
}

/// A VFREEBUSY to write.
#[derive(Clone, Copy, Debug)]
pub struct FreeBusyText<'a> {
    /// METHOD, for the answer to a request; none for a report (RFC 4791, section 7.10).
    pub method: Option<&'a str>,
    /// The request's UID, or one of the caller's making.
    pub uid: &'a str,
    /// DTSTAMP.
    pub stamp: Instant,
    /// DTSTART and DTEND.
    pub period: Period,
    /// The request's ORGANIZER line, as [`FreeBusyRequest`] has it.
    pub organizer: Option<&'a str>,
    /// The line of the attendee whose time this is.
    pub attendee: Option<&'a str>,
    /// What is busy; merged here.
    pub busy: &'a [Busy],
}

impl FreeBusyText<'_> {
    /// The whole VCALENDAR; equal input gives equal bytes.
    #[must_use]
    pub fn write(&self) -> Bytes {
        let mut lines = vec!["BEGIN:VCALENDAR".to_owned(), "VERSION:2.0".to_owned()];
        lines.push(format!("PRODID:{}", super::write::PRODID));
        lines.extend(self.method.map(|method| format!("METHOD:{method}")));
        lines.push("BEGIN:VFREEBUSY".to_owned());
        lines.push(format!("UID:{}", super::line::escape(self.uid)));
        lines.push(format!("DTSTAMP:{}", write_utc(self.stamp)));
        lines.push(format!("DTSTART:{}", write_utc(self.period.start)));
        lines.push(format!("DTEND:{}", write_utc(self.period.end)));
        lines.extend(self.organizer.map(str::to_owned));
        lines.extend(self.attendee.map(str::to_owned));
        for busy in merge(self.busy) {
            let (start, end) = (write_utc(busy.period.start), write_utc(busy.period.end));
            lines.push(format!("FREEBUSY;FBTYPE={}:{start}/{end}", busy.kind.as_str()));
        }
        lines.push("END:VFREEBUSY".to_owned());
        lines.push("END:VCALENDAR".to_owned());
        let mut out = Vec::new();
        for line in &lines {
            fold(line, b"\r\n", &mut out);
        }
        out.into()
    }
}

/// A person in a request: the address, and the property line to send back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressLine {
    /// The property's value.
    pub address: Address,
    /// The logical line, unfolded.
    pub line: String,
}

impl AddressLine {
    fn read(property: Property<'_>) -> Self {
        Self { address: Address::new(property.value()), line: property.logical().to_owned() }
    }
}

/// A VFREEBUSY REQUEST, as clients post it to an outbox (RFC 6638, section 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeBusyRequest {
    /// UID, for the answers.
    pub uid: String,
    /// Who asks.
    pub organizer: AddressLine,
    /// Whose time is asked for, in order.
    pub attendees: Vec<AddressLine>,
    /// When.
    pub period: Period,
    /// X-CALENDARSERVER-MASK-UID: this event's own time is not busy.
    pub mask_uid: Option<String>,
}

impl FreeBusyRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// [`IcalError`] if the text is not a VCALENDAR with METHOD:REQUEST and one VFREEBUSY that
    /// has ORGANIZER, ATTENDEE, and DTSTART before DTEND; where these name no zone they are in UTC.
    pub fn parse(bytes: Bytes, limits: &Limits) -> Result<Self, IcalError> {
        let scan = scan(bytes, limits)?;
        let calendar = Component::root(&scan);
        if !calendar.get("METHOD").is_some_and(|method| method.value().trim().eq_ignore_ascii_case("REQUEST"))
        {
            return Err(IcalError::object("the METHOD of a free-busy request is REQUEST"));
        }
        let mut requests = calendar.children().filter(|child| child.name() == "VFREEBUSY");
        let (Some(request), None) = (requests.next(), requests.next()) else {
            return Err(IcalError::object("a free-busy request has one VFREEBUSY"));
        };
        let missing = |name: &str| IcalError::object(format!("a free-busy request needs {name}"));
        let organizer = request.get("ORGANIZER").ok_or_else(|| missing("ORGANIZER"))?;
        let zones = Zones::read(calendar, limits)?;
        let instant = |name| {
            let property = request.get(name).ok_or_else(|| missing(name))?;
            // RFC 5545, section 3.6.4, has UTC; python-caldav 3.6.0 (2026-11) leaves the zone away.
            let written = time::time(property, &zones, limits)?;
            if written.is_date() {
                return Err(IcalError::data(format!("the {name} of a free-busy request is a date")));
            }
            Ok(written.instant(&Zone::utc()))
        };
        let (start, end) = (instant("DTSTART")?, instant("DTEND")?);
        super::checks::attendees(std::iter::once(request), limits)?;
        let attendees: Vec<AddressLine> = request.all("ATTENDEE").map(AddressLine::read).collect();
        if attendees.is_empty() {
            return Err(missing("ATTENDEE"));
        }
        if start >= end {
            return Err(IcalError::object("a free-busy request ends before it starts"));
        }
        Ok(Self {
            uid: super::checks::uid(std::iter::once(request), limits)?.as_str().to_owned(),
            organizer: AddressLine::read(organizer),
            attendees,
            period: Period { start, end },
            mask_uid: request.text("X-CALENDARSERVER-MASK-UID"),
        })
    }
}

#[cfg(test)]
mod tests;
