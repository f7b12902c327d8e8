//! Finding accounts, rooms and groups by what a URL or an address says, as a reader may know them
//! (D-33, D-34).

use std::collections::HashSet;

use crate::booking::access::{RoomState, room_state};
use crate::domain::attendee::Address;
use crate::domain::id::{GroupId, Slug};
use crate::domain::space::{Grantee, Room, RoomGroup};
use crate::domain::user::User;
use crate::store::{StoreError, Tx};

use super::reader::Reader;

/// The account that a URL names: by login, or by mail address (R7.3).
pub(super) async fn user_named(tx: &mut Tx<'_>, name: &str) -> Result<Option<User>, StoreError> {
    if name.contains('@') {
        return tx.users().by_address(&Address::new(name)).await;
    }
    match Slug::parse(&name.to_lowercase()) {
        Ok(login) => tx.users().by_login(&login).await,
        Err(_) => Ok(None),
    }
}

/// Whether a URL's name is the reader's own.
pub(super) async fn is_own(tx: &mut Tx<'_>, reader: &Reader, name: &str) -> Result<bool, StoreError> {
    if name == reader.actor.login {
        return Ok(true);
    }
    Ok(user_named(tx, name).await?.is_some_and(|user| user.id == reader.user))
}

/// The room with this slug, if the reader may see it.
pub(super) async fn visible_room(
    tx: &mut Tx<'_>,
    reader: &Reader,
    slug: &str,
) -> Result<Option<RoomState>, StoreError> {
    let Ok(slug) = Slug::parse(slug) else { return Ok(None) };
    let Some(room) = tx.rooms().by_slug(&slug).await? else { return Ok(None) };
    let state = room_state(tx, room.id, &reader.actor).await?;
    Ok(state.filter(RoomState::is_visible))
}

/// The group of rooms with this name, with those of its rooms that the reader may see; `None` if that is
/// none of them.
pub(super) async fn visible_room_group(
    tx: &mut Tx<'_>,
    reader: &Reader,
    name: &str,
) -> Result<Option<(RoomGroup, Vec<RoomState>)>, StoreError> {
    let Ok(name) = Slug::parse(name) else { return Ok(None) };
    let Some(group) = tx.room_groups().by_name(&name).await? else { return Ok(None) };
    let mut rooms = crate::booking::access::visible_rooms(tx, &reader.actor).await?;
    rooms.retain(|room| group.rooms.contains(&room.room.id));
    Ok((reader.actor.admin || !rooms.is_empty()).then_some((group, rooms)))
}

/// The room with this address, if the reader may see it.
pub(super) async fn room_at(
    tx: &mut Tx<'_>,
    reader: &Reader,
    address: &Address,
) -> Result<Option<RoomState>, StoreError> {
    if let Some(slug) = Room::slug_in(address) {
        return visible_room(tx, reader, slug.as_str()).await;
    }
    let found = tx.rooms().by_addresses(std::slice::from_ref(address)).await?;
    let Some((_, room)) = found.first() else { return Ok(None) };
    let state = room_state(tx, *room, &reader.actor).await?;
    Ok(state.filter(RoomState::is_visible))
}

/// The person with this address, if the reader may know.
pub(super) async fn user_at(
    tx: &mut Tx<'_>,
    reader: &Reader,
    address: &Address,
) -> Result<Option<User>, StoreError> {
    let Some(user) = crate::booking::access::user_at(tx, address).await? else { return Ok(None) };
    Ok(knows(tx, reader, &user).await?.then_some(user))
}

/// The groups that were granted something on a room that the reader manages: he may know of them.
pub(super) async fn managed_groups(tx: &mut Tx<'_>, reader: &Reader) -> Result<HashSet<GroupId>, StoreError> {
    let rooms = crate::booking::access::visible_rooms(tx, &reader.actor).await?;
    let managed: HashSet<_> =
        rooms.iter().filter(|room| room.asker.manager).map(|room| room.room.id).collect();
    if managed.is_empty() {
        return Ok(HashSet::new());
    }
    let granted = tx.grants().list().await?.into_iter().filter(|grant| managed.contains(&grant.room));
    Ok(granted
        .filter_map(|grant| if let Grantee::Group(group) = grant.to { Some(group) } else { None })
        .collect())
}

/// Whether the reader may know that a group exists: he is in it, or in charge of what it was
/// granted (`managed`, as [`managed_groups`] finds them).
pub(super) fn knows_group(reader: &Reader, managed: &HashSet<GroupId>, group: GroupId) -> bool {
    reader.actor.admin || reader.actor.groups.contains(&group) || managed.contains(&group)
}

/// [`crate::booking::access::knows`], of the reader.
pub(super) async fn knows(tx: &mut Tx<'_>, reader: &Reader, user: &User) -> Result<bool, StoreError> {
    crate::booking::access::knows(tx, &reader.actor, user).await
}
