//! Groups of rooms: settings that several rooms have in common, and pools (section 19; R79).

use crate::booking::Bookings;
use crate::domain::attendee::Address;
use crate::domain::id::{RoomGroupId, Slug, SpaceId};
use crate::domain::settings::SETTINGS;
use crate::domain::space::{Room, RoomGroup, Scope};
use crate::domain::time::Instant;
use crate::store::{StoreError, Tx};

use super::people::plain;
use super::room_settings::{self, INHERIT};
use super::rooms::{address_is_free, room};
use super::{AdminError, Change};

/// The keys of `room group set` that are no settings.
pub const ROOM_GROUP_KEYS: [&str; 2] = ["email", "pool"];

impl Bookings {
    /// Adds a group with these rooms, in order of preference.
    ///
    /// # Errors
    /// `Refused` if there is one of this name, or no such room.
    pub async fn add_room_group(&self, name: Slug, rooms: Vec<Slug>) -> Result<RoomGroupId, AdminError> {
        self.make(AddGroup { name, rooms }).await
    }

    /// Takes a group away, with the settings made for it; its rooms stay.
    ///
    /// # Errors
    /// `Refused` if there is no such group.
    pub async fn remove_room_group(&self, name: Slug) -> Result<(), AdminError> {
        self.make(RemoveGroup(name)).await
    }

    /// Puts a room into a group, as the last, or takes one out; `false` if that is so already.
    ///
    /// # Errors
    /// `Refused` if there is no such group or room.
    pub async fn set_room_member(&self, group: Slug, slug: Slug, member: bool) -> Result<bool, AdminError> {
        self.make(SetMember { group, slug, member }).await
    }

    /// Sets several keys of a group at once, or none of them; `default` takes a setting back.
    ///
    /// # Errors
    /// `Refused` for an unknown key or an impossible value, with the list of what is possible.
    pub async fn set_room_group(&self, name: Slug, pairs: Vec<(String, String)>) -> Result<(), AdminError> {
        self.make(SetGroup { name, pairs }).await
    }
}

struct AddGroup {
    name: Slug,
    rooms: Vec<Slug>,
}

impl Change for AddGroup {
    type Done = RoomGroupId;

    async fn make(&self, tx: &mut Tx<'_>, _: Instant) -> Result<RoomGroupId, AdminError> {
        if tx.room_groups().by_name(&self.name).await?.is_some() {
            return Err(AdminError::refused(format!("there is a room group {} already", self.name)));
        }
        let id = tx.room_groups().add(&self.name).await?;
        for slug in &self.rooms {
            let room = room(tx, slug).await?.id;
            tx.room_groups().add_room(id, room).await?;
        }
        Ok(id)
    }
}

struct RemoveGroup(Slug);

impl Change for RemoveGroup {
    type Done = ();

    async fn make(&self, tx: &mut Tx<'_>, _: Instant) -> Result<(), AdminError> {
        let group = group_to_change(tx, &self.0).await?;
        tx.settings().clear(Scope::RoomGroup(group.id)).await?;
        tx.push().rooms_changed(&group.rooms).await?;
        Ok(tx.room_groups().remove(group.id).await?)
    }
}

struct SetMember {
    group: Slug,
    slug: Slug,
    member: bool,
}

impl Change for SetMember {
    type Done = bool;

    async fn make(&self, tx: &mut Tx<'_>, _: Instant) -> Result<bool, AdminError> {
        let group = group(tx, &self.group).await?.id;
        let found = tx.rooms().by_slug(&self.slug).await?;
        let room = match found {
            // One that was removed can still be taken out.
            Some(found) if !self.member => found,
            _ => room(tx, &self.slug).await?,
        };
        tx.lock_in_order(&room.spaces, &[]).await?;
        let changed = if self.member {
            tx.room_groups().add_room(group, room.id).await?
        } else {
            tx.room_groups().remove_room(group, room.id).await?
        };
        if changed {
            tx.push().rooms_changed(&[room.id]).await?;
        }
        Ok(changed)
    }
}

struct SetGroup {
    name: Slug,
    pairs: Vec<(String, String)>,
}

impl Change for SetGroup {
    type Done = ();

    async fn make(&self, tx: &mut Tx<'_>, _: Instant) -> Result<(), AdminError> {
        let mut group = group_to_change(tx, &self.name).await?;
        for (key, value) in &self.pairs {
            let value = value.trim();
            if ROOM_GROUP_KEYS.contains(&key.as_str()) {
                set_fact(tx, &mut group, key, value).await?;
            } else {
                set_setting(tx, &group, key, value).await?;
            }
        }
        tx.push().rooms_changed(&group.rooms).await?;
        Ok(tx.room_groups().update(&group).await?)
    }
}

async fn set_fact(tx: &mut Tx<'_>, group: &mut RoomGroup, key: &str, value: &str) -> Result<(), AdminError> {
    let impossible =
        |possible: &str| AdminError::refused(format!("{key} cannot be {value:?}; possible: {possible}"));
    match (key, value) {
        ("pool", "on" | "off") => group.is_pool = value == "on",
        ("pool", _) => return Err(impossible("on, off")),
        (_, "none") => group.email = None,
        _ => {
            let email = Address::new(value);
            email.mail().ok_or_else(|| impossible("a mail address, none"))?;
            if group.email.as_ref() != Some(&email) {
                address_is_free(tx, None, &email).await?;
            }
            group.email = Some(email);
        }
    }
    Ok(())
}

async fn set_setting(tx: &mut Tx<'_>, group: &RoomGroup, key: &str, value: &str) -> Result<(), AdminError> {
    if key == "units" {
        return Err(AdminError::refused("units are set room by room, with \"room set SLUG units=\""));
    }
    if !SETTINGS.iter().any(|setting| setting.key == key) {
        let settings = SETTINGS.iter().map(|setting| setting.key).filter(|key| *key != "units");
        let keys: Vec<&str> = ROOM_GROUP_KEYS.into_iter().chain(settings).collect();
        return Err(AdminError::refused(format!(
            "there is no setting {key:?}; there are {}",
            keys.join(", ")
        )));
    }
    room_settings::check(tx, key, value).await?;
    let kept = (value != INHERIT).then_some(value);
    Ok(tx.settings().set(Scope::RoomGroup(group.id), key, kept).await?)
}

/// The group of this name, or a sentence.
pub(super) async fn group(tx: &mut Tx<'_>, name: &Slug) -> Result<RoomGroup, AdminError> {
    let found = tx.room_groups().by_name(name).await?;
    found.ok_or_else(|| AdminError::refused(format!("there is no room group {name}")))
}

/// The same, while nobody books or changes any of its rooms.
async fn group_to_change(tx: &mut Tx<'_>, name: &Slug) -> Result<RoomGroup, AdminError> {
    let before = group(tx, name).await?;
    let mut spaces: Vec<SpaceId> = Vec::new();
    for room in rooms_of(tx, &before).await? {
        spaces.extend(room.spaces);
    }
    spaces.sort_unstable();
    spaces.dedup();
    tx.lock_in_order(&spaces, &[]).await?;
    group(tx, name).await
}

async fn rooms_of(tx: &mut Tx<'_>, group: &RoomGroup) -> Result<Vec<Room>, StoreError> {
    let all = tx.rooms().list().await?;
    Ok(all.into_iter().filter(|room| group.rooms.contains(&room.id)).collect())
}

/// Refuses an address that is a group's: an address means one thing (R25).
pub(super) async fn is_no_groups(tx: &mut Tx<'_>, address: &Address) -> Result<(), AdminError> {
    let groups = tx.room_groups().list().await?;
    match groups.iter().find(|group| group.email.as_ref() == Some(address)) {
        Some(group) => {
            let sentence = format!("{} is the address of room group {}", plain(address), group.name);
            Err(AdminError::refused(sentence))
        }
        None => Ok(()),
    }
}
