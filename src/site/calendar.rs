//! Calendars as one reader meets them: which one a place names, and its snapshot.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use crate::booking::Target;
use crate::booking::access::RoomState;
use crate::caldav::node::{Calendar as CalendarNode, Info, Node};
use crate::dav::{Privilege, PrivilegeSet};
use crate::domain::time::{Instant, Period, Zone};
use crate::domain::visibility::ViewerLevel;
use crate::ical;
use crate::store::{Calendar, StoreError, Tx};

use super::Site;
use super::changes::Token;
use super::people;
use super::place::{CalendarPlace, Place, Who};
use super::properties::{Own, of_calendar};
use super::reader::Reader;

/// A calendar that a reader may see.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    /// Under which name it was asked for, canonical.
    pub(super) place: CalendarPlace,
    /// The calendar itself.
    pub(super) calendar: Calendar,
    /// Its room; `None` for a person's own.
    pub(super) room: Option<RoomState>,
}

impl Collection {
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
        let is_writable = self.room.as_ref().is_none_or(RoomState::is_writable);
        let all = PrivilegeSet::of(&[Privilege::ReadFreeBusy]);
        if is_writable { PrivilegeSet::WRITE.and(all) } else { PrivilegeSet::READ }
    }
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
            Ok(calendar.map(|calendar| Collection { place, calendar, room: None }))
        }
        CalendarPlace::RoomIn { login: given, slug } => {
            if !people::is_own(tx, reader, given).await? {
                return Ok(None);
            }
            of_room(tx, reader, slug, CalendarPlace::RoomIn { login, slug: slug.clone() }).await
        }
        CalendarPlace::Room { slug } => of_room(tx, reader, slug, place.clone()).await,
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
    Ok(calendar.map(|calendar| Collection { place, calendar, room: Some(room) }))
}

impl Site {
    /// Every calendar in the reader's home: his own, then each room he may see (R1.6).
    pub(super) async fn home(&self, tx: &mut Tx<'_>, reader: &Reader) -> Result<Vec<Node>, StoreError> {
        let login = reader.actor.login.clone();
        let mut collections: Vec<Collection> = tx
            .calendars()
            .of_person(reader.user)
            .await?
            .into_iter()
            .map(|calendar| {
                let place = CalendarPlace::Own { login: login.clone(), name: calendar.name.clone() };
                Collection { place, calendar, room: None }
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
            collections.push(Collection { place, calendar, room: Some(room) });
        }
        self.nodes(tx, reader, collections).await
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
            collections.push(Collection { place, calendar, room: Some(room) });
        }
        self.nodes(tx, reader, collections).await
    }

    async fn nodes(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        collections: Vec<Collection>,
    ) -> Result<Vec<Node>, StoreError> {
        let mut rows: HashMap<String, Vec<crate::store::Property>> = HashMap::new();
        for (place, property) in tx.properties().of_reader(reader.user).await? {
            rows.entry(place).or_default().push(property);
        }
        let nudges: HashMap<_, _> = tx.nudges().counts(reader.user).await?.into_iter().collect();
        let node = |collection: Collection| {
            let own = Own::of(rows.remove(&of_calendar(collection.calendar.id)).unwrap_or_default());
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
        let own = Own::of(tx.properties().on_place(reader.user, &place).await?);
        let nudges = tx.nudges().count(reader.user, collection.calendar.id).await?;
        Ok(self.node(reader, collection, own, nudges))
    }

    fn node(&self, reader: &Reader, collection: &Collection, own: Own, nudges: i64) -> Node {
        let Collection { place, calendar, room } = collection;
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
            },
            color: Some(own.color.unwrap_or_else(|| color_of(calendar.id.get()))),
            order: own.order,
            description: own.description.or_else(|| room.as_ref().map(describe)),
            timezone: own.timezone.map_or_else(|| timezone_text(&zone), Arc::from),
            zone,
            is_transparent: own.is_transparent.unwrap_or(room.is_some()),
            components: super::own_calendars::kinds(calendar),
            ctag: token.ctag(),
            sync_token: token.uri(&self.base_url),
            limits: self.calendar_limits,
        };
        Node::Calendar(Box::new(node))
    }
}

/// In a home it is the person (some programs drop invitees otherwise), at its own name the room.
pub(super) fn owner_of(reader: &Reader, place: &CalendarPlace) -> crate::dav::Href {
    match place {
        CalendarPlace::Room { slug } => Place::Principal(Who::Room(slug.clone())).href(),
        CalendarPlace::Own { .. } | CalendarPlace::RoomIn { .. } => {
            Place::Principal(Who::User(reader.actor.login.clone())).href()
        }
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
