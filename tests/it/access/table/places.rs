//! That the table is whole: every place that a URL can have, every method for it, and every report
//! that is announced there.

use std::collections::BTreeMap;

use roomdav::dav::Href;
use roomdav::domain::user::Access;
use roomdav::site::place::{CalendarPlace, Folder, Place, Who};

use super::house::build;
use super::{Kind, table};
use crate::support::TestServer;

/// For every kind of place what it is called here: a new one does not compile without.
macro_rules! places {
    ($($place:pat => $name:literal,)*) => {
        fn name(place: &Place) -> &'static str {
            match place { $($place => $name,)* }
        }
        const NAMES: &[&str] = &[$($name),*];
    };
}

places! {
    Place::Folder(Folder::Root) => "the root",
    Place::Folder(Folder::Principals) => "principals",
    Place::Folder(Folder::Users) => "people",
    Place::Folder(Folder::Rooms) => "rooms",
    Place::Folder(Folder::Groups) => "groups",
    Place::Folder(Folder::RoomGroups) => "room groups",
    Place::Folder(Folder::Calendars) => "calendars",
    Place::Folder(Folder::Homes) => "homes",
    Place::Folder(Folder::RoomCalendars) => "calendars of rooms",
    Place::Folder(Folder::Scheduling) => "scheduling",
    Place::Folder(Folder::RoomScheduling) => "scheduling of rooms",
    Place::Folder(Folder::Files) => "files",
    Place::Principal(Who::User(_)) => "a person",
    Place::Principal(Who::Room(_)) => "a room",
    Place::Principal(Who::Group(_)) => "a group",
    Place::Principal(Who::RoomGroup(_)) => "a room group",
    Place::Proxy(Who::User(_), Access::Read) => "readers of a person",
    Place::Proxy(Who::User(_), Access::Write) => "writers of a person",
    Place::Proxy(Who::Room(_), Access::Read) => "readers of a room",
    Place::Proxy(Who::Room(_), Access::Write) => "writers of a room",
    Place::Proxy(Who::Group(_), Access::Read) => "readers of a group",
    Place::Proxy(Who::Group(_), Access::Write) => "writers of a group",
    Place::Proxy(Who::RoomGroup(_), Access::Read) => "readers of a room group",
    Place::Proxy(Who::RoomGroup(_), Access::Write) => "writers of a room group",
    Place::Home(_) => "a home",
    Place::Calendar(CalendarPlace::Own { .. }) => "a calendar",
    Place::Calendar(CalendarPlace::RoomIn { .. }) => "a room in a home",
    Place::Calendar(CalendarPlace::Room { .. }) => "a room's calendar",
    Place::Calendar(CalendarPlace::Inbox { .. }) => "no URL: the inbox",
    Place::Member(CalendarPlace::Own { .. }, _) => "a member",
    Place::Member(CalendarPlace::RoomIn { .. }, _) => "a member of a room in a home",
    Place::Member(CalendarPlace::Room { .. }, _) => "a member of a room's calendar",
    Place::Member(CalendarPlace::Inbox { .. }, _) => "a message",
    Place::Inbox(Who::User(_)) => "an inbox",
    Place::Inbox(Who::Room(_)) => "a room's inbox",
    Place::Inbox(Who::Group(_)) => "no URL: a group's inbox",
    Place::Inbox(Who::RoomGroup(_)) => "no URL: a room group's inbox",
    Place::Outbox(Who::User(_)) => "an outbox",
    Place::Outbox(Who::Room(_)) => "a room's outbox",
    Place::Outbox(Who::Group(_)) => "no URL: a group's outbox",
    Place::Outbox(Who::RoomGroup(_)) => "no URL: a room group's outbox",
    Place::Registration(_) => "a registration",
    Place::Attachment(..) => "an attachment",
}

/// The trees of files have places of their own.
const FILES: [&str; 8] = [
    "/files/",
    "/files/users/",
    "/files/rooms/",
    "/files/users/owner/",
    "/files/users/owner/photos/",
    "/files/rooms/aula/",
    "/files/rooms/aula/photos/",
    "/files/rooms/aula/note",
];

const METHODS: [&str; 17] = [
    "OPTIONS",
    "GET",
    "HEAD",
    "PROPFIND",
    "EXPAND",
    "ACLSET",
    "PROPPATCH",
    "PUT",
    "DELETE",
    "COPY",
    "MOVE",
    "MKCOL",
    "MKCALENDAR",
    "POST",
    "ACL",
    "LOCK",
    "UNLOCK",
];

/// The rows of reports that not everything answers.
const REPORTS: [(&str, &str); 8] = [
    ("calendar-query", "QUERY"),
    ("calendar-multiget", "MULTIGET"),
    ("free-busy-query", "FREEBUSY"),
    ("sync-collection", "SYNC"),
    ("principal-match", "MATCH"),
    ("principal-property-search", "SEARCH"),
    ("calendarserver-principal-search", "PRINCIPALS"),
    ("principal-search-property-set", "SETS"),
];

fn place(kind: &Kind) -> Option<Place> {
    let path = kind.path.replace("{me}", "owner").replace("{event}", "e.ics");
    let path = path.replace("{attachment}", "/attachments/1/a").replace("{registration}", "/push/1");
    Place::of(&Href::parse(&path).unwrap())
}

#[test]
fn every_place_is_a_kind_of_the_table() {
    let (_, kinds) = table();
    let known: Vec<&str> = kinds.iter().filter_map(place).map(|place| name(&place)).collect();
    for name in NAMES {
        assert_eq!(known.contains(name), !name.starts_with("no URL"), "{name}");
    }
    for path in FILES {
        assert!(kinds.iter().any(|kind| kind.path == path), "{path}");
    }
    for kind in &kinds {
        let is_place = kind.path.starts_with("/files/") || place(kind).is_some();
        assert_eq!(is_place, kind.name != "nothing", "{}", kind.path);
    }
}

#[test]
fn the_table_has_every_method_for_every_kind() {
    let (roles, kinds) = table();
    assert!(roles.len() >= 10 && kinds.len() >= 20);
    for kind in &kinds {
        let methods: Vec<&str> = kind.rows.iter().map(|(method, _)| *method).collect();
        for method in METHODS {
            let rows = methods.iter().filter(|known| **known == method).count();
            assert_eq!(rows, 1, "{}: {method}", kind.name);
        }
        let place = place(kind);
        let is_event = matches!(
            place,
            Some(Place::Member(
                CalendarPlace::Own { .. } | CalendarPlace::RoomIn { .. } | CalendarPlace::Room { .. },
                _
            ))
        );
        let is_carrier = is_event && kind.is_made();
        assert!(!is_carrier || methods.contains(&"ATTACH"), "{}: ATTACH", kind.name);
        let is_calendar = matches!(place, Some(Place::Calendar(_)));
        assert_eq!(methods.contains(&"REGISTER"), is_calendar && kind.is_made(), "{}: REGISTER", kind.name);
    }
}

// RFC 3253, section 3.1.5
#[tokio::test]
async fn every_report_that_is_announced_has_a_row_and_no_other_is_answered() {
    let (roles, kinds) = table();
    let server = TestServer::sqlite().await;
    let registration = build(&server, &roles).await;
    let wire = crate::support::Wire::open(&server).await;
    let mut cast = super::Cast { server: &server, programs: BTreeMap::new(), registration: &registration };
    for role in roles.iter().filter(|role| **role != "nobody") {
        cast.programs.insert(role, wire.program(role).await);
    }
    let mut wrong = Vec::new();
    for kind in &kinds {
        let mut announced = String::new();
        for role in roles.iter().filter(|role| **role != "nobody") {
            let path = cast.path(kind.path, role).await;
            let reply = cast.programs[role].propfind(&path, "0", SUPPORTED).await;
            if reply.status == 207 {
                announced.push_str(&reply.text());
            }
        }
        for (report, row) in REPORTS {
            // A name may be the end of another one.
            let is_announced =
                ["<", ":"].iter().any(|before| announced.contains(&format!("{before}{report}/>")));
            if is_announced && !kind.rows.iter().any(|(method, _)| *method == row) {
                wrong.push(format!("{}: no {row}", kind.name));
            }
            for role in ["owner", "manager", "admin"].into_iter().filter(|_| !is_announced) {
                let path = cast.path(kind.path, role).await;
                let is_found = cast.programs[role].propfind(&path, "0", SUPPORTED).await.status == 207;
                let reply = cast.ask(role, row, kind.path, &path).await;
                // What is there refuses the report, and does not say that it is not there.
                let is_right = [if is_found { 403 } else { 404 }, 405].contains(&reply.status);
                if !is_right {
                    wrong.push(format!("{}: {row} as {role} is {}", kind.name, reply.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const SUPPORTED: &str = "<propfind xmlns=\"DAV:\"><prop><supported-report-set/></prop></propfind>";
