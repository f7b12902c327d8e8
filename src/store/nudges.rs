//! Nudges: a member gets a new version for one reader, and nobody else notices (R4.2).
//!
//! `n` counts per reader and calendar, so that it orders like a change number of that reader's own.

use sqlx::{query, query_as, query_scalar};

use crate::domain::id::{CalendarId, UserId};
use crate::domain::time::Instant;

use super::error::StoreError;
use super::tx::{Tx, on_db};

/// Queries on `nudges`.
pub struct Nudges<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Nudges.
    pub fn nudges(&mut self) -> Nudges<'_, 'c> {
        Nudges(self)
    }
}

impl Nudges<'_, '_> {
    /// Nudges one member for one reader; with the calendar's row locked. `again_at`: once more then,
    /// for a program that keeps its own text after a write (R3.7).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn nudge(
        &mut self,
        reader: UserId,
        calendar: CalendarId,
        name: &str,
        at: Instant,
        again_at: Option<Instant>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO nudges (user_id, calendar_id, name, n, at, again_at)
            SELECT $1, $2, $3, COALESCE(MAX(n), 0) + 1, $4, $5
            FROM nudges
            WHERE user_id = $1 AND calendar_id = $2
            ON CONFLICT (user_id, calendar_id, name)
            DO UPDATE SET n = excluded.n, at = excluded.at, again_at = excluded.again_at";
        on_db!(self.0, conn => query(SQL)
            .bind(reader.get())
            .bind(calendar.get())
            .bind(name)
            .bind(at.secs())
            .bind(again_at.map(Instant::secs))
            .execute(conn)
            .await
            .map(drop))?;
        Ok(())
    }

    /// How often this reader was nudged in this calendar.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn count(&mut self, reader: UserId, calendar: CalendarId) -> Result<i64, StoreError> {
        const SQL: &str = "
            SELECT COALESCE(MAX(n), 0) FROM nudges
            WHERE user_id = $1 AND calendar_id = $2";
        on_db!(self.0, conn =>
            query_scalar(SQL).bind(reader.get()).bind(calendar.get()).fetch_one(conn).await)
    }

    /// How often this reader was nudged in each calendar.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn counts(&mut self, reader: UserId) -> Result<Vec<(CalendarId, i64)>, StoreError> {
        const SQL: &str = "
            SELECT calendar_id, MAX(n) FROM nudges
            WHERE user_id = $1
            GROUP BY calendar_id";
        let rows: Vec<(i64, i64)> =
            on_db!(self.0, conn => query_as(SQL).bind(reader.get()).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(|(calendar, n)| (CalendarId::new(calendar), n)).collect())
    }

    /// The count of one member; 0 where there is none.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of(&mut self, reader: UserId, calendar: CalendarId, name: &str) -> Result<i64, StoreError> {
        const SQL: &str = "
            SELECT n FROM nudges
            WHERE user_id = $1 AND calendar_id = $2 AND name = $3";
        let n: Option<i64> = on_db!(self.0, conn => query_scalar(SQL)
            .bind(reader.get())
            .bind(calendar.get())
            .bind(name)
            .fetch_optional(conn)
            .await)?;
        Ok(n.unwrap_or(0))
    }

    /// Every member of this calendar that this reader was nudged about more than `since` times,
    /// with its count, by count.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn since(
        &mut self,
        reader: UserId,
        calendar: CalendarId,
        since: i64,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        const SQL: &str = "
            SELECT name, n FROM nudges
            WHERE user_id = $1 AND calendar_id = $2 AND n > $3
            ORDER BY n";
        on_db!(self.0, conn => query_as(SQL)
            .bind(reader.get())
            .bind(calendar.get())
            .bind(since)
            .fetch_all(conn)
            .await)
    }

    /// Asks for another nudge of a member at `again_at`, without one now.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remind(
        &mut self,
        reader: UserId,
        calendar: CalendarId,
        name: &str,
        at: Instant,
        again_at: Instant,
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO nudges (user_id, calendar_id, name, n, at, again_at)
            VALUES ($1, $2, $3, 0, $4, $5)
            ON CONFLICT (user_id, calendar_id, name) DO UPDATE SET again_at = excluded.again_at";
        on_db!(self.0, conn => query(SQL)
            .bind(reader.get())
            .bind(calendar.get())
            .bind(name)
            .bind(at.secs())
            .bind(again_at.secs())
            .execute(conn)
            .await
            .map(drop))?;
        Ok(())
    }

    /// The nudges that are due a second time.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn due(&mut self, now: Instant) -> Result<Vec<(UserId, CalendarId, String)>, StoreError> {
        const SQL: &str = "
            SELECT user_id, calendar_id, name FROM nudges
            WHERE again_at <= $1
            ORDER BY user_id, calendar_id, name
            LIMIT 500";
        let rows: Vec<(i64, i64, String)> =
            on_db!(self.0, conn => query_as(SQL).bind(now.secs()).fetch_all(conn).await)?;
        Ok(rows
            .into_iter()
            .map(|(user, calendar, name)| (UserId::new(user), CalendarId::new(calendar), name))
            .collect())
    }
}
