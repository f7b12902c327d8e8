//! Backups of SQLite: `VACUUM INTO` a new file, on a connection that reads, so that nobody waits.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection, query, query_as, query_scalar};

use super::{BackupError, Contents, NewestChange, Partial};
use crate::domain::time::Instant;
use crate::store::damage::Damage;
use crate::store::open::OpenError;
use crate::store::sqlite::Sqlite;
use crate::store::{Backend, Inner, Store, StoreError, migrate};

/// How long a reader of a backup waits for the file.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn write(database: &Sqlite, partial: &Partial) -> Result<(), BackupError> {
    let mut conn = database.readers.acquire().await.map_err(StoreError::from)?;
    copy(&mut conn, partial).await
}

/// Copies the whole database of a connection.
pub(super) async fn copy(conn: &mut SqliteConnection, partial: &Partial) -> Result<(), BackupError> {
    const BYTES: &str = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
    let bytes: i64 = query_scalar(BYTES).fetch_one(&mut *conn).await.map_err(StoreError::from)?;
    partial.needs(u64::try_from(bytes).unwrap_or(0))?;
    let into = partial.path().to_str().ok_or_else(|| {
        BackupError::file(partial.path(), std::io::Error::other("the name of the file is no UTF-8"))
    })?;
    query("VACUUM INTO $1").bind(into).execute(conn).await.map_err(StoreError::from)?;
    Ok(())
}

/// Opens a file that nobody writes to.
async fn connect(path: &Path) -> Result<SqliteConnection, BackupError> {
    let opened = SqliteConnection::connect_with(&options(path)?).await;
    opened.map_err(|cause| BackupError::no_backup(path, StoreError::from(cause).to_string()))
}

fn options(path: &Path) -> Result<SqliteConnectOptions, BackupError> {
    let log = format!("{}-wal", path.display());
    if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        let why = format!("what was written last lies in {log}; start the server on it, and stop it");
        return Err(BackupError::no_backup(path, why));
    }
    // Nobody writes to it, so no file beside it is needed.
    Ok(SqliteConnectOptions::new().filename(path).read_only(true).immutable(true).busy_timeout(PATIENCE))
}

pub(super) async fn contents(path: &Path) -> Result<Contents, BackupError> {
    const TABLES: &str = "
        SELECT name
        FROM sqlite_schema
        WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
        ORDER BY name";
    const NEWEST: &str = "
        SELECT c.at, COALESCE(r.slug, u.login || '/' || k.name), c.name, c.removed
        FROM changes c
        JOIN calendars k ON k.id = c.calendar_id
        LEFT JOIN rooms r ON r.id = k.room_id
        LEFT JOIN users u ON u.id = k.user_id
        WHERE c.seq > 0
        ORDER BY c.at DESC, c.seq DESC
        LIMIT 1";
    let mut conn = connect(path).await?;
    let damaged = |cause: sqlx::Error| BackupError::no_backup(path, StoreError::from(cause).to_string());
    let schema = migrate::sqlite_version(&mut conn).await;
    let schema = schema.map_err(|cause| BackupError::no_backup(path, cause.to_string()))?;
    if schema == 0 {
        return Err(BackupError::no_backup(path, "it is empty"));
    }
    let sound: Vec<String> =
        query_scalar("PRAGMA integrity_check(1)").fetch_all(&mut conn).await.map_err(damaged)?;
    if let Some(line) = sound.into_iter().find(|line| line != "ok") {
        return Err(BackupError::no_backup(path, line));
    }
    let tables: Vec<String> = query_scalar(TABLES).fetch_all(&mut conn).await.map_err(damaged)?;
    let mut rows = Vec::new();
    for table in tables {
        let count = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{table}\""));
        let count: i64 = query_scalar(count).fetch_one(&mut conn).await.map_err(damaged)?;
        rows.push((table, u64::try_from(count).unwrap_or(0)));
    }
    rows.retain(|(_, count)| *count > 0);
    let newest: Option<(i64, String, String, bool)> =
        query_as(NEWEST).fetch_optional(&mut conn).await.map_err(damaged)?;
    let newest = newest.map(|(at, calendar, name, removed)| NewestChange {
        at: Instant::from_secs(at),
        calendar,
        name,
        removed,
    });
    Ok(Contents { kind: "SQLite", schema, newest, rows })
}

/// A store that only reads.
pub(super) async fn open(path: &Path) -> Result<Store, BackupError> {
    let mut conn = connect(path).await?;
    let (found, known) = (migrate::sqlite_version(&mut conn).await?, migrate::newest());
    match found {
        _ if found > known => return Err(OpenError::Newer { found, known }.into()),
        _ if found < known => return Err(OpenError::Older { found, known }.into()),
        _ => {}
    }
    let backend = Backend::Sqlite(Sqlite::without_writer(options(path)?, path));
    Ok(Store { inner: Arc::new(Inner { backend, damage: Damage::none(), metrics: Arc::default() }) })
}
