//! A session of PostgreSQL: what it must have so that it keeps what it is given, and how it ends.
//!
//! Settings go out with the connection and are read back, since whatever stands between may drop them.
//! F-8, F-10, F-12.

use std::collections::HashMap;
use std::time::Duration;

use super::migrate;
use super::open::OpenError;
use super::pace::in_time;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection, query_as, query_scalar};

/// How long a connection may take to give a sign of life.
const MAX_SIGN: Duration = Duration::from_secs(1);

/// What every session insists on: name, what is asked for, and how that reads.
const SETTINGS: [(&str, &str, &str); 5] = [
    ("statement_timeout", "5000", "5s"),
    ("lock_timeout", "2000", "2s"),
    ("idle_in_transaction_session_timeout", "10000", "10s"),
    ("TimeZone", "UTC", "UTC"),
    ("search_path", "public", "public"),
];

/// `target_session_attrs=read-write`: after a fail-over the old primary may come back as a standby.
const READ_WRITE: (&str, &str) = ("transaction_read_only", "off");

/// Without these a commit is not on the disk, or not whole.
const FLUSHED: [(&str, &str); 2] = [("fsync", "on"), ("full_page_writes", "on")];

/// The options of `connect` with our settings.
pub(super) fn asking(connect: PgConnectOptions) -> PgConnectOptions {
    connect
        .application_name("roomdav")
        .statement_cache_capacity(256)
        .options(SETTINGS.map(|(name, asked, _)| (name, asked)))
}

/// Stops where a commit would not be on the disk. Gives the setting of `synchronous_commit`, which
/// every session then insists on.
pub(super) async fn check_server(conn: &mut PgConnection) -> Result<String, OpenError> {
    const VERSION: &str = "SELECT CAST(current_setting('server_version_num') AS BIGINT)";
    let version: i64 = query_scalar(VERSION).fetch_one(&mut *conn).await?;
    if version < 140_000 {
        let found = format!("{}.{}", version / 10_000, version % 10_000);
        return Err(OpenError::TooOld { what: "PostgreSQL", found, wanted: "14" });
    }
    hold(conn, &FLUSHED).await?;
    if read(conn, "data_checksums").await? != "on" {
        tracing::warn!("data_checksums is off: a damaged page goes unseen");
    }
    let name = "synchronous_commit";
    let found = read(conn, name).await?;
    if ["on", "remote_write", "remote_apply"].contains(&found.as_str()) {
        return Ok(found);
    }
    Err(OpenError::Setting { name, found, wanted: "on, remote_write or remote_apply".to_owned() })
}

/// The constraint that is the second line against overlap needs it (R141).
pub(super) async fn check_extension(conn: &mut PgConnection) -> Result<(), OpenError> {
    const INSTALLED: &str = "SELECT COUNT(*) FROM pg_extension WHERE extname = 'btree_gist'";
    let installed: i64 = query_scalar(INSTALLED).fetch_one(conn).await?;
    if installed == 0 {
        let (found, wanted) = ("not installed".to_owned(), "the extension".to_owned());
        return Err(OpenError::Setting { name: "btree_gist", found, wanted });
    }
    Ok(())
}

/// Reads back what the session must have; `flush` is what it must have for `synchronous_commit`.
pub(super) async fn check(conn: &mut PgConnection, flush: &str) -> Result<(), OpenError> {
    let own = SETTINGS.map(|(name, _, reads)| (name, reads));
    hold(conn, &own).await?;
    hold(conn, &[READ_WRITE, ("synchronous_commit", flush)]).await
}

/// The schema may have become one that this program does not know (P-13).
pub(super) async fn refuse_a_newer_schema(conn: &mut PgConnection) -> Result<(), OpenError> {
    const SCHEMA: &str = "SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'schema'";
    let found: i64 = query_scalar(SCHEMA).fetch_one(conn).await?;
    let known = migrate::newest();
    if found > known { Err(OpenError::Newer { found, known }) } else { Ok(()) }
}

/// Each setting must read as it should.
async fn hold(conn: &mut PgConnection, wanted: &[(&'static str, &str)]) -> Result<(), OpenError> {
    const FOUND: &str = "
        SELECT name, current_setting(name)
        FROM unnest(CAST($1 AS TEXT[])) AS name";
    let names: Vec<_> = wanted.iter().map(|(name, _)| *name).collect();
    let found: HashMap<String, String> =
        query_as(FOUND).bind(names).fetch_all(conn).await?.into_iter().collect();
    for (name, wanted) in wanted {
        let found = found.get(*name).cloned().unwrap_or_default();
        if found != *wanted {
            return Err(OpenError::Setting { name, found, wanted: (*wanted).to_owned() });
        }
    }
    Ok(())
}

async fn read(conn: &mut PgConnection, name: &str) -> Result<String, sqlx::Error> {
    query_scalar("SELECT current_setting($1)").bind(name).fetch_one(conn).await
}

/// Asks a connection for a sign of life; without one it is closed.
pub(super) async fn lives(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    in_time(MAX_SIGN, conn.ping()).await.map(|()| true)
}
