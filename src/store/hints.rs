//! Waiting for rows that other programs hand in: a hint, never the truth. Whoever waits looks by himself
//! from time to time, so that a hint which is lost delays a row and loses nothing.
//!
//! SQLite tells by `PRAGMA data_version` that another connection has committed, and asking costs next to
//! nothing; PostgreSQL notifies, on a connection of its own.

use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{Connection, SqliteConnection, query_scalar};
use tokio::time::{Instant, sleep, timeout};

use super::error::StoreError;
use super::{Backend, Store};

/// How often SQLite is asked.
const TICK: Duration = Duration::from_millis(200);

/// The channel that a trigger on `requests` notifies.
const CHANNEL: &str = "roomdav_requests";

/// How long a connection for listening may take to be made.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection that notices when something may have been handed in.
pub struct Hints(Kind);

enum Kind {
    Sqlite { conn: SqliteConnection, version: i64 },
    Postgres(PgListener),
}

impl Store {
    /// Notices from now on when something may have been handed in.
    ///
    /// # Errors
    /// When no connection could be made.
    pub async fn hints(&self) -> Result<Hints, StoreError> {
        Ok(Hints(match &self.inner.backend {
            Backend::Sqlite(database) => {
                let mut conn = SqliteConnection::connect_with(&database.reading).await?;
                let version = data_version(&mut conn).await?;
                Kind::Sqlite { conn, version }
            }
            Backend::Postgres(database) => {
                let alone = PgPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE);
                let pool = alone.connect_with(database.connect.clone()).await?;
                let mut listener = PgListener::connect_with(&pool).await?;
                listener.listen(CHANNEL).await?;
                Kind::Postgres(listener)
            }
        }))
    }
}

impl Hints {
    /// Waits until something may have been handed in, and at most so long.
    ///
    /// # Errors
    /// When the connection is of no use any more.
    pub async fn wait(&mut self, most: Duration) -> Result<(), StoreError> {
        match &mut self.0 {
            Kind::Sqlite { conn, version } => {
                let until = Instant::now() + most;
                while Instant::now() < until {
                    sleep(TICK.min(until - Instant::now())).await;
                    let now = data_version(conn).await?;
                    if std::mem::replace(version, now) != now {
                        break;
                    }
                }
            }
            Kind::Postgres(listener) => {
                // A connection that broke is made anew, and what was notified meanwhile is lost.
                if let Ok(heard) = timeout(most, listener.try_recv()).await {
                    heard?;
                }
                while listener.next_buffered().is_some() {}
            }
        }
        Ok(())
    }
}

/// A number that is another one once another connection has committed.
async fn data_version(conn: &mut SqliteConnection) -> Result<i64, StoreError> {
    Ok(query_scalar("PRAGMA data_version").fetch_one(conn).await?)
}
