//! Bringing the schema up to date: numbered steps, forward only, each database by its own text.
//!
//! The step, its number and the server's secret are one transaction; a lock lets one process do
//! it while the others wait. A database with a higher number than ours is left alone.

use sqlx::{Connection, PgConnection, Row, SqliteConnection, query, query_scalar, raw_sql};

use super::error::StoreError;
use super::open::OpenError;

/// The steps, the first with number 1: the text for SQLite and the text for PostgreSQL.
pub(super) const STEPS: &[(&str, &str)] = &[
    (
        include_str!("../../schema/sqlite/0001_initial.sql"),
        include_str!("../../schema/postgres/0001_initial.sql"),
    ),
    (
        include_str!("../../schema/sqlite/0002_components_and_class.sql"),
        include_str!("../../schema/postgres/0002_components_and_class.sql"),
    ),
    (
        include_str!("../../schema/sqlite/0003_long_claims.sql"),
        include_str!("../../schema/postgres/0003_long_claims.sql"),
    ),
    (include_str!("../../schema/sqlite/0004_push.sql"), include_str!("../../schema/postgres/0004_push.sql")),
    (
        include_str!("../../schema/sqlite/0005_scheduling.sql"),
        include_str!("../../schema/postgres/0005_scheduling.sql"),
    ),
    (
        include_str!("../../schema/sqlite/0006_files.sql"),
        include_str!("../../schema/postgres/0006_files.sql"),
    ),
    (
        include_str!("../../schema/sqlite/0007_letters.sql"),
        include_str!("../../schema/postgres/0007_letters.sql"),
    ),
    (
        include_str!("../../schema/sqlite/0008_attachments.sql"),
        include_str!("../../schema/postgres/0008_attachments.sql"),
    ),
    (
        include_str!("../../schema/sqlite/0009_sources.sql"),
        include_str!("../../schema/postgres/0009_sources.sql"),
    ),
    (
        include_str!("../../schema/sqlite/0010_origins.sql"),
        include_str!("../../schema/postgres/0010_origins.sql"),
    ),
    (
        include_str!("../../schema/sqlite/0011_waiting.sql"),
        include_str!("../../schema/postgres/0011_waiting.sql"),
    ),
    (
        include_str!("../../schema/sqlite/0012_approval.sql"),
        include_str!("../../schema/postgres/0012_approval.sql"),
    ),
    (
        include_str!("../../schema/sqlite/0013_room_groups.sql"),
        include_str!("../../schema/postgres/0013_room_groups.sql"),
    ),
    (
        include_str!("../../schema/sqlite/0014_messages_to_rooms.sql"),
        include_str!("../../schema/postgres/0014_messages_to_rooms.sql"),
    ),
    (
        include_str!("../../schema/sqlite/0015_notices.sql"),
        include_str!("../../schema/postgres/0015_notices.sql"),
    ),
    (
        include_str!("../../schema/sqlite/0016_open_database.sql"),
        include_str!("../../schema/postgres/0016_open_database.sql"),
    ),
];

/// "rmdv": what `file` and other programs see at the head of our SQLite files.
const APPLICATION_ID: i64 = 0x726d_6476;

/// Locks that only migrations take, on PostgreSQL.
const ADVISORY_LOCK: i64 = APPLICATION_ID;

const SET_VERSION: &str = "
    INSERT INTO meta (key, value)
    VALUES ('schema', $1)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const SET_SECRET: &str = "
    INSERT INTO meta (key, value)
    VALUES ('secret', $1)
    ON CONFLICT (key) DO NOTHING";

/// The oldest schema that this program serves as it is, so that the servers of one database can be replaced
/// one by one before it is brought up to date. What needs a newer one waits for it ([`Meta::schema`]).
///
/// [`Meta::schema`]: super::Meta::schema
const OLDEST_SERVED: i64 = 15;

/// The newest schema that this program knows.
pub(super) fn newest() -> i64 {
    i64::try_from(STEPS.len()).expect("there are few steps")
}

/// Which steps are to be taken from `found` on, or why none is.
fn from(found: i64, upgrade: bool) -> Result<&'static [(&'static str, &'static str)], OpenError> {
    let known = newest();
    match usize::try_from(found) {
        Ok(done) if found == 0 || found == known || (upgrade && found < known) => Ok(&STEPS[done..]),
        Ok(_) if (OLDEST_SERVED..known).contains(&found) => Ok(&[]),
        Ok(_) if found < known => Err(OpenError::Older { found, known }),
        _ => Err(OpenError::Newer { found, known }),
    }
}

pub(super) async fn sqlite(conn: &mut SqliteConnection, upgrade: bool) -> Result<(), OpenError> {
    let found = sqlite_version(conn).await?;
    if from(found, upgrade)?.is_empty() {
        return Ok(());
    }
    let mut transaction = conn.begin_with("BEGIN IMMEDIATE").await?;
    // Asked again under the lock: somebody may have been faster.
    let found = sqlite_version(&mut transaction).await?;
    let steps = from(found, upgrade)?;
    for (step, _) in steps {
        raw_sql(*step).execute(&mut *transaction).await?;
    }
    if !steps.is_empty() {
        query(SET_VERSION).bind(newest().to_string()).execute(&mut *transaction).await?;
        query(SET_SECRET).bind(new_secret()).execute(&mut *transaction).await?;
        set_pragma(&mut transaction, "application_id", APPLICATION_ID).await?;
        set_pragma(&mut transaction, "user_version", newest()).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// The schema's number; 0 for an empty file. A file with tables of other people is refused.
pub(super) async fn sqlite_version(conn: &mut SqliteConnection) -> Result<i64, OpenError> {
    let application = pragma(conn, "application_id").await?;
    let version = pragma(conn, "user_version").await?;
    let tables: i64 = query_scalar("SELECT COUNT(*) FROM sqlite_schema").fetch_one(&mut *conn).await?;
    if tables > 0 && application != APPLICATION_ID.to_string() {
        return Err(OpenError::Foreign(format!(
            "application_id is {application}, with {tables} tables and indexes"
        )));
    }
    let broken = || StoreError::Inconsistent(format!("user_version is {version}"));
    Ok(version.parse().map_err(|_| broken())?)
}

pub(super) async fn postgres(conn: &mut PgConnection, upgrade: bool) -> Result<(), OpenError> {
    if from(postgres_version(conn).await?, upgrade)?.is_empty() {
        return Ok(());
    }
    let mut transaction = conn.begin().await?;
    query("SET LOCAL statement_timeout = 0").execute(&mut *transaction).await?;
    query("SET LOCAL lock_timeout = 0").execute(&mut *transaction).await?;
    query("SELECT pg_advisory_xact_lock($1)").bind(ADVISORY_LOCK).execute(&mut *transaction).await?;
    let found = postgres_version(&mut transaction).await?;
    let steps = from(found, upgrade)?;
    for (_, step) in steps {
        raw_sql(*step).execute(&mut *transaction).await?;
    }
    if !steps.is_empty() {
        query(SET_VERSION).bind(newest().to_string()).execute(&mut *transaction).await?;
        query(SET_SECRET).bind(new_secret()).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// As for SQLite; the number is kept in `meta` only.
pub(super) async fn postgres_version(conn: &mut PgConnection) -> Result<i64, OpenError> {
    const TABLES: &str = "
        SELECT COUNT(*)
        FROM information_schema.tables
        WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'";
    const HAS_META: &str = "SELECT to_regclass('meta') IS NOT NULL";
    const VERSION: &str = "SELECT value FROM meta WHERE key = 'schema'";
    let tables: i64 = query_scalar(TABLES).fetch_one(&mut *conn).await?;
    if tables == 0 {
        return Ok(0);
    }
    let has_meta: bool = query_scalar(HAS_META).fetch_one(&mut *conn).await?;
    let foreign = || OpenError::Foreign(format!("{tables} tables, and none that says which schema it is"));
    if !has_meta {
        return Err(foreign());
    }
    let version: Option<String> = query_scalar(VERSION).fetch_optional(&mut *conn).await?;
    version.and_then(|version| version.parse().ok()).ok_or_else(foreign)
}

/// 256 random bits in hexadecimal.
fn new_secret() -> String {
    [0; 4].map(|_: u8| format!("{:016x}", super::random_bits())).concat()
}

/// The value of a pragma as text. Its name is one of our own constants.
pub(super) async fn pragma(conn: &mut SqliteConnection, name: &'static str) -> Result<String, StoreError> {
    let row = query(sqlx::AssertSqlSafe(format!("PRAGMA {name}"))).fetch_one(conn).await?;
    // Some are numbers, some are text; SQLite gives either as text.
    Ok(row.try_get_unchecked(0)?)
}

async fn set_pragma(conn: &mut SqliteConnection, name: &'static str, value: i64) -> Result<(), StoreError> {
    query(sqlx::AssertSqlSafe(format!("PRAGMA {name} = {value}"))).execute(conn).await?;
    Ok(())
}
