//! Messages of the outbox on their way to a mail server: what is due, which of them go out together,
//! and how that went.
//!
//! Messages to one address about one reservation are bound into one mail the first time it is tried, and
//! stay together. Its number is that of its first message. L-68, D-60.

use sqlx::{Row, query, query_scalar};

use crate::domain::attendee::Address;
use crate::domain::id::{RoomId, Uid, UserId};
use crate::domain::link::Link;
use crate::domain::time::Instant;

use super::error::StoreError;
use super::outbox::{Message, read};
use super::tx::{Tx, execute_on, on_db};

/// Which messages are due.
#[derive(Clone, Copy, Debug)]
pub struct DueMail {
    /// The present.
    pub now: Instant,
    /// Those that wait for others about the same were written before.
    pub merged: Instant,
}

/// Queries on `outbox` for whoever sends.
pub struct Mails<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Messages on their way.
    pub fn mails(&mut self) -> Mails<'_, 'c> {
        Mails(self)
    }
}

impl Mails<'_, '_> {
    /// The messages that are due, in the order in which they were written: none to an address to which
    /// an older one waits for its next try.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn due(&mut self, due: DueMail, limit: i64) -> Result<Vec<Message>, StoreError> {
        const SQL: &str = "
            SELECT o.*
            FROM outbox o
            WHERE o.state = 'waiting' AND (o.next_at <= $1 OR (o.next_at IS NULL AND o.created_at <= $2))
                AND NOT EXISTS (
                    SELECT 1 FROM outbox e
                    WHERE e.address = o.address AND e.state = 'waiting' AND e.id < o.id AND e.next_at > $1)
            ORDER BY o.id
            LIMIT $3";
        on_db!(self.0, conn => query(SQL)
            .bind(due.now.secs())
            .bind(due.merged.secs())
            .bind(limit)
            .fetch_all(conn)
            .await
            .and_then(|rows| rows.iter().map(|row| read!(row)).collect()))
    }

    /// Binds what goes out with this message, which is the oldest of them, if that has not been done: the
    /// others to the same address about the same reservation. What carries iCalendar text goes alone.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn bind(&mut self, first: i64) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE outbox
            SET mail_id = $1
            WHERE state = 'waiting' AND mail_id IS NULL AND id IN (
                SELECT o.id
                FROM outbox f
                JOIN outbox o ON o.id = f.id OR (o.address = f.address AND o.state = 'waiting'
                    AND o.user_id = f.user_id AND o.uid = f.uid AND o.calendar IS NULL AND f.calendar IS NULL)
                WHERE f.id = $1 AND f.mail_id IS NULL)";
        execute_on!(self.0, query(SQL).bind(first)).map(drop)
    }

    /// The messages that go out with this one, itself among them, in the order in which they were written;
    /// none if it does not wait any more.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn bound(&mut self, with: i64) -> Result<Vec<Message>, StoreError> {
        const SQL: &str = "
            SELECT *
            FROM outbox
            WHERE state = 'waiting' AND mail_id = (SELECT mail_id FROM outbox WHERE id = $1)
            ORDER BY id";
        on_db!(self.0, conn => query(SQL)
            .bind(with)
            .fetch_all(conn)
            .await
            .and_then(|rows| rows.iter().map(|row| read!(row)).collect()))
    }

    /// How many mails went to an address after `since`.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn sent(&mut self, to: &Address, since: Instant) -> Result<i64, StoreError> {
        const SQL: &str = "
            SELECT COUNT(DISTINCT mail_id)
            FROM outbox
            WHERE address = $1 AND state = 'sent' AND sent_at > $2";
        on_db!(self.0, conn => query_scalar(SQL).bind(to.as_str()).bind(since.secs()).fetch_one(conn).await)
    }

    /// Notes that a message was sent.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn settle(&mut self, id: i64, now: Instant) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE outbox
            SET state = 'sent', sent_at = $2, attempts = attempts + 1, next_at = NULL, error = NULL
            WHERE id = $1 AND state = 'waiting'";
        execute_on!(self.0, query(SQL).bind(id).bind(now.secs())).map(drop)
    }

    /// Has a message wait until `next_at`; `attempts` more tries failed.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn postpone(
        &mut self,
        id: i64,
        attempts: i64,
        next_at: Instant,
        error: &str,
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE outbox
            SET attempts = attempts + $2, next_at = $3, error = $4
            WHERE id = $1 AND state = 'waiting'";
        execute_on!(self.0, query(SQL).bind(id).bind(attempts).bind(next_at.secs()).bind(error)).map(drop)
    }

    /// A message that will not be sent; `attempts` more tries failed.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn fail(&mut self, id: i64, attempts: i64, error: &str) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE outbox
            SET state = 'failed', attempts = attempts + $2, next_at = NULL, error = $3
            WHERE id = $1 AND state = 'waiting'";
        execute_on!(self.0, query(SQL).bind(id).bind(attempts).bind(error)).map(drop)
    }

    /// Forgets messages that were written before then, at most `limit`; how many there were.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn prune(&mut self, before: Instant, limit: i64) -> Result<u64, StoreError> {
        const SQL: &str = "
            DELETE FROM outbox
            WHERE id IN (SELECT id FROM outbox WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
        execute_on!(self.0, query(SQL).bind(before.secs()).bind(limit))
    }
}
