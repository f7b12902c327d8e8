//! Refused dates that wait for what is in their way to go: where something went, and what was offered
//! to whom (R53).
//!
//! Whatever ends claims notes where, and only near a date that waits; nothing is decided there. Knows
//! no rules: whether a date would be given now is asked of `booking`.

use sqlx::{query, query_as, query_scalar};

use crate::domain::claim::Claim;
use crate::domain::id::{BlockId, OccurrenceId, ReservationId, RoomId, SpaceId, UserId};
use crate::domain::recurrence::RecurrenceId;
use crate::domain::time::{Instant, Period};

use super::error::StoreError;
use super::occurrences::recur_at;
use super::set::{SetSql, set, set_sql};
use super::tx::{Tx, execute_on, on_db};

/// Where something has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The key.
    pub id: i64,
    /// In which space.
    pub space: SpaceId,
    /// The range that was occupied.
    pub range: Period,
}

/// A refused date that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingDate {
    /// Of which reservation.
    pub reservation: ReservationId,
    /// Which date of it.
    pub occurrence: RecurrenceId,
    /// In which room.
    pub room: RoomId,
    /// The event's own time.
    pub period: Period,
}

/// Queries on `openings` and `offers`, and on the refused ones in `occurrences`.
pub struct Waiting<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Refused dates that wait, and offers of them.
    pub fn waiting(&mut self) -> Waiting<'_, 'c> {
        Waiting(self)
    }
}

impl Waiting<'_, '_> {
    /// Notes where the claims of a reservation are about to end.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn note(&mut self, reservation: ReservationId) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO openings (space_id, start_at, end_at)
            SELECT c.space_id, c.start_at, c.end_at
            FROM claims c
            WHERE c.reservation_id = $1
              AND EXISTS (SELECT 1 FROM room_spaces s
                          JOIN occurrences o ON o.room_id = s.room_id AND o.state = 'declined'
                          WHERE s.space_id = c.space_id AND o.reason IN ('busy', 'blocked')
                            AND o.start_at < c.end_at + 86400 AND o.start_at > c.start_at - 2851200
                            AND o.end_at > c.start_at - 86400 AND o.reservation_id <> c.reservation_id)";
        execute_on!(self.0, query(SQL).bind(reservation.get())).map(drop)
    }

    /// Notes where grace claims are about to end.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn note_expiring(&mut self, now: Instant) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO openings (space_id, start_at, end_at)
            SELECT c.space_id, c.start_at, c.end_at
            FROM occurrences g
            JOIN claims c ON c.occurrence_id = g.id
            WHERE g.expires_at <= $1 AND g.state = 'grace'
              AND EXISTS (SELECT 1 FROM room_spaces s
                          JOIN occurrences o ON o.room_id = s.room_id AND o.state = 'declined'
                          WHERE s.space_id = c.space_id AND o.reason IN ('busy', 'blocked')
                            AND o.start_at < c.end_at + 86400 AND o.start_at > c.start_at - 2851200
                            AND o.end_at > c.start_at - 86400 AND o.reservation_id <> c.reservation_id)";
        execute_on!(self.0, query(SQL).bind(now.secs())).map(drop)
    }

    /// Notes where a block is about to end.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn note_block(&mut self, block: BlockId) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO openings (space_id, start_at, end_at)
            SELECT b.space_id, b.start_at, b.end_at
            FROM block_periods b
            WHERE b.block_id = $1
              AND EXISTS (SELECT 1 FROM room_spaces s
                          JOIN occurrences o ON o.room_id = s.room_id AND o.state = 'declined'
                          WHERE s.space_id = b.space_id AND o.reason IN ('busy', 'blocked')
                            AND o.start_at < b.end_at + 86400 AND o.end_at > b.start_at - 86400)";
        execute_on!(self.0, query(SQL).bind(block.get())).map(drop)
    }

    /// What has ended and was not looked at yet: so many, the oldest first.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn openings(&mut self, most: i64) -> Result<Vec<Opening>, StoreError> {
        const SQL: &str = "
            SELECT id, space_id, start_at, end_at FROM openings
            ORDER BY id
            LIMIT $1";
        let rows: Vec<(i64, i64, i64, i64)> =
            on_db!(self.0, conn => query_as(SQL).bind(most).fetch_all(conn).await)?;
        let opening =
            |(id, space, start, end)| Opening { id, space: SpaceId::new(space), range: period(start, end) };
        Ok(rows.into_iter().map(opening).collect())
    }

    /// Forgets openings that were looked at.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn forget(&mut self, openings: &[i64]) -> Result<(), StoreError> {
        const SQL: SetSql = set_sql!(
            "
            DELETE FROM openings
            WHERE id IN (SELECT CAST(value ->> 0 AS BIGINT) FROM ",
            " AS given)"
        );
        let sql = SQL.on(self.0);
        let given = set(openings.iter().map(|id| (*id,)));
        execute_on!(self.0, query(sql).bind(given)).map(drop)
    }

    /// The dates to come that wait near an opening and were never offered, in the order in which they
    /// were refused.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn near(&mut self, opening: &Opening, now: Instant) -> Result<Vec<WaitingDate>, StoreError> {
        const SQL: &str = "
            SELECT o.reservation_id, o.recur_at, o.room_id, o.start_at, o.end_at
            FROM room_spaces s
            JOIN occurrences o ON o.room_id = s.room_id AND o.state = 'declined'
            WHERE s.space_id = $1 AND o.reason IN ('busy', 'blocked') AND o.start_at > $4
              AND o.start_at < $3 + 86400 AND o.end_at > $2 - 86400
              AND NOT EXISTS (SELECT 1 FROM offers f
                              WHERE f.reservation_id = o.reservation_id AND f.recur_at = o.recur_at
                                AND f.start_at = o.start_at)
            ORDER BY o.claimed_at, o.reservation_id, o.start_at";
        let rows: Vec<(i64, i64, i64, i64, i64)> = on_db!(self.0, conn => query_as(SQL)
            .bind(opening.space.get())
            .bind(opening.range.start.secs())
            .bind(opening.range.end.secs())
            .bind(now.secs())
            .fetch_all(conn)
            .await)?;
        Ok(rows.into_iter().map(waiting_date).collect())
    }

    /// Offers that stand, as if they were claims on every space of their room: who is asked first is
    /// asked alone.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn offered(&mut self, spaces: &[SpaceId], range: Period) -> Result<Vec<Claim>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT s.space_id, f.start_at, f.end_at, f.reservation_id, r.owner_id
            FROM room_spaces s
            JOIN offers f ON f.room_id = s.room_id AND f.state = 'open'
            JOIN reservations r ON r.id = f.reservation_id
            WHERE f.start_at < $3 AND f.end_at > $2
              AND s.space_id IN (SELECT CAST(value ->> 0 AS BIGINT) FROM ",
            " AS given)"
        );
        let sql = SQL.on(self.0);
        let spaces = set(spaces.iter().map(|space| (space.get(),)));
        let rows: Vec<(i64, i64, i64, i64, i64)> = on_db!(self.0, conn => query_as(sql)
            .bind(spaces)
            .bind(range.start.secs())
            .bind(range.end.secs())
            .fetch_all(conn)
            .await)?;
        let claim = |(space, start, end, reservation, owner)| Claim {
            space: SpaceId::new(space),
            occupied: period(start, end),
            units: 1,
            occurrence: OccurrenceId::new(0),
            reservation: ReservationId::new(reservation),
            holder: UserId::new(owner),
        };
        Ok(rows.into_iter().map(claim).collect())
    }

    /// Writes down that a date is offered until `until`.
    ///
    /// # Errors
    /// `Duplicate` if it was offered before.
    pub async fn offer(
        &mut self,
        date: &WaitingDate,
        now: Instant,
        until: Instant,
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO offers (reservation_id, recur_at, room_id, start_at, end_at, offered_at, expires_at, state)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 'open')";
        execute_on!(
            self.0,
            query(SQL)
                .bind(date.reservation.get())
                .bind(recur_at(date.occurrence))
                .bind(date.room.get())
                .bind(date.period.start.secs())
                .bind(date.period.end.secs())
                .bind(now.secs())
                .bind(until.secs())
        )
        .map(drop)
    }

    /// Ends the offer of a date, if there is one: it was taken.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn close(
        &mut self,
        reservation: ReservationId,
        occurrence: RecurrenceId,
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE offers SET state = 'over'
            WHERE reservation_id = $1 AND recur_at = $2";
        execute_on!(self.0, query(SQL).bind(reservation.get()).bind(recur_at(occurrence))).map(drop)
    }

    /// Ends offers that nobody took in time; what they were for is open for the next in line.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn lapse(&mut self, now: Instant) -> Result<Vec<WaitingDate>, StoreError> {
        const OPEN: &str = "
            INSERT INTO openings (space_id, start_at, end_at)
            SELECT s.space_id, f.start_at, f.end_at
            FROM offers f
            JOIN room_spaces s ON s.room_id = f.room_id
            WHERE f.state = 'open' AND f.expires_at <= $1";
        const LAPSE: &str = "
            UPDATE offers SET state = 'over'
            WHERE state = 'open' AND expires_at <= $1
            RETURNING reservation_id, recur_at, room_id, start_at, end_at";
        const ANY: &str = "SELECT COUNT(*) FROM offers WHERE state = 'open' AND expires_at <= $1";
        let due: i64 = on_db!(self.0, conn => query_scalar(ANY).bind(now.secs()).fetch_one(conn).await)?;
        if due == 0 {
            return Ok(Vec::new());
        }
        execute_on!(self.0, query(OPEN).bind(now.secs()))?;
        let rows: Vec<(i64, i64, i64, i64, i64)> =
            on_db!(self.0, conn => query_as(LAPSE).bind(now.secs()).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(waiting_date).collect())
    }
}

fn period(start: i64, end: i64) -> Period {
    Period { start: Instant::from_secs(start), end: Instant::from_secs(end) }
}

fn waiting_date((reservation, recur, room, start, end): (i64, i64, i64, i64, i64)) -> WaitingDate {
    WaitingDate {
        reservation: ReservationId::new(reservation),
        occurrence: (recur >= 0).then(|| Instant::from_secs(recur)).into(),
        room: RoomId::new(room),
        period: period(start, end),
    }
}
