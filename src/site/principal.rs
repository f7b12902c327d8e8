//! Principals: people, rooms and groups, with their delegates' groups (which are empty for now).

use crate::booking::access::{RoomState, visible_rooms};
use crate::caldav::node::{Info, Node, Principal, PrincipalKind, RoomFacts};
use crate::dav::{Href, PrivilegeSet};
use crate::domain::id::GroupId;
use crate::domain::user::{Group, User};
use crate::store::{StoreError, Tx};

use super::Site;
use super::people;
use super::place::{Access, Place, Who};
use super::reader::Reader;

impl Site {
    pub(super) async fn principal(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        who: &Who,
    ) -> Result<Option<Node>, StoreError> {
        match who {
            Who::User(name) => {
                let Some(user) = people::user_named(tx, name).await? else { return Ok(None) };
                if !people::knows(tx, reader, &user).await? {
                    return Ok(None);
                }
                let memberships = self.groups_of(tx, reader, &user).await?;
                Ok(Some(self.user(reader, &user, memberships)))
            }
            Who::Room(slug) => Ok(people::visible_room(tx, reader, slug).await?.map(|room| self.room(&room))),
            Who::Group(name) => {
                let groups = tx.groups().list().await?;
                let Some(group) = groups.into_iter().find(|group| group.name.as_str() == name) else {
                    return Ok(None);
                };
                let is_in = reader.actor.groups.contains(&group.id) || reader.actor.admin;
                if is_in { self.group(tx, &group).await.map(Some) } else { Ok(None) }
            }
        }
    }

    pub(super) async fn proxy(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        who: &Who,
        access: Access,
    ) -> Result<Option<Node>, StoreError> {
        let Some(Node::Principal(of)) = self.principal(tx, reader, who).await? else { return Ok(None) };
        let (kind, title) = match access {
            Access::Read => (PrincipalKind::ProxyRead, "calendar-proxy-read"),
            Access::Write => (PrincipalKind::ProxyWrite, "calendar-proxy-write"),
        };
        let href = Place::Proxy(who.clone(), access).href();
        let info = self.info(href, Some(title.to_owned()), Some(of.info.href), PrivilegeSet::READ);
        Ok(Some(Node::Principal(Box::new(plain(info, kind)))))
    }

    /// Every principal of one kind that the reader may see.
    pub(super) async fn all_users(&self, tx: &mut Tx<'_>, reader: &Reader) -> Result<Vec<Node>, StoreError> {
        let rooms = visible_rooms(tx, &reader.actor).await?;
        let everybody_sees_some = rooms
            .iter()
            .any(|room| room.rules.settings.viewer > crate::domain::visibility::ViewerLevel::None);
        let mut nodes = Vec::new();
        for user in tx.users().list().await? {
            let is_known = everybody_sees_some || people::knows(tx, reader, &user).await?;
            if is_known && !user.disabled {
                nodes.push(self.user(reader, &user, Vec::new()));
            }
        }
        Ok(nodes)
    }

    pub(super) async fn all_rooms(&self, tx: &mut Tx<'_>, reader: &Reader) -> Result<Vec<Node>, StoreError> {
        Ok(visible_rooms(tx, &reader.actor).await?.iter().map(|room| self.room(room)).collect())
    }

    pub(super) async fn all_groups(&self, tx: &mut Tx<'_>, reader: &Reader) -> Result<Vec<Node>, StoreError> {
        let mut nodes = Vec::new();
        for group in tx.groups().list().await? {
            if reader.actor.groups.contains(&group.id) || reader.actor.admin {
                nodes.push(self.group(tx, &group).await?);
            }
        }
        Ok(nodes)
    }

    /// The groups of a person that the reader may know: all of one's own, of others those that one
    /// is in (D-33).
    async fn groups_of(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        user: &User,
    ) -> Result<Vec<Href>, StoreError> {
        let of = tx.groups().of_user(user.id).await?;
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let all = tx.groups().list().await?;
        let knows_all = reader.actor.admin || user.id == reader.user;
        let is_known = |group: &GroupId| knows_all || reader.actor.groups.contains(group);
        let mine = all.into_iter().filter(|group| of.contains(&group.id) && is_known(&group.id));
        Ok(mine.map(|group| Place::Principal(Who::Group(group.name.to_string())).href()).collect())
    }

    fn user(&self, reader: &Reader, user: &User, memberships: Vec<Href>) -> Node {
        let who = Who::User(user.login.to_string());
        let href = Place::Principal(who.clone()).href();
        let info = self.info(href.clone(), Some(user.name.clone()), Some(href), PrivilegeSet::READ);
        // The home of somebody else is nobody's business.
        let home = (user.id == reader.user).then(|| Place::Home(user.login.to_string()).href());
        Node::Principal(Box::new(Principal {
            uuid: Some(user.uuid.clone()),
            mail: user.addresses.clone(),
            home,
            inbox: Some(Place::Inbox(who.clone()).href()),
            outbox: Some(Place::Outbox(who).href()),
            memberships,
            ..plain(info, PrincipalKind::User)
        }))
    }

    fn room(&self, state: &RoomState) -> Node {
        let room = &state.room;
        let who = Who::Room(room.slug.to_string());
        let href = Place::Principal(who.clone()).href();
        let info = self.info(href.clone(), Some(room.name.clone()), Some(href), PrivilegeSet::READ);
        let facts = RoomFacts {
            kind: Some("meeting-room".to_owned()),
            seats: room.seats.and_then(|seats| u64::try_from(seats).ok()),
            building: room.building.clone(),
            story: room.floor.clone(),
            features: room.features.clone(),
            ..RoomFacts::default()
        };
        Node::Principal(Box::new(Principal {
            uuid: Some(room.uuid.clone()),
            mail: room.email.clone().into_iter().collect(),
            inbox: Some(Place::Inbox(who.clone()).href()),
            outbox: Some(Place::Outbox(who).href()),
            room: Some(facts),
            ..plain(info, PrincipalKind::Room)
        }))
    }

    async fn group(&self, tx: &mut Tx<'_>, group: &Group) -> Result<Node, StoreError> {
        let who = Who::Group(group.name.to_string());
        let href = Place::Principal(who).href();
        let info = self.info(href.clone(), Some(group.name.to_string()), Some(href), PrivilegeSet::READ);
        let members = tx.groups().members(group.id).await?;
        let users = tx.users().list().await?;
        let members = users
            .iter()
            .filter(|user| members.contains(&user.id))
            .map(|user| Place::Principal(Who::User(user.login.to_string())).href())
            .collect();
        let uuid = Some(group.uuid.clone());
        Ok(Node::Principal(Box::new(Principal { uuid, members, ..plain(info, PrincipalKind::Group) })))
    }
}

fn plain(info: Info, kind: PrincipalKind) -> Principal {
    Principal {
        info,
        kind,
        uuid: None,
        mail: Vec::new(),
        home: None,
        inbox: None,
        outbox: None,
        members: Vec::new(),
        memberships: Vec::new(),
        proxy_read_for: Vec::new(),
        proxy_write_for: Vec::new(),
        room: None,
    }
}
