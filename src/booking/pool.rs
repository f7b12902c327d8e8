//! Pools: a group of rooms that is invited in place of one of them (R79).
//!
//! The first free room is chosen by preference: it fits the seats best, then by name. Of a series the room
//! that is free for all dates, else the one with fewest failures. The choice is written into the text before
//! it is put to the rules: the pool delegates to the room, which then is an attendee like any other
//! (RFC 5545, sections 3.2.4 and 3.2.5; RFC 5546, section 3.2.2.3).

use std::cmp::Reverse;

use bytes::Bytes;

use crate::domain::attendee::{Address, Attendee, PartStat};
use crate::domain::event::{Event, Part, Status};
use crate::domain::find;
use crate::domain::id::{RoomId, UserId};
use crate::domain::recurrence::{self, Budget, Occurrence};
use crate::domain::space::{Room, RoomGroup};
use crate::domain::time::{Instant, Period};
use crate::ical::{CalendarObject, edit};
use crate::store::{StoreError, Tx};

use super::access::{RoomState, room_state, visible_among};
use super::actor::Actor;
use super::alternatives::Around;
use super::ask::too_much;
use super::compose;
use super::error::Error;
use super::put::{Purpose, Put};
use super::refuse;
use super::scene::rooms_among_attendees;
use super::{Bookings, Bounds};

impl Bookings {
    /// The same write with a room named for every pool that it invites; as it is without any. What a
    /// program sends once more without the room that was chosen gets the same one.
    pub(super) async fn pooled(&self, put: Put, now: Instant) -> Result<Put, Error> {
        let Some(event) = put.event().filter(|event| event.has_attendees()) else { return Ok(put) };
        if put.purpose != Purpose::Write {
            return Ok(put);
        }
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let pools = invited(&mut tx, event).await?;
        let asking = Asking {
            actor: &put.actor,
            owner: put.actor.user,
            uid: put.object.uid().as_str(),
            event,
            heard: &[],
            chooses: true,
            bounds: &self.bounds,
            now,
        };
        let mut chosen = Vec::new();
        for pool in &pools {
            chosen.extend(asking.choose(&mut tx, pool).await?.map(|chosen| (pool, chosen)));
        }
        drop(snapshot);
        let mut put = put;
        for (pool, chosen) in chosen {
            if chosen.is_free {
                put.hopes_for.push(chosen.room.id);
            }
            put = delegated(put, pool, &chosen.room, &self.bounds)?;
        }
        Ok(put)
    }
}

/// The pools that an event invites.
pub(super) async fn invited(tx: &mut Tx<'_>, event: &Event) -> Result<Vec<RoomGroup>, StoreError> {
    let mut pools = tx.room_groups().list().await?;
    pools.retain(|pool| pool.is_pool && event.parts().any(|part| invites(part, pool)));
    Ok(pools)
}

/// The pool at this address.
pub(super) async fn pool_at(tx: &mut Tx<'_>, address: &Address) -> Result<Option<RoomGroup>, StoreError> {
    let pools = tx.room_groups().list().await?;
    Ok(pools.into_iter().find(|pool| pool.is_pool && pool.is_at(address)))
}

/// A room for a pool.
pub(super) struct Chosen {
    pub(super) room: Room,
    /// It was free for all dates a moment ago.
    pub(super) is_free: bool,
}

fn invites(part: &Part, pool: &RoomGroup) -> bool {
    part.attendees.iter().any(|attendee| attendee.addresses().any(|address| pool.is_at(address)))
}

/// Whom the pool sends in its place, as these attendees say.
fn delegates<'a>(
    attendees: impl Iterator<Item = &'a Attendee>,
    pool: &RoomGroup,
) -> impl Iterator<Item = &'a Address> {
    let its = attendees.filter(|attendee| attendee.addresses().any(|address| pool.is_at(address)));
    its.flat_map(|attendee| &attendee.delegated_to)
}

/// Who asks a pool, and for what.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) actor: &'a Actor,
    /// Whose event it is, if that is known.
    pub(super) owner: Option<UserId>,
    pub(super) uid: &'a str,
    pub(super) event: &'a Event,
    /// Rooms that heard something newer about it: they are meant, whatever they have now.
    pub(super) heard: &'a [RoomId],
    /// Whether a room is chosen where there is none yet.
    pub(super) chooses: bool,
    pub(super) bounds: &'a Bounds,
    pub(super) now: Instant,
}

impl Asking<'_> {
    /// `None` if the pool has delegated to somebody who is invited, one of its rooms is invited already, or
    /// none of them is known to whoever asks.
    pub(super) async fn choose(&self, tx: &mut Tx<'_>, pool: &RoomGroup) -> Result<Option<Chosen>, Error> {
        let Self { event, .. } = *self;
        let attendees: Vec<&Attendee> = event.parts().flat_map(|part| &part.attendees).collect();
        let is_invited = |to: &Address| attendees.iter().any(|it| it.addresses().any(|own| own == to));
        if delegates(attendees.iter().copied(), pool).any(is_invited) {
            return Ok(None);
        }
        let mut rooms = self.rooms(tx, pool).await?;
        let is_named = |room: &RoomState| {
            attendees.iter().any(|attendee| attendee.addresses().any(|address| room.room.is_at(address)))
        };
        if rooms.iter().any(is_named) {
            return Ok(None);
        }
        if let Some(room) = self.had(tx, pool).await? {
            return Ok(Some(Chosen { room, is_free: false }));
        }
        if !self.chooses {
            return Ok(None);
        }
        let people = seated(attendees.iter().filter(|it| !it.addresses().any(|address| pool.is_at(address))));
        rooms.sort_by_cached_key(|room| preference(&room.room, people));
        let mut best: Option<(usize, RoomState)> = None;
        for room in rooms {
            let failures = self.failures(tx, pool, &room).await?;
            if best.as_ref().is_none_or(|(fewest, _)| failures < *fewest) {
                best = Some((failures, room));
            }
            if failures == 0 {
                break;
            }
        }
        Ok(best.map(|(failures, room)| Chosen { room: room.room, is_free: failures == 0 }))
    }

    /// The rooms that may be chosen: those that whoever asks may know. Who has no account sees none, and
    /// hears from each whether it takes strangers (R40).
    async fn rooms(&self, tx: &mut Tx<'_>, pool: &RoomGroup) -> Result<Vec<RoomState>, Error> {
        let mut rooms = Vec::new();
        if self.actor.guest {
            for id in &pool.rooms {
                let room = room_state(tx, *id, self.actor).await?;
                rooms.extend(room.filter(RoomState::answers_outside));
            }
        } else {
            rooms = visible_among(tx, self.actor, &pool.rooms).await?;
        }
        rooms.retain(|room| !room.room.removed);
        Ok(rooms)
    }

    /// The room that it has from the pool: the one that its own text says, though it left the pool or is
    /// not seen any more (R59), else one of the pool.
    pub(super) async fn had(&self, tx: &mut Tx<'_>, pool: &RoomGroup) -> Result<Option<Room>, Error> {
        let own = match self.owner {
            Some(owner) => tx.reservations().of_owner(owner, self.uid).await?,
            None => Vec::new(),
        };
        let mut named: Vec<Address> = Vec::new();
        if let Some(first) = own.first()
            && let Some(source) = tx.resources().get(first.source).await?
        {
            let text = tx.resources().text(source.id).await?;
            let object = compose::stored(text.into(), &self.bounds.ical)?;
            let attendees = object.event()?.parts().flat_map(|part| &part.attendees);
            named.extend(delegates(attendees, pool).cloned());
        }
        let mut of_pool = None;
        for id in own.iter().map(|reservation| reservation.room).chain(self.heard.iter().copied()) {
            let Some(room) = tx.rooms().get(id).await?.filter(|room| !room.removed) else { continue };
            if named.iter().any(|address| room.is_at(address)) {
                return Ok(Some(room));
            }
            if pool.rooms.contains(&id) {
                of_pool.get_or_insert(room);
            }
        }
        Ok(of_pool)
    }

    /// How many dates a room would not give.
    async fn failures(&self, tx: &mut Tx<'_>, pool: &RoomGroup, room: &RoomState) -> Result<usize, Error> {
        let Self { event, now, .. } = *self;
        let asked = dates(event, pool, room, now)?;
        let mut around = Around::load(tx, std::slice::from_ref(room), &asked, &[]).await?;
        let about = (&room.rules, room.asker);
        let units = event.first().map_or(1, |part| part.units);
        let neighbours = around.of(room);
        Ok(find::failures(about, (&asked, event.recurs(), units), &neighbours, now).len())
    }
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
    let end = if event.recurs() { horizon } else { Instant::END_OF_TIME };
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
    let text = delegated_to(&put.object, pool, room);
    let object = compose::reparse(text, &put.object, &bounds.ical)?;
    // A refusal is remembered by what was sent, which is what comes again.
    let refused_as = put.refused_as.clone().or_else(|| Some(refuse::content_hash(&put.object)));
    Ok(Put { object, was_altered: true, refused_as, ..put })
}

/// The text in which the pool has delegated to the room, in each part that invites the pool.
pub(super) fn delegated_to(object: &CalendarObject, pool: &RoomGroup, room: &Room) -> Bytes {
    let address = room.email.clone().unwrap_or_else(|| Address::new(&format!("urn:uuid:{}", room.uuid)));
    edit::delegate(object, |address| pool.is_at(address), (&address, &room.name))
}

/// The room to which the pool has delegated, if that is invited.
pub(super) async fn delegate(
    tx: &mut Tx<'_>,
    event: &Event,
    pool: &RoomGroup,
) -> Result<Option<Room>, Error> {
    let attendees = event.parts().flat_map(|part| &part.attendees);
    let to: Vec<&Address> = delegates(attendees, pool).collect();
    for id in rooms_among_attendees(tx, event).await? {
        let room = tx.rooms().get(id).await?;
        if let Some(room) = room.filter(|room| to.iter().any(|address| room.is_at(address))) {
            return Ok(Some(room));
        }
    }
    Ok(None)
}

/// Addresses of the pools that say in this event that they sent this room, or any if that is `None`.
pub(super) async fn delegating(
    tx: &mut Tx<'_>,
    event: &Event,
    room: Option<&Room>,
) -> Result<Vec<Address>, StoreError> {
    let mut pools = invited(tx, event).await?;
    let attendees = || event.parts().flat_map(|part| &part.attendees);
    pools.retain(|pool| room.is_none_or(|room| delegates(attendees(), pool).any(|to| room.is_at(to))));
    Ok(pools.iter().flat_map(RoomGroup::addresses).collect())
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
