//! Giving a reservation to somebody else: every claim stays, with its place in the order of claims (R90).
//!
//! The event becomes the new owner's, where it is: a direct booking in the room's calendar, an invitation in
//! a calendar of the new organizer. Where it invites people they are told that the old one is cancelled, and
//! invited to the new one, which has a UID of its own (RFC 5546, section 3.2.2.4).

use crate::domain::attendee::Address;
use crate::domain::channel::Channel;
use crate::domain::event::Event;
use crate::domain::id::{ReservationId, ResourceId, Slug};
use crate::domain::reason::Reason;
use crate::domain::time::Instant;
use crate::domain::user::User;
use crate::ical::{CalendarObject, edit};
use crate::store::{StoreError, Tx, Work, new_uuid};
use crate::text::Message;

use super::access::visible_among;
use super::actor::{Actor, actor, language_of};
use super::admin::AdminError;
use super::cancel::source;
use super::compose;
use super::copies::free_name;
use super::error::Error;
use super::outcome::Outcome;
use super::put::{Purpose, Put, PutWork};
use super::record::{Cause, Effect, Member};
use super::scene::{Locks, Lookup, RESERVATIONS, Scene, Target};
use super::schedule::{self, Told};
use super::{Bookings, MAX_TRIES};

/// Give a reservation to somebody else.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// Who does it; must be entitled: this command does not ask again.
    pub actor: Actor,
    /// Which one. All rooms of its event go with it.
    pub reservation: ReservationId,
    /// The login of whose it becomes.
    pub to: Slug,
}

impl Bookings {
    /// Carries out a [`Transfer`].
    ///
    /// # Errors
    /// `Refused` if there is no such reservation or person, or the person may not know its rooms.
    pub async fn transfer(&self, transfer: Transfer) -> Result<(), AdminError> {
        for _ in 0..MAX_TRIES {
            let work = Box::pin(self.prepare_transfer(&transfer)).await?;
            match Box::pin(self.store.write(work)).await {
                Err(AdminError::Booking(Error::Moved)) => {}
                done => return done,
            }
        }
        Err(StoreError::Retry("it kept changing".to_owned()).into())
    }

    async fn prepare_transfer(&self, transfer: &Transfer) -> Result<TransferWork, AdminError> {
        let refused = |sentence: String| AdminError::Refused(sentence);
        let Transfer { reservation, to, .. } = transfer;
        let now = self.now();
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let found = tx.reservations().get(*reservation).await?;
        let reservation = found.ok_or_else(|| refused(format!("there is no reservation {reservation}")))?;
        let new = tx.users().by_login(to).await?.filter(|user| !user.disabled);
        let new = new.ok_or_else(|| refused(format!("there is no user {to} who could have it")))?;
        if new.id == reservation.owner {
            return Err(refused(format!("reservation {} is {to}'s already", reservation.id)));
        }
        let old = tx.users().get(reservation.owner).await?.ok_or(Error::Missing)?;
        let (source, old_target) = source(&mut tx, &reservation)
            .await
            .map_err(|_| refused(format!("of reservation {} nothing is left to have", reservation.id)))?;
        let language = language_of(&mut tx, &new).await?;
        let person = actor(&mut tx, &new, language).await?;
        let decided = tx.reservations().decided_by(source.id).await?;
        let rooms: Vec<_> = decided.iter().map(|reservation| reservation.room).collect();
        if visible_among(&mut tx, &person, &rooms).await?.len() < rooms.len() {
            return Err(refused(format!("{to} may not know the room")));
        }
        let text = tx.resources().text(source.id).await?;
        let object = compose::stored(text.into(), &self.bounds.ical)?;
        let own = tx.calendars().named(new.id, RESERVATIONS).await?.ok_or(Error::Missing)?;
        let is_direct = reservation.channel == Channel::Direct;
        // What the new owner has under this UID is another event.
        let is_taken = !is_direct && tx.resources().with_uid(own.id, &source.uid).await?.is_some();
        let object = handed_over(&mut tx, &object, (&old, &new), is_taken, &self.bounds.ical).await?;
        let uid = object.uid().as_str().to_owned();
        let is_same = uid == source.uid;
        let (target, name) = if is_direct {
            let name = if is_same { source.name.clone() } else { compose::name_for(&uid) };
            (old_target, name)
        } else {
            let name = free_name(&mut tx, own.id, &compose::name_for(&uid), &new_uuid()).await?;
            (Target::Person(own.id), name)
        };
        let operator = Actor::operator();
        let lookup = Lookup {
            actor: &operator,
            target: old_target,
            name: &source.name,
            object: None,
            owner: None,
            told: Told::Changes,
            limits: &self.bounds.ical,
        };
        let locks = Box::pin(Scene::load(&mut tx, lookup)).await?.locks();
        // To whoever manages it the booking is the old owner's still, and the new one's calendar is not in it.
        let locks = locks.and(&Locks { spaces: Vec::new(), calendars: vec![own.id] });
        drop(snapshot);
        let by = Some(Box::new(transfer.actor.clone()));
        let put = Put { purpose: Purpose::HandOver, by, ..Put::new(person, target, &name, object) };
        let mut prepared = self.prepare(&put, now).await?;
        prepared.locks = prepared.locks.and(&locks);
        let put = PutWork { put, prepared, bounds: self.bounds.clone(), now, cancels: None };
        let from = (old_target, source.name, source.etag);
        Ok(TransferWork { transfer: transfer.clone(), from, source: source.id, old, new, is_same, put, now })
    }
}

/// The text as the new owner's: with a UID of its own where it invites people (RFC 5546, section 3.2.2.4), or
/// the new owner has something else under the old one.
async fn handed_over(
    tx: &mut Tx<'_>,
    object: &CalendarObject,
    (old, new): (&User, &User),
    is_taken: bool,
    limits: &crate::ical::Limits,
) -> Result<CalendarObject, Error> {
    let mut people: Vec<Address> = object
        .event()?
        .parts()
        .flat_map(|part| &part.attendees)
        .map(|attendee| attendee.address.clone())
        .filter(|address| !old.all_addresses().contains(address))
        .collect();
    let rooms = tx.rooms().by_addresses(&people).await?;
    people.retain(|address| {
        let is_room = rooms.iter().any(|(room, _)| room == address);
        !is_room && crate::domain::space::Room::slug_in(address).is_none()
    });
    let invites = object.event().is_ok_and(Event::has_attendees) && !people.is_empty();
    let uid = (invites || is_taken).then(new_uuid);
    let text =
        edit::hand_over(object, &old.all_addresses(), (&new.all_addresses(), &new.name), uid.as_deref());
    compose::reparse(text, object, limits)
}

struct TransferWork {
    transfer: Transfer,
    /// Where the deciding text is, its name and its tag.
    from: (Target, String, String),
    source: ResourceId,
    old: User,
    new: User,
    /// The UID stays: nobody else takes part.
    is_same: bool,
    put: PutWork,
    now: Instant,
}

impl Work for TransferWork {
    type Done = ();
    type Error = AdminError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), AdminError> {
        let Locks { spaces, calendars } = &self.put.prepared.locks;
        tx.lock_in_order(spaces, calendars).await?;
        let (target, name, etag) = &self.from;
        let operator = Actor::operator();
        let limits = &self.put.bounds.ical;
        let lookup = Lookup {
            actor: &operator,
            target: *target,
            name,
            object: None,
            owner: None,
            told: Told::Changes,
            limits,
        };
        let scene = Box::pin(Scene::load(tx, lookup)).await?;
        let source = scene.source.as_ref().filter(|source| source.id == self.source && source.etag == *etag);
        let source = source.ok_or(Error::Moved)?;
        if !self.put.prepared.locks.cover(&scene.locks()) {
            return Err(Error::Moved.into());
        }
        let cause = Cause { actor: &self.transfer.actor, channel: "direct", now: self.now };
        let uid = self.put.put.object.uid().as_str();
        for reservation in &scene.reservations {
            let room = scene.room(reservation.room).ok_or(Error::Moved)?;
            for calendar in [room.calendar, scene.own_calendar] {
                let shown = tx.resources().showing(calendar, reservation.id).await?;
                if let Some(shown) = shown.filter(|shown| shown.id != source.id) {
                    tx.resources().delete(shown.id).await?;
                    cause.changed(tx, Member::of(&shown, None).removed(), Effect::TEXT).await?;
                }
            }
            let because = cause.because((reservation.room, uid), "R90", None);
            let was_left = tx.reservations().orphaned_at(reservation.id).await?.is_some();
            tx.reservations().hand_over(reservation.id, self.new.id, &reservation.uid, &because).await?;
            let detail = format!("from {} to {}", self.old.login, self.new.login);
            let reason = was_left.then_some(Reason::Orphaned);
            cause.handed_over(tx, (reservation.room, uid), reason, &detail).await?;
        }
        let room = scene.direct_room().map(|room| room.room.id);
        tx.resources().delete(source.id).await?;
        cause.changed(tx, Member::of(source, room).removed(), Effect::TEXT).await?;
        if !self.is_same {
            Box::pin(schedule::removed(tx, cause, &scene, false, &self.put.bounds)).await?;
        }
        if let Target::Person(own) = self.put.put.target {
            let there = tx.resources().with_uid(own, uid).await?;
            if there.is_some() || tx.resources().named(own, &self.put.put.name).await?.is_some() {
                return Err(Error::Moved.into());
            }
        }
        if let Outcome::Refused(refusal) = Box::pin(self.put.run_locked(tx)).await? {
            return Err(AdminError::Refused(refusal.sentence));
        }
        self.tell(tx, cause, &scene).await
    }
}

impl TransferWork {
    async fn tell(&self, tx: &mut Tx<'_>, cause: Cause<'_>, scene: &Scene) -> Result<(), AdminError> {
        let uid = self.put.put.object.uid().as_str();
        for reservation in &scene.reservations {
            let Some(room) = scene.room(reservation.room) else { continue };
            let message = Message::Transferred {
                room: &room.room.name,
                title: &reservation.summary,
                from: &self.old.name,
                to: &self.new.name,
            };
            for person in [&self.old, &self.new].into_iter().filter(|person| !person.disabled) {
                let stamp = uuid::Uuid::new_v4().simple();
                let key = format!("transferred/{}/{}/{stamp}", reservation.id, person.id);
                cause.tell(tx, person.id, (Some(reservation.room), uid), key, &message).await?;
            }
        }
        Ok(())
    }
}
