//! PROPPATCH: which kind of node it is for, and all of it for calendars, collections and rooms.
//!
//! Everybody sets values of his own (R1.13); a manager at the room's own name sets the room's, and a
//! delegate what decides when the person is busy. Inboxes are in [`super::availability`], delegate groups in
//! [`super::delegates`]. RFC 4918, section 9.2; R10.

use http::StatusCode;

use crate::booking::admin::AdminError;
use crate::caldav::node::{Calendar, Folder, Node};
use crate::caldav::property::calendar::CalendarPatch;
use crate::dav::patch::{Plan, plan};
use crate::dav::{DavError, DeadChange, Edit, Href, Patched, Privilege, PropertyUpdate, Viewer};
use crate::domain::id::{CalendarId, Slug, UserId};
use crate::ical::{self};
use crate::store::{StoreError, Tx, Work};

use super::Site;
use super::calendar::{self};
use super::place::{CalendarPlace, Place};
use super::properties::{fits, name_of, of_calendar, of_one_zone, set_calendar, set_dead};
use super::reader::{Reader, reader};
use super::refusal;

impl Site {
    /// PROPPATCH sets the reader's own values, whatever the privileges say (R1.13), and a delegate's own
    /// where he acts for another; a manager's title and zone at the room's own name are the room's.
    pub(super) async fn patch_node(
        &self,
        viewer: &Viewer,
        node: &Node,
        update: &PropertyUpdate,
    ) -> Result<Patched, DavError> {
        let reader = reader(viewer)?;
        match node {
            Node::Calendar(calendar) => self.patch_calendar(reader, calendar, update).await,
            // What is set there decides for the person whose it is.
            Node::Inbox(inbox) if !reader.actor.may_write() => {
                Err(DavError::need_privilege(&inbox.info.href, Privilege::WriteProperties))
            }
            Node::Inbox(inbox) => Box::pin(self.patch_inbox(reader, inbox, update)).await,
            Node::Principal(_) => Box::pin(self.patch_principal(reader, node, update)).await,
            Node::Root(_) | Node::PrincipalCollection(_) | Node::Home(_) | Node::Outbox(_) => {
                match plan::<Folder>(update, true, &self.limits) {
                    Ok(plan) => self.patch_dead(reader, node, plan, |patch| patch.title.clone()).await,
                    Err(patched) => Ok(patched),
                }
            }
            Node::Object(_) => Ok(match plan::<crate::caldav::node::Object>(update, false, &self.limits) {
                Ok(plan) => plan.failed(StatusCode::FORBIDDEN),
                Err(patched) => patched,
            }),
        }
    }

    async fn patch_calendar(
        &self,
        reader: &Reader,
        node: &Calendar,
        update: &PropertyUpdate,
    ) -> Result<Patched, DavError> {
        let plan: Plan<Calendar> = match plan(update, true, &self.limits) {
            Ok(plan) => plan,
            Err(patched) => return Ok(patched),
        };
        let Some(Place::Calendar(place)) = Place::of(&node.info.href) else {
            return Err(DavError::not_found());
        };
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let found = calendar::find(&mut tx, reader, &place).await.map_err(refusal::store)?;
        let collection = found.ok_or_else(DavError::not_found)?;
        let own = of_calendar(collection.calendar.id);
        let most = self.limits.dead_properties;
        if !fits(&mut tx, reader.account(), &own, &plan.dead, most).await.map_err(refusal::store)? {
            // Known before the room is touched, so that all is done or nothing.
            return Ok(plan.failed(StatusCode::INSUFFICIENT_STORAGE));
        }
        drop(snapshot);
        let manages = collection.room.as_ref().is_some_and(|room| room.asker.manager);
        let mut patch = plan.patch.clone();
        if let (CalendarPlace::Room { slug }, true) = (&place, manages)
            && let Some(failure) = self.patch_room(slug, &mut patch).await?
        {
            return Ok(plan.failed(failure));
        }
        let (done, full) = (plan.done(), plan.failed(StatusCode::INSUFFICIENT_STORAGE));
        let mut decisive = CalendarPatch::default();
        // A delegate who reads keeps it for himself, like a colour: macOS gives up after a refusal.
        if collection.room.is_none() && reader.actor.may_write() {
            decisive = take_decisive(&mut patch);
        }
        let (owner, reader, calendar) = (reader.user, reader.account(), collection.calendar.id);
        let work = PatchCalendar { reader, owner, calendar, patch, decisive, dead: plan.dead, most };
        let fits = self.bookings.store().write(work).await.map_err(refusal::store)?;
        Ok(if fits { done } else { full })
    }

    /// At the room's own name a manager changes the room itself: what it is called, and its zone
    /// (R10). What was the room's is taken out of the patch. The status, if the room refuses.
    async fn patch_room(
        &self,
        slug: &str,
        patch: &mut CalendarPatch,
    ) -> Result<Option<StatusCode>, DavError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        // What is removed is only what this reader set for himself; a room has always both.
        if let Edit::Set(title) = &patch.title {
            pairs.push(("name".to_owned(), title.clone()));
            patch.title = Edit::Keep;
        }
        let (mut text, mut name) = (Edit::Keep, Edit::Keep);
        if matches!(patch.timezone, Edit::Set(_)) || matches!(patch.zone, Edit::Set(_)) {
            (text, name) = (std::mem::take(&mut patch.timezone), std::mem::take(&mut patch.zone));
        }
        let (text, name) = of_one_zone(&text, name_of(&name));
        if let Edit::Set(name) = name {
            pairs.push(("zone".to_owned(), name));
        } else if let Edit::Set(text) = text {
            let zone = ical::zone_of_calendar(text.into(), self.bookings.limits());
            match zone.ok().filter(|zone| zone.known().is_some()) {
                Some(zone) => pairs.push(("zone".to_owned(), zone.name().to_owned())),
                None => return Ok(Some(StatusCode::FORBIDDEN)),
            }
        }
        let (Ok(slug), false) = (Slug::parse(slug), pairs.is_empty()) else { return Ok(None) };
        match self.bookings.set_room(slug, pairs).await {
            Ok(()) => Ok(None),
            Err(AdminError::Refused(_)) => Ok(Some(StatusCode::CONFLICT)),
            Err(error) => Err(refusal::admin(error, &Href::root())),
        }
    }

    /// Other collections keep what is sent, and answer it to this reader alone.
    pub(super) async fn patch_dead<N: crate::dav::Described>(
        &self,
        reader: &Reader,
        node: &Node,
        plan: Plan<N>,
        title: impl Fn(&N::Patch) -> Edit<String>,
    ) -> Result<Patched, DavError> {
        let (done, full) = (plan.done(), plan.failed(StatusCode::INSUFFICIENT_STORAGE));
        let place = crate::dav::tree::Node::href(node).as_str().to_owned();
        let most = self.limits.dead_properties;
        let title = title(&plan.patch);
        let work = PatchDead { reader: reader.account(), place, title, changes: plan.dead, most };
        let fits = self.bookings.store().write(work).await.map_err(refusal::store)?;
        Ok(if fits { done } else { full })
    }
}

struct PatchDead {
    reader: UserId,
    place: String,
    title: Edit<String>,
    changes: Vec<DeadChange>,
    /// L-28.
    most: usize,
}

impl Work for PatchDead {
    /// Whether there was room.
    type Done = bool;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let fits = fits(tx, self.reader, &self.place, &self.changes, self.most).await?;
        if fits {
            let patch = CalendarPatch { title: self.title.clone(), ..CalendarPatch::default() };
            set_calendar(tx, self.reader, &self.place, &patch).await?;
            set_dead(tx, self.reader, &self.place, &self.changes).await?;
        }
        Ok(fits)
    }
}

/// What decides when the person whose calendar it is counts as busy: that one's, whoever sets it.
fn take_decisive(patch: &mut CalendarPatch) -> CalendarPatch {
    CalendarPatch {
        timezone: std::mem::take(&mut patch.timezone),
        zone: std::mem::take(&mut patch.zone),
        is_transparent: std::mem::take(&mut patch.is_transparent),
        ..CalendarPatch::default()
    }
}

/// Takes away what this one sets.
fn cleared(decisive: &CalendarPatch) -> CalendarPatch {
    fn clear<T>(edit: &Edit<T>) -> Edit<T> {
        if edit.is_keep() { Edit::Keep } else { Edit::Clear }
    }
    CalendarPatch {
        timezone: clear(&decisive.timezone),
        zone: clear(&decisive.zone),
        is_transparent: clear(&decisive.is_transparent),
        ..CalendarPatch::default()
    }
}

struct PatchCalendar {
    reader: UserId,
    /// In whose home it is.
    owner: UserId,
    calendar: CalendarId,
    patch: CalendarPatch,
    decisive: CalendarPatch,
    dead: Vec<DeadChange>,
    /// L-28.
    most: usize,
}

impl Work for PatchCalendar {
    /// Whether there was room.
    type Done = bool;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let place = of_calendar(self.calendar);
        let fits = fits(tx, self.reader, &place, &self.dead, self.most).await?;
        if fits {
            set_calendar(tx, self.owner, &place, &self.decisive).await?;
            if self.owner != self.reader {
                // What he had kept for himself while he only read would hide it from him.
                set_calendar(tx, self.reader, &place, &cleared(&self.decisive)).await?;
            }
            set_calendar(tx, self.reader, &place, &self.patch).await?;
            set_dead(tx, self.reader, &place, &self.dead).await?;
            tx.push().properties_changed(self.calendar, Some(self.reader)).await?;
        }
        Ok(fits)
    }
}
