//! What a room writes to an organizer: its REPLY, and the few other messages it has for who writes to it.
//! RFC 5546, sections 3.2.3, 3.2.6, 3.2.8 and 3.6; R51, R122, R125.

use bytes::Bytes;

use super::answers::Answers;
use super::message::{message, parts};
use crate::domain::attendee::Address;
use crate::domain::time::{Instant, Zone};
use crate::ical::edit::{IDENTITY_AND_TIMES, is_one_of};
use crate::ical::error::IcalError;
use crate::ical::line::escape;
use crate::ical::object::CalendarObject;
use crate::ical::patch::{Params, Patch, rebuilt, remove_param, set_param};
use crate::ical::tree::Component;

/// What a room answers.
#[derive(Clone, Debug)]
pub struct RoomReply<'a> {
    /// All addresses of the room.
    pub room: &'a [Address],
    /// The line by which it was invited, if a message said so: the answer goes into that one.
    pub invited_as: Option<&'a str>,
    /// Who is answered, where the text does not say.
    pub organizer: &'a Address,
    /// What is answered, for the whole and for single dates.
    pub answers: &'a Answers,
    /// Why, in words; empty for nothing.
    pub comment: &'a str,
    /// Whether the room has not all of a series that goes on.
    pub is_clipped: bool,
}

/// How the message fared, also where the answer is no (R122; RFC 5546, section 3.6).
const SUCCESS: &str = "REQUEST-STATUS:2.0;Success";
const CLIPPED: &str =
    "REQUEST-STATUS:2.11;Success\\, unbounded RRULE clipped at some finite number of instances";

/// What a message of a room says of an event, beside its identity and times.
const KEPT: [&str; 2] = ["ORGANIZER", "SUMMARY"];

/// The REPLY of a room to `text`, made now: one ATTENDEE in each part, and beside it the pool that sent the
/// room, if one did.
///
/// # Errors
/// [`IcalError`] if there is no such answer.
pub fn room_reply(
    text: &CalendarObject,
    reply: &RoomReply<'_>,
    stamp: Instant,
    floating: &Zone,
) -> Result<Bytes, IcalError> {
    let RoomReply { answers, .. } = reply;
    let at: Vec<Instant> = answers.instances.keys().copied().collect();
    let said = parts(text, answers.whole.is_some(), &at, floating)?;
    let mut patch = Patch::new(said.calendar());
    for part in said.parts() {
        let answer = match said.original_start(part, floating) {
            None => answers.whole,
            Some(at) => answers.instances.get(&at).copied(),
        };
        let own = part.all("ATTENDEE").find(|line| is_one_of(*line, reply.room));
        only(&mut patch, part, &[IDENTITY_AND_TIMES.as_slice(), &KEPT].concat());
        let Some(answer) = answer else { continue };
        let stored = own.map(|line| line.logical().to_owned());
        let line = reply.invited_as.map(str::to_owned).or(stored);
        let mut sent_by = None;
        let mut answered = |params: &mut Params| {
            plain(params);
            set_param(params, "PARTSTAT", answer.as_str());
            let from = params.iter().find(|(name, _)| name.eq_ignore_ascii_case("DELEGATED-FROM"));
            sent_by = from.and_then(|(_, value)| Some(Address::new(value.as_deref()?.trim_matches('"'))));
        };
        if let Some(line) = line.and_then(|line| rebuilt(&line, |params, _| answered(params))) {
            patch.add(part, &line);
        }
        // RFC 5546, section 3.2.2.3: who delegated says so too.
        let pool = sent_by
            .and_then(|pool| part.all("ATTENDEE").find(|line| is_one_of(*line, std::slice::from_ref(&pool))));
        let pool = pool.and_then(|line| rebuilt(line.logical(), |params, _| plain(params)));
        if let Some(line) = pool {
            patch.add(part, &line);
        }
        if part.get("ORGANIZER").is_none() {
            patch.add(part, &format!("ORGANIZER:{}", reply.organizer));
        }
        if !reply.comment.is_empty() {
            patch.add(part, &format!("COMMENT:{}", escape(reply.comment)));
        }
        patch.add(part, if reply.is_clipped { CLIPPED } else { SUCCESS });
    }
    Ok(message(&super::again(patch.apply())?, "REPLY", stamp))
}

/// Without what is asked in a line, and what the server notes in it.
fn plain(params: &mut Params) {
    let is_ours = |name: &str| name.get(..9).is_some_and(|it| it.eq_ignore_ascii_case("SCHEDULE-"));
    params.retain(|(name, _)| !name.eq_ignore_ascii_case("RSVP") && !is_ours(name));
}

/// Leaves of a part the properties of these names, and nothing inside it.
fn only<'a>(patch: &mut Patch<'a>, part: Component<'a>, kept: &[&str]) {
    for line in part.properties() {
        if !kept.iter().any(|name| line.is(name)) {
            patch.remove(line);
        } else if line.is("ORGANIZER") {
            patch.change_params(line, |params| remove_param(params, "SCHEDULE-STATUS"));
        }
    }
    part.children().for_each(|child| patch.remove_component(child));
}

/// A counter-proposal turned down (RFC 5546, section 3.2.8), for who made it.
///
/// # Errors
/// [`IcalError`] if the message cannot be read again.
pub fn decline_counter(counter: &CalendarObject, comment: &str, stamp: Instant) -> Result<Bytes, IcalError> {
    let mut patch = Patch::new(counter.calendar());
    for part in counter.parts() {
        only(&mut patch, part, &[IDENTITY_AND_TIMES.as_slice(), &KEPT].concat());
        patch.add(part, &format!("COMMENT:{}", escape(comment)));
    }
    counter.calendar().all("METHOD").for_each(|method| patch.remove(method));
    Ok(message(&super::again(patch.apply())?, "DECLINECOUNTER", stamp))
}

/// Asks for the whole of what a message is a part of (RFC 5546, section 3.2.6).
///
/// # Errors
/// [`IcalError`] if the message cannot be read again.
pub fn refresh(about: &CalendarObject, room: &[Address], stamp: Instant) -> Result<Bytes, IcalError> {
    let mut patch = Patch::new(about.calendar());
    for part in about.parts() {
        let own = part.all("ATTENDEE").find(|line| is_one_of(*line, room));
        only(&mut patch, part, &["UID", "DTSTAMP", "DTSTART", "ORGANIZER"]);
        let own = own.and_then(|line| {
            rebuilt(line.logical(), |params, _| params.retain(|(name, _)| !name.eq_ignore_ascii_case("RSVP")))
        });
        if let Some(line) = own {
            patch.add(part, &line);
        }
    }
    about.calendar().all("METHOD").for_each(|method| patch.remove(method));
    let text = message(&super::again(patch.apply())?, "REFRESH", stamp);
    // REFRESH has no DTSTART: only what is read again needs one.
    let text = String::from_utf8_lossy(&text).into_owned();
    let lines = text.split_inclusive('\n').filter(|line| !line.starts_with("DTSTART"));
    Ok(Bytes::from(lines.collect::<String>()))
}
