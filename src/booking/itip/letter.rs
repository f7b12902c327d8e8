//! Who writes to which room, and whether that one may: a message counts if its verified sender is its
//! organizer, or a delegate whom it names (R86). Rooms are known by their addresses (R25), and pools stand
//! for the one that they send (R79).

use crate::domain::attendee::Address;
use crate::domain::event::Event;
use crate::domain::id::RoomId;
use crate::domain::space::{Room, RoomGroup};
use crate::domain::time::Instant;
use crate::domain::user::{Access, User};
use crate::ical::CalendarObject;
use crate::ical::scheduling::{Incoming, Speaker, Version, speaker};
use crate::store::{Heard, StoreError, Tx};
use crate::text::Language;

use super::super::Bounds;
use super::super::access::user_at;
use super::super::actor::{Actor, actor, configured_language, language_of};
use super::super::error::Error;
use super::super::pool::{self, Asking};
use super::super::scene::rooms_among_attendees;
use super::Received;
use super::ignore::Ignored;

/// A message that counts.
pub(super) struct Letter {
    pub(super) received: Received,
    pub(super) incoming: Incoming,
    pub(super) speaker: Speaker,
    /// As whom it is acted on: the organizer, maybe through a delegate.
    pub(super) actor: Actor,
    /// The organizer, if known here; a guest too.
    pub(super) organizer: Option<User>,
    /// The room at whose address it arrived.
    pub(super) at: Option<Room>,
    /// The house's rooms that it names, by key.
    pub(super) rooms: Vec<Room>,
    /// The last messages about the same from the same organizer.
    pub(super) before: Vec<Heard>,
    /// Those of the rooms that pools have chosen as free; whoever was faster makes them choose again.
    pub(super) hopes_for: Vec<RoomId>,
}

/// A message once it was looked at.
#[expect(clippy::large_enum_variant, reason = "made once for each message")]
pub(super) enum Opened {
    Letter(Letter),
    Ignored(Ignored),
}

/// What is answered or acted on at all; for anything else a room has no use (R125).
const METHODS: [&str; 5] = ["REQUEST", "ADD", "CANCEL", "REFRESH", "COUNTER"];

impl Letter {
    pub(super) async fn open(
        tx: &mut Tx<'_>,
        received: &Received,
        incoming: &Incoming,
        (bounds, now): (&Bounds, Instant),
    ) -> Result<Opened, Error> {
        let ignored =
            |room, rule, why: &str| Ok(Opened::Ignored(Ignored { room, rule, why: why.to_owned() }));
        let Some(arrived) = Arrived::at(tx, received.to.as_ref()).await? else {
            return ignored(None, "R25", "no room has this address");
        };
        let Ok(event) = incoming.object.event() else {
            return ignored(arrived.room(), "R25", "it is about no event");
        };
        let room = arrived.room().or(named(tx, event).await?.first().copied());
        if !METHODS.contains(&incoming.method.as_str()) {
            return ignored(room, "R125", "a room has no use for its METHOD");
        }
        let Some(speaker) = speaker(&incoming.object) else {
            return ignored(room, "R86", "it names no organizer, or several");
        };
        let person = person_of(tx, &speaker).await?;
        let actor = writer(tx, received, incoming, (&speaker, person.as_ref())).await?;
        let Some(actor) = actor else {
            return ignored(room, "R86", "its sender does not speak for the organizer");
        };
        let uid = incoming.object.uid().as_str();
        let organizer = owner(tx, &speaker, person, uid).await?;
        let key = key(&speaker, organizer.as_ref());
        let mut before = tx.received().about(uid).await?;
        before.retain(|heard| heard.organizer == key);
        let actor = match &organizer {
            Some(guest) if guest.guest => super::super::actor::actor(tx, guest, actor.language).await?,
            _ => actor,
        };
        let heard = overtaken(&before, Version::of_object(&incoming.object));
        let asking = Asking {
            actor: &actor,
            owner: organizer.as_ref().map(|organizer| organizer.id),
            uid,
            event,
            heard: &heard,
            chooses: incoming.method == "REQUEST",
            bounds,
            now,
        };
        let Pooled { at, rooms, incoming, hopes_for } = pooled(tx, asking, arrived, incoming).await?;
        if at.is_none() && rooms.is_empty() {
            return ignored(None, "R25", "it names no room");
        }
        let received = received.clone();
        Ok(Opened::Letter(Self {
            received,
            incoming,
            speaker,
            actor,
            organizer,
            at,
            rooms,
            before,
            hopes_for,
        }))
    }

    pub(super) fn object(&self) -> &CalendarObject {
        &self.incoming.object
    }

    pub(super) fn uid(&self) -> &str {
        self.incoming.object.uid().as_str()
    }

    pub(super) fn version(&self) -> Version {
        Version::of_object(&self.incoming.object)
    }

    /// Where the organizer is answered: the address that invites, or the one that is given beside it.
    pub(super) fn reply_to(&self) -> &Address {
        reply_to(&self.speaker)
    }

    /// Whether it is newer than the last message to this room that came to anything.
    pub(super) fn is_news_to(&self, room: RoomId) -> bool {
        let last = self.before.iter().find(|heard| heard.room == room);
        last.is_none_or(|last| {
            self.version().is_newer_than(Version { sequence: last.sequence, stamp: last.stamp })
        })
    }

    /// Whether a message brought the event that is there.
    pub(super) fn made(&self) -> bool {
        self.before.iter().any(|heard| heard.made && !heard.cancelled)
    }

    /// What is remembered of it.
    pub(super) fn heard(&self, room: RoomId, cancelled: bool, made: bool, at: Instant) -> Heard {
        let Version { sequence, stamp } = self.version();
        let made = made || self.made();
        let (uid, organizer) = (self.uid().to_owned(), key(&self.speaker, self.organizer.as_ref()));
        Heard { room, uid, organizer, sequence, stamp, cancelled, made, at }
    }
}

/// Where a message arrived.
enum Arrived {
    /// Somewhere else: the rooms are those that it invites.
    Anywhere,
    Room(Box<Room>),
    Pool(Box<RoomGroup>),
}

impl Arrived {
    /// `None` if nothing of the house has this address.
    async fn at(tx: &mut Tx<'_>, address: Option<&Address>) -> Result<Option<Self>, StoreError> {
        let Some(address) = address else { return Ok(Some(Self::Anywhere)) };
        if let Some(room) = room_at(tx, address).await? {
            return Ok(Some(Self::Room(Box::new(room))));
        }
        Ok(pool::pool_at(tx, address).await?.map(|pool| Self::Pool(Box::new(pool))))
    }

    fn room(&self) -> Option<RoomId> {
        match self {
            Self::Room(room) => Some(room.id),
            Self::Anywhere | Self::Pool(_) => None,
        }
    }
}

/// A message in which pools have delegated to rooms (R79).
struct Pooled {
    at: Option<Room>,
    rooms: Vec<Room>,
    incoming: Incoming,
    hopes_for: Vec<RoomId>,
}

/// The same message with a room named for every pool that it invites: the one that the event has already,
/// else one is chosen where it asks for one. What arrives at a pool arrives at that room.
async fn pooled(
    tx: &mut Tx<'_>,
    asking: Asking<'_>,
    arrived: Arrived,
    message: &Incoming,
) -> Result<Pooled, Error> {
    let mut incoming = message.clone();
    let mut hopes_for = Vec::new();
    for pool in pool::invited(tx, asking.event).await? {
        let Some(chosen) = asking.choose(tx, &pool).await? else { continue };
        hopes_for.extend(chosen.is_free.then_some(chosen.room.id));
        let text = pool::delegated_to(&incoming.object, &pool, &chosen.room);
        incoming = Incoming::read(text, &asking.bounds.ical)?;
    }
    let at = match arrived {
        Arrived::Anywhere => None,
        Arrived::Room(room) => Some(*room),
        Arrived::Pool(pool) => match pool::delegate(tx, incoming.object.event()?, &pool).await? {
            Some(room) => Some(room),
            None => asking.had(tx, &pool).await?,
        },
    };
    let mut rooms = Vec::new();
    for id in named(tx, incoming.object.event()?).await? {
        rooms.extend(tx.rooms().get(id).await?);
    }
    Ok(Pooled { at, rooms, incoming, hopes_for })
}

/// The rooms that heard something newer than this, or the same.
fn overtaken(before: &[Heard], version: Version) -> Vec<RoomId> {
    let is_newer =
        |last: &&Heard| version.is_newer_than(Version { sequence: last.sequence, stamp: last.stamp });
    before.iter().filter(|last| !is_newer(last)).map(|last| last.room).collect()
}

/// Where an organizer is written to.
fn reply_to(speaker: &Speaker) -> &Address {
    let mail = speaker.email.as_ref().filter(|_| speaker.organizer.mail().is_none());
    mail.unwrap_or(&speaker.organizer)
}

/// By what the messages of one organizer are told from those of others.
pub(super) fn key_of(user: &User) -> String {
    match user.addresses.first().filter(|_| user.guest) {
        Some(address) => address.as_str().to_owned(),
        None => format!("urn:uuid:{}", user.uuid),
    }
}

fn key(speaker: &Speaker, organizer: Option<&User>) -> String {
    organizer.map_or_else(|| reply_to(speaker).as_str().to_owned(), key_of)
}

pub(super) async fn room_at(tx: &mut Tx<'_>, address: &Address) -> Result<Option<Room>, StoreError> {
    let found = match tx.rooms().by_addresses(std::slice::from_ref(address)).await?.first() {
        Some((_, id)) => tx.rooms().get(*id).await?,
        None => match Room::slug_in(address) {
            Some(slug) => tx.rooms().by_slug(&slug).await?,
            None => None,
        },
    };
    Ok(found.filter(|room| !room.removed))
}

pub(super) async fn named(tx: &mut Tx<'_>, event: &Event) -> Result<Vec<RoomId>, Error> {
    let mut rooms = rooms_among_attendees(tx, event).await?;
    rooms.sort_unstable();
    rooms.dedup();
    Ok(rooms)
}

/// The organizer, if that is a person with an account. An address that is given beside the identity counts
/// only where that says nothing by itself: anybody can write one.
async fn person_of(tx: &mut Tx<'_>, speaker: &Speaker) -> Result<Option<User>, StoreError> {
    match user_at(tx, &speaker.organizer).await? {
        Some(user) => Ok(Some(user)),
        None => user_at(tx, reply_to(speaker)).await,
    }
}

/// Whose event it is: a guest who has it already, though the address is somebody's account by now; else
/// the person, else the guest at this address.
async fn owner(
    tx: &mut Tx<'_>,
    speaker: &Speaker,
    person: Option<User>,
    uid: &str,
) -> Result<Option<User>, StoreError> {
    let Some(guest) = tx.users().guest_at(reply_to(speaker)).await? else { return Ok(person) };
    let has_it = !tx.reservations().of_owner(guest.id, uid).await?.is_empty();
    Ok(if has_it { Some(guest) } else { person.or(Some(guest)) })
}

/// As whom a message is acted on; `None` if its sender may not write it.
async fn writer(
    tx: &mut Tx<'_>,
    received: &Received,
    incoming: &Incoming,
    (speaker, organizer): (&Speaker, Option<&User>),
) -> Result<Option<Actor>, StoreError> {
    match organizer {
        _ if incoming.method == "COUNTER" => attendee(tx, received, incoming).await,
        Some(user) => speaks_for(tx, received, speaker, user).await,
        None if received.sender.as_ref() == Some(reply_to(speaker)) => {
            let language = configured_language(tx).await?;
            Ok(Some(outsider(speaker, language)))
        }
        None => Ok(None),
    }
}

/// The organizer as an actor, if the sender is the organizer, or a delegate who writes and says so.
async fn speaks_for(
    tx: &mut Tx<'_>,
    received: &Received,
    speaker: &Speaker,
    organizer: &User,
) -> Result<Option<Actor>, StoreError> {
    let Some(sender) = &received.sender else { return Ok(None) };
    let language = language_of(tx, organizer).await?;
    let own = actor(tx, organizer, language).await?;
    let writer = user_at(tx, sender).await?;
    if writer.as_ref().is_some_and(|writer| writer.id == organizer.id) {
        return Ok(Some(own));
    }
    let (Some(writer), Some(named)) = (writer, &speaker.sent_by) else { return Ok(None) };
    let is_named = named == sender || user_at(tx, named).await?.is_some_and(|named| named.id == writer.id);
    let delegates = tx.delegates().of(organizer.id).await?;
    if !is_named || writer.disabled || !delegates.contains(&(writer.id, Access::Write)) {
        return Ok(None);
    }
    let delegate = actor(tx, &writer, language).await?;
    let through = own.through(&delegate, writer.addresses.first().cloned(), Access::Write);
    Ok(Some(Actor { language, ..through }))
}

/// Who makes a counter-proposal: one of those it invites.
async fn attendee(
    tx: &mut Tx<'_>,
    received: &Received,
    incoming: &Incoming,
) -> Result<Option<Actor>, StoreError> {
    let (Some(sender), Ok(event)) = (&received.sender, incoming.object.event()) else { return Ok(None) };
    let mut attendees = event.parts().flat_map(|part| &part.attendees);
    if !attendees.any(|attendee| attendee.addresses().any(|address| address == sender)) {
        return Ok(None);
    }
    match user_at(tx, sender).await? {
        Some(user) => {
            let language = language_of(tx, &user).await?;
            actor(tx, &user, language).await.map(Some)
        }
        None => Ok(Some(Actor { language: configured_language(tx).await?, ..stranger(sender, None) })),
    }
}

/// An organizer without an account.
fn outsider(speaker: &Speaker, language: Language) -> Actor {
    Actor { language, ..stranger(reply_to(speaker), speaker.name.as_deref()) }
}

/// Somebody nobody knows here: who may do nothing, and is named in audit rows by the address.
pub(super) fn stranger(address: &Address, name: Option<&str>) -> Actor {
    let mail = address.mail().unwrap_or(address.as_str()).to_owned();
    let name = name.unwrap_or(&mail).to_owned();
    Actor { login: mail, name, admin: false, guest: true, ..Actor::operator() }
}
