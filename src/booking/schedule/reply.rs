//! An attendee's side: what may be changed of a copy, and what the organizer and the other
//! attendees see of an answer. RFC 6638, sections 3.2.2, 3.2.2.2, 3.2.2.3, 3.2.8 and 4.2.

use bytes::Bytes;

use crate::domain::attendee::PartStat;
use crate::domain::event::Event;
use crate::ical::CalendarObject;
use crate::ical::edit::{self, is_one_of};
use crate::ical::scheduling::{
    self, Agent, Answers, Forced, Mark, agent, answers, change, forced, has_instance, is_allowed, mark,
    recorded,
};
use crate::store::Tx;

use super::super::Bounds;
use super::super::check_in;
use super::super::compose;
use super::super::error::Error;
use super::super::record::Cause;
use super::super::scene::Scene;
use super::common;
use super::deliver::{self, Tag};
use super::letters::{Letters, PENDING, TOO_MANY, is_plain_mail};
use super::people::{People, Role, organizer};
use super::signature;

/// What an attendee's write comes to.
pub(in crate::booking) struct Reply {
    /// The text as it is stored: the answers of others are not the writer's.
    pub(in crate::booking) text: Bytes,
    /// What the organizer is told.
    answers: Answers,
}

/// Whether the server sends what this attendee answers (RFC 6638, section 7.1).
fn is_ours(object: &CalendarObject) -> bool {
    object.parts().filter_map(|part| part.get("ORGANIZER")).all(|line| agent(line) == Agent::Server)
}

/// Judges an attendee's write; `None` if it is no such thing, or the client speaks for itself.
///
/// # Errors
/// `AttendeeChange` for what only the organizer may change.
pub(in crate::booking) async fn attend(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    scene: &Scene,
    object: &CalendarObject,
    bounds: &Bounds,
) -> Result<Option<Reply>, Error> {
    let people = &scene.people;
    let zone = common();
    if people.role_before == Role::Attendee && people.role != Role::Attendee && people.host.is_some() {
        // It is no copy of the invitation any more.
        return Err(Error::AttendeeChange);
    }
    if people.role != Role::Attendee || !is_ours(object) {
        return Ok(None);
    }
    let known = known(people, object, bounds)?;
    let said = said(people, known.as_ref(), object);
    let status = if said.is_empty() {
        known.as_ref().and(people.before.as_ref()).and_then(status_of)
    } else {
        Some(sent_to(tx, cause, people, object, bounds).await?.to_owned())
    };
    let others = people.host.as_ref().and(people.before.as_ref().or(known.as_ref()));
    let sent = compose::reparse(edit::strip_client_schedule_status(object), object, &bounds.ical)?;
    let text = mark(&sent, &zone, |line, at| {
        if line.is("ORGANIZER") {
            return Some(Mark { partstat: None, status: status.as_deref() });
        }
        if is_one_of(line, &people.owner) {
            return None;
        }
        let address = [crate::domain::attendee::Address::new(line.value())];
        let stands = answers(others?, &address, &zone);
        let partstat = at.map_or(stands.whole, |at| stands.at(at))?;
        Some(Mark { partstat: Some(partstat), status: None })
    });
    Ok(Some(Reply { text, answers: said }))
}

/// What the attendee has been shown; `None` if nothing yet.
fn known(people: &People, object: &CalendarObject, bounds: &Bounds) -> Result<Option<CalendarObject>, Error> {
    let Some(host) = &people.host else { return Ok(people.before.clone()) };
    let zone = common();
    let text = scheduling::view(&host.object, &people.owner, &zone).ok_or(Error::Missing)?;
    let known = compose::stored(text, &bounds.ical)?;
    if is_allowed(people.before.as_ref().unwrap_or(&known), object, &zone) {
        Ok(Some(known))
    } else {
        Err(Error::AttendeeChange)
    }
}

/// What is answered that the organizer does not know, or is told once more (RFC 6638, section 7.2).
fn said(people: &People, known: Option<&CalendarObject>, object: &CalendarObject) -> Answers {
    let zone = common();
    let mut said = match known {
        Some(known) => change(known, object, &people.owner, &zone),
        None => answers(object, &people.owner, &zone),
    };
    if known.is_none() && people.host.is_none() {
        // A first copy that says nothing yet answers nothing.
        said.whole = said.whole.filter(|whole| *whole != PartStat::NeedsAction);
        said.instances.retain(|_, answer| *answer != PartStat::NeedsAction);
    }
    if said.is_empty() && organizer(object).and_then(|it| forced(object, &[it])) == Some(Forced::Reply) {
        return answers(object, &people.owner, &zone);
    }
    said
}

/// SCHEDULE-STATUS of the organizer to whom an answer goes.
async fn sent_to(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    people: &People,
    object: &CalendarObject,
    bounds: &Bounds,
) -> Result<&'static str, Error> {
    if people.host.is_some() {
        return Ok("1.2");
    }
    let Some(to) = organizer(object).filter(is_plain_mail) else { return Ok("3.7") };
    let is_admitted = Letters::new(cause, bounds).admit(tx, &to, &[("REPLY", object.clone())]).await?;
    Ok(if is_admitted { PENDING } else { TOO_MANY })
}

/// SCHEDULE-STATUS of the organizer as it stands in a copy.
fn status_of(copy: &CalendarObject) -> Option<String> {
    copy.parts().find_map(|part| part.get("ORGANIZER")?.param("SCHEDULE-STATUS"))
}

impl Reply {
    /// Whether it says that the attendee does not come, to any date.
    pub(in crate::booking) fn declines(&self) -> bool {
        let Answers { whole, instances } = &self.answers;
        whole.iter().chain(instances.values()).any(|answer| *answer == PartStat::Declined)
    }

    /// Tells the organizer, and shows the answer wherever the event is.
    pub(in crate::booking) async fn deliver(
        &self,
        tx: &mut Tx<'_>,
        cause: Cause<'_>,
        scene: &Scene,
        copy: &CalendarObject,
        bounds: &Bounds,
    ) -> Result<(), Error> {
        deliver(tx, cause, scene, copy, &self.answers, bounds).await
    }
}

/// The copy was removed: everything is declined that was not yet (RFC 6638, section 3.2.2.4).
pub(super) async fn decline(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    scene: &Scene,
    bounds: &Bounds,
) -> Result<(), Error> {
    let people = &scene.people;
    let Some(copy) = people.before.as_ref().filter(|copy| is_ours(copy)) else { return Ok(()) };
    if copy.event().is_ok_and(Event::is_cancelled) {
        return Ok(());
    }
    let stands = answers(copy, &people.owner, &common());
    let declined = |answer: PartStat| (answer != PartStat::Declined).then_some(PartStat::Declined);
    let said = Answers {
        whole: stands.whole.and_then(declined),
        instances: stands.instances.into_iter().filter_map(|(at, it)| Some((at, declined(it)?))).collect(),
    };
    deliver(tx, cause, scene, copy, &said, bounds).await?;
    Box::pin(check_in::answered(tx, cause, people.shown_by_host(), false, bounds)).await
}

async fn deliver(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    scene: &Scene,
    copy: &CalendarObject,
    said: &Answers,
    bounds: &Bounds,
) -> Result<(), Error> {
    if said.is_empty() {
        return Ok(());
    }
    let people = &scene.people;
    let zone = common();
    // A date that is left out stands only in what was there before.
    let has_all = said.instances.keys().all(|at| has_instance(copy, *at, &zone));
    let before = people.before.as_ref().or(people.host.as_ref().map(|host| &host.object));
    let shown = before.filter(|_| !has_all).unwrap_or(copy);
    let message = scheduling::reply(shown, &people.owner, said, cause.now, &zone)?;
    let message = signature::sent(tx, cause.actor, (shown, message), &people.owner, bounds).await?;
    let Some(host) = &people.host else {
        let Some(organizer) = organizer(copy).filter(is_plain_mail) else { return Ok(()) };
        let mut letters = Letters::new(cause, bounds);
        if letters.admit(tx, &organizer, &[("REPLY", copy.clone())]).await? {
            letters.write(tx, &organizer, "REPLY", (&message, copy)).await?;
        } else {
            cause.unsent(tx, copy.uid().as_str(), 1).await?;
        }
        return Ok(());
    };
    for (shown, room) in &host.shown {
        let text = tx.resources().text(shown.id).await?;
        let object = compose::stored(text.into(), &bounds.ical)?;
        let text = recorded(&object, &people.owner, said, Some("2.0"), &zone);
        if text.len() > object.bytes().len() {
            // No answer makes it more than its organizer could write again.
            CalendarObject::parse(text.clone(), &bounds.ical)?;
        }
        deliver::rewrite(tx, cause, (shown, *room), (text, &object), Tag::Kept, bounds).await?;
    }
    for guest in &people.guests {
        let Some(copy) = guest.copy.as_ref().filter(|copy| copy.reservation.is_none()) else { continue };
        let text = tx.resources().text(copy.id).await?;
        let object = compose::stored(text.into(), &bounds.ical)?;
        if organizer(&object) != organizer(&host.object) {
            continue;
        }
        let text = recorded(&object, &people.owner, said, None, &zone);
        deliver::rewrite(tx, cause, (copy, None), (text, &object), Tag::Kept, bounds).await?;
    }
    deliver::message(tx, cause, (host.person, host.inbox), message, bounds).await
}
