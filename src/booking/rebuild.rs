//! Where the claims of a room stand after its data has changed, and putting them there: another zone of the
//! room, other rules of zones, fewer units (R131 to R133).
//!
//! The stored truth is the text; ranges are derived from it (R11). What is derived anew keeps its state, its
//! buffers and its place in the order of claims. Policy has no say: it never undoes anything (R130).

use std::collections::HashMap;

use crate::domain::approval::give_way;
use crate::domain::claim::Claim;
use crate::domain::event::{Event, Part};
use crate::domain::id::{ReservationId, ResourceId, RoomId, SpaceId};
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::Reason;
use crate::domain::rebuild::{Standing, displaced};
use crate::domain::recurrence::{self, Budget, Occurrence, RecurrenceId};
use crate::domain::state::OccurrenceState;
use crate::domain::time::{Instant, Period, Zone};
use crate::ical::{CalendarObject, Limits};
use crate::store::{Reservation, Tx};

use super::access::RoomState;
use super::actor::Actor;
use super::ask::too_much;
use super::block;
use super::displace::Hit;
use super::error::Error;
use super::old_slots;
use super::record::Cause;

/// What becomes of a room's claims.
pub(super) struct Rebuilt {
    /// Reservations of which something moves, with everything they have then.
    moved: Vec<(Reservation, Vec<OccurrenceFacts>)>,
    /// What has no place there.
    pub(super) lost: Vec<Hit>,
}

/// What a room is to become.
pub(super) struct Becoming<'a> {
    /// As it is.
    pub(super) room: &'a RoomState,
    /// The zone it gets, perhaps its own.
    pub(super) zone: &'a Zone,
    /// The units of its spaces.
    pub(super) capacity: Vec<(SpaceId, i64)>,
}

const DAY: i64 = 86_400;

/// Looks at every claim to come on the room's spaces, in this room or another.
pub(super) async fn rebuild(
    tx: &mut Tx<'_>,
    becoming: &Becoming<'_>,
    now: Instant,
) -> Result<Rebuilt, Error> {
    let Becoming { room, zone, capacity } = becoming;
    let window = Period { start: now, end: Instant::END_OF_TIME };
    let claims = tx.occurrences().neighbours(&room.spaces(), &[window], &[]).await?;
    let spaces = spaces_of(&claims);
    let mut standing = Vec::new();
    let mut keys: Vec<(ReservationId, RecurrenceId, OccurrenceState)> = Vec::new();
    let mut moved = Vec::new();
    let mut ids: Vec<ReservationId> = spaces.keys().copied().collect();
    ids.sort_unstable();
    for ids in ids.chunks(AT_ONCE) {
        for Loaded { reservation, facts: old, text } in loaded(tx, room.room.id, ids).await? {
            let mut new = match text {
                Some(text) => moved_facts(text, &old, (&room.room.zone, zone), now)?,
                None => old.clone(),
            };
            let all = new.clone();
            let spaces = spaces.get(&reservation.id).cloned().unwrap_or_default();
            for (old, new) in old.iter().zip(&new) {
                let Some((occupied, units)) = new.claim.filter(|(occupied, _)| occupied.end > now) else {
                    continue;
                };
                standing.push(Standing {
                    spaces: spaces.clone(),
                    occupied,
                    units,
                    claimed_at: if is_for_nothing(new, &all) { Instant::END_OF_TIME } else { new.claimed_at },
                    reservation: reservation.id,
                    moved: old.claim != new.claim,
                });
                keys.push((reservation.id, old.id, old.state));
            }
            new.retain(|facts| !is_for_nothing(facts, &all) || facts.claim.is_some());
            if new != old {
                moved.push((reservation, new));
            }
        }
    }
    let closed = block::hard_periods(tx, room, zone, now).await?;
    let mut lost: Vec<Hit> = Vec::new();
    for at in displaced(&standing, capacity, &closed) {
        let (reservation, id, state) = keys[at];
        match lost.last_mut().filter(|hit| hit.reservation == reservation) {
            Some(hit) => hit.occurrences.push((id, state)),
            None => lost.push(Hit { reservation, occurrences: vec![(id, state)] }),
        }
    }
    for hit in &mut lost {
        // Only where nobody else may be by then, and the text can say when it was.
        let is_taken = |old: &OccurrenceFacts, _: &OccurrenceFacts| {
            room.room.zone != **zone || !old_slots::is_whole(old)
        };
        Box::pin(old_slots::go_too(tx, hit, now, is_taken)).await?;
    }
    Ok(Rebuilt { moved, lost })
}

impl Rebuilt {
    /// Puts everything in its place; all of it has one.
    pub(super) async fn write(
        &self,
        tx: &mut Tx<'_>,
        spaces: &[(SpaceId, i64)],
        now: Instant,
    ) -> Result<(), Error> {
        let actor = Actor::operator();
        let cause = Cause { actor: &actor, channel: "direct", now };
        for (reservation, _) in &self.moved {
            tx.occurrences().free(reservation.id).await?;
        }
        for (reservation, facts) in &self.moved {
            let because = cause.because((reservation.room, &reservation.uid), "R131", Reason::Displaced);
            tx.occurrences().replace(reservation.id, reservation.room, spaces, facts, &because).await?;
        }
        Ok(())
    }
}

/// How many reservations are read at once.
const AT_ONCE: usize = 500;

/// A reservation with what there is of it.
struct Loaded {
    reservation: Reservation,
    facts: Vec<OccurrenceFacts>,
    /// The deciding text; `None` of another room's, and where there is none.
    text: Option<Vec<u8>>,
}

async fn loaded(tx: &mut Tx<'_>, room: RoomId, ids: &[ReservationId]) -> Result<Vec<Loaded>, Error> {
    let reservations = tx.reservations().among(ids).await?;
    let mut occurrences = tx.occurrences().of_all(ids).await?;
    let own = reservations.iter().filter(|reservation| reservation.room == room);
    let sources: Vec<ResourceId> = own.map(|reservation| reservation.source).collect();
    // Of several reservations that one text decides, each has it.
    let texts: HashMap<ResourceId, Vec<u8>> = tx.resources().texts(&sources).await?.into_iter().collect();
    let loaded = reservations.into_iter().map(|reservation| {
        let stored = occurrences.remove(&reservation.id).unwrap_or_default();
        let text = texts.get(&reservation.source).filter(|_| reservation.room == room).cloned();
        Loaded { facts: stored.into_iter().map(|stored| stored.facts).collect(), text, reservation }
    });
    Ok(loaded.collect())
}

/// On which spaces each reservation has claims.
fn spaces_of(claims: &[Claim]) -> HashMap<ReservationId, Vec<SpaceId>> {
    let mut spaces: HashMap<ReservationId, Vec<SpaceId>> = HashMap::new();
    for claim in claims {
        let own = spaces.entry(claim.reservation).or_default();
        if !own.contains(&claim.space) {
            own.push(claim.space);
        }
    }
    spaces
}

/// An old slot in whose place nothing waits (any more), after a refused move (R58): whoever has a date comes
/// before it.
fn is_for_nothing(facts: &OccurrenceFacts, all: &[OccurrenceFacts]) -> bool {
    let waits = |other: &OccurrenceFacts| other.state == OccurrenceState::Held && other.id == facts.id;
    facts.state == OccurrenceState::Grace && !all.iter().any(waits)
}

/// The occurrences of a reservation as its text gives them in the room's new zone; those that the text does
/// not give stay as they are.
fn moved_facts(
    text: Vec<u8>,
    old: &[OccurrenceFacts],
    (before, after): (&Zone, &Zone),
    now: Instant,
) -> Result<Vec<OccurrenceFacts>, Error> {
    let object = CalendarObject::parse(text.into(), &Limits::none())?;
    let Ok(event) = object.event() else { return Ok(old.to_vec()) };
    let (Some(first), Some(last)) =
        (old.iter().map(|facts| facts.period.start).min(), old.iter().map(|facts| facts.period.end).max())
    else {
        return Ok(Vec::new());
    };
    let window = Period { start: first.plus(-2 * DAY), end: last.plus(2 * DAY) };
    let budget = Budget { max_instances: 3_000, ..Budget::default() };
    let found = recurrence::all_occurrences(event, after, window, &budget).map_err(too_much)?;
    let dates = Dates { event, found: &found, before, after };
    let mut new: Vec<OccurrenceFacts> = old.iter().map(|facts| dates.moved(facts, now)).collect();
    give_way(&mut new);
    let mut keys: Vec<_> = new.iter().map(|facts| (facts.id, facts.state.as_str())).collect();
    keys.sort_unstable();
    // Two that would become one cannot be told apart by their text any more.
    let is_clear = keys.windows(2).all(|pair| pair[0] != pair[1]);
    Ok(if is_clear { new } else { old.to_vec() })
}

/// What the text gives now.
struct Dates<'a> {
    event: &'a Event,
    found: &'a [Occurrence],
    before: &'a Zone,
    after: &'a Zone,
}

/// Nothing moves further than this by other rules of one zone.
const NEAR_SECS: i64 = 12 * 3600;

impl Dates<'_> {
    fn moved(&self, facts: &OccurrenceFacts, now: Instant) -> OccurrenceFacts {
        let Some(new) = self.now_of(facts.id) else { return facts.clone() };
        let period = match facts.state {
            // What was cut stays as long as it was (R87). An old slot stays where it is: the text that gave it
            // is gone, and what it says now is another time (R58, R74).
            OccurrenceState::Released | OccurrenceState::Grace => facts.period,
            _ => new.period,
        };
        let claim = facts.claim.and_then(|(occupied, units)| {
            if period == facts.period {
                return Some((occupied, units));
            }
            let (setup, teardown) = (
                facts.period.start.secs() - occupied.start.secs(),
                occupied.end.secs() - facts.period.end.secs(),
            );
            let occupied = Period { start: period.start.plus(-setup), end: period.end.plus(teardown) };
            // What is over keeps nobody out.
            (occupied.end > now).then_some((occupied, units))
        });
        OccurrenceFacts { id: new.id, period, claim, ..facts.clone() }
    }

    /// The occurrence that this one was: of the same key, or of the one that stands for the same local time
    /// now, or the nearest.
    fn now_of(&self, id: RecurrenceId) -> Option<Occurrence> {
        let Some(at) = id.instant() else { return self.found.iter().find(|new| new.id == id).copied() };
        let is_floating = self.event.first().is_some_and(floats);
        let at = if is_floating && self.before != self.after {
            self.after.to_instant(self.before.to_local(at))
        } else {
            at
        };
        let distance =
            |new: &&Occurrence| new.id.instant().map_or(i64::MAX, |start| (start.secs() - at.secs()).abs());
        self.found.iter().min_by_key(distance).filter(|new| distance(new) < NEAR_SECS).copied()
    }
}

fn floats(part: &Part) -> bool {
    use crate::domain::time::EventTime;
    matches!(part.start, EventTime::Date(_) | EventTime::Floating(_))
}
