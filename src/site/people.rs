//! Finding accounts, rooms and groups by what a URL or an address says, as a reader may know them
//! (D-33, D-34).

use crate::booking::access::{RoomState, room_state};
use crate::domain::attendee::Address;
use crate::domain::id::Slug;
use crate::domain::space::Room;
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
    let prefix = super::place::Place::Folder(super::place::Folder::Users).href();
    let user = match address.as_str().split_once(prefix.as_str()) {
        Some((_, name)) => user_named(tx, name.trim_end_matches('/')).await?,
        None => tx.users().by_address(address).await?,
    };
    let Some(user) = user else { return Ok(None) };
    Ok(knows(tx, reader, &user).await?.then_some(user))
}

/// Whether the reader may know that somebody exists: they share a room that both see, or a group
/// (D-34).
pub(super) async fn knows(tx: &mut Tx<'_>, reader: &Reader, user: &User) -> Result<bool, StoreError> {
    if user.id == reader.user || reader.actor.admin {
        return Ok(true);
    }
    let groups = tx.groups().of_user(user.id).await?;
    if groups.iter().any(|group| reader.actor.groups.contains(group)) {
        return Ok(true);
    }
    let other = crate::booking::actor(tx, user, reader.actor.language).await?;
    let theirs = crate::booking::access::visible_rooms(tx, &other).await?;
    let mine = crate::booking::access::visible_rooms(tx, &reader.actor).await?;
    Ok(mine.iter().any(|room| theirs.iter().any(|other| other.room.id == room.room.id)))
}
