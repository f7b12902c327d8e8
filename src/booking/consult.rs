//! What each room says to a write: the rules are asked with what stands around it now.

use crate::domain::channel::Channel;
use crate::domain::event::Event;
use crate::domain::id::ReservationId;
use crate::domain::judge::Neighbours;
use crate::domain::reason::{Failure, Reason};
use crate::domain::recurrence::Occurrence;
use crate::domain::series::{Comparison, Decision, Request};
use crate::domain::time::Period;
use crate::store::{Reservation, Tx};

use super::access::RoomState;
use super::apply;
use super::ask::Ask;
use super::compose::Answer;
use super::error::Error;
use super::put::{Purpose, PutWork};
use super::scene::Scene;

impl PutWork {
    pub(super) async fn ask_room(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        room: &RoomState,
        (ask, asked): (&Ask, &[(Occurrence, bool)]),
        decided: &[Answer],
    ) -> Result<Answer, Error> {
        let uid = self.put.object.uid().as_str();
        let existing = tx.reservations().in_room(room.room.id, uid).await?;
        let is_direct = scene.direct_room().is_some_and(|direct| direct.room.id == room.room.id);
        let request = Request {
            room: &room.rules,
            channel: if is_direct { Channel::Direct } else { Channel::Invite },
            asker: room.asker,
            recurs: self.put.event().is_some_and(Event::recurs),
            exists: existing.is_some(),
            units: self.put.event().and_then(Event::first).map_or(1, |part| part.units),
            deliberate: self.is_deliberate(existing.as_ref()),
            skips: self.put.purpose == Purpose::Extend,
            history: self.put.history,
            now: self.now,
        };
        let whole = self.refused_whole(tx, scene, room, (ask, asked), existing.as_ref()).await?;
        let decision = match whole {
            Some((reason, bound)) => all_failed(&request, asked, reason, bound),
            None => {
                let old = match &existing {
                    Some(existing) => tx.occurrences().of(existing.id).await?,
                    None => Vec::new(),
                };
                let old: Vec<_> = old.into_iter().map(|stored| stored.facts).collect();
                let comparison = Comparison::between(&request, &old, asked);
                let ranges = comparison.ranges(&room.rules);
                let neighbours =
                    self.neighbours(tx, scene, room, &ranges, existing.as_ref(), decided).await?;
                comparison.decide(&request, &neighbours)
            }
        };
        let rolling_until = ask.rolling_until(room).filter(|_| decision.holds_any());
        let is_foreign = existing.as_ref().is_some_and(|existing| existing.owner != scene.owner);
        let existing = existing.filter(|_| !is_foreign);
        Ok(Answer {
            room: room.clone(),
            existing,
            decision,
            is_foreign,
            rolling_until,
            is_clipped: ask.goes_on,
        })
    }

    /// The writer saw what was refused, or that was refused to an invitation and it books now.
    fn is_deliberate(&self, existing: Option<&Reservation>) -> bool {
        let expected = &self.put.expected;
        let was_invited = existing.is_some_and(|existing| existing.channel != Channel::Direct);
        expected.matching.is_some() || expected.schedule_tag.is_some() || was_invited
    }

    /// A reason for which nothing of the event is given: the UID is somebody else's (R32), the
    /// room takes no series that go on, or the owner has too many bookings (L-65).
    async fn refused_whole(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        room: &RoomState,
        (ask, asked): (&Ask, &[(Occurrence, bool)]),
        existing: Option<&Reservation>,
    ) -> Result<Option<(Reason, Option<i64>)>, Error> {
        if existing.is_some_and(|existing| existing.owner != scene.owner) {
            return Ok(Some((Reason::Duplicate, None)));
        }
        if ask.is_declined(room) {
            return Ok(Some((Reason::TooFar, Some(ask.horizon.secs()))));
        }
        if existing.is_some() || room.asker.manager || self.put.history || asked.is_empty() {
            return Ok(None);
        }
        let hour_ago = self.now.plus(-3600);
        let (future, hourly) = tx.reservations().counts(scene.owner, self.now, hour_ago).await?;
        if hourly >= self.bounds.max_hourly {
            return Err(Error::TooManyBookings);
        }
        Ok((future >= self.bounds.max_future).then_some((Reason::Quota, Some(self.bounds.max_future))))
    }

    /// What stands around the ranges that are asked for: without the claims of all reservations that
    /// this command rewrites, with what it gave to other rooms a moment ago (R41, R84).
    async fn neighbours(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        room: &RoomState,
        ranges: &[Period],
        existing: Option<&Reservation>,
        decided: &[Answer],
    ) -> Result<Neighbours, Error> {
        let (Some(start), Some(end)) =
            (ranges.iter().map(|range| range.start).min(), ranges.iter().map(|range| range.end).max())
        else {
            return Ok(Neighbours::default());
        };
        let spaces = room.spaces();
        let except: Vec<ReservationId> = {
            let own = scene.reservations.iter().chain(existing).map(|reservation| reservation.id);
            own.chain(self.put.gives_up.iter().copied()).collect()
        };
        let mut claims = tx.occurrences().neighbours(&spaces, ranges, &except).await?;
        for answer in decided {
            claims.extend(apply::claims_of(answer, scene.owner));
        }
        let blocks = tx.blocks().closed(&spaces, Period { start, end }).await?;
        Ok(Neighbours { claims, blocks })
    }
}

fn all_failed(
    request: &Request<'_>,
    occurrences: &[(Occurrence, bool)],
    reason: Reason,
    bound: Option<i64>,
) -> Decision {
    let fail = |occurrence: &Occurrence| Failure {
        reason,
        id: occurrence.id,
        period: occurrence.period,
        all_day: occurrence.all_day,
        conflict: None,
        bound,
    };
    let failures: Vec<_> = occurrences.iter().take(1).map(|(occurrence, _)| fail(occurrence)).collect();
    Decision {
        failures,
        touched: true,
        refused: request.channel == Channel::Direct,
        ..Decision::empty(request.now)
    }
}
