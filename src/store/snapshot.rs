//! Reading: several queries, one consistent view.

use sqlx::{Postgres, Sqlite, Transaction};

use super::calendars::Nonce;
use super::error::StoreError;
use super::tx::{Conn, Tx};
use super::{Backend, Store};

/// One state of the whole database, for as long as it is held.
///
/// It holds a connection of a small pool and, on SQLite, keeps the log from being reset: ask what
/// you need, then let go of it before anything is sent to a client. Writing through it fails.
pub struct Snapshot(Held);

enum Held {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Snapshot {
    /// Where queries are asked.
    pub fn tx(&mut self) -> Tx<'_> {
        // Nothing is numbered while reading.
        let nonce = Nonce::new(0);
        match &mut self.0 {
            Held::Sqlite(transaction) => Tx::new(Conn::Sqlite(transaction), nonce),
            Held::Postgres(transaction) => Tx::new(Conn::Postgres(transaction), nonce),
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
            Backend::Postgres(database) => {
                const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                Held::Postgres(database.pool.begin_with(BEGIN).await?)
            }
        };
        Ok(Snapshot(held))
    }
}
