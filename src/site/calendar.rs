//! Calendars as one reader meets them: which one a place names, and its snapshot.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use crate::booking::Target;
use crate::booking::access::RoomState;
use crate::caldav::node::{Calendar as CalendarNode, CalendarKind, Info, Node};
use crate::dav::{Privilege, PrivilegeSet};
use crate::domain::time::{Instant, Period, Zone};
use crate::domain::visibility::ViewerLevel;
use crate::ical;
use crate::store::{Calendar, INBOX, Property, StoreError, Tx};

use super::changes::Token;
use super::people;
use super::place::{CalendarPlace, Place, Who};
use super::properties::{Own, of_calendar};
use super::reader::Reader;
use super::{CalendarLimits, Site};

/// A calendar that a reader may see.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    /// Under which name it was asked for, canonical.
    pub(super) place: CalendarPlace,
    /// The calendar itself.
    pub(super) calendar: Calendar,
    /// Its room; `None` for a person's own.
    pub(super) room: Option<RoomState>,
    /// What the reader may do in it.
    privileges: PrivilegeSet,
}

impl Collection {
    fn new(reader: &Reader, place: CalendarPlace, calendar: Calendar, room: Option<RoomState>) -> Self {
        let privileges = reader.left_of(privileges(&place, room.as_ref()));
        Self { place, calendar, room, privileges }
    }

    /// For commands.
    pub(super) fn target(&self) -> Target {
        match &self.room {
            Some(room) => Target::Room(room.room.id),
            None => Target::Person(self.calendar.id),
        }
    }

    /// What the reader may see in it; one's own calendars are seen whole.
    pub(super) fn level(&self) -> ViewerLevel {
        self.room.as_ref().map_or(ViewerLevel::Manage, |room| room.level)
    }

    /// Whether a manager sees private events whole here (R102).
    pub(super) fn sees_private(&self) -> bool {
        let room = self.room.as_ref();
        room.is_some_and(|room| room.level == ViewerLevel::Manage && room.rules.settings.managers_see_private)
    }

    pub(super) fn privileges(&self) -> PrivilegeSet {
        self.privileges
    }
}

/// What the owner of a home may do with a calendar in it, or anybody with a room's.
fn privileges(place: &CalendarPlace, room: Option<&RoomState>) -> PrivilegeSet {
    let whole = PrivilegeSet::WRITE.and(PrivilegeSet::READ);
    match (place, room) {
        (CalendarPlace::Inbox { .. }, _) => inbox_privileges(),
        (_, None) => whole.with(Privilege::All),
        (place, Some(room)) => super::rights::of_room(room, matches!(place, CalendarPlace::Room { .. })),
    }
}

impl Collection {
    /// Whether its members are scheduling messages.
    pub(super) fn is_inbox(&self) -> bool {
        matches!(self.place, CalendarPlace::Inbox { .. })
    }
}

/// What a person may do with the own inbox: read, and throw away.
pub(super) fn inbox_privileges() -> PrivilegeSet {
    PrivilegeSet::of(&[Privilege::Read, Privilege::ReadCurrentUserPrivilegeSet, Privilege::Unbind])
}

/// The calendar at a place; `None` where the reader sees none (D-33).
pub(super) async fn find(
    tx: &mut Tx<'_>,
    reader: &Reader,
    place: &CalendarPlace,
) -> Result<Option<Collection>, StoreError> {
    let login = reader.actor.login.clone();
    match place {
        CalendarPlace::Own { login: given, name } => {
            if !people::is_own(tx, reader, given).await? {
                return Ok(None);
            }
            let calendar = tx.calendars().named(reader.user, name).await?;
            let place = CalendarPlace::Own { login, name: name.clone() };
            Ok(calendar.map(|calendar| Collection::new(reader, place, calendar, None)))
        }
        CalendarPlace::RoomIn { login: given, slug } => {
            if !people::is_own(tx, reader, given).await? {
                return Ok(None);
            }
            of_room(tx, reader, slug, CalendarPlace::RoomIn { login, slug: slug.clone() }).await
        }
        CalendarPlace::Room { slug } => of_room(tx, reader, slug, place.clone()).await,
        CalendarPlace::Inbox { login: given } => {
            if !people::is_own(tx, reader, given).await? {
                return Ok(None);
            }
            let calendar = tx.calendars().named(reader.user, INBOX).await?;
            let place = CalendarPlace::Inbox { login };
            Ok(calendar.map(|calendar| Collection::new(reader, place, calendar, None)))
        }
    }
}

async fn of_room(
    tx: &mut Tx<'_>,
    reader: &Reader,
    slug: &str,
    place: CalendarPlace,
) -> Result<Option<Collection>, StoreError> {
    let Some(room) = people::visible_room(tx, reader, slug).await? else { return Ok(None) };
    let calendar = tx.calendars().get(room.calendar).await?;
    Ok(calendar.map(|calendar| Collection::new(reader, place, calendar, Some(room))))
}

impl Site {
    /// Every calendar in the reader's home as a node.
    pub(super) async fn home(&self, tx: &mut Tx<'_>, reader: &Reader) -> Result<Vec<Node>, StoreError> {
        let collections = self.home_collections(tx, reader).await?;
        self.nodes(tx, reader, collections).await
    }

    /// Every calendar in the reader's home: his own, then each room he may see (R1.6).
    pub(super) async fn home_collections(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
    ) -> Result<Vec<Collection>, StoreError> {
        let login = reader.actor.login.clone();
        let mut collections: Vec<Collection> = tx
            .calendars()
            .of_person(reader.user)
            .await?
            .into_iter()
            .map(|calendar| {
                let place = CalendarPlace::Own { login: login.clone(), name: calendar.name.clone() };
                Collection::new(reader, place, calendar, None)
            })
            .collect();
        let rooms = crate::booking::access::visible_rooms(tx, &reader.actor).await?;
        let ids: Vec<_> = rooms.iter().map(|room| room.room.id).collect();
        let calendars: HashMap<_, _> = tx
            .calendars()
            .of_rooms(&ids)
            .await?
            .into_iter()
            .map(|calendar| (calendar.id, calendar))
            .collect();
        for room in rooms {
            let Some(calendar) = calendars.get(&room.calendar).cloned() else { continue };
            let place = CalendarPlace::RoomIn { login: login.clone(), slug: room.room.slug.to_string() };
            collections.push(Collection::new(reader, place, calendar, Some(room)));
        }
        Ok(collections)
    }

    /// Every room's calendar under its own name.
    pub(super) async fn room_calendars(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
    ) -> Result<Vec<Node>, StoreError> {
        let mut collections = Vec::new();
        for room in crate::booking::access::visible_rooms(tx, &reader.actor).await? {
            let Some(calendar) = tx.calendars().get(room.calendar).await? else { continue };
            let place = CalendarPlace::Room { slug: room.room.slug.to_string() };
            collections.push(Collection::new(reader, place, calendar, Some(room)));
        }
        self.nodes(tx, reader, collections).await
    }

    pub(super) async fn nodes(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        collections: Vec<Collection>,
    ) -> Result<Vec<Node>, StoreError> {
        let mut rows = by_place(tx.properties().of_reader(reader.user).await?);
        let mut own_rows = HashMap::new();
        if reader.account() != reader.user {
            own_rows = by_place(tx.properties().of_reader(reader.account()).await?);
        }
        let nudges: HashMap<_, _> = tx.nudges().counts(reader.user).await?.into_iter().collect();
        let node = |collection: Collection| {
            let place = of_calendar(collection.calendar.id);
            let [rows, own_rows] =
                [&mut rows, &mut own_rows].map(|rows| rows.remove(&place).unwrap_or_default());
            let own = Own::over(rows, own_rows);
            let nudges = nudges.get(&collection.calendar.id).copied().unwrap_or(0);
            self.node(reader, &collection, own, nudges)
        };
        Ok(collections.into_iter().map(node).collect())
    }

    /// One calendar's snapshot.
    pub(super) async fn calendar_node(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        collection: &Collection,
    ) -> Result<Node, StoreError> {
        let place = of_calendar(collection.calendar.id);
        let own = Own::seen(tx, reader, &place).await?;
        let nudges = tx.nudges().count(reader.user, collection.calendar.id).await?;
        Ok(self.node(reader, collection, own, nudges))
    }

    fn node(&self, reader: &Reader, collection: &Collection, own: Own, nudges: i64) -> Node {
        let Collection { place, calendar, room, .. } = collection;
        let title = match room {
            Some(room) => room.room.name.clone(),
            None if calendar.name == crate::booking::RESERVATIONS => reader.actor.name.clone(),
            None => calendar.name.clone(),
        };
        // The room's zone stays the room's, whatever a reader keeps for himself (R10).
        let zone = match room {
            Some(room) => room.rules.zone.clone(),
            None => own.own_zone(self.bookings.limits()),
        };
        // What he keeps is shown to him alone.
        let shown = own.zone.as_ref().unwrap_or(&zone);
        let timezone_id = tzid_of(own.timezone.as_deref(), shown);
        let timezone = own.timezone.map_or_else(|| timezone_text(shown), Arc::from);
        let token = Token::of(reader, collection, nudges);
        let href = Place::Calendar(place.clone()).href();
        let node = CalendarNode {
            info: Info {
                href,
                title: Some(own.title.unwrap_or(title)),
                owner: Some(owner_of(reader, place)),
                privileges: collection.privileges(),
                principal_collections: self.principal_collections.clone(),
                dead: own.dead,
                acl: None,
            },
            kind: kind_of(place),
            color: Some(own.color.unwrap_or_else(|| color_of(calendar.id.get()))).filter(|it| !it.is_empty()),
            order: own.order,
            description: own.description.or_else(|| room.as_ref().map(describe)),
            timezone_id,
            timezone,
            zone,
            is_transparent: own.is_transparent.unwrap_or(room.is_some()),
            components: super::own_calendars::kinds(calendar),
            ctag: token.ctag(),
            sync_token: token.uri(&self.base_url),
            limits: self.limits_of(room.as_ref()),
            push: self.push_facts(calendar.id),
            attachments_at: self.base_url.as_str().into(),
        };
        Node::Calendar(Box::new(node))
    }
}

impl Site {
    /// What is announced; a room may take fewer instances than reports expand (R19).
    fn limits_of(&self, room: Option<&RoomState>) -> CalendarLimits {
        let limits = self.calendar_limits;
        let of_room = room.map_or(limits.instances, |room| room.rules.settings.max_instances.unsigned_abs());
        CalendarLimits { instances: limits.instances.min(of_room), ..limits }
    }
}

/// In a home it is the person (some programs drop invitees otherwise), at its own name the room.
pub(super) fn owner_of(reader: &Reader, place: &CalendarPlace) -> crate::dav::Href {
    match place {
        CalendarPlace::Room { slug } => Place::Principal(Who::Room(slug.clone())).href(),
        CalendarPlace::Own { .. } | CalendarPlace::RoomIn { .. } | CalendarPlace::Inbox { .. } => {
            Place::Principal(Who::User(reader.actor.login.clone())).href()
        }
    }
}

fn kind_of(place: &CalendarPlace) -> CalendarKind {
    match place {
        CalendarPlace::Own { .. } | CalendarPlace::Inbox { .. } => CalendarKind::Own,
        CalendarPlace::RoomIn { slug, .. } => {
            let room = Place::Calendar(CalendarPlace::Room { slug: slug.clone() }).href();
            CalendarKind::RoomOfPerson { room }
        }
        CalendarPlace::Room { .. } => CalendarKind::Room,
    }
}

/// What a person wants to know about a room before booking it.
fn describe(room: &RoomState) -> String {
    let room = &room.room;
    let seats = room.seats.map(|seats| format!("{seats} seats"));
    let place = [room.building.clone(), room.floor.clone(), seats].into_iter().flatten();
    place.chain(room.features.iter().cloned()).collect::<Vec<_>>().join(", ")
}

/// Colours that can be told apart, by turns.
fn color_of(key: i64) -> String {
    const COLORS: [&str; 8] =
        ["#1F77B4", "#FF7F0E", "#2CA02C", "#D62728", "#9467BD", "#8C564B", "#E377C2", "#17BECF"];
    let at = usize::try_from(key.rem_euclid(8)).unwrap_or(0);
    COLORS[at].to_owned()
}

fn by_place(rows: Vec<(String, Property)>) -> HashMap<String, Vec<Property>> {
    let mut by_place: HashMap<String, Vec<Property>> = HashMap::new();
    for (place, property) in rows {
        by_place.entry(place).or_default().push(property);
    }
    by_place
}

/// The TZID in a reader's own `calendar-timezone`, or in the one that is made.
fn tzid_of(own: Option<&str>, zone: &Zone) -> Arc<str> {
    own.and_then(ical::first_tzid).map_or_else(|| zone.name().into(), Arc::from)
}

/// The VTIMEZONE text of a zone, made once: from 2000 to 2050.
fn timezone_text(zone: &Zone) -> Arc<str> {
    static TEXTS: LazyLock<Mutex<HashMap<String, Arc<str>>>> = LazyLock::new(Mutex::default);
    let make = || -> Arc<str> {
        let span = Period { start: Instant::from_secs(946_684_800), end: Instant::from_secs(2_524_608_000) };
        ical::vtimezone(zone, span).into()
    };
    match TEXTS.lock() {
        Ok(mut texts) => texts.entry(zone.name().to_owned()).or_insert_with(make).clone(),
        Err(_) => make(),
    }
}
