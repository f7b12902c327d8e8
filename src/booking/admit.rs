//! What a calendar takes at all, before any rule is asked: the kind of object, one UID per member
//! and one member per UID, who may be its organizer, and how many members there may be.
//!
//! RFC 4791, section 5.3.2.1; RFC 6638, section 11.2; R32; D-36; L-66.

use crate::domain::attendee::Address;
use crate::domain::channel::Channel;
use crate::domain::event::Event;
use crate::ical::{IcalError, IcalErrorKind};
use crate::store::{Resource, Tx};

use super::access::user_at;
use super::error::Error;
use super::put::{Purpose, PutWork};
use super::scene::{Home, Scene, view_of};

impl PutWork {
    /// What the calendar takes at all: one UID per member and one member per UID, events only in
    /// rooms, one scheduling object per UID and person, an organizer for whom the actor may act
    /// (D-36), not more members than L-66.
    pub(super) async fn check_object(&self, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), Error> {
        let object = &self.put.object;
        let kind = object.component().as_str();
        if !scene.calendar.takes(kind) {
            let message = format!("a {kind} cannot be stored here");
            return Err(Error::Invalid(IcalError::new(IcalErrorKind::UnsupportedComponent, message)));
        }
        let uid = object.uid().as_str();
        let current = scene.current.as_ref().filter(|current| current.reader.is_none());
        if current.is_some_and(|current| current.component != kind) {
            return Err(Error::not_an_object("a member stays of its kind"));
        }
        if current.is_some_and(|current| current.uid != uid) {
            return Err(Error::UidConflict(None));
        }
        if current.is_none() {
            self.check_new(tx, scene, uid).await?;
        }
        self.check_unique(tx, scene, uid).await?;
        self.check_organizers(scene)?;
        if self.put.owner.is_some() {
            // Whoever gives it to somebody was asked whether he may.
            return Ok(());
        }
        if let (Home::Room(_), Some(organizer)) = (&scene.home, self.organizer()) {
            let known = user_at(tx, &organizer).await?;
            if known.is_some_and(|user| user.id != scene.owner) && !self.put.actor.admin {
                return Err(Error::ForeignOrganizer);
            }
        }
        Ok(())
    }

    /// RFC 6638, sections 3.2.4.2 and 3.2.4.3: one object has one organizer, and keeps it. Without
    /// one nobody is invited any more, which an organizer may write.
    fn check_organizers(&self, scene: &Scene) -> Result<(), Error> {
        let Ok(event) = self.put.object.event() else { return Ok(()) };
        let mut organizers: Vec<&Address> =
            event.parts().filter_map(|part| part.organizer.as_ref()).collect();
        organizers.sort_unstable();
        organizers.dedup();
        if organizers.len() > 1 {
            return Err(Error::OrganizersDiffer);
        }
        let gives_away =
            scene.people.was_organizer() && !organizers.is_empty() && !scene.people.is_organizer();
        if gives_away && event.has_attendees() { Err(Error::ForeignOrganizer) } else { Ok(()) }
    }

    /// RFC 6638, section 3.2.4.1: what invites or is an invitation is in one of a person's calendars only.
    async fn check_unique(&self, tx: &mut Tx<'_>, scene: &Scene, uid: &str) -> Result<(), Error> {
        let schedules = scene.people.schedules();
        let is_other = |other: &Resource| Some(other.id) != self.put.moves;
        if schedules && matches!(scene.home, Home::Person) && scene.people.elsewhere.iter().any(is_other) {
            return Err(Error::ScheduledElsewhere);
        }
        if scene.rooms.is_empty() || !matches!(scene.home, Home::Person) {
            return Ok(());
        }
        let source = scene.source.as_ref().map(|source| source.id);
        for other in tx.reservations().of_owner(scene.owner, uid).await? {
            let is_elsewhere = other.channel == Channel::Invite && Some(other.source) != source;
            if is_elsewhere
                && !self.put.gives_up.contains(&other.id)
                && tx.resources().get(other.source).await?.is_some()
            {
                return Err(Error::ScheduledElsewhere);
            }
        }
        Ok(())
    }

    async fn check_new(&self, tx: &mut Tx<'_>, scene: &Scene, uid: &str) -> Result<(), Error> {
        let calendar = scene.calendar.id;
        if let Some(other) = tx.resources().with_uid(calendar, uid).await? {
            let view = view_of(&other, scene.room.as_ref(), &self.put.actor);
            let name = view.map(|view| super::mask::name_in(view, &other.name, &other.mask_key));
            return Err(Error::UidConflict(name.map(|name| (calendar, name))));
        }
        if tx.resources().named(calendar, &self.put.name).await?.is_some() {
            return Err(Error::NameTaken);
        }
        if let Home::Room(room) = &scene.home
            && !(room.is_writable() || self.put.purpose == Purpose::HandOver)
        {
            return Err(Error::ReadOnly(room.room.id));
        }
        let imagined = self.put.imagined.as_ref().map_or(0, |imagined| imagined.members);
        if tx.resources().count(calendar).await? + imagined >= self.bounds.max_members {
            return Err(Error::CalendarFull);
        }
        Ok(())
    }

    /// Whether the object is an attendee's own copy, which asks for no room: its organizer is
    /// another person known here.
    pub(super) async fn is_attendees_copy(&self, tx: &mut Tx<'_>, scene: &Scene) -> Result<bool, Error> {
        let (Home::Person, Some(organizer)) = (&scene.home, self.organizer()) else { return Ok(false) };
        if tx.users().get(scene.owner).await?.is_some_and(|owner| owner.guest) {
            // The address may be somebody's account by now.
            return Ok(false);
        }
        Ok(user_at(tx, &organizer).await?.is_some_and(|user| user.id != scene.owner))
    }

    fn organizer(&self) -> Option<Address> {
        let event = self.put.object.event().ok()?;
        Event::first(event)?.organizer.clone()
    }
}
