//! Rooms where nobody checked in: the occurrence is cut to now, its organizer is told with a link that
//! takes it back, and after several misses in a row the rest of a series has to be confirmed (R95, R97).
//!
//! Everything is looked for by what is running now, so after a time without a server nothing happens to
//! what has ended meanwhile (R99).

use bytes::Bytes;

use crate::domain::channel::Channel;
use crate::domain::check_in::window;
use crate::domain::event::Event;
use crate::domain::id::ReservationId;
use crate::domain::link::Purpose;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::Reason;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::state::OccurrenceState;
use crate::domain::time::{Instant, Period};
use crate::ical::edit;
use crate::store::{self, Reservation, StoreError, Strikes, Tx};
use crate::text::{self, Attendance, Message};

use super::super::access::{RoomState, room_state, visible_rooms};
use super::super::actor::Actor;
use super::super::cancel::{Cancelled, How, source};
use super::super::compose;
use super::super::delete::{Delete, DeleteWork, Removal};
use super::super::error::Error;
use super::super::link;
use super::super::outcome::Outcome;
use super::super::put::PutWork;
use super::super::record::Cause;
use super::super::scene::Scene;
use super::super::{Bookings, MAX_TRIES};
use super::{about, known};

/// How long an organizer has to confirm the rest of a series (R97).
const CONFIRM_SECS: i64 = 7 * 86_400;

/// An occurrence that is to be released.
#[derive(Clone, Debug)]
pub(in crate::booking) struct Missed {
    occurrence: RecurrenceId,
    /// The deciding text as it is now, where it will have to be put back.
    text: Option<Vec<u8>>,
}

impl Bookings {
    /// Asks who has to check in, releases what nobody checked in to, and gives up series that nobody
    /// confirmed. One of them that fails does not stop the others.
    ///
    /// # Errors
    /// When the database cannot say which are due.
    pub async fn look_after_check_ins(&self) -> Result<(), Error> {
        let now = self.now();
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let rooms = visible_rooms(&mut tx, &Actor::operator()).await?;
        let mut due = Vec::new();
        for room in rooms.iter().filter(|room| room.rules.settings.checkin) {
            let settings = &room.rules.settings;
            let open = tx.check_ins().open(room.room.id, now.plus(settings.checkin_before), now).await?;
            due.extend(open.into_iter().filter_map(|(reservation, facts, is_asked)| {
                let window = window(settings, &facts)?;
                let is_over = now >= window.deadline;
                (is_over || !is_asked).then_some((reservation, facts.id, is_over))
            }));
        }
        let unconfirmed = tx.check_ins().unconfirmed(now).await?;
        drop(snapshot);
        for (reservation, occurrence, is_over) in due {
            let done = if is_over {
                self.release_missed(reservation, occurrence).await
            } else {
                self.ask_to_check_in(reservation, occurrence).await
            };
            skip_missing(reservation, done);
        }
        for reservation in unconfirmed {
            skip_missing(reservation, self.give_up(reservation).await);
        }
        self.release_declined().await?;
        Ok(self.store.write(ForgetTexts(now)).await?)
    }

    async fn release_missed(&self, id: ReservationId, occurrence: RecurrenceId) -> Result<(), Error> {
        for _ in 0..MAX_TRIES {
            match self.try_release(id, occurrence).await {
                Err(Error::Moved) => {}
                done => return done,
            }
        }
        Err(Error::Store(StoreError::Retry("it kept changing".to_owned())))
    }

    async fn try_release(&self, id: ReservationId, occurrence: RecurrenceId) -> Result<(), Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let reservation = tx.reservations().get(id).await?.ok_or(Error::Missing)?;
        let room = room_state(&mut tx, reservation.room, &Actor::operator()).await?.ok_or(Error::Missing)?;
        let (source, target) = source(&mut tx, &reservation).await?;
        let text = tx.resources().text(source.id).await?;
        drop(snapshot);
        let object = compose::stored(Bytes::from(text.clone()), &self.bounds.ical)?;
        let is_direct = reservation.channel == Channel::Direct;
        let now = self.now();
        // A date of a series leaves the text, a single event ends in it; an invitation says what its
        // organizer wrote.
        let shown = if is_direct && !object.event().is_ok_and(Event::recurs) {
            let cut = edit::end_at(&object, now, &room.rules.zone).ok_or(Error::Missing)?;
            compose::reparse(cut, &object, &self.bounds.ical)?
        } else {
            object
        };
        let how = How::Missed(Missed { occurrence, text: is_direct.then_some(text) });
        let release =
            Cancelled { actor: Actor::operator(), reservation: id, occurrence: occurrence.instant(), how };
        self.rewrite(release, target, (&source.name, &source.etag), shown, now).await
    }

    /// Gives up a series that nobody confirmed in time (R97).
    async fn give_up(&self, id: ReservationId) -> Result<(), Error> {
        for _ in 0..MAX_TRIES {
            match Box::pin(self.try_give_up(id)).await {
                Err(Error::Moved) => {}
                // Nothing of it is left.
                Err(Error::Missing) => return Ok(self.store.write(Settled(id, self.now())).await?),
                done => return done,
            }
        }
        Err(Error::Store(StoreError::Retry("it kept changing".to_owned())))
    }

    async fn try_give_up(&self, id: ReservationId) -> Result<(), Error> {
        let now = self.now();
        let actor = Actor { name: "roomdav".to_owned(), ..Actor::operator() };
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let reservation = tx.reservations().get(id).await?.ok_or(Error::Missing)?;
        let (source, target) = source(&mut tx, &reservation).await?;
        let end = if reservation.channel == Channel::Direct {
            let delete = Delete { by_command: true, ..Delete::new(actor, target, &source.name) };
            let scene = Box::pin(Scene::load(&mut tx, delete.lookup(&self.bounds))).await?;
            drop(snapshot);
            End::Removed(DeleteWork { delete, locks: scene.locks(), bounds: self.bounds.clone(), now })
        } else {
            let text = tx.resources().text(source.id).await?;
            drop(snapshot);
            let object = compose::stored(text.into(), &self.bounds.ical)?;
            let cancels = Cancelled { actor, reservation: id, occurrence: None, how: How::Cancel };
            End::Rewritten(
                Box::pin(self.rewriting(cancels, target, (&source.name, &source.etag), object, now)).await?,
            )
        };
        Box::pin(self.store.write(GiveUp { id, end, now })).await
    }
}

/// A series that nobody confirmed in time, unless somebody does while it ends.
struct GiveUp {
    id: ReservationId,
    end: End,
    now: Instant,
}

/// How it ends: where it was booked directly the event goes, else the room declines.
#[expect(clippy::large_enum_variant, reason = "made once for each series that ends")]
enum End {
    Removed(DeleteWork),
    Rewritten(PutWork),
}

impl store::Work for GiveUp {
    type Done = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        match &self.end {
            End::Removed(work) => tx.lock_in_order(&work.locks.spaces, &work.locks.calendars).await?,
            End::Rewritten(work) => work.lock(tx).await?,
        }
        if !tx.check_ins().settle(self.id, self.now).await? {
            return Err(Error::Missing);
        }
        match &self.end {
            End::Removed(work) => match Box::pin(work.run_locked(tx)).await? {
                Removal::Done(outcome) if matches!(*outcome, Outcome::Removed) => Ok(()),
                // By now it is something else that cannot go like this.
                Removal::Done(_) | Removal::OfInvitation(_) | Removal::Declined(..) => Err(Error::Moved),
            },
            End::Rewritten(work) => Box::pin(work.run_locked(tx)).await.map(drop),
        }
    }
}

/// One that is gone or was changed since it was looked for is none of ours any more.
pub(super) fn skip_missing(reservation: ReservationId, done: Result<(), Error>) {
    match done {
        Ok(()) | Err(Error::Missing) => {}
        Err(error) => tracing::warn!(%reservation, %error, "cannot look after a check-in"),
    }
}

struct ForgetTexts(Instant);

impl store::Work for ForgetTexts {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.check_ins().forget_texts(self.0).await
    }
}

/// Of a series of which nothing is left nobody is asked any more.
struct Settled(ReservationId, Instant);

impl store::Work for Settled {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.check_ins().settle(self.0, self.1).await.map(drop)
    }
}

/// Cuts the occurrence to now, if that is still to be done, and tells its organizer.
pub(in crate::booking) async fn miss(
    tx: &mut Tx<'_>,
    cancelled: &Cancelled,
    missed: &Missed,
    now: Instant,
) -> Result<(), Error> {
    let reservation = tx.reservations().get(cancelled.reservation).await?.ok_or(Error::Missing)?;
    let room = room_state(tx, reservation.room, &cancelled.actor).await?.ok_or(Error::Missing)?;
    let mut all: Vec<OccurrenceFacts> =
        tx.occurrences().of(reservation.id).await?.into_iter().map(|stored| stored.facts).collect();
    let settings = &room.rules.settings;
    let is_due = |facts: &&mut OccurrenceFacts| {
        let is_over = window(settings, facts).is_some_and(|window| now >= window.deadline);
        facts.id == missed.occurrence && is_over && facts.period.end > now
    };
    let facts = all.iter_mut().find(is_due).ok_or(Error::Missing)?;
    let row = known(tx, reservation.id, facts).await?;
    if row.checked_in_at.is_some() || row.missed_at.is_some() {
        return Err(Error::Missing);
    }
    let cause = Cause { actor: &cancelled.actor, channel: "direct", now };
    cause.released(tx, reservation.room, &reservation.uid, facts, Reason::NoShow, "R95").await?;
    let booked = facts.clone();
    facts.state = OccurrenceState::Released;
    facts.reason = Some(Reason::NoShow);
    facts.period = Period { start: facts.period.start, end: now };
    facts.claim = None;
    let because = cause.because((reservation.room, &reservation.uid), "R95", Reason::NoShow);
    tx.occurrences().replace(reservation.id, reservation.room, &room.rules.spaces, &all, &because).await?;
    tx.check_ins().set(&store::CheckIn { missed_at: Some(now), text: missed.text.clone(), ..row }).await?;
    tell(tx, cause, &reservation, &room, &booked).await?;
    strike(tx, cause, &reservation, &room, &booked).await
}

async fn tell(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    reservation: &Reservation,
    room: &RoomState,
    booked: &OccurrenceFacts,
) -> Result<(), Error> {
    let language = cause.language_for(tx, reservation.owner).await?;
    let when = text::when(language, &booked.period, booked.all_day, &room.rules.zone);
    let message = Attendance::NoShow { room: &room.room.name, title: &reservation.summary, when: &when };
    let link = link::of_owner(reservation, Purpose::Reclaim, booked.id, booked.period.end);
    let (about, key) = about(reservation, booked, "no-show");
    Ok(cause.tell_with(tx, reservation.owner, about, key, &Message::Attendance(message), vec![link]).await?)
}

/// R97: after so many misses in a row the rest has to be confirmed.
async fn strike(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    reservation: &Reservation,
    room: &RoomState,
    booked: &OccurrenceFacts,
) -> Result<(), Error> {
    let most = room.rules.settings.strikes;
    let before = tx.check_ins().strikes(reservation.id).await?;
    let is_asked = before.is_some_and(|strikes| strikes.confirm_until.is_some());
    if most == 0 || is_asked || booked.id.instant().is_none() {
        return Ok(());
    }
    if !tx.check_ins().can_be_asked(reservation.id).await? {
        // R90: it stays as it is until somebody has it again.
        return Ok(());
    }
    let counted_from = before.map_or(Instant::from_secs(0), |strikes| strikes.counted_from);
    let misses = tx.check_ins().misses(reservation.id, counted_from).await?;
    if misses < most {
        return Ok(());
    }
    let until = cause.now.plus(CONFIRM_SECS);
    let asked = Strikes { reservation: reservation.id, confirm_until: Some(until), counted_from };
    tx.check_ins().set_strikes(&asked).await?;
    let language = cause.language_for(tx, reservation.owner).await?;
    let message = Attendance::Strikes {
        room: &room.room.name,
        title: &reservation.summary,
        misses,
        until: &text::date(language, until, &room.rules.zone),
    };
    let link = link::of_owner(reservation, Purpose::Keep, RecurrenceId::SINGLE, until);
    let (about, key) = about(reservation, booked, "strikes");
    Ok(cause.tell_with(tx, reservation.owner, about, key, &Message::Attendance(message), vec![link]).await?)
}
