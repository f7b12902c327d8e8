//! A new series that goes on where another one of the same organizer ends: it takes over what that one
//! has in the room (R62). After a while without the client's second half the old series loses the dates.
//!
//! Whether it is a continuation is decided in `domain::split`.

use crate::domain::id::{ReservationId, RoomId};
use crate::domain::judge::Neighbours;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::{Conflict, Reason};
use crate::domain::recurrence::Occurrence;
use crate::domain::series::{Comparison, Decision, Request};
use crate::domain::split;
use crate::domain::state::OccurrenceState;
use crate::domain::time::Instant;
use crate::store::{Reservation, StoreError, Tx, Work};
use crate::text::{self, Message};

use super::actor::Actor;
use super::cancel::source;
use super::compose::{self, Continued};
use super::error::Error;
use super::put::{Purpose, Put, PutWork};
use super::record::Cause;
use super::scene::Scene;
use super::{Bookings, MAX_TRIES};

impl PutWork {
    /// What the room says once more, if all that is in the way of a new series belongs to the one that
    /// it continues, and what becomes of that one. `None` if it continues none.
    pub(super) async fn continued(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        (room, request, asked): (RoomId, &Request<'_>, &[(Occurrence, bool)]),
        neighbours: &Neighbours,
        decision: &Decision,
    ) -> Result<Option<(Decision, Option<Continued>)>, Error> {
        let is_new = !request.exists && request.recurs && self.put.purpose == Purpose::Write;
        if !is_new || self.put.moves.is_some() || self.put.history {
            return Ok(None);
        }
        let Some(old) = self.only_one_in_the_way(tx, scene, room, decision).await? else { return Ok(None) };
        let all = tx.occurrences().of(old.id).await?;
        let all: Vec<OccurrenceFacts> = all.into_iter().map(|stored| stored.facts).collect();
        if !self.goes_on_from(tx, &old, &all, asked).await? {
            return Ok(None);
        }
        let clashes = |facts: &OccurrenceFacts| {
            let Some((occupied, _)) = facts.claim.filter(|_| is_ahead(facts, self.now)) else { return false };
            asked.iter().any(|(asked, _)| request.room.occupied(&asked.period).overlaps(&occupied))
        };
        let theirs: Vec<OccurrenceFacts> = all.iter().filter(|facts| clashes(facts)).cloned().collect();
        let mut around = neighbours.clone();
        around.claims.retain(|claim| claim.reservation != old.id);
        let comparison = Comparison::between(request, &theirs, asked);
        let mut decision = comparison.decide(request, &around);
        decision.released.clear();
        decision.touched = true;
        if decision.failures.iter().any(|failure| failure.reason == Reason::Busy) {
            // Somebody else is in the way too.
            return Ok(None);
        }
        if decision.refused {
            return Ok(Some((decision, None)));
        }
        let passed = take_over(&mut decision, theirs);
        let notice = request.now.plus(request.room.settings.split_notice);
        let occurrences = all.into_iter().map(|facts| leave(facts, &passed, notice)).collect();
        Ok(Some((decision, Some(Continued { reservation: old, occurrences, passed }))))
    }

    /// The one reservation of the same organizer in the same room that everything clashes with.
    async fn only_one_in_the_way(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        room: RoomId,
        decision: &Decision,
    ) -> Result<Option<Reservation>, StoreError> {
        let mut clashes = decision.failures.iter().filter(|failure| failure.reason == Reason::Busy);
        let Some(first) = clashes.next().and_then(|failure| failure.conflict.clone()) else {
            return Ok(None);
        };
        let is_same =
            |conflict: &Conflict| conflict.reservation == first.reservation && conflict.holder == scene.owner;
        let all_same =
            is_same(&first) && clashes.all(|failure| failure.conflict.as_ref().is_some_and(is_same));
        if !all_same || scene.reservations.iter().any(|own| own.id == first.reservation) {
            return Ok(None);
        }
        let old = tx.reservations().get(first.reservation).await?;
        Ok(old.filter(|old| old.room == room))
    }

    async fn goes_on_from(
        &self,
        tx: &mut Tx<'_>,
        old: &Reservation,
        all: &[OccurrenceFacts],
        asked: &[(Occurrence, bool)],
    ) -> Result<bool, Error> {
        let Some(new) = self.put.event() else { return Ok(false) };
        let Some(source) = tx.resources().get(old.source).await? else { return Ok(false) };
        let text = tx.resources().text(source.id).await?;
        let object = compose::stored(text.into(), &self.bounds.ical)?;
        let event = object.event()?;
        let starts: Vec<Instant> = all.iter().map(|facts| facts.period.start).collect();
        let first = asked.iter().map(|(asked, _)| asked.period.start).min();
        Ok(first.is_some_and(|first| event.recurs() && split::continues(new, first, event, &starts)))
    }
}

fn is_ahead(facts: &OccurrenceFacts, now: Instant) -> bool {
    matches!(facts.state, OccurrenceState::Confirmed | OccurrenceState::Held) && facts.period.end > now
}

/// Gives each date that has the place of an old one its claim time, and its approval as far as it lies
/// within it (R57); what passed on.
fn take_over(decision: &mut Decision, theirs: Vec<OccurrenceFacts>) -> Vec<OccurrenceFacts> {
    let mut passed = Vec::new();
    for old in theirs {
        let Some((occupied, _)) = old.claim else { continue };
        let mut is_passed = false;
        let taken =
            |facts: &&mut OccurrenceFacts| facts.claim.is_some_and(|(own, _)| own.overlaps(&occupied));
        for facts in decision.occurrences.iter_mut().filter(taken) {
            is_passed = true;
            facts.claimed_at = facts.claimed_at.min(old.claimed_at);
            let is_within = old.period.start <= facts.period.start && facts.period.end <= old.period.end;
            let is_approved = old.state == OccurrenceState::Confirmed && is_within;
            if is_approved && facts.state == OccurrenceState::Held {
                facts.state = OccurrenceState::Confirmed;
                (facts.reason, facts.expires_at) = (None, old.expires_at);
            }
        }
        if is_passed {
            passed.push(old);
        }
    }
    // What was approved does not wait any more, and nobody is told that it does.
    let Decision { occurrences, held, beyond, .. } = decision;
    let waits = |id| occurrences.iter().any(|it| it.id == id && it.state == OccurrenceState::Held);
    held.retain(|facts| waits(facts.id));
    beyond.retain(|failure| waits(failure.id));
    passed
}

/// An occurrence of the old series, as it stays: what passed on has no claim, and is cancelled there
/// once the notice has gone by.
fn leave(facts: OccurrenceFacts, passed: &[OccurrenceFacts], notice: Instant) -> OccurrenceFacts {
    if !passed.contains(&facts) {
        return facts;
    }
    OccurrenceFacts {
        state: OccurrenceState::Cancelled,
        reason: Some(Reason::Cancelled),
        expires_at: Some(notice),
        claim: None,
        ..facts
    }
}

impl Bookings {
    /// Cancels dates that went to a continuation in the series that still contains them (R62). One of
    /// them that fails does not stop the others.
    ///
    /// # Errors
    /// When the database cannot say which are due.
    pub async fn end_splits(&self) -> Result<(), Error> {
        let mut snapshot = self.store.snapshot().await?;
        let due = snapshot.tx().occurrences().passed_on(self.now()).await?;
        drop(snapshot);
        for id in due {
            if let Err(error) = self.end_split(id).await {
                tracing::warn!(reservation = %id, %error, "cannot cancel what passed on");
            }
        }
        Ok(())
    }

    async fn end_split(&self, id: ReservationId) -> Result<(), Error> {
        for _ in 0..MAX_TRIES {
            let now = self.now();
            let mut snapshot = self.store.snapshot().await?;
            let mut tx = snapshot.tx();
            let Some(old) = tx.reservations().get(id).await? else { return Ok(()) };
            let (source, target) = source(&mut tx, &old).await?;
            let text = tx.resources().text(source.id).await?;
            drop(snapshot);
            let object = compose::stored(text.into(), &self.bounds.ical)?;
            let put = Put::new(Actor::operator(), target, &source.name, object);
            let put = Put { purpose: Purpose::Refresh, based_on: Some(source.etag), ..put };
            let prepared = Box::pin(self.prepare(&put, now)).await?;
            let put = PutWork { put, prepared, bounds: self.bounds.clone(), now, cancels: None };
            match self.store.write(EndSplit { put, id }).await {
                Err(Error::Moved) => {}
                done => return done,
            }
        }
        Err(Error::Store(StoreError::Retry("it kept changing".to_owned())))
    }
}

struct EndSplit {
    put: PutWork,
    id: ReservationId,
}

impl Work for EndSplit {
    type Done = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        self.put.lock(tx).await?;
        let now = self.put.now;
        let Some(old) = tx.reservations().get(self.id).await? else { return Ok(()) };
        let all = tx.occurrences().of(old.id).await?;
        let mut all: Vec<OccurrenceFacts> = all.into_iter().map(|stored| stored.facts).collect();
        let is_due = |facts: &OccurrenceFacts| {
            facts.state == OccurrenceState::Cancelled && facts.expires_at.is_some_and(|at| at <= now)
        };
        let Some(first) = all.iter().find(|facts| is_due(facts)).cloned() else { return Ok(()) };
        let actor = Actor::operator();
        let room = super::access::room_state(tx, old.room, &actor).await?.ok_or(Error::Missing)?;
        let cause = Cause { actor: &actor, channel: "direct", now };
        for facts in all.iter_mut().filter(|facts| is_due(facts)) {
            facts.expires_at = None;
            cause.released(tx, old.room, &old.uid, facts, Reason::Cancelled, "R62").await?;
        }
        let because = cause.because((old.room, &old.uid), "R62", Reason::Cancelled);
        tx.occurrences().replace(old.id, old.room, &room.rules.spaces, &all, &because).await?;
        let language = cause.language_for(tx, old.owner).await?;
        let when = text::when(language, &first.period, first.all_day, &room.rules.zone);
        let message = Message::SplitEnded { room: &room.room.name, title: &old.summary, when: &when };
        let key = format!("split/{}/{now}", old.id);
        cause.tell(tx, old.owner, (Some(old.room), &old.uid), key, &message).await?;
        self.put.run_locked(tx).await.map(drop)
    }
}
