//! The edits that the server makes to a client's text, each as a patch of single lines:
//! a room's answer, LOCATION, a declined copy, one cancelled instance.
//!
//! Each takes an object and gives the new text. Decides nothing about rooms.
//! RFC 6638, sections 3.2.9, 7.1 and 7.3; R25, R121, R122.

mod dates;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::instance::{Detached, detached, set_times};
use super::line::{escape, unescape};
use super::object::CalendarObject;
use super::patch::{Params, Patch, ending, rebuilt, remove_param, set_param};
use super::tree::{Component, Property};
use super::{alarms, line};
use crate::domain::attendee::{Address, PartStat};
use crate::domain::time::{Instant, Zone};

pub(in crate::ical) use dates::IDENTITY_AND_TIMES;
pub use dates::{end_at, exclude, exclude_all, include, only_cancelled_times};

/// Which parts of an object an edit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The master and all overrides.
    Every,
    /// The master alone.
    Master,
    /// The instance whose original start this is; an override is made where there is none.
    Instance(Instant),
}

impl Which {
    fn instance(self) -> Option<Instant> {
        match self {
            Self::Instance(at) => Some(at),
            Self::Every | Self::Master => None,
        }
    }

    /// Whether it means the part with this original start; the master has none.
    fn covers(self, id: Option<Instant>) -> bool {
        match self {
            Self::Every => true,
            Self::Master => id.is_none(),
            Self::Instance(at) => id == Some(at),
        }
    }
}

/// What a room says to one or all instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomAnswer<'a> {
    /// For which instances. Later answers go over earlier ones.
    pub which: Which,
    /// The new PARTSTAT; RSVP goes unless it is NEEDS-ACTION.
    pub partstat: PartStat,
    /// SCHEDULE-STATUS (R122); `None` removes it.
    pub schedule_status: Option<&'a str>,
}

impl RoomAnswer<'_> {
    fn write(&self, params: &mut Params) {
        set_param(params, "CUTYPE", "ROOM");
        set_param(params, "PARTSTAT", self.partstat.as_str());
        match self.schedule_status {
            Some(status) => set_param(params, "SCHEDULE-STATUS", status),
            None => remove_param(params, "SCHEDULE-STATUS"),
        }
        if self.partstat != PartStat::NeedsAction {
            remove_param(params, "RSVP");
        }
    }

    fn write_of_person(&self, params: &mut Params) {
        set_param(params, "PARTSTAT", self.partstat.as_str());
        if let Some(status) = self.schedule_status {
            set_param(params, "SCHEDULE-STATUS", status);
        }
        if self.partstat == PartStat::NeedsAction {
            set_param(params, "RSVP", "TRUE");
        } else {
            remove_param(params, "RSVP");
        }
    }
}

/// Writes a room's answers into its ATTENDEE lines. `room` are all addresses of the room;
/// parts that do not invite it stay as they are (R30), and an instance that has neither an
/// override nor a master with the room is left alone.
#[must_use]
pub fn answer_room(
    object: &CalendarObject,
    room: &[Address],
    answers: &[RoomAnswer<'_>],
    floating: &Zone,
) -> Bytes {
    answer(object, room, answers, floating, RoomAnswer::write)
}

/// As [`answer_room`], of a person: nothing but the answer changes, and without a
/// `schedule_status` the one that is there stays.
#[must_use]
pub fn answer_person(
    object: &CalendarObject,
    person: &[Address],
    answers: &[RoomAnswer<'_>],
    floating: &Zone,
) -> Bytes {
    answer(object, person, answers, floating, RoomAnswer::write_of_person)
}

/// Gives an event to another organizer: ORGANIZER is the new one, and so is the ATTENDEE line that the old
/// one had of his own, unless the new one has one already. `uid` takes the place of the old one (RFC 5546,
/// section 3.2.2.4).
#[must_use]
pub fn hand_over(
    object: &CalendarObject,
    old: &[Address],
    (new, name): (&[Address], &str),
    uid: Option<&str>,
) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    let Some(address) = new.first() else { return patch.apply() };
    let become_new = |params: &mut Params, value: &mut String| {
        set_param(params, "CN", name);
        for param in ["EMAIL", "SENT-BY", "SCHEDULE-STATUS", "DIR"] {
            remove_param(params, param);
        }
        address.as_str().clone_into(value);
    };
    for part in object.parts() {
        if let Some(uid) = uid {
            patch.set_property(part, "UID", &escape(uid));
        }
        for line in part.all("ORGANIZER").filter(|line| is_one_of(*line, old)) {
            patch.rebuild(line, become_new);
        }
        let has_one = part.all("ATTENDEE").any(|line| is_one_of(line, new));
        for line in part.all("ATTENDEE").filter(|line| is_one_of(*line, old)) {
            if has_one {
                patch.remove(line);
            } else {
                patch.rebuild(line, become_new);
            }
        }
    }
    patch.apply()
}

/// Lets a pool of rooms delegate to one of them, in every part that invites it: its ATTENDEE lines say so,
/// and the room gets one of its own (RFC 5545, sections 3.2.4 and 3.2.5; R79).
#[must_use]
pub fn delegate(
    object: &CalendarObject,
    is_pool: impl Fn(&Address) -> bool,
    (room, name): (&Address, &str),
) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        let is_its = |line: &Property<'_>| {
            let email = line.param("EMAIL").map(|email| Address::new(&email));
            is_pool(&Address::new(line.value())) || email.as_ref().is_some_and(&is_pool)
        };
        for line in part.all("ATTENDEE").filter(is_its) {
            patch.change_params(line, |params| {
                set_param(params, "PARTSTAT", PartStat::Delegated.as_str());
                params.retain(|(name, _)| !name.eq_ignore_ascii_case("DELEGATED-TO"));
                params.push(("DELEGATED-TO".to_owned(), Some(format!("\"{room}\""))));
                remove_param(params, "RSVP");
            });
            let cn = line::encode_param(name);
            let pool = line.value().replace('"', "");
            let new = format!("ATTENDEE;CN={cn};CUTYPE=ROOM;DELEGATED-FROM=\"{pool}\":{room}");
            patch.add(part, &new);
        }
    }
    patch.apply()
}

fn answer<'a>(
    object: &CalendarObject,
    room: &[Address],
    answers: &[RoomAnswer<'a>],
    floating: &Zone,
    write: impl Fn(&RoomAnswer<'a>, &mut Params),
) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    // The last answer for one instance counts; those that have no component of their own get one.
    let asked: BTreeSet<Instant> = answers.iter().filter_map(|answer| answer.which.instance()).collect();
    let mut apart: BTreeMap<Instant, (&RoomAnswer<'_>, Detached<'_>)> = BTreeMap::new();
    for answer in answers {
        let Some(at) = answer.which.instance() else { continue };
        let Some(detached) = detached(object, at, &asked, floating) else { continue };
        if detached.from.all("ATTENDEE").any(|attendee| is_one_of(attendee, room)) {
            apart.insert(at, (answer, detached));
        }
    }
    for part in object.parts() {
        let id = object.original_start(part, floating).filter(|id| !apart.contains_key(id));
        let is_master = part.get("RECURRENCE-ID").is_none();
        let given = answers.iter().filter(|answer| match answer.which {
            Which::Every => true,
            Which::Master => is_master,
            Which::Instance(at) => id == Some(at),
        });
        for answer in given {
            for attendee in part.all("ATTENDEE").filter(|attendee| is_one_of(*attendee, room)) {
                patch.change_params(attendee, |params| write(answer, params));
            }
        }
    }
    for (answer, detached) in apart.into_values() {
        set_times(&mut patch, detached.from, &detached.rest);
        let changed = detached.lines.into_iter().map(|(property, text)| {
            if property.is_some_and(|property| property.is("ATTENDEE") && is_one_of(property, room)) {
                rebuilt(&text, |params, _| write(answer, params)).unwrap_or(text)
            } else {
                text
            }
        });
        let lines: Vec<String> = changed.collect();
        insert_component(&mut patch, object, detached.from, &lines);
    }
    patch.apply()
}

/// Adds a copy of `master` with these logical lines, and the components inside it, after it.
pub(crate) fn insert_component<'a>(
    patch: &mut Patch<'a>,
    object: &'a CalendarObject,
    master: Component<'a>,
    lines: &[String],
) {
    let bytes = object.bytes();
    let newline = ending(&bytes[master.node().begin.clone()]);
    let mut out = Vec::new();
    line::fold(&format!("BEGIN:{}", master.name()), newline, &mut out);
    for text in lines {
        line::fold(text, newline, &mut out);
    }
    for child in master.children() {
        out.extend_from_slice(&bytes[child.node().begin.start..child.node().end.end]);
    }
    line::fold(&format!("END:{}", master.name()), newline, &mut out);
    patch.add_after(master, &out);
}

/// Whether an ATTENDEE has one of these addresses, as its value or as EMAIL (R25).
pub(crate) fn is_one_of(attendee: Property<'_>, addresses: &[Address]) -> bool {
    addresses.contains(&Address::new(attendee.value()))
        || attendee.param("EMAIL").is_some_and(|email| addresses.contains(&Address::new(&email)))
}

/// Gives the chosen parts this TEXT property (SUMMARY, LOCATION, COMMENT); `None` removes it.
#[must_use]
pub fn set_text(
    object: &CalendarObject,
    which: Which,
    name: &str,
    text: Option<&str>,
    floating: &Zone,
) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts().filter(|part| which.covers(object.original_start(*part, floating))) {
        match text {
            Some(text) => patch.set_property(part, name, &escape(text)),
            None => part.properties().filter(|property| property.is(name)).for_each(|p| patch.remove(p)),
        }
    }
    patch.apply()
}

/// Gives the chosen parts a property whose value is one word: STATUS, TRANSP, SEQUENCE.
#[must_use]
pub fn set_word(object: &CalendarObject, which: Which, name: &str, word: &str, floating: &Zone) -> Bytes {
    set_text(object, which, name, Some(word), floating)
}

/// LOCATION of every part that has none, or one of the `previous` room names (R121).
#[must_use]
pub fn fill_location(object: &CalendarObject, location: &str, previous: &[&str]) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        let old = part.text("LOCATION").unwrap_or_default();
        let old = old.trim();
        let replace = old.is_empty() || previous.iter().any(|name| name.trim().eq_ignore_ascii_case(old));
        if replace && old != location {
            patch.set_property(part, "LOCATION", &escape(location));
        }
    }
    patch.apply()
}

/// The text as a copy of ours says it: taken is taken (R29).
#[must_use]
pub fn opaque(object: &CalendarObject) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    let transparent = |part: &Component<'_>| {
        part.all("TRANSP").any(|transp| transp.value().trim().eq_ignore_ascii_case("TRANSPARENT"))
    };
    for part in object.parts().filter(transparent) {
        patch.set_property(part, "TRANSP", "OPAQUE");
    }
    patch.apply()
}

/// What a person gets whose booking was declined: the title begins with `prefix`, the
/// sentence is its description and comment, it is TENTATIVE and TRANSPARENT, without alarms,
/// and the room's ATTENDEE says DECLINED. Doing it twice changes nothing more.
#[must_use]
pub fn declined_copy(object: &CalendarObject, room: &[Address], prefix: &str, sentence: &str) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    let answer = RoomAnswer { which: Which::Every, partstat: PartStat::Declined, schedule_status: None };
    for part in object.parts() {
        prefix_title(&mut patch, part, prefix);
        let old = part.text("DESCRIPTION").unwrap_or_default();
        if !old.starts_with(sentence) {
            let text = if old.is_empty() { sentence.to_owned() } else { format!("{sentence}\n\n{old}") };
            patch.set_property(part, "DESCRIPTION", &escape(&text));
        }
        if !part.all("COMMENT").any(|comment| unescape(comment.value()) == sentence) {
            patch.add(part, &format!("COMMENT:{}", escape(sentence)));
        }
        patch.set_property(part, "TRANSP", "TRANSPARENT");
        patch.set_property(part, "STATUS", "TENTATIVE");
        alarms::remove(&mut patch, part);
        for attendee in part.all("ATTENDEE").filter(|attendee| is_one_of(*attendee, room)) {
            patch.change_params(attendee, |params| answer.write(params));
        }
    }
    patch.apply()
}

/// Takes back what [`declined_copy`] wrote, where a part's title still begins with one of
/// `prefixes`: the person has edited `copy` and asks again. Alarms do not come back, nor what
/// STATUS and TRANSP were before.
#[must_use]
pub fn undo_declined(object: &CalendarObject, copy: &CalendarObject, prefixes: &[String]) -> Bytes {
    // Ours is the comment that the description begins with; others are the writer's.
    let ours = |part: Component<'_>| -> Vec<String> {
        let description = part.text("DESCRIPTION").unwrap_or_default();
        let comments = part.all("COMMENT").map(|comment| unescape(comment.value()));
        comments.filter(|comment| description.starts_with(comment.as_str())).collect()
    };
    let sentences: Vec<String> = copy.parts().flat_map(ours).collect();
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        let title = part.text("SUMMARY").unwrap_or_default();
        let Some(own) = prefixes.iter().find_map(|prefix| title.strip_prefix(prefix.as_str())) else {
            continue;
        };
        patch.set_property(part, "SUMMARY", &escape(own));
        let description = part.text("DESCRIPTION").unwrap_or_default();
        if let Some(rest) = sentences.iter().find_map(|said| description.strip_prefix(said.as_str())) {
            match rest.trim_start_matches('\n') {
                "" => part.all("DESCRIPTION").for_each(|property| patch.remove(property)),
                own => patch.set_property(part, "DESCRIPTION", &escape(own)),
            }
        }
        let is_ours = |comment: &Property<'_>| sentences.contains(&unescape(comment.value()));
        part.all("COMMENT").filter(is_ours).for_each(|comment| patch.remove(comment));
        for (name, word) in [("TRANSP", "TRANSPARENT"), ("STATUS", "TENTATIVE")] {
            let is_ours = |property: &Property<'_>| property.value().eq_ignore_ascii_case(word);
            part.all(name).filter(is_ours).for_each(|property| patch.remove(property));
        }
    }
    patch.apply()
}

/// Begins every title with `prefix`, where it does not yet.
#[must_use]
pub fn prefix_titles(object: &CalendarObject, prefix: &str) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        prefix_title(&mut patch, part, prefix);
    }
    patch.apply()
}

fn prefix_title<'a>(patch: &mut Patch<'a>, part: Component<'a>, prefix: &str) {
    let title = part.text("SUMMARY").unwrap_or_default();
    if !title.starts_with(prefix) {
        patch.set_property(part, "SUMMARY", &escape(&format!("{prefix}{title}")));
    }
}

/// Takes what only the server may write from a client's text: SCHEDULE-STATUS, and
/// SCHEDULE-FORCE-SEND, which is a request and not data (RFC 6638, sections 7.2 and 7.3).
#[must_use]
pub fn strip_client_schedule_status(object: &CalendarObject) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        for property in part.properties().filter(|p| p.is("ATTENDEE") || p.is("ORGANIZER")) {
            patch.remove_param(property, "SCHEDULE-STATUS");
            patch.remove_param(property, "SCHEDULE-FORCE-SEND");
        }
    }
    patch.apply()
}

/// Says on the lines of this `name` that are of `person` who wrote them for that one (RFC 5545,
/// section 3.2.18).
#[must_use]
pub fn sign(object: &CalendarObject, person: &[Address], name: &str, sent_by: &Address) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        for property in part.all(name).filter(|property| is_one_of(*property, person)) {
            patch.set_param(property, "SENT-BY", sent_by.as_str());
        }
    }
    patch.apply()
}

/// Takes SENT-BY from the lines of `person`, as organizer or attendee, where it is one of these.
#[must_use]
pub fn unsign(object: &CalendarObject, person: &[Address], senders: &[String]) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        for property in part.properties().filter(|line| line.is("ORGANIZER") || line.is("ATTENDEE")) {
            let is_left = property.param("SENT-BY").is_some_and(|sender| senders.contains(&sender));
            if is_left && is_one_of(property, person) {
                patch.remove_param(property, "SENT-BY");
            }
        }
    }
    patch.apply()
}

#[cfg(test)]
mod tests;
