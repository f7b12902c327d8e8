//! What makes a VCALENDAR one calendar object resource, before its times are read.
//!
//! RFC 4791, section 4.1; RFC 5545, section 3.6; L-34, L-35, L-37; B-03, B-05.

use std::collections::BTreeSet;

use super::error::{IcalError, IcalErrorKind};
use super::limits::Limits;
use super::object::ComponentKind;
use super::time;
use super::tree::{Component, Property};
use super::zones::Zones;
use crate::domain::attendee::Address;
use crate::domain::id::Uid;

/// Only messages have a METHOD.
pub(crate) fn method(calendar: Component<'_>) -> Result<(), IcalError> {
    if calendar.get("METHOD").is_some() {
        return Err(IcalError::object("a calendar object has no METHOD"));
    }
    Ok(())
}

/// The properties of the VCALENDAR itself.
pub(crate) fn calendar(calendar: Component<'_>) -> Result<(), IcalError> {
    if calendar.get("VERSION").is_some_and(|version| version.value().trim() != "2.0") {
        return Err(IcalError::data("the text is not iCalendar 2.0"));
    }
    Ok(())
}

/// The components besides VTIMEZONE, which are all of one kind. Experimental ones (`X-…`) are
/// carried along and not looked at.
pub(crate) fn parts(calendar: Component<'_>) -> Result<(ComponentKind, Vec<u32>), IcalError> {
    let mut kind = None;
    let mut parts = Vec::new();
    for child in calendar.children() {
        if child.name() == "VTIMEZONE" || child.name().starts_with("X-") {
            continue;
        }
        let Some(found) = ComponentKind::named(child.name()) else {
            let message = format!("{} is not a component this server keeps", child.name());
            return Err(IcalError::new(IcalErrorKind::UnsupportedComponent, message));
        };
        if *kind.get_or_insert(found) != found {
            return Err(IcalError::object("the object mixes kinds of components"));
        }
        parts.push(child.index);
    }
    kind.map(|kind| (kind, parts))
        .ok_or_else(|| IcalError::object("the object has no component but VTIMEZONE"))
}

/// The UID that all parts share (B-03).
pub(crate) fn uid<'a>(
    mut parts: impl Iterator<Item = Component<'a>>,
    limits: &Limits,
) -> Result<Uid, IcalError> {
    let read = |part: Component<'_>| {
        let uid = part.text("UID").map(|uid| uid.trim().to_owned()).filter(|uid| !uid.is_empty());
        uid.ok_or_else(|| IcalError::object(format!("a {} has no UID", part.name())))
    };
    let first =
        parts.next().ok_or_else(|| IcalError::object("the object has no component")).and_then(read)?;
    for part in parts {
        if read(part)? != first {
            return Err(IcalError::object("the object has more than one UID"));
        }
    }
    if first.len() > limits.max_uid_bytes {
        return Err(IcalError::data("the UID is too long"));
    }
    Ok(Uid::new(first))
}

/// Counts of one component: what may stand once, alarms and attachments (L-35).
pub(crate) fn component(component: Component<'_>, limits: &Limits) -> Result<(), IcalError> {
    const ONCE: [&str; 8] =
        ["UID", "DTSTART", "DTEND", "DUE", "DURATION", "RECURRENCE-ID", "RRULE", "DTSTAMP"];
    if let Some(name) = ONCE.iter().find(|name| component.all(name).nth(1).is_some()) {
        return Err(IcalError::data(format!("{} has {name} twice", component.name())));
    }
    if component.children().filter(|child| child.name() == "VALARM").count() > limits.max_alarms {
        return Err(IcalError::object(format!("{} has too many alarms", component.name())));
    }
    let attachments = std::iter::once(component).chain(component.children());
    for holder in attachments {
        if holder.all("ATTACH").count() > limits.max_attachments {
            return Err(IcalError::object(format!("{} has too many attachments", holder.name())));
        }
        let inline = |attach: &Property<'_>| {
            let by_type = attach.param("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("BINARY"));
            by_type || attach.param("ENCODING").is_some_and(|value| value.eq_ignore_ascii_case("BASE64"))
        };
        let bytes: usize = holder.all("ATTACH").filter(inline).map(|attach| attach.value().len()).sum();
        if bytes > limits.max_inline_attachment_bytes {
            return Err(IcalError::object("the object carries an attachment instead of its address"));
        }
    }
    Ok(())
}

/// L-34: in each component, and distinct ones in all.
pub(crate) fn attendees<'a>(
    parts: impl Iterator<Item = Component<'a>>,
    limits: &Limits,
) -> Result<(), IcalError> {
    let mut distinct = BTreeSet::new();
    for part in parts {
        let addresses = part.all("ATTENDEE").map(|attendee| Address::new(attendee.value()));
        let before = distinct.len();
        let count = addresses.map(|address| distinct.insert(address)).count();
        if count > limits.max_attendees || distinct.len().max(before) > limits.max_attendees {
            let message = format!("more than {} attendees", limits.max_attendees);
            return Err(IcalError::new(IcalErrorKind::TooManyAttendees, message));
        }
    }
    Ok(())
}

/// The times of components that are no events; an event's are read by `parse`.
pub(crate) fn times(component: Component<'_>, zones: &Zones, limits: &Limits) -> Result<(), IcalError> {
    for name in ["DTSTART", "DTEND", "DUE", "RECURRENCE-ID"] {
        if let Some(property) = component.get(name) {
            time::time(property, zones, limits)?;
        }
    }
    let listed = ["EXDATE", "RDATE"].iter().flat_map(|name| component.all(name));
    if listed.map(|property| property.value().split(',').count()).sum::<usize>() > limits.max_dates {
        let message = format!("more than {} dates in RDATE and EXDATE", limits.max_dates);
        return Err(IcalError::new(IcalErrorKind::TooManyInstances, message));
    }
    for name in ["EXDATE", "RDATE"] {
        // PERIODs are read where they matter, for events.
        let dates = |property: &Property<'_>| !property.value().contains('/');
        for property in component.all(name).filter(dates) {
            time::times(property, zones)?;
        }
    }
    if component.get("DURATION").is_some_and(|length| time::duration(length.value()).is_none()) {
        return Err(IcalError::data("DURATION is not a duration"));
    }
    if let Some(rule) = component.get("RRULE") {
        crate::domain::recurrence::Rule::parse(rule.value())
            .map_err(|cause| IcalError::data(cause.to_string()))?;
    }
    Ok(())
}
