//! What a room is to somebody: its rules, and what that person may see and do there (R40, R100).
//!
//! The one place where settings, grants and groups become rights. Both the writing commands and
//! the reading site ask here.

use crate::domain::attendee::Address;
use crate::domain::id::{CalendarId, RoomId, SpaceId};
use crate::domain::judge::{Asker, RoomRules};
use crate::domain::quota::Scoped;
use crate::domain::settings::{Audience, Principal, Resolved, resolve};
use crate::domain::space::{Grant, Grantee, Room, Scope};
use crate::domain::user::User;
use crate::domain::visibility::ViewerLevel;
use crate::store::{Setting, StoreError, Tx};
use crate::text::About;

use super::actor::Actor;

/// A room as one person meets it.
#[derive(Clone, Debug)]
pub struct RoomState {
    /// The room.
    pub room: Room,
    /// What judging it needs.
    pub rules: RoomRules,
    /// Its calendar.
    pub calendar: CalendarId,
    /// What the person may see there.
    pub level: ViewerLevel,
    /// What the person may do there.
    pub asker: Asker,
    /// How much one person may have here, and in which rooms that is counted (R44).
    pub quotas: Vec<Scoped>,
}

impl RoomState {
    /// Whether the person may know that the room exists (D-33).
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.level > ViewerLevel::None && (!self.room.removed || self.asker.manager)
    }

    /// Whether the person may write into the room's calendar at all.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.is_visible() && self.asker.may_ask()
    }

    /// What sentences need of it.
    #[must_use]
    pub fn about(&self) -> About<'_> {
        let RoomRules { settings, zone, .. } = &self.rules;
        About { name: &self.room.name, zone, hours: settings.hours.as_ref() }
    }

    /// The keys of its spaces, ascending.
    #[must_use]
    pub fn spaces(&self) -> Vec<SpaceId> {
        self.rules.spaces.iter().map(|(space, _)| *space).collect()
    }
}

/// One room as `actor` meets it, visible or not; `None` if there is no such room.
///
/// # Errors
/// `Inconsistent` if the room has no calendar or a setting that cannot be.
pub async fn room_state(tx: &mut Tx<'_>, id: RoomId, actor: &Actor) -> Result<Option<RoomState>, StoreError> {
    let Some(room) = tx.rooms().get(id).await? else { return Ok(None) };
    let organisation = tx.settings().of(Scope::Organisation).await?;
    let own = tx.settings().of(Scope::Room(id)).await?;
    let grants = tx.grants().on_room(id).await?;
    let spaces = tx.spaces().of_room(id).await?.into_iter().map(|space| (space.id, space.units)).collect();
    let calendar = tx.calendars().of_room(id).await?;
    let calendar = calendar.ok_or_else(|| StoreError::Inconsistent(format!("room {id} has no calendar")))?;
    let settings = settings(&organisation, &own)?;
    Ok(Some(state(room, settings, &grants, spaces, calendar.id, actor)))
}

/// Every room that `actor` may see, by slug, without its spaces (for lists).
///
/// # Errors
/// As [`room_state`].
pub async fn visible_rooms(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<RoomState>, StoreError> {
    let rooms = tx.rooms().list().await?;
    let all_settings = tx.settings().list().await?;
    let grants = tx.grants().list().await?;
    let ids: Vec<RoomId> = rooms.iter().map(|room| room.id).collect();
    let calendars = tx.calendars().of_rooms(&ids).await?;
    let of = |scope: Scope| -> Vec<(String, String)> {
        let own = all_settings.iter().filter(|setting| setting.scope == scope);
        own.map(|Setting { key, value, .. }| (key.clone(), value.clone())).collect()
    };
    let organisation = of(Scope::Organisation);
    let mut states = Vec::with_capacity(rooms.len());
    for room in rooms {
        let settings = settings(&organisation, &of(Scope::Room(room.id)))?;
        let here: Vec<Grant> = grants.iter().filter(|grant| grant.room == room.id).cloned().collect();
        let owner = crate::store::CalendarOwner::Room(room.id);
        let Some(calendar) = calendars.iter().find(|calendar| calendar.owner == owner) else { continue };
        let spaces = room.spaces.iter().map(|space| (*space, settings.settings.units)).collect();
        let state = state(room, settings, &here, spaces, calendar.id, actor);
        states.extend(state.is_visible().then_some(state));
    }
    states.sort_by(|a, b| a.room.slug.cmp(&b.room.slug));
    Ok(states)
}

/// Whether `actor` may know that somebody exists: they share a room that both see, or a group, or
/// the actor is a delegate of that person (D-34).
///
/// # Errors
/// As [`room_state`].
pub async fn knows(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<bool, StoreError> {
    if is_known_anyway(actor, user) {
        return Ok(true);
    }
    let mine = visible_rooms(tx, actor).await?;
    knows_among(tx, actor, &mine, user).await
}

/// As [`knows`], for somebody of whom [`visible_rooms`] said `mine`.
///
/// # Errors
/// As [`room_state`].
pub async fn knows_among(
    tx: &mut Tx<'_>,
    actor: &Actor,
    mine: &[RoomState],
    user: &User,
) -> Result<bool, StoreError> {
    if is_known_anyway(actor, user) {
        return Ok(true);
    }
    if mine.iter().any(|room| room.rules.settings.viewer > ViewerLevel::None) {
        return Ok(true);
    }
    let other = super::actor::actor(tx, user, actor.language).await?;
    if other.groups.iter().any(|group| actor.groups.contains(group)) {
        return Ok(true);
    }
    let theirs = visible_rooms(tx, &other).await?;
    Ok(mine.iter().any(|room| theirs.iter().any(|other| other.room.id == room.room.id)))
}

fn is_known_anyway(actor: &Actor, user: &User) -> bool {
    actor.is(user.id) || actor.admin || actor.access_for(user.id).is_some()
}

/// The person with this address, known or not: a mail address, or a principal's path.
///
/// # Errors
/// When the database cannot answer.
pub async fn user_at(tx: &mut Tx<'_>, address: &Address) -> Result<Option<User>, StoreError> {
    match User::login_in(address) {
        Some(login) => tx.users().by_login(&login).await,
        None => tx.users().by_address(address).await,
    }
}

fn settings(organisation: &[(String, String)], own: &[(String, String)]) -> Result<Resolved, StoreError> {
    resolve(organisation, &[], own).map_err(|bad| StoreError::Inconsistent(bad.to_string()))
}

fn state(
    room: Room,
    resolved: Resolved,
    grants: &[Grant],
    spaces: Vec<(SpaceId, i64)>,
    calendar: CalendarId,
    actor: &Actor,
) -> RoomState {
    let quotas = Scoped::all(&resolved.quotas, room.id, &[]);
    let Resolved { settings, .. } = resolved;
    let granted = |level: &str| grants.iter().any(|grant| grant.level == level && is_for(grant.to, actor));
    let manager = actor.admin || granted("manage");
    // R40: by grant, or by the setting.
    let asker = Asker {
        may_book: granted("book") || in_audience(&settings.book, actor),
        may_request: granted("request") || in_audience(&settings.request, actor),
        may_request_out: granted("request_out") || in_audience(&settings.request_out, actor),
        manager,
    };
    let viewer = grants
        .iter()
        .filter(|grant| is_for(grant.to, actor))
        .filter_map(|grant| ViewerLevel::from_name(&grant.level))
        .chain([settings.viewer])
        .max()
        .unwrap_or_default();
    let level = if manager { ViewerLevel::Manage } else { viewer };
    let rules = RoomRules { active: !room.removed, settings, zone: room.zone.clone(), spaces };
    RoomState { room, rules, calendar, level, asker, quotas }
}

fn is_for(to: Grantee, actor: &Actor) -> bool {
    match to {
        Grantee::User(user) => actor.is(user),
        Grantee::Group(group) => actor.groups.contains(&group),
    }
}

fn in_audience(audience: &Audience, actor: &Actor) -> bool {
    match audience {
        Audience::SignedIn => true,
        Audience::None => false,
        Audience::Named(principals) => principals.iter().any(|principal| match principal {
            Principal::User(login) => *login == actor.login,
            Principal::Group(name) => actor.group_names.contains(name),
        }),
    }
}
