//! `migrate`: bringing an older database up to date, with the way back made first.
//!
//! The way back is a backup, since a schema goes forward only (P-13). Of SQLite it is made unless it is
//! declined; of PostgreSQL where it is asked for, because whoever runs it has backups of his own.

use std::path::{Path, PathBuf};

use sqlx::{Connection as _, PgConnection};

use super::backup::{BackupError, copy_sqlite, dump_postgres};
use super::open::{OpenError, Options};
use super::{Store, StoreError, migrate, place, sqlite};
use crate::domain::time::Instant;

/// Whether a backup is made first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Safety {
    /// As is usual for the database: beside an SQLite file, not at all of PostgreSQL.
    Usual,
    /// Into this file.
    At(PathBuf),
    /// None.
    None,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgraded {
    /// The schema that was there; 0 where there was none.
    pub from: i64,
    /// The schema that is there now.
    pub to: i64,
    /// The backup of what was there.
    pub backup: Option<PathBuf>,
}

/// How many times the size of an SQLite file must be free before it is touched.
const ROOM: u64 = 2;

/// Brings the schema up to date; `now` names the backup. While it runs nobody serves an SQLite file.
///
/// # Errors
/// [`BackupError`]; the database is what it was.
pub async fn upgrade(url: &str, safety: &Safety, now: Instant) -> Result<Upgraded, BackupError> {
    let options = Options { upgrade: true, ..Options::default() };
    let to = migrate::newest();
    let (from, backup, holding) = if url.starts_with("sqlite:") {
        of_sqlite(url, safety, now, &options).await?
    } else {
        let (from, backup) = of_postgres(url, safety).await?;
        (from, backup, None)
    };
    Store::open(url, &options).await?.close().await;
    drop(holding);
    Ok(Upgraded { from, to, backup })
}

type Prepared = (i64, Option<PathBuf>, Option<std::fs::File>);

async fn of_sqlite(
    url: &str,
    safety: &Safety,
    now: Instant,
    options: &Options,
) -> Result<Prepared, BackupError> {
    let path = place::of_url(url)?;
    place::prepare(&path, options.network_file_system)?;
    let holding = place::hold(&path)?;
    let mut conn = sqlite::connect(&path, options).await?;
    let from = migrate::sqlite_version(&mut conn).await?;
    let mut backup = None;
    if from > 0 && from < migrate::newest() {
        has_room(&path)?;
        backup = match safety {
            Safety::Usual => {
                let time = now.to_string().replace([':', '-'], "");
                Some(PathBuf::from(format!("{}.schema-{from}.{time}", path.display())))
            }
            Safety::At(path) => Some(path.clone()),
            Safety::None => None,
        };
        if let Some(file) = &backup {
            copy_sqlite(&mut conn, file).await?;
        }
    }
    conn.close().await.map_err(StoreError::from)?;
    Ok((from, backup, Some(holding)))
}

/// A step may write every row anew, into the log and then into the file.
fn has_room(path: &Path) -> Result<(), BackupError> {
    let size = std::fs::metadata(path).map_or(0, |file| file.len());
    match place::free_bytes(path) {
        Some(free) if free < ROOM * size => Err(BackupError::NoRoom {
            path: path.to_owned(),
            free: free >> 20,
            wanted: ((ROOM * size) >> 20) + 1,
        }),
        _ => Ok(()),
    }
}

async fn of_postgres(url: &str, safety: &Safety) -> Result<(i64, Option<PathBuf>), BackupError> {
    let mut conn = PgConnection::connect(url).await.map_err(OpenError::from)?;
    let from = migrate::postgres_version(&mut conn).await?;
    conn.close().await.map_err(StoreError::from)?;
    match safety {
        Safety::At(file) if from > 0 && from < migrate::newest() => {
            dump_postgres(url, file).await?;
            Ok((from, Some(file.clone())))
        }
        _ => Ok((from, None)),
    }
}
