//! Refused dates whose time has become free: offered to whoever was refused first, or given at once
//! (R53).
//!
//! What ends claims only notes where (`store::Waiting`). What waits there is asked here, each date in a
//! transaction of its own, so that ending something stays small. A date that is offered is not kept:
//! the first who takes it has it (R7), but nobody else is offered it meanwhile.

use crate::domain::id::{ReservationId, SpaceId};
use crate::domain::judge::Neighbours;
use crate::domain::link::Purpose as LinkPurpose;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::Reason;
use crate::domain::recurrence::{Occurrence, PartRef, RecurrenceId};
use crate::domain::series::{Comparison, Request};
use crate::domain::settings::Waitlist;
use crate::domain::state::OccurrenceState;
use crate::domain::time::{Instant, Zone};
use crate::domain::user::Access;
use crate::ical::edit;
use crate::store::{Opening, Reservation, StoreError, Tx, WaitingDate, Work};
use crate::text::{self, Message};

use super::access::{RoomState, room_state};
use super::actor::{Actor, person};
use super::cancel::source;
use super::compose;
use super::error::Error;
use super::link;
use super::outcome::Outcome;
use super::put::{Purpose, Put, PutWork, Waiting};
use super::record::Cause;
use super::{Bookings, MAX_TRIES};

/// How long an offer stands; not beyond the start of the date.
const OFFER_SECS: i64 = 24 * 3_600;

/// Openings that are read at once.
const BATCH: i64 = 100;

impl Bookings {
    /// Offers, or gives, dates whose time has become free, and passes on offers that nobody took in
    /// time. One of them that fails does not stop the others. Gives how many were offered or given.
    ///
    /// # Errors
    /// When the database cannot say what has become free.
    pub async fn offer_freed(&self) -> Result<usize, Error> {
        let now = self.now();
        self.store.write(Lapse(now)).await?;
        let mut done = 0;
        loop {
            let mut snapshot = self.store.snapshot().await?;
            let openings = snapshot.tx().waiting().openings(BATCH).await?;
            drop(snapshot);
            for opening in &openings {
                done += Box::pin(self.fill(opening, now)).await?;
            }
            let ids: Vec<i64> = openings.iter().map(|opening| opening.id).collect();
            if ids.is_empty() {
                return Ok(done);
            }
            self.store.write(Forget(ids)).await?;
        }
    }

    async fn fill(&self, opening: &Opening, now: Instant) -> Result<usize, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let dates = snapshot.tx().waiting().near(opening, now).await?;
        drop(snapshot);
        let mut done = 0;
        for date in dates {
            match Box::pin(self.ask_for(&date, opening)).await {
                Ok(is_done) => done += usize::from(is_done),
                Err(error) => tracing::warn!(reservation = %date.reservation, %error, "cannot offer a date"),
            }
        }
        Ok(done)
    }

    /// Offers or gives one date, if it is still wanted and would be given.
    async fn ask_for(&self, date: &WaitingDate, opening: &Opening) -> Result<bool, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let Some(reservation) = tx.reservations().get(date.reservation).await? else { return Ok(false) };
        let Some(owner) = person(&mut tx, reservation.owner).await? else { return Ok(false) };
        let Some(room) = room_state(&mut tx, date.room, &owner).await? else { return Ok(false) };
        drop(snapshot);
        let waitlist = room.rules.settings.waitlist;
        let is_there = room.rules.occupied(&date.period).overlaps(&opening.range);
        if waitlist == Waitlist::Off || !is_there {
            return Ok(false);
        }
        let Some(put) = self.taking(&owner, &reservation, date.occurrence, &room.rules.zone).await? else {
            return Ok(false);
        };
        if !put.asks_for(date) {
            return Ok(false);
        }
        match waitlist {
            Waitlist::Off => Ok(false),
            Waitlist::On => self.store.write(Offer { put, date: *date, spaces: room.spaces() }).await,
            Waitlist::Take => {
                let take = Take { put, date: *date, by: None };
                Ok(matches!(self.store.write(take).await?, Outcome::Stored { .. }))
            }
        }
    }

    /// The write by which a refused date is asked for once more; `None` if its text is gone.
    async fn taking(
        &self,
        owner: &Actor,
        reservation: &Reservation,
        occurrence: RecurrenceId,
        zone: &Zone,
    ) -> Result<Option<PutWork>, Error> {
        let now = self.now();
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let (source, target) = match source(&mut tx, reservation).await {
            Err(Error::Missing) => return Ok(None),
            found => found?,
        };
        let text = tx.resources().text(source.id).await?;
        drop(snapshot);
        let mut object = compose::stored(text.into(), &self.bounds.ical)?;
        // A direct booking does not have the date in its text any more (R54).
        if let Some(text) = occurrence.instant().and_then(|at| edit::include(&object, at, zone)) {
            object = compose::reparse(text, &object, &self.bounds.ical)?;
        }
        let waiting = Waiting { reservation: reservation.id, occurrence };
        let put = Put::new(owner.clone(), target, &source.name, object);
        let put = Put { purpose: Purpose::Take(waiting), based_on: Some(source.etag), ..put };
        let prepared = Box::pin(self.prepare(&put, now)).await?;
        Ok(Some(PutWork { put, prepared, bounds: self.bounds.clone(), now, cancels: None }))
    }

    /// Books a date that was refused before, if it is free now: by its organizer, his delegate, a manager
    /// of the room or an administrator. `occurrence` is its original start; `None`: a single event.
    /// Whether it was offered makes no difference: who comes first has it (R7).
    ///
    /// # Errors
    /// `Missing` if this date does not wait, or the actor has nothing to do with it. A date that is not
    /// given is an [`Outcome::Refused`].
    pub async fn take_offer(
        &self,
        actor: Actor,
        reservation: ReservationId,
        occurrence: Option<Instant>,
    ) -> Result<Outcome, Error> {
        actor.check_writes()?;
        let id = RecurrenceId::from(occurrence);
        for _ in 0..MAX_TRIES {
            let mut snapshot = self.store.snapshot().await?;
            let mut tx = snapshot.tx();
            let reservation = tx.reservations().get(reservation).await?.ok_or(Error::Missing)?;
            let room = room_state(&mut tx, reservation.room, &actor).await?.ok_or(Error::Missing)?;
            let is_entitled = actor.is(reservation.owner)
                || actor.access_for(reservation.owner) == Some(Access::Write)
                || room.asker.manager;
            let owner = person(&mut tx, reservation.owner).await?.filter(|_| is_entitled);
            let owner = owner.ok_or(Error::Missing)?;
            let facts = refused(&mut tx, reservation.id, id).await?.ok_or(Error::Missing)?;
            drop(snapshot);
            let put = self.taking(&owner, &reservation, id, &room.rules.zone).await?.ok_or(Error::Missing)?;
            let date = WaitingDate {
                reservation: reservation.id,
                occurrence: id,
                room: reservation.room,
                period: facts.period,
            };
            if !put.asks_for(&date) {
                return Err(Error::Missing);
            }
            match self.store.write(Take { put, date, by: Some(actor.clone()) }).await {
                Err(Error::Moved) => {}
                done => return done,
            }
        }
        Err(Error::Store(StoreError::Retry("it kept changing".to_owned())))
    }
}

impl PutWork {
    /// Whether the text asks for this date, at this time, in its room.
    fn asks_for(&self, date: &WaitingDate) -> bool {
        let ask = self.prepared.asks.iter().find(|ask| ask.room == date.room);
        ask.is_some_and(|ask| ask.has(date.occurrence, &date.period))
    }
}

/// The refused date with this key.
async fn refused(
    tx: &mut Tx<'_>,
    reservation: ReservationId,
    id: RecurrenceId,
) -> Result<Option<OccurrenceFacts>, StoreError> {
    let all = tx.occurrences().of(reservation).await?;
    let is_meant = |facts: &OccurrenceFacts| facts.id == id && facts.state == OccurrenceState::Declined;
    Ok(all.into_iter().map(|stored| stored.facts).find(is_meant))
}

struct Forget(Vec<i64>);

impl Work for Forget {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.waiting().forget(&self.0).await
    }
}

/// Offers that nobody took in time are over.
struct Lapse(Instant);

impl Work for Lapse {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let lapsed = tx.waiting().lapse(self.0).await?;
        let actor = Actor::operator();
        let cause = Cause { actor: &actor, channel: "direct", now: self.0 };
        for date in lapsed {
            let Some(reservation) = tx.reservations().get(date.reservation).await? else { continue };
            let about = (date.room, reservation.uid.as_str());
            cause.offered(tx, about, date.occurrence, &date.period, "not taken in time").await?;
        }
        Ok(())
    }
}

/// Offers one date, if it would be given now and nobody else is being asked.
struct Offer {
    put: PutWork,
    date: WaitingDate,
    spaces: Vec<SpaceId>,
}

impl Work for Offer {
    type Done = bool;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, Error> {
        tx.lock_in_order(&self.spaces, &[]).await?;
        let (date, now) = (&self.date, self.put.now);
        let Some(reservation) = tx.reservations().get(date.reservation).await? else { return Ok(false) };
        let facts = refused(tx, date.reservation, date.occurrence).await?;
        let is_same = |facts: &OccurrenceFacts| {
            facts.period == date.period && matches!(facts.reason, Some(Reason::Busy | Reason::Blocked))
        };
        let Some(facts) = facts.filter(is_same) else { return Ok(false) };
        let owner = &self.put.put.actor;
        let Some(room) = room_state(tx, date.room, owner).await? else { return Ok(false) };
        if room.spaces() != self.spaces || !self.would_be_given(tx, &reservation, &room, &facts).await? {
            return Ok(false);
        }
        let until = now.plus(OFFER_SECS).min(date.period.start);
        tx.waiting().offer(date, now, until).await?;
        let actor = Actor::operator();
        let cause = Cause { actor: &actor, channel: reservation.channel.as_str(), now };
        let about = (date.room, reservation.uid.as_str());
        cause.offered(tx, about, date.occurrence, &date.period, "offered").await?;
        let language = cause.language_for(tx, reservation.owner).await?;
        let zone = &room.rules.zone;
        let message = Message::Offered {
            room: &room.room.name,
            title: &reservation.summary,
            when: &text::when(language, &date.period, facts.all_day, zone),
            until: &text::until(language, until, zone),
        };
        let key = key("offered", date);
        let link = link::of_owner(&reservation, LinkPurpose::Take, date.occurrence, until);
        let about = (Some(date.room), reservation.uid.as_str());
        cause.tell_with(tx, reservation.owner, about, key, &message, vec![link]).await?;
        Ok(true)
    }
}

/// One message for each date.
fn key(kind: &str, date: &WaitingDate) -> String {
    let at = date.occurrence.instant().map_or(-1, Instant::secs);
    format!("{kind}/{}/{at}/{}", date.reservation, date.period.start.secs())
}

impl Offer {
    async fn would_be_given(
        &self,
        tx: &mut Tx<'_>,
        reservation: &Reservation,
        room: &RoomState,
        facts: &OccurrenceFacts,
    ) -> Result<bool, Error> {
        let event = self.put.put.event();
        let request = Request {
            room: &room.rules,
            channel: reservation.channel,
            asker: room.asker,
            recurs: event.is_some_and(crate::domain::event::Event::recurs),
            exists: true,
            units: event.and_then(|event| event.first()).map_or(1, |part| part.units),
            deliberate: false,
            skips: true,
            goes_on: false,
            history: false,
            now: self.put.now,
        };
        let OccurrenceFacts { id, period, all_day, tentative, .. } = *facts;
        let occurrence = Occurrence { id, period, all_day, part: PartRef::Master };
        let occupied = room.rules.occupied(&period);
        let spaces = room.spaces();
        let mut claims = tx.occurrences().neighbours(&spaces, &[occupied], &[reservation.id]).await?;
        claims.extend(tx.waiting().offered(&spaces, occupied).await?);
        let blocks = tx.blocks().closed(&spaces, occupied).await?;
        let neighbours = Neighbours { claims, blocks, ..Neighbours::default() };
        let comparison = Comparison::between(&request, &[], &[(occurrence, tentative)]);
        Ok(comparison.decide(&request, &neighbours).failures.is_empty())
    }
}

/// Gives one date, if it is given now.
struct Take {
    put: PutWork,
    date: WaitingDate,
    /// Who asked; `None`: the server itself.
    by: Option<Actor>,
}

impl Work for Take {
    type Done = Outcome;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Outcome, Error> {
        let outcome = self.put.run(tx).await?;
        let reservation = tx.reservations().get(self.date.reservation).await?.ok_or(Error::Missing)?;
        let server = Actor::operator();
        let actor = self.by.as_ref().unwrap_or(&server);
        let cause = Cause { actor, channel: reservation.channel.as_str(), now: self.put.now };
        let Outcome::Refused(refusal) = &outcome else {
            tx.waiting().close(reservation.id, self.date.occurrence).await?;
            let about = (self.date.room, reservation.uid.as_str());
            cause.offered(tx, about, self.date.occurrence, &self.date.period, "taken").await?;
            let all = tx.occurrences().of(reservation.id).await?.into_iter().map(|stored| stored.facts);
            let has_it = |facts: &OccurrenceFacts| {
                facts.id == self.date.occurrence && facts.state == OccurrenceState::Confirmed
            };
            // Of what waits for a manager the organizer is told as such (R70).
            if let (None, Some(facts)) = (&self.by, all.into_iter().find(has_it)) {
                self.tell(tx, cause, &reservation, &facts).await?;
            }
            return Ok(outcome);
        };
        if self.by.is_some() {
            for failure in &refusal.failures {
                cause.failed(tx, "refused", self.date.room, &reservation.uid, failure).await?;
            }
        }
        Ok(outcome)
    }
}

impl Take {
    async fn tell(
        &self,
        tx: &mut Tx<'_>,
        cause: Cause<'_>,
        reservation: &Reservation,
        facts: &OccurrenceFacts,
    ) -> Result<(), Error> {
        let room = room_state(tx, self.date.room, &self.put.put.actor).await?.ok_or(Error::Missing)?;
        let language = cause.language_for(tx, reservation.owner).await?;
        let message = Message::Taken {
            room: &room.room.name,
            title: &reservation.summary,
            when: &text::when(language, &facts.period, facts.all_day, &room.rules.zone),
        };
        let about = (Some(self.date.room), reservation.uid.as_str());
        Ok(cause.tell(tx, reservation.owner, about, key("taken", &self.date), &message).await?)
    }
}
