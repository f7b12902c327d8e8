//! Reading: several queries, one consistent view.

use std::time::{Duration, Instant};

use sqlx::{Sqlite, Transaction};

use super::calendars::Nonce;
use super::damage::Damage;
use super::error::StoreError;
use super::pace::Pace;
use super::transaction::PgTransaction;
use super::tx::{Conn, Tx};
use super::{Backend, Store};

/// One state of the whole database, for as long as it is held.
///
/// It holds a connection of a small pool and, on SQLite, keeps the log from being reset: ask what
/// you need, then let go of it before anything is sent to a client. Writing through it fails.
pub struct Snapshot {
    held: Held,
    damage: Damage,
    since: Instant,
    pace: Pace,
}

/// After this somebody keeps the log of SQLite from being reset.
const LONG: Duration = Duration::from_secs(30);

enum Held {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(PgTransaction),
}

impl Snapshot {
    /// Where queries are asked.
    pub fn tx(&mut self) -> Tx<'_> {
        // Nothing is numbered while reading.
        let nonce = Nonce::new(0);
        let (conn, damage) = match &mut self.held {
            Held::Sqlite(transaction) => (Conn::Sqlite(transaction), Some(&self.damage)),
            Held::Postgres(transaction) => (Conn::Postgres(transaction.conn()), None),
        };
        Tx { pace: self.pace, ..Tx::new(conn, nonce, damage) }
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
    /// A view of what is committed now; it does not change while it is held. On SQLite it answers
    /// nothing any more after half a minute: meanwhile its log only grows.
    ///
    /// # Errors
    /// `Unavailable` when no connection became free in time.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let held = self.begin_reading().await?;
        let since = Instant::now();
        let ends_at = match &self.inner.backend {
            Backend::Sqlite(database) => since.checked_add(database.reading_time),
            Backend::Postgres(_) => None,
        };
        Ok(Snapshot { held, damage: self.inner.damage.clone(), since, pace: Pace::until(ends_at) })
    }

    /// The same for work over the whole database that nobody waits for: neither it nor one of its
    /// statements is bounded in time.
    ///
    /// # Errors
    /// `Unavailable` when no connection became free in time.
    pub async fn long_snapshot(&self) -> Result<Snapshot, StoreError> {
        let mut held = self.begin_reading().await?;
        if let Held::Postgres(transaction) = &mut held {
            sqlx::query("SET LOCAL statement_timeout = 0").execute(transaction.conn()).await?;
        }
        Ok(Snapshot { held, damage: self.inner.damage.clone(), since: Instant::now(), pace: Pace::FREE })
    }

    async fn begin_reading(&self) -> Result<Held, StoreError> {
        let _waiting = self.inner.metrics.database_waiting.hold();
        Ok(match &self.inner.backend {
            Backend::Sqlite(database) => {
                let begun = database.readers.begin().await.map_err(StoreError::from);
                Held::Sqlite(begun.inspect_err(|error| self.inner.damage.note(error))?)
            }
            Backend::Postgres(database) => {
                const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                // Boxed, so that what waits for it stays small.
                Held::Postgres(Box::pin(PgTransaction::begin(&database.pool, BEGIN)).await?)
            }
        })
    }
}
