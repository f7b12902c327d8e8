//! Edits of when an event is: instances left out or taken in again, an end that comes earlier, and a text
//! of which only the times are left.
//!
//! Knows no room and no rule. RFC 5545, sections 3.8.2.2 and 3.8.5.1; R54, R61, R89.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::super::instance::{named_like_start, range_after, set_times, timed};
use super::super::object::CalendarObject;
use super::super::patch::Patch;
use super::super::time::times;
use super::super::tree::{Component, Property};
use crate::domain::time::{Instant, Zone};

/// Excludes the instance that would start at `at`: an EXDATE in DTSTART's own form, and its
/// override goes; one with RANGE=THISANDFUTURE begins at the next instance then. `None` if there
/// is no master.
#[must_use]
pub fn exclude(object: &CalendarObject, at: Instant, floating: &Zone) -> Option<Bytes> {
    exclude_all(object, &BTreeSet::from([at]), floating)
}

/// As [`exclude`], of several instances at once.
#[must_use]
pub fn exclude_all(object: &CalendarObject, gone: &BTreeSet<Instant>, floating: &Zone) -> Option<Bytes> {
    let master = object.master()?;
    let mut patch = Patch::new(object.calendar());
    for at in gone {
        patch.add(master, &named_like_start(object, master, "EXDATE", *at, floating)?);
    }
    for part in object.parts() {
        let Some(at) = object.original_start(part, floating).filter(|at| gone.contains(at)) else { continue };
        match range_after(object, part, at, gone, floating) {
            // What follows keeps what the range says of it (R61).
            Some(times) => set_times(&mut patch, part, &times),
            None => patch.remove_component(part),
        }
    }
    Some(patch.apply())
}

/// Takes back that the instance that would start at `at` is excluded. `None` if no EXDATE names it.
#[must_use]
pub fn include(object: &CalendarObject, at: Instant, floating: &Zone) -> Option<Bytes> {
    let master = object.master()?;
    let mut patch = Patch::new(object.calendar());
    for property in master.all("EXDATE") {
        let times = times(property, object.zones()).ok()?;
        let values = property.value().split(',').filter(|value| !value.trim().is_empty()).zip(&times);
        let kept: Vec<&str> =
            values.filter(|(_, time)| time.instant(floating) != at).map(|(value, _)| value).collect();
        match kept.as_slice() {
            kept if kept.len() == times.len() => {}
            [] => patch.remove(property),
            kept => patch.set_value(property, &kept.join(",")),
        }
    }
    (!patch.is_empty()).then(|| patch.apply())
}

/// What says which event it is, in which version, and when.
pub(in crate::ical) const IDENTITY_AND_TIMES: [&str; 11] = [
    "UID",
    "DTSTAMP",
    "SEQUENCE",
    "RECURRENCE-ID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "EXRULE",
    "RDATE",
    "EXDATE",
];

/// Leaves of these parts when they are, and that they are cancelled.
#[must_use]
pub fn only_cancelled_times<'a>(
    object: &'a CalendarObject,
    parts: impl Iterator<Item = Component<'a>>,
) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in parts {
        let other = |property: &Property<'_>| !IDENTITY_AND_TIMES.iter().any(|name| property.is(name));
        part.properties().filter(other).for_each(|property| patch.remove(property));
        part.children().for_each(|child| patch.remove_component(child));
        patch.add(part, "STATUS:CANCELLED");
    }
    patch.apply()
}

/// The text of a single event that ends at `at`, in the form of its start; `None` of whole days and of
/// what has no start.
#[must_use]
pub fn end_at(object: &CalendarObject, at: Instant, floating: &Zone) -> Option<Bytes> {
    let part = object.master()?;
    let start =
        part.get("DTSTART").filter(|_| object.date(part, "DTSTART").is_some_and(|it| !it.is_date()))?;
    let end = timed(object, start, at, floating)?;
    let mut patch = Patch::new(object.calendar());
    part.all("DTEND").chain(part.all("DURATION")).for_each(|old| patch.remove(old));
    patch.add(part, &format!("DTEND{}", end.get("DTSTART".len()..)?));
    Some(patch.apply())
}
