//! Cancelling a reservation or one occurrence of it from the room's side: by a manager, an
//! administrator, or the owner in the room's calendar (section 11; R87, R89); and whatever else becomes
//! of occurrences without a write of the owner.
//!
//! A decision that sticks: the rows stay as cancelled, so that an update which does not move an
//! occurrence does not revive it.

use crate::domain::approval::cut;
use crate::domain::channel::Channel;
use crate::domain::id::ReservationId;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::Reason;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::state::OccurrenceState;
use crate::domain::time::Instant;
use crate::ical::CalendarObject;
use crate::store::{CalendarOwner, Reservation, Resource, StoreError, Tx, Work};
use crate::text::{self, Message};

use super::actor::Actor;
use super::check_in::{self, Missed, TakenBack};
use super::compose;
use super::error::Error;
use super::outcome::Outcome;
use super::put::{Purpose, Put, PutWork};
use super::record::Cause;
use super::scene::Target;
use super::{Bookings, Delete, MAX_TRIES};

/// Cancel a reservation, or one occurrence.
#[derive(Clone, Debug)]
pub struct Cancel {
    /// Who cancels; must be entitled: this command does not ask again.
    pub actor: Actor,
    /// Which reservation.
    pub reservation: ReservationId,
    /// The occurrence with this original start; `None`: all of it.
    pub occurrence: Option<Instant>,
}

/// What becomes of occurrences before the texts are written anew.
#[derive(Clone, Debug)]
pub(super) struct Cancelled {
    pub(super) actor: Actor,
    pub(super) reservation: ReservationId,
    pub(super) occurrence: Option<Instant>,
    pub(super) how: How,
}

/// Which of the things that happen without a write of the owner.
#[derive(Clone, Debug)]
pub(super) enum How {
    /// Somebody cancels.
    Cancel,
    /// Nobody checked in (R95).
    Missed(Missed),
    /// Somebody takes it back (R95).
    TakenBack(TakenBack),
}

impl Bookings {
    /// Carries out a [`Cancel`].
    ///
    /// # Errors
    /// `Missing` if there is no such reservation or occurrence.
    pub async fn cancel(&self, cancel: Cancel) -> Result<Outcome, Error> {
        cancel.actor.check_writes()?;
        for _ in 0..MAX_TRIES {
            match self.try_cancel(&cancel).await {
                Err(Error::Moved) => {}
                done => return done,
            }
        }
        Err(Error::Store(StoreError::Retry("it kept changing".to_owned())))
    }

    async fn try_cancel(&self, cancel: &Cancel) -> Result<Outcome, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let reservation = tx.reservations().get(cancel.reservation).await?.ok_or(Error::Missing)?;
        let (source, target) = source(&mut tx, &reservation).await?;
        if cancel.occurrence.is_none() && reservation.channel == Channel::Direct {
            drop(snapshot);
            let delete = Delete::new(cancel.actor.clone(), target, &source.name);
            return Box::pin(self.delete(Delete { by_command: true, ..delete })).await;
        }
        let text = tx.resources().text(source.id).await?;
        drop(snapshot);
        let object = compose::stored(text.into(), &self.bounds.ical)?;
        let Cancel { actor, reservation, occurrence } = cancel.clone();
        let cancels = Cancelled { actor, reservation, occurrence, how: How::Cancel };
        self.rewrite(cancels, target, (&source.name, &source.etag), object, self.now()).await?;
        Ok(Outcome::Removed)
    }

    /// Does `cancels`, then writes the member of this name anew with `object`, if it still has this etag.
    pub(super) async fn rewrite(
        &self,
        cancels: Cancelled,
        target: Target,
        (name, etag): (&str, &str),
        object: CalendarObject,
        now: Instant,
    ) -> Result<(), Error> {
        let actor = cancels.actor.clone();
        let work = Box::pin(self.rewriting(cancels, target, (name, etag), object, now)).await?;
        self.carry_out(&actor, CancelWork(work)).await.map(drop)
    }

    /// What [`Bookings::rewrite`] does, still to be done.
    pub(super) async fn rewriting(
        &self,
        cancels: Cancelled,
        target: Target,
        (name, etag): (&str, &str),
        object: CalendarObject,
        now: Instant,
    ) -> Result<PutWork, Error> {
        let put = Put { purpose: Purpose::Refresh, ..Put::new(Actor::operator(), target, name, object) };
        let put = Put { based_on: Some(etag.to_owned()), ..put };
        let prepared = self.prepare(&put, now).await?;
        Ok(PutWork { put, prepared, bounds: self.bounds.clone(), now, cancels: Some(cancels) })
    }
}

struct CancelWork(PutWork);

impl Work for CancelWork {
    type Done = Outcome;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Outcome, Error> {
        Box::pin(self.0.run(tx)).await.map(|_| Outcome::Removed)
    }
}

/// The member whose text decides about a reservation, and the calendar it is in.
pub(super) async fn source(tx: &mut Tx<'_>, reservation: &Reservation) -> Result<(Resource, Target), Error> {
    let source = tx.resources().get(reservation.source).await?.ok_or(Error::Missing)?;
    let calendar = tx.calendars().get(source.calendar).await?.ok_or(Error::Missing)?;
    let target = match calendar.owner {
        CalendarOwner::Room(room) => Target::Room(room),
        CalendarOwner::Person(_) => Target::Person(calendar.id),
    };
    Ok((source, target))
}

impl Cancelled {
    /// Does it, and tells the owner.
    pub(super) async fn run(&self, tx: &mut Tx<'_>, now: Instant) -> Result<(), Error> {
        match &self.how {
            How::Cancel => self.cancel(tx, now).await,
            How::Missed(missed) => check_in::miss(tx, self, missed, now).await,
            How::TakenBack(taken) => check_in::take_back(tx, self, taken, now).await,
        }
    }

    async fn cancel(&self, tx: &mut Tx<'_>, now: Instant) -> Result<(), Error> {
        let reservation = tx.reservations().get(self.reservation).await?.ok_or(Error::Missing)?;
        let room =
            super::access::room_state(tx, reservation.room, &self.actor).await?.ok_or(Error::Missing)?;
        let mut all: Vec<OccurrenceFacts> =
            tx.occurrences().of(reservation.id).await?.into_iter().map(|stored| stored.facts).collect();
        let is_of =
            |facts: &OccurrenceFacts| self.occurrence.is_none_or(|at| facts.id == RecurrenceId::at(at));
        // With a date goes what was kept of it (R74).
        all.retain(|facts| facts.state != OccurrenceState::Grace || !is_of(facts));
        let cause = Cause { actor: &self.actor, channel: "direct", now };
        let mut first: Option<OccurrenceFacts> = None;
        for facts in &mut all {
            let is_kept = facts.state == OccurrenceState::Grace;
            if is_kept || !is_of(facts) || facts.period.end <= now || !facts.state.claims() {
                continue;
            }
            first.get_or_insert_with(|| facts.clone());
            if self.occurrence.is_some() {
                cause
                    .released(tx, reservation.room, &reservation.uid, facts, Reason::Cancelled, "R89")
                    .await?;
            }
            cut(facts, now);
        }
        let first = first.ok_or(Error::Missing)?;
        let because = cause.because((reservation.room, &reservation.uid), "R89", Reason::Cancelled);
        tx.occurrences()
            .replace(reservation.id, reservation.room, &room.rules.spaces, &all, &because)
            .await?;
        if self.actor.is(reservation.owner) {
            return Ok(());
        }
        let language = cause.language_for(tx, reservation.owner).await?;
        let when = text::when(language, &first.period, first.all_day, &room.rules.zone);
        let message = Message::CancelledBy {
            room: &room.room.name,
            title: &reservation.summary,
            when: &when,
            actor: &self.actor.name,
        };
        let key = format!("cancelled/{}/{}", reservation.id, uuid::Uuid::new_v4().simple());
        let about = (Some(reservation.room), reservation.uid.as_str());
        Ok(cause.tell(tx, reservation.owner, about, key, &message).await?)
    }
}
