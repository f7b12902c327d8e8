//! Checking in: somebody says that he is there, by a link, on the command line, or by a change of the event
//! (R95, R96).
//!
//! Entitled is whoever may change the booking, and every attendee. What counts as a change: whatever the
//! server stores of a write by one of them while the window is open, if only a text or a property of the
//! program's own; an attendee's answer too, unless it declines. The same bytes once more are no change,
//! for programs repeat themselves. What becomes of rooms where nobody did is in [`missed`].

mod declined;
mod missed;
mod taken_back;

use crate::domain::attendee::Attendee;
use crate::domain::check_in::{Window, window};
use crate::domain::event::Event;
use crate::domain::id::{ReservationId, ResourceId, SpaceId};
use crate::domain::link::Purpose;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::state::OccurrenceState;
use crate::domain::time::Instant;
use crate::store::{self, Reservation, StoreError, Strikes, Tx, Work};
use crate::text::{self, Attendance, Message};

use super::access::{RoomState, room_state};
use super::actor::Actor;
use super::compose;
use super::error::Error;
use super::link;
use super::record::Cause;
use super::scene::Scene;
use super::{Bookings, Bounds};

pub(super) use missed::{Missed, miss};
pub(super) use taken_back::{TakenBack, take_back};

/// What became of a check-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is written down.
    Noted,
    /// Somebody had checked in before.
    Already,
    /// The window is not open yet.
    TooEarly,
    /// It is over, or the room was released.
    TooLate,
    /// Nobody has to check in (R95, R96).
    NotAsked,
}

impl Bookings {
    /// Checks in to an occurrence; `None`: to the one whose window is open, else the next one.
    ///
    /// # Errors
    /// `Missing` if there is no such occurrence, or it is not the actor's to check in to.
    pub async fn check_in(
        &self,
        actor: Actor,
        reservation: ReservationId,
        occurrence: Option<RecurrenceId>,
    ) -> Result<Presence, Error> {
        actor.check_writes()?;
        let spaces = self.spaces_of(reservation, &actor).await?;
        let bounds = self.bounds.clone();
        self.store.write(Check { actor, reservation, occurrence, spaces, bounds, now: self.now() }).await
    }

    async fn spaces_of(&self, reservation: ReservationId, actor: &Actor) -> Result<Vec<SpaceId>, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let reservation = tx.reservations().get(reservation).await?.ok_or(Error::Missing)?;
        let room = room_state(&mut tx, reservation.room, actor).await?.ok_or(Error::Missing)?;
        Ok(room.spaces())
    }

    /// Asks an organizer to check in, once.
    async fn ask_to_check_in(
        &self,
        reservation: ReservationId,
        occurrence: RecurrenceId,
    ) -> Result<(), Error> {
        let spaces = self.spaces_of(reservation, &Actor::operator()).await?;
        self.store.write(Ask { reservation, occurrence, spaces, now: self.now() }).await
    }

    /// Says that the rest of a series is still wanted (R97).
    ///
    /// # Errors
    /// `Missing` if nobody asks.
    pub(super) async fn keep_series(&self, actor: Actor, reservation: ReservationId) -> Result<(), Error> {
        actor.check_writes()?;
        let spaces = self.spaces_of(reservation, &actor).await?;
        self.store.write(Keep { actor, reservation, spaces, now: self.now() }).await
    }
}

/// What is known of an occurrence as it is now; nothing of one that was moved since.
pub(super) async fn known(
    tx: &mut Tx<'_>,
    reservation: ReservationId,
    facts: &OccurrenceFacts,
) -> Result<store::CheckIn, StoreError> {
    let row = tx.check_ins().get(reservation, facts.id).await?;
    let row = row.filter(|row| row.period.start == facts.period.start);
    Ok(row.unwrap_or_else(|| store::CheckIn::of(reservation, facts)))
}

/// How an occurrence stands for somebody who wants to check in.
pub(super) async fn presence(
    tx: &mut Tx<'_>,
    reservation: ReservationId,
    room: &RoomState,
    facts: &OccurrenceFacts,
    now: Instant,
) -> Result<Option<Presence>, StoreError> {
    let row = known(tx, reservation, facts).await?;
    if row.checked_in_at.is_some() {
        return Ok(Some(Presence::Already));
    }
    if row.missed_at.is_some() || facts.period.end <= now {
        return Ok(Some(Presence::TooLate));
    }
    Ok(match window(&room.rules.settings, facts) {
        None => Some(Presence::NotAsked),
        Some(Window { opens, .. }) if now < opens => Some(Presence::TooEarly),
        // Until the room is released nobody else wants it.
        Some(_) => None,
    })
}

/// What is known of dates that go to a continuation is known of its dates: whoever is there stays (R62).
pub(super) async fn passed_on(
    tx: &mut Tx<'_>,
    (from, passed): (ReservationId, &[OccurrenceFacts]),
    (to, dates): (ReservationId, &[OccurrenceFacts]),
) -> Result<(), StoreError> {
    for old in passed {
        let row = known(tx, from, old).await?;
        if row.reminded_at.is_none() && row.checked_in_at.is_none() {
            continue;
        }
        let is_its = |facts: &&OccurrenceFacts| {
            facts.state == OccurrenceState::Confirmed && facts.period.overlaps(&old.period)
        };
        for facts in dates.iter().filter(is_its) {
            let store::CheckIn { reminded_at, checked_in_at, .. } = row;
            let row = store::CheckIn { reminded_at, checked_in_at, ..store::CheckIn::of(to, facts) };
            tx.check_ins().set(&row).await?;
        }
    }
    Ok(())
}

/// Writes down that somebody is there, if that is asked for now.
async fn note(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    reservation: &Reservation,
    room: &RoomState,
    facts: &OccurrenceFacts,
) -> Result<Presence, StoreError> {
    if let Some(presence) = presence(tx, reservation.id, room, facts, cause.now).await? {
        return Ok(presence);
    }
    let row = known(tx, reservation.id, facts).await?;
    tx.check_ins().set(&store::CheckIn { checked_in_at: Some(cause.now), ..row }).await?;
    cause.remarked(tx, (reservation.room, &reservation.uid), "R95", "checked in").await?;
    confirm(tx, cause, reservation).await?;
    Ok(Presence::Noted)
}

/// Whoever came, or said so, needs the series (R97).
async fn confirm(tx: &mut Tx<'_>, cause: Cause<'_>, reservation: &Reservation) -> Result<bool, StoreError> {
    let strikes = tx.check_ins().strikes(reservation.id).await?;
    if strikes.is_none_or(|strikes| strikes.confirm_until.is_none()) {
        return Ok(false);
    }
    let kept = Strikes { reservation: reservation.id, confirm_until: None, counted_from: cause.now };
    tx.check_ins().set_strikes(&kept).await?;
    cause.remarked(tx, (reservation.room, &reservation.uid), "R97", "the series is confirmed").await?;
    Ok(true)
}

/// A write of somebody entitled was stored: he is there.
pub(super) async fn changed(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    scene: &Scene,
    bounds: &Bounds,
) -> Result<(), Error> {
    for reservation in &scene.reservations {
        let Some(room) = scene.room(reservation.room) else { continue };
        // It may have left the room, or the house.
        let Some(reservation) = tx.reservations().get(reservation.id).await? else { continue };
        changed_in(tx, cause, &reservation, room).await?;
        declined::offer(tx, cause, &reservation, room, bounds).await?;
    }
    Ok(())
}

/// An attendee answered, who has a copy of his own of what these members decide about; whether he comes.
pub(super) async fn answered(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    shown: impl Iterator<Item = ResourceId>,
    comes: bool,
    bounds: &Bounds,
) -> Result<(), Error> {
    for source in shown {
        for reservation in tx.reservations().decided_by(source).await? {
            let Some(room) = room_state(tx, reservation.room, cause.actor).await? else { continue };
            if comes {
                changed_in(tx, cause, &reservation, &room).await?;
            } else {
                declined::offer(tx, cause, &reservation, &room, bounds).await?;
            }
        }
    }
    Ok(())
}

async fn changed_in(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    reservation: &Reservation,
    room: &RoomState,
) -> Result<(), Error> {
    if !room.rules.settings.checkin {
        return Ok(());
    }
    for stored in tx.occurrences().of(reservation.id).await? {
        if stored.facts.state == OccurrenceState::Confirmed {
            note(tx, cause, reservation, room, &stored.facts).await?;
        }
    }
    Ok(())
}

struct Check {
    actor: Actor,
    reservation: ReservationId,
    occurrence: Option<RecurrenceId>,
    spaces: Vec<SpaceId>,
    bounds: std::sync::Arc<Bounds>,
    now: Instant,
}

impl Work for Check {
    type Done = Presence;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Presence, Error> {
        tx.lock_in_order(&self.spaces, &[]).await?;
        let reservation = tx.reservations().get(self.reservation).await?.ok_or(Error::Missing)?;
        let room = room_state(tx, reservation.room, &self.actor).await?.ok_or(Error::Missing)?;
        if !is_entitled(tx, &self.actor, &reservation, &room, &self.bounds).await? {
            return Err(Error::Missing);
        }
        let all = tx.occurrences().of(reservation.id).await?.into_iter().map(|stored| stored.facts);
        let all: Vec<OccurrenceFacts> = all.filter(|facts| facts.state != OccurrenceState::Grace).collect();
        let facts = match self.occurrence {
            Some(id) => all.iter().find(|facts| facts.id == id),
            None => all.iter().find(|facts| facts.period.end > self.now).or(all.last()),
        };
        let cause = Cause { actor: &self.actor, channel: "direct", now: self.now };
        Ok(note(tx, cause, &reservation, &room, facts.ok_or(Error::Missing)?).await?)
    }
}

/// Whether it is this one's to say that somebody is there: the owner, a manager, an attendee.
async fn is_entitled(
    tx: &mut Tx<'_>,
    actor: &Actor,
    reservation: &Reservation,
    room: &RoomState,
    bounds: &Bounds,
) -> Result<bool, Error> {
    if actor.is(reservation.owner) || actor.admin || room.asker.manager {
        return Ok(true);
    }
    let Some(user) = actor.user else { return Ok(false) };
    let Some(user) = tx.users().get(user).await? else { return Ok(false) };
    if tx.resources().get(reservation.source).await?.is_none() {
        return Ok(false);
    }
    let text = tx.resources().text(reservation.source).await?;
    let object = compose::stored(text.into(), &bounds.ical)?;
    let own = user.all_addresses();
    let attendees = object.event().ok().into_iter().flat_map(Event::parts).flat_map(|part| &part.attendees);
    Ok(attendees.flat_map(Attendee::addresses).any(|address| own.contains(address)))
}

struct Ask {
    reservation: ReservationId,
    occurrence: RecurrenceId,
    spaces: Vec<SpaceId>,
    now: Instant,
}

impl Work for Ask {
    type Done = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        tx.lock_in_order(&self.spaces, &[]).await?;
        let actor = Actor::operator();
        let Some(reservation) = tx.reservations().get(self.reservation).await? else { return Ok(()) };
        let Some(room) = room_state(tx, reservation.room, &actor).await? else { return Ok(()) };
        let all = tx.occurrences().of(reservation.id).await?.into_iter().map(|stored| stored.facts);
        let mut meant = all.filter(|facts| facts.id == self.occurrence);
        let Some((facts, window)) = meant.find_map(|facts| {
            let window = window(&room.rules.settings, &facts)?;
            Some((facts, window))
        }) else {
            return Ok(());
        };
        let row = known(tx, reservation.id, &facts).await?;
        if row.reminded_at.is_some() || row.checked_in_at.is_some() || row.missed_at.is_some() {
            return Ok(());
        }
        tx.check_ins().set(&store::CheckIn { reminded_at: Some(self.now), ..row }).await?;
        let cause = Cause { actor: &actor, channel: "direct", now: self.now };
        let language = cause.language_for(tx, reservation.owner).await?;
        let zone = &room.rules.zone;
        let message = Attendance::CheckIn {
            room: &room.room.name,
            title: &reservation.summary,
            when: &text::when(language, &facts.period, facts.all_day, zone),
            until: &text::clock(window.deadline, zone),
        };
        let link = |purpose| link::of_owner(&reservation, purpose, facts.id, facts.period.end);
        let links = vec![link(Purpose::CheckIn), link(Purpose::GiveBack)];
        let (about, key) = about(&reservation, &facts, "check-in");
        Ok(cause.tell_with(tx, reservation.owner, about, key, &Message::Attendance(message), links).await?)
    }
}

/// What a message about an occurrence is about, and its key: one of a kind for each time it is booked for.
fn about<'a>(
    reservation: &'a Reservation,
    facts: &OccurrenceFacts,
    kind: &str,
) -> ((Option<crate::domain::id::RoomId>, &'a str), String) {
    let recur = facts.id.instant().map_or(-1, Instant::secs);
    let key = format!("{kind}/{}/{recur}/{}", reservation.id, facts.period.start.secs());
    ((Some(reservation.room), reservation.uid.as_str()), key)
}

struct Keep {
    actor: Actor,
    reservation: ReservationId,
    spaces: Vec<SpaceId>,
    now: Instant,
}

impl Work for Keep {
    type Done = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        tx.lock_in_order(&self.spaces, &[]).await?;
        let reservation = tx.reservations().get(self.reservation).await?.ok_or(Error::Missing)?;
        let cause = Cause { actor: &self.actor, channel: "direct", now: self.now };
        if confirm(tx, cause, &reservation).await? { Ok(()) } else { Err(Error::Missing) }
    }
}
