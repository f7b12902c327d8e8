//! What was granted on rooms, told as access control lists, and lists turned into grants.
//!
//! Each grant stands for one privilege and each privilege that a list of a room may name for one
//! grant, so the way there and back loses nothing:
//!
//! | granted | in the list |
//! |---|---|
//! | `free-busy` | `CALDAV:read-free-busy` |
//! | `busy-with-name` | `read-names`, which is ours |
//! | `details` | `DAV:read` |
//! | `book` | `DAV:write` |
//! | `request`, `request_out` | `request`, `request-out`, which are ours |
//! | `manage` | `DAV:all` |
//!
//! What settings give (to everyone, or to those named in `book`) and what administrators may is
//! protected. Whoever is served masked events is told `DAV:read` of himself although only
//! `read-free-busy` was granted, because programs hide a calendar without it (R1.14).
//! RFC 3744, sections 5.4, 5.5, 6, 7.3 to 7.5 and 8.1; RFC 4791, sections 6 and 6.1.1; R40, R100; D-33, D-34.

use crate::booking::access::RoomState;
use crate::booking::admin::AdminError;
use crate::caldav::node::Node;
use crate::dav::acl::unrecognized;
use crate::dav::condition::ALLOWED_PRINCIPAL;
use crate::dav::{AcePrincipal, Acl, DavError, Href, Node as _, Privilege, PrivilegeSet, Viewer};
use crate::domain::space::{Grant, Grantee};
use crate::domain::visibility::ViewerLevel;
use crate::store::Tx;

use super::Site;
use super::people;
use super::place::{CalendarPlace, Place, Who};
use super::reader::{Reader, reader};
use super::refusal;

/// Each level with the privilege that stands for it. Viewer levels ascend.
const LEVELS: [(&str, Privilege); 7] = [
    ("free-busy", Privilege::ReadFreeBusy),
    ("busy-with-name", Privilege::ReadNames),
    ("details", Privilege::Read),
    ("manage", Privilege::All),
    ("book", Privilege::Write),
    ("request", Privilege::Request),
    ("request_out", Privilege::RequestOut),
];

/// What a reader may do with a room's calendar, at its own name or in his home.
pub(super) fn of_room(room: &RoomState, at_own_name: bool) -> PrivilegeSet {
    if room.asker.manager && at_own_name {
        return crate::caldav::property::common::supported_of_room().known;
    }
    let mut privileges = PrivilegeSet::READ;
    if room.level >= ViewerLevel::BusyWithName {
        privileges = privileges.with(Privilege::ReadNames);
    }
    if room.is_writable() { privileges.and(PrivilegeSet::WRITE) } else { privileges }
}

/// The privileges that stand for these levels.
pub(super) fn privileges<'a>(levels: impl IntoIterator<Item = &'a str>) -> PrivilegeSet {
    let of = |level: &str| LEVELS.iter().find(|(known, _)| *known == level).map(|(_, privilege)| *privilege);
    levels.into_iter().filter_map(of).fold(PrivilegeSet::NONE, PrivilegeSet::with)
}

/// The levels that these privileges stand for; of the viewer levels the greatest, which includes
/// the others.
fn levels(privileges: PrivilegeSet) -> Vec<String> {
    let named = LEVELS.iter().filter(|(_, privilege)| privileges.has(*privilege)).map(|(level, _)| *level);
    let (viewer, mut others): (Vec<&str>, Vec<&str>) =
        named.partition(|level| ViewerLevel::from_name(level).is_some());
    others.extend(viewer.last());
    others.into_iter().map(str::to_owned).collect()
}

impl Site {
    /// Replaces what was granted on a room by what a list says (RFC 3744, section 8.1).
    pub(super) async fn set_room_acl(&self, viewer: &Viewer, node: &Node, acl: Acl) -> Result<(), DavError> {
        let reader = reader(viewer)?;
        let Some(Place::Calendar(CalendarPlace::Room { slug })) = Place::of(node.href()) else {
            return Err(DavError::not_allowed(node.methods()));
        };
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let room = people::visible_room(&mut tx, reader, &slug).await.map_err(refusal::store)?;
        let room = room.ok_or_else(DavError::not_found)?.room;
        let granted = tx.grants().on_room(room.id).await.map_err(refusal::store)?;
        let mut wanted: Vec<(Grantee, PrivilegeSet)> = Vec::new();
        for ace in acl.0 {
            let AcePrincipal::Href(href) = &ace.principal else { return Err(ALLOWED_PRINCIPAL.into()) };
            let to = grantee(&mut tx, reader, &granted, href).await?;
            match wanted.iter_mut().find(|(known, _)| *known == to) {
                Some((_, privileges)) => *privileges = privileges.and(ace.grant),
                None => wanted.push((to, ace.grant)),
            }
        }
        drop(snapshot);
        let wanted = wanted.into_iter().map(|(to, privileges)| (to, levels(privileges))).collect();
        match self.bookings.set_grants(reader.actor.clone(), room.slug, wanted).await {
            Ok(()) => Ok(()),
            // The right was taken from him, or the room from everybody, a moment ago.
            Err(AdminError::Refused(_)) => Err(DavError::need_privilege(node.href(), Privilege::WriteAcl)),
            Err(error) => Err(refusal::admin(error, node.href())),
        }
    }
}

/// The person or group at an href, as far as the reader may know of it, or reads it in the list.
async fn grantee(
    tx: &mut Tx<'_>,
    reader: &Reader,
    granted: &[Grant],
    href: &Href,
) -> Result<Grantee, DavError> {
    let is_listed = |to: Grantee| granted.iter().any(|grant| grant.to == to);
    let who = match Place::of(href) {
        Some(Place::Principal(who)) => who,
        Some(Place::Proxy(..)) => return Err(ALLOWED_PRINCIPAL.into()),
        _ => return Err(unrecognized(href.as_str())),
    };
    let found = match &who {
        Who::User(name) => match people::user_named(tx, name).await.map_err(refusal::store)? {
            Some(user) => {
                let to = Grantee::User(user.id);
                let may = is_listed(to) || people::knows(tx, reader, &user).await.map_err(refusal::store)?;
                may.then_some(to)
            }
            None => None,
        },
        Who::Group(name) => {
            let groups = tx.groups().list().await.map_err(refusal::store)?;
            let managed = people::managed_groups(tx, reader).await.map_err(refusal::store)?;
            let mut groups = groups.into_iter().filter(|group| group.name.as_str() == name);
            let group = groups.find(|group| people::knows_group(reader, &managed, group.id));
            group.map(|group| Grantee::Group(group.id))
        }
        Who::Room(slug) => {
            let room = people::visible_room(tx, reader, slug).await.map_err(refusal::store)?;
            // Rooms have no rights on rooms.
            return Err(room.map_or_else(|| unrecognized(href.as_str()), |_| ALLOWED_PRINCIPAL.into()));
        }
        Who::RoomGroup(name) => {
            let group = people::visible_room_group(tx, reader, name).await.map_err(refusal::store)?;
            return Err(group.map_or_else(|| unrecognized(href.as_str()), |_| ALLOWED_PRINCIPAL.into()));
        }
    };
    found.ok_or_else(|| unrecognized(href.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::booking::admin::ROOM_LEVELS;
    use crate::caldav::property::common::ROOM_GRANTS;

    #[test]
    fn each_level_is_one_privilege_and_back() {
        for level in ROOM_LEVELS.into_iter().filter(|level| *level != "none") {
            let granted = privileges([level]);
            assert_eq!(granted.iter().count(), 1, "{level}");
            assert_eq!(levels(granted), [level], "{level}");
        }
        for privilege in ROOM_GRANTS {
            let back = levels(PrivilegeSet::of(&[privilege]));
            assert_eq!(privileges(back.iter().map(String::as_str)), PrivilegeSet::of(&[privilege]));
        }
    }

    #[test]
    fn of_viewer_levels_the_greatest_counts_and_audiences_stay_beside_it() {
        let all = PrivilegeSet::of(&[Privilege::ReadFreeBusy, Privilege::Read, Privilege::Write]);
        assert_eq!(levels(all), ["book", "details"]);
        assert_eq!(levels(PrivilegeSet::of(&[Privilege::All, Privilege::Write])), ["book", "manage"]);
    }
}
