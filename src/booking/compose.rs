//! What each affected calendar now shows: the text of the deciding member, of the copies in the
//! rooms' calendars, and of the mirror in the owner's own calendar.
//!
//! All of it is the client's text with single lines changed; where nothing had to be changed it is
//! the client's text byte for byte. Decisions on what a room said are `domain::series`.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::domain::attendee::PartStat;
use crate::domain::event::{Class, Event, Part};
use crate::domain::id::RoomId;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::recurrence::{self, Budget, ExpandError, RecurrenceId};
use crate::domain::series::Decision;
use crate::domain::state::OccurrenceState;
use crate::domain::time::{Instant, Period, Zone};
use crate::ical::attach::managed_ids;
use crate::ical::edit::{self, RoomAnswer, Which};
use crate::ical::{CalendarObject, Limits, Patch};
use crate::store::{Content, Reservation};

use super::access::RoomState;
use super::ask::{asks_in, too_much};
use super::error::Error;
use super::refuse::digest;

/// What one room said to the event.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) room: RoomState,
    /// What the room has of this UID now.
    pub(super) existing: Option<Reservation>,
    pub(super) decision: Decision,
    /// The UID is somebody else's in this room (R32): nothing there is touched.
    pub(super) is_foreign: bool,
    /// Up to where a series is claimed that goes on (R64).
    pub(super) rolling_until: Option<Instant>,
    /// Whether the event goes on beyond what this room confirmed.
    pub(super) is_clipped: bool,
    /// Dates that were given up because of another room, with its name (R76).
    pub(super) given_up: GivenUp,
    /// More people than seats, which the room only remarks: how many of either (R43).
    pub(super) crowded: Option<(usize, i64)>,
    /// The series that this one continues, whose claims pass to it (R62).
    pub(super) continued: Option<Continued>,
}

/// Occurrences with the name of the room for which they were given up.
pub(super) type GivenUp = BTreeMap<RecurrenceId, String>;

/// A series that another one continues.
#[derive(Clone, Debug)]
pub(super) struct Continued {
    pub(super) reservation: Reservation,
    /// All of its occurrences, those that passed on without claims.
    pub(super) occurrences: Vec<OccurrenceFacts>,
    /// What passed on, as it was.
    pub(super) passed: Vec<OccurrenceFacts>,
}

impl Answer {
    /// Whether the room has anything of it to show: of a series that goes on, something to come.
    pub(super) fn is_held(&self) -> bool {
        self.decision.holds_any() && (!self.is_clipped || self.decision.holds_ahead())
    }

    /// The answer for the whole: that of most of its dates (R51, R70).
    fn partstat(&self) -> PartStat {
        let count = |state| self.ahead().filter(|facts| facts.state == state).count();
        if !self.is_held() {
            PartStat::Declined
        } else if count(OccurrenceState::Held) > count(OccurrenceState::Confirmed) {
            PartStat::Tentative
        } else {
            PartStat::Accepted
        }
    }

    /// What is not over yet.
    fn ahead(&self) -> impl Iterator<Item = &OccurrenceFacts> {
        let now = self.decision.decided_at;
        self.decision.occurrences.iter().filter(move |facts| facts.period.end > now)
    }

    /// The dates that another answer holds for than for the whole.
    fn apart(&self, whole: PartStat) -> impl Iterator<Item = (Instant, PartStat)> {
        self.ahead().filter_map(move |facts| {
            let partstat = match facts.state {
                OccurrenceState::Held => PartStat::Tentative,
                OccurrenceState::Confirmed => PartStat::Accepted,
                _ => return None,
            };
            Some((facts.id.instant()?, partstat)).filter(|_| partstat != whole)
        })
    }

    pub(super) fn id(&self) -> RoomId {
        self.room.room.id
    }
}

/// The text of the deciding member: the answers of all rooms in their ATTENDEE lines, a LOCATION
/// where there was none, and for a direct booking without the dates it did not get (R54, R121).
pub(super) fn source_text(
    mut object: CalendarObject,
    direct: Option<&Answer>,
    invited: &[Answer],
    previous_rooms: &[String],
    limits: &Limits,
) -> Result<Bytes, Error> {
    for answer in direct.into_iter().chain(invited) {
        let answers = answers(answer, direct.is_some_and(|direct| direct.id() == answer.id()));
        let addresses = answer.room.room.addresses();
        let text = edit::answer_room(&object, &addresses, &answers, &answer.room.rules.zone);
        object = reparse(text, &object, limits)?;
    }
    if let Some(direct) = direct {
        let denied = direct.decision.denied().map(|facts| facts.id);
        object = without_instances(object, denied, &direct.room.rules.zone, limits)?;
    }
    let accepted: Vec<&str> = invited
        .iter()
        .filter(|answer| answer.is_held() && answer.decision.confirms_any())
        .map(|answer| answer.room.room.name.as_str())
        .collect();
    if direct.is_none() && !accepted.is_empty() {
        let previous: Vec<&str> = previous_rooms.iter().map(String::as_str).collect();
        object = reparse(edit::fill_location(&object, &accepted.join(", "), &previous), &object, limits)?;
    }
    Ok(object.bytes().clone())
}

/// What goes into a room's ATTENDEE line: one answer for all, and one for each date that was not
/// given (R51), or waits where the others do not (R70); a direct booking has no such dates left in its text.
fn answers(answer: &Answer, is_direct: bool) -> Vec<RoomAnswer<'static>> {
    // RFC 6638, section 3.2.9: how the message fared, also for a decline (R122).
    let status = Some(if answer.is_clipped { "2.11" } else { "2.0" });
    let partstat = answer.partstat();
    let whole = RoomAnswer { which: Which::Every, partstat, schedule_status: status };
    let mut answers = vec![whole];
    if partstat == PartStat::Declined {
        return answers;
    }
    answers.extend(answer.apart(partstat).map(|(at, partstat)| {
        let which = Which::Instance(at);
        RoomAnswer { which, partstat, schedule_status: status }
    }));
    if !is_direct {
        answers.extend(answer.decision.denied().filter_map(|facts| {
            let which = Which::Instance(facts.id.instant()?);
            Some(RoomAnswer { which, partstat: PartStat::Declined, schedule_status: status })
        }));
    }
    answers
}

/// What the room's own calendar shows of an invitation: the parts that invite it, without the
/// dates it does not have, and never as free (R29, R30, R52).
pub(super) fn room_copy(source: &CalendarObject, answer: &Answer, limits: &Limits) -> Result<Bytes, Error> {
    let room = &answer.room;
    let zone = &room.rules.zone;
    let event = source.event()?;
    let invites = |part: &&Part| asks_in(part, room);
    let start = |part: &Part| Some(recurrence::original_start(event, part.recurrence_id.as_ref()?, zone));
    let asks_for_all = event.master.as_ref().is_some_and(|part| invites(&part));
    // What holds for many dates stays, to say that these are none of the room's.
    let holds_for_many = |part: &Part| part.this_and_future;
    let keeps_master = asks_for_all || event.overrides.iter().filter(invites).any(holds_for_many);
    let mut object = source.clone();
    if keeps_master {
        object = cancelled_elsewhere(&object, room, limits)?;
        let elsewhere = event.overrides.iter().filter(|part| !invites(part) && !holds_for_many(part));
        let elsewhere = elsewhere.filter_map(start).map(RecurrenceId::at);
        let denied = answer.decision.denied().map(|facts| facts.id);
        let gone: Vec<_> = elsewhere.chain(denied).collect();
        object = without_instances(object, gone.into_iter(), zone, limits)?;
    } else {
        let is_denied =
            |at: &Instant| answer.decision.denied().any(|facts| facts.id == RecurrenceId::at(*at));
        let kept = event.overrides.iter().filter(invites).filter_map(start).filter(|at| !is_denied(at));
        object = only_overrides(&object, &kept.collect::<Vec<_>>(), zone, limits)?;
    }
    Ok(edit::opaque(&object))
}

/// Cancels the master and the ranges that do not invite the room, and shows nothing of them but
/// their times (R61).
fn cancelled_elsewhere(
    object: &CalendarObject,
    room: &RoomState,
    limits: &Limits,
) -> Result<CalendarObject, Error> {
    let event = object.event()?;
    let of_many = |part: &&Part| part.recurrence_id.is_none() || part.this_and_future;
    let elsewhere: Vec<&Part> = event.parts().filter(of_many).filter(|part| !asks_in(part, room)).collect();
    if elsewhere.is_empty() {
        return Ok(object.clone());
    }
    let ids: Vec<_> = elsewhere.iter().map(|part| part.recurrence_id.clone()).collect();
    let parts = object.parts().filter(|part| ids.contains(&object.recurrence_id(*part)));
    reparse(edit::only_cancelled_times(object, parts), object, limits)
}

fn only_overrides(
    object: &CalendarObject,
    kept: &[Instant],
    zone: &Zone,
    limits: &Limits,
) -> Result<CalendarObject, Error> {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        let at = object.original_start(part, zone);
        if !at.is_some_and(|at| kept.contains(&at)) {
            patch.remove_component(part);
        }
    }
    reparse(patch.apply(), object, limits)
}

/// What the owner's own calendar shows of a direct booking.
pub(super) fn mirror(source: &CalendarObject, room: &str) -> Bytes {
    edit::fill_location(source, room, &[])
}

/// Takes instances out of a series: EXDATE, and their overrides go.
pub(super) fn without_instances(
    object: CalendarObject,
    gone: impl Iterator<Item = RecurrenceId>,
    zone: &Zone,
    limits: &Limits,
) -> Result<CalendarObject, Error> {
    let gone = gone.filter_map(RecurrenceId::instant).collect();
    match edit::exclude_all(&object, &gone, zone) {
        Some(text) => reparse(text, &object, limits),
        None => Ok(object),
    }
}

/// Reads a stored text, which may be a little larger than a client may send.
pub(super) fn stored(text: Bytes, limits: &Limits) -> Result<CalendarObject, Error> {
    Ok(CalendarObject::parse(text, &limits.of_stored())?)
}

/// Reads a text of ours again; not if nothing was changed.
pub(super) fn reparse(
    text: Bytes,
    before: &CalendarObject,
    limits: &Limits,
) -> Result<CalendarObject, Error> {
    if text == *before.bytes() {
        return Ok(before.clone());
    }
    stored(text, limits)
}

/// What is stored of a text; `object` is that text, or the one it differs little from.
pub(super) fn content(
    text: Bytes,
    object: &CalendarObject,
    schedule_tag: Option<String>,
) -> Result<Content, Error> {
    let event = object.event().ok();
    // One date that is private hides the whole: all of it is one text (R102).
    let hidden =
        event.and_then(|event| event.parts().map(|part| part.class).find(|class| *class != Class::Public));
    let class = hidden.unwrap_or(Class::Public);
    let span = match event {
        Some(event) => span(event)?,
        None => {
            // A task without a start may be found by any range; a recurring one must have an end to
            // what it costs (RFC 4791, section 5.3.2.1, max-instances).
            object.series().filter(|series| series.recurs()).map(span).transpose()?;
            Period { start: Instant::from_secs(0), end: Instant::END_OF_TIME }
        }
    };
    let etag = digest(&text);
    let component = object.component().as_str().to_owned();
    let attachments = attachments(&text, object)?;
    Ok(Content { text: text.into(), etag, component, class, schedule_tag, span, attachments })
}

/// The attachments that a text names; what is shown of an object names some of the object's.
fn attachments(text: &Bytes, object: &CalendarObject) -> Result<Vec<String>, Error> {
    let all = managed_ids(object);
    if all.is_empty() || text == object.bytes() {
        return Ok(all);
    }
    Ok(managed_ids(&CalendarObject::parse_message(text.clone(), &Limits::none())?))
}

/// From the first instance to the last, and a day more on both sides where the reader's zone
/// decides what that is.
fn span(event: &Event) -> Result<Period, Error> {
    let (first, last) = match recurrence::extent(event, &Zone::utc(), &Budget::default()) {
        Ok(extent) => (extent.first, extent.last.unwrap_or(Instant::END_OF_TIME)),
        // Everything is cancelled or excluded: it is still an object with a start.
        Err(ExpandError::NoInstances) => {
            let start = event.first().map_or(Instant::from_secs(0), |part| part.start.instant(&Zone::utc()));
            (start, start)
        }
        Err(error) => return Err(too_much(error)),
    };
    Ok(Period { start: first.plus(-DAY), end: last.plus(DAY) })
}

const DAY: i64 = 86_400;

/// The name of a member that the server makes: the UID with everything but letters, digits and
/// `_.-` replaced, so that a client that delivers the same event itself meets it (R3.4).
#[must_use]
pub fn name_for(uid: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' };
    let name: String = uid.chars().map(safe).take(200).collect();
    format!("{name}.ics")
}

/// A fresh schedule-tag.
pub(super) fn new_schedule_tag() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
