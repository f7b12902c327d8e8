//! Messages to people, written in the transaction that caused them (R144).
//!
//! A message has a key that names what it is about, so that a work that runs twice, or a refusal
//! that repeats, writes it once.

use sqlx::{Row, query, query_as, query_scalar};

use crate::domain::attendee::Address;
use crate::domain::id::{RoomId, Uid, UserId};
use crate::domain::link::Link;
use crate::domain::time::Instant;

use super::error::StoreError;
use super::tx::{Tx, execute_on, on_db};

/// What a message says, to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// Unique: what it is about.
    pub key: String,
    /// What kind of event it tells of.
    pub kind: String,
    /// Whose change caused a letter to somebody outside; `None`: anything else.
    pub sender: Option<UserId>,
    /// To whom, if that is a person of the house.
    pub user: Option<UserId>,
    /// Where to, if it is known.
    pub address: Option<Address>,
    /// About which room.
    pub room: Option<RoomId>,
    /// About which reservation.
    pub uid: Option<Uid>,
    /// The language it is written in.
    pub language: String,
    /// One line.
    pub subject: String,
    /// The text.
    pub body: String,
    /// What its reader may do by links.
    pub links: Vec<Link>,
    /// iCalendar text that goes with it, after its METHOD.
    pub calendar: Option<(String, String)>,
    /// When it was written.
    pub created_at: Instant,
    /// It does not wait for others about the same.
    pub is_urgent: bool,
}

/// A message in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The key of its row; later messages have higher ones.
    pub id: i64,
    /// `waiting`, `sent`, or `failed`: it will not be sent.
    pub state: String,
    /// How often sending was tried.
    pub attempts: i64,
    /// What was wrong the last time.
    pub error: Option<String>,
    /// When the next try is due; `None`: not before others about the same have been waited for.
    pub next_at: Option<Instant>,
    /// When it was sent.
    pub sent_at: Option<Instant>,
    /// What it says.
    pub content: NewMessage,
}

/// Queries on `outbox`.
pub struct Outbox<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Messages to people.
    pub fn outbox(&mut self) -> Outbox<'_, 'c> {
        Outbox(self)
    }
}

/// A row of either database as a [`Message`].
macro_rules! read {
    ($row:expr) => {{
        let row = $row;
        Ok($crate::store::outbox::Message {
            id: row.try_get("id")?,
            state: row.try_get("state")?,
            attempts: row.try_get("attempts")?,
            error: row.try_get("error")?,
            next_at: row.try_get::<Option<_>, _>("next_at")?.map(Instant::from_secs),
            sent_at: row.try_get::<Option<_>, _>("sent_at")?.map(Instant::from_secs),
            content: $crate::store::outbox::NewMessage {
                key: row.try_get("key")?,
                kind: row.try_get("kind")?,
                sender: row.try_get::<Option<_>, _>("sender_id")?.map(UserId::new),
                user: row.try_get::<Option<_>, _>("user_id")?.map(UserId::new),
                address: row.try_get::<Option<&str>, _>("address")?.map(Address::new),
                room: row.try_get::<Option<_>, _>("room_id")?.map(RoomId::new),
                uid: row.try_get::<Option<String>, _>("uid")?.map(Uid::new),
                language: row.try_get("language")?,
                subject: row.try_get("subject")?,
                body: row.try_get("body")?,
                links: row.try_get::<&str, _>("links")?.lines().filter_map(Link::parse).collect(),
                calendar: row.try_get::<Option<String>, _>("method")?.zip(row.try_get("calendar")?),
                created_at: Instant::from_secs(row.try_get("created_at")?),
                is_urgent: false,
            },
        })
    }};
}
pub(super) use read;

/// What is not out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Messages that wait.
    pub waiting: i64,
    /// When the oldest of them was written.
    pub oldest: Option<Instant>,
    /// Messages that will not be sent.
    pub failed: i64,
}

impl Outbox<'_, '_> {
    /// How much is not out.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn backlog(&mut self) -> Result<Backlog, StoreError> {
        const SQL: &str = "
            SELECT (SELECT COUNT(*) FROM outbox WHERE state = 'waiting'),
                (SELECT MIN(created_at) FROM outbox WHERE state = 'waiting'),
                (SELECT COUNT(*) FROM outbox WHERE state = 'failed')";
        let (waiting, oldest, failed): (i64, Option<i64>, i64) =
            on_db!(self.0, conn => query_as(SQL).fetch_one(conn).await)?;
        Ok(Backlog { waiting, oldest: oldest.map(Instant::from_secs), failed })
    }

    /// Puts a message in; false if one with this key is there already.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn insert(&mut self, new: &NewMessage) -> Result<bool, StoreError> {
        const SQL: &str = "
            INSERT INTO outbox (key, kind, user_id, address, room_id, uid, language, subject, body, created_at,
                sender_id, links, method, calendar, next_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            ON CONFLICT (key) DO NOTHING";
        let inserted = execute_on!(
            self.0,
            query(SQL)
                .bind(&new.key)
                .bind(&new.kind)
                .bind(new.user.map(UserId::get))
                .bind(new.address.as_ref().map(Address::as_str))
                .bind(new.room.map(RoomId::get))
                .bind(new.uid.as_ref().map(Uid::as_str))
                .bind(&new.language)
                .bind(&new.subject)
                .bind(&new.body)
                .bind(new.created_at.secs())
                .bind(new.sender.map(UserId::get))
                .bind(written(&new.links))
                .bind(new.calendar.as_ref().map(|(method, _)| method))
                .bind(new.calendar.as_ref().map(|(_, text)| text))
                .bind(new.is_urgent.then_some(new.created_at.secs()))
        )?;
        Ok(inserted > 0)
    }

    /// How many letters a person has caused after `since`.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn caused(&mut self, sender: UserId, since: Instant) -> Result<i64, StoreError> {
        const SQL: &str = "
            SELECT COUNT(*)
            FROM outbox
            WHERE sender_id = $1 AND created_at > $2";
        on_db!(self.0, conn => query_scalar(SQL).bind(sender.get()).bind(since.secs()).fetch_one(conn).await)
    }

    /// The last letter that a person caused after `since`, to this address about this reservation, if
    /// it waits: the key of its row, and its own.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn waiting(
        &mut self,
        sender: UserId,
        (to, about): (&Address, &str),
        since: Instant,
    ) -> Result<Option<(i64, String)>, StoreError> {
        const SQL: &str = "
            SELECT id, key
            FROM outbox
            WHERE sender_id = $1 AND address = $2 AND uid = $3 AND created_at > $4 AND state = 'waiting'
                AND mail_id IS NULL
            ORDER BY id DESC
            LIMIT 1";
        on_db!(self.0, conn => query_as(SQL)
            .bind(sender.get())
            .bind(to.as_str())
            .bind(about)
            .bind(since.secs())
            .fetch_optional(conn)
            .await)
    }

    /// Has a letter that waits say something else.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn reword(&mut self, id: i64, new: &NewMessage) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE outbox
            SET language = $2, subject = $3, body = $4, method = $5, calendar = $6
            WHERE id = $1";
        let method = new.calendar.as_ref().map(|(method, _)| method);
        let calendar = new.calendar.as_ref().map(|(_, text)| text);
        execute_on!(
            self.0,
            query(SQL)
                .bind(id)
                .bind(&new.language)
                .bind(&new.subject)
                .bind(&new.body)
                .bind(method)
                .bind(calendar)
        )
        .map(drop)
    }

    /// Messages, the newest first, at most `limit`; to one person, or to everybody.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn list(&mut self, to: Option<UserId>, limit: i64) -> Result<Vec<Message>, StoreError> {
        const SQL: &str = "
            SELECT *
            FROM outbox
            WHERE CAST($1 AS BIGINT) IS NULL OR user_id = $1
            ORDER BY id DESC
            LIMIT $2";
        on_db!(self.0, conn => query(SQL)
            .bind(to.map(UserId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
            .and_then(|rows| rows.iter().map(|row| read!(row)).collect()))
    }
}

/// Links as a row keeps them, one a line.
fn written(links: &[Link]) -> String {
    links.iter().map(Link::to_text).collect::<Vec<_>>().join("\n")
}
