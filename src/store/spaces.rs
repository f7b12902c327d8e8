//! Spaces: what is locked and claimed.

use sqlx::{query, query_as, query_scalar};

use crate::domain::id::{RoomId, SpaceId};
use crate::domain::space::Space;
use crate::domain::time::Instant;

use super::error::StoreError;
use super::set::{SetSql, set, set_sql};
use super::tx::{Tx, execute_on, on_db};

/// Queries on `spaces`.
pub struct Spaces<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Spaces.
    pub fn spaces(&mut self) -> Spaces<'_, 'c> {
        Spaces(self)
    }
}

impl Spaces<'_, '_> {
    /// The spaces of a room, ascending.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of_room(&mut self, room: RoomId) -> Result<Vec<Space>, StoreError> {
        const SQL: &str = "
            SELECT s.id, s.name, s.units
            FROM room_spaces r
            JOIN spaces s ON s.id = r.space_id
            WHERE r.room_id = $1
            ORDER BY s.id";
        let rows: Vec<(i64, String, i64)> =
            on_db!(self.0, conn => query_as(SQL).bind(room.get()).fetch_all(conn).await)?;
        let space = |(id, name, units)| Space { id: SpaceId::new(id), name, units };
        Ok(rows.into_iter().map(space).collect())
    }

    /// The spaces that take more than one booking at a time, with how many (R80).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn with_units(&mut self) -> Result<Vec<(SpaceId, i64)>, StoreError> {
        const SQL: &str = "SELECT id, units FROM spaces WHERE units <> 1";
        let rows: Vec<(i64, i64)> = on_db!(self.0, conn => query_as(SQL).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(|(id, units)| (SpaceId::new(id), units)).collect())
    }

    /// Every room that owns one of these spaces, by key: who is kept out when they are claimed.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn rooms(&mut self, spaces: &[SpaceId]) -> Result<Vec<RoomId>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT DISTINCT room_id
            FROM room_spaces
            WHERE space_id IN (SELECT CAST(value ->> 0 AS BIGINT) FROM ",
            ")
            ORDER BY room_id"
        );
        let sql = SQL.on(self.0);
        let spaces = set(spaces.iter().map(|space| (space.get(),)));
        let keys: Vec<i64> = on_db!(self.0, conn => query_scalar(sql).bind(spaces).fetch_all(conn).await)?;
        Ok(keys.into_iter().map(RoomId::new).collect())
    }

    /// Says how many bookings fit side by side (R80). Claims that are not over by `now` become
    /// exclusive with one unit, and cease to be with more; those of the past stay as they were.
    ///
    /// # Errors
    /// `Inconsistent` if `units` is below one; `Overlap` if claims overlap that become exclusive.
    pub async fn set_units(&mut self, space: SpaceId, units: i64, now: Instant) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE spaces SET units = $2 WHERE id = $1";
        const CLAIMS: &str = "UPDATE claims SET exclusive = $2 WHERE space_id = $1 AND end_at > $3";
        execute_on!(self.0, query(SQL).bind(space.get()).bind(units))?;
        execute_on!(self.0, query(CLAIMS).bind(space.get()).bind(units == 1).bind(now.secs())).map(drop)
    }
}
