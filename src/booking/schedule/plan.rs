//! An organizer's side: what the text becomes, and what each attendee is told.
//!
//! RFC 6638, sections 3.2.1, 3.2.5, 3.2.6, 3.2.8 and 3.2.9; RFC 5546, section 2.1.4; R59.

use std::collections::BTreeSet;

use crate::domain::attendee::{Address, PartStat};
use crate::domain::event::{Event, Part};
use crate::domain::time::Instant;
use crate::ical::edit::is_one_of;
use crate::ical::scheduling::{
    self, Agent, Answers, Forced, Mark, agent, answers, forced, has_instance, mark, recorded, view,
};
use crate::ical::{CalendarObject, Property};
use crate::store::Tx;

use super::super::Bounds;
use super::super::compose;
use super::super::error::Error;
use super::super::record::Cause;
use super::super::scene::Scene;
use super::common;
use super::letters::{Letters, PENDING, TOO_MANY, is_plain_mail};
use super::messages;
use super::news::{News, Party, Recipient};
use super::people::{Guest, Role, organizer};

/// What an organizer's write comes to.
pub(in crate::booking) struct Plan {
    /// The text with the answers and SCHEDULE-STATUS of people in it.
    pub(in crate::booking) object: CalendarObject,
    news: Vec<News>,
    unsent: usize,
}

impl Plan {
    /// Whether nobody is told anything.
    pub(in crate::booking) fn is_quiet(&self) -> bool {
        self.unsent == 0 && self.news.iter().all(|news| news.messages.is_empty())
    }

    /// Tells them; the text itself has been written.
    pub(in crate::booking) async fn deliver(
        self,
        tx: &mut Tx<'_>,
        cause: Cause<'_>,
        bounds: &Bounds,
    ) -> Result<(), Error> {
        if self.unsent > 0 {
            cause.unsent(tx, self.object.uid().as_str(), self.unsent).await?;
        }
        for news in self.news {
            news.deliver(tx, cause, bounds).await?;
        }
        Ok(())
    }
}

/// What becomes of `object`, which rooms have answered already; `None` if it invites nobody.
pub(in crate::booking) async fn plan(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    scene: &Scene,
    (sent, object): (&CalendarObject, &CalendarObject),
    bounds: &Bounds,
) -> Result<Option<Plan>, Error> {
    let people = &scene.people;
    let was = people.before.as_ref().filter(|_| people.role_before == Role::Organizer);
    let is = Some(object).filter(|_| people.role == Role::Organizer);
    if was.is_none() && is.is_none() {
        return Ok(None);
    }
    let stored = stored(tx, scene, bounds).await?;
    let parties = parties(tx, scene, was.into_iter().chain(is), bounds).await?;
    let Some(object) = is else {
        let (news, unsent) = all_cancelled(tx, cause, was, parties, bounds).await?;
        let object = sequenced(object, (stored.as_ref(), was), &BTreeSet::new(), bounds)?;
        return Ok(Some(Plan { object, news, unsent }));
    };
    let moved = was.map(|was| scheduling::rescheduled(was, object, &common())).unwrap_or_default();
    let object = sequenced(object, (stored.as_ref(), was), &moved, bounds)?;
    let object = answered(&object, was, &moved, &parties, bounds)?;
    let (mut news, mut unsent) = (Vec::new(), 0);
    let mut letters = Letters::new(cause, bounds);
    let mut told: Vec<(Vec<Address>, &str)> = Vec::new();
    for party in parties {
        let is_forced = forced(sent, &party.addresses) == Some(Forced::Request);
        let (addresses, status) = (party.addresses.clone(), party.status);
        let Some(one) = party.news(was, &object, &moved, is_forced, bounds)? else { continue };
        if !one.is_admitted(tx, &mut letters).await? {
            told.push((addresses, TOO_MANY));
            unsent += one.messages.len();
            continue;
        }
        if !one.messages.is_empty() {
            told.push((addresses, status));
        }
        news.push(one);
    }
    let text = mark(&object, &common(), |line, _| {
        let (_, status) = told.iter().find(|(addresses, _)| is_one_of(line, addresses))?;
        (line.is("ATTENDEE") && agent(line) == Agent::Server)
            .then_some(Mark { partstat: None, status: Some(status) })
    });
    let object = compose::reparse(text, &object, &bounds.ical)?;
    Ok(Some(Plan { object, news, unsent }))
}

/// What was organized is gone.
pub(super) async fn cancel(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    scene: &Scene,
    bounds: &Bounds,
) -> Result<(), Error> {
    let Some(was) = &scene.people.before else { return Ok(()) };
    let parties = parties(tx, scene, std::iter::once(was), bounds).await?;
    let (news, unsent) = all_cancelled(tx, cause, Some(was), parties, bounds).await?;
    Plan { object: was.clone(), news, unsent }.deliver(tx, cause, bounds).await
}

/// And how many of them are not told.
async fn all_cancelled(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    was: Option<&CalendarObject>,
    parties: Vec<Party>,
    bounds: &Bounds,
) -> Result<(Vec<News>, usize), Error> {
    let (mut news, mut unsent) = (Vec::new(), 0);
    let Some(was) = was else { return Ok((news, unsent)) };
    let mut letters = Letters::new(cause, bounds);
    for party in parties {
        let (Some(to), Some(old)) = (party.to, view(was, &party.addresses, &common())) else { continue };
        let old = compose::stored(old, &bounds.ical)?;
        let one = News { to, view: None, messages: vec![messages::cancel(&old, bounds)?] };
        if one.is_admitted(tx, &mut letters).await? {
            news.push(one);
        } else {
            unsent += 1;
        }
    }
    Ok((news, unsent))
}

/// Everybody whom the texts name, but for the organizer, and the rooms that are asked and their pools: one
/// that the organizer may not know is nobody's address (D-34).
async fn parties(
    tx: &mut Tx<'_>,
    scene: &Scene,
    texts: impl Iterator<Item = &CalendarObject>,
    bounds: &Bounds,
) -> Result<Vec<Party>, Error> {
    let people = &scene.people;
    let mut pools = tx.room_groups().list().await?;
    pools.retain(|pool| pool.is_pool && scene.rooms.iter().any(|it| pool.rooms.contains(&it.room.id)));
    let is_other = |address: &Address| {
        people.owner.contains(address)
            || scene.rooms.iter().any(|it| it.room.is_at(address))
            || pools.iter().any(|pool| pool.is_at(address))
    };
    let mut parties: Vec<Party> = Vec::new();
    for event in texts.filter_map(|text| text.event().ok()) {
        for attendee in event.parts().flat_map(|part| &part.attendees) {
            let known = |party: &Party| attendee.addresses().any(|address| party.addresses.contains(address));
            if attendee.addresses().any(is_other) || parties.iter().any(known) {
                continue;
            }
            let is_them = |guest: &&Guest| attendee.addresses().any(|it| guest.addresses.contains(it));
            parties.push(match people.guests.iter().find(is_them) {
                Some(guest) => of_guest(tx, scene, guest, bounds).await?,
                None => of_stranger(attendee.addresses().cloned().collect()),
            });
        }
    }
    Ok(parties)
}

/// A member with the UID that is not this organizer's invitation stands in the way.
async fn of_guest(tx: &mut Tx<'_>, scene: &Scene, guest: &Guest, bounds: &Bounds) -> Result<Party, Error> {
    let addresses = guest.addresses.clone();
    let is_deliverable = match &guest.copy {
        None => tx.resources().count(guest.mailbox.calendar).await? < bounds.max_members,
        Some(copy) if copy.reservation.is_some() || copy.schedule_tag.is_none() => false,
        Some(copy) => {
            let text = tx.resources().text(copy.id).await?;
            let object = compose::stored(text.into(), &bounds.ical)?;
            organizer(&object).is_some_and(|organizer| scene.people.owner.contains(&organizer))
        }
    };
    Ok(if is_deliverable {
        Party { addresses, to: Some(Recipient::Guest(Box::new(guest.clone()))), status: "1.2" }
    } else {
        Party { addresses, to: None, status: "5.1" }
    })
}

fn of_stranger(addresses: Vec<Address>) -> Party {
    match addresses.iter().find(|address| is_plain_mail(address)).cloned() {
        Some(mail) => Party { addresses, to: Some(Recipient::Mail(mail)), status: PENDING },
        None => Party { addresses, to: None, status: "3.7" },
    }
}

/// What stood there, also if it invited nobody.
async fn stored(tx: &mut Tx<'_>, scene: &Scene, bounds: &Bounds) -> Result<Option<CalendarObject>, Error> {
    match (&scene.people.before, &scene.source) {
        (None, Some(source)) if source.component == "VEVENT" => {
            let text = tx.resources().text(source.id).await?;
            Ok(Some(compose::stored(text.into(), &bounds.ical)?))
        }
        (before, _) => Ok(before.clone()),
    }
}

/// No part has a lower SEQUENCE than it had, or than one that is gone; what is moved has a higher one
/// than all had, and where something is cancelled, or is there again, every part has: who was told
/// that, with a SEQUENCE one higher, takes what follows for no older news. `stored` is what stood there
/// whoever it invited, `was` what people were told (RFC 6638, section 3.2.5; RFC 5546, section 2.1.4).
fn sequenced(
    object: &CalendarObject,
    (stored, was): (Option<&CalendarObject>, Option<&CalendarObject>),
    moved: &BTreeSet<Option<Instant>>,
    bounds: &Bounds,
) -> Result<CalendarObject, Error> {
    let zone = common();
    let Some((stored, old)) = stored.and_then(|stored| Some((stored, stored.event().ok()?))) else {
        return Ok(object.clone());
    };
    let highest = old.parts().map(|part| part.sequence).max().unwrap_or(0);
    let kept: BTreeSet<_> = object.parts().map(|part| object.original_start(part, &zone)).collect();
    let is_one_gone = stored.parts().any(|part| !kept.contains(&stored.original_start(part, &zone)));
    let changes = |was| scheduling::cancels(was, object, &zone) || scheduling::restores(was, object, &zone);
    let rises = was.is_some_and(changes) || !moved.is_subset(&kept);
    let text = scheduling::sequenced(object, &zone, |at| {
        if rises || moved.contains(&at) {
            return highest.saturating_add(1);
        }
        if is_one_gone {
            return highest;
        }
        part_at(old, at).or(old.master.as_ref()).map_or(0, |part| part.sequence)
    });
    compose::reparse(text, object, &bounds.ical)
}

fn part_at(event: &Event, at: Option<Instant>) -> Option<&Part> {
    let start = |part: &Part| {
        let id = part.recurrence_id.as_ref()?;
        Some(crate::domain::recurrence::original_start(event, id, &common()))
    };
    event.parts().find(|part| start(part) == at)
}

/// What stood in an attendee's line, and is not the organizer's to change.
struct Standing {
    answers: Answers,
    status: Option<String>,
}

/// The text with everybody's own answers: an attendee is asked again where the event was moved.
fn answered(
    object: &CalendarObject,
    was: Option<&CalendarObject>,
    moved: &BTreeSet<Option<Instant>>,
    parties: &[Party],
    bounds: &Bounds,
) -> Result<CalendarObject, Error> {
    let zone = common();
    let standing = |party: &Party| Standing {
        answers: was.map(|was| answers(was, &party.addresses, &zone)).unwrap_or_default(),
        status: was.and_then(|was| status_of(was, &party.addresses)),
    };
    let all: Vec<(&Party, Standing)> = parties.iter().map(|party| (party, standing(party))).collect();
    let whose = |line: Property<'_>| all.iter().find(|(party, _)| is_one_of(line, &party.addresses));
    let text = mark(object, &zone, |line, at| {
        let (party, standing) = whose(line).filter(|_| line.is("ATTENDEE"))?;
        if agent(line) != Agent::Server {
            return None;
        }
        let known = at.map_or(standing.answers.whole, |at| standing.answers.at(at));
        let is_asked =
            moved.contains(&at) || (known.is_none() && matches!(party.to, Some(Recipient::Guest(_))));
        let partstat = match (is_asked, &party.to) {
            (true, Some(_)) => Some(PartStat::NeedsAction),
            (false, Some(Recipient::Guest(_))) => known,
            _ => None,
        };
        let status = standing.status.as_deref().filter(|_| party.to.is_some()).unwrap_or(party.status);
        Some(Mark { partstat, status: Some(status) })
    });
    let text = compose::reparse(text, object, &bounds.ical)?;
    // Where the whole was moved everybody has been asked again.
    if moved.contains(&None) { Ok(text) } else { with_dates(&text, moved, &all, bounds) }
}

/// The text with what people answered to dates that have no part of their own in it; who comes to one
/// that was moved back to where the series puts it is asked again.
fn with_dates(
    object: &CalendarObject,
    moved: &BTreeSet<Option<Instant>>,
    all: &[(&Party, Standing)],
    bounds: &Bounds,
) -> Result<CalendarObject, Error> {
    let zone = common();
    let is_in_series =
        |at: &Instant| object.override_at(*at, &zone).is_none() && has_instance(object, *at, &zone);
    let mut text = object.clone();
    let asked: Vec<Instant> = moved.iter().flatten().copied().filter(is_in_series).collect();
    for (party, standing) in all.iter().filter(|(party, _)| party.to.is_some()) {
        let mut said = Answers::default();
        if matches!(party.to, Some(Recipient::Guest(_))) {
            // An answer for one date made a part of its own, which the organizer's program may not know yet.
            let is_lost =
                |at: &Instant, answer: PartStat| standing.answers.whole != Some(answer) && is_in_series(at);
            let known = standing.answers.instances.iter().map(|(at, answer)| (*at, *answer));
            said.instances.extend(known.filter(|(at, answer)| is_lost(at, *answer)));
        }
        let stands = answers(&text, &party.addresses, &zone);
        for at in &asked {
            said.instances.remove(at);
            if stands.at(*at).is_some_and(|answer| answer != PartStat::NeedsAction) {
                said.instances.insert(*at, PartStat::NeedsAction);
            }
        }
        if !said.is_empty() {
            let new = recorded(&text, &party.addresses, &said, None, &zone);
            text = compose::reparse(new, &text, &bounds.ical)?;
        }
    }
    Ok(text)
}

fn status_of(object: &CalendarObject, addresses: &[Address]) -> Option<String> {
    let mut lines =
        object.parts().filter_map(|part| part.all("ATTENDEE").find(|line| is_one_of(*line, addresses)));
    lines.find_map(|line| line.param("SCHEDULE-STATUS"))
}
