//! What a room is to somebody: its rules, and what that person may see and do there (R40, R100).
//!
//! The one place where settings, grants and groups become rights. Both the writing commands and
//! the reading site ask here.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use crate::domain::attendee::Address;
use crate::domain::id::{CalendarId, RoomGroupId, RoomId, SpaceId};
use crate::domain::judge::{Asker, RoomRules};
use crate::domain::quota::Scoped;
use crate::domain::settings::{Audience, BadSetting, External, Level, Principal, Resolved, resolve};
use crate::domain::space::{Grant, Grantee, Room, Scope};
use crate::domain::user::User;
use crate::domain::visibility::ViewerLevel;
use crate::store::{CalendarOwner, Setting, StoreError, Tx};
use crate::text::About;

use super::actor::Actor;

/// A room as one person meets it.
#[derive(Clone, Debug)]
pub struct RoomState {
    /// The room.
    pub room: Room,
    /// What judging it needs.
    pub rules: RoomRules,
    /// Its settings, and at which level each was made.
    pub resolved: Arc<Resolved>,
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

    /// Whether the person has no account and hears all the same what the room says: it takes strangers, or
    /// is no secret and says that it does not (R40, D-34).
    #[must_use]
    pub fn answers_outside(&self) -> bool {
        let settings = &self.rules.settings;
        let is_known = settings.external != External::Refuse || settings.viewer > ViewerLevel::None;
        self.asker.outside && is_known
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
    let groups = tx.settings().of_groups(id).await?;
    let own = tx.settings().of(Scope::Room(id)).await?;
    let grants = tx.grants().on_room(id).await?;
    let spaces = tx.spaces().of_room(id).await?.into_iter().map(|space| (space.id, space.units)).collect();
    let calendar = tx.calendars().of_room(id).await?;
    let calendar = calendar.ok_or_else(|| StoreError::Inconsistent(format!("room {id} has no calendar")))?;
    let resolved = Arc::new(resolve(&organisation, &groups, &own).map_err(|bad| inconsistent(&bad))?);
    let mut state = state(room, Arc::clone(&resolved), &grants, spaces, calendar.id, actor);
    if resolved.quotas.iter().any(|(level, _)| matches!(level, Level::Group(_))) {
        state.quotas = Scoped::all(&resolved.quotas, id, &rooms_by_group(tx).await?);
    }
    Ok(Some(state))
}

/// Counts the quotas of room groups where they are counted; of many rooms that is done only for those who
/// ask for them (R44).
///
/// # Errors
/// When the database cannot answer.
pub(super) async fn scope_quotas(tx: &mut Tx<'_>, rooms: &mut [RoomState]) -> Result<(), StoreError> {
    let of_groups =
        |room: &RoomState| room.resolved.quotas.iter().any(|(level, _)| matches!(level, Level::Group(_)));
    if !rooms.iter().any(of_groups) {
        return Ok(());
    }
    let groups = rooms_by_group(tx).await?;
    for room in rooms.iter_mut().filter(|room| of_groups(room)) {
        room.quotas = Scoped::all(&room.resolved.quotas, room.room.id, &groups);
    }
    Ok(())
}

/// The rooms of each room group, by its name: where a group's quotas are counted (R44).
async fn rooms_by_group(tx: &mut Tx<'_>) -> Result<Vec<(String, Vec<RoomId>)>, StoreError> {
    let mut groups: Vec<(String, Vec<RoomId>)> = Vec::new();
    let mut all = tx.room_groups().memberships().await?;
    all.sort_by(|one, other| one.2.cmp(&other.2));
    for (room, _, name) in all {
        match groups.last_mut().filter(|(last, _)| *last == name) {
            Some((_, rooms)) => rooms.push(room),
            None => groups.push((name, vec![room])),
        }
    }
    Ok(groups)
}

/// Every room that `actor` may see, by slug. As many queries as for one room, however many there are.
///
/// # Errors
/// As [`room_state`].
pub async fn visible_rooms(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<RoomState>, StoreError> {
    let house = House {
        rooms: tx.rooms().list().await?,
        settings: tx.settings().list().await?,
        grants: tx.grants().list().await?,
        calendars: tx.calendars().keys_of_rooms().await?.into_iter().collect(),
    };
    house.states(tx, actor).await
}

/// The same of these rooms.
///
/// # Errors
/// As [`room_state`].
pub(super) async fn visible_among(
    tx: &mut Tx<'_>,
    actor: &Actor,
    ids: &[RoomId],
) -> Result<Vec<RoomState>, StoreError> {
    let calendars = tx.calendars().of_rooms(ids).await?.into_iter();
    let room = |owner: CalendarOwner| match owner {
        CalendarOwner::Room(room) => Some(room),
        CalendarOwner::Person(_) => None,
    };
    let house = House {
        rooms: tx.rooms().among(ids).await?,
        settings: tx.settings().around(ids).await?,
        grants: tx.grants().on_rooms(ids).await?,
        calendars: calendars.filter_map(|calendar| Some((room(calendar.owner)?, calendar.id))).collect(),
    };
    house.states(tx, actor).await
}

/// Rooms, and what the states of all of them are made of.
struct House {
    rooms: Vec<Room>,
    settings: Vec<Setting>,
    grants: Vec<Grant>,
    calendars: HashMap<RoomId, CalendarId>,
}

impl House {
    async fn states(self, tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<RoomState>, StoreError> {
        let mut levels = Levels::new(self.settings, tx.room_groups().memberships().await?);
        let mut grants: HashMap<RoomId, Vec<Grant>> = HashMap::new();
        for grant in self.grants {
            grants.entry(grant.room).or_default().push(grant);
        }
        let units: HashMap<SpaceId, i64> = tx.spaces().with_units().await?.into_iter().collect();
        let mut states = Vec::with_capacity(self.rooms.len());
        for room in self.rooms {
            let Some(calendar) = self.calendars.get(&room.id) else { continue };
            let resolved = levels.of(room.id)?;
            let here = grants.get(&room.id).map_or(&[][..], Vec::as_slice);
            let spaces = room.spaces.iter().map(|space| (*space, units.get(space).copied().unwrap_or(1)));
            let spaces = spaces.collect();
            let state = state(room, resolved, here, spaces, *calendar, actor);
            states.extend(state.is_visible().then_some(state));
        }
        Ok(states)
    }
}

/// The settings of the whole house, put together once for all rooms that have the same ones.
struct Levels {
    organisation: Pairs,
    groups: HashMap<RoomGroupId, Pairs>,
    rooms: HashMap<RoomId, Pairs>,
    /// The groups of each room that have settings, by name.
    memberships: HashMap<RoomId, Vec<(RoomGroupId, String)>>,
    known: HashMap<(Vec<RoomGroupId>, Pairs), Arc<Resolved>>,
}

type Pairs = Vec<(String, String)>;

impl Levels {
    fn new(settings: Vec<Setting>, memberships: Vec<(RoomId, RoomGroupId, String)>) -> Self {
        let mut levels = Self {
            organisation: Vec::new(),
            groups: HashMap::new(),
            rooms: HashMap::new(),
            memberships: HashMap::new(),
            known: HashMap::new(),
        };
        for Setting { scope, key, value } in settings {
            let pairs = match scope {
                Scope::Organisation => &mut levels.organisation,
                Scope::RoomGroup(group) => levels.groups.entry(group).or_default(),
                Scope::Room(room) => levels.rooms.entry(room).or_default(),
            };
            pairs.push((key, value));
        }
        for (room, group, name) in memberships {
            if levels.groups.contains_key(&group) {
                levels.memberships.entry(room).or_default().push((group, name));
            }
        }
        levels
    }

    fn of(&mut self, room: RoomId) -> Result<Arc<Resolved>, StoreError> {
        let own = self.rooms.remove(&room).unwrap_or_default();
        let groups = self.memberships.remove(&room).unwrap_or_default();
        match self.known.entry((groups.iter().map(|(group, _)| *group).collect(), own)) {
            Entry::Occupied(known) => Ok(Arc::clone(known.get())),
            Entry::Vacant(vacant) => {
                let groups: Vec<(String, Pairs)> = groups
                    .into_iter()
                    .map(|(group, name)| (name, self.groups.get(&group).cloned().unwrap_or_default()))
                    .collect();
                let resolved = resolve(&self.organisation, &groups, &vacant.key().1)
                    .map_err(|bad| inconsistent(&bad))?;
                Ok(Arc::clone(vacant.insert(Arc::new(resolved))))
            }
        }
    }
}

fn inconsistent(bad: &BadSetting) -> StoreError {
    StoreError::Inconsistent(bad.to_string())
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

fn state(
    room: Room,
    resolved: Arc<Resolved>,
    grants: &[Grant],
    spaces: Vec<(SpaceId, i64)>,
    calendar: CalendarId,
    actor: &Actor,
) -> RoomState {
    let quotas = Scoped::all(&resolved.quotas, room.id, &[]);
    let settings = resolved.settings.clone();
    let granted = |level: &str| grants.iter().any(|grant| grant.level == level && is_for(grant.to, actor));
    let manager = actor.admin || granted("manage");
    // R40: by grant, or by the setting; of those without an account `external` says what they may.
    let is_known = !actor.guest;
    let is_let_in = is_known || settings.external == External::Book;
    let asker = Asker {
        may_book: is_let_in && (granted("book") || in_audience(&settings.book, actor)),
        may_request: if is_known {
            granted("request") || in_audience(&settings.request, actor)
        } else {
            settings.external == External::Request
        },
        may_request_out: is_known && (granted("request_out") || in_audience(&settings.request_out, actor)),
        manager,
        outside: actor.guest,
    };
    let viewer = grants
        .iter()
        .filter(|grant| is_for(grant.to, actor))
        .filter_map(|grant| ViewerLevel::from_name(&grant.level))
        .chain([settings.viewer])
        .max()
        .unwrap_or_default();
    // R105: who is not signed in sees no room, and no letter says more than that.
    let viewer = if is_known { viewer } else { ViewerLevel::None };
    let level = if manager { ViewerLevel::Manage } else { viewer };
    let rules = RoomRules { active: !room.removed, settings, zone: room.zone.clone(), spaces };
    RoomState { room, rules, resolved, calendar, level, asker, quotas }
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
