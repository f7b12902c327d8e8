//! Taking a room back that was released because nobody checked in, if it is still free (R95).

use crate::domain::channel::Channel;
use crate::domain::claim::in_the_way;
use crate::domain::id::ReservationId;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::Reason;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::state::OccurrenceState;
use crate::domain::time::{Instant, Period};
use crate::store::{self, StoreError, Tx};

use super::super::access::{RoomState, room_state};
use super::super::actor::Actor;
use super::super::cancel::{Cancelled, How, source};
use super::super::compose;
use super::super::error::Error;
use super::super::record::Cause;
use super::super::{Bookings, MAX_TRIES};

/// An occurrence that is to be had again.
#[derive(Clone, Debug)]
pub(in crate::booking) struct TakenBack {
    occurrence: RecurrenceId,
    units: i64,
}

impl Bookings {
    /// Takes an occurrence back; whoever does is there.
    ///
    /// # Errors
    /// `Missing` if it was not released, has ended, was changed since, or somebody else has the room.
    pub(in crate::booking) async fn take_back(
        &self,
        actor: Actor,
        reservation: ReservationId,
        occurrence: RecurrenceId,
    ) -> Result<(), Error> {
        for _ in 0..MAX_TRIES {
            match self.try_take_back(&actor, reservation, occurrence).await {
                Err(Error::Moved) => {}
                done => return done,
            }
        }
        Err(Error::Store(StoreError::Retry("it kept changing".to_owned())))
    }

    async fn try_take_back(
        &self,
        actor: &Actor,
        id: ReservationId,
        occurrence: RecurrenceId,
    ) -> Result<(), Error> {
        let now = self.now();
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let reservation = tx.reservations().get(id).await?.ok_or(Error::Missing)?;
        let row = tx.check_ins().get(id, occurrence).await?.ok_or(Error::Missing)?;
        let missed_at = row.missed_at.filter(|_| now < row.period.end).ok_or(Error::Missing)?;
        let (source, target) = source(&mut tx, &reservation).await?;
        let text = match (reservation.channel, row.text) {
            // What it was cut from, if nobody wrote since.
            (Channel::Direct, Some(text)) if source.modified_at <= missed_at => text,
            (Channel::Direct, _) => return Err(Error::Missing),
            (Channel::Invite | Channel::Bridge, _) => tx.resources().text(source.id).await?,
        };
        drop(snapshot);
        let object = compose::stored(text.into(), &self.bounds.ical)?;
        let units = object.event()?.first().map_or(1, |part| part.units);
        let how = How::TakenBack(TakenBack { occurrence, units });
        let taken =
            Cancelled { actor: actor.clone(), reservation: id, occurrence: occurrence.instant(), how };
        self.rewrite(taken, target, (&source.name, &source.etag), object, now).await
    }
}

/// Gives the occurrence its time and its claim again.
pub(in crate::booking) async fn take_back(
    tx: &mut Tx<'_>,
    cancelled: &Cancelled,
    taken: &TakenBack,
    now: Instant,
) -> Result<(), Error> {
    let reservation = tx.reservations().get(cancelled.reservation).await?.ok_or(Error::Missing)?;
    let room = room_state(tx, reservation.room, &cancelled.actor).await?.ok_or(Error::Missing)?;
    let row = tx.check_ins().get(reservation.id, taken.occurrence).await?.ok_or(Error::Missing)?;
    if row.missed_at.is_none() || row.period.end <= now {
        return Err(Error::Missing);
    }
    let mut all: Vec<OccurrenceFacts> =
        tx.occurrences().of(reservation.id).await?.into_iter().map(|stored| stored.facts).collect();
    let is_meant = |facts: &&mut OccurrenceFacts| {
        facts.id == taken.occurrence
            && facts.state == OccurrenceState::Released
            && facts.reason == Some(Reason::NoShow)
    };
    let facts = all.iter_mut().find(is_meant).ok_or(Error::Missing)?;
    // From now on: what others had meanwhile is over.
    let claim = Period { start: now, end: room.rules.occupied(&row.period).end };
    if !is_free(tx, &room, &reservation, claim, taken.units).await? {
        return Err(Error::Missing);
    }
    facts.state = OccurrenceState::Confirmed;
    facts.reason = None;
    facts.period = row.period;
    facts.claim = Some((claim, taken.units));
    let facts = facts.clone();
    let cause = Cause { actor: &cancelled.actor, channel: "direct", now };
    let because = cause.because((reservation.room, &reservation.uid), "R95", None);
    tx.occurrences().replace(reservation.id, reservation.room, &room.rules.spaces, &all, &because).await?;
    tx.check_ins().taken_back(reservation.id, taken.occurrence, now).await?;
    Ok(cause.regained(tx, reservation.room, &reservation.uid, &facts, "R95").await?)
}

async fn is_free(
    tx: &mut Tx<'_>,
    room: &RoomState,
    reservation: &store::Reservation,
    claim: Period,
    units: i64,
) -> Result<bool, StoreError> {
    let spaces = room.spaces();
    let claims = tx.occurrences().neighbours(&spaces, &[claim], &[reservation.id]).await?;
    let blocks = tx.blocks().closed(&spaces, claim).await?;
    let fits = room.rules.spaces.iter().all(|(space, capacity)| {
        let here: Vec<_> = claims.iter().filter(|claim| claim.space == *space).collect();
        in_the_way(&here, &claim, units, *capacity).is_none()
    });
    Ok(fits && blocks.is_empty())
}
