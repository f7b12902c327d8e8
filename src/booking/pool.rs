//! Pools: a group of rooms that is invited in place of one of them (R79).
//!
//! The first free room is chosen by preference: it fits the seats best, then by name. Of a series the room
//! that is free for all dates, else the one with fewest failures. The choice is written into the text before
//! it is put to the rules: the pool delegates to the room, which then is an attendee like any other
//! (RFC 5545, sections 3.2.4 and 3.2.5; RFC 5546, section 3.2.2.3).

use std::cmp::Reverse;

use crate::domain::attendee::{Address, Attendee, PartStat};
use crate::domain::event::{Event, Part, Status};
use crate::domain::find;
use crate::domain::id::{ReservationId, RoomId};
use crate::domain::recurrence::{self, Budget, Occurrence};
use crate::domain::space::{Room, RoomGroup};
use crate::domain::time::{Instant, Period};
use crate::ical::edit;
use crate::store::Tx;

use super::access::{RoomState, visible_among};
use super::alternatives::Around;
use super::ask::too_much;
use super::compose;
use super::error::Error;
use super::put::{Purpose, Put};
use super::refuse;
use super::{Bookings, Bounds};

impl Bookings {
    /// The same write with a room named for every pool that it invites; as it is without any. What a
    /// program sends once more without the room that was chosen gets the same one.
    pub(super) async fn pooled(&self, put: Put, now: Instant) -> Result<Put, Error> {
        let Some(event) = put.event().filter(|event| event.has_attendees()) else { return Ok(put) };
        if put.purpose != Purpose::Write {
            return Ok(put);
        }
        let event = event.clone();
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let mut pools = tx.room_groups().list().await?;
        pools.retain(|pool| pool.is_pool && event.parts().any(|part| invites(part, pool)));
        let mut put = put;
        for pool in pools {
            let Some(chosen) = choose(&mut tx, &put, &event, &pool, now).await? else { continue };
            if chosen.is_free {
                put.hopes_for.push(chosen.room.id);
            }
            put = delegated(put, &pool, &chosen.room, &self.bounds)?;
        }
        Ok(put)
    }
}

/// A room for a pool.
struct Chosen {
    room: Room,
    /// It was free for all dates a moment ago.
    is_free: bool,
}

fn invites(part: &Part, pool: &RoomGroup) -> bool {
    part.attendees.iter().any(|attendee| attendee.addresses().any(|address| pool.is_at(address)))
}

/// `None` if one of its rooms is invited already, or none of them is known to whoever writes.
async fn choose(
    tx: &mut Tx<'_>,
    put: &Put,
    event: &Event,
    pool: &RoomGroup,
    now: Instant,
) -> Result<Option<Chosen>, Error> {
    let mut rooms = visible_among(tx, &put.actor, &pool.rooms).await?;
    rooms.retain(|room| !room.room.removed);
    let attendees: Vec<&Attendee> = event.parts().flat_map(|part| &part.attendees).collect();
    let is_named = |room: &RoomState| {
        attendees.iter().any(|attendee| attendee.addresses().any(|address| room.room.is_at(address)))
    };
    if rooms.iter().any(is_named) {
        return Ok(None);
    }
    let uid = put.object.uid().as_str();
    let mut own: Vec<(RoomId, ReservationId)> = Vec::new();
    if let Some(owner) = put.actor.user {
        let had = tx.reservations().of_owner(owner, uid).await?;
        own.extend(had.iter().map(|reservation| (reservation.room, reservation.id)));
    }
    if let Some(had) = rooms.iter().find(|room| own.iter().any(|(own, _)| *own == room.room.id)) {
        return Ok(Some(Chosen { room: had.room.clone(), is_free: false }));
    }
    let people = seated(attendees.iter().filter(|it| !it.addresses().any(|address| pool.is_at(address))));
    rooms.sort_by_cached_key(|room| preference(&room.room, people));
    let mut best: Option<(usize, RoomState)> = None;
    for room in rooms {
        let asked = dates(event, pool, &room, now)?;
        let mut around = Around::load(tx, std::slice::from_ref(&room), &asked, &[]).await?;
        let about = (&room.rules, room.asker);
        let units = event.first().map_or(1, |part| part.units);
        let neighbours = around.of(&room);
        let failures = find::failures(about, (&asked, event.recurs(), units), &neighbours, now).len();
        if best.as_ref().is_none_or(|(fewest, _)| failures < *fewest) {
            best = Some((failures, room));
        }
        if failures == 0 {
            break;
        }
    }
    Ok(best.map(|(failures, room)| Chosen { room: room.room, is_free: failures == 0 }))
}

/// How many people come (R43).
fn seated<'a>(attendees: impl Iterator<Item = &'a &'a Attendee>) -> i64 {
    let mut people: Vec<&Address> = attendees
        .filter(|attendee| attendee.individual && attendee.partstat != PartStat::Declined)
        .map(|attendee| &attendee.address)
        .collect();
    people.sort_unstable();
    people.dedup();
    i64::try_from(people.len()).unwrap_or(i64::MAX)
}

/// Rooms with enough seats, the fewest first; then those of which nobody said how many, then those with too
/// few, the most first. Among equals by name.
fn preference(room: &Room, people: i64) -> (u8, i64, Reverse<i64>, String) {
    let name = room.name.to_lowercase();
    match room.seats {
        Some(seats) if seats >= people => (0, seats, Reverse(0), name),
        None => (1, 0, Reverse(0), name),
        Some(seats) => (2, 0, Reverse(seats), name),
    }
}

/// The dates for which a pool is invited, on a room's clock (R30).
fn dates(event: &Event, pool: &RoomGroup, room: &RoomState, now: Instant) -> Result<Vec<Occurrence>, Error> {
    let horizon = room.rules.horizon(now);
    let end = if event.recurs() { horizon } else { Instant::from_secs(4_102_444_800) };
    let window = Period { start: now, end };
    let mut asked =
        recurrence::occurrences(event, &room.rules.zone, window, &Budget::default()).map_err(too_much)?;
    asked.retain(|occurrence| {
        let part = occurrence.part.part(event);
        let is_asked = part.is_some_and(|part| part.status != Status::Cancelled && invites(part, pool));
        is_asked && (!event.recurs() || occurrence.period.end <= horizon)
    });
    Ok(asked)
}

/// The same write, in which the pool has delegated to the room.
fn delegated(put: Put, pool: &RoomGroup, room: &Room, bounds: &Bounds) -> Result<Put, Error> {
    let address = room.email.clone().unwrap_or_else(|| Address::new(&format!("urn:uuid:{}", room.uuid)));
    let text = edit::delegate(&put.object, |address| pool.is_at(address), (&address, &room.name));
    let object = compose::reparse(text, &put.object, &bounds.ical)?;
    // A refusal is remembered by what was sent, which is what comes again.
    let refused_as = put.refused_as.clone().or_else(|| Some(refuse::content_hash(&put.object)));
    Ok(Put { object, was_altered: true, refused_as, ..put })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{Slug, SpaceId};
    use crate::domain::time::Zone;

    fn room(name: &str, seats: Option<i64>) -> Room {
        Room {
            id: RoomId::new(1),
            slug: Slug::parse(name).expect("a slug"),
            name: name.to_owned(),
            zone: Zone::utc(),
            email: None,
            uuid: String::new(),
            seats,
            building: None,
            floor: None,
            features: Vec::new(),
            removed: false,
            spaces: vec![SpaceId::new(1)],
        }
    }

    #[test]
    fn the_room_that_fits_the_seats_best_comes_first_then_the_name() {
        let mut rooms = [
            room("huge", Some(90)),
            room("b", Some(6)),
            room("a", Some(6)),
            room("cell", Some(2)),
            room("den", Some(4)),
            room("any", None),
        ];
        rooms.sort_by_cached_key(|room| preference(room, 5));
        let names: Vec<&str> = rooms.iter().map(|room| room.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "huge", "any", "den", "cell"], "R79");
    }
}
