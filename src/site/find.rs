//! From a place to a node, as the reader may see it; what may not be read is not there (D-33).

use crate::caldav::node::{Folder as FolderNode, FolderKind, Inbox, Info, Node};
use crate::dav::{DavError, Href, MemberName, Privilege, PrivilegeSet, SyncToken, Viewer};
use crate::store::{Resource, StoreError, Tx};

use super::Site;
use super::calendar::{self, Collection};
use super::object::Shelf;
use super::people;
use super::place::{CalendarPlace, Folder, Place, Who};
use super::properties::Own;
use super::reader::{Reader, reader};
use super::refusal;

impl Site {
    pub(super) async fn find_node(&self, viewer: &Viewer, href: &Href) -> Result<Option<Node>, DavError> {
        let Some(place) = Place::of(href) else { return Ok(None) };
        let reader = reader(viewer)?;
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let mut node = self.node_at(&mut tx, reader, place).await.map_err(refusal::store)?;
        if let Some(node) = node.as_mut().filter(|node| node.calendar().is_none())
            && let Some(info) = node.info_mut()
        {
            // What the reader set about it; calendars have theirs by another key.
            let own = tx.properties().on_place(reader.user, info.href.as_str()).await;
            let own = Own::of(own.map_err(refusal::store)?);
            info.title = own.title.or(info.title.take());
            info.dead = own.dead;
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
                Ok(people::is_own(tx, reader, &login).await?.then(|| self.home_node(reader)))
            }
            Place::Calendar(place) => match calendar::find(tx, reader, &place).await? {
                Some(collection) => self.calendar_node(tx, reader, &collection).await.map(Some),
                None => Ok(None),
            },
            Place::Member(place, name) => self.member(tx, reader, &place, &name).await,
            Place::Inbox(who) => self.scheduling(tx, reader, &who, true).await,
            Place::Outbox(who) => self.scheduling(tx, reader, &who, false).await,
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
        }
    }

    fn folder(&self, folder: Folder) -> Node {
        let href = Place::Folder(folder).href();
        let title = (folder == Folder::Root).then(|| "roomdav".to_owned());
        let info = self.info(href, title, None, PrivilegeSet::READ);
        match folder {
            Folder::Principals | Folder::Users | Folder::Rooms | Folder::Groups => {
                Node::PrincipalCollection(FolderNode { info, kind: FolderKind::Principals })
            }
            Folder::Root
            | Folder::Calendars
            | Folder::Homes
            | Folder::RoomCalendars
            | Folder::Scheduling
            | Folder::RoomScheduling => Node::Root(FolderNode { info, kind: FolderKind::Plain }),
        }
    }

    /// No `bind` and `unbind` on the home: a program does not offer to remove a room there (R8.3).
    pub(super) fn home_node(&self, reader: &Reader) -> Node {
        let login = reader.actor.login.clone();
        let owner = Place::Principal(Who::User(login.clone())).href();
        // Calendars of one's own are made in it. That some may be removed is told at each of them:
        // without `unbind` here programs offer to remove no room (R8.3).
        let made = PrivilegeSet::of(&[Privilege::WriteProperties, Privilege::Bind]);
        let privileges = PrivilegeSet::READ.and(made);
        let title = Some(reader.actor.name.clone());
        let info = self.info(Place::Home(login).href(), title, Some(owner), privileges);
        Node::Home(FolderNode { info, kind: FolderKind::Home })
    }

    /// Inbox and outbox: one's own, and those of others for asking when they are busy (5.3).
    async fn scheduling(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        who: &Who,
        is_inbox: bool,
    ) -> Result<Option<Node>, StoreError> {
        let (who, is_own) = match who {
            Who::User(name) => {
                let Some(user) = people::user_named(tx, name).await? else { return Ok(None) };
                if !people::knows(tx, reader, &user).await? {
                    return Ok(None);
                }
                (Who::User(user.login.to_string()), user.id == reader.user)
            }
            Who::Room(slug) => {
                let Some(room) = people::visible_room(tx, reader, slug).await? else { return Ok(None) };
                (Who::Room(slug.clone()), room.asker.manager)
            }
            Who::Group(_) => return Ok(None),
        };
        let owner = Place::Principal(who.clone()).href();
        let ask = PrivilegeSet::of(&[
            Privilege::ReadCurrentUserPrivilegeSet,
            Privilege::ScheduleQueryFreeBusy,
            Privilege::ScheduleDeliver,
        ]);
        let own = PrivilegeSet::READ.and(PrivilegeSet::of(&[Privilege::ScheduleSend]));
        let privileges = if is_own { own.and(ask) } else { ask };
        if !is_inbox {
            let href = Place::Outbox(who).href();
            let info = self.info(href, None, Some(owner), privileges);
            return Ok(Some(Node::Outbox(FolderNode { info, kind: FolderKind::Outbox })));
        }
        let default_calendar = match &who {
            Who::User(login) => Some(Place::Calendar(CalendarPlace::Own {
                login: login.clone(),
                name: crate::booking::RESERVATIONS.to_owned(),
            })),
            Who::Room(slug) => Some(Place::Calendar(CalendarPlace::Room { slug: slug.clone() })),
            Who::Group(_) => None,
        };
        let href = Place::Inbox(who).href();
        let token = SyncToken::new(format!("{}/sync/inbox/0-0", self.base_url));
        let default_calendar = default_calendar.map(|place| place.href()).filter(|_| is_own);
        let free_busy_set = default_calendar.iter().cloned().collect();
        let info = self.info(href, None, Some(owner), privileges);
        let ctag = "empty".to_owned();
        Ok(Some(Node::Inbox(Box::new(Inbox {
            info,
            default_calendar,
            free_busy_set,
            ctag,
            sync_token: token,
        }))))
    }
}

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
