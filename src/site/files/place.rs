//! The URLs below `/files/`, both directions.

use std::borrow::Cow;

use crate::dav::{Href, MemberName};
use crate::site::place::{Folder, Place};

/// A resource by its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// A collection that only leads on.
    Top(Top),
    /// A path in somebody's folder; the empty one is the folder itself.
    Inside(Whose, String),
}

/// Collections that only lead on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Top {
    /// `/files/`.
    Files,
    /// `/files/users/`.
    Users,
    /// `/files/rooms/`.
    Rooms,
}

/// Whose folder, as the URL says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// A person's, by login or mail address.
    Person(String),
    /// A room's, by slug.
    Room(String),
}

const USERS: &str = "users";
const ROOMS: &str = "rooms";

impl Spot {
    /// The place of a path; `None` if nothing can be there. The slash at the end does not matter.
    pub(super) fn of(href: &Href) -> Option<Self> {
        let root = Top::Files.href();
        if href.same_resource(&root) {
            return Some(Self::Top(Top::Files));
        }
        if !root.contains(href) {
            return None;
        }
        let mut names = href.segments().skip(root.segments().count());
        let (kind, name) = (names.next()?, names.next());
        let path: Vec<String> = names.map(Cow::into_owned).collect();
        let path = path.join("/");
        match (&*kind, name) {
            (USERS, None) => Some(Self::Top(Top::Users)),
            (ROOMS, None) => Some(Self::Top(Top::Rooms)),
            (USERS, Some(login)) => Some(Self::Inside(Whose::Person(login.into_owned()), path)),
            (ROOMS, Some(slug)) => Some(Self::Inside(Whose::Room(slug.into_owned()), path)),
            _ => None,
        }
    }
}

impl Top {
    /// Its href.
    pub(super) fn href(self) -> Href {
        let root = Place::Folder(Folder::Files).href();
        match self {
            Self::Files => root,
            Self::Users => below(&root, USERS),
            Self::Rooms => below(&root, ROOMS),
        }
    }
}

/// The href of a person's folder.
pub(super) fn of_person(login: &str) -> Href {
    below(&Top::Users.href(), login)
}

/// The href of a room's folder.
pub(super) fn of_room(slug: &str) -> Href {
    below(&Top::Rooms.href(), slug)
}

/// The href of a path in a folder; a collection's ends in `/`.
pub(super) fn inside(folder: &Href, path: &str, is_collection: bool) -> Href {
    let mut href = folder.clone();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        // Paths are made of names that were read from hrefs.
        if let Ok(name) = MemberName::parse(name) {
            href = href.join(&name);
        }
    }
    if is_collection { href.to_collection() } else { href }
}

fn below(parent: &Href, name: &str) -> Href {
    let name = MemberName::parse(name).expect("logins and slugs are plain names");
    parent.join_collection(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Option<Spot> {
        Spot::of(&Href::parse(path).expect("an href"))
    }

    #[test]
    fn a_path_leads_to_a_place_and_back() {
        assert_eq!(of("/files"), Some(Spot::Top(Top::Files)));
        assert_eq!(of("/files/rooms/"), Some(Spot::Top(Top::Rooms)));
        let ada = Whose::Person("ada".to_owned());
        assert_eq!(of("/files/users/ada/"), Some(Spot::Inside(ada.clone(), String::new())));
        assert_eq!(of("/files/users/ada/a/%C3%A4%201"), Some(Spot::Inside(ada, "a/ä 1".to_owned())));
        assert_eq!(inside(&of_person("ada"), "a/ä 1", false).as_str(), "/files/users/ada/a/%C3%A4%201");
        assert_eq!(inside(&of_room("aula"), "", true).as_str(), "/files/rooms/aula/");
        for nowhere in ["/", "/files/groups/x", "/filesystem/users/ada", "/calendars/"] {
            assert_eq!(of(nowhere), None, "{nowhere}");
        }
    }
}
