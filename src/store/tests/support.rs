//! Fresh databases, and works made of closures.

use std::path::PathBuf;
use std::pin::Pin;

use sqlx::{Connection, PgConnection};

use crate::domain::attendee::Address;
use crate::domain::event::Class;
use crate::domain::id::{CalendarId, RoomId, Slug, UserId};
use crate::domain::time::{Instant, Zone};
use crate::store::{CalendarOwner, Change, NewRoom, NewUser, Options, Store, StoreError, Tx, Work};

pub(super) const AT: Instant = Instant::from_secs(1_800_000_000);

/// Runs a test on a fresh database of each kind.
pub(crate) async fn on_both(test: impl AsyncFn(Store)) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&sqlite_url(&folder), &Options::default()).await.unwrap();
    eprintln!("on SQLite");
    test(store.clone()).await;
    store.close().await;
    if let Some(url) = fresh_postgres().await {
        let store = Store::open(&url, &few_connections()).await.unwrap();
        eprintln!("on PostgreSQL");
        test(store.clone()).await;
        store.close().await;
        drop_postgres(&url).await;
    }
}

pub(super) fn few_connections() -> Options {
    Options { connections: 8, ..Options::default() }
}

pub(super) fn sqlite_url(folder: &tempfile::TempDir) -> String {
    format!("sqlite://{}", sqlite_path(folder).display())
}

pub(super) fn sqlite_path(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("data/test.sqlite")
}

/// The URL of a new database, or `None` where no PostgreSQL is configured.
pub(super) async fn fresh_postgres() -> Option<String> {
    let url = std::env::var("TEST_POSTGRES_URL").ok()?;
    let name = format!("roomdav_{:016x}", crate::store::random_bits());
    let mut conn = PgConnection::connect(&url).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::query(create).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    let (server, _) = url.rsplit_once('/').unwrap();
    Some(format!("{server}/{name}"))
}

/// Ends a database again: they lie in memory.
async fn drop_postgres(url: &str) {
    let (server, name) = (std::env::var("TEST_POSTGRES_URL").unwrap(), url.rsplit_once('/').unwrap().1);
    let mut conn = PgConnection::connect(&server).await.unwrap();
    let drop = sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
    sqlx::query(drop).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

/// A work made of a closure.
pub(super) struct Do<F>(F);

pub(super) type Doing<'t, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 't>>;

/// Here, rather than at the closure, its lifetimes are made general.
pub(super) fn doing<F, T>(run: F) -> Do<F>
where
    F: for<'t> Fn(&'t mut Tx<'_>) -> Doing<'t, T> + Send + Sync + 'static,
{
    Do(run)
}

impl<F, T> Work for Do<F>
where
    F: for<'t> Fn(&'t mut Tx<'_>) -> Doing<'t, T> + Send + Sync + 'static,
    T: Send + 'static,
{
    type Done = T;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<T, StoreError> {
        (self.0)(tx).await
    }
}

/// `wrote!(store, tx => …)`: what comes of these queries in one writing transaction. What the
/// queries need is moved in and cloned by each attempt.
macro_rules! wrote {
    ($store:expr, $($name:ident),* ; $tx:ident => $run:expr) => {{
        $(let $name = $name.clone();)*
        $store.write($crate::store::tests::support::doing(move |$tx: &mut $crate::store::Tx<'_>| {
            $(let $name = $name.clone();)*
            Box::pin(async move { $run })
        })).await
    }};
    ($store:expr, $tx:ident => $run:expr) => { wrote!($store, ; $tx => $run) };
}
pub(super) use wrote;

/// `read!(store, tx => …)`: what these queries see now.
macro_rules! read {
    ($store:expr, $tx:ident => $run:expr) => {{
        let mut snapshot = $store.snapshot().await.unwrap();
        let mut $tx = snapshot.tx();
        $run.unwrap()
    }};
}
pub(super) use read;

pub(super) fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

pub(super) fn person(login: &str) -> NewUser {
    NewUser {
        login: slug(login),
        name: format!("{login} of the house"),
        addresses: vec![Address::new(&format!("{login}@example.org"))],
        language: None,
        admin: false,
        password_hash: None,
    }
}

pub(super) fn room(name: &str, parts: &[RoomId]) -> NewRoom {
    NewRoom {
        slug: slug(name),
        name: name.to_uppercase(),
        zone: Zone::iana("Europe/Berlin").unwrap(),
        email: Some(Address::new(&format!("{name}@rooms.example.org"))),
        seats: Some(12),
        building: Some("West".to_owned()),
        floor: None,
        features: vec!["screen".to_owned(), "piano, grand".to_owned()],
        parts: parts.to_vec(),
    }
}

pub(super) async fn add_person(store: &Store, login: &str) -> UserId {
    let new = person(login);
    wrote!(store, new; tx => tx.users().add(&new, AT).await).unwrap()
}

pub(super) async fn add_room(store: &Store, name: &str, parts: &[RoomId]) -> RoomId {
    let new = room(name, parts);
    wrote!(store, new; tx => tx.rooms().add(&new, AT).await).unwrap()
}

/// Takes a number of a calendar and notes a change, as every booking does.
pub(super) async fn change(tx: &mut Tx<'_>, calendar: CalendarId) -> Result<i64, StoreError> {
    tx.lock_in_order(&[], &[calendar]).await?;
    let stamp = tx.calendars().advance(calendar).await?;
    let name = format!("{}.ics", stamp.seq.get());
    let change = Change {
        calendar,
        stamp,
        name,
        removed: false,
        mask_key: None,
        owner: None,
        renamed: false,
        class: Class::Public,
        at: AT,
    };
    tx.changes().insert(&change).await?;
    Ok(stamp.seq.get())
}

/// The calendar of a new room.
pub(super) async fn add_calendar(store: &Store) -> CalendarId {
    let room = add_room(store, "aula", &[]).await;
    wrote!(store, tx => tx.calendars().create(CalendarOwner::Room(room), "aula", "VEVENT", AT).await)
        .unwrap()
        .id
}
