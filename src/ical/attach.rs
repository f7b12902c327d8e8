//! ATTACH lines of attachments that the server keeps: who names which, and putting them into a
//! text, or out of it, for the whole or for single dates.
//!
//! Knows no bodies and no rights; what a key stands for is told by the caller. Only lines of the
//! components themselves count, those of alarms are the writer's own affair.
//! RFC 8607, sections 3.3.2, 3.4 to 3.9, 4 and 4.1 to 4.3; RFC 5545, section 3.8.1.1.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::edit::insert_component;
use super::instance::{Detached, detached, set_times};
use super::object::CalendarObject;
use super::patch::{Params, Patch, remove_param, set_param};
use super::time::event_time;
use super::tree::{Component, Property};
use crate::domain::event::Part;
use crate::domain::time::{EventTime, Instant, Zone};

/// What the server says of an attachment that it keeps (RFC 8607, section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Managed {
    /// MANAGED-ID.
    pub id: String,
    /// Where it is got: the value of the line.
    pub uri: String,
    /// FMTTYPE: a type and a subtype.
    pub media_type: String,
    /// FILENAME.
    pub name: String,
    /// SIZE, in octets.
    pub size: u64,
}

impl Managed {
    fn write(&self, params: &mut Params, value: &mut String) {
        // A body that stood there itself would not be a URI.
        remove_param(params, "ENCODING");
        remove_param(params, "VALUE");
        set_param(params, "MANAGED-ID", &self.id);
        set_param(params, "FMTTYPE", &self.media_type);
        set_param(params, "FILENAME", &self.name);
        set_param(params, "SIZE", &self.size.to_string());
        value.clone_from(&self.uri);
    }

    fn line(&self) -> String {
        let line = super::patch::rebuilt("ATTACH:", |params, value| self.write(params, value));
        line.unwrap_or_default()
    }
}

/// Which parts of an object are meant (RFC 8607, section 3.3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parts {
    /// Everything that there is.
    All,
    /// The series or single event itself, and these dates, by when they would start.
    These {
        /// Whether the component without RECURRENCE-ID is meant.
        master: bool,
        /// Dates; those that have no component of their own get one.
        instances: BTreeSet<Instant>,
    },
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// One more line.
    Add(Managed),
    /// The lines with this key say something else.
    Replace(String, Managed),
    /// The lines with this key go.
    Remove(String),
}

/// Why nothing is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unchanged {
    /// There is no such part.
    NoPart,
    /// No part that is meant names the attachment.
    NotNamed,
}

fn id_of(line: Property<'_>) -> Option<String> {
    line.is("ATTACH").then(|| line.param("MANAGED-ID")).flatten()
}

/// The keys that an object names, each once, ascending.
#[must_use]
pub fn managed_ids(object: &CalendarObject) -> Vec<String> {
    let ids: BTreeSet<String> =
        object.parts().flat_map(|part| part.properties().filter_map(id_of).collect::<Vec<_>>()).collect();
    ids.into_iter().collect()
}

/// The most ATTACH lines that one component has.
#[must_use]
pub fn most_in_one_part(object: &CalendarObject) -> usize {
    object.parts().map(|part| part.all("ATTACH").count()).max().unwrap_or(0)
}

/// The keys that the addresses of lines without a key speak of, as `id_in` reads them: a program
/// may keep the address and lose what it does not know.
#[must_use]
pub fn ids_by_address(object: &CalendarObject, id_in: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let bare = |line: &Property<'_>| line.is("ATTACH") && id_of(*line).is_none();
    let lines = object.parts().flat_map(|part| part.properties().filter(bare).collect::<Vec<_>>());
    lines.filter_map(|line| id_in(line.value())).collect()
}

/// The text with the lines of these attachments as the server says them.
#[must_use]
pub fn settled(
    object: &CalendarObject,
    id_in: impl Fn(&str) -> Option<String>,
    known: &BTreeMap<String, Managed>,
) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        for line in part.all("ATTACH") {
            let id = id_of(line).or_else(|| id_in(line.value()));
            if let Some(managed) = id.and_then(|id| known.get(&id)) {
                patch.rebuild(line, |params, value| managed.write(params, value));
            }
        }
    }
    patch.apply()
}

/// The text without keys but these: its other lines are addresses like any other (RFC 8607,
/// section 3.12).
#[must_use]
pub fn unmanaged(object: &CalendarObject, kept: &[String]) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        for line in part.all("ATTACH").filter(|line| id_of(*line).is_some_and(|id| !kept.contains(&id))) {
            patch.remove_param(line, "MANAGED-ID");
        }
    }
    patch.apply()
}

/// The text without the attachments that the server keeps, for those who cannot get them.
#[must_use]
pub fn without_managed(object: &CalendarObject) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        part.all("ATTACH").filter(|line| id_of(*line).is_some()).for_each(|line| patch.remove(line));
    }
    patch.apply()
}

/// When the instance would start that a `rid` names: a date, a time in UTC, or for a floating
/// series a local one. `None` if it is no such thing; whether there is the instance is not looked at.
#[must_use]
pub fn instance(object: &CalendarObject, rid: &str, floating: &Zone) -> Option<Instant> {
    let named = event_time(rid, None)?;
    let first = object.parts().next()?;
    let start = object.date(first, "DTSTART")?;
    if named.is_date() != start.is_date() {
        return None;
    }
    let named = match (named, start) {
        (EventTime::Floating(wall), EventTime::Zoned(_, zone)) => EventTime::Zoned(wall, zone),
        (named, _) => named,
    };
    Some(named.instant(floating))
}

/// The text with a change made to the parts that are meant.
///
/// # Errors
/// [`Unchanged`], where there is nothing that could be changed.
pub fn edited(
    object: &CalendarObject,
    wanted: &Parts,
    change: &Change,
    floating: &Zone,
) -> Result<Bytes, Unchanged> {
    let mut patch = Patch::new(object.calendar());
    let none = BTreeSet::new();
    let (master, instances) = match wanted {
        Parts::All => (true, &none),
        Parts::These { master, instances } => (*master, instances),
    };
    if master && *wanted != Parts::All && object.master().is_none() {
        return Err(Unchanged::NoPart);
    }
    let apart = apart(object, instances, floating)?;
    let mut is_changed = false;
    for part in object.parts() {
        let is_meant = match object.original_start(part, floating) {
            _ if *wanted == Parts::All => true,
            None => master,
            Some(at) => instances.contains(&at) && !apart.contains_key(&at),
        };
        is_changed |= is_meant && change_part(&mut patch, part, change);
    }
    for detached in apart.into_values() {
        set_times(&mut patch, detached.from, &detached.rest);
        let from = detached.from;
        let (lines, is_other) = changed_lines(detached, change);
        is_changed |= is_other;
        insert_component(&mut patch, object, from, &lines);
    }
    if is_changed { Ok(patch.apply()) } else { Err(Unchanged::NotNamed) }
}

/// The instances that are described together with others, by when they would start.
fn apart<'a>(
    object: &'a CalendarObject,
    instances: &BTreeSet<Instant>,
    floating: &Zone,
) -> Result<BTreeMap<Instant, Detached<'a>>, Unchanged> {
    let recurs = object.series().and_then(|series| series.master.as_ref()).is_some_and(Part::recurs);
    let mut apart = BTreeMap::new();
    for at in instances {
        match detached(object, *at, instances, floating).filter(|_| recurs) {
            Some(detached) => {
                apart.insert(*at, detached);
            }
            None if object.override_at(*at, floating).is_some() => {}
            None => return Err(Unchanged::NoPart),
        }
    }
    Ok(apart)
}

/// Whether the part has something else to say now.
fn change_part<'a>(patch: &mut Patch<'a>, part: Component<'a>, change: &Change) -> bool {
    let named =
        |id: &str| part.properties().filter(|line| id_of(*line).as_deref() == Some(id)).collect::<Vec<_>>();
    match change {
        Change::Add(managed) => {
            patch.add(part, &managed.line());
            true
        }
        Change::Replace(id, managed) => {
            let lines = named(id);
            for line in &lines {
                patch.rebuild(*line, |params, value| managed.write(params, value));
            }
            !lines.is_empty()
        }
        Change::Remove(id) => {
            let lines = named(id);
            for line in &lines {
                patch.remove(*line);
            }
            !lines.is_empty()
        }
    }
}

/// The lines of a new component, and whether the change is among them.
fn changed_lines(detached: Detached<'_>, change: &Change) -> (Vec<String>, bool) {
    let mut lines = Vec::new();
    let mut is_changed = false;
    for (property, text) in detached.lines {
        let id = property.and_then(id_of);
        match change {
            Change::Remove(gone) if id.as_ref() == Some(gone) => is_changed = true,
            Change::Replace(old, managed) if id.as_ref() == Some(old) => {
                lines.push(managed.line());
                is_changed = true;
            }
            _ => lines.push(text),
        }
    }
    if let Change::Add(managed) = change {
        lines.push(managed.line());
        is_changed = true;
    }
    (lines, is_changed)
}

#[cfg(test)]
mod tests;
