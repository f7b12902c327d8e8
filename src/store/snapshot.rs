//! Reading: several queries, one consistent view.

use std::time::{Duration, Instant};

use sqlx::{Sqlite, Transaction};

use super::calendars::Nonce;
use super::damage::Damage;
use super::error::StoreError;
use super::session::Session;
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
}

/// After this somebody keeps the log of SQLite from being reset.
const LONG: Duration = Duration::from_secs(30);

enum Held {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Session),
}

impl Snapshot {
    /// Where queries are asked.
    pub fn tx(&mut self) -> Tx<'_> {
        // Nothing is numbered while reading.
        let nonce = Nonce::new(0);
        match &mut self.held {
            Held::Sqlite(transaction) => Tx::new(Conn::Sqlite(transaction), nonce, Some(&self.damage)),
            Held::Postgres(session) => Tx::new(Conn::Postgres(session.conn()), nonce, None),
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
        let damage = &self.inner.damage;
        let held = match &self.inner.backend {
            Backend::Sqlite(database) => {
                let begun = database.readers.begin().await.map_err(StoreError::from);
                Held::Sqlite(begun.inspect_err(|error| damage.note(error))?)
            }
            Backend::Postgres(database) => {
                const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                Held::Postgres(Session::begin(&database.pool, BEGIN).await?)
            }
        };
        Ok(Snapshot { held, damage: damage.clone(), since: Instant::now() })
    }
}
