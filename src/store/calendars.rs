//! Calendar collections: whose they are, and how far their history reaches.
//!
//! `seq` lives in the calendar's row: the row's lock is held until the commit, so numbers become
//! visible in order and without gaps. The nonce beside it finds histories that forked.
//! What changed is in `changes.rs`, members are in `resources.rs`. RFC 6578, section 3.

use std::fmt;

use sqlx::{query, query_as, query_scalar};

use crate::domain::id::{CalendarId, RoomId, UserId};
use crate::domain::time::Instant;

use super::error::StoreError;
use super::set::{SetSql, set, set_sql};
use super::tx::{Tx, execute_on, on_db};

/// A position in one calendar's history; 0 is its creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(i64);

impl Seq {
    /// A position read from a token or the database.
    #[must_use]
    pub const fn new(seq: i64) -> Self {
        Self(seq)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// A random mark of the transaction that took a number; tells two histories with the same numbers apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Nonce(i64);

impl Nonce {
    /// A nonce read from a token or the database.
    #[must_use]
    pub const fn new(nonce: i64) -> Self {
        Self(nonce)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// A fresh one.
    pub(super) fn random() -> Self {
        Self(super::random_bits().cast_signed())
    }
}

/// A point in one calendar's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// How many changes there were.
    pub seq: Seq,
    /// Which transaction made the last of them.
    pub nonce: Nonce,
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:016x}", self.seq.0, self.nonce.0)
    }
}

/// Whose calendar it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CalendarOwner {
    /// A room's one calendar.
    Room(RoomId),
    /// One of a person's own.
    Person(UserId),
}

/// A calendar collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Its key, which is also in its tokens.
    pub id: CalendarId,
    /// Whose it is.
    pub owner: CalendarOwner,
    /// Its name in the owner's home; a room's calendar has the room's slug of the day it was made.
    pub name: String,
    /// Where its history stands.
    pub stamp: Stamp,
    /// History before this is forgotten: tokens below it are not valid any more.
    pub pruned_below: Seq,
    /// When it was made.
    pub created_at: Instant,
    /// The components that its members may be, by name, with commas (RFC 4791, section 5.2.3).
    pub components: String,
}

impl Calendar {
    /// Whether its members may be of this component, by name.
    #[must_use]
    pub fn takes(&self, component: &str) -> bool {
        self.components.split(',').any(|taken| taken == component)
    }
}

/// Queries on `calendars`.
pub struct Calendars<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Calendar collections.
    pub fn calendars(&mut self) -> Calendars<'_, 'c> {
        Calendars(self)
    }
}

type Row = (i64, Option<i64>, Option<i64>, String, i64, i64, i64, i64, String);

impl Calendars<'_, '_> {
    /// Makes a calendar, with its creation as change 0.
    ///
    /// # Errors
    /// `Duplicate` if the room has one, or the person one of this name.
    pub async fn create(
        &mut self,
        owner: CalendarOwner,
        name: &str,
        components: &str,
        at: Instant,
    ) -> Result<Calendar, StoreError> {
        const INSERT: &str = "
            INSERT INTO calendars (kind, room_id, user_id, name, seq_nonce, created_at, components)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            RETURNING id";
        const BEGINNING: &str = "
            INSERT INTO changes (calendar_id, seq, nonce, name, removed, at)
            VALUES ($1, 0, $2, '', FALSE, $3)";
        let nonce = self.0.nonce;
        let (kind, room, person) = match owner {
            CalendarOwner::Room(room) => ("room", Some(room.get()), None),
            CalendarOwner::Person(person) => ("person", None, Some(person.get())),
        };
        let id: i64 = on_db!(self.0, conn => query_scalar(INSERT)
            .bind(kind)
            .bind(room)
            .bind(person)
            .bind(name)
            .bind(nonce.get())
            .bind(at.secs())
            .bind(components)
            .fetch_one(conn)
            .await)?;
        execute_on!(self.0, query(BEGINNING).bind(id).bind(nonce.get()).bind(at.secs()))?;
        let id = CalendarId::new(id);
        self.0.made.push(id);
        let stamp = Stamp { seq: Seq(0), nonce };
        let (name, components) = (name.to_owned(), components.to_owned());
        Ok(Calendar { id, owner, name, stamp, pruned_below: Seq(0), created_at: at, components })
    }

    /// Takes a calendar away that has no members any more, with its history; `false` if it has
    /// some. Lock it first.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove(&mut self, id: CalendarId) -> Result<bool, StoreError> {
        const MEMBERS: &str = "SELECT COUNT(*) FROM resources WHERE calendar_id = $1";
        const FORGET: [&str; 5] = [
            "UPDATE users SET default_calendar_id = NULL WHERE default_calendar_id = $1",
            "DELETE FROM nudges WHERE calendar_id = $1",
            "DELETE FROM refusals WHERE calendar_id = $1",
            "DELETE FROM changes WHERE calendar_id = $1",
            "DELETE FROM calendars WHERE id = $1",
        ];
        let members: i64 =
            on_db!(self.0, conn => query_scalar(MEMBERS).bind(id.get()).fetch_one(conn).await)?;
        if members > 0 {
            return Ok(false);
        }
        for sql in FORGET {
            execute_on!(self.0, query(sql).bind(id.get()))?;
        }
        Ok(true)
    }

    /// The calendar with this key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn get(&mut self, id: CalendarId) -> Result<Option<Calendar>, StoreError> {
        const SQL: &str = "
            SELECT id, room_id, user_id, name, seq, seq_nonce, pruned_below, created_at, components
            FROM calendars
            WHERE id = $1";
        let row: Option<Row> =
            on_db!(self.0, conn => query_as(SQL).bind(id.get()).fetch_optional(conn).await)?;
        row.map(calendar).transpose()
    }

    /// Every calendar of the house, by key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn list(&mut self) -> Result<Vec<Calendar>, StoreError> {
        const SQL: &str = "
            SELECT id, room_id, user_id, name, seq, seq_nonce, pruned_below, created_at, components
            FROM calendars
            ORDER BY id";
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(SQL).fetch_all(conn).await)?;
        rows.into_iter().map(calendar).collect()
    }

    /// The calendar of a room.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of_room(&mut self, room: RoomId) -> Result<Option<Calendar>, StoreError> {
        const SQL: &str = "
            SELECT id, room_id, user_id, name, seq, seq_nonce, pruned_below, created_at, components
            FROM calendars
            WHERE room_id = $1";
        let row: Option<Row> =
            on_db!(self.0, conn => query_as(SQL).bind(room.get()).fetch_optional(conn).await)?;
        row.map(calendar).transpose()
    }

    /// The calendars of these rooms, by key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of_rooms(&mut self, rooms: &[RoomId]) -> Result<Vec<Calendar>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT id, room_id, user_id, name, seq, seq_nonce, pruned_below, created_at, components
            FROM calendars
            WHERE room_id IN (SELECT CAST(value ->> 0 AS BIGINT) FROM ",
            ")
            ORDER BY id"
        );
        let sql = SQL.on(self.0);
        let rooms = set(rooms.iter().map(|room| (room.get(),)));
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(sql).bind(rooms).fetch_all(conn).await)?;
        rows.into_iter().map(calendar).collect()
    }

    /// The calendar of every room there is.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn keys_of_rooms(&mut self) -> Result<Vec<(RoomId, CalendarId)>, StoreError> {
        const SQL: &str = "SELECT room_id, id FROM calendars WHERE room_id IS NOT NULL";
        let rows: Vec<(i64, i64)> = on_db!(self.0, conn => query_as(SQL).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(|(room, id)| (RoomId::new(room), CalendarId::new(id))).collect())
    }

    /// A person's own calendars, the oldest first; the inbox is none.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of_person(&mut self, person: UserId) -> Result<Vec<Calendar>, StoreError> {
        const SQL: &str = "
            SELECT id, room_id, user_id, name, seq, seq_nonce, pruned_below, created_at, components
            FROM calendars
            WHERE user_id = $1 AND name <> 'inbox'
            ORDER BY id";
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(SQL).bind(person.get()).fetch_all(conn).await)?;
        rows.into_iter().map(calendar).collect()
    }

    /// A person's own calendar of this name.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn named(&mut self, person: UserId, name: &str) -> Result<Option<Calendar>, StoreError> {
        const SQL: &str = "
            SELECT id, room_id, user_id, name, seq, seq_nonce, pruned_below, created_at, components
            FROM calendars
            WHERE user_id = $1 AND name = $2";
        let row: Option<Row> =
            on_db!(self.0, conn => query_as(SQL).bind(person.get()).bind(name).fetch_optional(conn).await)?;
        row.map(calendar).transpose()
    }

    /// Gives a calendar its next number, marked with this transaction's nonce; both become visible
    /// with the commit. Every call wants one change row with this stamp (`tx.changes().insert`).
    ///
    /// # Errors
    /// `Inconsistent` if there is no such calendar.
    pub async fn advance(&mut self, calendar: CalendarId) -> Result<Stamp, StoreError> {
        const SQL: &str = "
            UPDATE calendars
            SET seq = seq + 1, seq_nonce = $2
            WHERE id = $1
            RETURNING seq";
        let nonce = self.0.nonce;
        let seq: i64 = on_db!(self.0, conn => query_scalar(SQL)
            .bind(calendar.get())
            .bind(nonce.get())
            .fetch_one(conn)
            .await)?;
        let stamp = Stamp { seq: Seq(seq), nonce };
        if self.0.numbered.is_none() && !self.0.made.contains(&calendar) {
            self.0.numbered = Some((calendar, stamp.seq));
        }
        Ok(stamp)
    }
}

fn calendar(
    (id, room, person, name, seq, nonce, pruned_below, created_at, components): Row,
) -> Result<Calendar, StoreError> {
    let owner = match (room, person) {
        (Some(room), None) => CalendarOwner::Room(RoomId::new(room)),
        (None, Some(person)) => CalendarOwner::Person(UserId::new(person)),
        _ => return Err(StoreError::Inconsistent(format!("calendar {id} has not exactly one owner"))),
    };
    Ok(Calendar {
        id: CalendarId::new(id),
        owner,
        name,
        stamp: Stamp { seq: Seq(seq), nonce: Nonce(nonce) },
        pruned_below: Seq(pruned_below),
        created_at: Instant::from_secs(created_at),
        components,
    })
}
