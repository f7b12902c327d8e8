//! Alarms and snoozes that a reader added to somebody else's event, for that reader only (R107).

use sqlx::{query, query_as};

use crate::domain::id::{CalendarId, ResourceId, UserId};

use super::error::StoreError;
use super::tx::{Tx, on_db};

/// What one reader added to one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlay {
    /// The event.
    pub resource: ResourceId,
    /// The reader's own text of it, of which only the alarms count.
    pub text: Vec<u8>,
    /// A hash of that.
    pub etag: String,
}

/// Queries on `overlays`.
pub struct Overlays<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// What readers added to events of others.
    pub fn overlays(&mut self) -> Overlays<'_, 'c> {
        Overlays(self)
    }
}

impl Overlays<'_, '_> {
    /// Stores what `reader` added, in place of what he added before.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn set(&mut self, reader: UserId, overlay: &Overlay) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO overlays (user_id, resource_id, text, etag)
            VALUES ($1, $2, $3, $4)
            ON CONFLICT (user_id, resource_id) DO UPDATE SET text = excluded.text, etag = excluded.etag";
        on_db!(self.0, conn => query(SQL)
            .bind(reader.get())
            .bind(overlay.resource.get())
            .bind(&overlay.text)
            .bind(&overlay.etag)
            .execute(conn)
            .await
            .map(drop))?;
        Ok(())
    }

    /// What `reader` added to one event.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of(&mut self, reader: UserId, resource: ResourceId) -> Result<Option<Overlay>, StoreError> {
        const SQL: &str = "
            SELECT text, etag FROM overlays
            WHERE user_id = $1 AND resource_id = $2";
        let row: Option<(Vec<u8>, String)> = on_db!(self.0, conn =>
            query_as(SQL).bind(reader.get()).bind(resource.get()).fetch_optional(conn).await)?;
        Ok(row.map(|(text, etag)| Overlay { resource, text, etag }))
    }

    /// Everything that `reader` added in one calendar, by event.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn list(&mut self, reader: UserId, calendar: CalendarId) -> Result<Vec<Overlay>, StoreError> {
        const SQL: &str = "
            SELECT o.resource_id, o.text, o.etag
            FROM overlays o
            JOIN resources r ON r.id = o.resource_id
            WHERE o.user_id = $1 AND r.calendar_id = $2
            ORDER BY o.resource_id";
        let rows: Vec<(i64, Vec<u8>, String)> = on_db!(self.0, conn =>
            query_as(SQL).bind(reader.get()).bind(calendar.get()).fetch_all(conn).await)?;
        Ok(rows
            .into_iter()
            .map(|(resource, text, etag)| Overlay { resource: ResourceId::new(resource), text, etag })
            .collect())
    }
}
