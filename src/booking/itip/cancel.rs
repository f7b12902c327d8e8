//! CANCEL, and a REQUEST that does not name the room any more: the room is free, of the whole or of single
//! dates. Only the room that is written to is given up: others are written to by themselves.
//!
//! What was cancelled leaves a tombstone, by whichever way that came, so that an older message that is
//! still under way does nothing (R85). Nobody is answered (R124).

use std::sync::Arc;

use crate::domain::attendee::Address;
use crate::domain::id::ResourceId;
use crate::domain::space::Room;
use crate::domain::time::Instant;
use crate::ical::CalendarObject;
use crate::ical::scheduling::{Version, dates_cancelled, invitation, taken, uninvited};
use crate::store::{Heard as Row, Reservation, StoreError, Tx, Work};

use super::super::Bookings;
use super::super::delete::{Delete, DeleteWork, Removal};
use super::super::error::Error;
use super::super::outcome::Outcome;
use super::super::pool;
use super::super::put::{Put, PutWork};
use super::super::scene::Scene;
use super::super::schedule::common;
use super::Receipt;
use super::Remembering;
use super::answer::Heard;
use super::letter::{Letter, key_of};
use super::request::{Known, known};

impl Bookings {
    /// CANCEL: of the room where it arrived, else of each that it names.
    pub(super) async fn called_off(&self, letter: &Letter) -> Result<Receipt, Error> {
        let rooms = match &letter.at {
            Some(at) => vec![at.clone()],
            None => letter.rooms.clone(),
        };
        let mut done = None;
        for room in &rooms {
            let receipt = if letter.object().master().is_some() {
                Box::pin(self.withdraw(letter, room)).await?
            } else {
                Box::pin(self.withdraw_dates(letter, room)).await?
            };
            if done.is_none() || receipt == Receipt::Cancelled {
                done = Some(receipt);
            }
        }
        match done {
            Some(done) => Ok(done),
            None => self.pass_over(letter, "R25", "it names no room").await,
        }
    }

    /// Gives up all that a room has of the event.
    pub(super) async fn withdraw(&self, letter: &Letter, room: &Room) -> Result<Receipt, Error> {
        let addresses = room.addresses();
        let (known, is_foreign) = self.standing(letter, room).await?;
        if is_foreign {
            return self.pass_over(letter, "R86", "it is another organizer's").await;
        }
        if !letter.is_news_to(room.id) {
            return self.is_old(letter).await;
        }
        let live = known.filter(|known| invitation(&known.object, &addresses).is_some());
        let Some(known) = live else {
            // It may have overtaken the request.
            self.store.write(Remembering(letter.heard(room.id, true, false, self.now()))).await?;
            return self.pass_over(letter, "R85", "the room does not have this event").await;
        };
        if !letter.version().is_newer_than(Version::of_object(&known.object)) {
            return self.is_old(letter).await;
        }
        let text = if letter.incoming.method == "REQUEST" {
            let Some(text) = taken(Some(&known.object), letter.object(), &common()) else {
                return self.is_old(letter).await;
            };
            text
        } else {
            // With the room goes the pool that sent it: it has nobody there any more.
            let mut gone = addresses;
            let mut snapshot = self.store.snapshot().await?;
            let event = known.object.event()?;
            gone.extend(pool::delegating(&mut snapshot.tx(), event, Some(room)).await?);
            uninvited(&known.object, &gone)
        };
        let rest = CalendarObject::parse(text.clone(), &self.limits().of_stored())?;
        if letter.made() && !self.names_rooms(&rest).await? {
            return self.remove(letter, room, &known).await;
        }
        self.put_rest(letter, room, known, (text, true)).await
    }

    /// Gives up single dates of a series.
    async fn withdraw_dates(&self, letter: &Letter, room: &Room) -> Result<Receipt, Error> {
        let (known, is_foreign) = self.standing(letter, room).await?;
        if is_foreign {
            return self.pass_over(letter, "R86", "it is another organizer's").await;
        }
        let Some(known) = known else {
            return self.pass_over(letter, "R85", "the room does not have this event").await;
        };
        let addresses = room.addresses();
        let all = self.house_rooms(&known.object).await?;
        let text = dates_cancelled(&known.object, letter.object(), (&addresses, &all), &common());
        match text {
            Some(text) => self.put_rest(letter, room, known, (text, false)).await,
            None => self.is_old(letter).await,
        }
    }

    /// What the organizer has of it, and whether the room has it of somebody else.
    async fn standing(&self, letter: &Letter, room: &Room) -> Result<(Option<Known>, bool), Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let known = known(&mut tx, letter, self).await?;
        let booked = tx.reservations().in_room(room.id, letter.uid()).await?;
        let own = letter.organizer.as_ref().map(|organizer| organizer.id);
        let is_foreign = booked.is_some_and(|booked| Some(booked.owner) != own)
            || known.as_ref().is_some_and(|known| known.is_of_another(letter));
        Ok((known, is_foreign))
    }

    /// The addresses of all rooms of the house that a text invites.
    async fn house_rooms(&self, object: &CalendarObject) -> Result<Vec<Address>, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let mut all = Vec::new();
        for id in super::super::scene::rooms_among_attendees(&mut tx, object.event()?).await? {
            all.extend(tx.rooms().get(id).await?.map(|room| room.addresses()).unwrap_or_default());
        }
        Ok(all)
    }

    async fn names_rooms(&self, object: &CalendarObject) -> Result<bool, Error> {
        Ok(!self.house_rooms(object).await?.is_empty())
    }

    /// Takes the event away that only messages have brought.
    async fn remove(&self, letter: &Letter, room: &Room, known: &Known) -> Result<Receipt, Error> {
        let now = self.now();
        let delete = Delete {
            by_command: true,
            silent: true,
            ..Delete::new(letter.actor.clone(), known.target, &known.name)
        };
        let mut snapshot = self.store.snapshot().await?;
        let scene = Box::pin(Scene::load(&mut snapshot.tx(), delete.lookup(&self.bounds))).await?;
        drop(snapshot);
        let work = DeleteWork { delete, locks: scene.locks(), bounds: self.bounds.clone(), now };
        let (seen, heard) =
            ((known.source.id, known.source.etag.clone()), letter.heard(room.id, true, false, now));
        self.store.write(Removing { work, seen, heard }).await
    }

    /// Writes what is left of the event.
    async fn put_rest(
        &self,
        letter: &Letter,
        room: &Room,
        known: Known,
        (text, is_whole): (bytes::Bytes, bool),
    ) -> Result<Receipt, Error> {
        let now = self.now();
        let mut snapshot = self.store.snapshot().await?;
        let rooms = self.met(&mut snapshot.tx(), letter).await?;
        drop(snapshot);
        let put = self.put_of(letter, &rooms, Some(known), text).await?;
        let put = Put { message: Some(Arc::new(Heard::unanswered(letter))), ..put };
        let put = put.explained(&self.bounds)?;
        let prepared = self.prepare(&put, now).await?;
        let work = PutWork { put, prepared, bounds: self.bounds.clone(), now, cancels: None };
        let heard = is_whole.then(|| letter.heard(room.id, true, false, now));
        self.store.write(Rewriting { work, heard }).await
    }
}

/// What a message takes away, on its way through the transaction.
struct Removing {
    work: DeleteWork,
    seen: (ResourceId, String),
    heard: Row,
}

impl Work for Removing {
    type Done = Receipt;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Receipt, Error> {
        tx.lock_in_order(&self.work.locks.spaces, &self.work.locks.calendars).await?;
        let now = tx.resources().get(self.seen.0).await?;
        if now.is_none_or(|now| now.etag != self.seen.1) {
            return Err(Error::Moved);
        }
        match Box::pin(self.work.run_locked(tx)).await? {
            Removal::Done(outcome) if matches!(*outcome, Outcome::Removed) => {}
            // By now it is something else that cannot go like this.
            Removal::Done(_) | Removal::OfInvitation(_) | Removal::Declined(..) => return Err(Error::Moved),
        }
        tx.received().remember(&self.heard).await?;
        Ok(Receipt::Cancelled)
    }
}

struct Rewriting {
    work: PutWork,
    heard: Option<Row>,
}

impl Work for Rewriting {
    type Done = Receipt;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Receipt, Error> {
        self.work.lock(tx).await?;
        if let Some(heard) = &self.heard {
            tx.received().remember(heard).await?;
        }
        match Box::pin(self.work.run_locked(tx)).await? {
            Outcome::Stored { .. } | Outcome::Removed => Ok(Receipt::Cancelled),
            Outcome::Refused(_) => Err(Error::Moved),
        }
    }
}

/// Leaves a tombstone of what is cancelled otherwise than by a message (R85): what was sent before does
/// nothing.
pub(in crate::booking) async fn bury(
    tx: &mut Tx<'_>,
    reservation: &Reservation,
    now: Instant,
) -> Result<(), StoreError> {
    let Some(owner) = tx.users().get(reservation.owner).await? else { return Ok(()) };
    tx.received()
        .remember(&Row {
            room: reservation.room,
            uid: reservation.uid.clone(),
            organizer: key_of(&owner),
            sequence: Some(reservation.sequence.saturating_add(1)),
            stamp: Some(now),
            cancelled: true,
            made: false,
            at: now,
        })
        .await
}
