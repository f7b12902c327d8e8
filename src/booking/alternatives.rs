//! What could be booked instead of what was not given: up to three rooms like the one that was asked, those
//! of its building first, then other times near the one that was wished for (R51).
//!
//! Looks at a few rooms only, with the same number of queries whatever is wished. What the asker could not
//! book is not proposed, and of rooms that he may not know nothing is said (R105).

use std::collections::HashMap;

use crate::domain::claim::Claim;
use crate::domain::event::Event;
use crate::domain::find;
use crate::domain::id::{ReservationId, SpaceId, UserId};
use crate::domain::judge::Neighbours;
use crate::domain::reason::Failure;
use crate::domain::recurrence::{Occurrence, PartRef, RecurrenceId};
use crate::domain::time::Period;
use crate::store::{StoreError, Tx};
use crate::text;

use super::access::{RoomState, room_state, visible_among};
use super::actor::person;
use super::record::Cause;

/// What was not given.
pub(super) struct Wanted<'a> {
    /// Where.
    pub(super) room: &'a RoomState,
    /// The dates, and why not.
    pub(super) failures: &'a [Failure],
    /// The event that asked; none where there is no text any more.
    pub(super) event: Option<&'a Event>,
    /// What the event has in rooms already: in nobody's way (R41).
    pub(super) own: &'a [ReservationId],
}

/// So many are proposed.
const MOST: usize = 3;
/// So many rooms are looked at.
const ROOMS: i64 = 30;
/// Dates beyond these are not looked at: of so many failing ones no room is free.
const DATES: usize = 60;

/// Sentences in the actor's language; empty where nothing can be proposed.
pub(super) async fn alternatives(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    wanted: Wanted<'_>,
) -> Result<String, StoreError> {
    let failures: Vec<&Failure> = wanted
        .failures
        .iter()
        .filter(|failure| find::another_room_helps(failure.reason) && failure.period.start > cause.now)
        .collect();
    if failures.is_empty() || failures.len() > DATES {
        return Ok(String::new());
    }
    let rooms = Box::pin(other_rooms(tx, cause, &wanted, &failures)).await?;
    let mut times = Vec::new();
    if let ([failure], 1) = (failures.as_slice(), wanted.failures.len())
        && rooms.len() < MOST
        && find::another_time_helps(failure.reason)
    {
        times = Box::pin(other_times(tx, cause, &wanted, failure, MOST - rooms.len())).await?;
    }
    let rooms: Vec<&str> = rooms.iter().map(|room| room.room.name.as_str()).collect();
    let room = &wanted.room.room;
    Ok(text::alternatives(cause.actor.language, &rooms, (&room.name, &room.zone), &times))
}

/// The same for `owner`, whoever it was that asked: of what an administrator sees nothing is proposed.
pub(super) async fn alternatives_for(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    owner: UserId,
    wanted: Wanted<'_>,
) -> Result<String, StoreError> {
    if cause.actor.is(owner) {
        return alternatives(tx, cause, wanted).await;
    }
    let Some(organizer) = person(tx, owner).await? else { return Ok(String::new()) };
    let Some(room) = room_state(tx, wanted.room.room.id, &organizer).await? else { return Ok(String::new()) };
    alternatives(tx, Cause { actor: &organizer, ..cause }, Wanted { room: &room, ..wanted }).await
}

fn asked(failure: &Failure, period: Period) -> Occurrence {
    Occurrence { id: failure.id, period, all_day: failure.all_day, part: PartRef::Master }
}

fn shape(event: Option<&Event>) -> (bool, i64) {
    let units = event.and_then(Event::first).map_or(1, |part| part.units);
    (event.is_some_and(Event::recurs), units)
}

/// Rooms that would give all of these dates.
async fn other_rooms(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    wanted: &Wanted<'_>,
    failures: &[&Failure],
) -> Result<Vec<RoomState>, StoreError> {
    let ids = tx.rooms().like(&wanted.room.room, ROOMS).await?;
    let mut rooms = visible_among(tx, cause.actor, &ids).await?;
    rooms.retain(RoomState::is_writable);
    // Whole days are those of one clock.
    let zone = &wanted.room.room.zone;
    rooms.retain(|room| room.room.zone == *zone || failures.iter().all(|failure| !failure.all_day));
    rooms.sort_by_key(|room| ids.iter().position(|id| *id == room.room.id));
    let asked: Vec<Occurrence> = failures.iter().map(|failure| asked(failure, failure.period)).collect();
    let mut around = Around::load(tx, &rooms, &asked, wanted.own).await?;
    let (recurs, units) = shape(wanted.event);
    let mut free = Vec::new();
    for room in rooms {
        let neighbours = around.of(&room);
        let about = (&room.rules, room.asker);
        if find::failures(about, (&asked, recurs, units), &neighbours, cause.now).is_empty() {
            free.push(room);
        }
        if free.len() == MOST {
            break;
        }
    }
    Ok(free)
}

/// Times near the one that was wished for at which the room itself is free.
async fn other_times(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    wanted: &Wanted<'_>,
    failure: &Failure,
    most: usize,
) -> Result<Vec<(Period, bool)>, StoreError> {
    let room = wanted.room;
    if !room.is_writable() {
        return Ok(Vec::new());
    }
    let step = room.rules.settings.grid.unwrap_or(STEP_SECS);
    let mut times = find::near(failure.period, failure.all_day, step, &room.room.zone);
    times.retain(|time| time.start > cause.now);
    let (Some(start), Some(end)) =
        (times.iter().map(|time| time.start).min(), times.iter().map(|time| time.end).max())
    else {
        return Ok(Vec::new());
    };
    let whole = [Occurrence { id: RecurrenceId::SINGLE, ..asked(failure, Period { start, end }) }];
    let rooms = std::slice::from_ref(room);
    let neighbours = Around::load(tx, rooms, &whole, wanted.own).await?.of(room);
    let (_, units) = shape(wanted.event);
    let mut free: Vec<(Period, bool)> = Vec::new();
    for time in times {
        let one = [Occurrence { id: RecurrenceId::SINGLE, ..asked(failure, time) }];
        let is_new = free.iter().all(|(other, _)| !other.overlaps(&time));
        let about = (&room.rules, room.asker);
        if is_new && find::failures(about, (&one, false, units), &neighbours, cause.now).is_empty() {
            free.push((time, failure.all_day));
        }
        if free.len() == most {
            break;
        }
    }
    free.sort_by_key(|(time, _)| time.start);
    Ok(free)
}

const STEP_SECS: i64 = 1800;

/// What stands around some dates in some rooms.
pub(super) struct Around {
    claims: HashMap<SpaceId, Vec<Claim>>,
    blocks: HashMap<SpaceId, Vec<Period>>,
}

impl Around {
    /// Two queries for all of them.
    pub(super) async fn load(
        tx: &mut Tx<'_>,
        rooms: &[RoomState],
        asked: &[Occurrence],
        own: &[ReservationId],
    ) -> Result<Self, StoreError> {
        let mut spaces: Vec<SpaceId> = rooms.iter().flat_map(RoomState::spaces).collect();
        spaces.sort_unstable();
        spaces.dedup();
        let ranges = occupied(rooms, asked);
        let Some(window) = hull(&ranges) else { return Ok(Self::new(Vec::new(), Vec::new())) };
        let claims = tx.occurrences().neighbours(&spaces, &ranges, own).await?;
        Ok(Self::new(claims, tx.blocks().closed(&spaces, window).await?))
    }

    pub(super) fn new(all: Vec<Claim>, closed: Vec<(SpaceId, Period)>) -> Self {
        let mut claims: HashMap<SpaceId, Vec<Claim>> = HashMap::new();
        for claim in all {
            claims.entry(claim.space).or_default().push(claim);
        }
        let mut blocks: HashMap<SpaceId, Vec<Period>> = HashMap::new();
        for (space, period) in closed {
            blocks.entry(space).or_default().push(period);
        }
        Self { claims, blocks }
    }

    /// Of one of the rooms; each is asked once, but rooms may share a space.
    pub(super) fn of(&mut self, room: &RoomState) -> Neighbours {
        let mut neighbours = Neighbours::default();
        for (space, _) in &room.rules.spaces {
            neighbours.claims.extend(self.claims.get(space).into_iter().flatten().cloned());
            let blocks = self.blocks.get(space).into_iter().flatten();
            neighbours.blocks.extend(blocks.map(|period| (*space, *period)));
        }
        neighbours
    }
}

/// The dates with the widest buffers of these rooms (R81).
pub(super) fn occupied(rooms: &[RoomState], asked: &[Occurrence]) -> Vec<Period> {
    let setup = rooms.iter().map(|room| room.rules.settings.setup).max().unwrap_or(0);
    let teardown = rooms.iter().map(|room| room.rules.settings.teardown).max().unwrap_or(0);
    let wide = |occurrence: &Occurrence| Period {
        start: occurrence.period.start.plus(-setup),
        end: occurrence.period.end.plus(teardown),
    };
    asked.iter().map(wide).collect()
}

/// From the first to the last.
pub(super) fn hull(ranges: &[Period]) -> Option<Period> {
    let start = ranges.iter().map(|range| range.start).min()?;
    Some(Period { start, end: ranges.iter().map(|range| range.end).max()? })
}
