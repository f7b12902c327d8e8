//! Members of calendars: their names, their text, and what lists and filters need without reading it.
//!
//! `text` is what the owner is served; what others see of it is computed above. A member with a
//! `reader` is shown to that person only: a declined copy, which is no booking.
//! RFC 4791, section 4.1.

use sqlx::{Row as _, query, query_scalar};

use crate::domain::id::{CalendarId, ReservationId, ResourceId, UserId};
use crate::domain::time::{Instant, Period};

mod row;

use super::error::StoreError;
use super::set::{SetSql, set, set_sql};
use super::tx::{Tx, on_db};
pub use row::{Content, NewResource, Resource};
pub(super) use row::{class_name, class_of};

/// Queries on `resources`.
pub struct Resources<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Members of calendars.
    pub fn resources(&mut self) -> Resources<'_, 'c> {
        Resources(self)
    }
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "
            SELECT id, calendar_id, name, uid, mask_key, owner_id, reader_id, reservation_id, component,
                   class, size, etag, schedule_tag, first_at, last_at, modified_at
            FROM resources
            ",
            $rest
        )
    };
}

/// Reads the columns above from a row of either database.
macro_rules! read {
    ($row:expr) => {{
        let row = $row;
        let class: String = row.try_get(9)?;
        let span =
            Period { start: Instant::from_secs(row.try_get(13)?), end: Instant::from_secs(row.try_get(14)?) };
        Ok::<_, sqlx::Error>(Resource {
            id: ResourceId::new(row.try_get(0)?),
            calendar: CalendarId::new(row.try_get(1)?),
            name: row.try_get(2)?,
            uid: row.try_get(3)?,
            mask_key: row.try_get(4)?,
            owner: UserId::new(row.try_get(5)?),
            reader: row.try_get::<Option<i64>, _>(6)?.map(UserId::new),
            reservation: row.try_get::<Option<i64>, _>(7)?.map(ReservationId::new),
            component: row.try_get(8)?,
            class: class_of(&class),
            size: row.try_get(10)?,
            etag: row.try_get(11)?,
            schedule_tag: row.try_get(12)?,
            span,
            modified_at: Instant::from_secs(row.try_get(15)?),
        })
    }};
}

macro_rules! one {
    ($tx:expr, $sql:expr, $($value:expr),*) => {
        on_db!($tx, conn => match query($sql)$(.bind($value))*.fetch_optional(conn).await {
            Ok(Some(row)) => read!(row).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        })
    };
}

macro_rules! many {
    ($tx:expr, $sql:expr, $($value:expr),*) => {
        on_db!($tx, conn => match query($sql)$(.bind($value))*.fetch_all(conn).await {
            Ok(rows) => rows.iter().map(|row| read!(row)).collect::<Result<Vec<_>, _>>(),
            Err(error) => Err(error),
        })
    };
}

impl Resources<'_, '_> {
    /// The member of this name that everybody sees.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn named(&mut self, calendar: CalendarId, name: &str) -> Result<Option<Resource>, StoreError> {
        const SQL: &str = columns!("WHERE calendar_id = $1 AND name = $2 AND reader_id IS NULL");
        one!(self.0, SQL, calendar.get(), name)
    }

    /// The member of this name that only `reader` sees.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn private(
        &mut self,
        calendar: CalendarId,
        name: &str,
        reader: UserId,
    ) -> Result<Option<Resource>, StoreError> {
        const SQL: &str = columns!("WHERE calendar_id = $1 AND name = $2 AND reader_id = $3");
        one!(self.0, SQL, calendar.get(), name, reader.get())
    }

    /// The names of the members that only `reader` sees.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn private_names(
        &mut self,
        calendar: CalendarId,
        reader: UserId,
    ) -> Result<Vec<String>, StoreError> {
        const SQL: &str = "
            SELECT name FROM resources
            WHERE calendar_id = $1 AND reader_id = $2";
        on_db!(self.0, conn => query_scalar(SQL).bind(calendar.get()).bind(reader.get()).fetch_all(conn).await)
    }

    /// The members with this UID that only `reader` sees.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn private_with_uid(
        &mut self,
        calendar: CalendarId,
        uid: &str,
        reader: UserId,
    ) -> Result<Vec<Resource>, StoreError> {
        const SQL: &str = columns!("WHERE calendar_id = $1 AND uid = $2 AND reader_id = $3");
        many!(self.0, SQL, calendar.get(), uid, reader.get())
    }

    /// The member with this UID that everybody sees.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn with_uid(
        &mut self,
        calendar: CalendarId,
        uid: &str,
    ) -> Result<Option<Resource>, StoreError> {
        const SQL: &str = columns!("WHERE calendar_id = $1 AND uid = $2 AND reader_id IS NULL");
        one!(self.0, SQL, calendar.get(), uid)
    }

    /// The members with this UID in the calendars of these people, by person; inboxes do not count.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of_people(
        &mut self,
        people: &[UserId],
        uid: &str,
    ) -> Result<Vec<(UserId, Resource)>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT r.id, r.calendar_id, r.name, r.uid, r.mask_key, r.owner_id, r.reader_id, r.reservation_id,
                   r.component, r.class, r.size, r.etag, r.schedule_tag, r.first_at, r.last_at, r.modified_at,
                   k.user_id
            FROM ",
            " AS given
            JOIN calendars k ON k.user_id = CAST(given.value ->> 0 AS BIGINT) AND k.name <> 'inbox'
            JOIN resources r ON r.calendar_id = k.id AND r.uid = $2 AND r.reader_id IS NULL
            ORDER BY r.id"
        );
        let sql = SQL.on(self.0);
        let people = set(people.iter().map(|person| (person.get(),)));
        on_db!(self.0, conn => match query(sql).bind(people).bind(uid).fetch_all(conn).await {
            Ok(rows) => rows.iter().map(|row| Ok((UserId::new(row.try_get(16)?), read!(row)?))).collect::<Result<Vec<_>, _>>(),
            Err(error) => Err(error),
        })
    }

    /// The members that were stored first, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn oldest(&mut self, calendar: CalendarId, limit: i64) -> Result<Vec<Resource>, StoreError> {
        const SQL: &str = columns!("WHERE calendar_id = $1 AND reader_id IS NULL ORDER BY id LIMIT $2");
        many!(self.0, SQL, calendar.get(), limit)
    }

    /// The member that this key stands for.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn masked(&mut self, calendar: CalendarId, key: &str) -> Result<Option<Resource>, StoreError> {
        const SQL: &str = columns!("WHERE calendar_id = $1 AND mask_key = $2 AND reader_id IS NULL");
        one!(self.0, SQL, calendar.get(), key)
    }

    /// The resource with this key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn get(&mut self, id: ResourceId) -> Result<Option<Resource>, StoreError> {
        const SQL: &str = columns!("WHERE id = $1");
        one!(self.0, SQL, id.get())
    }

    /// The member of a room's calendar that shows this reservation; members of other calendars
    /// that mirror it are not it.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn showing(
        &mut self,
        calendar: CalendarId,
        reservation: ReservationId,
    ) -> Result<Option<Resource>, StoreError> {
        const SQL: &str = columns!("WHERE reservation_id = $2 AND calendar_id = $1 AND reader_id IS NULL");
        one!(self.0, SQL, calendar.get(), reservation.get())
    }

    /// Every member that `reader` may be shown, by key: those of everybody and his own.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn list(&mut self, calendar: CalendarId, reader: UserId) -> Result<Vec<Resource>, StoreError> {
        const SQL: &str =
            columns!("WHERE calendar_id = $1 AND (reader_id IS NULL OR reader_id = $2) ORDER BY id");
        many!(self.0, SQL, calendar.get(), reader.get())
    }

    /// As [`Resources::list`], of those whose span touches `window` (inclusive at both ends, so
    /// that events without length are found; the caller decides exactly).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn touching(
        &mut self,
        calendar: CalendarId,
        reader: UserId,
        window: Period,
    ) -> Result<Vec<Resource>, StoreError> {
        const SQL: &str = columns!(
            "WHERE calendar_id = $1 AND last_at >= $3 AND first_at <= $4
               AND (reader_id IS NULL OR reader_id = $2)
             ORDER BY id"
        );
        many!(self.0, SQL, calendar.get(), reader.get(), window.start.secs(), window.end.secs())
    }

    /// The members with these names or mask keys that `reader` may be shown. Names that are not
    /// there are not in the answer.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn named_set(
        &mut self,
        calendar: CalendarId,
        reader: UserId,
        names: &[&str],
        keys: &[&str],
    ) -> Result<Vec<Resource>, StoreError> {
        const BY_NAME: SetSql = set_sql!(
            "
            SELECT id, calendar_id, name, uid, mask_key, owner_id, reader_id, reservation_id, component,
                   class, size, etag, schedule_tag, first_at, last_at, modified_at
            FROM resources
            WHERE calendar_id = $2 AND reader_id IS NULL AND name IN (SELECT value ->> 0 FROM ",
            ")"
        );
        const PRIVATE: SetSql = set_sql!(
            "
            SELECT id, calendar_id, name, uid, mask_key, owner_id, reader_id, reservation_id, component,
                   class, size, etag, schedule_tag, first_at, last_at, modified_at
            FROM resources
            WHERE calendar_id = $2 AND reader_id = $3 AND name IN (SELECT value ->> 0 FROM ",
            ")"
        );
        // The plus: by its key, which is unique, and not through the calendar.
        const BY_KEY: SetSql = set_sql!(
            "
            SELECT id, calendar_id, name, uid, mask_key, owner_id, reader_id, reservation_id, component,
                   class, size, etag, schedule_tag, first_at, last_at, modified_at
            FROM resources
            WHERE +calendar_id = $2 AND (reader_id IS NULL OR reader_id = $3)
              AND mask_key IN (SELECT value ->> 0 FROM ",
            ")"
        );
        let mut found: Vec<Resource> = Vec::new();
        if !names.is_empty() {
            let names = set(names.iter().map(|name| (*name,)));
            let (public, private) = (BY_NAME.on(self.0), PRIVATE.on(self.0));
            let of_all: Vec<_> = many!(self.0, public, &names, calendar.get())?;
            let of_reader: Vec<_> = many!(self.0, private, &names, calendar.get(), reader.get())?;
            found.extend(of_all.into_iter().chain(of_reader));
        }
        if !keys.is_empty() {
            let keys = set(keys.iter().map(|key| (*key,)));
            let sql = BY_KEY.on(self.0);
            let masked: Vec<_> = many!(self.0, sql, &keys, calendar.get(), reader.get())?;
            found.extend(masked);
        }
        Ok(found)
    }

    /// The members whose texts name this attachment.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn naming(&mut self, managed_id: &str) -> Result<Vec<Resource>, StoreError> {
        const SQL: &str = columns!(
            "WHERE id IN (SELECT l.resource_id FROM attached l
                          JOIN attachments a ON a.id = l.attachment_id WHERE a.managed_id = $1)"
        );
        many!(self.0, SQL, managed_id)
    }

    /// The text of one resource.
    ///
    /// # Errors
    /// `Inconsistent` if it is gone.
    pub async fn text(&mut self, id: ResourceId) -> Result<Vec<u8>, StoreError> {
        const SQL: &str = "
            SELECT text FROM resources
            WHERE id = $1";
        on_db!(self.0, conn => query_scalar(SQL).bind(id.get()).fetch_one(conn).await)
    }

    /// The texts of these resources, in any order.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn texts(&mut self, ids: &[ResourceId]) -> Result<Vec<(ResourceId, Vec<u8>)>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT id, text FROM resources
            WHERE id IN (SELECT CAST(value ->> 0 AS BIGINT) FROM ",
            ")"
        );
        let sql = SQL.on(self.0);
        let ids = set(ids.iter().map(|id| (id.get(),)));
        let rows: Vec<(i64, Vec<u8>)> =
            on_db!(self.0, conn => sqlx::query_as(sql).bind(ids).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(|(id, text)| (ResourceId::new(id), text)).collect())
    }

    /// Stores a new member.
    ///
    /// # Errors
    /// `Duplicate` if name or UID is taken.
    pub async fn insert(
        &mut self,
        new: &NewResource<'_>,
        content: &Content,
        at: Instant,
    ) -> Result<ResourceId, StoreError> {
        const SQL: &str = "
            INSERT INTO resources (calendar_id, name, uid, mask_key, owner_id, reader_id, reservation_id,
                                   component, class, text, size, etag, schedule_tag, first_at, last_at,
                                   created_at, modified_at, purge_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16, $17)
            RETURNING id";
        let id: i64 = on_db!(self.0, conn => query_scalar(SQL)
            .bind(new.calendar.get())
            .bind(new.name)
            .bind(new.uid)
            .bind(new.mask_key)
            .bind(new.owner.get())
            .bind(new.reader.map(UserId::get))
            .bind(new.reservation.map(ReservationId::get))
            .bind(&content.component)
            .bind(class_name(content.class))
            .bind(&content.text)
            .bind(size(&content.text))
            .bind(&content.etag)
            .bind(&content.schedule_tag)
            .bind(content.span.start.secs())
            .bind(content.span.end.secs())
            .bind(at.secs())
            .bind(new.purge_at.map(Instant::secs))
            .fetch_one(conn)
            .await)?;
        self.0.attachments().link(ResourceId::new(id), &content.attachments).await?;
        Ok(ResourceId::new(id))
    }

    /// Replaces the content of a member and the reservation it shows.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn update(
        &mut self,
        id: ResourceId,
        owner: UserId,
        reservation: Option<ReservationId>,
        content: &Content,
        at: Instant,
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE resources
            SET owner_id = $2, reservation_id = $3, component = $4, class = $5, text = $6, size = $7, etag = $8,
                schedule_tag = $9, first_at = $10, last_at = $11, modified_at = $12
            WHERE id = $1";
        on_db!(self.0, conn => query(SQL)
            .bind(id.get())
            .bind(owner.get())
            .bind(reservation.map(ReservationId::get))
            .bind(&content.component)
            .bind(class_name(content.class))
            .bind(&content.text)
            .bind(size(&content.text))
            .bind(&content.etag)
            .bind(&content.schedule_tag)
            .bind(content.span.start.secs())
            .bind(content.span.end.secs())
            .bind(at.secs())
            .execute(conn)
            .await
            .map(drop))?;
        self.0.attachments().relink(id, &content.attachments).await
    }

    /// Says which reservation a member shows.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn link(
        &mut self,
        id: ResourceId,
        reservation: Option<ReservationId>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE resources SET reservation_id = $2
            WHERE id = $1";
        let reservation = reservation.map(ReservationId::get);
        on_db!(self.0, conn => query(SQL).bind(id.get()).bind(reservation).execute(conn).await.map(drop))
    }

    /// Gives a member another name in its calendar; for MOVE.
    ///
    /// # Errors
    /// `Duplicate` if the name is taken.
    pub async fn rename(&mut self, id: ResourceId, name: &str) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE resources SET name = $2
            WHERE id = $1";
        on_db!(self.0, conn => query(SQL).bind(id.get()).bind(name).execute(conn).await.map(drop))
    }

    /// Takes a member away, with what readers added to it.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn delete(&mut self, id: ResourceId) -> Result<(), StoreError> {
        const SQL: &str = "
            DELETE FROM resources
            WHERE id = $1";
        on_db!(self.0, conn => query(SQL).bind(id.get()).execute(conn).await.map(drop))?;
        Ok(())
    }

    /// Declined copies and messages whose time is over, a few at a time.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn due_for_purge(&mut self, now: Instant) -> Result<Vec<Resource>, StoreError> {
        const SQL: &str = columns!("WHERE purge_at <= $1 ORDER BY id LIMIT 100");
        many!(self.0, SQL, now.secs())
    }

    /// How many members a calendar has (L-66).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn count(&mut self, calendar: CalendarId) -> Result<i64, StoreError> {
        const SQL: &str = "
            SELECT COUNT(*) FROM resources
            WHERE calendar_id = $1";
        on_db!(self.0, conn => query_scalar(SQL).bind(calendar.get()).fetch_one(conn).await)
    }
}

fn size(text: &[u8]) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}
