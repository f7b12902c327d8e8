//! Access control lists as a reader may see them: who he may know of, and what stands for what was
//! granted ([`super::rights`]). RFC 3744, sections 5.5, 5.7 and 12.2; D-33, D-34.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::booking::access::RoomState;
use crate::caldav::node::Node;
use crate::dav::{Ace, AcePrincipal, Acl, DavError, Href, Node as _, Privilege, PrivilegeSet, Viewer};
use crate::domain::id::{GroupId, UserId};
use crate::domain::settings::{Audience, Principal};
use crate::domain::space::{Grant, Grantee};
use crate::domain::user::{Access, Group, User};
use crate::domain::visibility::ViewerLevel;
use crate::store::{StoreError, Tx};

use super::Site;
use super::people;
use super::place::{CalendarPlace, Place, Who};
use super::reader::{READS, Reader, reader};
use super::refusal;
use super::rights::{of_room, privileges};

impl Site {
    /// These nodes with their lists.
    pub(super) async fn nodes_with_acl(
        &self,
        viewer: &Viewer,
        mut nodes: Vec<Node>,
    ) -> Result<Vec<Node>, DavError> {
        let reader = reader(viewer)?;
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut lists = Lists { reader, known: HashMap::new(), house: None };
        for node in &mut nodes {
            let acl = lists.of(&mut snapshot.tx(), node).await.map_err(refusal::store)?;
            match node {
                Node::Object(object) => object.acl = Some(acl),
                other => {
                    if let Some(info) = other.info_mut() {
                        info.acl = Some(acl);
                    }
                }
            }
        }
        Ok(nodes)
    }
}

/// Makes lists, each once.
struct Lists<'a> {
    reader: &'a Reader,
    /// By the place they are of.
    known: HashMap<String, Arc<Acl>>,
    house: Option<House>,
}

/// Who there is; loaded when a room's list is first asked for.
struct House {
    users: HashMap<UserId, User>,
    groups: HashMap<GroupId, Group>,
    /// Groups that the reader may know of because he manages what they were granted.
    managed: HashSet<GroupId>,
}

impl Lists<'_> {
    async fn of(&mut self, tx: &mut Tx<'_>, node: &Node) -> Result<Arc<Acl>, StoreError> {
        let place = Place::of(node.href());
        let calendar = match &place {
            Some(Place::Calendar(calendar) | Place::Member(calendar, _)) => calendar.clone(),
            _ => return Ok(Arc::new(self.simple(node))),
        };
        let href = Place::Calendar(calendar.clone()).href();
        let is_member = matches!(place, Some(Place::Member(..)));
        let key = format!("{is_member} {href}");
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let acl = match &calendar {
            CalendarPlace::Room { slug } => self.of_room(tx, slug).await?,
            CalendarPlace::RoomIn { slug, .. } => {
                // In a home the room's own list decides; only its owner and his delegates can be here.
                let room = Place::Calendar(CalendarPlace::Room { slug: slug.clone() }).href();
                let state = people::visible_room(tx, self.reader, slug).await?;
                let whole = state.map_or(PrivilegeSet::NONE, |state| of_room(&state, false));
                Acl(self.of_home(whole)).inherited_from(&room)
            }
            CalendarPlace::Inbox { .. } => self.simple(node),
            CalendarPlace::Own { .. } => Acl(self.of_home(PrivilegeSet::of(&[Privilege::All]))),
        };
        let acl = Arc::new(if is_member { acl.inherited_from(&href) } else { acl });
        self.known.insert(key, acl.clone());
        Ok(acl)
    }

    /// The list of what is no calendar: nobody can change it. What everybody may with principals and
    /// the collections that lead on; what its owner may, and whoever acts for that one, with a home, an
    /// inbox or an outbox.
    fn simple(&self, node: &Node) -> Acl {
        let privileges = node.privileges();
        let owner = node.info().and_then(|info| info.owner.clone()).map(AcePrincipal::Href);
        let whole = match node {
            Node::Home(_) => super::find::HOME,
            Node::Inbox(_) | Node::Outbox(_) => super::inbox::OWN,
            _ => return Acl(vec![Ace::protected(AcePrincipal::Authenticated, privileges)]),
        };
        match owner {
            Some(owner) if owner == self.reader_as_principal() => Acl(self.of_home(whole)),
            // A room's, by whoever manages it.
            Some(owner) if privileges.has(Privilege::Read) => Acl(vec![Ace::protected(owner, privileges)]),
            _ => Acl(vec![Ace::protected(AcePrincipal::Authenticated, privileges)]),
        }
    }

    /// What is in the home of the reader, or of the person for whom he acts: that one may do `whole`,
    /// and so may delegates who write.
    fn of_home(&self, whole: PrivilegeSet) -> Vec<Ace> {
        let delegates = |access, grant| {
            let group = Place::Proxy(Who::User(self.reader.actor.login.clone()), access).href();
            Ace::protected(AcePrincipal::Href(group), grant)
        };
        let read = if whole.has(Privilege::All) { READS } else { whole.only(READS.and(super::inbox::ASK)) };
        vec![
            Ace::protected(self.reader_as_principal(), whole),
            delegates(Access::Read, read),
            delegates(Access::Write, whole),
        ]
    }

    fn reader_as_principal(&self) -> AcePrincipal {
        user_principal(&self.reader.actor.login)
    }

    async fn of_room(&mut self, tx: &mut Tx<'_>, slug: &str) -> Result<Acl, StoreError> {
        let Some(room) = people::visible_room(tx, self.reader, slug).await? else {
            return Ok(Acl::default());
        };
        let granted = tx.grants().on_room(room.room.id).await?;
        if self.house.is_none() {
            self.house = Some(House::load(tx, self.reader).await?);
        }
        let Some(house) = &self.house else { return Ok(Acl::default()) };
        let mut aces: Vec<Ace> = by_settings(&room).into_iter().collect();
        aces.extend(house.in_audience(self.reader, &room));
        aces.extend(house.administrators());
        aces.extend(house.granted(self.reader, &room, &granted));
        Ok(Acl(aces))
    }
}

/// What everybody with an account may.
fn by_settings(room: &RoomState) -> Option<Ace> {
    let settings = &room.rules.settings;
    let all = audiences(room).into_iter().filter(|(_, who)| **who == Audience::SignedIn);
    let grant = privileges(std::iter::once(settings.viewer.as_str()).chain(all.map(|(level, _)| level)));
    (grant != PrivilegeSet::NONE).then(|| Ace::protected(AcePrincipal::Authenticated, grant))
}

/// Who may ask, by setting, with the level that means the same (R40).
fn audiences(room: &RoomState) -> [(&'static str, &Audience); 3] {
    let settings = &room.rules.settings;
    [("book", &settings.book), ("request", &settings.request), ("request_out", &settings.request_out)]
}

impl House {
    async fn load(tx: &mut Tx<'_>, reader: &Reader) -> Result<Self, StoreError> {
        let users = tx.users().list().await?.into_iter().map(|user| (user.id, user)).collect();
        let groups = tx.groups().list().await?.into_iter().map(|group| (group.id, group)).collect();
        Ok(Self { users, groups, managed: people::managed_groups(tx, reader).await? })
    }

    /// Those whom the settings `book`, `request` and `request_out` name.
    fn in_audience(&self, reader: &Reader, room: &RoomState) -> Vec<Ace> {
        let to = |principal: &Principal| match principal {
            Principal::User(login) => {
                let user = self.users.values().find(|user| user.login.as_str() == login)?;
                Some(Grantee::User(user.id))
            }
            Principal::Group(name) => {
                let group = self.groups.values().find(|group| group.name.as_str() == name)?;
                Some(Grantee::Group(group.id))
            }
        };
        let mut aces = Vec::new();
        for (level, audience) in audiences(room) {
            let Audience::Named(named) = audience else { continue };
            let known = named.iter().filter_map(to).filter(|to| self.is_known(reader, room, *to, false));
            let principals = known.filter_map(|to| self.principal(to));
            aces.extend(principals.map(|principal| Ace::protected(principal, privileges([level]))));
        }
        aces
    }

    /// Administrators see every room, so whoever sees this one may know of them.
    fn administrators(&self) -> Vec<Ace> {
        let mut logins: Vec<&str> = self
            .users
            .values()
            .filter(|user| user.admin && !user.disabled)
            .map(|user| user.login.as_str())
            .collect();
        logins.sort_unstable();
        let ace = |login: &str| Ace::protected(user_principal(login), PrivilegeSet::of(&[Privilege::All]));
        logins.into_iter().map(ace).collect()
    }

    /// What was granted on the room: what an ACL request replaces.
    fn granted(&self, reader: &Reader, room: &RoomState, granted: &[Grant]) -> Vec<Ace> {
        let mut levels: BTreeMap<Href, (Grantee, Vec<&str>)> = BTreeMap::new();
        for grant in granted {
            if let Some(AcePrincipal::Href(href)) = self.principal(grant.to) {
                levels.entry(href).or_insert_with(|| (grant.to, Vec::new())).1.push(&grant.level);
            }
        }
        let mut aces = Vec::with_capacity(levels.len());
        for (href, (to, levels)) in levels {
            let sees = levels.iter().any(|level| ViewerLevel::from_name(level) > Some(ViewerLevel::None));
            if self.is_known(reader, room, to, sees) {
                let principal = AcePrincipal::Href(href);
                let grant = privileges(levels);
                aces.push(Ace { principal, grant, protected: false, inherited: None });
            }
        }
        aces
    }

    /// Whether the reader may know of somebody in a room's list (D-34): managers of all, others of
    /// whom they share the room with, and of groups as elsewhere. `sees`: the entry itself lets see it.
    fn is_known(&self, reader: &Reader, room: &RoomState, to: Grantee, sees: bool) -> bool {
        room.asker.manager
            || match to {
                Grantee::User(user) => {
                    sees || user == reader.user || room.rules.settings.viewer > ViewerLevel::None
                }
                Grantee::Group(group) => people::knows_group(reader, &self.managed, group),
            }
    }

    fn principal(&self, to: Grantee) -> Option<AcePrincipal> {
        match to {
            Grantee::User(user) => self.users.get(&user).map(|user| user_principal(user.login.as_str())),
            Grantee::Group(group) => {
                let who = Who::Group(self.groups.get(&group)?.name.to_string());
                Some(AcePrincipal::Href(Place::Principal(who).href()))
            }
        }
    }
}

fn user_principal(login: &str) -> AcePrincipal {
    AcePrincipal::Href(Place::Principal(Who::User(login.to_owned())).href())
}
