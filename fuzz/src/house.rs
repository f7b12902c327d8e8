//! A server with a few people and rooms on an empty database of its own, to be sent requests.

use std::path::PathBuf;
use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use roomdav::booking::admin::RoomFacts;
use roomdav::booking::{Bookings, Bounds};
use roomdav::caldav::limits::QueryLimits;
use roomdav::clock::Clock;
use roomdav::dav;
use roomdav::domain::attendee::Address;
use roomdav::domain::id::Slug;
use roomdav::domain::time::{Instant, Zone};
use roomdav::site::{self, FileBounds, Services, Visit};
use roomdav::store::{NewUser, Options, Store};
use tokio::runtime::{Builder, Runtime};

/// The people of the house.
pub(crate) const PEOPLE: &[&str] = &["ada", "bob", "eve"];

/// The rooms: everybody may book the first two.
pub(crate) const ROOMS: &[&str] = &["aula", "lab"];

/// 1 January 2027.
const NOW: Instant = Instant::from_secs(1_798_761_600);

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_all().build().expect("a runtime of one thread"));

/// Runs to the end.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
}

/// Makes what houses are copied from.
pub(crate) fn prepare() {
    LazyLock::force(&EMPTY);
}

/// A house that stands for the whole run.
pub(crate) fn lasting() -> House {
    prepare();
    wait(House::open())
}

/// A server, gone with this.
pub(crate) struct House {
    pub(crate) bookings: Bookings,
    pub(crate) clock: Clock,
    service: Services,
    _folder: tempfile::TempDir,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// The database of a house in which nothing has happened; copied for each.
static EMPTY: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("empty.sqlite");
    wait(async {
        let bookings = open(&path).await.0;
        for login in PEOPLE {
            let new = NewUser {
                login: Slug::parse(login).expect("a login"),
                name: (*login).to_owned(),
                addresses: vec![Address::new(&format!("{login}@example.org"))],
                language: None,
                admin: false,
                password_hash: None,
            };
            bookings.add_user(new).await.expect("a person");
        }
        for slug in ROOMS {
            let facts = RoomFacts {
                slug: Slug::parse(slug).expect("a slug"),
                name: (*slug).to_owned(),
                zone: Zone::iana("Europe/Berlin").expect("a zone"),
                email: Some(Address::new(&format!("{slug}@example.org"))),
                seats: None,
                building: None,
                floor: None,
                features: Vec::new(),
                parts: Vec::new(),
            };
            bookings.add_room(facts).await.expect("a room");
        }
        bookings.store().close().await;
    });
    (folder, path)
});

async fn open(path: &std::path::Path) -> (Bookings, Clock) {
    let options = Options { readers: 2, ..Options::default() };
    let store = Store::open(&format!("sqlite://{}", path.display()), &options).await.expect("a database");
    let clock = Clock::fixed(NOW);
    (Bookings::new(store, clock.clone(), Bounds::default()), clock)
}

impl House {
    /// After [`prepare`].
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("house.sqlite");
        std::fs::copy(&EMPTY.1, &path).expect("a copy");
        let (bookings, clock) = open(&path).await;
        let bounds = site::Bounds {
            dav: dav::Limits::default(),
            queries: QueryLimits::default(),
            files: FileBounds::default(),
        };
        let service = Services::new(&bookings, "http://127.0.0.1:8008", bounds);
        Self { bookings, clock, service, _folder: folder }
    }

    /// One request of `login`; `None` if it cannot even be written as one.
    pub(crate) async fn send(
        &self,
        login: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<Answer> {
        let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).ok()?).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header("host", "127.0.0.1:8008").body(Bytes::copy_from_slice(body)).ok()?;
        let user = {
            let mut snapshot = self.bookings.store().snapshot().await.expect("a snapshot");
            let login = Slug::parse(login).expect("a login");
            snapshot.tx().users().by_login(&login).await.expect("an answer").expect("a person").id
        };
        let viewer = self.service.site().viewer(user, Visit { path: request.uri().path(), ..Visit::default() }).await;
        let viewer = viewer.unwrap_or_else(|_| panic!("{login} is known"));
        let response = self.service.handle(&viewer, request).await;
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("the answer has an end").to_bytes();
        Some(Answer { status: head.status, headers: head.headers, body })
    }
}
