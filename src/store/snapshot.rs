//! Reading: several queries, one consistent view.

use std::time::{Duration, Instant};

use sqlx::{PgPool, Postgres, Sqlite, Transaction};

use super::calendars::Nonce;
use super::error::StoreError;
use super::tx::{Conn, Tx};
use super::{Backend, Store};

/// One state of the whole database, for as long as it is held.
///
/// It holds a connection of a small pool and, on SQLite, keeps the log from being reset: ask what
/// you need, then let go of it before anything is sent to a client. Writing through it fails.
pub struct Snapshot {
    held: Held,
    since: Instant,
}

/// After this somebody keeps the log of SQLite from being reset.
const LONG: Duration = Duration::from_secs(30);

enum Held {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Snapshot {
    /// Where queries are asked.
    pub fn tx(&mut self) -> Tx<'_> {
        // Nothing is numbered while reading.
        let nonce = Nonce::new(0);
        match &mut self.held {
            Held::Sqlite(transaction) => Tx::new(Conn::Sqlite(transaction), nonce),
            Held::Postgres(transaction) => Tx::new(Conn::Postgres(transaction), nonce),
        }
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        let held = self.since.elapsed();
        if held > LONG {
            tracing::warn!(secs = held.as_secs(), "a snapshot was held for long; the log grew meanwhile");
        }
    }
}

impl Store {
    /// A view of what is committed now; it does not change while it is held.
    ///
    /// # Errors
    /// `Unavailable` when no connection became free in time.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let held = match &self.inner.backend {
            Backend::Sqlite(database) => Held::Sqlite(database.readers.begin().await?),
            Backend::Postgres(database) => Held::Postgres(begun(database.pool.clone()).await?),
        };
        Ok(Snapshot { held, since: Instant::now() })
    }
}

/// Begins where no caller that goes away can break it off: between the statement and its answer sqlx does
/// not know yet that it has to be rolled back, and the next work on that connection found itself in a
/// transaction that only reads (D-03: clients reset requests as they like).
async fn begun(pool: PgPool) -> Result<Transaction<'static, Postgres>, StoreError> {
    const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    let beginning = tokio::spawn(async move { pool.begin_with(BEGIN).await });
    match beginning.await {
        Ok(begun) => Ok(begun?),
        Err(cause) => Err(StoreError::Unavailable(cause.to_string())),
    }
}
