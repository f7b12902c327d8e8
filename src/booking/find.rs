//! Which rooms are free for a time or a series, and why the others are not: the procedure of section 5
//! without writing (R40 to R44).
//!
//! The house is loaded once and judged in memory: the number of queries is the same for ten rooms and for
//! ten thousand. What the asker may not know is absent, and a holder is named only where the asker could
//! read the name in the room's calendar (R105).

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::find::{Dates, Wish};
use crate::domain::id::ReservationId;
use crate::domain::judge::Asker;
use crate::domain::reason::{Failure, Reason};
use crate::domain::settings::Mode;
use crate::domain::space::Room;
use crate::domain::time::{Instant, Period};
use crate::domain::visibility::ViewerLevel;
use crate::store::{Shown, StoreError, Tx};
use crate::text::{self, Told};

use super::Bookings;
use super::access::{RoomState, visible_rooms};
use super::actor::Actor;
use super::alternatives::{Around, hull, occupied};
use super::ask::too_much;
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
    /// A manager would have to approve it (R70).
    pub needs_approval: bool,
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
        let mut found: Vec<(RoomState, &Dates, Vec<Failure>)> = Vec::with_capacity(rooms.len());
        for (room, which) in rooms.into_iter().zip(&asked.of_room) {
            let dates = &asked.each[*which];
            let neighbours = around.of(&room);
            let failures =
                wish.failures((&room.room, &room.rules, asker(&room, &actor)), dates, &neighbours, now);
            found.push((room, dates, failures));
        }
        let holders = Holders::load(&mut tx, &found).await?;
        drop(snapshot);
        let mut found: Vec<Found> = found
            .into_iter()
            .map(|(room, dates, failures)| answer(&actor, &holders, room, (dates, failures), now))
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
    (dates, failures): (&Dates, Vec<Failure>),
    now: Instant,
) -> Found {
    let names: Vec<Option<&str>> =
        failures.iter().map(|failure| holders.name(actor, &state, failure)).collect();
    let told: Vec<Told<'_>> =
        failures.iter().zip(names).map(|(failure, holder)| Told { failure, holder }).collect();
    let sentence = (!failures.is_empty()).then(|| text::refusal(actor.language, &state.about(), &told));
    drop(told);
    let until = dates.goes_on.then(|| state.rules.horizon(now));
    let needs_approval = state.rules.settings.mode == Mode::Approve && !state.asker.manager;
    Found { room: state.room, failures, sentence, needs_approval, until }
}

/// Who has the rooms, as far as it is shown in their calendars.
struct Holders(HashMap<ReservationId, Shown>);

impl Holders {
    /// One query for all that is in the way.
    async fn load(tx: &mut Tx<'_>, found: &[(RoomState, &Dates, Vec<Failure>)]) -> Result<Self, StoreError> {
        let failures = found.iter().flat_map(|(.., failures)| failures);
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
