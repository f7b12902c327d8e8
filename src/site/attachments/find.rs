//! Whether a reader may have an attachment: where some event that names it is read whole (R100 to
//! R102); an invitation, as long as it invites. What may not be read is not there (D-33).
//! RFC 8607, section 3.12.2.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::booking::access::{RoomState, room_state};
use crate::booking::{self, Actor, shows_attachment, view_of};
use crate::dav::{DavError, ETag, Href, Viewer};
use crate::domain::id::{CalendarId, RoomId};
use crate::ical::Limits;
use crate::site::place::Place;
use crate::site::reader::{Reader, reader};
use crate::site::refusal;
use crate::store::{Attachment, CalendarOwner, INBOX, Resource, StoreError, Tx};

use super::AttachmentTree;
use super::node::AttachmentNode;

impl AttachmentTree {
    pub(super) async fn find_node(
        &self,
        viewer: &Viewer,
        href: &Href,
    ) -> Result<Option<AttachmentNode>, DavError> {
        let Some(Place::Attachment(id, name)) = Place::of(href) else { return Ok(None) };
        let reader = reader(viewer)?;
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let known = tx.attachments().named(std::slice::from_ref(&id)).await?.pop();
        let Some(attachment) = known.filter(|known| known.name == name.as_str()) else { return Ok(None) };
        let may_read = may_read(&mut tx, reader, &attachment, self.bookings.limits()).await;
        if !may_read.map_err(|error| refusal::error(error, href))? {
            return Ok(None);
        }
        Ok(Some(AttachmentNode {
            href: Place::Attachment(id, name).href(),
            etag: ETag::new(&format!("{:016x}", attachment.body.get())),
            attachment,
            principal_collections: self.principal_collections.clone(),
        }))
    }
}

/// The reader's own right, or that of somebody whose delegate the reader is.
async fn may_read(
    tx: &mut Tx<'_>,
    reader: &Reader,
    attachment: &Attachment,
    limits: &Limits,
) -> Result<bool, booking::Error> {
    let naming = tx.resources().naming(&attachment.managed_id).await?;
    let persons = booking::persons_of(tx, &reader.actor).await?;
    for as_whom in std::iter::once(&reader.actor).chain(&persons) {
        if Known::new(as_whom, attachment, limits).reads_any(tx, &naming).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// An attachment and who asks for it, with calendars and rooms that were looked at before.
struct Known<'a> {
    actor: &'a Actor,
    attachment: &'a Attachment,
    limits: &'a Limits,
    owners: HashMap<CalendarId, Option<CalendarOwner>>,
    rooms: HashMap<RoomId, Option<RoomState>>,
}

impl<'a> Known<'a> {
    fn new(actor: &'a Actor, attachment: &'a Attachment, limits: &'a Limits) -> Self {
        Self { actor, attachment, limits, owners: HashMap::new(), rooms: HashMap::new() }
    }

    async fn reads_any(&mut self, tx: &mut Tx<'_>, naming: &[Resource]) -> Result<bool, booking::Error> {
        for member in naming {
            if self.is_read_whole(tx, member).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn is_read_whole(&mut self, tx: &mut Tx<'_>, member: &Resource) -> Result<bool, booking::Error> {
        if member.reader.is_some_and(|only| !self.actor.is(only)) {
            return Ok(false);
        }
        let owner = match self.owners.entry(member.calendar) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let calendar = tx.calendars().get(member.calendar).await?;
                *new.insert(calendar.filter(|calendar| calendar.name != INBOX).map(|calendar| calendar.owner))
            }
        };
        // Whoever made an event of his own of an invitation gives nothing away.
        let is_owners = member.owner == self.attachment.owner;
        match owner {
            Some(CalendarOwner::Person(person)) if !self.actor.is(person) => Ok(false),
            Some(CalendarOwner::Person(_)) if is_owners => Ok(true),
            Some(CalendarOwner::Person(person)) => {
                let managed_id = &self.attachment.managed_id;
                shows_attachment(tx, person, member, managed_id, self.limits).await
            }
            Some(CalendarOwner::Room(room)) => Ok(is_owners && self.is_shown_in(tx, member, room).await?),
            None => Ok(false),
        }
    }

    async fn is_shown_in(
        &mut self,
        tx: &mut Tx<'_>,
        member: &Resource,
        room: RoomId,
    ) -> Result<bool, StoreError> {
        let state = match self.rooms.entry(room) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let state = room_state(tx, room, self.actor).await?;
                new.insert(state.filter(RoomState::is_visible))
            }
        };
        let Some(state) = state else { return Ok(false) };
        let view = view_of(member, Some(state), self.actor);
        Ok(view.is_some_and(|view| !view.is_masked()))
    }
}
