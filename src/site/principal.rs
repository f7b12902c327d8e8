//! Principals: people, rooms and groups of either. Their delegates' groups are in [`super::delegates`].

use crate::booking::access::{RoomState, knows_among, visible_rooms};
use crate::caldav::node::{Info, Node, Principal, PrincipalKind, RoomFacts};
use crate::dav::{Href, PrivilegeSet};
use crate::domain::id::{GroupId, RoomGroupId, RoomId};
use crate::domain::space::RoomGroup;
use crate::domain::user::{Access, Group, User};
use crate::store::{StoreError, Tx};

use super::Site;
use super::people;
use super::place::{Place, Who};
use super::reader::Reader;
use super::schedule_mode;

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
                let mut principal = self.user(reader, &user);
                principal.memberships = self.groups_of(tx, reader, &user).await?;
                if user.id == reader.user {
                    self.tell_for_whom(tx, reader, &mut principal).await?;
                }
                Ok(Some(Node::Principal(Box::new(principal))))
            }
            Who::Room(slug) => {
                let Some(room) = people::visible_room(tx, reader, slug).await? else { return Ok(None) };
                let memberships = tx.room_groups().memberships().await?;
                Ok(Some(self.room(&room, &memberships)))
            }
            Who::RoomGroup(name) => {
                let group = people::visible_room_group(tx, reader, name).await?;
                Ok(group.map(|(group, rooms)| self.room_group(&group, &rooms)))
            }
            Who::Group(name) => {
                let groups = tx.groups().list().await?;
                let Some(group) = groups.into_iter().find(|group| group.name.as_str() == name) else {
                    return Ok(None);
                };
                let managed = people::managed_groups(tx, reader).await?;
                if people::knows_group(reader, &managed, group.id) {
                    self.group(tx, reader, &group).await.map(Some)
                } else {
                    Ok(None)
                }
            }
        }
    }

    /// Every principal of one kind that the reader may see.
    pub(super) async fn all_users(&self, tx: &mut Tx<'_>, reader: &Reader) -> Result<Vec<Node>, StoreError> {
        let rooms = visible_rooms(tx, &reader.actor).await?;
        let mut nodes = Vec::new();
        for user in tx.users().list().await? {
            if !user.disabled && knows_among(tx, &reader.actor, &rooms, &user).await? {
                nodes.push(Node::Principal(Box::new(self.user(reader, &user))));
            }
        }
        Ok(nodes)
    }

    pub(super) async fn all_rooms(&self, tx: &mut Tx<'_>, reader: &Reader) -> Result<Vec<Node>, StoreError> {
        let memberships = tx.room_groups().memberships().await?;
        let rooms = visible_rooms(tx, &reader.actor).await?;
        Ok(rooms.iter().map(|room| self.room(room, &memberships)).collect())
    }

    /// Groups of which the reader sees a room.
    pub(super) async fn all_room_groups(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
    ) -> Result<Vec<Node>, StoreError> {
        let groups = tx.room_groups().list().await?;
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        let rooms = visible_rooms(tx, &reader.actor).await?;
        let node = |group: &RoomGroup| {
            let own: Vec<RoomState> =
                rooms.iter().filter(|room| group.rooms.contains(&room.room.id)).cloned().collect();
            (reader.actor.admin || !own.is_empty()).then(|| self.room_group(group, &own))
        };
        Ok(groups.iter().filter_map(node).collect())
    }

    pub(super) async fn all_groups(&self, tx: &mut Tx<'_>, reader: &Reader) -> Result<Vec<Node>, StoreError> {
        let mut nodes = Vec::new();
        let managed = people::managed_groups(tx, reader).await?;
        for group in tx.groups().list().await? {
            if people::knows_group(reader, &managed, group.id) {
                nodes.push(self.group(tx, reader, &group).await?);
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

    /// For whom one acts, and the groups that say so, which one is in.
    async fn tell_for_whom(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        principal: &mut Principal,
    ) -> Result<(), StoreError> {
        for (access, people) in
            [(Access::Read, &mut principal.proxy_read_for), (Access::Write, &mut principal.proxy_write_for)]
        {
            for who in self.acts_for(tx, reader, access).await? {
                principal.memberships.push(Place::Proxy(who.clone(), access).href());
                people.push(Place::Principal(who).href());
            }
        }
        Ok(())
    }

    fn user(&self, reader: &Reader, user: &User) -> Principal {
        let who = Who::User(user.login.to_string());
        let href = Place::Principal(who.clone()).href();
        let info = self.info(href.clone(), Some(user.name.clone()), Some(href), PrivilegeSet::READ);
        // The home of somebody else is nobody's business but the delegates'.
        let may_enter = user.id == reader.user || reader.actor.access_for(user.id).is_some();
        let home = may_enter.then(|| Place::Home(user.login.to_string()).href());
        Principal {
            uuid: Some(user.uuid.clone()),
            mail: user.addresses.clone(),
            home,
            inbox: Some(Place::Inbox(who.clone()).href()),
            outbox: Some(Place::Outbox(who).href()),
            ..plain(info, PrincipalKind::User)
        }
    }

    fn room(&self, state: &RoomState, memberships: &[(RoomId, RoomGroupId, String)]) -> Node {
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
            memberships: memberships
                .iter()
                .filter(|(of, ..)| *of == room.id)
                .map(|(_, _, name)| Place::Principal(Who::RoomGroup(name.clone())).href())
                .collect(),
            schedule_mode: Some(schedule_mode::shown(&state.rules.settings)),
            ..plain(info, PrincipalKind::Room)
        }))
    }

    /// The rooms in it are those that the reader sees; only a pool can be invited (R79).
    fn room_group(&self, group: &RoomGroup, rooms: &[RoomState]) -> Node {
        let href = Place::Principal(Who::RoomGroup(group.name.to_string())).href();
        let info = self.info(href.clone(), Some(group.name.to_string()), Some(href), PrivilegeSet::READ);
        let member = |room: &RoomState| Place::Principal(Who::Room(room.room.slug.to_string())).href();
        let kind = if group.is_pool { PrincipalKind::Pool } else { PrincipalKind::Group };
        Node::Principal(Box::new(Principal {
            uuid: Some(group.uuid.clone()),
            mail: group.email.clone().into_iter().collect(),
            members: rooms.iter().map(member).collect(),
            ..plain(info, kind)
        }))
    }

    /// Of a group that the reader is not in, he is told the members that he may know.
    async fn group(&self, tx: &mut Tx<'_>, reader: &Reader, group: &Group) -> Result<Node, StoreError> {
        let who = Who::Group(group.name.to_string());
        let href = Place::Principal(who).href();
        let info = self.info(href.clone(), Some(group.name.to_string()), Some(href), PrivilegeSet::READ);
        let members = tx.groups().members(group.id).await?;
        let users = tx.users().list().await?;
        let is_in = reader.actor.admin || reader.actor.groups.contains(&group.id);
        let mut hrefs = Vec::with_capacity(members.len());
        for user in users.iter().filter(|user| members.contains(&user.id)) {
            if is_in || people::knows(tx, reader, user).await? {
                hrefs.push(Place::Principal(Who::User(user.login.to_string())).href());
            }
        }
        let members = hrefs;
        let uuid = Some(group.uuid.clone());
        Ok(Node::Principal(Box::new(Principal { uuid, members, ..plain(info, PrincipalKind::Group) })))
    }
}

/// A principal of which nothing is known yet.
pub(super) fn plain(info: Info, kind: PrincipalKind) -> Principal {
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
        schedule_mode: None,
    }
}
