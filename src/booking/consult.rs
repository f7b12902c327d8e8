//! What each room says to a write: the rules are asked with what stands around it now.

use std::collections::{HashMap, VecDeque};

use crate::domain::channel::Channel;
use crate::domain::claim::Claim;
use crate::domain::event::Event;
use crate::domain::id::{OccurrenceId, ReservationId, RoomId, UserId};
use crate::domain::judge::Neighbours;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::quota::Limit;
use crate::domain::reason::{Failure, Reason};
use crate::domain::recurrence::{Occurrence, RecurrenceId};
use crate::domain::series::{Comparison, Decision, Request};
use crate::domain::state::OccurrenceState;
use crate::domain::time::Period;
use crate::store::{Reservation, Tx};

use super::access::RoomState;
use super::ask::Ask;
use super::compose::{Answer, GivenUp};
use super::counted::{Beside, quotas, seats};
use super::error::Error;
use super::put::{Purpose, PutWork};
use super::scene::Scene;

/// What one room is asked, and what it has already.
struct Question<'a> {
    room: &'a RoomState,
    ask: &'a Ask,
    asked: Vec<(Occurrence, bool)>,
    is_direct: bool,
    existing: Option<Reservation>,
    /// A reason for which nothing of it is given.
    refused: Option<(Reason, Option<i64>)>,
    comparison: Comparison,
}

impl PutWork {
    /// The answers of all rooms, in order; after a refusal of the room that is booked directly
    /// nobody else is asked. What some of them must give up for others is in `given_up` (R76).
    pub(super) async fn ask_all(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        asks_for_rooms: bool,
        given_up: &HashMap<RoomId, GivenUp>,
    ) -> Result<Vec<Answer>, Error> {
        let mut questions = VecDeque::new();
        for room in in_order(scene) {
            let ask = self.prepared.asks.iter().find(|ask| ask.room == room.room.id).ok_or(Error::Moved)?;
            if !ask.fits(room, self.now) {
                return Err(Error::Moved);
            }
            let is_direct = scene.direct_room().is_some_and(|direct| direct.room.id == ask.room);
            if !(is_direct || asks_for_rooms) {
                continue;
            }
            let question = self.question(tx, scene, (room, is_direct), ask, &[]).await?;
            if is_direct || !question.asked.is_empty() {
                questions.push_back(question);
            }
        }
        let mut answers: Vec<Answer> = Vec::new();
        while let Some(question) = questions.pop_front() {
            let is_direct = question.is_direct;
            let around = Around::of(&questions, &answers, scene.owner, given_up.get(&question.room.room.id));
            let answer = Box::pin(self.answer(tx, scene, question, around)).await?;
            let is_refused = is_direct && answer.decision.refused;
            let skipped: Vec<RecurrenceId> = answer.decision.denied().map(|facts| facts.id).collect();
            answers.push(answer);
            if is_refused {
                break;
            }
            if is_direct && !skipped.is_empty() {
                // These dates are not in the text any more (R54), so nobody else is asked for them.
                for question in &mut questions {
                    let room = (question.room, false);
                    *question = self.question(tx, scene, room, question.ask, &skipped).await?;
                }
                questions.retain(|question| !question.asked.is_empty());
            }
        }
        Ok(answers)
    }

    fn request<'r>(&self, room: &'r RoomState, is_direct: bool, exists: bool) -> Request<'r> {
        let expected = &self.put.expected;
        Request {
            room: &room.rules,
            channel: if is_direct { Channel::Direct } else { Channel::Invite },
            asker: room.asker,
            recurs: self.put.event().is_some_and(Event::recurs),
            exists,
            units: self.put.event().and_then(Event::first).map_or(1, |part| part.units),
            deliberate: expected.matching.is_some() || expected.schedule_tag.is_some(),
            skips: matches!(self.put.purpose, Purpose::Extend | Purpose::Take(_)),
            goes_on: self.put.purpose == Purpose::Extend,
            history: self.put.history,
            now: self.now,
        }
    }

    async fn question<'a>(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        (room, is_direct): (&'a RoomState, bool),
        ask: &'a Ask,
        skipped: &[RecurrenceId],
    ) -> Result<Question<'a>, Error> {
        let mut asked = ask.occurrences(room, is_direct, self.now)?;
        asked.retain(|(asked, _)| !skipped.contains(&asked.id));
        let uid = self.put.object.uid().as_str();
        let existing = tx.reservations().in_room(room.room.id, uid).await?;
        let old = match &existing {
            Some(existing) => tx.occurrences().of(existing.id).await?,
            None => Vec::new(),
        };
        let mut old: Vec<_> = old.into_iter().map(|stored| stored.facts).collect();
        if existing.as_ref().is_some_and(|existing| (existing.channel == Channel::Direct) != is_direct) {
            // What was refused or cancelled by the one channel is asked for anew by the other.
            old.retain(|facts| facts.state.claims());
        }
        if existing.as_ref().is_some_and(|existing| existing.source.get() == 0) {
            // Nobody's calendar shows what was displaced any more: it is asked for anew (R92).
            old.retain(|facts| facts.state != OccurrenceState::Displaced);
        }
        if old.iter().any(|facts| facts.state.claims() && facts.period.end > ask.until) {
            // More was claimed since it was expanded.
            return Err(Error::Moved);
        }
        // Beyond the window nothing new is asked for; what is held there stays (R3, R64).
        let same = |facts: &OccurrenceFacts, asked: &Occurrence| {
            facts.id == asked.id || facts.period == asked.period
        };
        let is_held = |asked: &Occurrence| old.iter().any(|facts| facts.state.claims() && same(facts, asked));
        asked.retain(|(asked, _)| ask.is_in_window(asked) || is_held(asked));
        if matches!(self.put.purpose, Purpose::Refresh | Purpose::HandOver | Purpose::Take(_)) {
            // Only what became of the dates it has is shown.
            asked.retain(|(asked, _)| old.iter().any(|facts| same(facts, asked)));
        }
        if let (Purpose::Take(taken), Some(existing)) = (self.put.purpose, &existing)
            && taken.reservation == existing.id
        {
            // R53: this one is asked for once more.
            old.retain(|facts| facts.id != taken.occurrence || facts.state != OccurrenceState::Declined);
        }
        let refused = self.refused_whole(tx, scene, room, (ask, &asked), existing.as_ref()).await?;
        let comparison = match refused {
            Some(_) => Comparison::default(),
            None => Comparison::between(&self.request(room, is_direct, existing.is_some()), &old, &asked),
        };
        Ok(Question { room, ask, asked, is_direct, existing, refused, comparison })
    }

    async fn answer(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        question: Question<'_>,
        around: Around<'_>,
    ) -> Result<Answer, Error> {
        let Question { room, ask, asked, is_direct, existing, refused, comparison } = question;
        let request = self.request(room, is_direct, existing.is_some());
        let mut crowded = None;
        let mut continued = None;
        let decision = match refused {
            Some((reason, bound)) => all_failed(&request, &asked, reason, bound),
            None => {
                let ranges = comparison.ranges(&room.rules);
                let mut neighbours =
                    self.neighbours(tx, scene, room, &ranges, existing.as_ref(), around.claims).await?;
                (neighbours.counted, crowded) = seats(room, ask, &comparison);
                neighbours.given_up = around.given_up.keys().copied().collect();
                let beside = self.beside(scene, existing.as_ref(), room, &comparison, around.held);
                let added: Vec<Occurrence> = comparison.added().copied().collect();
                let over = quotas(tx, room, scene.owner, &added, beside, self.now).await?;
                neighbours.counted.extend(over);
                let decision = comparison.decide(&request, &neighbours);
                let asked = (room.room.id, &request, asked.as_slice());
                let other = Box::pin(self.continued(tx, scene, asked, &neighbours, &decision)).await?;
                let (decision, from) = other.unwrap_or((decision, None));
                continued = from;
                decision
            }
        };
        let claimed_until = match (self.put.purpose, &existing) {
            // No later date was asked for: that is still to be done (R65).
            (Purpose::Refresh | Purpose::Take(_), Some(existing)) => existing.horizon,
            // What its dates were not extended to meanwhile is still to come (R65, R66).
            (Purpose::HandOver, Some(existing)) => {
                ask.rolling_until(room).map(|until| existing.horizon.unwrap_or(until).min(until))
            }
            _ => ask.rolling_until(room),
        };
        let rolling_until = claimed_until.filter(|_| decision.holds_ahead());
        let is_foreign = existing.as_ref().is_some_and(|existing| existing.owner != scene.owner);
        let existing = existing.filter(|_| !is_foreign);
        Ok(Answer {
            room: room.clone(),
            existing,
            decision,
            is_foreign,
            rolling_until,
            is_clipped: ask.goes_on,
            given_up: around.given_up.clone(),
            crowded,
            continued,
        })
    }

    /// What counts for a quota and is not, or not yet, in the database (R44).
    fn beside(
        &self,
        scene: &Scene,
        existing: Option<&Reservation>,
        room: &RoomState,
        comparison: &Comparison,
        mut held: Vec<(RoomId, Period)>,
    ) -> Beside {
        held.extend(comparison.kept_periods().map(|period| (room.room.id, period)));
        held.extend(self.put.imagined.iter().flat_map(|imagined| imagined.held_by(scene.owner)));
        let mut rewritten = self.rewritten(scene, existing);
        rewritten.extend(self.put.imagined.iter().flat_map(|imagined| imagined.rewritten.iter().copied()));
        Beside { rewritten, held }
    }

    /// The reservations that this command rewrites or gives up.
    fn rewritten(&self, scene: &Scene, existing: Option<&Reservation>) -> Vec<ReservationId> {
        let own = scene.reservations.iter().chain(existing).map(|reservation| reservation.id);
        own.chain(self.put.gives_up.iter().copied()).collect()
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
        if existing.is_none() && ask.is_declined(room) {
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
        let limit = || Limit::of_bookings_ahead(self.bounds.max_future).code();
        Ok((future >= self.bounds.max_future).then(|| (Reason::Quota, Some(limit()))))
    }

    /// What stands around the ranges that are asked for: without the claims of all reservations that
    /// this command rewrites, with what `standing` says of these (R41, R84).
    async fn neighbours(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        room: &RoomState,
        ranges: &[Period],
        existing: Option<&Reservation>,
        standing: Vec<Claim>,
    ) -> Result<Neighbours, Error> {
        let (Some(start), Some(end)) =
            (ranges.iter().map(|range| range.start).min(), ranges.iter().map(|range| range.end).max())
        else {
            return Ok(Neighbours::default());
        };
        let spaces = room.spaces();
        let except = self.rewritten(scene, existing);
        let mut claims = tx.occurrences().neighbours(&spaces, ranges, &except).await?;
        claims.extend(standing);
        if let Some(imagined) = &self.put.imagined {
            claims.extend(imagined.near(&spaces, ranges));
        }
        let blocks = tx.blocks().closed(&spaces, Period { start, end }).await?;
        Ok(Neighbours { claims, blocks, ..Neighbours::default() })
    }
}

/// What else this event has and gives up, while one of its rooms is asked.
struct Around<'a> {
    /// What the rooms to come keep in any case, and those that were asked have given, as claims.
    claims: Vec<Claim>,
    /// The times of the same.
    held: Vec<(RoomId, Period)>,
    given_up: &'a GivenUp,
}

/// Nothing.
static NOTHING: GivenUp = GivenUp::new();

impl<'a> Around<'a> {
    fn of(
        later: &VecDeque<Question<'_>>,
        answers: &[Answer],
        owner: UserId,
        given_up: Option<&'a GivenUp>,
    ) -> Self {
        let mut around =
            Self { claims: Vec::new(), held: Vec::new(), given_up: given_up.unwrap_or(&NOTHING) };
        for later in later {
            around.claims.extend(claims_in(later.room, later.comparison.kept_claims(), owner));
            let kept = later.comparison.kept_periods();
            around.held.extend(kept.map(|period| (later.room.room.id, period)));
        }
        for answer in answers {
            around.claims.extend(claims_of(answer, owner));
            let given = answer.decision.occurrences.iter().filter(|facts| facts.claim.is_some());
            around.held.extend(given.map(|facts| (answer.id(), facts.period)));
        }
        around
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

/// The room of the calendar first, then the others in the order of the attendees.
fn in_order(scene: &Scene) -> Vec<&RoomState> {
    let direct = scene.direct_room().map(|room| room.room.id);
    let mut rooms: Vec<&RoomState> = scene.rooms.iter().collect();
    rooms.sort_by_key(|room| direct != Some(room.room.id));
    rooms
}

/// The claims that an answer is about to make, as neighbours for the rooms decided after it.
fn claims_of(answer: &Answer, holder: UserId) -> Vec<Claim> {
    let claims = answer.decision.occurrences.iter().filter_map(|facts| facts.claim);
    claims_in(&answer.room, claims, holder)
}

/// Ranges with units as claims on every space of a room.
fn claims_in(room: &RoomState, claims: impl Iterator<Item = (Period, i64)>, holder: UserId) -> Vec<Claim> {
    let spaces = &room.rules.spaces;
    claims
        .flat_map(|(occupied, units)| {
            spaces.iter().map(move |(space, _)| Claim {
                space: *space,
                occupied,
                units,
                occurrence: OccurrenceId::new(0),
                reservation: ReservationId::new(0),
                holder,
            })
        })
        .collect()
}
