//! Calendar programs as they find an account and read it, each by its own requests over a socket.
//!
//! The bodies are written after what each program is known to send (prefixes, order, headers); a
//! sequence begins with the server's address alone and goes on only from what the server said.

mod apple;
mod davx5;
mod evolution;
mod gnome;
mod kde;
mod libraries;
mod outlook;
mod pimsync;
mod thunderbird;
mod vdirsyncer;

use std::collections::BTreeMap;

use crate::support::{Item, Program, Reply, TestServer, Wire, event, on_both};

/// A calendar as a program lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) is_writable: bool,
}

/// Ada and Bob; the aula, which everybody may book, the lab, which may be looked at, and the vault, of
/// which only Bob knows.
pub(crate) async fn campus(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    for room in ["aula", "lab", "vault"] {
        server.room(room).await;
    }
    server.set("lab", "book", "none").await;
    server.set("vault", "viewer", "none").await;
    server.grant("vault", "bob", "details").await;
}

/// The campus, open to the network, on each database.
pub(crate) async fn on_campus(test: impl AsyncFn(&TestServer, &Wire<'_>)) {
    on_both(async |server| {
        campus(&server).await;
        test(&server, &Wire::open(&server).await).await;
    })
    .await;
}

/// What Ada's program has to find.
#[track_caller]
fn finds_the_campus(found: &[Found]) {
    let mut found = found.to_vec();
    found.sort_by(|a, b| a.href.cmp(&b.href));
    let calendar = |name: &str, title: &str, is_writable| Found {
        href: format!("/calendars/users/ada/{name}/"),
        title: title.to_owned(),
        is_writable,
    };
    let expected = [
        calendar("reservations", "Ada", true),
        calendar("room-aula", "Aula", true),
        calendar("room-lab", "Lab", false),
    ];
    assert_eq!(found, expected);
}

/// The calendars among the answers, with each program's own idea of what may be written.
fn calendars(items: &[Item], is_writable: impl Fn(&Item) -> bool) -> Vec<Found> {
    let calendars = items.iter().filter(|item| item.holds("resourcetype", "calendar"));
    let found = calendars.map(|item| Found {
        href: item.href.clone(),
        title: item.text("displayname").unwrap_or_default(),
        is_writable: is_writable(item),
    });
    found.collect()
}

/// Whether one of these privileges is there.
fn may(item: &Item, privileges: &[&str]) -> bool {
    privileges.iter().any(|privilege| item.holds("current-user-privilege-set", privilege))
}

/// PROPFIND, and what holds for every answer to one: 207, each response with something that was
/// found, hrefs as absolute paths, collections with a slash at the end. R1.7, R1.10.
async fn ask(program: &Program<'_>, path: &str, depth: &str, body: &str) -> Vec<Item> {
    let reply = program.propfind(path, depth, body).await.expect(207);
    assert!(reply.header("content-type").unwrap().starts_with("application/xml"), "{path}");
    let items = reply.multistatus();
    for item in &items {
        assert!(item.href.starts_with('/'), "{}", item.href);
        assert!(!item.holds("resourcetype", "collection") || item.href.ends_with('/'), "{}", item.href);
        assert!(item.properties.iter().any(|(_, status, _)| *status == 200), "{path}: {}", item.href);
        assert!(item.properties.iter().all(|(_, status, _)| [200, 404].contains(status)), "{path}");
    }
    items
}

/// Follows up to five redirects with the same method and credentials, on the same origin. R1.1.
async fn follow(
    program: &Program<'_>,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (String, Reply) {
    let mut path = path.to_owned();
    for _ in 0..5 {
        let reply = program.send(method, &path, headers, body).await;
        if ![301, 302, 303, 307, 308].contains(&reply.status) {
            return (path, reply);
        }
        let location = reply.header("location").expect("a Location");
        let own = format!("http://{}", program.host());
        location.strip_prefix(&own).unwrap_or(location).clone_into(&mut path);
        assert!(path.starts_with('/'), "{path} lies elsewhere");
    }
    panic!("redirected without end");
}

/// The first href in a property of the first answer.
#[track_caller]
fn href(items: &[Item], property: &str) -> String {
    items[0].hrefs(property).first().unwrap_or_else(|| panic!("no {property}")).clone()
}

/// The tokens of the `DAV:` header.
fn classes(reply: &Reply) -> Vec<String> {
    let header = reply.header("dav").unwrap_or_default();
    header.split(',').map(|token| token.trim().to_owned()).collect()
}

/// What a program holds of a calendar: texts by href, with plain line ends.
type Shelf = BTreeMap<String, String>;

/// What the aula's calendar holds for a reader, fetched one by one.
async fn shelf(program: &Program<'_>, calendar: &str) -> Shelf {
    let body = "<propfind xmlns=\"DAV:\"><prop><getetag/></prop></propfind>";
    let mut shelf = Shelf::new();
    for item in program.propfind(calendar, "1", body).await.multistatus() {
        if item.text("getetag").is_some() {
            let text = program.get(&item.href).await.expect(200).text();
            shelf.insert(item.href, plain(&text));
        }
    }
    shelf
}

/// XML turns every line end into a single character.
fn plain(text: &str) -> String {
    text.replace('\r', "")
}

/// Two events of Ada's, one a series, and one of Bob's.
async fn fill(server: &TestServer) {
    let (ada, bob) = (server.client("ada"), server.client("bob"));
    ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
    ada.book("aula", &event("weekly").hours("20270302", 9, 10).rule("FREQ=WEEKLY;COUNT=4")).await.created();
    bob.book("aula", &event("b").hours("20270301", 11, 12)).await.created();
}

/// One more, one less, one other.
async fn change(server: &TestServer) {
    let (ada, bob) = (server.client("ada"), server.client("bob"));
    let room = bob.room("aula");
    bob.book("aula", &event("c").hours("20270301", 14, 15)).await.created();
    bob.delete(&format!("{room}b.ics")).await.no_content();
    let etag = ada.get(&format!("{}a.ics", ada.room("aula"))).await.etag();
    let moved = event("a").hours("20270301", 16, 17).text();
    ada.change(&format!("{}a.ics", ada.room("aula")), &etag, moved).await.no_content();
}

/// A multiget of these hrefs, as `write` makes the body; what came back as texts. R2.2, R2.3.
async fn multiget(
    program: &Program<'_>,
    calendar: &str,
    headers: &[(&str, &str)],
    hrefs: &[String],
    at_once: usize,
    write: impl Fn(&str) -> String,
) -> Shelf {
    let mut shelf = Shelf::new();
    for some in hrefs.chunks(at_once) {
        let list: String = some.iter().map(|href| format!("<D:href>{href}</D:href>")).collect();
        let items = program.report(calendar, headers, &write(&list)).await.expect(207).multistatus();
        assert_eq!(items.len(), some.len());
        for item in items {
            assert!(item.text("getetag").is_some(), "R2.3: {}", item.href);
            let text = item.text("calendar-data").expect("R2.3");
            shelf.insert(item.href, plain(&text));
        }
    }
    shelf
}

/// Applies the answer of a sync-collection: hrefs to fetch; those that are gone leave the shelf.
fn apply(items: &[Item], calendar: &str, shelf: &mut Shelf) -> Vec<String> {
    let mut wanted = Vec::new();
    for item in items.iter().filter(|item| item.href != calendar) {
        match item.status {
            Some(404) => drop(shelf.remove(&item.href)),
            Some(other) => panic!("R2.3: {other} for {}", item.href),
            None => wanted.push(item.href.clone()),
        }
    }
    wanted
}
