//! The inside of a transaction, on whichever database this server uses.
//!
//! Query text is shared: both databases read `$1`, `RETURNING` and `ON CONFLICT`. What must differ:
//!
//! | | SQLite | PostgreSQL | where |
//! |---|---|---|---|
//! | beginning to write | `BEGIN IMMEDIATE` on one connection, several works per commit, each in a savepoint | `BEGIN`, with lock and statement timeouts | `write.rs`, `sqlite.rs`, `postgres.rs` |
//! | locks | nothing to do: one writer | `SELECT … FOR NO KEY UPDATE`, ascending | [`Tx::lock_in_order`] |
//! | reading a snapshot | one read transaction | `REPEATABLE READ READ ONLY` | `snapshot.rs` |
//! | a set as a parameter | `json_each($1)` | `json_array_elements($1)` | [`set_sql`](super::set) |
//! | claims near a set | nested loop by itself | `LATERAL … OFFSET 0` | `occurrences.rs` |
//! | second line against overlap | triggers that abort | exclusion constraint, deferred to the commit | `schema/` |
//! | error codes | extended result codes | SQLSTATE | `error.rs` |
//! | opening | pragmas, set and read back | settings, checked | `sqlite.rs`, `postgres.rs` |
//! | an answer that does not come | there is no line | given up after five seconds, with its connection | `session.rs` |
//! | keys | `INTEGER PRIMARY KEY` | `BIGINT GENERATED ALWAYS AS IDENTITY` | `schema/` |

use crate::domain::id::{CalendarId, SpaceId};

use super::audit::Decision;
use super::calendars::{Nonce, Seq};
use super::damage::Damage;
use super::error::StoreError;
use super::pace::Pace;
use super::tally::Tally;

/// The inside of a transaction. It cannot commit: only `Store::write` begins and ends one.
///
/// Queries hang on it table by table: `tx.calendars()`, `tx.rooms()`, each in the table's own file.
/// A work that met a [`StoreError`] cannot be kept, even if it goes on and returns `Ok`.
pub struct Tx<'c> {
    pub(super) conn: Conn<'c>,
    pub(super) nonce: Nonce,
    /// The first calendar of which this transaction took a number: by that row we find out
    /// whether a commit happened whose answer was lost.
    pub(super) numbered: Option<(CalendarId, Seq)>,
    /// Calendars made in this transaction, which nobody else can wait for.
    pub(super) made: Vec<CalendarId>,
    /// Rows of the audit, which are written together once the work is done.
    pub(super) decisions: Vec<Decision>,
    /// What they come to, for those who count.
    pub(super) tally: Tally,
    pub(super) pace: Pace,
    pub(super) trouble: Option<StoreError>,
    /// Where an error is noted that concerns all others too; `None` on PostgreSQL, which keeps its own disk.
    pub(super) damage: Option<&'c Damage>,
}

/// One connection of either kind.
pub(super) enum Conn<'c> {
    Sqlite(&'c mut sqlx::SqliteConnection),
    Postgres(&'c mut sqlx::PgConnection),
}

/// Runs the same query code on either database; `$conn` is its connection.
///
/// `$run` gives a `Result<_, sqlx::Error>` and leaves by no other way; the whole gives a
/// `Result<_, StoreError>`.
macro_rules! on_db {
    ($tx:expr, $conn:ident => $run:expr) => {{
        let tx: &mut $crate::store::tx::Tx<'_> = &mut *$tx;
        let pace = tx.pace;
        let result = match &mut tx.conn {
            _ if pace.is_over() => Err($crate::store::pace::too_late()),
            $crate::store::tx::Conn::Sqlite(connection) => {
                let $conn = &mut **connection;
                $run
            }
            $crate::store::tx::Conn::Postgres(connection) => {
                let $conn = &mut **connection;
                // Boxed, so that what waits for it stays small.
                pace.hold(Box::pin(async { $run })).await
            }
        };
        tx.heard(result)
    }};
}
pub(super) use on_db;

/// Executes a query on either database, and gives the number of rows it touched.
macro_rules! execute_on {
    ($tx:expr, $query:expr) => {
        $crate::store::tx::on_db!($tx, conn => $query
            .execute(conn)
            .await
            .map(|done| done.rows_affected()))
    };
}
pub(super) use execute_on;

impl<'c> Tx<'c> {
    pub(super) fn new(conn: Conn<'c>, nonce: Nonce, damage: Option<&'c Damage>) -> Self {
        Self {
            conn,
            nonce,
            numbered: None,
            made: Vec::new(),
            decisions: Vec::new(),
            tally: Tally::default(),
            pace: Pace::USUAL,
            trouble: None,
            damage,
        }
    }

    /// Remembers that this transaction is spent, if it is.
    pub(super) fn heard<T>(&mut self, result: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        result.map_err(|error| {
            let error = StoreError::from(error);
            tracing::debug!(%error, "a query failed");
            if let Some(damage) = self.damage {
                damage.note(&error);
            }
            self.trouble = Some(error.clone());
            error
        })
    }

    /// Takes the rows of these spaces, then of these calendars, each ascending, so that no two
    /// transactions wait for each other in a circle (R142). Reads after it see what others left.
    ///
    /// Call it once per transaction, before anything is read that a decision hangs on.
    /// On SQLite there is one writer, and nothing to do. R77, R142.
    ///
    /// # Errors
    /// `Unavailable` when somebody held one of them for more than two seconds (F-12).
    pub async fn lock_in_order(
        &mut self,
        spaces: &[SpaceId],
        calendars: &[CalendarId],
    ) -> Result<(), StoreError> {
        const SPACES: &str = "
            SELECT id FROM spaces
            WHERE id = ANY($1)
            ORDER BY id
            FOR NO KEY UPDATE";
        const CALENDARS: &str = "
            SELECT id FROM calendars
            WHERE id = ANY($1)
            ORDER BY id
            FOR NO KEY UPDATE";
        let spaces: Vec<i64> = spaces.iter().map(|space| space.get()).collect();
        let calendars: Vec<i64> = calendars.iter().map(|calendar| calendar.get()).collect();
        for (sql, keys) in [(SPACES, spaces), (CALENDARS, calendars)] {
            if let (Conn::Postgres(conn), false) = (&mut self.conn, keys.is_empty()) {
                let query = sqlx::query(sql).bind(keys);
                let result = self.pace.hold(query.execute(&mut **conn)).await;
                self.heard(result)?;
            }
        }
        Ok(())
    }
}
