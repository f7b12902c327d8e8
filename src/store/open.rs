//! What can be set about a database, and why one is not opened.

use std::path::PathBuf;
use std::time::Duration;

/// What `Store::open` may do, and how large things get.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bring an older schema up to date; without it only an empty database gets one.
    pub upgrade: bool,
    /// Use a SQLite file on a network file system all the same.
    pub network_file_system: bool,
    /// Connections for reading from SQLite; between 2 and 8.
    pub readers: u32,
    /// Connections to PostgreSQL; at most 16.
    pub connections: u32,
    /// Page cache of each SQLite connection, in KiB.
    pub cache_kib: u32,
    /// Works that may wait for the writer of SQLite; beyond them `Unavailable` is answered (F-14).
    pub max_waiting: usize,
    /// How long to wait for a free connection, at most four seconds for one to PostgreSQL, and for a SQLite
    /// file that another program has locked.
    pub patience: Duration,
    /// How long a snapshot of SQLite may be read: meanwhile the log cannot be reset.
    pub reading_time: Duration,
}

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            upgrade: false,
            network_file_system: false,
            readers: u32::try_from(cores).unwrap_or(8).clamp(2, 8),
            connections: 16,
            cache_kib: 4 * 1024,
            max_waiting: 1024,
            patience: Duration::from_secs(5),
            reading_time: Duration::from_secs(30),
        }
    }
}

/// Why a database was not opened. Each text says what was found and what is wanted.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is of neither kind.
    #[error("database.url must begin with sqlite:// and a path, or with postgres://")]
    Url,
    /// A file or folder that cannot be used.
    #[error("cannot use {path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file lies on a network file system, whose locks do not keep what they promise.
    #[error("{path} lies on a network file system ({kind}); SQLite loses data there")]
    NetworkFileSystem {
        /// The file.
        path: PathBuf,
        /// The file system's type.
        kind: String,
    },
    /// Another server holds the SQLite file (F-16).
    #[error("another server uses {path}: {holder}")]
    Held {
        /// The SQLite file.
        path: PathBuf,
        /// What it says of itself.
        holder: String,
    },
    /// Software that is known to damage or lose data (D-70).
    #[error("{what} is {found}, and {wanted} or newer is needed")]
    TooOld {
        /// Which software.
        what: &'static str,
        /// Its version.
        found: String,
        /// The oldest that will do.
        wanted: &'static str,
    },
    /// A setting that the promises hang on has another value.
    #[error("the database has {name} = {found}, and {wanted} is needed")]
    Setting {
        /// The pragma or parameter.
        name: &'static str,
        /// Its value.
        found: String,
        /// What would do.
        wanted: String,
    },
    /// The database belongs to another program.
    #[error("this database is not roomdav's: {0}")]
    Foreign(String),
    /// A newer roomdav has been here; this one writes nothing.
    #[error(
        "the database has schema {found}, and this program knows {known}: use a newer roomdav, or restore the backup"
    )]
    Newer {
        /// The schema's number.
        found: i64,
        /// The newest that we know.
        known: i64,
    },
    /// An older schema, and `upgrade` was not asked for.
    #[error("the database has schema {found}, and this program needs {known}: run \"roomdav migrate\"")]
    Older {
        /// The schema's number.
        found: i64,
        /// The newest that we know.
        known: i64,
    },
    /// It did not answer, or not in the way it should.
    #[error("cannot open the database: {0}")]
    Database(#[from] super::StoreError),
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}
