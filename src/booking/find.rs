//! Which rooms are free for a time or a series, and why the others are not: the procedure of section 5
//! without writing, and with what is counted for the asker (R40 to R44).
//!
//! The house is loaded once and judged in memory: the number of queries is the same for ten rooms and for
//! ten thousand. What the asker may not know is absent, and a holder is named only where the asker could
//! read the name in the room's calendar (R105).

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::find::{Dates, Said, Wish};
use crate::domain::id::{ReservationId, RoomId};
use crate::domain::judge::Asker;
use crate::domain::quota::{self, Limit};
use crate::domain::reason::{Failure, Reason};
use crate::domain::recurrence::Occurrence;
use crate::domain::space::Room;
use crate::domain::time::{Instant, Period};
use crate::domain::visibility::ViewerLevel;
use crate::store::{Shown, StoreError, Tx};
use crate::text::{self, Told};

use super::Bookings;
use super::access::{RoomState, scope_quotas, visible_rooms};
use super::actor::Actor;
use super::alternatives::{Around, hull, occupied};
use super::ask::too_much;
use super::counted::Failing;
use super::error::Error;

/// Look for rooms.
#[derive(Clone, Debug)]
pub struct Find {
    /// For whom. The command line sees every room, and books by the rules that hold for everybody.
    pub actor: Actor,
    /// What is looked for.
    pub wish: Wish,
}

/// What one room says to it.
#[derive(Clone, Debug)]
pub struct Found {
    /// The room.
    pub room: Room,
    /// Why not; none if it is free for all dates.
    pub failures: Vec<Failure>,
    /// The same in one sentence, in the asker's language.
    pub sentence: Option<String>,
    /// A manager would have to approve some of it (R70).
    pub needs_approval: bool,
    /// Why, where that is because it is more than the rules give (R40).
    pub beyond: Option<String>,
    /// Up to where a series that goes on was looked at (R64).
    pub until: Option<Instant>,
}

impl Bookings {
    /// The rooms that fit the wish: free ones first, of those the ones with the fewest seats to spare, then
    /// the others, each time by slug.
    ///
    /// # Errors
    /// `Invalid` for a rule that means nothing or gives too many dates.
    pub async fn find(&self, find: Find) -> Result<Vec<Found>, Error> {
        let now = self.now();
        let Find { actor, wish } = find;
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let mut rooms = visible_rooms(&mut tx, &actor).await?;
        rooms.retain(|room| wish.is_about(&room.room) && !room.room.removed);
        scope_quotas(&mut tx, &mut rooms).await?;
        let had = Had::load(&mut tx, &actor, &rooms, (self.bounds.max_future, now)).await?;
        let asked = {
            let (wish, rooms) = (wish.clone(), rooms.iter().map(|room| clock(room, now)).collect());
            let dates = tokio::task::spawn_blocking(move || dates(&wish, rooms, now));
            dates.await.map_err(|cause| StoreError::Inconsistent(cause.to_string()))??
        };
        let mut ranges: Vec<Period> = Vec::new();
        for dates in &asked.each {
            ranges.extend(occupied(&rooms, &dates.asked));
        }
        ranges.sort_unstable();
        ranges.dedup();
        let mut around = match hull(&ranges) {
            Some(window) => {
                let claims = tx.occurrences().anywhere(&ranges).await?;
                Around::new(claims, tx.blocks().closed_anywhere(window).await?)
            }
            None => Around::new(Vec::new(), Vec::new()),
        };
        let mut found: Vec<(RoomState, &Dates, Said)> = Vec::with_capacity(rooms.len());
        for (room, which) in rooms.into_iter().zip(&asked.of_room) {
            let dates = &asked.each[*which];
            let mut neighbours = around.of(&room);
            neighbours.counted = had.too_much(&room, &dates.asked);
            let said = wish.said((&room.room, &room.rules, asker(&room, &actor)), dates, &neighbours, now);
            let said = had.whole(&room, dates).map_or(said, Said::no);
            found.push((room, dates, said));
        }
        let holders = Holders::load(&mut tx, &found).await?;
        drop(snapshot);
        let mut found: Vec<Found> = found
            .into_iter()
            .map(|(room, dates, said)| answer(&actor, &holders, room, (dates, said), now))
            .collect();
        found.sort_by_cached_key(|found| {
            let is_taken = !found.failures.is_empty();
            (is_taken, found.room.seats.filter(|_| !is_taken), found.room.slug.clone())
        });
        Ok(found)
    }
}

/// The clock of a room and how far it may be booked.
type Clock = (crate::domain::time::Zone, Instant);

fn clock(room: &RoomState, now: Instant) -> Clock {
    (room.room.zone.clone(), room.rules.horizon(now))
}

/// The dates of a wish, once for all rooms with the same clock.
struct AllDates {
    each: Vec<Dates>,
    /// Which of them, by room.
    of_room: Vec<usize>,
}

fn dates(wish: &Wish, clocks: Vec<Clock>, now: Instant) -> Result<AllDates, Error> {
    let mut known: HashMap<(Arc<str>, Instant), usize> = HashMap::new();
    let mut all = AllDates { each: Vec::new(), of_room: Vec::with_capacity(clocks.len()) };
    for (zone, horizon) in clocks {
        let key = (Arc::from(zone.name()), horizon);
        let which = match known.get(&key) {
            Some(which) => *which,
            None => {
                all.each.push(wish.dates(&zone, horizon, now).map_err(too_much)?);
                known.insert(key, all.each.len() - 1);
                all.each.len() - 1
            }
        };
        all.of_room.push(which);
    }
    Ok(all)
}

/// The command line asks as everybody: what it may override, it does not here.
fn asker(room: &RoomState, actor: &Actor) -> Asker {
    if actor.account().is_none() { Asker { may_book: true, ..Asker::default() } } else { room.asker }
}

fn answer(
    actor: &Actor,
    holders: &Holders,
    state: RoomState,
    (dates, said): (&Dates, Said),
    now: Instant,
) -> Found {
    let Said { failures, waits, beyond } = said;
    let names: Vec<Option<&str>> =
        failures.iter().map(|failure| holders.name(actor, &state, failure)).collect();
    let told: Vec<Told<'_>> =
        failures.iter().zip(names).map(|(failure, holder)| Told { failure, holder }).collect();
    let sentence = (!failures.is_empty()).then(|| text::refusal(actor.language, &state.about(), &told));
    drop(told);
    let until = dates.goes_on.then(|| state.rules.horizon(now));
    let told: Vec<Told<'_>> = beyond.iter().map(|failure| Told { failure, holder: None }).collect();
    let beyond = (!told.is_empty()).then(|| text::refusal(actor.language, &state.about(), &told));
    Found { room: state.room, failures, sentence, needs_approval: waits, beyond, until }
}

/// What the asker has already, for what is counted (R44, L-65). The command line, which asks as everybody,
/// has nothing.
struct Had {
    held: Vec<(RoomId, Period)>,
    /// The limit of bookings to come, if it is reached.
    full: Option<i64>,
    now: Instant,
}

impl Had {
    /// Two queries, however many rooms there are.
    async fn load(
        tx: &mut Tx<'_>,
        actor: &Actor,
        rooms: &[RoomState],
        (max_future, now): (i64, Instant),
    ) -> Result<Self, StoreError> {
        let Some(user) = actor.user else { return Ok(Self { held: Vec::new(), full: None, now }) };
        let (future, _) = tx.reservations().counts(user, now, now).await?;
        let full = (future >= max_future).then(|| Limit::of_bookings_ahead(max_future).code());
        let is_counted = rooms.iter().any(|room| !room.quotas.is_empty() && !room.asker.manager);
        let held = if is_counted { tx.occurrences().held_by(user, now).await? } else { Vec::new() };
        Ok(Self { held: held.into_iter().map(|held| (held.room, held.period)).collect(), full, now })
    }

    /// The dates that a quota of the room does not leave.
    fn too_much(&self, room: &RoomState, asked: &[Occurrence]) -> Vec<Failing> {
        if room.quotas.is_empty() || room.asker.manager {
            return Vec::new();
        }
        let new: Vec<Occurrence> = asked.iter().filter(|date| date.period.end > self.now).copied().collect();
        let found = quota::exceeded(&room.quotas, &self.held, &new, room.room.id, &room.rules.zone);
        found.into_iter().map(|(id, limit)| (id, Reason::Quota, Some(limit.code()))).collect()
    }

    /// Why nothing is given, whatever the room says: there are too many bookings already.
    fn whole(&self, room: &RoomState, dates: &Dates) -> Option<Failure> {
        let bound = self.full.filter(|_| !room.asker.manager)?;
        let Occurrence { id, period, all_day, .. } = *dates.asked.first()?;
        Some(Failure { reason: Reason::Quota, id, period, all_day, conflict: None, bound: Some(bound) })
    }
}

/// Who has the rooms, as far as it is shown in their calendars.
struct Holders(HashMap<ReservationId, Shown>);

impl Holders {
    /// One query for all that is in the way.
    async fn load(tx: &mut Tx<'_>, found: &[(RoomState, &Dates, Said)]) -> Result<Self, StoreError> {
        let failures = found.iter().flat_map(|(.., said)| &said.failures);
        let busy = failures.filter(|failure| failure.reason == Reason::Busy);
        let mut keys: Vec<ReservationId> =
            busy.filter_map(|failure| Some(failure.conflict.as_ref()?.reservation)).collect();
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        let shown = tx.reservations().shown(&keys).await?;
        Ok(Self(shown.into_iter().map(|shown| (shown.reservation, shown)).collect()))
    }

    /// What is in the way may be in the calendar of another room with the same space (R78), which is then
    /// not named at all.
    fn name(&self, actor: &Actor, room: &RoomState, failure: &Failure) -> Option<&str> {
        let conflict = failure.conflict.as_ref()?;
        let shown = self.0.get(&conflict.reservation).filter(|shown| shown.room == room.room.id)?;
        let is_shown = match room.level {
            ViewerLevel::None | ViewerLevel::FreeBusy => actor.is(conflict.holder),
            ViewerLevel::BusyWithName | ViewerLevel::Manage => true,
            ViewerLevel::Details => shown.is_public || actor.is(conflict.holder),
        };
        is_shown.then_some(shown.owner.as_str())
    }
}
