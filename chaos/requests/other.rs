//! Another program: a connection of its own to the database, and the statements of a booking application.
//! Its SQLite is the server's, so it is new enough to write beside it (D-70).

use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection, SqliteConnection};
use tokio::runtime::Runtime;

pub(crate) struct Other {
    runtime: Runtime,
    conn: Conn,
    /// When the first hour begins that is booked: a day from now.
    first_at: i64,
}

enum Conn {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// The same on either connection.
macro_rules! on_either {
    ($other:expr, $conn:ident => $run:expr) => {{
        let Other { runtime, conn, .. } = $other;
        let done = runtime.block_on(async {
            match conn {
                Conn::Sqlite($conn) => $run.await,
                Conn::Postgres($conn) => $run.await,
            }
        });
        done.map_err(|cause| cause.to_string())
    }};
}

impl Other {
    pub(crate) fn open(url: &str) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|cause| cause.to_string())?;
        let conn = runtime.block_on(async {
            if url.starts_with("sqlite") {
                SqliteConnection::connect(url).await.map(Conn::Sqlite)
            } else {
                PgConnection::connect(url).await.map(Conn::Postgres)
            }
        });
        let now = jiff::Timestamp::now().as_second();
        Ok(Self {
            runtime,
            conn: conn.map_err(|cause| cause.to_string())?,
            first_at: (now / 3600 + 25) * 3600,
        })
    }

    pub(crate) fn run(&mut self, sql: &str) -> Result<(), String> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        on_either!(self, conn => async { sqlx::raw_sql(sql).execute(conn).await.map(drop) })
    }

    pub(crate) fn number(&mut self, sql: &str) -> Result<i64, String> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        on_either!(self, conn => sqlx::query_scalar(sql).fetch_one(conn))
    }

    pub(crate) fn text(&mut self, sql: &str) -> Result<String, String> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        on_either!(self, conn => sqlx::query_scalar(sql).fetch_one(conn))
    }

    /// Waits until a query gives such a number.
    pub(crate) fn until(
        &mut self,
        sql: &str,
        is_wanted: impl Fn(i64) -> bool,
        patience: Duration,
    ) -> Result<(), String> {
        let began = Instant::now();
        loop {
            match self.number(sql)? {
                found if is_wanted(found) => return Ok(()),
                found if began.elapsed() > patience => {
                    return Err(format!("{sql} still gives {found} after {patience:?}"));
                }
                _ => std::thread::sleep(Duration::from_millis(2)),
            }
        }
    }

    /// Asks for a room, in an hour of its own for each number: the number of the row.
    pub(crate) fn book(&mut self, room: &str, slot: i64) -> Result<i64, String> {
        let (starts, ends) = (self.hour(slot), self.hour(slot + 1));
        self.number(&format!(
            "INSERT INTO requests (room, organizer, starts, ends, summary)
             VALUES ('{room}', 'bob', '{starts}', '{ends}', 'slot {slot}') RETURNING id"
        ))
    }

    fn hour(&self, slot: i64) -> String {
        let at = jiff::Timestamp::from_second(self.first_at + slot * 3600).unwrap_or_default();
        at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// Very many rows in one transaction: every fiftieth asks for an hour of this room, from `slot` on, the
    /// others for nothing that there is.
    pub(crate) fn insert_many(&mut self, room: &str, rows: i64, slot: i64) -> Result<(), String> {
        let at = |offset: i64| {
            let secs = format!("{} + i / 50 * 3600", self.first_at + (slot + offset) * 3600);
            match self.conn {
                Conn::Sqlite(_) => format!("strftime('%Y-%m-%dT%H:%M:%SZ', {secs}, 'unixepoch')"),
                Conn::Postgres(_) => format!("rfc3339({secs})"),
            }
        };
        let (starts, ends) = (at(0), at(1));
        self.run(&format!(
            "WITH RECURSIVE n (i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {rows})
             INSERT INTO requests (room, organizer, starts, ends, rrule)
             SELECT CASE i % 50 WHEN 1 THEN 'nowhere' ELSE '{room}' END, 'bob',
                    CASE WHEN i % 50 = 0 OR i % 3 > 0 THEN {starts} ELSE 'soon' END,
                    CASE WHEN i % 50 = 0 OR i % 3 > 1 THEN {ends} ELSE {starts} END,
                    CASE WHEN i % 50 = 0 THEN NULL ELSE 'FREQ=SOMETIMES' END
             FROM n ORDER BY i"
        ))
    }
}
