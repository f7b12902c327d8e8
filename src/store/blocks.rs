//! Blocks: times for which a room is closed (R91), as rules and as the periods they give.

use sqlx::{query, query_as, query_scalar};

use crate::domain::id::{BlockId, RoomId, SpaceId};
use crate::domain::time::{Instant, Period};

use super::error::StoreError;
use super::set::{SetSql, set, set_sql};
use super::tx::{Tx, on_db};

/// A block as it was made. Times are local to the room's zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The key; 0 before it is stored.
    pub id: BlockId,
    /// Which room.
    pub room: RoomId,
    /// `2027-03-01T09:00:00`.
    pub start_local: String,
    /// `2027-03-01T18:00:00`.
    pub end_local: String,
    /// An RRULE value.
    pub rrule: Option<String>,
    /// Whether it took the room from whoever had it (R92).
    pub hard: bool,
    /// What people are told.
    pub reason: String,
    /// Who made it.
    pub created_by: String,
    /// Up to where a recurring one is laid out.
    pub horizon: Option<Instant>,
}

/// Queries on `blocks` and `block_periods`.
pub struct Blocks<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Closed times.
    pub fn blocks(&mut self) -> Blocks<'_, 'c> {
        Blocks(self)
    }
}

type Row = (i64, i64, String, String, Option<String>, bool, String, String, Option<i64>);

impl Blocks<'_, '_> {
    /// Stores a block.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn insert(&mut self, block: &Block, at: Instant) -> Result<BlockId, StoreError> {
        const SQL: &str = "
            INSERT INTO blocks (room_id, start_local, end_local, rrule, hard, reason, created_by, horizon_at,
                                created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            RETURNING id";
        let id: i64 = on_db!(self.0, conn => query_scalar(SQL)
            .bind(block.room.get())
            .bind(&block.start_local)
            .bind(&block.end_local)
            .bind(&block.rrule)
            .bind(block.hard)
            .bind(&block.reason)
            .bind(&block.created_by)
            .bind(block.horizon.map(Instant::secs))
            .bind(at.secs())
            .fetch_one(conn)
            .await)?;
        Ok(BlockId::new(id))
    }

    /// Lays out the periods of a block on the spaces of its room; those that are there stay.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn lay_out(
        &mut self,
        block: BlockId,
        spaces: &[SpaceId],
        periods: &[Period],
        horizon: Option<Instant>,
    ) -> Result<(), StoreError> {
        const PERIODS: SetSql = set_sql!(
            "
            INSERT INTO block_periods (block_id, space_id, start_at, end_at)
            SELECT $2, CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT), CAST(value ->> 2 AS BIGINT)
            FROM ",
            " AS given
            WHERE TRUE
            ON CONFLICT (block_id, space_id, start_at) DO NOTHING"
        );
        const HORIZON: &str = "
            UPDATE blocks SET horizon_at = $2
            WHERE id = $1";
        let sql = PERIODS.on(self.0);
        let rows = set(spaces.iter().flat_map(|space| {
            periods.iter().map(move |period| (space.get(), period.start.secs(), period.end.secs()))
        }));
        on_db!(self.0, conn => query(sql).bind(rows).bind(block.get()).execute(conn).await.map(drop))?;
        on_db!(self.0, conn =>
            query(HORIZON).bind(block.get()).bind(horizon.map(Instant::secs)).execute(conn).await.map(drop))?;
        Ok(())
    }

    /// Forgets the periods of a block that are not over, so that it can be laid out anew.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn take_up(&mut self, id: BlockId, now: Instant) -> Result<(), StoreError> {
        const SQL: &str = "
            DELETE FROM block_periods
            WHERE block_id = $1 AND end_at > $2";
        on_db!(self.0, conn => query(SQL).bind(id.get()).bind(now.secs()).execute(conn).await.map(drop))
    }

    /// Every block, or those of one room, in the order they were made.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn list(&mut self, room: Option<RoomId>) -> Result<Vec<Block>, StoreError> {
        const SQL: &str = "
            SELECT id, room_id, start_local, end_local, rrule, hard, reason, created_by, horizon_at
            FROM blocks
            WHERE $1 < 0 OR room_id = $1
            ORDER BY id";
        let rows: Vec<Row> = on_db!(self.0, conn =>
            query_as(SQL).bind(room.map_or(-1, RoomId::get)).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(block).collect())
    }

    /// Takes a block away. `false` if there is none with this key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn delete(&mut self, id: BlockId) -> Result<bool, StoreError> {
        const SQL: &str = "
            DELETE FROM blocks
            WHERE id = $1";
        self.0.waiting().note_block(id).await?;
        let rows = on_db!(self.0, conn =>
            query(SQL).bind(id.get()).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }

    /// The closed times of these spaces that touch `window`.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn closed(
        &mut self,
        spaces: &[SpaceId],
        window: Period,
    ) -> Result<Vec<(SpaceId, Period)>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT space_id, start_at, end_at
            FROM block_periods
            WHERE end_at > $2 AND start_at < $3
              AND space_id IN (SELECT CAST(value ->> 0 AS BIGINT) FROM ",
            ")
            ORDER BY space_id, start_at"
        );
        let sql = SQL.on(self.0);
        let spaces = set(spaces.iter().map(|space| (space.get(),)));
        let rows: Vec<(i64, i64, i64)> = on_db!(self.0, conn => query_as(sql)
            .bind(spaces)
            .bind(window.start.secs())
            .bind(window.end.secs())
            .fetch_all(conn)
            .await)?;
        let period = |start, end| Period { start: Instant::from_secs(start), end: Instant::from_secs(end) };
        Ok(rows.into_iter().map(|(space, start, end)| (SpaceId::new(space), period(start, end))).collect())
    }

    /// The closed times of all spaces that touch `window`.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn closed_anywhere(&mut self, window: Period) -> Result<Vec<(SpaceId, Period)>, StoreError> {
        const SQL: &str = "
            SELECT space_id, start_at, end_at
            FROM block_periods
            WHERE end_at > $1 AND start_at < $2
            ORDER BY space_id, start_at";
        let rows: Vec<(i64, i64, i64)> = on_db!(self.0, conn => query_as(SQL)
            .bind(window.start.secs())
            .bind(window.end.secs())
            .fetch_all(conn)
            .await)?;
        let period = |start, end| Period { start: Instant::from_secs(start), end: Instant::from_secs(end) };
        Ok(rows.into_iter().map(|(space, start, end)| (SpaceId::new(space), period(start, end))).collect())
    }
}

fn block(row: Row) -> Block {
    let (id, room, start_local, end_local, rrule, hard, reason, created_by, horizon) = row;
    Block {
        id: BlockId::new(id),
        room: RoomId::new(room),
        start_local,
        end_local,
        rrule,
        hard,
        reason,
        created_by,
        horizon: horizon.map(Instant::from_secs),
    }
}
