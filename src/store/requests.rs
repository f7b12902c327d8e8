//! Rows that other programs hand in, and what became of them written back (`schema/README.md`).
//!
//! A row is decided once: whoever decides takes it in the transaction that decides, and writes the answer
//! in the same one. So a server that dies leaves the row as it was, and of several one decides. Knows no
//! rules and no times: a row is text until `booking` reads it. B-68.

use sqlx::{query, query_as, query_scalar};

use crate::domain::id::{OccurrenceId, ReservationId};
use crate::domain::reason::Reason;
use crate::domain::request::RequestState;
use crate::domain::time::Instant;

use super::error::StoreError;
use super::tx::{Conn, Tx, execute_on, on_db};

/// A row that waits, as it was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its number.
    pub id: i64,
    /// In whose name.
    pub organizer: String,
    /// On whose clock its times are; `None`: UTC.
    pub zone: Option<String>,
    /// What is asked for.
    pub asked: Asked,
}

/// What a row asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A room.
    Book {
        /// Which, by its slug.
        room: String,
        /// From when.
        starts: String,
        /// Until when.
        ends: String,
        /// How it recurs.
        rule: Option<String>,
        /// What it is called.
        summary: String,
    },
    /// The end of a reservation.
    Cancel {
        /// Which one.
        reservation: ReservationId,
        /// The date of it that would have started then; `None`: all of it.
        occurrence: Option<String>,
    },
}

/// How a row stands for somebody who wants to decide about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    /// It is this transaction's to decide.
    Ours,
    /// Another transaction has it.
    Elsewhere,
    /// It was decided, or changed or taken away since it was read.
    Gone,
}

/// What is written back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What became of it.
    pub state: RequestState,
    /// Why not, or not all of it.
    pub reason: Option<Reason>,
    /// The same in words.
    pub sentence: Option<String>,
    /// The occurrence in the way.
    pub conflict: Option<OccurrenceId>,
    /// The reservation that it is, or was, about, with its UID.
    pub reservation: Option<(ReservationId, String)>,
}

/// What a row says, in the order of its columns.
type Columns = (
    i64,
    String,
    Option<String>,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
    Option<i64>,
    Option<String>,
);

/// Queries on `requests`.
pub struct Requests<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// What other programs have handed in.
    pub fn requests(&mut self) -> Requests<'_, 'c> {
        Requests(self)
    }
}

/// The schema that brought the table.
const SINCE: i64 = 16;

impl Requests<'_, '_> {
    /// Whether the database has the table already: the schema before is served too.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn are_there(&mut self) -> Result<bool, StoreError> {
        Ok(self.0.meta().schema().await? >= SINCE)
    }

    /// The first rows that wait, by their numbers.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn waiting(&mut self, limit: i64) -> Result<Vec<Request>, StoreError> {
        const SQL: &str = "
            SELECT id, kind, room, organizer, starts, ends, zone, rrule, summary, reservation_id, occurrence
            FROM requests
            WHERE state = 'waiting'
            ORDER BY id
            LIMIT $1";
        let rows: Vec<Columns> = on_db!(self.0, conn => query_as(SQL).bind(limit).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(request).collect())
    }

    /// Takes a row as it was read, to decide about it in this transaction.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn take(&mut self, read: &Request) -> Result<Taking, StoreError> {
        // What another server is deciding about is not waited for.
        const POSTGRES: &str = "
            SELECT id, kind, room, organizer, starts, ends, zone, rrule, summary, reservation_id, occurrence
            FROM requests
            WHERE id = $1 AND state = 'waiting'
            FOR NO KEY UPDATE SKIP LOCKED";
        const SQLITE: &str = "
            SELECT id, kind, room, organizer, starts, ends, zone, rrule, summary, reservation_id, occurrence
            FROM requests
            WHERE id = $1 AND state = 'waiting'";
        const WAITS: &str = "SELECT EXISTS (SELECT 1 FROM requests WHERE id = $1 AND state = 'waiting')";
        let sql = if matches!(self.0.conn, Conn::Sqlite(_)) { SQLITE } else { POSTGRES };
        let taken: Option<Columns> =
            on_db!(self.0, conn => query_as(sql).bind(read.id).fetch_optional(conn).await)?;
        if let Some(taken) = taken {
            return Ok(if request(taken) == *read { Taking::Ours } else { Taking::Gone });
        }
        let waits: bool = on_db!(self.0, conn => query_scalar(WAITS).bind(read.id).fetch_one(conn).await)?;
        Ok(if waits { Taking::Elsewhere } else { Taking::Gone })
    }

    /// Writes back what became of a row that was taken.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn answer(&mut self, id: i64, answered: &Answered, at: Instant) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE requests
            SET state = $2, reason = $3, sentence = $4, conflict_id = $5,
                reservation_id = COALESCE($6, reservation_id), uid = $7, decided_at = $8
            WHERE id = $1";
        let Answered { state, reason, sentence, conflict, reservation } = answered;
        execute_on!(
            self.0,
            query(SQL)
                .bind(id)
                .bind(state.as_str())
                .bind(reason.map(Reason::code))
                .bind(sentence.as_deref())
                .bind(conflict.map(OccurrenceId::get))
                .bind(reservation.as_ref().map(|(id, _)| id.get()))
                .bind(reservation.as_ref().map(|(_, uid)| uid.as_str()))
                .bind(at.secs())
        )
        .map(drop)
    }

    /// Forgets rows that were decided before `before`, at most `limit`; gives how many went (L-69).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn prune(&mut self, before: Instant, limit: i64) -> Result<u64, StoreError> {
        const SQL: &str = "
            DELETE FROM requests
            WHERE id IN (SELECT id FROM requests WHERE decided_at < $1 ORDER BY decided_at, id LIMIT $2)";
        execute_on!(self.0, query(SQL).bind(before.secs()).bind(limit))
    }
}

/// The table's checks see to it that a row has what its kind needs; one that has not, whoever wrote it, asks
/// for nothing that there is.
fn request(columns: Columns) -> Request {
    let (id, kind, room, organizer, starts, ends, zone, rule, summary, reservation, occurrence) = columns;
    let asked = if kind == "cancel" {
        Asked::Cancel { reservation: ReservationId::new(reservation.unwrap_or_default()), occurrence }
    } else {
        let (room, starts, ends) =
            (room.unwrap_or_default(), starts.unwrap_or_default(), ends.unwrap_or_default());
        Asked::Book { room, starts, ends, rule, summary }
    };
    Request { id, organizer, zone, asked }
}
