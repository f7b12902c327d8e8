//! Putting a backup in the place of what was lost. What stands there is never overwritten.

use std::path::{Path, PathBuf};

use sqlx::{Connection as _, PgConnection};

use super::{BackupError, Contents, Partial, contents, is_dump, postgres};
use crate::store::{OpenError, StoreError, migrate, place};

/// Puts a backup into the configured database, and gives what it holds.
///
/// An SQLite file that is there is kept beside it, under the name that is given too; no server may have it.
/// A database of PostgreSQL must be empty. Programs whose sync tokens are newer than the backup notice it by
/// themselves, since every change has a nonce.
///
/// # Errors
/// [`BackupError`]; then what stood there stands there.
pub async fn restore(url: &str, path: &Path) -> Result<(Contents, Option<PathBuf>), BackupError> {
    let is_for_postgres = !url.starts_with("sqlite:");
    if is_dump(path)? != is_for_postgres {
        return Err(BackupError::OtherKind(if is_for_postgres { "SQLite" } else { "PostgreSQL" }));
    }
    let held = contents(path).await?;
    let (found, known) = (held.schema, migrate::newest());
    if found > known {
        return Err(OpenError::Newer { found, known }.into());
    }
    if is_for_postgres {
        let mut conn = PgConnection::connect(url).await.map_err(StoreError::from)?;
        let there = migrate::postgres_version(&mut conn).await;
        conn.close().await.map_err(StoreError::from)?;
        if !matches!(there, Ok(0)) {
            return Err(BackupError::NotEmpty);
        }
        postgres::restore(url, path).await?;
        return Ok((held, None));
    }
    Ok((held, put_in_place(path, &place::of_url(url)?)?))
}

/// Copies a file to where the database is; what was there before is given its new name.
fn put_in_place(backup: &Path, wanted: &Path) -> Result<Option<PathBuf>, BackupError> {
    place::prepare(wanted, true)?;
    let holding = place::hold(wanted)?;
    let new = wanted.with_extension("restored");
    let partial = Partial::new(&new)?;
    let bytes = std::fs::metadata(backup).map_err(|cause| BackupError::file(backup, cause))?.len();
    partial.needs(bytes)?;
    std::fs::copy(backup, partial.path()).map_err(|cause| BackupError::file(backup, cause))?;
    partial.finish()?;
    let replaced = set_aside(wanted)?;
    std::fs::rename(&new, wanted).map_err(|cause| BackupError::file(wanted, cause))?;
    place::flush_folder(wanted)?;
    drop(holding);
    Ok(replaced)
}

/// Gives the database that stands there a second name, and its log the name that goes with it: the log of
/// one database is poison for another. `None` where it is empty.
fn set_aside(wanted: &Path) -> Result<Option<PathBuf>, BackupError> {
    let unusable = |cause| BackupError::file(wanted, cause);
    let beside = |path: &Path, end: &str| PathBuf::from(format!("{}{end}", path.display()));
    let (log, index) = (beside(wanted, "-wal"), beside(wanted, "-shm"));
    let is_empty = |path: &Path| std::fs::metadata(path).map_or(true, |file| file.len() == 0);
    let mut replaced = None;
    if !is_empty(wanted) || !is_empty(&log) {
        let free = (1..).map(|number| beside(wanted, &format!(".replaced-{number}")));
        let mut free = free.filter(|name| name.symlink_metadata().is_err());
        let name = free.next().expect("numbers do not end");
        std::fs::hard_link(wanted, &name).map_err(unusable)?;
        if log.exists() {
            std::fs::rename(&log, beside(&name, "-wal")).map_err(unusable)?;
        }
        replaced = Some(name);
    }
    for left in [log, index] {
        match std::fs::remove_file(left) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(unusable(cause)),
            _ => {}
        }
    }
    Ok(replaced)
}
