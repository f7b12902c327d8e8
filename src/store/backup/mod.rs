//! Backups: a file with one consistent state of the database, made beside a running server, and what such
//! a file holds (P-12).
//!
//! A file appears under its name only when it is whole and on the disk; until then it lies beside that name
//! as `….partial`. Of SQLite it is a database, to be put in the place of the lost one; of PostgreSQL it is
//! what `pg_dump` writes, for `pg_restore`. Knows no bookings: whether a copy keeps its promises is asked of
//! `booking`.

mod partial;
mod postgres;
mod restore;
mod sqlite;

use std::path::{Path, PathBuf};

use sqlx::SqliteConnection;

use super::{Backend, OpenError, Store, StoreError};
use crate::domain::time::Instant;

use partial::Partial;
pub use restore::restore;

/// Why there is no backup, or none that can be read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The name is taken; nothing is overwritten.
    #[error("{0} is there already")]
    Exists(PathBuf),
    /// A file or folder that cannot be used.
    #[error("cannot use {path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Too little room where it was to be written; nothing was.
    #[error("{path} has {free} MB free, and {wanted} MB are needed")]
    NoRoom {
        /// The folder.
        path: PathBuf,
        /// How much there is, in MB.
        free: u64,
        /// How much it may take, in MB.
        wanted: u64,
    },
    /// The file is no backup of ours, or not a whole one.
    #[error("{path} is no backup of roomdav: {why}")]
    NoBackup {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A file of one database, for the other.
    #[error("this is a backup of {0}, and the configured database is the other one")]
    OtherKind(&'static str),
    /// What is to be restored would take the place of something.
    #[error("the database is not empty: a backup is restored into an empty one")]
    NotEmpty,
    /// A program of PostgreSQL that is missing, or failed.
    #[error("{program}: {said}")]
    Program {
        /// Its name.
        program: &'static str,
        /// What it said, or why it could not be started.
        said: String,
    },
    /// The database could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    fn file(path: &Path, cause: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), cause }
    }

    fn no_backup(path: &Path, why: impl Into<String>) -> Self {
        Self::NoBackup { path: path.to_owned(), why: why.into() }
    }
}

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// `SQLite` or `PostgreSQL`.
    pub kind: &'static str,
    /// The number of its schema.
    pub schema: i64,
    /// The newest change of a calendar in it; `None` where there never was one.
    pub newest: Option<NewestChange>,
    /// Of each table that has any, in the order of names, how many rows.
    pub rows: Vec<(String, u64)>,
}

/// The last thing that happened before a backup was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestChange {
    /// When.
    pub at: Instant,
    /// The room's slug or the person's login with the calendar's name.
    pub calendar: String,
    /// The member.
    pub name: String,
    /// Whether it went.
    pub removed: bool,
}

/// Whether a file is of PostgreSQL, by its first bytes.
///
/// # Errors
/// If it cannot be read, or is of neither kind.
fn is_dump(path: &Path) -> Result<bool, BackupError> {
    use std::io::Read as _;
    let unusable = |cause| BackupError::file(path, cause);
    let mut head = Vec::new();
    std::fs::File::open(path).map_err(unusable)?.take(16).read_to_end(&mut head).map_err(unusable)?;
    match head.as_slice() {
        head if head.starts_with(b"PGDMP") => Ok(true),
        b"SQLite format 3\0" => Ok(false),
        _ => Err(BackupError::no_backup(path, "it is neither an SQLite file nor a dump of PostgreSQL")),
    }
}

/// Copies the SQLite database of a connection.
pub(super) async fn copy_sqlite(conn: &mut SqliteConnection, path: &Path) -> Result<(), BackupError> {
    let partial = Partial::new(path)?;
    sqlite::copy(conn, &partial).await?;
    partial.finish().map(drop)
}

/// Writes a dump of the PostgreSQL database at this address.
pub(super) async fn dump_postgres(url: &str, path: &Path) -> Result<(), BackupError> {
    let partial = Partial::new(path)?;
    postgres::write(url, &partial).await?;
    partial.finish().map(drop)
}

/// What a backup holds. Nothing is written; a dump is read to its end.
///
/// # Errors
/// [`BackupError`] says what is wrong with the file.
pub async fn contents(path: &Path) -> Result<Contents, BackupError> {
    if is_dump(path)? { postgres::contents(path).await } else { sqlite::contents(path).await }
}

impl Store {
    /// Writes one state of the whole database into a new file, which only its owner may read, while others
    /// go on writing. Gives its size in bytes.
    ///
    /// The file is on the disk under its name when this returns. PostgreSQL's `pg_dump` must be installed
    /// where the database is one of its.
    ///
    /// # Errors
    /// [`BackupError`]; there is no file then.
    pub async fn backup(&self, path: &Path) -> Result<u64, BackupError> {
        let partial = Partial::new(path)?;
        match &self.inner.backend {
            Backend::Sqlite(database) => sqlite::write(database, &partial).await?,
            Backend::Postgres(database) => postgres::write(database.url(), &partial).await?,
        }
        partial.finish()
    }

    /// Opens a backup of SQLite to be looked at, beside nobody. Nothing can be written through it.
    ///
    /// # Errors
    /// As of [`contents`], and if its schema is another than this program's.
    pub async fn open_backup(path: &Path) -> Result<Self, BackupError> {
        sqlite::open(path).await
    }
}
