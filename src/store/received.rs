//! Messages to rooms that were acted on: the last one of each UID, room and organizer, by which the next
//! is known to be newer or older. Rows of what was cancelled are its tombstones (R85).

use sqlx::{query, query_as};

use crate::domain::id::RoomId;
use crate::domain::time::Instant;

use super::error::StoreError;
use super::tx::{Tx, execute_on, on_db};

/// The last message about one UID from one organizer to one room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// To which room.
    pub room: RoomId,
    /// About which event.
    pub uid: String,
    /// From whom: `urn:uuid:` of a person, else the address.
    pub organizer: String,
    /// Its SEQUENCE, if it had one.
    pub sequence: Option<i64>,
    /// Its DTSTAMP, if it had one.
    pub stamp: Option<Instant>,
    /// The room is not asked for any more.
    pub cancelled: bool,
    /// The event is in a calendar because a message brought it.
    pub made: bool,
    /// When it came.
    pub at: Instant,
}

/// Queries on `received`.
pub struct ReceivedMessages<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Messages to rooms that were acted on.
    pub fn received(&mut self) -> ReceivedMessages<'_, 'c> {
        ReceivedMessages(self)
    }
}

type Row = (i64, String, String, Option<i64>, Option<i64>, bool, bool, i64);

impl ReceivedMessages<'_, '_> {
    /// The last message to each room about this UID, from whomever.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn about(&mut self, uid: &str) -> Result<Vec<Heard>, StoreError> {
        const SQL: &str = "
            SELECT room_id, uid, organizer, sequence, stamp_at, cancelled, made, received_at
            FROM received
            WHERE uid = $1
            ORDER BY room_id, organizer";
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(SQL).bind(uid).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(heard).collect())
    }

    /// Remembers a message in place of the last one.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remember(&mut self, heard: &Heard) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO received (room_id, uid, organizer, sequence, stamp_at, cancelled, made, received_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (uid, room_id, organizer) DO UPDATE
            SET sequence = excluded.sequence, stamp_at = excluded.stamp_at, cancelled = excluded.cancelled,
                made = excluded.made, received_at = excluded.received_at";
        execute_on!(
            self.0,
            query(SQL)
                .bind(heard.room.get())
                .bind(&heard.uid)
                .bind(&heard.organizer)
                .bind(heard.sequence)
                .bind(heard.stamp.map(Instant::secs))
                .bind(heard.cancelled)
                .bind(heard.made)
                .bind(heard.at.secs())
        )
        .map(drop)
    }

    /// Forgets what came before `before` about events that the room does not have.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn prune(&mut self, before: Instant) -> Result<(), StoreError> {
        const SQL: &str = "
            DELETE FROM received
            WHERE received_at < $1
              AND NOT EXISTS (SELECT 1 FROM reservations r
                              WHERE r.room_id = received.room_id AND r.uid = received.uid)";
        execute_on!(self.0, query(SQL).bind(before.secs())).map(drop)
    }
}

fn heard(row: Row) -> Heard {
    let (room, uid, organizer, sequence, stamp, cancelled, made, at) = row;
    Heard {
        room: RoomId::new(room),
        uid,
        organizer,
        sequence,
        stamp: stamp.map(Instant::from_secs),
        cancelled,
        made,
        at: Instant::from_secs(at),
    }
}
