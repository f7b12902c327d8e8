//! Refused writes, remembered so that a repeat sends no second notice (R4.4, R120).

use sqlx::{query, query_scalar};

use crate::domain::id::{CalendarId, UserId};
use crate::domain::time::Instant;

use super::error::StoreError;
use super::tx::{Tx, on_db};

/// Queries on `refusals`.
pub struct Refusals<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Refused writes.
    pub fn refusals(&mut self) -> Refusals<'_, 'c> {
        Refusals(self)
    }
}

impl Refusals<'_, '_> {
    /// Remembers a refused write. `true` if it is the first of its kind: same writer, calendar, UID
    /// and content (`hash`).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remember(
        &mut self,
        writer: UserId,
        calendar: CalendarId,
        uid: &str,
        hash: &str,
        at: Instant,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "
            INSERT INTO refusals (user_id, calendar_id, uid, content_hash, at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (user_id, calendar_id, uid, content_hash) DO NOTHING";
        let rows = on_db!(self.0, conn => query(SQL)
            .bind(writer.get())
            .bind(calendar.get())
            .bind(uid)
            .bind(hash)
            .bind(at.secs())
            .execute(conn)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Whether this very write was refused before.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn has(
        &mut self,
        writer: UserId,
        calendar: CalendarId,
        uid: &str,
        hash: &str,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "
            SELECT EXISTS (SELECT 1 FROM refusals
                           WHERE user_id = $1 AND calendar_id = $2 AND uid = $3 AND content_hash = $4)";
        on_db!(self.0, conn => query_scalar(SQL)
            .bind(writer.get())
            .bind(calendar.get())
            .bind(uid)
            .bind(hash)
            .fetch_one(conn)
            .await)
    }

    /// Whether this writer got a notice about this UID since `since` (one in ten minutes, R120).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn noticed_since(
        &mut self,
        writer: UserId,
        uid: &str,
        since: Instant,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "
            SELECT EXISTS (SELECT 1 FROM refusals
                           WHERE user_id = $1 AND uid = $2 AND notified_at > $3)";
        on_db!(self.0, conn =>
            query_scalar(SQL).bind(writer.get()).bind(uid).bind(since.secs()).fetch_one(conn).await)
    }

    /// Notes that the writer was told.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn noticed(
        &mut self,
        writer: UserId,
        calendar: CalendarId,
        uid: &str,
        hash: &str,
        at: Instant,
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE refusals SET notified_at = $5
            WHERE user_id = $1 AND calendar_id = $2 AND uid = $3 AND content_hash = $4";
        on_db!(self.0, conn => query(SQL)
            .bind(writer.get())
            .bind(calendar.get())
            .bind(uid)
            .bind(hash)
            .bind(at.secs())
            .execute(conn)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Forgets refusals from before `before`.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn prune(&mut self, before: Instant) -> Result<(), StoreError> {
        const SQL: &str = "
            DELETE FROM refusals
            WHERE at < $1";
        on_db!(self.0, conn => query(SQL).bind(before.secs()).execute(conn).await.map(drop))?;
        Ok(())
    }
}
