//! One transaction of PostgreSQL, in which nothing is waited for without end.
//!
//! A line that goes silent tells nobody (F-10): neither the request that waits for an answer, nor the
//! pool, which has a last word with every connection that comes back. Each has as long as the database
//! lets a statement run; then the connection is dropped.

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres, raw_sql};
use tokio::time::timeout;

use super::pace::{MAX_SILENCE, in_time};

/// A transaction that has begun. Dropped, it is rolled back, also before its beginning was answered: clients
/// reset requests as they like (D-03), and the next work on that connection must not find itself in a
/// transaction that only reads.
pub(super) struct PgTransaction {
    /// There until this is dropped.
    conn: Option<PoolConnection<Postgres>>,
    is_open: bool,
}

impl PgTransaction {
    /// `begin` is the statement.
    pub(super) async fn begin(pool: &PgPool, begin: &'static str) -> Result<Self, sqlx::Error> {
        let mut transaction = Self { conn: Some(in_time(MAX_SILENCE, pool.acquire()).await?), is_open: true };
        transaction.say(begin).await?;
        Ok(transaction)
    }

    pub(super) fn conn(&mut self) -> &mut PgConnection {
        self.conn.as_mut().expect("only drop takes the connection")
    }

    /// Where no answer comes the transaction may be committed or not.
    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.say("COMMIT").await?;
        self.is_open = false;
        Ok(())
    }

    /// If it cannot be told, the connection is gone, and so is the transaction.
    pub(super) async fn roll_back(mut self) {
        self.is_open = self.say("ROLLBACK").await.is_err();
    }

    async fn say(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        in_time(MAX_SILENCE, raw_sql(sql).execute(self.conn())).await.map(drop)
    }
}

impl Drop for PgTransaction {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            tokio::spawn(give_back(conn, self.is_open));
        }
    }
}

/// Without a time limit the pool would wait for the last word of a connection for ever, and be short of
/// one until the system notices, which takes a quarter of an hour.
async fn give_back(mut conn: PoolConnection<Postgres>, is_open: bool) {
    if is_open && in_time(MAX_SILENCE, raw_sql("ROLLBACK").execute(&mut *conn)).await.is_err() {
        // Closes it.
        drop(conn.detach());
        return;
    }
    // What does not come back in time is closed by being forgotten here.
    let _ = timeout(MAX_SILENCE, conn.return_to_pool()).await;
}
