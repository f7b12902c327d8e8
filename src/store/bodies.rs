//! Bodies of files and attachments in pieces, so that none is ever in memory as a whole.
//!
//! An upload writes its pieces in transactions of their own, under a fresh key; the transaction
//! that binds it decides. A bound body never changes: a reader who began goes on reading
//! what he began with, also when another body has taken its place, because what is bound nowhere is
//! removed only after a while.

use bytes::Bytes;
use sqlx::{query, query_as, query_scalar};

use crate::domain::time::Instant;

use super::error::StoreError;
use super::tx::{Conn, Tx, execute_on, on_db};

/// Bytes of every piece but the last of a body.
pub const PIECE_BYTES: usize = 256 * 1024;

/// The key of a body: random, so that it also tells versions of a file apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BodyId(pub(super) i64);

impl BodyId {
    /// A key that nothing has.
    #[must_use]
    pub fn random() -> Self {
        Self((super::random_bits() >> 1).cast_signed())
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// A body that was read, bound nowhere yet.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its key.
    pub id: BodyId,
    /// How many bytes it has.
    pub size: u64,
    /// A short body, which is stored by the transaction that binds it.
    pub inline: Option<Bytes>,
}

impl Received {
    /// No bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self { id: BodyId::random(), size: 0, inline: Some(Bytes::new()) }
    }

    /// Stores what was not stored yet; part of the transaction that binds it.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn store(&self, tx: &mut Tx<'_>, now: Instant) -> Result<(), StoreError> {
        let Some(bytes) = &self.inline else { return Ok(()) };
        tx.bodies().begin(self.id, now).await?;
        if bytes.is_empty() { Ok(()) } else { tx.bodies().append(self.id, 0, bytes).await }
    }
}

/// Queries on `bodies` and `pieces`.
pub struct Bodies<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Bodies of files and attachments.
    pub fn bodies(&mut self) -> Bodies<'_, 'c> {
        Bodies(self)
    }
}

impl Bodies<'_, '_> {
    /// A body of no bytes yet, bound nowhere.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn begin(&mut self, id: BodyId, at: Instant) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO bodies (id, size, created_at) VALUES ($1, 0, $2)";
        execute_on!(self.0, query(SQL).bind(id.0).bind(at.secs())).map(drop)
    }

    /// The next piece of a body that is bound nowhere; `position` counts from 0.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn append(&mut self, id: BodyId, position: i64, bytes: &[u8]) -> Result<(), StoreError> {
        const PIECE: &str = "INSERT INTO pieces (body_id, position, bytes) VALUES ($1, $2, $3)";
        const GROW: &str = "UPDATE bodies SET size = size + $2 WHERE id = $1";
        self.forget_pages().await?;
        execute_on!(self.0, query(PIECE).bind(id.0).bind(position).bind(bytes))?;
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        execute_on!(self.0, query(GROW).bind(id.0).bind(size)).map(drop)
    }

    /// SQLite keeps the pages of what it wrote, up to the size of its cache: those of a body are
    /// not asked for soon, and would push out what is.
    async fn forget_pages(&mut self) -> Result<(), StoreError> {
        if let Conn::Sqlite(conn) = &mut self.0.conn {
            let result = query("PRAGMA shrink_memory").execute(&mut **conn).await;
            self.0.heard(result)?;
        }
        Ok(())
    }

    /// The bytes at a position; `None` beyond the last, and where the body is gone.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn piece(&mut self, id: BodyId, position: i64) -> Result<Option<Vec<u8>>, StoreError> {
        const SQL: &str = "SELECT bytes FROM pieces WHERE body_id = $1 AND position = $2";
        on_db!(self.0, conn => query_scalar(SQL).bind(id.0).bind(position).fetch_optional(conn).await)
    }

    /// Notes which bodies made before `made_before` are bound nowhere, at most `limit` of them.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn note_unbound(
        &mut self,
        made_before: Instant,
        now: Instant,
        limit: i64,
    ) -> Result<u64, StoreError> {
        const SQL: &str = "
            UPDATE bodies SET unbound_at = $2
            WHERE id IN (
                SELECT b.id FROM bodies b
                WHERE b.unbound_at IS NULL AND b.created_at < $1
                    AND NOT EXISTS (SELECT 1 FROM files f WHERE f.body_id = b.id)
                    AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.body_id = b.id)
                LIMIT $3)";
        execute_on!(self.0, query(SQL).bind(made_before.secs()).bind(now.secs()).bind(limit))
    }

    /// A body that was noted before `noted_before`, with the position of its last piece (-1 for none).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn abandoned(&mut self, noted_before: Instant) -> Result<Option<(BodyId, i64)>, StoreError> {
        const SQL: &str = "
            SELECT b.id, COALESCE((SELECT MAX(p.position) FROM pieces p WHERE p.body_id = b.id), -1)
            FROM bodies b
            WHERE b.unbound_at < $1
                AND NOT EXISTS (SELECT 1 FROM files f WHERE f.body_id = b.id)
                AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.body_id = b.id)
            LIMIT 1";
        let row: Option<(i64, i64)> =
            on_db!(self.0, conn => query_as(SQL).bind(noted_before.secs()).fetch_optional(conn).await)?;
        Ok(row.map(|(id, last)| (BodyId(id), last)))
    }

    /// Removes the pieces of an abandoned body from `from` on, and the body itself if that is all;
    /// nothing of one that was bound meanwhile.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove(&mut self, id: BodyId, from: i64) -> Result<(), StoreError> {
        const PIECES: &str = "
            DELETE FROM pieces
            WHERE body_id = $1 AND position >= $2
                AND NOT EXISTS (SELECT 1 FROM files WHERE files.body_id = $1)
                AND NOT EXISTS (SELECT 1 FROM attachments WHERE attachments.body_id = $1)";
        const BODY: &str = "
            DELETE FROM bodies
            WHERE id = $1
                AND NOT EXISTS (SELECT 1 FROM files WHERE files.body_id = $1)
                AND NOT EXISTS (SELECT 1 FROM attachments WHERE attachments.body_id = $1)";
        execute_on!(self.0, query(PIECES).bind(id.0).bind(from))?;
        if from > 0 {
            return Ok(());
        }
        execute_on!(self.0, query(BODY).bind(id.0)).map(drop)
    }
}
