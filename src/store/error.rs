//! What can go wrong between us and a database, in seven words that both databases share.
//!
//! Nothing above this layer sees a result code of SQLite or an SQLSTATE. Knows no HTTP: callers
//! decide what a client is told.

use sqlx::error::{DatabaseError, ErrorKind};

/// Why a query or a commit failed.
///
/// After one, a transaction is spent: a work returns it, and nothing of that work is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The second line held: two exclusive claims on one space would overlap (R141, R143).
    #[error("two claims on one space would overlap")]
    Overlap,
    /// A row with this unique key is there already; the text names the key.
    #[error("there is one already: {0}")]
    Duplicate(String),
    /// Others were in the way, for as long as it was worth waiting; nothing was changed.
    #[error("the database is busy: {0}")]
    Retry(String),
    /// No answer from the database, or one that says it cannot serve now. What was to be written
    /// may be stored or not only if the connection broke during the commit.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// No room on the disk; nothing was changed, and reading goes on (F-3).
    #[error("the database has no room left: {0}")]
    Full(String),
    /// An I/O error or a damaged page: the process must answer what is in flight, and end (F-4).
    #[error("the database cannot be trusted: {0}")]
    Damaged(String),
    /// Rows that do not fit together, or a statement that does not fit the tables: our bug.
    #[error("the database is inconsistent: {0}")]
    Inconsistent(String),
}

impl StoreError {
    /// Whether doing all of it once more may end well (R142).
    pub(super) fn invites_another_try(&self) -> bool {
        matches!(self, Self::Overlap | Self::Retry(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(ref cause) => {
                let code = cause.code().unwrap_or_default();
                match code.parse::<i64>() {
                    // SQLSTATEs have five characters; result codes of SQLite have fewer.
                    Ok(result) if code.len() < 5 => of_sqlite(result, cause.as_ref()),
                    _ => of_postgres(&code, cause.as_ref()),
                }
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed => Self::Unavailable(error.to_string()),
            _ => Self::Inconsistent(error.to_string()),
        }
    }
}

/// Extended result codes: the low byte is the primary code.
fn of_sqlite(code: i64, cause: &dyn DatabaseError) -> StoreError {
    const BUSY: i64 = 5;
    const LOCKED: i64 = 6;
    const READONLY: i64 = 8;
    const IOERR: i64 = 10;
    const CORRUPT: i64 = 11;
    const FULL: i64 = 13;
    const CANTOPEN: i64 = 14;
    const NOTADB: i64 = 26;
    let text = cause.to_string();
    match code & 0xff {
        BUSY | LOCKED => StoreError::Retry(text),
        FULL => StoreError::Full(text),
        IOERR | CORRUPT | NOTADB => StoreError::Damaged(text),
        CANTOPEN | READONLY => StoreError::Unavailable(text),
        _ if cause.kind() == ErrorKind::UniqueViolation => StoreError::Duplicate(cause.message().to_owned()),
        // What the triggers of `claims` raise.
        _ if cause.message() == "overlap" => StoreError::Overlap,
        _ => StoreError::Inconsistent(text),
    }
}

fn of_postgres(code: &str, cause: &dyn DatabaseError) -> StoreError {
    let text = format!("{} ({code})", cause.message());
    match code {
        "23P01" => StoreError::Overlap,
        "23505" => StoreError::Duplicate(cause.constraint().unwrap_or(cause.message()).to_owned()),
        "40001" | "40P01" => StoreError::Retry(text),
        // A lock or a statement that took too long is answered at once, not tried again (F-12);
        // 25006: a standby, after a fail-over.
        "55P03" | "57014" | "25006" | "25P03" => StoreError::Unavailable(text),
        _ if ["08", "53", "57"].contains(&code.get(..2).unwrap_or_default()) => StoreError::Unavailable(text),
        "58030" | "XX001" | "XX002" => StoreError::Damaged(text),
        _ => StoreError::Inconsistent(text),
    }
}

/// Whether an error during COMMIT leaves it open if the commit happened: a connection that broke
/// does, an error that the database reports means that it rolled back (F-6).
pub(super) fn leaves_outcome_open(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(cause) => {
            let code = cause.code().unwrap_or_default();
            code.starts_with("08") || code.starts_with("57P")
        }
        _ => true,
    }
}
