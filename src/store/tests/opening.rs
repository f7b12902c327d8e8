//! What promises hang on: settings that every connection must have, read back (reliability, section 9).

use std::time::Duration;

use sqlx::{Connection, PgConnection, SqliteConnection, query};

use super::support::{add_person, few_connections, fresh_postgres, sqlite_path, sqlite_url, wrote};
use crate::store::migrate::pragma;
use crate::store::sqlite::{PRAGMAS, check_pragmas, connect_options, refuse_older};
use crate::store::tx::Conn;
use crate::store::{OpenError, Options, Store, StoreError, Tx, session};

/// What the connection of this transaction has for these pragmas.
async fn pragmas(tx: &mut Tx<'_>, names: &[&'static str]) -> Result<Vec<String>, StoreError> {
    let Conn::Sqlite(conn) = &mut tx.conn else { panic!("it is SQLite") };
    let mut found = Vec::new();
    for name in names {
        found.push(pragma(conn, name).await?);
    }
    Ok(found)
}

/// The pragmas that are read back.
const NAMES: [&str; 10] = [
    "journal_mode",
    "synchronous",
    "foreign_keys",
    "busy_timeout",
    "trusted_schema",
    "cell_size_check",
    "mmap_size",
    "temp_store",
    "journal_size_limit",
    "wal_autocheckpoint",
];

#[tokio::test]
async fn every_connection_to_sqlite_has_what_its_promises_hang_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&sqlite_url(&folder), &Options::default()).await.unwrap();
    let wanted = ["wal", "2", "1", "5000", "0", "1", "0", "2", "67108864", "0"];
    let writer = wrote!(store, tx => pragmas(tx, &NAMES).await).unwrap();
    assert_eq!(writer, wanted);
    // Every reader there is.
    let mut snapshots = Vec::new();
    for _ in 0..Options::default().readers {
        let mut snapshot = store.snapshot().await.unwrap();
        assert_eq!(pragmas(&mut snapshot.tx(), &NAMES).await.unwrap(), wanted);
        snapshots.push(snapshot);
    }
    drop(snapshots);
    store.close().await;
}

#[tokio::test]
async fn a_connection_to_sqlite_that_did_not_take_a_setting_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::default();
    Store::open(&sqlite_url(&folder), &options).await.unwrap().close().await;
    let connect = || connect_options(&sqlite_path(&folder), &options);
    let mut good = SqliteConnection::connect_with(&connect()).await.unwrap();
    check_pragmas(&mut good, &options).await.unwrap();
    let others =
        [("synchronous", "1"), ("foreign_keys", "0"), ("trusted_schema", "1"), ("cell_size_check", "0")];
    let others = others.into_iter().chain([
        ("temp_store", "0"),
        ("journal_size_limit", "1"),
        ("wal_autocheckpoint", "1000"),
        ("busy_timeout", "1"),
    ]);
    for (other, value) in others {
        assert!(other == "busy_timeout" || PRAGMAS.iter().any(|(name, _)| *name == other));
        let mut conn = SqliteConnection::connect_with(&connect().pragma(other, value)).await.unwrap();
        let refused = check_pragmas(&mut conn, &options).await;
        assert!(
            matches!(refused, Err(OpenError::Setting { name, .. }) if name == other),
            "{other}: {refused:?}"
        );
    }
}

// D-70
#[test]
fn an_sqlite_with_a_known_fault_is_refused() {
    for old in ["3.40.1", "3.46.0", "3.51.2", "2.99.99", "what"] {
        let refused = refuse_older(old.to_owned());
        assert!(matches!(refused, Err(OpenError::TooOld { what: "SQLite", .. })), "D-70: {old}");
    }
    for new in ["3.51.3", "3.52.0", "4.0.0"] {
        refuse_older(new.to_owned()).unwrap();
    }
}

#[tokio::test]
async fn a_snapshot_of_sqlite_answers_nothing_after_its_time_and_its_connection_is_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { readers: 2, reading_time: Duration::from_millis(50), ..Options::default() };
    let store = Store::open(&sqlite_url(&folder), &options).await.unwrap();
    add_person(&store, "ada").await;
    for _ in 0..3 {
        let mut snapshot = store.snapshot().await.unwrap();
        let mut whole = store.long_snapshot().await.unwrap();
        assert_eq!(snapshot.tx().users().list().await.unwrap().len(), 1);
        tokio::time::sleep(Duration::from_millis(60)).await;
        let late = snapshot.tx().users().list().await;
        assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
        assert_eq!(whole.tx().users().list().await.unwrap().len(), 1, "work over everything takes its time");
    }
    assert_eq!(Options::default().reading_time, Duration::from_secs(30));
    store.close().await;
}

/// The values of these settings in a session.
async fn settings(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    const SETTINGS: &str = "
        SELECT current_setting(name)
        FROM unnest(ARRAY['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'TimeZone',
            'search_path', 'synchronous_commit']) AS name";
    let Conn::Postgres(conn) = &mut tx.conn else { panic!("it is PostgreSQL") };
    Ok(sqlx::query_scalar(SETTINGS).fetch_all(&mut **conn).await?)
}

#[tokio::test]
async fn every_session_of_postgresql_has_what_its_promises_hang_on() {
    let Some(url) = fresh_postgres().await else { return };
    let store = Store::open(&url, &Options { connections: 100, ..Options::default() }).await.unwrap();
    let wanted = ["5s", "2s", "10s", "UTC", "public", "on"];
    assert_eq!(wrote!(store, tx => settings(tx).await).unwrap(), wanted);
    // As many sessions as there may be.
    let mut snapshots = Vec::new();
    for _ in 0..16 {
        let mut snapshot = store.snapshot().await.unwrap();
        assert_eq!(settings(&mut snapshot.tx()).await.unwrap(), wanted);
        snapshots.push(snapshot);
    }
    assert!(matches!(store.snapshot().await, Err(StoreError::Unavailable(_))), "16 connections at most");
    drop(snapshots);
    store.close().await;
}

#[tokio::test]
async fn a_session_through_which_our_settings_did_not_come_is_refused() {
    let Some(url) = fresh_postgres().await else { return };
    // As through a pooler that drops what a session begins with.
    let mut bare = PgConnection::connect(&url).await.unwrap();
    query("SET TimeZone = 'Europe/Berlin'").execute(&mut bare).await.unwrap();
    let mut missing = Vec::new();
    while let Err(OpenError::Setting { name, wanted, .. }) = session::check(&mut bare, "on").await {
        let set = format!("SELECT set_config('{name}', '{wanted}', false)");
        query(sqlx::AssertSqlSafe(set)).execute(&mut bare).await.unwrap();
        missing.push(name);
    }
    assert_eq!(
        missing,
        [
            "statement_timeout",
            "lock_timeout",
            "idle_in_transaction_session_timeout",
            "TimeZone",
            "search_path"
        ]
    );
    session::check(&mut bare, "on").await.unwrap();
    let refused = session::check(&mut bare, "remote_apply").await;
    assert!(matches!(refused, Err(OpenError::Setting { name: "synchronous_commit", .. })), "{refused:?}");
}

async fn alter(url: &str, change: &str) {
    let mut conn = PgConnection::connect(url).await.unwrap();
    let name = url.rsplit_once('/').unwrap().1;
    let sql = change.replace("DATABASE", &format!("DATABASE {name}"));
    query(sqlx::AssertSqlSafe(sql)).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

// P-1, F-8
#[tokio::test]
async fn a_database_that_would_not_keep_a_commit_or_cannot_be_written_is_refused() {
    let Some(url) = fresh_postgres().await else { return };
    Store::open(&url, &few_connections()).await.unwrap().close().await;
    for lax in ["off", "local"] {
        alter(&url, &format!("ALTER DATABASE SET synchronous_commit = {lax}")).await;
        let refused = Store::open(&url, &few_connections()).await.err();
        assert!(
            matches!(refused, Some(OpenError::Setting { name: "synchronous_commit", .. })),
            "{refused:?}"
        );
    }
    for strict in ["remote_write", "remote_apply"] {
        alter(&url, &format!("ALTER DATABASE SET synchronous_commit = {strict}")).await;
        let store = Store::open(&url, &few_connections()).await.unwrap();
        let found = wrote!(store, tx => settings(tx).await).unwrap();
        assert_eq!(found.last().map(String::as_str), Some(strict));
        store.close().await;
    }
    // As a standby is.
    alter(&url, "ALTER DATABASE SET default_transaction_read_only = on").await;
    let refused = Store::open(&url, &few_connections()).await.err();
    assert!(matches!(refused, Some(OpenError::Setting { name: "transaction_read_only", .. })), "{refused:?}");
}

// R141
#[tokio::test]
async fn a_database_without_the_extension_of_its_constraint_is_refused() {
    let Some(url) = fresh_postgres().await else { return };
    Store::open(&url, &few_connections()).await.unwrap().close().await;
    alter(&url, "DROP EXTENSION btree_gist CASCADE").await;
    let refused = Store::open(&url, &few_connections()).await.err();
    assert!(matches!(refused, Some(OpenError::Setting { name: "btree_gist", .. })), "{refused:?}");
}
