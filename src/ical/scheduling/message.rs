//! The texts of scheduling messages (RFC 5546, sections 3.2.2, 3.2.3 and 3.2.5), and which dates are
//! in them.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::answers::{Answers, has_instance};
use super::changes::exceptions;
use crate::domain::attendee::Address;
use crate::domain::event::{Event, Status};
use crate::domain::recurrence::original_start;
use crate::domain::time::{Instant, Zone};
use crate::ical::edit::{IDENTITY_AND_TIMES, exclude_all, insert_component, is_one_of};
use crate::ical::error::IcalError;
use crate::ical::instance::detached;
use crate::ical::object::CalendarObject;
use crate::ical::patch::{Patch, set_param};
use crate::ical::time::write_utc;
use crate::ical::tree::Component;

/// `object` as a message with this METHOD, made now (RFC 6638, section 3.2.5).
#[must_use]
pub fn message(object: &CalendarObject, method: &str, stamp: Instant) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    patch.add(object.calendar(), &format!("METHOD:{method}"));
    for part in object.parts() {
        patch.set_property(part, "DTSTAMP", &write_utc(stamp));
    }
    patch.apply()
}

/// The text in which no part has a lower SEQUENCE than `least` says of the start that it replaces.
#[must_use]
pub fn sequenced(object: &CalendarObject, floating: &Zone, least: impl Fn(Option<Instant>) -> i64) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        let least = least(object.original_start(part, floating));
        if sequence(part) < least {
            patch.set_property(part, "SEQUENCE", &least.to_string());
        }
    }
    patch.apply()
}

fn sequence(part: Component<'_>) -> i64 {
    part.get("SEQUENCE").and_then(|line| line.value().trim().parse().ok()).unwrap_or(0)
}

/// The text with everything in it cancelled, and one later than it was.
#[must_use]
pub fn cancelled(object: &CalendarObject) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        patch.set_property(part, "STATUS", "CANCELLED");
        patch.set_property(part, "SEQUENCE", &sequence(part).saturating_add(1).to_string());
    }
    patch.apply()
}

/// Only these instances of the object, each as a part of its own.
///
/// # Errors
/// [`IcalError`] if nothing is left.
pub fn instances(
    object: &CalendarObject,
    at: &[Instant],
    floating: &Zone,
) -> Result<CalendarObject, IcalError> {
    parts(object, false, at, floating)
}

pub(super) fn parts(
    object: &CalendarObject,
    keeps_master: bool,
    at: &[Instant],
    floating: &Zone,
) -> Result<CalendarObject, IcalError> {
    let others: BTreeSet<Instant> = at.iter().copied().collect();
    let apart = |at: &Instant| Some((*at, detached(object, *at, &others, floating)?));
    let apart: BTreeMap<Instant, _> = at.iter().filter_map(apart).collect();
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        let is_kept = match object.original_start(part, floating) {
            None => keeps_master,
            // A range that begins there says more than that date.
            Some(start) => others.contains(&start) && !apart.contains_key(&start),
        };
        if !is_kept {
            patch.remove_component(part);
        }
    }
    for detached in apart.into_values() {
        let lines: Vec<String> = detached.lines.into_iter().map(|(_, text)| text).collect();
        insert_component(&mut patch, object, detached.from, &lines);
    }
    super::again(patch.apply())
}

/// The text without these instances: excluded from a series, else their parts are gone.
///
/// # Errors
/// [`IcalError`] if nothing is left.
pub fn without(
    object: &CalendarObject,
    at: &[Instant],
    floating: &Zone,
) -> Result<CalendarObject, IcalError> {
    if at.is_empty() {
        return Ok(object.clone());
    }
    let gone: BTreeSet<Instant> = at.iter().copied().collect();
    let text = exclude_all(object, &gone, floating).unwrap_or_else(|| {
        let mut patch = Patch::new(object.calendar());
        let is_gone = |part: &Component<'_>| {
            object.original_start(*part, floating).is_some_and(|at| gone.contains(&at))
        };
        object.parts().filter(is_gone).for_each(|part| patch.remove_component(part));
        patch.apply()
    });
    super::again(text)
}

/// The text without the dates that are cancelled by parts of their own: a REQUEST asks for nothing
/// that is cancelled (RFC 5546, section 3.2.2). What is cancelled as a whole stays as it is.
///
/// # Errors
/// [`IcalError`] if the text cannot be read again.
pub fn standing(object: &CalendarObject, floating: &Zone) -> Result<CalendarObject, IcalError> {
    let is_whole = object.event().is_ok_and(Event::is_cancelled);
    let gone: Vec<Instant> = match object.event() {
        Ok(event) if !is_whole => event
            .overrides
            .iter()
            .filter(|part| part.status == Status::Cancelled)
            .filter_map(|part| Some(original_start(event, part.recurrence_id.as_ref()?, floating)))
            .collect(),
        _ => Vec::new(),
    };
    without(object, &gone, floating)
}

/// The dates of `old` that `new` does not have any more, because they are excluded or their parts
/// are gone. None where a series is gone: that is lost as a whole.
#[must_use]
pub fn lost(old: &CalendarObject, new: &CalendarObject, floating: &Zone) -> Vec<Instant> {
    let (Ok(was), Ok(is)) = (old.event(), new.event()) else { return Vec::new() };
    let starts = |event: &Event| -> BTreeSet<Instant> {
        let ids = event.overrides.iter().filter_map(|part| part.recurrence_id.as_ref());
        ids.map(|id| original_start(event, id, floating)).collect()
    };
    let gone: BTreeSet<Instant> = match (&was.master, &is.master) {
        (Some(_), Some(_)) => &exceptions(is, floating) - &exceptions(was, floating),
        (None, None) => &starts(was) - &starts(is),
        (None, Some(_)) => starts(was).into_iter().filter(|at| !has_instance(new, *at, floating)).collect(),
        (Some(_), None) => BTreeSet::new(),
    };
    gone.into_iter().filter(|at| has_instance(old, *at, floating)).collect()
}

/// What an attendee tells the organizer: only himself, only the answers that are new.
///
/// # Errors
/// [`IcalError`] if there is no such answer.
pub fn reply(
    copy: &CalendarObject,
    attendee: &[Address],
    answers: &Answers,
    stamp: Instant,
    floating: &Zone,
) -> Result<Bytes, IcalError> {
    const KEPT: [&str; 5] = ["ORGANIZER", "ATTENDEE", "SUMMARY", "LOCATION", "COMMENT"];
    let at: Vec<Instant> = answers.instances.keys().copied().collect();
    let said = parts(copy, answers.whole.is_some(), &at, floating)?;
    let mut patch = Patch::new(said.calendar());
    for part in said.parts() {
        let answer = match said.original_start(part, floating) {
            None => answers.whole,
            Some(at) => answers.instances.get(&at).copied(),
        };
        for line in part.properties() {
            let is_own = line.is("ATTENDEE") && is_one_of(line, attendee);
            if !IDENTITY_AND_TIMES.iter().chain(&KEPT).any(|name| line.is(name))
                || (line.is("ATTENDEE") && !is_own)
            {
                patch.remove(line);
            } else if let (true, Some(answer)) = (is_own, answer) {
                patch.change_params(line, |params| {
                    params.retain(|(name, _)| !name.eq_ignore_ascii_case("RSVP"));
                    set_param(params, "PARTSTAT", answer.as_str());
                });
            } else if line.is("ORGANIZER") {
                patch.remove_param(line, "SCHEDULE-STATUS");
            }
        }
        part.children().for_each(|child| patch.remove_component(child));
        patch.add(part, "REQUEST-STATUS:2.0;Success");
    }
    Ok(message(&super::again(patch.apply())?, "REPLY", stamp))
}
