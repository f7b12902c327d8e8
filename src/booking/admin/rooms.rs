//! Rooms: made with their spaces and their calendar, and taken out of use.

use crate::booking::{Actor, Bookings, Cancel};
use crate::domain::attendee::Address;
use crate::domain::id::{RoomId, Slug};
use crate::domain::space::Room;
use crate::domain::time::{Instant, Zone};
use crate::store::{CalendarOwner, NewRoom, Tx};

use super::people::plain;
use super::room_groups::is_no_groups;
use super::{AdminError, Change, future, listed};

/// What a room begins with.
#[derive(Clone, Debug)]
pub struct RoomFacts {
    /// Its name in URLs.
    pub slug: Slug,
    /// Its name for people.
    pub name: String,
    /// Where its clock stands.
    pub zone: Zone,
    /// The mail address that invites it.
    pub email: Option<Address>,
    /// How many people it is meant for.
    pub seats: Option<i64>,
    /// The building's name.
    pub building: Option<String>,
    /// The floor's name.
    pub floor: Option<String>,
    /// What is in it.
    pub features: Vec<String>,
    /// The rooms it is made of (R78); none for a room with a space of its own.
    pub parts: Vec<Slug>,
}

impl Bookings {
    /// Adds a room, with a space of its own or those of its parts, and with its calendar.
    ///
    /// # Errors
    /// `Refused` if the slug or the address is taken, or a part is not there.
    pub async fn add_room(&self, facts: RoomFacts) -> Result<RoomId, AdminError> {
        self.make(AddRoom(facts)).await
    }

    /// Takes a room out of use; its history stays. With `cancel`, what it still has to come is
    /// cancelled first, and the owners are told.
    ///
    /// # Errors
    /// `Refused` with the list of what is to come; or if there is no such room.
    pub async fn remove_room(&self, slug: Slug, cancel: bool) -> Result<(), AdminError> {
        if cancel {
            let mut snapshot = self.store.snapshot().await?;
            let mut tx = snapshot.tx();
            let room = room(&mut tx, &slug).await?;
            let to_come = future::reservations(&mut tx, room.id, &room.zone, self.now()).await?;
            drop(snapshot);
            for reservation in to_come {
                let actor = Actor::operator();
                self.cancel(Cancel { actor, reservation: reservation.id, occurrence: None }).await?;
            }
        }
        self.make(RemoveRoom(slug)).await
    }
}

struct AddRoom(RoomFacts);

impl Change for AddRoom {
    type Done = RoomId;

    async fn make(&self, tx: &mut Tx<'_>, now: Instant) -> Result<RoomId, AdminError> {
        let facts = self.0.clone();
        if tx.rooms().by_slug(&facts.slug).await?.is_some() {
            return Err(AdminError::refused(format!("there is a room {} already", facts.slug)));
        }
        if let Some(email) = &facts.email {
            address_is_free(tx, None, email).await?;
        }
        let mut parts = Vec::with_capacity(facts.parts.len());
        for slug in &facts.parts {
            parts.push(room(tx, slug).await?.id);
        }
        let slug = facts.slug.to_string();
        let new = NewRoom {
            slug: facts.slug,
            name: facts.name,
            zone: facts.zone,
            email: facts.email,
            seats: facts.seats,
            building: facts.building,
            floor: facts.floor,
            features: facts.features,
            parts,
        };
        let room = tx.rooms().add(&new, now).await?;
        tx.calendars().create(CalendarOwner::Room(room), &slug, "VEVENT", now).await?;
        Ok(room)
    }
}

struct RemoveRoom(Slug);

impl Change for RemoveRoom {
    type Done = ();

    async fn make(&self, tx: &mut Tx<'_>, now: Instant) -> Result<(), AdminError> {
        let room = room_to_change(tx, &self.0).await?;
        let to_come = future::reservations(tx, room.id, &room.zone, now).await?;
        if !to_come.is_empty() {
            let lines = to_come.into_iter().map(|reservation| reservation.line).collect();
            let sentence = format!("room {} has reservations to come (--yes cancels them)", self.0);
            return Err(listed(&sentence, lines));
        }
        // The address becomes free for another room.
        Ok(tx.rooms().update(&Room { removed: true, email: None, ..room }).await?)
    }
}

/// The room with this slug that is in use, or a sentence.
pub(super) async fn room(tx: &mut Tx<'_>, slug: &Slug) -> Result<Room, AdminError> {
    let found = tx.rooms().by_slug(slug).await?;
    let room = found.ok_or_else(|| AdminError::refused(format!("there is no room {slug}")))?;
    if room.removed { Err(AdminError::refused(format!("room {slug} was removed"))) } else { Ok(room) }
}

/// The same, as it is now that nobody else changes it.
pub(super) async fn room_to_change(tx: &mut Tx<'_>, slug: &Slug) -> Result<Room, AdminError> {
    let before = room(tx, slug).await?;
    tx.lock_in_order(&before.spaces, &[]).await?;
    room(tx, slug).await
}

/// Refuses an address that is a person's, a room group's or another room's.
pub(super) async fn address_is_free(
    tx: &mut Tx<'_>,
    but: Option<RoomId>,
    address: &Address,
) -> Result<(), AdminError> {
    let asked = std::slice::from_ref(address);
    if !tx.users().by_addresses(asked).await?.is_empty() {
        return Err(AdminError::refused(format!("{} is the address of a user", plain(address))));
    }
    is_no_groups(tx, address).await?;
    let all = tx.rooms().list().await?;
    let taken = all.iter().find(|room| room.email.as_ref() == Some(address) && Some(room.id) != but);
    match taken {
        Some(room) => {
            Err(AdminError::refused(format!("{} is the address of room {}", plain(address), room.slug)))
        }
        None => Ok(()),
    }
}
