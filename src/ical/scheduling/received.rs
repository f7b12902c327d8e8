//! Messages that come from outside: reading one, which of two is newer, who speaks in it, and what the
//! text that is known becomes by it.
//!
//! Each part of an event is newer or older by itself. A SEQUENCE that is missing is not known, and the
//! stamps decide. RFC 5546, sections 2.1.4, 2.1.5, 3.2.2, 3.2.4 and 3.2.5; R32, R85.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::domain::attendee::Address;
use crate::domain::time::{Instant, Zone};
use crate::ical::edit::is_one_of;
use crate::ical::error::IcalError;
use crate::ical::instance::{detached, set_times};
use crate::ical::limits::Limits;
use crate::ical::line::fold;
use crate::ical::object::CalendarObject;
use crate::ical::patch::Patch;
use crate::ical::scan::scan;
use crate::ical::time;
use crate::ical::tree::{Component, Property};

/// A scheduling message as it was read.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// METHOD, in upper case.
    pub method: String,
    /// What it is about, METHOD included.
    pub object: CalendarObject,
}

impl Incoming {
    /// Reads a message within the limits of any text. Where a start may be missing, because the method
    /// does not need it (RFC 5545, section 3.6.1), the date that is meant stands in its place.
    ///
    /// # Errors
    /// [`IcalError`] for what is no calendar object, and for one without METHOD: a file, no message.
    pub fn read(bytes: Bytes, limits: &Limits) -> Result<Self, IcalError> {
        let scan = scan(bytes, limits)?;
        let calendar = Component::root(&scan);
        let mut methods = calendar.all("METHOD");
        let method = methods.next().map(|method| method.value().trim().to_ascii_uppercase());
        let method = method.filter(|method| !method.is_empty());
        let method = method.ok_or_else(|| IcalError::object("a message has a METHOD"))?;
        if methods.next().is_some() {
            return Err(IcalError::object("a message has one METHOD"));
        }
        let mut patch = Patch::new(calendar);
        if ["CANCEL", "REFRESH", "COUNTER", "DECLINECOUNTER", "REPLY"].contains(&method.as_str()) {
            for part in calendar.children().filter(|part| part.name() == "VEVENT") {
                start_of(&mut patch, part);
            }
        }
        let object = CalendarObject::parse_message(patch.apply(), limits)?;
        Ok(Self { method, object })
    }
}

fn start_of<'a>(patch: &mut Patch<'a>, part: Component<'a>) {
    if part.get("DTSTART").is_some() {
        return;
    }
    let date = part.get("RECURRENCE-ID").or_else(|| part.get("DTSTAMP"));
    let line = date.map(|date| {
        let params = date.params().filter(|param| param.is("TZID") || param.is("VALUE"));
        let mut line = "DTSTART".to_owned();
        for param in params {
            line.extend([";", param.name(), "=", param.raw()]);
        }
        line.extend([":", date.value().trim()]);
        line
    });
    patch.add(part, &line.unwrap_or_else(|| "DTSTART:20000101T000000Z".to_owned()));
}

/// How new a part is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// SEQUENCE; `None` where it is missing.
    pub sequence: Option<i64>,
    /// DTSTAMP.
    pub stamp: Option<Instant>,
}

impl Version {
    fn of(part: Component<'_>) -> Self {
        let value = |name| part.get(name).map(Property::value);
        Self {
            sequence: value("SEQUENCE").and_then(|sequence| sequence.trim().parse().ok()),
            stamp: value("DTSTAMP").and_then(|stamp| time::utc(stamp.trim())),
        }
    }

    /// Of the part without RECURRENCE-ID, else of the newest one.
    #[must_use]
    pub fn of_object(object: &CalendarObject) -> Self {
        let newer = |one: Self, other: Self| if other.is_newer_than(one) { other } else { one };
        match object.master() {
            Some(master) => Self::of(master),
            None => object.parts().map(Self::of).reduce(newer).unwrap_or_default(),
        }
    }

    /// Whether it replaces `other`: the higher SEQUENCE, then the later DTSTAMP (RFC 5546, section 2.1.5).
    #[must_use]
    pub fn is_newer_than(self, other: Self) -> bool {
        match (self.sequence, other.sequence) {
            (Some(new), Some(old)) if new != old => new > old,
            _ => self.stamp > other.stamp,
        }
    }
}

/// Who speaks in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// ORGANIZER.
    pub organizer: Address,
    /// Where the organizer is written to, if ORGANIZER names no mail address (EMAIL; RFC 7986, section 6.2).
    pub email: Option<Address>,
    /// SENT-BY (RFC 5545, section 3.2.18).
    pub sent_by: Option<Address>,
    /// CN.
    pub name: Option<String>,
}

/// The organizer of a message; `None` if it names none, or its parts name several.
#[must_use]
pub fn speaker(object: &CalendarObject) -> Option<Speaker> {
    let mut lines = object.parts().filter_map(|part| part.get("ORGANIZER"));
    let first = lines.next()?;
    let organizer = Address::new(first.value());
    if lines.any(|line| Address::new(line.value()) != organizer) {
        return None;
    }
    let address = |name| first.param(name).map(|value| Address::new(&value));
    Some(Speaker { email: address("EMAIL"), sent_by: address("SENT-BY"), name: first.param("CN"), organizer })
}

/// The first line of a message that invites one of these addresses.
#[must_use]
pub fn invitation<'a>(object: &'a CalendarObject, room: &[Address]) -> Option<Property<'a>> {
    object.parts().find_map(|part| part.all("ATTENDEE").find(|line| is_one_of(*line, room)))
}

/// The text that a REQUEST makes of what is known; `None` if nothing in it is newer. What is known to be
/// newer than it stays. Without METHOD.
#[must_use]
pub fn taken(known: Option<&CalendarObject>, message: &CalendarObject, floating: &Zone) -> Option<Bytes> {
    let Some(known) = known else { return Some(without_method(message)) };
    let whole = match (message.master(), known.master()) {
        (Some(new), Some(old)) => Version::of(new).is_newer_than(Version::of(old)).then_some(new),
        (new, None) => new,
        (None, Some(_)) => None,
    };
    let dated = |object: &CalendarObject| -> Vec<Instant> {
        object.parts().filter_map(|part| object.original_start(part, floating)).collect()
    };
    if let Some(whole) = whole {
        let is_kept = |at: &Instant| {
            let new = message.override_at(*at, floating).unwrap_or(whole);
            let old = known.override_at(*at, floating);
            old.is_some_and(|old| Version::of(old).is_newer_than(Version::of(new)))
        };
        let kept: Vec<Instant> = dated(known).into_iter().filter(is_kept).collect();
        return Some(with_parts(message, known, &kept, floating));
    }
    let series = known.master().map(Version::of);
    let is_new = |at: &Instant| {
        let Some(new) = message.override_at(*at, floating).map(Version::of) else { return false };
        match (known.override_at(*at, floating), series) {
            (Some(old), _) => new.is_newer_than(Version::of(old)),
            (None, Some(series)) => !series.is_newer_than(new),
            (None, None) => true,
        }
    };
    let new: Vec<Instant> = dated(message).into_iter().filter(is_new).collect();
    (!new.is_empty()).then(|| with_parts(known, message, &new, floating))
}

fn without_method(message: &CalendarObject) -> Bytes {
    let mut patch = Patch::new(message.calendar());
    message.calendar().all("METHOD").for_each(|method| patch.remove(method));
    patch.apply()
}

/// `base` with these dates as they are in `other`.
fn with_parts(base: &CalendarObject, other: &CalendarObject, at: &[Instant], floating: &Zone) -> Bytes {
    let mut patch = Patch::new(base.calendar());
    base.calendar().all("METHOD").for_each(|method| patch.remove(method));
    let is_meant = |object: &CalendarObject, part: &Component<'_>| {
        object.original_start(*part, floating).is_some_and(|start| at.contains(&start))
    };
    base.parts().filter(|part| is_meant(base, part)).for_each(|part| patch.remove_component(part));
    let mut added = Vec::new();
    let zone = |part: &Component<'_>| part.text("TZID").filter(|_| part.name() == "VTIMEZONE");
    let known: BTreeSet<String> = base.calendar().children().filter_map(|child| zone(&child)).collect();
    let zones = other.calendar().children();
    let zones = zones.filter(|child| zone(child).is_some_and(|name| !known.contains(&name)));
    for part in zones.chain(other.parts().filter(|part| is_meant(other, part))) {
        added.extend_from_slice(&other.bytes()[part.node().begin.start..part.node().end.end]);
    }
    patch.add_lines_at_end(base.calendar(), &added);
    patch.apply()
}

/// The text with what an ADD adds, as a date of its own (R20, R125); `None` if it is there, or not newer.
#[must_use]
pub fn added(known: &CalendarObject, message: &CalendarObject, floating: &Zone) -> Option<Bytes> {
    let new = message.master()?;
    let at = message.date(new, "DTSTART")?.instant(floating);
    let old = known.override_at(at, floating).or_else(|| known.master());
    if old.is_some_and(|old| !Version::of(new).is_newer_than(Version::of(old))) {
        return None;
    }
    let start = new.get("DTSTART")?.logical();
    let mut patch = Patch::new(message.calendar());
    message.calendar().all("METHOD").for_each(|method| patch.remove(method));
    patch.add(new, &start.replacen(start.get(..7)?, "RECURRENCE-ID", 1));
    let message = super::again(patch.apply()).ok()?;
    Some(with_parts(known, &message, &[at], floating))
}

/// The text without a room's part in it: nothing asks for it any more.
#[must_use]
pub fn uninvited(object: &CalendarObject, room: &[Address]) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        part.all("ATTENDEE").filter(|line| is_one_of(*line, room)).for_each(|line| patch.remove(line));
    }
    patch.apply()
}

/// The text without the dates that a CANCEL names, for one room: they become parts of their own, cancelled
/// where they ask for no other of the house's `rooms`, so that an older message does not bring them back
/// (R85). `None` if it names none that is known and older.
#[must_use]
pub fn dates_cancelled(
    known: &CalendarObject,
    message: &CalendarObject,
    (room, rooms): (&[Address], &[Address]),
    floating: &Zone,
) -> Option<Bytes> {
    let mut patch = Patch::new(known.calendar());
    let mut added = Vec::new();
    let all: Vec<Instant> =
        message.parts().filter_map(|part| message.original_start(part, floating)).collect();
    let others: BTreeSet<Instant> = all.iter().copied().collect();
    for at in &all {
        let Some(cancel) = message.override_at(*at, floating) else { continue };
        let own = known.override_at(*at, floating);
        let old = own.or_else(|| known.master()).map(Version::of);
        if !old.is_some_and(|old| Version::of(cancel).is_newer_than(old)) {
            continue;
        }
        let apart = detached(known, *at, &others, floating);
        let lines: Vec<(Option<Property<'_>>, String)> = match (apart, own) {
            (Some(apart), _) => {
                set_times(&mut patch, apart.from, &apart.rest);
                apart.lines
            }
            (None, Some(own)) => {
                patch.remove_component(own);
                own.properties().map(|line| (Some(line), line.logical().to_owned())).collect()
            }
            (None, None) => continue,
        };
        cancelled_part(&mut added, cancel, &lines, (room, rooms));
    }
    if added.is_empty() {
        return None;
    }
    patch.add_lines_at_end(known.calendar(), &added);
    Some(patch.apply())
}

fn cancelled_part(
    out: &mut Vec<u8>,
    cancel: Component<'_>,
    lines: &[(Option<Property<'_>>, String)],
    (room, rooms): (&[Address], &[Address]),
) {
    let attendees = || lines.iter().filter_map(|(line, _)| *line).filter(|line| line.is("ATTENDEE"));
    let is_other = |line: Property<'_>| is_one_of(line, rooms) && !is_one_of(line, room);
    let stays = attendees().any(is_other);
    let range = cancel.get("RECURRENCE-ID").and_then(|id| id.param("RANGE"));
    let newline = b"\r\n";
    fold("BEGIN:VEVENT", newline, out);
    for (line, text) in lines {
        let is_gone = |name: &str| line.is_some_and(|line| line.is(name));
        let is_room = line.is_some_and(|line| stays && line.is("ATTENDEE") && is_one_of(line, room));
        if ["SEQUENCE", "DTSTAMP", "STATUS"].iter().any(|name| is_gone(name)) || is_room {
            continue;
        }
        let is_id = text.get(..13).is_some_and(|name| name.eq_ignore_ascii_case("RECURRENCE-ID"));
        match range.as_deref().filter(|range| is_id && range.eq_ignore_ascii_case("THISANDFUTURE")) {
            // R61: what follows is meant too.
            Some(_) if !text.to_ascii_uppercase().contains(";RANGE=") => {
                fold(&format!("{};RANGE=THISANDFUTURE{}", &text[..13], &text[13..]), newline, out);
            }
            _ => fold(text, newline, out),
        }
    }
    for name in ["SEQUENCE", "DTSTAMP"] {
        if let Some(line) = cancel.get(name) {
            fold(line.logical(), newline, out);
        }
    }
    if !stays {
        fold("STATUS:CANCELLED", newline, out);
    }
    fold("END:VEVENT", newline, out);
}
