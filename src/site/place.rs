//! The whole URL layout, both directions; no other file spells a path.
//!
//! A name in a [`Place`] is what the URL said, not yet looked up: whether somebody or something
//! has it is `find`'s question.

use std::sync::Arc;

use crate::dav::{Href, MemberName};
use crate::domain::user::Access;

/// A resource by its place in the URL space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A collection that only leads on.
    Folder(Folder),
    /// A principal.
    Principal(Who),
    /// Those who may read, or write, for a principal.
    Proxy(Who, Access),
    /// The calendar home of a person.
    Home(String),
    /// A calendar.
    Calendar(CalendarPlace),
    /// A member of a calendar.
    Member(CalendarPlace, MemberName),
    /// A scheduling inbox.
    Inbox(Who),
    /// A scheduling outbox.
    Outbox(Who),
    /// A registration for push messages, by its token.
    Registration(String),
    /// An attachment of some event, by its key and its name.
    Attachment(String, MemberName),
}

/// A principal by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A person, by login or mail address.
    User(String),
    /// A room, by slug.
    Room(String),
    /// A group, by name.
    Group(String),
    /// A group of rooms, by name.
    RoomGroup(String),
}

/// A calendar by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalendarPlace {
    /// One of a person's own.
    Own {
        /// The person's name in the URL.
        login: String,
        /// The calendar's name.
        name: String,
    },
    /// A room's calendar inside a person's home.
    RoomIn {
        /// The person's name in the URL.
        login: String,
        /// The room's slug.
        slug: String,
    },
    /// A room's calendar under its own name.
    Room {
        /// The room's slug.
        slug: String,
    },
    /// A person's inbox, as the collection of its messages.
    Inbox {
        /// The person's name in the URL.
        login: String,
    },
}

/// Collections that only lead on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    /// `/`.
    Root,
    /// `/principals/`.
    Principals,
    /// `/principals/users/`.
    Users,
    /// `/principals/rooms/`.
    Rooms,
    /// `/principals/groups/`.
    Groups,
    /// `/principals/room-groups/`.
    RoomGroups,
    /// `/calendars/`.
    Calendars,
    /// `/calendars/users/`.
    Homes,
    /// `/calendars/rooms/`.
    RoomCalendars,
    /// `/scheduling/`.
    Scheduling,
    /// `/scheduling/rooms/`.
    RoomScheduling,
    /// `/files/`, below which is another tree.
    Files,
}

/// Every folder with its path.
const FOLDERS: [(Folder, &str); 12] = [
    (Folder::Root, "/"),
    (Folder::Principals, "/principals/"),
    (Folder::Users, crate::domain::user::USER_PRINCIPALS),
    (Folder::Rooms, crate::domain::space::ROOM_PRINCIPALS),
    (Folder::Groups, "/principals/groups/"),
    (Folder::RoomGroups, crate::domain::space::ROOM_GROUP_PRINCIPALS),
    (Folder::Calendars, "/calendars/"),
    (Folder::Homes, "/calendars/users/"),
    (Folder::RoomCalendars, "/calendars/rooms/"),
    (Folder::Scheduling, "/scheduling/"),
    (Folder::RoomScheduling, "/scheduling/rooms/"),
    (Folder::Files, "/files/"),
];

/// What a room's calendar is called in a person's home, before its slug.
const ROOM_PREFIX: &str = "room-";
/// What all attachments are below.
pub(super) const ATTACHMENTS: &str = "/attachments/";
/// What links in messages are below; no tree is there.
pub(super) const LINKS: &str = "/web/links/";
/// The service for time zone data, below which are its actions.
pub(super) const TIME_ZONES: &str = "/tzdist";
const INBOX: &str = "inbox";
const OUTBOX: &str = "outbox";
const PROXY_READ: &str = "calendar-proxy-read";
const PROXY_WRITE: &str = "calendar-proxy-write";

/// Where principals are searched.
pub(super) fn principal_collections() -> Arc<[Href]> {
    let all = [Folder::Users, Folder::Rooms, Folder::Groups, Folder::RoomGroups];
    all.map(|folder| Place::Folder(folder).href()).into()
}

impl Place {
    /// The place of a path; `None` if nothing can be there. The slash at the end does not matter.
    #[must_use]
    pub fn of(href: &Href) -> Option<Self> {
        let segments: Vec<_> = href.segments().collect();
        let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        if let Some((folder, _)) = FOLDERS.iter().find(|(_, path)| names(path) == segments) {
            return Some(Self::Folder(*folder));
        }
        match segments.as_slice() {
            ["principals", kind, name, rest @ ..] => principal(kind, name, rest),
            ["calendars", "users", login] => Some(Self::Home((*login).to_owned())),
            ["calendars", "users", login, INBOX] => Some(Self::Inbox(Who::User((*login).to_owned()))),
            ["calendars", "users", login, INBOX, name] => {
                let name = MemberName::parse(name).ok()?;
                Some(Self::Member(CalendarPlace::Inbox { login: (*login).to_owned() }, name))
            }
            ["calendars", "users", _, OUTBOX, ..] if segments.len() > 4 => None,
            ["calendars", "users", login, OUTBOX] => Some(Self::Outbox(Who::User((*login).to_owned()))),
            ["calendars", "users", login, name, rest @ ..] => calendar(in_home(login, name), rest),
            ["calendars", "rooms", slug, rest @ ..] => {
                calendar(CalendarPlace::Room { slug: (*slug).to_owned() }, rest)
            }
            ["attachments", id, name] => {
                Some(Self::Attachment((*id).to_owned(), MemberName::parse(name).ok()?))
            }
            ["push", token] => Some(Self::Registration((*token).to_owned())),
            ["scheduling", "rooms", slug, INBOX] => Some(Self::Inbox(Who::Room((*slug).to_owned()))),
            ["scheduling", "rooms", slug, OUTBOX] => Some(Self::Outbox(Who::Room((*slug).to_owned()))),
            _ => None,
        }
    }

    /// In whose home it lies, as the URL says it; `None` outside homes.
    pub(super) fn home(&self) -> Option<&str> {
        match self {
            Self::Home(login) | Self::Inbox(Who::User(login)) | Self::Outbox(Who::User(login)) => Some(login),
            Self::Calendar(calendar) | Self::Member(calendar, _) => match calendar {
                CalendarPlace::Own { login, .. }
                | CalendarPlace::RoomIn { login, .. }
                | CalendarPlace::Inbox { login } => Some(login),
                CalendarPlace::Room { .. } => None,
            },
            _ => None,
        }
    }

    /// The collection of members that is here: a calendar, or a person's inbox.
    pub(super) fn collection(self) -> Option<CalendarPlace> {
        match self {
            Self::Calendar(CalendarPlace::Inbox { login }) | Self::Inbox(Who::User(login)) => {
                Some(CalendarPlace::Inbox { login })
            }
            Self::Calendar(calendar) => Some(calendar),
            _ => None,
        }
    }

    /// The canonical href.
    ///
    /// # Panics
    /// Never for places made of names that [`MemberName`] takes, which logins, slugs and group
    /// names are.
    #[must_use]
    pub fn href(&self) -> Href {
        match self {
            Self::Folder(folder) => {
                let path = FOLDERS.iter().find(|(known, _)| known == folder).map_or("/", |(_, path)| path);
                Href::parse(path).expect("the paths of the list are plain")
            }
            Self::Principal(who) => below(&Self::Folder(who.folder()), who.name()),
            Self::Proxy(who, access) => {
                let name = if *access == Access::Read { PROXY_READ } else { PROXY_WRITE };
                below(&Self::Principal(who.clone()), name)
            }
            Self::Home(login) => below(&Self::Folder(Folder::Homes), login),
            Self::Calendar(calendar) => calendar.href(),
            Self::Member(calendar, name) => calendar.href().join(name),
            Self::Inbox(who) => below_scheduling(who, INBOX),
            Self::Outbox(who) => below_scheduling(who, OUTBOX),
            Self::Registration(token) => {
                let name = MemberName::parse(token).expect("tokens are plain names");
                Href::parse("/push/").expect("a plain path").join(&name)
            }
            Self::Attachment(id, name) => {
                let id = MemberName::parse(id).expect("keys are plain names");
                Href::parse(ATTACHMENTS).expect("a plain path").join_collection(&id).join(name)
            }
        }
    }
}

impl CalendarPlace {
    fn href(&self) -> Href {
        match self {
            Self::Own { login, name } => below(&Place::Home(login.clone()), name),
            Self::RoomIn { login, slug } => {
                below(&Place::Home(login.clone()), &format!("{ROOM_PREFIX}{slug}"))
            }
            Self::Room { slug } => below(&Place::Folder(Folder::RoomCalendars), slug),
            Self::Inbox { login } => below(&Place::Home(login.clone()), INBOX),
        }
    }
}

impl Who {
    fn folder(&self) -> Folder {
        match self {
            Self::User(_) => Folder::Users,
            Self::Room(_) => Folder::Rooms,
            Self::Group(_) => Folder::Groups,
            Self::RoomGroup(_) => Folder::RoomGroups,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::User(name) | Self::Room(name) | Self::Group(name) | Self::RoomGroup(name) => name,
        }
    }
}

fn names(path: &str) -> Vec<&str> {
    path.split('/').filter(|name| !name.is_empty()).collect()
}

fn below(parent: &Place, name: &str) -> Href {
    let name = MemberName::parse(name).expect("logins, slugs and names of calendars are plain names");
    parent.href().join_collection(&name)
}

fn below_scheduling(who: &Who, name: &str) -> Href {
    match who {
        Who::User(login) => below(&Place::Home(login.clone()), name),
        Who::Room(_) | Who::Group(_) | Who::RoomGroup(_) => {
            let folder = Place::Folder(Folder::RoomScheduling).href();
            let own = MemberName::parse(who.name()).map(|slug| folder.join_collection(&slug));
            let name = MemberName::parse(name).expect("inbox and outbox are plain names");
            own.unwrap_or(folder).join_collection(&name)
        }
    }
}

fn principal(kind: &str, name: &str, rest: &[&str]) -> Option<Place> {
    let name = name.to_owned();
    let who = match kind {
        "users" => Who::User(name),
        "rooms" => Who::Room(name),
        "groups" => Who::Group(name),
        "room-groups" => Who::RoomGroup(name),
        _ => return None,
    };
    match rest {
        [] => Some(Place::Principal(who)),
        [PROXY_READ] => Some(Place::Proxy(who, Access::Read)),
        [PROXY_WRITE] => Some(Place::Proxy(who, Access::Write)),
        _ => None,
    }
}

fn in_home(login: &str, name: &str) -> CalendarPlace {
    let login = login.to_owned();
    match name.strip_prefix(ROOM_PREFIX) {
        Some(slug) => CalendarPlace::RoomIn { login, slug: slug.to_owned() },
        None => CalendarPlace::Own { login, name: name.to_owned() },
    }
}

fn calendar(calendar: CalendarPlace, rest: &[&str]) -> Option<Place> {
    match rest {
        [] => Some(Place::Calendar(calendar)),
        [name] => Some(Place::Member(calendar, MemberName::parse(name).ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn word() -> impl Strategy<Value = String> {
        "[a-z0-9][a-z0-9._-]{0,12}"
    }

    fn calendar_place() -> impl Strategy<Value = CalendarPlace> {
        let not_special = |name: &String| !name.starts_with(ROOM_PREFIX) && name != INBOX && name != OUTBOX;
        prop_oneof![
            (word(), word().prop_filter("special", not_special))
                .prop_map(|(login, name)| CalendarPlace::Own { login, name }),
            (word(), word()).prop_map(|(login, slug)| CalendarPlace::RoomIn { login, slug }),
            word().prop_map(|slug| CalendarPlace::Room { slug }),
        ]
    }

    fn who() -> impl Strategy<Value = Who> {
        (word(), 0..4).prop_map(|(name, kind)| match kind {
            0 => Who::User(name),
            1 => Who::Room(name),
            2 => Who::RoomGroup(name),
            _ => Who::Group(name),
        })
    }

    fn place() -> impl Strategy<Value = Place> {
        let name = "[^/\\\\\\p{C}]{1,20}".prop_filter_map("no name", |name| MemberName::parse(&name).ok());
        prop_oneof![
            (0..FOLDERS.len()).prop_map(|at| Place::Folder(FOLDERS[at].0)),
            who().prop_map(Place::Principal),
            (who(), any::<bool>())
                .prop_map(|(who, read)| Place::Proxy(who, if read { Access::Read } else { Access::Write })),
            word().prop_map(Place::Home),
            calendar_place().prop_map(Place::Calendar),
            (calendar_place(), name.clone()).prop_map(|(calendar, name)| Place::Member(calendar, name)),
            (word(), name).prop_map(|(login, name)| Place::Member(CalendarPlace::Inbox { login }, name)),
            word().prop_map(|name| Place::Inbox(Who::User(name))),
            word().prop_map(|name| Place::Outbox(Who::Room(name))),
            word().prop_map(Place::Registration),
            (word(), "[^/\\\\\\p{C}]{1,20}".prop_filter_map("no name", |name| MemberName::parse(&name).ok()))
                .prop_map(|(id, name)| Place::Attachment(id, name)),
        ]
    }

    proptest! {
        #[test]
        fn places_and_hrefs_are_inverse(place in place()) {
            let href = place.href();
            prop_assert_eq!(Place::of(&href), Some(place.clone()));
            let again = Href::parse(href.as_str()).expect("an href of ours");
            prop_assert_eq!(Place::of(&again), Some(place));
        }
    }

    #[test]
    fn what_is_nowhere_has_no_place() {
        for path in ["/nothing/", "/principals/cars/x/", "/calendars/users/a/b/c/d", "/principals/users/a/b/"]
        {
            assert_eq!(Place::of(&Href::parse(path).expect("plain")), None, "{path}");
        }
    }
}
