//! From a place to a node, as the reader may see it; what may not be read is not there (D-33).

use crate::caldav::node::{Folder as FolderNode, FolderKind, Info, Node};
use crate::dav::{DavError, Href, MemberName, Privilege, PrivilegeSet, Viewer};
use crate::store::{Resource, StoreError, Tx};

use super::Site;
use super::calendar::{self, Collection};
use super::object::Shelf;
use super::people;
use super::place::{self, CalendarPlace, Folder, Place, Who};
use super::properties::Own;
use super::reader::{Reader, reader};
use super::refusal;
use super::zone_form;

impl Site {
    pub(super) async fn find_node(&self, viewer: &Viewer, href: &Href) -> Result<Option<Node>, DavError> {
        let Some(place) = Place::of(href) else { return Ok(None) };
        let reader = reader(viewer)?;
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let node = self.node_of(&mut tx, reader, place).await.map_err(refusal::store)?;
        Ok(node.map(|node| zone_form::shown(reader, node)))
    }

    /// What is at a place, with what the reader set about it, as it is stored.
    pub(super) async fn node_of(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        place: Place,
    ) -> Result<Option<Node>, StoreError> {
        let mut node = self.node_at(tx, reader, place).await?;
        if let Some(node) = node.as_mut().filter(|node| node.calendar().is_none())
            && let Some(info) = node.info_mut()
        {
            // Calendars have theirs by another key.
            let own = Own::seen(tx, reader, info.href.as_str()).await?;
            info.title = own.title.or(info.title.take());
            info.dead = own.dead;
            if let Node::Inbox(inbox) = node {
                inbox.availability = own.availability.or(inbox.availability.take());
            }
        }
        Ok(node)
    }

    async fn node_at(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        place: Place,
    ) -> Result<Option<Node>, StoreError> {
        match place {
            Place::Folder(folder) => Ok(Some(self.folder(folder))),
            Place::Principal(who) => self.principal(tx, reader, &who).await,
            Place::Proxy(who, access) => self.proxy(tx, reader, &who, access).await,
            Place::Home(login) => {
                if !people::is_own(tx, reader, &login).await? {
                    return Ok(None);
                }
                Ok(Some(self.home_node(reader)))
            }
            Place::Calendar(place) => match calendar::find(tx, reader, &place).await? {
                Some(collection) => self.calendar_node(tx, reader, &collection).await.map(Some),
                None => Ok(None),
            },
            Place::Member(place, name) => self.member(tx, reader, &place, &name).await,
            Place::Inbox(who) => self.scheduling(tx, reader, &who, true).await,
            Place::Outbox(who) => self.scheduling(tx, reader, &who, false).await,
            // The one can only be ended, the other is of another tree.
            Place::Registration(_) | Place::Attachment(..) => Ok(None),
        }
    }

    async fn member(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        place: &CalendarPlace,
        name: &MemberName,
    ) -> Result<Option<Node>, StoreError> {
        let Some(collection) = calendar::find(tx, reader, place).await? else { return Ok(None) };
        let Some(resource) = resource(tx, reader, &collection, name).await? else { return Ok(None) };
        let shelf = Shelf::load(tx, self, reader, collection).await?;
        Ok(shelf.objects([&resource]).pop().map(Node::Object))
    }

    pub(super) fn info(
        &self,
        href: Href,
        title: Option<String>,
        owner: Option<Href>,
        privileges: PrivilegeSet,
    ) -> Info {
        Info {
            href,
            title,
            owner,
            privileges,
            principal_collections: self.principal_collections.clone(),
            dead: Vec::new(),
            acl: None,
        }
    }

    fn folder(&self, folder: Folder) -> Node {
        let href = Place::Folder(folder).href();
        let title = (folder == Folder::Root).then(|| "roomdav".to_owned());
        let info = self.info(href, title, None, PrivilegeSet::READ);
        match folder {
            Folder::Principals | Folder::Users | Folder::Rooms | Folder::Groups | Folder::RoomGroups => {
                Node::PrincipalCollection(FolderNode::plain(info, FolderKind::Principals))
            }
            Folder::Root
            | Folder::Calendars
            | Folder::Homes
            | Folder::RoomCalendars
            | Folder::Scheduling
            | Folder::RoomScheduling
            | Folder::Files => Node::Root(FolderNode::plain(info, FolderKind::Plain)),
        }
    }

    fn home_node(&self, reader: &Reader) -> Node {
        let login = reader.actor.login.clone();
        let owner = Place::Principal(Who::User(login.clone())).href();
        let privileges = reader.left_of(HOME);
        let title = Some(reader.actor.name.clone());
        let info = self.info(Place::Home(login).href(), title, Some(owner), privileges);
        let attachments_at = Some(self.base_url.as_str().into());
        let time_zones_at = Some(format!("{}{}", self.base_url, place::TIME_ZONES).into());
        let kind = FolderKind::Home;
        Node::Home(FolderNode { info, kind, sync_token: None, attachments_at, time_zones_at })
    }
}

/// What its owner may do with a home. Calendars of one's own are made in it. That some may be removed is
/// told at each of them: without `unbind` here programs offer to remove no room (R8.3).
pub(super) const HOME: PrivilegeSet =
    PrivilegeSet::READ.and(PrivilegeSet::of(&[Privilege::WriteProperties, Privilege::Bind]));

/// The member that the reader knows by this name.
pub(super) async fn resource(
    tx: &mut Tx<'_>,
    reader: &Reader,
    collection: &Collection,
    name: &MemberName,
) -> Result<Option<Resource>, StoreError> {
    let calendar = &collection.calendar;
    crate::booking::find_member(tx, calendar, collection.room.as_ref(), &reader.actor, name.as_str()).await
}
