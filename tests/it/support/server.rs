//! A server in process: store, bookings and site, without sockets; its clock stands still until it
//! is set.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use roomdav::booking::admin::{RoomFacts, UserChange};
use roomdav::booking::{Actor, Bookings, Bounds, Cancel, Decide, Error, NewBlock, Outcome};
use roomdav::caldav::limits::QueryLimits;
use roomdav::clock::Clock;
use roomdav::dav;
use roomdav::domain::attendee::Address;
use roomdav::domain::claim::Claim;
use roomdav::domain::id::{RoomId, Slug, UserId};
use roomdav::domain::time::{Instant, Period, Zone};
use roomdav::ical::approval::Decisions;
use roomdav::site::{self, FileBounds, Services};
use roomdav::store::{Decision, NewUser, Options, Store, StoreError, Stored, Work};

use roomdav::text::Language;

use tokio::sync::OnceCell;

use super::Client;
use super::works::{AddGrant, SetSetting};

/// Sunday, 28 February 2027, 08:00 UTC.
pub(super) const START: &str = "2027-02-28T08:00:00Z";
pub(crate) const BASE_URL: &str = "http://127.0.0.1:8008";

/// A server with a database of its own. Clones are the same server, for tasks of their own.
#[derive(Clone)]
pub(crate) struct TestServer {
    pub(crate) service: Services,
    pub(crate) bookings: Bookings,
    pub(crate) clock: Clock,
    outage: Arc<Outage>,
    folder: Arc<tempfile::TempDir>,
}

/// The database of a server, which ends with the last clone of it, and a time in which it answers nobody.
struct Outage {
    url: String,
    /// The same site over a database that is closed; made when it is first needed.
    site: OnceCell<Services>,
    is_on: AtomicBool,
}

impl Drop for Outage {
    fn drop(&mut self) {
        if self.url.starts_with("postgres") {
            super::postgres::drop_database(&self.url);
        }
    }
}

/// Runs a test on SQLite, and on PostgreSQL where `TEST_POSTGRES_URL` names one
/// (`scripts/with-postgres` starts one and sets it).
pub(crate) async fn on_both(test: impl AsyncFn(TestServer)) {
    test(TestServer::sqlite().await).await;
    if let Some(server) = TestServer::postgres().await {
        eprintln!("on PostgreSQL");
        test(server).await;
    }
}

impl TestServer {
    /// On a fresh SQLite file.
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.sqlite").display());
        Self::open(&url, folder, Bounds::default()).await
    }

    /// On a fresh SQLite file, with room for so many messages in an inbox.
    pub(crate) async fn bounded(max_messages: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.sqlite").display());
        Self::open(&url, folder, Bounds { max_messages, ..Bounds::default() }).await
    }

    /// The same server with other bounds for what one person may do.
    pub(crate) fn with_bounds(&self, bounds: Bounds) -> Self {
        let bookings = Bookings::new(self.bookings.store().clone(), self.clock.clone(), bounds);
        Self { service: service(&bookings), bookings, ..self.clone() }
    }

    /// On a fresh database of the configured PostgreSQL; `None` where none is configured.
    pub(crate) async fn postgres() -> Option<Self> {
        let url = super::postgres::prepared().await?;
        Some(Self::open(&url, tempfile::tempdir().unwrap(), Bounds::default()).await)
    }

    /// Closes this server, so that others can begin as it is now.
    pub(crate) async fn freeze(self) -> Frozen {
        self.bookings.store().clone().close().await;
        Frozen { outage: self.outage, _folder: self.folder }
    }

    async fn open(url: &str, folder: tempfile::TempDir, bounds: Bounds) -> Self {
        // Warnings of the server are shown where a test fails.
        let log = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_test_writer();
        let _ = log.try_init();
        let options = Options { connections: 10, ..Options::default() };
        let store = Store::open(url, &options).await.unwrap();
        let clock = Clock::fixed(instant(START));
        let bookings = Bookings::new(store, clock.clone(), bounds);
        let service = service(&bookings);
        let outage = Outage { url: url.to_owned(), site: OnceCell::new(), is_on: AtomicBool::new(false) };
        let (outage, folder) = (Arc::new(outage), Arc::new(folder));
        Self { service, bookings, clock, outage, folder }
    }

    /// Another server on the same database, as a second process would be.
    pub(crate) async fn beside(&self) -> Self {
        self.reaching(&self.outage.url).await
    }

    /// The same, which reaches the database by another URL.
    pub(crate) async fn reaching(&self, url: &str) -> Self {
        let options = Options { connections: 10, ..Options::default() };
        let store = Store::open(url, &options).await.unwrap();
        let bookings = Bookings::new(store, self.clock.clone(), Bounds::default());
        Self { service: service(&bookings), bookings, ..self.clone() }
    }

    /// Where the database is.
    pub(crate) fn database(&self) -> &str {
        &self.outage.url
    }

    /// From now on the database answers no request of any client; the test itself still reads it.
    pub(crate) async fn database_down(&self) {
        let closed = async || {
            let store = Store::open(&self.outage.url, &Options::default()).await.unwrap();
            store.close().await;
            service(&Bookings::new(store, self.clock.clone(), Bounds::default()))
        };
        self.outage.site.get_or_init(closed).await;
        self.outage.is_on.store(true, Ordering::Relaxed);
    }

    /// It answers again.
    pub(crate) fn database_up(&self) {
        self.outage.is_on.store(false, Ordering::Relaxed);
    }

    /// What answers clients now.
    pub(super) fn service(&self) -> &Services {
        let closed = self.outage.site.get().filter(|_| self.outage.is_on.load(Ordering::Relaxed));
        closed.unwrap_or(&self.service)
    }

    /// The same server with other limits for files.
    pub(crate) fn with_files(&self, files: FileBounds) -> Self {
        Self { service: served(&self.bookings, files), ..self.clone() }
    }

    /// Sets the clock.
    pub(crate) fn at(&self, rfc3339: &str) -> &Self {
        self.clock.set(instant(rfc3339));
        self
    }

    /// Lets `secs` seconds pass, and does what is due then.
    pub(crate) async fn pass(&self, secs: i64) -> &Self {
        self.clock.set(self.clock.now().plus(secs));
        self.bookings.tidy().await.unwrap();
        self
    }

    /// A person with login `login`, mail `login@example.org` and the login as name, capitalised.
    pub(crate) async fn person(&self, login: &str) -> UserId {
        self.add_person(login, false).await
    }

    /// An administrator.
    pub(crate) async fn admin(&self, login: &str) -> UserId {
        self.add_person(login, true).await
    }

    async fn add_person(&self, login: &str, admin: bool) -> UserId {
        let name = format!("{}{}", login[..1].to_uppercase(), &login[1..]);
        let new = NewUser {
            login: Slug::parse(login).unwrap(),
            name,
            addresses: vec![Address::new(&format!("{login}@example.org"))],
            language: None,
            admin,
            password_hash: None,
        };
        self.bookings.add_user(new).await.unwrap()
    }

    /// A person with this one address.
    pub(crate) async fn person_at(&self, login: &str, address: &str) -> UserId {
        let new = NewUser {
            login: Slug::parse(login).unwrap(),
            name: login.to_owned(),
            addresses: vec![Address::new(address)],
            language: None,
            admin: false,
            password_hash: None,
        };
        self.bookings.add_user(new).await.unwrap()
    }

    /// Sets a person's language.
    pub(crate) async fn speaks(&self, login: &str, language: &str) {
        let change = UserChange::Language(Some(language.to_owned()));
        self.bookings.set_user(Slug::parse(login).unwrap(), vec![change]).await.unwrap();
    }

    /// Where its database is, as `database.url` has it.
    pub(crate) fn url(&self) -> &str {
        &self.outage.url
    }

    /// Whether the database is PostgreSQL.
    pub(crate) fn is_postgres(&self) -> bool {
        self.outage.url.starts_with("postgres")
    }

    /// Persons, by login.
    pub(crate) async fn people(&self, logins: &[&str]) {
        for login in logins {
            self.person(login).await;
        }
    }

    /// A room in Berlin with mail `slug@example.org`.
    pub(crate) async fn room(&self, slug: &str) -> RoomId {
        self.room_in(slug, "Europe/Berlin").await
    }

    /// A room in another zone.
    pub(crate) async fn room_in(&self, slug: &str, zone: &str) -> RoomId {
        self.make_room(slug, zone, &[]).await
    }

    /// A room made of others (R78).
    pub(crate) async fn composite(&self, slug: &str, parts: &[&str]) -> RoomId {
        self.make_room(slug, "Europe/Berlin", parts).await
    }

    async fn make_room(&self, slug: &str, zone: &str, parts: &[&str]) -> RoomId {
        let name = format!("{}{}", slug[..1].to_uppercase(), &slug[1..]);
        let facts = RoomFacts {
            slug: Slug::parse(slug).unwrap(),
            name,
            zone: Zone::iana(zone).unwrap(),
            email: Some(Address::new(&format!("{slug}@example.org"))),
            seats: None,
            building: None,
            floor: None,
            features: Vec::new(),
            parts: parts.iter().map(|part| Slug::parse(part).unwrap()).collect(),
        };
        self.bookings.add_room(facts).await.unwrap()
    }

    /// A room's setting, as on the command line; `units` also of its spaces.
    pub(crate) async fn set(&self, slug: &str, key: &str, value: &str) {
        let mut settings = roomdav::domain::settings::Settings::default();
        settings.set(key, value).unwrap();
        let (slug, key, value) = (slug.to_owned(), key.to_owned(), value.to_owned());
        let units = (key == "units").then_some(settings.units);
        self.write(SetSetting { slug, key, value, units }).await;
    }

    /// A group of these rooms.
    pub(crate) async fn room_group(&self, name: &str, rooms: &[&str]) {
        let rooms = rooms.iter().map(|room| Slug::parse(room).unwrap()).collect();
        self.bookings.add_room_group(Slug::parse(name).unwrap(), rooms).await.unwrap();
    }

    /// A setting of a group of rooms, as on the command line.
    pub(crate) async fn set_group(&self, name: &str, key: &str, value: &str) {
        let pairs = vec![(key.to_owned(), value.to_owned())];
        self.bookings.set_room_group(Slug::parse(name).unwrap(), pairs).await.unwrap();
    }

    /// Closes a room between two of its local times.
    pub(crate) async fn block(&self, slug: &str, from: &str, to: &str) {
        let mut snapshot = self.bookings.store().snapshot().await.unwrap();
        let room = snapshot.tx().rooms().by_slug(&Slug::parse(slug).unwrap()).await.unwrap().unwrap().id;
        drop(snapshot);
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        let block = NewBlock { room, from, to, rrule: None, reason: "Painting".to_owned() };
        self.bookings.add_block(Self::operator(), block).await.unwrap();
    }

    /// Grants a level or audience on a room to a person.
    pub(crate) async fn grant(&self, slug: &str, login: &str, level: &str) {
        let (slug, login, level) = (slug.to_owned(), login.to_owned(), level.to_owned());
        self.write(AddGrant { slug, login, level }).await;
    }

    /// What a work of a test does is kept.
    pub(crate) async fn write<W: Work<Error = StoreError>>(&self, work: W) -> W::Done {
        self.bookings.store().write(work).await.unwrap()
    }

    /// The command line.
    pub(crate) fn operator() -> Actor {
        Actor::operator()
    }

    /// A program of `login` that nobody knows.
    pub(crate) fn client(&self, login: &str) -> Client<'_> {
        Client::new(self, login)
    }

    /// `login` cancels the date of a reservation that began at `rfc3339` (as on the command line).
    pub(crate) async fn cancel_date(&self, slug: &str, uid: &str, rfc3339: &str, login: &str) {
        let mut snapshot = self.bookings.store().snapshot().await.unwrap();
        let mut tx = snapshot.tx();
        let room = tx.rooms().by_slug(&Slug::parse(slug).unwrap()).await.unwrap().unwrap();
        let reservation = tx.reservations().in_room(room.id, uid).await.unwrap().unwrap().id;
        let user = tx.users().by_login(&Slug::parse(login).unwrap()).await.unwrap().unwrap();
        let actor = roomdav::booking::actor(&mut tx, &user, Language::English).await.unwrap();
        drop(snapshot);
        let cancel = Cancel { actor, reservation, occurrence: Some(instant(rfc3339)) };
        self.bookings.cancel(cancel).await.unwrap();
    }

    /// `login` approves or declines what waits of a UID in a room: all of it, or the date that began at
    /// `rfc3339`.
    pub(crate) async fn decide(
        &self,
        slug: &str,
        uid: &str,
        (login, approves): (&str, bool),
        rfc3339: Option<&str>,
        remark: &str,
    ) -> Result<Outcome, Error> {
        let mut snapshot = self.bookings.store().snapshot().await.unwrap();
        let mut tx = snapshot.tx();
        let room = tx.rooms().by_slug(&Slug::parse(slug).unwrap()).await.unwrap().unwrap();
        let reservation = tx.reservations().in_room(room.id, uid).await.unwrap().unwrap().id;
        let user = tx.users().by_login(&Slug::parse(login).unwrap()).await.unwrap().unwrap();
        let actor = roomdav::booking::actor(&mut tx, &user, Language::English).await.unwrap();
        drop(snapshot);
        let decisions = match rfc3339 {
            Some(at) => Decisions::date(instant(at), approves),
            None => Decisions::whole(approves),
        };
        let decide = Decide { remark: remark.to_owned(), ..Decide::new(actor, reservation, decisions) };
        self.bookings.decide(decide).await
    }

    /// `login` takes a date that the room had refused, as a link in a letter will; `None`: a single event.
    pub(crate) async fn take(
        &self,
        slug: &str,
        uid: &str,
        rfc3339: Option<&str>,
        login: &str,
    ) -> Result<Outcome, roomdav::booking::Error> {
        let mut snapshot = self.bookings.store().snapshot().await.unwrap();
        let mut tx = snapshot.tx();
        let room = tx.rooms().by_slug(&Slug::parse(slug).unwrap()).await.unwrap().unwrap();
        let reservation = tx.reservations().in_room(room.id, uid).await.unwrap().unwrap().id;
        let user = tx.users().by_login(&Slug::parse(login).unwrap()).await.unwrap().unwrap();
        let actor = roomdav::booking::actor(&mut tx, &user, Language::English).await.unwrap();
        drop(snapshot);
        self.bookings.take_offer(actor, reservation, rfc3339.map(instant)).await
    }

    /// Audit rows of a room: (kind, reason, rule), oldest first.
    pub(crate) async fn audit(&self, slug: &str) -> Vec<(String, Option<String>, String)> {
        let mut snapshot = self.bookings.store().snapshot().await.unwrap();
        let mut tx = snapshot.tx();
        let room = tx.rooms().by_slug(&Slug::parse(slug).unwrap()).await.unwrap().unwrap();
        let rows = tx.audit().list(Some(room.id), Instant::from_secs(0), 10_000).await.unwrap();
        rows.into_iter().map(|row| (row.kind, row.reason, row.rule)).collect()
    }

    /// The times of all claims on a room's spaces, local to the room, by start: `03-01 09:00-10:00`.
    pub(crate) async fn claims(&self, slug: &str) -> Vec<String> {
        let (zone, claims) = self.claimed(slug).await;
        let text = |claim: &Claim| {
            let (start, end) = (zone.to_local(claim.occupied.start), zone.to_local(claim.occupied.end));
            format!("{}-{}", start.strftime("%m-%d %H:%M"), end.strftime("%H:%M"))
        };
        claims.iter().map(text).collect()
    }

    /// The same in UTC with their lengths, where the clock of the room is in question:
    /// `2027-03-27T23:00Z +23:00`.
    pub(crate) async fn claims_in_utc(&self, slug: &str) -> Vec<String> {
        let (_, claims) = self.claimed(slug).await;
        let text = |claim: &Claim| {
            let start = Zone::utc().to_local(claim.occupied.start);
            let minutes = claim.occupied.secs() / 60;
            format!("{} +{:02}:{:02}", start.strftime("%Y-%m-%dT%H:%MZ"), minutes / 60, minutes % 60)
        };
        claims.iter().map(text).collect()
    }

    /// Every claim on a room's spaces, whoever has it, and the room's zone.
    async fn claimed(&self, slug: &str) -> (Zone, Vec<Claim>) {
        let mut snapshot = self.bookings.store().snapshot().await.unwrap();
        let mut tx = snapshot.tx();
        let room = tx.rooms().by_slug(&Slug::parse(slug).unwrap()).await.unwrap().unwrap();
        let ever =
            Period { start: Instant::from_secs(1_600_000_000), end: Instant::from_secs(4_102_444_800) };
        let mut claims = tx.occurrences().neighbours(&room.spaces, &[ever], &[]).await.unwrap();
        claims.sort_by_key(|claim| (claim.occupied.start, claim.space, claim.occurrence));
        (room.zone, claims)
    }

    /// What a room keeps of a UID: start local to the room, state and reason, by start:
    /// `03-01 09:00 declined busy`.
    pub(crate) async fn states(&self, slug: &str, uid: &str) -> Vec<String> {
        let mut snapshot = self.bookings.store().snapshot().await.unwrap();
        let mut tx = snapshot.tx();
        let room = tx.rooms().by_slug(&Slug::parse(slug).unwrap()).await.unwrap().unwrap();
        let Some(reservation) = tx.reservations().in_room(room.id, uid).await.unwrap() else {
            return Vec::new();
        };
        let all = tx.occurrences().of(reservation.id).await.unwrap();
        let text = |stored: &Stored| {
            let start = room.zone.to_local(stored.facts.period.start).strftime("%m-%d %H:%M");
            let reason = stored.facts.reason.map(|reason| format!(" {}", reason.code()));
            format!("{start} {}{}", stored.facts.state.as_str(), reason.unwrap_or_default())
        };
        all.iter().map(text).collect()
    }

    /// Every audit row, oldest first.
    pub(crate) async fn decisions(&self) -> Vec<Decision> {
        let mut snapshot = self.bookings.store().snapshot().await.unwrap();
        snapshot.tx().audit().list(None, Instant::from_secs(0), 100_000).await.unwrap()
    }
}

/// A database that servers begin with a copy of: quicker than to make the same house again.
pub(crate) struct Frozen {
    outage: Arc<Outage>,
    _folder: Arc<tempfile::TempDir>,
}

impl Frozen {
    pub(crate) async fn thaw(&self) -> TestServer {
        let folder = tempfile::tempdir().unwrap();
        let url = match self.outage.url.strip_prefix("sqlite://") {
            Some(file) => {
                let copy = folder.path().join("test.sqlite");
                std::fs::copy(file, &copy).unwrap();
                format!("sqlite://{}", copy.display())
            }
            None => super::postgres::copy_of(&self.outage.url).await,
        };
        TestServer::open(&url, folder, Bounds::default()).await
    }
}

fn service(bookings: &Bookings) -> Services {
    served(bookings, FileBounds::default())
}

fn served(bookings: &Bookings, files: FileBounds) -> Services {
    let bounds = site::Bounds { dav: dav::Limits::default(), queries: QueryLimits::default(), files };
    Services::new(bookings, BASE_URL, bounds)
}

/// RFC 3339.
pub(crate) fn instant(rfc3339: &str) -> Instant {
    Instant::from(rfc3339.parse::<jiff::Timestamp>().unwrap())
}
