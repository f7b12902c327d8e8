//! The floor: spaces, the rooms made of them, and who was granted what.
//!
//! Spaces are what is locked and claimed; rooms are what people see and book. A composite room
//! owns the spaces of its parts (R78), a space with several units takes several bookings (R80).

use super::attendee::Address;
use super::id::{GroupId, RoomGroupId, RoomId, Slug, SpaceId, UserId};
use super::time::Zone;

/// The smallest lockable piece of floor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    /// The key; locks are taken in its order (R142).
    pub id: SpaceId,
    /// The slug of the room it was made for.
    pub name: String,
    /// How many bookings fit side by side (R80); claims are exclusive where it is 1.
    pub units: i64,
}

/// What people book.
#[derive(Clone, Debug)]
pub struct Room {
    /// The key.
    pub id: RoomId,
    /// Its name in URLs.
    pub slug: Slug,
    /// Its name for people.
    pub name: String,
    /// Where its clock stands: floating and all-day times are its.
    pub zone: Zone,
    /// The mail address that invites it.
    pub email: Option<Address>,
    /// A stable identity, in lower case, for its `urn:uuid:` address.
    pub uuid: String,
    /// How many people it is meant for.
    pub seats: Option<i64>,
    /// The building's name.
    pub building: Option<String>,
    /// The floor's name.
    pub floor: Option<String>,
    /// What is in it.
    pub features: Vec<String>,
    /// Taken out of use: nobody sees it, its history stays.
    pub removed: bool,
    /// Its spaces, ascending; never empty.
    pub spaces: Vec<SpaceId>,
}

/// Where the principals of rooms are, before their slugs.
pub const ROOM_PRINCIPALS: &str = "/principals/rooms/";

impl Room {
    /// Every address that invites the room: mail, `urn:uuid:`, and its principal's path (R25).
    #[must_use]
    pub fn addresses(&self) -> Vec<Address> {
        let path = Address::new(&format!("{ROOM_PRINCIPALS}{}/", self.slug));
        let uuid = Address::new(&format!("urn:uuid:{}", self.uuid));
        self.email.clone().into_iter().chain([uuid, path]).collect()
    }

    /// Whether the address invites the room, its principal's whole URL too.
    #[must_use]
    pub fn is_at(&self, address: &Address) -> bool {
        self.addresses().contains(address) || Self::slug_in(address).as_ref() == Some(&self.slug)
    }

    /// The slug in an address that is the path (or the whole URL) of a room's principal.
    #[must_use]
    pub fn slug_in(address: &Address) -> Option<Slug> {
        let (_, after) = address.as_str().split_once(ROOM_PRINCIPALS)?;
        Slug::parse(after.strip_suffix('/').unwrap_or(after)).ok()
    }
}

/// A named set of rooms: they have settings in common, and as a pool they are asked for together (R79).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomGroup {
    /// The key.
    pub id: RoomGroupId,
    /// Its name, unique, as `room show` and URLs name it.
    pub name: Slug,
    /// A stable identity, in lower case.
    pub uuid: String,
    /// The mail address that invites one of its rooms, if it is a pool.
    pub email: Option<Address>,
    /// Whether it can be invited in place of one of its rooms (R79).
    pub is_pool: bool,
    /// Its rooms in order of preference, removed ones among them.
    pub rooms: Vec<RoomId>,
}

/// Where the principals of room groups are, before their names.
pub const ROOM_GROUP_PRINCIPALS: &str = "/principals/room-groups/";

impl RoomGroup {
    /// Every address that invites the pool: mail, `urn:uuid:`, and its principal's path (R25).
    #[must_use]
    pub fn addresses(&self) -> Vec<Address> {
        let path = Address::new(&format!("{ROOM_GROUP_PRINCIPALS}{}/", self.name));
        let uuid = Address::new(&format!("urn:uuid:{}", self.uuid));
        self.email.clone().into_iter().chain([uuid, path]).collect()
    }

    /// Whether the address invites the pool, its principal's whole URL too.
    #[must_use]
    pub fn is_at(&self, address: &Address) -> bool {
        let in_url = address.as_str().split_once(ROOM_GROUP_PRINCIPALS).map(|(_, after)| after);
        let name = in_url.map(|after| after.strip_suffix('/').unwrap_or(after));
        self.addresses().contains(address) || name == Some(self.name.as_str())
    }
}

/// Who was granted something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grantee {
    /// One person.
    User(UserId),
    /// Everybody in a group.
    Group(GroupId),
}

/// One grant on one room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// On which room.
    pub room: RoomId,
    /// To whom.
    pub to: Grantee,
    /// A viewer level (R100), or `book`, `request`, `request_out`, `manage` (R40).
    pub level: String,
}

/// Where a setting is made; the nearest place decides: room, then group, then organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// For the whole house.
    Organisation,
    /// For a group of rooms.
    RoomGroup(RoomGroupId),
    /// For one room.
    Room(RoomId),
}
