//! Everything a command finds when it looks at the member it is about: the member, the text that
//! decides about it, the rooms it has and asks for, and what must be locked.
//!
//! Loaded twice: before the transaction, to know what to lock and expand, and in it, to decide.

use crate::domain::approval::Waiting;
use crate::domain::attendee::Address;
use crate::domain::event::Event;
use crate::domain::expected::version;
use crate::domain::id::{CalendarId, ResourceId, RoomId, SpaceId, UserId};
use crate::domain::space::Room;
use crate::domain::visibility::{View, ViewerLevel, view};
use crate::ical::{CalendarObject, Limits};
use crate::store::{Calendar, CalendarOwner, Reservation, Resource, StoreError, Tx};

use super::access::{RoomState, room_state};
use super::actor::Actor;
use super::error::Error;
use super::mask::{MaskedName, overlay_tag};
use super::schedule::{People, Stage, Told};

/// The calendar a command is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A room's calendar.
    Room(RoomId),
    /// A person's own calendar.
    Person(CalendarId),
}

/// Where the deciding text lives.
#[derive(Clone, Debug)]
pub(super) enum Home {
    /// In this room's calendar: a direct booking.
    Room(Box<RoomState>),
    /// In a person's calendar: rooms are invited.
    Person,
}

/// What a command finds.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    /// The calendar of the request.
    pub(super) calendar: Calendar,
    /// The room of that calendar.
    pub(super) room: Option<RoomState>,
    /// The member of that name that the actor sees.
    pub(super) current: Option<Resource>,
    /// The member whose text decides; for mirrors and copies another one than `current`.
    pub(super) source: Option<Resource>,
    /// Where the deciding text lives, or would.
    pub(super) home: Home,
    /// Whose event it is, or would be.
    pub(super) owner: UserId,
    /// The owner's default calendar.
    pub(super) own_calendar: CalendarId,
    /// What the deciding text has in rooms now.
    pub(super) reservations: Vec<Reservation>,
    /// The rooms of those, and of those that are asked for and may be known, by key.
    pub(super) rooms: Vec<RoomState>,
    /// Who takes part.
    pub(super) people: People,
}

/// What a command touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Locks {
    pub(super) spaces: Vec<SpaceId>,
    pub(super) calendars: Vec<CalendarId>,
}

/// Which member of which calendar, for whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lookup<'a> {
    pub(super) actor: &'a Actor,
    pub(super) target: Target,
    pub(super) name: &'a str,
    /// What is written, if anything.
    pub(super) object: Option<&'a CalendarObject>,
    /// Whose a new member of a room's calendar becomes, where it is not the actor's.
    pub(super) owner: Option<UserId>,
    /// Where people are not to be told, or what they were told before.
    pub(super) told: Told,
    /// Limits of stored texts.
    pub(super) limits: &'a Limits,
}

impl Scene {
    pub(super) async fn load(tx: &mut Tx<'_>, lookup: Lookup<'_>) -> Result<Self, Error> {
        let Lookup { actor, target, name, object, owner: intended, told, limits } = lookup;
        let event = object.and_then(|object| object.event().ok());
        let (calendar, room) = calendar(tx, target, actor).await?;
        let current = find_member(tx, &calendar, room.as_ref(), actor, name).await?;
        let source = source_of(tx, current.as_ref()).await?;
        let home = home(tx, &calendar, room.as_ref(), source.as_ref(), actor).await?;
        let owner = match (&source, &calendar.owner) {
            (Some(source), _) => source.owner,
            (None, CalendarOwner::Person(person)) => *person,
            (None, CalendarOwner::Room(_)) => intended.or(actor.user).ok_or(Error::Missing)?,
        };
        let own_calendar = tx.calendars().named(owner, RESERVATIONS).await?;
        let own_calendar = own_calendar.ok_or_else(|| no_calendar(owner))?.id;
        let reservations = match &source {
            Some(source) => tx.reservations().decided_by(source.id).await?,
            None => Vec::new(),
        };
        let stage = Stage { owner, source: source.as_ref(), in_room: matches!(home, Home::Room(_)) };
        let people = Box::pin(People::load(tx, stage, object, told, limits)).await?;
        let mut scene = Self {
            calendar,
            room,
            current,
            source,
            home,
            owner,
            own_calendar,
            reservations,
            rooms: Vec::new(),
            people,
        };
        scene.load_rooms(tx, actor, event).await?;
        Ok(scene)
    }

    async fn load_rooms(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        event: Option<&Event>,
    ) -> Result<(), Error> {
        let mut wanted: Vec<RoomId> = self.reservations.iter().map(|reservation| reservation.room).collect();
        if let Home::Room(room) = &self.home {
            wanted.push(room.room.id);
        }
        if let Some(event) = event {
            wanted.extend(rooms_among_attendees(tx, event).await?);
            // R27.
            let mut places: Vec<&str> = event.parts().map(|part| part.location.trim()).collect();
            places.retain(|place| !place.is_empty());
            places.sort_unstable();
            places.dedup();
            wanted.extend(tx.rooms().by_names(&places).await?);
        }
        wanted.sort_unstable();
        wanted.dedup();
        for id in wanted {
            let room = room_state(tx, id, actor).await?;
            self.rooms.extend(room.filter(|room| self.asks(room)));
        }
        Ok(())
    }

    /// Whether a room has a say: it is booked directly, or one that the actor may know, or has the event
    /// already. What it has is not given up because its owner does not see the room any more (R3). Any
    /// other is like an address that is nobody's: it neither answers nor refuses (D-34).
    fn asks(&self, room: &RoomState) -> bool {
        let is_home = matches!(&self.home, Home::Room(home) if home.room.id == room.room.id);
        is_home
            || room.answers_outside()
            || room.is_visible()
            || self.reservations.iter().any(|it| it.room == room.room.id)
    }

    /// The members whose text is, or is made from, the one that decides.
    pub(super) fn shown(&self) -> impl Iterator<Item = ResourceId> {
        self.current.iter().chain(&self.source).map(|member| member.id)
    }

    /// What must be locked, ascending.
    pub(super) fn locks(&self) -> Locks {
        let mut spaces: Vec<SpaceId> = self.rooms.iter().flat_map(RoomState::spaces).collect();
        let mut calendars: Vec<CalendarId> = self.rooms.iter().map(|room| room.calendar).collect();
        calendars.extend([self.calendar.id, self.own_calendar]);
        calendars.extend(self.people.calendars());
        spaces.sort_unstable();
        spaces.dedup();
        calendars.sort_unstable();
        calendars.dedup();
        Locks { spaces, calendars }
    }

    /// The room with this key, which is one of the scene's.
    pub(super) fn room(&self, id: RoomId) -> Option<&RoomState> {
        self.rooms.iter().find(|room| room.room.id == id)
    }

    /// The room of a direct booking.
    pub(super) fn direct_room(&self) -> Option<&RoomState> {
        match &self.home {
            Home::Room(room) => Some(room),
            Home::Person => None,
        }
    }

    /// Whether the actor may change or cancel what is there: its owner, a manager of the room
    /// whose calendar it is seen in, or an administrator (section 11).
    pub(super) fn may_change(&self, actor: &Actor) -> bool {
        let Some(current) = &self.current else { return true };
        let manages = self.room.as_ref().is_some_and(|room| room.asker.manager);
        actor.is(current.owner) || ((manages || actor.admin) && !self.is_copy_of_invitation())
    }
}

impl Scene {
    /// Whether the member shows an invitation in the room's calendar: its text belongs to another
    /// one, the organizer's or that of a room booked directly, and a manager may cancel it but not
    /// rewrite it.
    pub(super) fn is_copy_of_invitation(&self) -> bool {
        let (Some(room), Some(_)) = (&self.room, &self.source) else { return false };
        match &self.home {
            Home::Person => true,
            Home::Room(home) => home.room.id != room.room.id,
        }
    }
}

impl Scene {
    /// Whether the member shows an invitation without some of its parts: those of other rooms, and
    /// dates that this one did not give (R30, R52). Written back, it would take them from the whole.
    pub(super) fn shows_less(&self) -> bool {
        let (Some(current), Some(source)) = (&self.current, &self.source) else { return false };
        self.is_copy_of_invitation() && current.etag != source.etag
    }
}

impl Locks {
    /// Both, ascending.
    pub(super) fn and(&self, other: &Self) -> Self {
        let mut both = Self {
            spaces: [self.spaces.as_slice(), &other.spaces].concat(),
            calendars: [self.calendars.as_slice(), &other.calendars].concat(),
        };
        both.spaces.sort_unstable();
        both.spaces.dedup();
        both.calendars.sort_unstable();
        both.calendars.dedup();
        both
    }

    /// Whether everything in `other` is held.
    pub(super) fn cover(&self, other: &Self) -> bool {
        other.spaces.iter().all(|space| self.spaces.contains(space))
            && other.calendars.iter().all(|calendar| self.calendars.contains(calendar))
    }
}

/// The name of each person's default calendar.
pub const RESERVATIONS: &str = "reservations";

fn no_calendar(owner: UserId) -> StoreError {
    StoreError::Inconsistent(format!("person {owner} has no calendar {RESERVATIONS:?}"))
}

/// The calendar, and the room whose it is.
pub(super) async fn calendar(
    tx: &mut Tx<'_>,
    target: Target,
    actor: &Actor,
) -> Result<(Calendar, Option<RoomState>), Error> {
    match target {
        Target::Room(id) => {
            let room =
                room_state(tx, id, actor).await?.filter(RoomState::is_visible).ok_or(Error::Missing)?;
            let calendar = tx.calendars().get(room.calendar).await?.ok_or(Error::Missing)?;
            Ok((calendar, Some(room)))
        }
        Target::Person(id) => {
            let calendar = tx.calendars().get(id).await?.ok_or(Error::Missing)?;
            let is_own =
                matches!(calendar.owner, CalendarOwner::Person(person) if actor.is(person) || actor.admin);
            if is_own { Ok((calendar, None)) } else { Err(Error::Missing) }
        }
    }
}

/// The member that `actor` knows by `name`: first one that only he sees, then by its true name if
/// he may know that, then by a masked one.
///
/// # Errors
/// When the database cannot answer.
pub async fn find_member(
    tx: &mut Tx<'_>,
    calendar: &Calendar,
    room: Option<&RoomState>,
    actor: &Actor,
    name: &str,
) -> Result<Option<Resource>, StoreError> {
    if let (Some(user), Some(_)) = (actor.user, room)
        && let Some(private) = tx.resources().private(calendar.id, name, user).await?
    {
        return Ok(Some(private));
    }
    if let Some(masked) = MaskedName::parse(name)
        && let Some(resource) = tx.resources().masked(calendar.id, masked.key).await?
        && view_of(&resource, room, actor) == Some(masked.view)
    {
        return Ok(Some(resource));
    }
    let named = tx.resources().named(calendar.id, name).await?;
    Ok(named.filter(|resource| view_of(resource, room, actor).is_some_and(|view| !view.is_masked())))
}

/// How `actor` sees a member of a room's calendar, or of his own (`room` is `None`).
#[must_use]
pub fn view_of(resource: &Resource, room: Option<&RoomState>, actor: &Actor) -> Option<View> {
    let level = room.map_or(ViewerLevel::None, |room| room.level);
    let see_private = room.is_some_and(|room| room.rules.settings.managers_see_private);
    // The command line, and the server itself, see everything as it is.
    let Some(reader) = actor.user else { return Some(View::Own) };
    let owner = if room.is_none() { reader } else { resource.owner };
    view(reader, owner, resource.class, level, see_private)
}

/// The version of a member as `actor` knows it; `None` if he does not see it.
///
/// # Errors
/// When the database cannot answer.
pub async fn version_for(
    tx: &mut Tx<'_>,
    resource: &Resource,
    room: Option<&RoomState>,
    actor: &Actor,
) -> Result<Option<String>, StoreError> {
    let Some(view) = view_of(resource, room, actor) else { return Ok(None) };
    let Some(user) = actor.user else { return Ok(Some(version(&resource.etag, view, None, 0))) };
    let added = match view {
        View::Whole => tx.overlays().of(user, resource.id).await?.map(|overlay| overlay.etag),
        View::Own | View::Named | View::Busy => None,
    };
    let owner = match view {
        View::Named => tx.users().get(resource.owner).await?.map(|owner| owner.name),
        View::Own | View::Whole | View::Busy => None,
    };
    let waiting = match resource.reservation.filter(|_| room.is_some() && view != View::Own) {
        Some(reservation) => tx.occurrences().waiting_of(reservation).await?,
        None => Waiting::Nothing,
    };
    let overlay = overlay_tag(view, added.as_deref(), owner.as_deref().unwrap_or_default(), &waiting);
    let nudges = tx.nudges().of(user, resource.calendar, &resource.name).await?;
    Ok(Some(version(&resource.etag, view, overlay.as_deref(), nudges)))
}

/// The member whose text decides about this one.
async fn source_of(tx: &mut Tx<'_>, current: Option<&Resource>) -> Result<Option<Resource>, Error> {
    let Some(current) = current.filter(|current| current.reader.is_none()) else { return Ok(None) };
    let Some(reservation) = current.reservation else { return Ok(Some(current.clone())) };
    let reservation = tx.reservations().get(reservation).await?;
    let source = match reservation {
        Some(reservation) if reservation.source != current.id => {
            tx.resources().get(reservation.source).await?
        }
        _ => None,
    };
    Ok(Some(source.unwrap_or_else(|| current.clone())))
}

async fn home(
    tx: &mut Tx<'_>,
    calendar: &Calendar,
    room: Option<&RoomState>,
    source: Option<&Resource>,
    actor: &Actor,
) -> Result<Home, Error> {
    let source_calendar = source.map_or(calendar.id, |source| source.calendar);
    if source_calendar == calendar.id {
        return Ok(room.map_or(Home::Person, |room| Home::Room(Box::new(room.clone()))));
    }
    let owner = tx.calendars().get(source_calendar).await?.map(|calendar| calendar.owner);
    match owner {
        Some(CalendarOwner::Room(id)) => {
            let room = room_state(tx, id, actor).await?.ok_or(Error::Missing)?;
            Ok(Home::Room(Box::new(room)))
        }
        _ => Ok(Home::Person),
    }
}

/// The rooms that an event invites, recognised by address alone (R25), whoever is to tell them (R26).
pub(super) async fn rooms_among_attendees(tx: &mut Tx<'_>, event: &Event) -> Result<Vec<RoomId>, Error> {
    let mut addresses: Vec<Address> = event
        .parts()
        .flat_map(|part| &part.attendees)
        .flat_map(|attendee| attendee.addresses().cloned().collect::<Vec<_>>())
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    if addresses.is_empty() {
        return Ok(Vec::new());
    }
    let mut rooms: Vec<RoomId> =
        tx.rooms().by_addresses(&addresses).await?.into_iter().map(|(_, room)| room).collect();
    for slug in addresses.iter().filter_map(Room::slug_in) {
        rooms.extend(tx.rooms().by_slug(&slug).await?.filter(|room| !room.removed).map(|room| room.id));
    }
    Ok(rooms)
}
