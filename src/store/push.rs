//! Registrations for push messages, and what each was told last.
//!
//! Nothing is written when a calendar changes: a registration is due when the calendar's number has
//! gone past the one it was told of. Several servers may look at once; a lease lets one send.

use sqlx::{query, query_as, query_scalar};

use crate::domain::id::{CalendarId, RoomId, UserId};
use crate::domain::time::Instant;

use super::calendars::Seq;
use super::error::StoreError;
use super::set::{SetSql, set, set_sql};
use super::tx::{Tx, execute_on, on_db};

/// What a device brings to be told of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRegistration {
    /// Names it in its URL, where it has none yet; not to be guessed.
    pub token: String,
    /// Whose device.
    pub user: UserId,
    /// Which calendar.
    pub calendar: CalendarId,
    /// Where messages go.
    pub resource: String,
    /// The device's public key, as it was sent: base64url.
    pub public_key: String,
    /// The secret it shares with us, as it was sent: base64url.
    pub auth: String,
    /// Told of changed members.
    pub content_updates: bool,
    /// Told of changed properties.
    pub property_updates: bool,
    /// Until when.
    pub expires_at: Instant,
}

/// A registration that there is something to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuePush {
    /// The row.
    pub id: i64,
    /// Whose device.
    pub user: UserId,
    /// Which calendar.
    pub calendar: CalendarId,
    /// Where the message goes.
    pub resource: String,
    /// The device's public key.
    pub public_key: String,
    /// The secret it shares with us.
    pub auth: String,
    /// What the calendar had come to; told with this message.
    pub seq: Seq,
    /// How often its properties had changed.
    pub properties: i64,
    /// Whether members changed, and the device wants to know.
    pub is_content: bool,
    /// Whether properties changed, and the device wants to know.
    pub is_property: bool,
    /// Tries in a row that failed.
    pub failures: i64,
}

type DueRow = (i64, i64, i64, String, String, String, i64, i64, bool, bool, i64);

/// Queries on `push_registrations`.
pub struct Push<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Registrations for push messages.
    pub fn push(&mut self) -> Push<'_, 'c> {
        Push(self)
    }
}

impl Push<'_, '_> {
    /// Adds a registration, or changes the one that this device has for this calendar; gives the
    /// token that names it. What happened before is not told any more.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn register(&mut self, new: &NewRegistration, now: Instant) -> Result<String, StoreError> {
        const SQL: &str = "
            INSERT INTO push_registrations (token, user_id, calendar_id, resource, public_key, auth,
                content_updates, property_updates, seen_seq, expires_at, created_at)
            SELECT $1, $2, id, $4, $5, $6, $7, $8, seq, $9, $10
            FROM calendars
            WHERE id = $3
            ON CONFLICT (user_id, calendar_id, resource) DO UPDATE
            SET public_key = excluded.public_key, auth = excluded.auth,
                content_updates = excluded.content_updates, property_updates = excluded.property_updates,
                expires_at = excluded.expires_at,
                failures = CASE WHEN push_registrations.public_key = excluded.public_key
                    AND push_registrations.auth = excluded.auth THEN push_registrations.failures ELSE 0 END,
                retry_at = CASE WHEN push_registrations.public_key = excluded.public_key
                    AND push_registrations.auth = excluded.auth THEN push_registrations.retry_at ELSE 0 END
            RETURNING token";
        on_db!(self.0, conn => query_scalar(SQL)
            .bind(&new.token)
            .bind(new.user.get())
            .bind(new.calendar.get())
            .bind(&new.resource)
            .bind(&new.public_key)
            .bind(&new.auth)
            .bind(new.content_updates)
            .bind(new.property_updates)
            .bind(new.expires_at.secs())
            .bind(now.secs())
            .fetch_one(conn)
            .await)
    }

    /// How many registrations of a person are in force, without that of this device for this calendar.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn others(&mut self, new: &NewRegistration, now: Instant) -> Result<i64, StoreError> {
        const SQL: &str = "
            SELECT COUNT(*) FROM push_registrations
            WHERE user_id = $1 AND expires_at > $2 AND NOT (calendar_id = $3 AND resource = $4)";
        on_db!(self.0, conn => query_scalar(SQL)
            .bind(new.user.get())
            .bind(now.secs())
            .bind(new.calendar.get())
            .bind(&new.resource)
            .fetch_one(conn)
            .await)
    }

    /// Removes a registration of this person; false if there is none in force.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn unregister(&mut self, user: UserId, token: &str, now: Instant) -> Result<bool, StoreError> {
        const SQL: &str =
            "DELETE FROM push_registrations WHERE user_id = $1 AND token = $2 AND expires_at > $3";
        let gone = execute_on!(self.0, query(SQL).bind(user.get()).bind(token).bind(now.secs()))?;
        Ok(gone > 0)
    }

    /// Leaves a change out for one device of the person who made it, unless there is more to tell.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn skip(
        &mut self,
        user: UserId,
        token: &str,
        calendar: CalendarId,
        seq: Seq,
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE push_registrations SET seen_seq = $4
            WHERE user_id = $1 AND token = $2 AND calendar_id = $3 AND seen_seq = $4 - 1";
        let seq = seq.get();
        execute_on!(self.0, query(SQL).bind(user.get()).bind(token).bind(calendar.get()).bind(seq)).map(drop)
    }

    /// Properties of a calendar changed, for one reader or (`None`) for all.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn properties_changed(
        &mut self,
        calendar: CalendarId,
        reader: Option<UserId>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE push_registrations SET properties = properties + 1
            WHERE calendar_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR user_id = $2)";
        execute_on!(self.0, query(SQL).bind(calendar.get()).bind(reader.map(UserId::get))).map(drop)
    }

    /// What rooms are like changed for everybody: their settings, their rights.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn rooms_changed(&mut self, rooms: &[RoomId]) -> Result<(), StoreError> {
        const SQL: SetSql = set_sql!(
            "
            UPDATE push_registrations SET properties = properties + 1
            WHERE calendar_id IN (SELECT c.id FROM calendars c
                WHERE c.room_id IN (SELECT CAST(value ->> 0 AS BIGINT) FROM ",
            "))"
        );
        let sql = SQL.on(self.0);
        let rooms = set(rooms.iter().map(|room| (room.get(),)));
        execute_on!(self.0, query(sql).bind(rooms)).map(drop)
    }

    /// Registrations that there is something to tell, the oldest first, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn due(&mut self, now: Instant, limit: i64) -> Result<Vec<DuePush>, StoreError> {
        const SQL: &str = "
            SELECT p.id, p.user_id, p.calendar_id, p.resource, p.public_key, p.auth, c.seq, p.properties,
                (p.content_updates AND c.seq > p.seen_seq) AS content,
                (p.property_updates AND p.properties > p.seen_properties) AS property, p.failures
            FROM push_registrations p JOIN calendars c ON c.id = p.calendar_id
            WHERE p.expires_at > $1 AND p.retry_at <= $1 AND p.leased_until <= $1
                AND ((p.content_updates AND c.seq > p.seen_seq)
                    OR (p.property_updates AND p.properties > p.seen_properties))
            ORDER BY p.retry_at, p.id
            LIMIT $2";
        let rows: Vec<DueRow> =
            on_db!(self.0, conn => query_as(SQL).bind(now.secs()).bind(limit).fetch_all(conn).await)?;
        let due = |row: DueRow| DuePush {
            id: row.0,
            user: UserId::new(row.1),
            calendar: CalendarId::new(row.2),
            resource: row.3,
            public_key: row.4,
            auth: row.5,
            seq: Seq::new(row.6),
            properties: row.7,
            is_content: row.8,
            is_property: row.9,
            failures: row.10,
        };
        Ok(rows.into_iter().map(due).collect())
    }

    /// Takes what is due until `until`; false if another server has it or has told it since it was
    /// looked up, or the registration is gone or has other keys.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn lease(&mut self, due: &DuePush, now: Instant, until: Instant) -> Result<bool, StoreError> {
        const SQL: &str = "
            UPDATE push_registrations SET leased_until = $3
            WHERE id = $1 AND leased_until <= $2 AND retry_at <= $2 AND expires_at > $2
                AND public_key = $6 AND auth = $7
                AND ((content_updates AND seen_seq < $4) OR (property_updates AND seen_properties < $5))";
        let taken = execute_on!(
            self.0,
            query(SQL)
                .bind(due.id)
                .bind(now.secs())
                .bind(until.secs())
                .bind(due.seq.get())
                .bind(due.properties)
                .bind(&due.public_key)
                .bind(&due.auth)
        )?;
        Ok(taken > 0)
    }

    /// A message arrived: what it told is not told again, and the next waits until `next`.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn delivered(&mut self, push: &DuePush, next: Instant) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE push_registrations
            SET seen_seq = CASE WHEN seen_seq < $2 THEN $2 ELSE seen_seq END, seen_properties = $3,
                failures = 0, retry_at = $4, leased_until = 0
            WHERE id = $1";
        execute_on!(
            self.0,
            query(SQL).bind(push.id).bind(push.seq.get()).bind(push.properties).bind(next.secs())
        )
        .map(drop)
    }

    /// A message did not arrive: it is tried again at `next`.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn failed(&mut self, id: i64, next: Instant) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE push_registrations
            SET failures = failures + 1, retry_at = $2, leased_until = 0
            WHERE id = $1";
        execute_on!(self.0, query(SQL).bind(id).bind(next.secs())).map(drop)
    }

    /// Removes a registration that nobody is behind any more.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove(&mut self, id: i64) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM push_registrations WHERE id = $1";
        execute_on!(self.0, query(SQL).bind(id)).map(drop)
    }

    /// Removes what has expired, at most `limit`; gives how many went.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn prune(&mut self, now: Instant, limit: i64) -> Result<u64, StoreError> {
        const SQL: &str = "
            DELETE FROM push_registrations
            WHERE id IN (SELECT id FROM push_registrations WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
        execute_on!(self.0, query(SQL).bind(now.secs()).bind(limit))
    }
}
