//! Who answered what: PARTSTAT of one attendee, for the whole and for single instances.
//!
//! RFC 5545, section 3.2.12; RFC 6638, sections 3.2.8, 3.2.9 and 7.1.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::domain::attendee::{Address, PartStat};
use crate::domain::recurrence::{self, Budget};
use crate::domain::time::{Instant, Zone};
use crate::ical::edit::{RoomAnswer, Which, answer_person, is_one_of};
use crate::ical::object::CalendarObject;
use crate::ical::patch::{Patch, remove_param, set_param};
use crate::ical::tree::Property;

/// Who sends messages to an attendee, or to the organizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agent {
    /// The server.
    Server,
    /// The client itself.
    Client,
    /// Nobody.
    Nobody,
}

/// SCHEDULE-AGENT of an ATTENDEE or ORGANIZER; what is not known counts as NONE.
#[must_use]
pub fn agent(line: Property<'_>) -> Agent {
    match line.param("SCHEDULE-AGENT").map(|value| value.to_ascii_uppercase()).as_deref() {
        None | Some("SERVER") => Agent::Server,
        Some("CLIENT") => Agent::Client,
        Some(_) => Agent::Nobody,
    }
}

/// What one attendee answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// In the part without RECURRENCE-ID; `None` if that does not invite him.
    pub whole: Option<PartStat>,
    /// In overrides, by the start they replace.
    pub instances: BTreeMap<Instant, PartStat>,
}

impl Answers {
    /// What holds for one instance.
    #[must_use]
    pub fn at(&self, at: Instant) -> Option<PartStat> {
        self.instances.get(&at).copied().or(self.whole)
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.whole.is_none() && self.instances.is_empty()
    }
}

/// The answers of `attendee` that stand in `object`.
#[must_use]
pub fn answers(object: &CalendarObject, attendee: &[Address], floating: &Zone) -> Answers {
    let mut answers = Answers::default();
    for part in object.parts() {
        let Some(line) = part.all("ATTENDEE").find(|line| is_one_of(*line, attendee)) else { continue };
        let partstat = partstat(line);
        match object.original_start(part, floating) {
            None => answers.whole = Some(partstat),
            Some(at) => {
                answers.instances.insert(at, partstat);
            }
        }
    }
    answers
}

pub(super) fn partstat(line: Property<'_>) -> PartStat {
    line.param("PARTSTAT").map(|value| PartStat::named(&value)).unwrap_or_default()
}

/// Whether the object has the instance that would start at `at`.
#[must_use]
pub fn has_instance(object: &CalendarObject, at: Instant, floating: &Zone) -> bool {
    let Ok(event) = object.event() else { return false };
    object.override_at(at, floating).is_some()
        || recurrence::occurrence_of(event, at, floating, &Budget::default())
            .is_ok_and(|found| found.is_some())
}

/// The text with these answers of `attendee` in it; where an instance has no part of its own it
/// gets one, unless the object does not have the instance at all.
#[must_use]
pub fn recorded(
    object: &CalendarObject,
    attendee: &[Address],
    answers: &Answers,
    status: Option<&str>,
    floating: &Zone,
) -> Bytes {
    let answer = |which, partstat| RoomAnswer { which, partstat, schedule_status: status };
    let mut all: Vec<RoomAnswer<'_>> =
        answers.whole.into_iter().map(|partstat| answer(Which::Master, partstat)).collect();
    let instances = answers.instances.iter().filter(|(at, _)| has_instance(object, **at, floating));
    all.extend(instances.map(|(at, partstat)| answer(Which::Instance(*at), *partstat)));
    answer_person(object, attendee, &all, floating)
}

/// What is written into one ATTENDEE or ORGANIZER line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark<'a> {
    /// PARTSTAT, where it is not the writer's to say.
    pub partstat: Option<PartStat>,
    /// SCHEDULE-STATUS (RFC 6638, section 3.2.9).
    pub status: Option<&'a str>,
}

/// Marks the lines of people; `mark` gets the line and the start that its part replaces.
#[must_use]
pub fn mark<'m>(
    object: &CalendarObject,
    floating: &Zone,
    mark: impl Fn(Property<'_>, Option<Instant>) -> Option<Mark<'m>>,
) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        let at = object.original_start(part, floating);
        for line in part.properties().filter(|line| line.is("ATTENDEE") || line.is("ORGANIZER")) {
            let Some(Mark { partstat: wanted, status }) = mark(line, at) else { continue };
            let is_reset = wanted == Some(PartStat::NeedsAction) && partstat(line) != PartStat::NeedsAction;
            patch.change_params(line, |params| {
                match wanted {
                    // Absent says the same.
                    Some(PartStat::NeedsAction) if !is_reset => {}
                    Some(wanted) => set_param(params, "PARTSTAT", wanted.as_str()),
                    None => {}
                }
                if is_reset {
                    set_param(params, "RSVP", "TRUE");
                }
                match status {
                    Some(status) => set_param(params, "SCHEDULE-STATUS", status),
                    None => remove_param(params, "SCHEDULE-STATUS"),
                }
            });
        }
    }
    patch.apply()
}
