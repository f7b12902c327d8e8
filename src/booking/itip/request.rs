//! REQUEST and ADD: the event goes into the organizer's own calendar, the rooms that it invites are asked
//! as by any invitation, and what each says goes back by message.
//!
//! A request that is not newer than what is there does nothing, whichever way that came (R32). What cannot
//! be judged at all is declined.

use std::sync::Arc;

use crate::domain::attendee::{Address, PartStat};
use crate::domain::expected::Expected;
use crate::domain::id::{CalendarId, RoomId};
use crate::domain::reason::Reason;
use crate::domain::state::OccurrenceState;
use crate::domain::time::Instant;
use crate::ical::CalendarObject;
use crate::ical::scheduling::{added, taken};
use crate::store::{Resource, Tx, Work};

use super::super::Bookings;
use super::super::access::{RoomState, room_state};
use super::super::actor::Actor;
use super::super::cancel::source;
use super::super::compose::{self, name_for};
use super::super::copies::free_name;
use super::super::error::Error;
use super::super::mask;
use super::super::outcome::Outcome;
use super::super::pool;
use super::super::put::{Put, PutWork};
use super::super::record::Cause;
use super::super::scene::{RESERVATIONS, Target};
use super::super::schedule::common;
use super::Receipt;
use super::answer::{self, Heard};
use super::guest;
use super::ignore::Ignored;
use super::letter::{self, Letter};

/// What the organizer has of the event already.
pub(super) struct Known {
    /// The member whose text decides.
    pub(super) source: Resource,
    pub(super) object: CalendarObject,
    /// Where it is written.
    pub(super) target: Target,
    pub(super) name: String,
}

/// Finds it wherever it came from: by another message, or by the organizer's own program.
pub(super) async fn known(
    tx: &mut Tx<'_>,
    letter: &Letter,
    bookings: &Bookings,
) -> Result<Option<Known>, Error> {
    let Some(organizer) = &letter.organizer else { return Ok(None) };
    let own = tx.resources().of_people(&[organizer.id], letter.uid()).await?;
    let mut own: Vec<Resource> = own.into_iter().map(|(_, member)| member).collect();
    // What is booked directly is shown beside it, and decides only where nothing else does.
    own.sort_by_key(|member| (is_shown(member), member.schedule_tag.is_none()));
    let (source, target, name) = match own.into_iter().next() {
        Some(member) => {
            let target = Target::Person(member.calendar);
            let name = member.name.clone();
            let reservation = match member.reservation {
                Some(id) => tx.reservations().get(id).await?,
                None => None,
            };
            match reservation {
                Some(reservation) => (source(tx, &reservation).await?.0, target, name),
                None => (member, target, name),
            }
        }
        None => match tx.reservations().of_owner(organizer.id, letter.uid()).await?.first() {
            Some(reservation) if tx.resources().get(reservation.source).await?.is_some() => {
                let (source, target) = source(tx, reservation).await?;
                let name = source.name.clone();
                (source, target, name)
            }
            _ => return Ok(None),
        },
    };
    let text = tx.resources().text(source.id).await?;
    let object = compose::stored(text.into(), bookings.limits())?;
    Ok(Some(Known { source, object, target, name }))
}

fn is_shown(member: &Resource) -> bool {
    member.reservation.is_some()
}

impl Known {
    /// Whether somebody else organizes it: what is known has one organizer, and keeps it.
    pub(super) fn is_of_another(&self, letter: &Letter) -> bool {
        let Ok(event) = self.object.event() else { return true };
        let own = letter.organizer.as_ref().map(crate::domain::user::User::all_addresses).unwrap_or_default();
        let is_own = |address| own.contains(address) || *address == letter.speaker.organizer;
        event.parts().filter_map(|part| part.organizer.as_ref()).any(|address| !is_own(address))
    }
}

impl Bookings {
    /// The rooms that a message names, as its organizer meets them.
    pub(super) async fn met(&self, tx: &mut Tx<'_>, letter: &Letter) -> Result<Vec<RoomState>, Error> {
        let mut rooms = Vec::new();
        for room in &letter.rooms {
            rooms.extend(room_state(tx, room.id, &letter.actor).await?);
        }
        Ok(rooms)
    }

    pub(super) async fn request(&self, letter: &Letter) -> Result<Receipt, Error> {
        if let Some(at) = letter.at.as_ref().filter(|at| letter.rooms.iter().all(|room| room.id != at.id)) {
            // The room is not invited any more.
            return Box::pin(self.withdraw(letter, at)).await;
        }
        let now = self.now();
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let rooms = self.met(&mut tx, letter).await?;
        let known = known(&mut tx, letter, self).await?;
        drop(snapshot);
        if let Some(refused) = self.admit(letter, &rooms, known.as_ref(), now).await? {
            return Ok(refused);
        }
        let text = taken(known.as_ref().map(|known| &known.object), letter.object(), &common());
        let Some(text) = text else { return self.is_old(letter).await };
        let asked = letter.object().parts();
        let asked = asked.map(|part| letter.object().original_start(part, &common())).collect();
        Box::pin(self.ask(letter, (&rooms, known), text, asked, now)).await
    }

    pub(super) async fn add(&self, letter: &Letter) -> Result<Receipt, Error> {
        let now = self.now();
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let rooms = self.met(&mut tx, letter).await?;
        let known = known(&mut tx, letter, self).await?;
        drop(snapshot);
        let event = letter.object().event()?;
        let (Some(base), Some(part), false) = (&known, event.first(), event.recurs()) else {
            // Without the rest of it nothing can be added (RFC 5546, section 3.2.4).
            return self.ask_again(letter).await;
        };
        if let Some(refused) = self.admit(letter, &rooms, known.as_ref(), now).await? {
            return Ok(refused);
        }
        let at = part.start.instant(&common());
        let Some(text) = added(&base.object, letter.object(), &common()) else {
            return self.is_old(letter).await;
        };
        Box::pin(self.ask(letter, (&rooms, known), text, vec![Some(at)], now)).await
    }

    /// What is refused before any room is asked, or needs nothing.
    async fn admit(
        &self,
        letter: &Letter,
        rooms: &[RoomState],
        known: Option<&Known>,
        now: Instant,
    ) -> Result<Option<Receipt>, Error> {
        let own = known.filter(|known| !known.is_of_another(letter));
        let is_live = |room: &RoomState| {
            let addresses = room.room.addresses();
            own.is_some_and(|known| crate::ical::scheduling::invitation(&known.object, &addresses).is_some())
        };
        if rooms.iter().all(|room| !is_live(room) && !letter.is_news_to(room.room.id)) {
            return self.is_old(letter).await.map(Some);
        }
        let refuse = |reason| self.decline(letter, rooms, reason);
        match &letter.organizer {
            None if guest::is_taken(rooms) => {
                self.store.write(guest::NewGuest::of(letter, rooms, now)).await?;
                return Err(Error::Moved);
            }
            None => return refuse(Reason::External).await.map(Some),
            Some(organizer) if organizer.disabled => return refuse(Reason::NotAllowed).await.map(Some),
            Some(_) => {}
        }
        if known.is_some_and(|known| known.is_of_another(letter)) {
            return refuse(Reason::Duplicate).await.map(Some);
        }
        let is_heard = |room: &RoomState| room.is_visible() || room.asker.outside || is_live(room);
        if !rooms.iter().any(is_heard) {
            // A room that the organizer may not know is nobody's address (D-34).
            return self
                .pass_over(letter, "R25", "it names no room that the organizer may know")
                .await
                .map(Some);
        }
        Ok(None)
    }

    /// Puts the text to the rooms.
    async fn ask(
        &self,
        letter: &Letter,
        (rooms, known): (&[RoomState], Option<Known>),
        text: bytes::Bytes,
        asked: Vec<Option<Instant>>,
        now: Instant,
    ) -> Result<Receipt, Error> {
        let made = known.is_none();
        let answers = Heard::of(letter, asked);
        let done = match self.put_of(letter, rooms, known, text).await {
            Ok(put) => {
                let put = Put { message: Some(Arc::new(answers)), ..put };
                self.judge(letter, put, rooms, made, now).await
            }
            Err(error) => Err(error),
        };
        match done {
            Err(error) => match declined(&error) {
                Some(reason) => self.decline(letter, rooms, reason).await,
                None => Err(error),
            },
            done => done,
        }
    }

    /// The rooms of a message, and those that the text invites beside them: they have a say in it too. With
    /// the addresses of its pools.
    async fn hosts_in(
        &self,
        letter: &Letter,
        named: &[RoomState],
        object: &CalendarObject,
    ) -> Result<(Vec<RoomState>, Vec<Address>), Error> {
        let mut all = named.to_vec();
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        for id in letter::named(&mut tx, object.event()?).await? {
            if all.iter().all(|room| room.room.id != id) {
                all.extend(room_state(&mut tx, id, &letter.actor).await?);
            }
        }
        let pools = pool::delegating(&mut tx, object.event()?, None).await?;
        Ok((all, pools))
    }

    /// The write that a message comes to.
    pub(super) async fn put_of(
        &self,
        letter: &Letter,
        rooms: &[RoomState],
        known: Option<Known>,
        text: bytes::Bytes,
    ) -> Result<Put, Error> {
        let limits = if known.is_some() { self.limits().of_stored() } else { self.limits().clone() };
        let mut object = CalendarObject::parse(text, &limits)?;
        if letter.actor.guest {
            let (all, pools) = self.hosts_in(letter, rooms, &object).await?;
            object = guest::stored(&object, (&all, &pools), &limits)?;
        }
        let (actor, hopes_for) = (letter.actor.clone(), letter.hopes_for.clone());
        match known {
            Some(Known { source, target, name, .. }) => {
                let put = Put::new(actor, target, &name, object);
                Ok(Put { based_on: Some(source.etag), hopes_for, ..put })
            }
            None => {
                let organizer = letter.organizer.as_ref().ok_or(Error::Missing)?;
                let mut snapshot = self.store.snapshot().await?;
                let mut tx = snapshot.tx();
                let calendar =
                    tx.calendars().named(organizer.id, RESERVATIONS).await?.ok_or(Error::Missing)?.id;
                let name = free_name(&mut tx, calendar, &name_for(letter.uid()), &mask::new_key()).await?;
                let put = Put::new(actor, Target::Person(calendar), &name, object);
                Ok(Put { expected: Expected::absent(), hopes_for, ..put })
            }
        }
    }

    async fn judge(
        &self,
        letter: &Letter,
        put: Put,
        rooms: &[RoomState],
        made: bool,
        now: Instant,
    ) -> Result<Receipt, Error> {
        let put = put.explained(&self.bounds)?;
        let prepared = self.prepare(&put, now).await?;
        let work = PutWork { put, prepared, bounds: self.bounds.clone(), now, cancels: None };
        let heard = rooms.iter().map(|room| letter.heard(room.room.id, false, made, now)).collect();
        let judging = Judging { work, heard, before: letter.before.clone(), rooms: rooms.to_vec() };
        self.store.write(judging).await
    }

    /// A message that says nothing new (R32).
    pub(super) async fn is_old(&self, letter: &Letter) -> Result<Receipt, Error> {
        self.pass_over(letter, "R32", "it is not newer than what is known").await
    }

    pub(super) async fn pass_over(
        &self,
        letter: &Letter,
        rule: &'static str,
        why: &str,
    ) -> Result<Receipt, Error> {
        let room = letter.at.as_ref().or(letter.rooms.first()).map(|room| room.id);
        self.ignore(&letter.received, &letter.incoming, Ignored { room, rule, why: why.to_owned() }).await
    }
}

impl Bookings {
    /// Declines for all rooms that the message names, without storing anything of it.
    async fn decline(&self, letter: &Letter, rooms: &[RoomState], reason: Reason) -> Result<Receipt, Error> {
        let now = self.now();
        let heard = rooms.iter().map(|room| letter.heard(room.room.id, false, false, now)).collect();
        let message = Heard::of(letter, Vec::new());
        let actor = letter.actor.clone();
        let before = letter.before.clone();
        self.store
            .write(Declining { actor, rooms: rooms.to_vec(), reason, message, heard, before, now })
            .await
    }
}

/// A request that no room is asked for.
struct Declining {
    actor: Actor,
    rooms: Vec<RoomState>,
    reason: Reason,
    message: Heard,
    heard: Vec<crate::store::Heard>,
    before: Vec<crate::store::Heard>,
    now: Instant,
}

impl Work for Declining {
    type Done = Receipt;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Receipt, Error> {
        let calendars: Vec<_> = self.rooms.iter().map(|room| room.calendar).collect();
        tx.lock_in_order(&[], &sorted(calendars)).await?;
        unchanged(tx, &self.heard, &self.before).await?;
        let cause = Cause { actor: &self.actor, channel: "invite", now: self.now };
        let mut said = Vec::new();
        for (room, heard) in self.rooms.iter().zip(&self.heard) {
            tx.received().remember(heard).await?;
            let Some(failure) = self.message.failure(room, self.reason) else { continue };
            cause.failed(tx, "refused", room.room.id, &heard.uid, &failure).await?;
            answer::refused(tx, cause, &self.message, room, &[failure]).await?;
            said.push((room.room.slug.clone(), PartStat::Declined));
        }
        Ok(Receipt::Answered(said))
    }
}

fn sorted(mut calendars: Vec<CalendarId>) -> Vec<CalendarId> {
    calendars.sort_unstable();
    calendars
}

/// Another message may have been faster.
async fn unchanged(
    tx: &mut Tx<'_>,
    heard: &[crate::store::Heard],
    before: &[crate::store::Heard],
) -> Result<(), Error> {
    let Some(first) = heard.first() else { return Ok(()) };
    let mut now = tx.received().about(&first.uid).await?;
    now.retain(|other| other.organizer == first.organizer);
    if now == before { Ok(()) } else { Err(Error::Moved) }
}

/// As which reason a write that could not even be judged is declined; `None` for what is no decision.
fn declined(error: &Error) -> Option<Reason> {
    Some(match error {
        Error::Moved | Error::Stale | Error::Store(_) | Error::Decides(_) | Error::Elsewhere => return None,
        Error::TooManyBookings | Error::CalendarFull | Error::QuotaExceeded => Reason::Quota,
        Error::UidConflict(_)
        | Error::ScheduledElsewhere
        | Error::NameTaken
        | Error::ForeignOrganizer
        | Error::AttendeeChange => Reason::Duplicate,
        Error::Missing | Error::ReadOnly(_) | Error::OnlyReads | Error::ReadOnlySource => Reason::NotAllowed,
        Error::Invalid(_)
        | Error::OrganizersDiffer
        | Error::UnknownAttachment
        | Error::NoSuchAttachment
        | Error::NoSuchPart
        | Error::TooManyAttachments
        | Error::NotAttachable => Reason::Invalid,
    })
}

/// A request on its way through the transaction.
struct Judging {
    work: PutWork,
    heard: Vec<crate::store::Heard>,
    before: Vec<crate::store::Heard>,
    rooms: Vec<RoomState>,
}

impl Work for Judging {
    type Done = Receipt;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Receipt, Error> {
        self.work.lock(tx).await?;
        unchanged(tx, &self.heard, &self.before).await?;
        for heard in &self.heard {
            tx.received().remember(heard).await?;
        }
        let put = &self.work.put;
        match Box::pin(self.work.run_locked(tx)).await? {
            Outcome::Refused(refusal) => {
                let cause = Cause { actor: &put.actor, channel: "invite", now: self.work.now };
                let room = self.rooms.iter().find(|room| room.room.id == refusal.room.id);
                if let (Some(room), Some(message)) = (room, &put.message) {
                    answer::refused(tx, cause, message, room, &refusal.failures).await?;
                }
                Ok(Receipt::Answered(vec![(refusal.room.slug, PartStat::Declined)]))
            }
            Outcome::Stored { .. } | Outcome::Removed => {
                let mut said = Vec::new();
                for room in &self.rooms {
                    let stands = stands(tx, room.room.id, put).await?;
                    said.push((room.room.slug.clone(), stands));
                }
                Ok(Receipt::Answered(said))
            }
        }
    }
}

/// What a room has of the organizer's event now.
async fn stands(tx: &mut Tx<'_>, room: RoomId, put: &Put) -> Result<PartStat, Error> {
    let reservation = tx.reservations().in_room(room, put.object.uid().as_str()).await?;
    let own = reservation.filter(|reservation| put.actor.is(reservation.owner));
    let Some(own) = own else { return Ok(PartStat::Declined) };
    let all = tx.occurrences().of(own.id).await?;
    let has = |state| all.iter().any(|stored| stored.facts.state == state);
    Ok(if has(OccurrenceState::Confirmed) {
        PartStat::Accepted
    } else if has(OccurrenceState::Held) {
        PartStat::Tentative
    } else {
        PartStat::Declined
    })
}
