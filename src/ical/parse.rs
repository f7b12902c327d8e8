//! Components to an [`Event`]: the times, the recurrence and the people of a VEVENT object.
//!
//! Reads values leniently where clients are known to differ and refuses what has no meaning.
//! RFC 5545, sections 3.6.1 and 3.8; R16 to R20; B-05, B-06, B-13, B-14.

use std::collections::BTreeSet;

use super::error::{IcalError, IcalErrorKind};
use super::limits::Limits;
use super::line::{text_list, unescape};
use super::time;
use super::tree::{Component, Property};
use super::zones::Zones;
use crate::domain::attendee::{Address, Attendee, PartStat};
use crate::domain::event::{Class, Event, ExtraDate, Part, Status};
use crate::domain::id::Uid;
use crate::domain::recurrence::Rule;
use crate::domain::time::{EventTime, Length, Zone};

/// Builds the event of all `parts`.
pub(crate) fn event<'a>(
    uid: Uid,
    parts: impl Iterator<Item = Component<'a>>,
    zones: &Zones,
    limits: &Limits,
) -> Result<Event, IcalError> {
    let mut event = Event { uid, master: None, overrides: Vec::new() };
    let mut seen = BTreeSet::new();
    for component in parts {
        let part = part(component, zones, limits)?;
        match &part.recurrence_id {
            None if event.master.is_some() => {
                return Err(IcalError::object("two components have no RECURRENCE-ID"));
            }
            None => event.master = Some(part),
            Some(id) => {
                // B-14; R17: compared as instants, a date only with a date.
                if !seen.insert((id.instant(&Zone::utc()), id.is_date())) {
                    return Err(IcalError::object("two components override one instance"));
                }
                event.overrides.push(part);
            }
        }
    }
    Ok(event)
}

/// One VEVENT.
pub(crate) fn part(component: Component<'_>, zones: &Zones, limits: &Limits) -> Result<Part, IcalError> {
    let start = component.get("DTSTART").ok_or_else(|| IcalError::data("a component has no DTSTART"))?;
    let start = time::time(start, zones, limits)?;
    let recurrence_id = component.get("RECURRENCE-ID");
    let dates = extra_dates(component, zones, limits)?;
    let exceptions = exceptions(component, zones)?;
    if dates.len() + exceptions.len() > limits.max_dates {
        let message = format!("more than {} dates in RDATE and EXDATE", limits.max_dates);
        return Err(IcalError::new(IcalErrorKind::TooManyInstances, message));
    }
    Ok(Part {
        this_and_future: recurrence_id
            .and_then(|id| id.param("RANGE"))
            .is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE")),
        recurrence_id: recurrence_id.map(|id| time::time(id, zones, limits)).transpose()?,
        length: length(component, &start, zones, limits)?,
        start,
        rules: rules(component, "RRULE")?,
        except_rules: rules(component, "EXRULE")?,
        dates,
        exceptions,
        status: status(component),
        class: class(component),
        transparent: word(component, "TRANSP").as_deref() == Some("TRANSPARENT"),
        note: component
            .all("CATEGORIES")
            .flat_map(|categories| text_list(categories.value()))
            .any(|category| unescape(category).trim().eq_ignore_ascii_case("NOTE")),
        sequence: integer(component, "SEQUENCE").unwrap_or(0),
        summary: component.text("SUMMARY").unwrap_or_default(),
        location: component.text("LOCATION").unwrap_or_default(),
        organizer: component.get("ORGANIZER").map(|organizer| Address::new(organizer.value())),
        attendees: component.all("ATTENDEE").map(attendee).collect(),
        related_to: component.all("RELATED-TO").map(Property::text).collect(),
        units: integer(component, "X-ROOM-UNITS").unwrap_or(1),
        atomic: word(component, "X-ROOM-POLICY").as_deref() == Some("ATOMIC"),
    })
}

/// R16, R18. DTEND beside DURATION and an end before the start have no meaning (B-05).
pub(crate) fn length(
    component: Component<'_>,
    start: &EventTime,
    zones: &Zones,
    limits: &Limits,
) -> Result<Length, IcalError> {
    let end = if component.name() == "VTODO" { "DUE" } else { "DTEND" };
    match (component.get(end), component.get("DURATION")) {
        (Some(_), Some(_)) => Err(IcalError::data(format!("a component has both {end} and DURATION"))),
        (Some(value), None) => between(start, &time::time(value, zones, limits)?, end),
        (None, Some(duration)) => {
            let duration = time::duration(duration.value())
                .ok_or_else(|| IcalError::data("DURATION is not a duration"))?;
            if duration.negative && duration.total_secs() != 0 {
                return Err(IcalError::data("DURATION is negative"));
            }
            Ok(if start.is_date() && duration.days != 0 {
                Length::Nominal { days: duration.days, secs: duration.secs }
            } else {
                duration.length()
            })
        }
        // R12: a date without an end is one day.
        (None, None) if start.is_date() => Ok(Length::Nominal { days: 1, secs: 0 }),
        (None, None) => Ok(Length::None),
    }
}

/// From a start to an end that was written as a time.
pub(crate) fn between(start: &EventTime, end: &EventTime, name: &str) -> Result<Length, IcalError> {
    let length = match (start, end) {
        (EventTime::Date(start), EventTime::Date(end)) => {
            let days = i64::from((*end - *start).get_days());
            Length::Nominal { days, secs: 0 }
        }
        (EventTime::Date(_), _) | (_, EventTime::Date(_)) => {
            return Err(IcalError::data(format!("DTSTART and {name} are not of one type")));
        }
        (start, end) => {
            // Where one of the two names no zone it is read in the other's.
            let zone = if matches!(start, EventTime::Floating(_)) {
                end.zone(&Zone::utc())
            } else {
                start.zone(&Zone::utc())
            };
            Length::Exact(end.instant(&zone).secs() - start.instant(&zone).secs())
        }
    };
    match length {
        Length::Exact(secs) if secs < 0 => Err(IcalError::object(format!("{name} is before DTSTART"))),
        Length::Nominal { days, .. } if days < 0 => {
            Err(IcalError::object(format!("{name} is before DTSTART")))
        }
        length => Ok(length),
    }
}

fn rules(component: Component<'_>, name: &str) -> Result<Vec<Rule>, IcalError> {
    let read = |property: Property<'_>| {
        Rule::parse(property.value()).map_err(|cause| IcalError::data(format!("{name}: {cause}")))
    };
    component.all(name).map(read).collect()
}

fn exceptions(component: Component<'_>, zones: &Zones) -> Result<Vec<EventTime>, IcalError> {
    let mut all = Vec::new();
    for property in component.all("EXDATE") {
        all.extend(time::times(property, zones)?);
    }
    Ok(all)
}

fn extra_dates(
    component: Component<'_>,
    zones: &Zones,
    limits: &Limits,
) -> Result<Vec<ExtraDate>, IcalError> {
    let bad = || IcalError::data("RDATE is not a date, a time or a period");
    let mut all = Vec::new();
    for property in component.all("RDATE") {
        let zone = zones.of(property)?;
        for text in property.value().split(',').filter(|text| !text.trim().is_empty()) {
            let date = if text.contains('/') {
                let (start, length) = time::period(text, zone.as_ref()).ok_or_else(bad)?;
                time::check_range(&start, "RDATE", limits)?;
                ExtraDate::Period(start, length)
            } else {
                let start = time::event_time(text, zone.as_ref()).ok_or_else(bad)?;
                time::check_range(&start, "RDATE", limits)?;
                ExtraDate::Start(start)
            };
            all.push(date);
        }
    }
    Ok(all)
}

fn attendee(property: Property<'_>) -> Attendee {
    let cutype = property.param("CUTYPE");
    let delegates = property.params().filter(|param| param.is("DELEGATED-TO"));
    Attendee {
        address: Address::new(property.value()),
        email: property.param("EMAIL").filter(|email| !email.is_empty()).map(|email| Address::new(&email)),
        partstat: property.param("PARTSTAT").map(|value| PartStat::named(&value)).unwrap_or_default(),
        individual: cutype.is_none_or(|cutype| cutype.eq_ignore_ascii_case("INDIVIDUAL")),
        delegated_to: delegates
            .flat_map(super::tree::Param::values)
            .map(|value| Address::new(&value))
            .collect(),
    }
}

fn status(component: Component<'_>) -> Status {
    match word(component, "STATUS").as_deref() {
        Some("CANCELLED") => Status::Cancelled,
        Some("TENTATIVE") => Status::Tentative,
        _ => Status::Confirmed,
    }
}

fn class(component: Component<'_>) -> Class {
    match word(component, "CLASS").as_deref() {
        None | Some("PUBLIC" | "") => Class::Public,
        Some("CONFIDENTIAL") => Class::Confidential,
        Some(_) => Class::Private,
    }
}

/// A value that is one word, in upper case.
fn word(component: Component<'_>, name: &str) -> Option<String> {
    component.get(name).map(|property| property.value().trim().to_ascii_uppercase())
}

fn integer(component: Component<'_>, name: &str) -> Option<i64> {
    component.get(name)?.value().trim().parse().ok()
}
