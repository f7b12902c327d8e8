//! The house that the table is about, and what somebody may have changed in it.

use std::fmt::Write as _;

use roomdav::booking::admin::UserChange;
use roomdav::config;
use roomdav::domain::id::{CalendarId, Slug};
use roomdav::domain::settings::Principal;
use roomdav::domain::user::Access;
use roomdav::push::Pusher;
use roomdav::store::NewRegistration;

use super::cast::{FILE_STATE, LOCK, REGISTER};
use crate::support::{BASE_URL, TestServer, event};

/// A house with one person for each role: the aula is for those who were granted something.
/// Gives the path of the registration of a device of the owner's.
pub(super) async fn build(server: &TestServer, roles: &[&str]) -> String {
    for role in roles.iter().filter(|role| **role != "nobody" && **role != "admin") {
        server.person(role).await;
    }
    server.admin("admin").await;
    server.room("aula").await;
    server.set("aula", "viewer", "none").await;
    server.set("aula", "book", "none").await;
    for (login, levels) in [
        ("busy", &["free-busy"][..]),
        ("names", &["busy-with-name"]),
        ("booker", &["free-busy", "book"]),
        ("requester", &["free-busy", "request"]),
        ("manager", &["manage"]),
        ("owner", &["free-busy", "book"]),
    ] {
        for level in levels {
            server.grant("aula", login, level).await;
        }
    }
    // Details are granted to a group.
    let slug = |name: &str| Slug::parse(name).unwrap();
    server.bookings.add_group(slug("staff")).await.unwrap();
    server.bookings.set_member(slug("staff"), slug("details"), true).await.unwrap();
    let staff = Principal::Group("staff".to_owned());
    server.bookings.grant(slug("aula"), staff, "details").await.unwrap();
    server.bookings.add_room_group(slug("aula-wing"), vec![slug("aula")]).await.unwrap();
    for (access, delegate) in [(Access::Read, "reader"), (Access::Write, "writer")] {
        let named = UserChange::Delegates(access, vec![slug(delegate)]);
        server.bookings.set_user(slug("owner"), vec![named]).await.unwrap();
    }
    let owner = server.client("owner");
    owner.send("MKCALENDAR", "/calendars/users/owner/trips/", &[], "").await.created();
    let at = |uid: &str, hour| event(uid).hours("20270301", hour, hour + 1);
    owner.put("/calendars/users/owner/trips/w.ics", at("w", 6).text()).await.created();
    owner.put("/calendars/users/owner/reservations/own.ics", at("own", 7).text()).await.created();
    owner.book("aula", &at("event", 9)).await.created();
    let asked = at("asked", 15).organizer("admin").line("ATTENDEE:mailto:owner@example.org");
    server.client("admin").invite(&asked).await.created();
    let keep = "/calendars/users/owner/reservations/own.ics?action=attachment-add";
    owner.send("POST", keep, &[("Content-Type", "text/plain")], "text").await.created();
    for (login, folder) in [("owner", "/files/users/owner/"), ("manager", "/files/rooms/aula/")] {
        let keeper = server.client(login);
        keeper.send("MKCOL", &format!("{folder}photos/"), &[], "").await.created();
        for name in ["photos/a", "note", "locked"] {
            keeper.send("PUT", &format!("{folder}{name}"), &[], "text").await.created();
        }
        keeper.send("LOCK", &format!("{folder}locked"), &[("Depth", "0")], LOCK).await.expect(200);
    }
    let push = Pusher::open(server.bookings.clone(), &config::Push::default(), BASE_URL).await;
    drop(push.expect("the server has keys"));
    let xml = [("Content-Type", "application/xml")];
    let device = REGISTER.replace("push.example/x", "push.example/device");
    let registered = owner.send("POST", "/calendars/users/owner/trips/", &xml, &device).await.no_content();
    registered.header("location").expect("a Location").strip_prefix(BASE_URL).expect("ours").to_owned()
}

/// Who keeps a folder below `/files/`.
pub(super) fn keeper(path: &str) -> Option<&'static str> {
    let keepers = [("/files/users/owner/", "owner"), ("/files/rooms/aula/", "manager")];
    keepers.into_iter().find(|(folder, _)| path.starts_with(folder)).map(|(_, login)| login)
}

/// All that somebody may have changed: rows of the database that say what others see.
pub(super) async fn state(server: &TestServer) -> String {
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let mut tx = snapshot.tx();
    let mut text = String::new();
    let users = tx.users().list().await.unwrap();
    let owner = users.iter().find(|user| user.login.as_str() == "owner").unwrap().id;
    for calendar in tx.calendars().list().await.unwrap() {
        let members = tx.resources().list(calendar.id, owner).await.unwrap();
        let members: Vec<_> = members.iter().map(|it| (&it.name, &it.etag)).collect();
        // Everybody has one; what is in it is his.
        if calendar.name != "reservations" || !members.is_empty() {
            let _ = writeln!(text, "{} {members:?}", calendar.name);
        }
    }
    let _ = writeln!(text, "{:?}", tx.grants().list().await.unwrap());
    let _ = writeln!(text, "{:?}", tx.properties().of_reader(owner).await.unwrap());
    let _ = writeln!(text, "{:?}", tx.rooms().list().await.unwrap());
    let _ = writeln!(text, "{:?}", tx.settings().list().await.unwrap());
    for user in &users {
        // Of all calendars: none has this number.
        let any = NewRegistration {
            token: String::new(),
            user: user.id,
            calendar: CalendarId::new(0),
            resource: String::new(),
            public_key: String::new(),
            auth: String::new(),
            content_updates: true,
            property_updates: true,
            expires_at: server.bookings.now(),
        };
        let registered = tx.push().others(&any, server.bookings.now()).await.unwrap();
        let _ = writeln!(text, "{} {registered}", user.login);
    }
    for group in tx.groups().list().await.unwrap() {
        let _ = writeln!(text, "{} {:?}", group.name, tx.groups().members(group.id).await.unwrap());
    }
    drop(snapshot);
    let _ = writeln!(text, "{:?}", server.claims("aula").await);
    for folder in ["/files/users/owner/", "/files/rooms/aula/"] {
        let keeper = server.client(keeper(folder).unwrap());
        for collection in [folder.to_owned(), format!("{folder}photos/")] {
            let shown = keeper.propfind(&collection, "1", FILE_STATE).await;
            let _ = writeln!(text, "{} {}", shown.status, shown.text());
        }
    }
    text
}
