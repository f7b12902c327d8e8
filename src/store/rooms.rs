//! Rooms, and the spaces that each owns.

use sqlx::{query, query_as, query_scalar};

use crate::domain::attendee::Address;
use crate::domain::id::{RoomId, Slug, SpaceId};
use crate::domain::space::Room;
use crate::domain::time::{Instant, Zone};

use super::error::StoreError;
use super::set::{SetSql, set, set_sql};
use super::tx::{Conn, Tx, execute_on, on_db};

/// What a room begins with.
#[derive(Clone, Debug)]
pub struct NewRoom {
    /// Its name in URLs.
    pub slug: Slug,
    /// Its name for people.
    pub name: String,
    /// Where its clock stands; a known one.
    pub zone: Zone,
    /// The mail address that invites it.
    pub email: Option<Address>,
    /// How many people it is meant for.
    pub seats: Option<i64>,
    /// The building's name.
    pub building: Option<String>,
    /// The floor's name.
    pub floor: Option<String>,
    /// What is in it; no line breaks.
    pub features: Vec<String>,
    /// The rooms it is made of (R78); empty for a room with a space of its own.
    pub parts: Vec<RoomId>,
}

/// Queries on `rooms` and `room_spaces`.
pub struct Rooms<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Rooms.
    pub fn rooms(&mut self) -> Rooms<'_, 'c> {
        Rooms(self)
    }
}

/// One row per space of the room.
type Row = (
    i64,
    String,
    String,
    String,
    Option<String>,
    String,
    Option<i64>,
    Option<String>,
    Option<String>,
    String,
    bool,
    i64,
);

impl Rooms<'_, '_> {
    /// Adds a room with a new UUID and a space of its own, or with all spaces of its parts.
    ///
    /// # Errors
    /// `Duplicate` if the slug or the mail address is taken, `Inconsistent` if the parts have no space.
    pub async fn add(&mut self, new: &NewRoom, at: Instant) -> Result<RoomId, StoreError> {
        const SQL: &str = "
            INSERT INTO rooms (slug, name, zone, email, uuid, seats, building, floor, features, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            RETURNING id";
        let id: i64 = on_db!(self.0, conn => query_scalar(SQL)
            .bind(new.slug.as_str())
            .bind(&new.name)
            .bind(new.zone.name())
            .bind(new.email.as_ref().map(Address::as_str))
            .bind(super::new_uuid())
            .bind(new.seats)
            .bind(new.building.as_deref())
            .bind(new.floor.as_deref())
            .bind(new.features.join("\n"))
            .bind(at.secs())
            .fetch_one(conn)
            .await)?;
        let id = RoomId::new(id);
        if new.parts.is_empty() {
            self.give_own_space(id, &new.slug).await?;
        } else {
            self.give_spaces_of(id, &new.parts).await?;
        }
        Ok(id)
    }

    async fn give_own_space(&mut self, room: RoomId, slug: &Slug) -> Result<(), StoreError> {
        const SPACE: &str = "INSERT INTO spaces (name) VALUES ($1) RETURNING id";
        const OWN: &str = "INSERT INTO room_spaces (room_id, space_id) VALUES ($1, $2)";
        let space: i64 =
            on_db!(self.0, conn => query_scalar(SPACE).bind(slug.as_str()).fetch_one(conn).await)?;
        execute_on!(self.0, query(OWN).bind(room.get()).bind(space)).map(drop)
    }

    async fn give_spaces_of(&mut self, room: RoomId, parts: &[RoomId]) -> Result<(), StoreError> {
        const SQL: SetSql = set_sql!(
            "
            INSERT INTO room_spaces (room_id, space_id)
            SELECT DISTINCT CAST($2 AS BIGINT), part.space_id
            FROM room_spaces part
            WHERE part.room_id IN (SELECT CAST(value ->> 0 AS BIGINT) FROM ",
            ")"
        );
        let sql = SQL.on(self.0);
        let parts = set(parts.iter().map(|part| (part.get(),)));
        match execute_on!(self.0, query(sql).bind(parts).bind(room.get()))? {
            0 => Err(StoreError::Inconsistent(format!("the parts of room {room} have no space"))),
            _ => Ok(()),
        }
    }

    /// The room with this key, removed or not.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn get(&mut self, id: RoomId) -> Result<Option<Room>, StoreError> {
        const SQL: &str = "
            SELECT r.id, r.slug, r.name, r.zone, r.email, r.uuid, r.seats, r.building, r.floor,
                r.features, r.removed, s.space_id
            FROM rooms r
            JOIN room_spaces s ON s.room_id = r.id
            WHERE r.id = $1
            ORDER BY s.space_id";
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(SQL).bind(id.get()).fetch_all(conn).await)?;
        Ok(rooms(rows)?.pop())
    }

    /// The room with this slug, removed or not.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn by_slug(&mut self, slug: &Slug) -> Result<Option<Room>, StoreError> {
        const SQL: &str = "SELECT id FROM rooms WHERE slug = $1";
        let id: Option<i64> =
            on_db!(self.0, conn => query_scalar(SQL).bind(slug.as_str()).fetch_optional(conn).await)?;
        match id {
            Some(id) => self.get(RoomId::new(id)).await,
            None => Ok(None),
        }
    }

    /// Which of these addresses (mail, or `urn:uuid:`) is a room's that is not removed (R25).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn by_addresses(&mut self, given: &[Address]) -> Result<Vec<(Address, RoomId)>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT given.value ->> 0, r.id
            FROM ",
            " AS given
            JOIN rooms r ON r.email = given.value ->> 0 OR r.uuid = given.value ->> 1
            WHERE NOT r.removed"
        );
        let sql = SQL.on(self.0);
        let given = set(given.iter().map(|address| (address.as_str(), super::uuid_of(address))));
        let rows: Vec<(String, i64)> =
            on_db!(self.0, conn => query_as(sql).bind(given).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(|(address, id)| (Address::new(&address), RoomId::new(id))).collect())
    }

    /// The rooms that are called like one of these, where any room may be asked for by its name alone
    /// (R27); removed ones are none.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn by_names(&mut self, names: &[&str]) -> Result<Vec<RoomId>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT r.id
            FROM rooms r
            WHERE NOT r.removed AND r.name IN (SELECT value ->> 0 FROM ",
            " AS given)
              AND EXISTS (SELECT 1 FROM settings s WHERE s.key = 'location_booking')"
        );
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let sql = SQL.on(self.0);
        let given = set(names.iter().map(|name| (*name,)));
        let rows: Vec<i64> = on_db!(self.0, conn => query_scalar(sql).bind(given).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(RoomId::new).collect())
    }

    /// All rooms by slug, removed ones among them.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn list(&mut self) -> Result<Vec<Room>, StoreError> {
        const SQL: &str = "
            SELECT r.id, r.slug, r.name, r.zone, r.email, r.uuid, r.seats, r.building, r.floor,
                r.features, r.removed, s.space_id
            FROM rooms r
            JOIN room_spaces s ON s.room_id = r.id
            ORDER BY r.id, s.space_id";
        // Of SQLite a row costs more to fetch than its content to read: all come in one.
        const TOGETHER: &str = "
            SELECT json_group_array(json_array(r.id, r.slug, r.name, r.zone, r.email, r.uuid, r.seats, r.building,
                r.floor, r.features, json(iif(r.removed, 'true', 'false')), s.space_id))
            FROM rooms r
            JOIN room_spaces s ON s.room_id = r.id";
        let rows: Vec<Row> = match &mut self.0.conn {
            Conn::Postgres(conn) => {
                let found = self.0.pace.hold(query_as(SQL).fetch_all(&mut **conn)).await;
                self.0.heard(found)?
            }
            Conn::Sqlite(conn) => {
                let found = query_scalar(TOGETHER).fetch_one(&mut **conn).await;
                let text: String = self.0.heard(found)?;
                let read: Result<Vec<Row>, _> = serde_json::from_str(&text);
                let mut rows = read.map_err(|bad| StoreError::Inconsistent(bad.to_string()))?;
                rows.sort_unstable_by_key(|row| (row.0, row.11));
                rows
            }
        };
        let mut rooms = rooms(rows)?;
        rooms.sort_by(|one, other| one.slug.cmp(&other.slug));
        Ok(rooms)
    }

    /// Rooms that could stand in for another one: in use, with as many seats or more; those of its
    /// building first, then by seats and slug, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn like(&mut self, room: &Room, limit: i64) -> Result<Vec<RoomId>, StoreError> {
        const SQL: &str = "
            SELECT id FROM rooms
            WHERE NOT removed AND id <> $1 AND COALESCE(seats, 0) >= $2
            ORDER BY CASE WHEN building = $3 THEN 0 ELSE 1 END, COALESCE(seats, 0), slug
            LIMIT $4";
        let keys: Vec<i64> = on_db!(self.0, conn => query_scalar(SQL)
            .bind(room.id.get())
            .bind(room.seats.unwrap_or(0))
            .bind(room.building.as_deref().unwrap_or_default())
            .bind(limit)
            .fetch_all(conn)
            .await)?;
        Ok(keys.into_iter().map(RoomId::new).collect())
    }

    /// These rooms, removed ones among them, by slug.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn among(&mut self, ids: &[RoomId]) -> Result<Vec<Room>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT r.id, r.slug, r.name, r.zone, r.email, r.uuid, r.seats, r.building, r.floor,
                r.features, r.removed, s.space_id
            FROM rooms r
            JOIN room_spaces s ON s.room_id = r.id
            WHERE r.id IN (SELECT CAST(value ->> 0 AS BIGINT) FROM ",
            ")
            ORDER BY r.id, s.space_id"
        );
        let sql = SQL.on(self.0);
        let ids = set(ids.iter().map(|id| (id.get(),)));
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(sql).bind(ids).fetch_all(conn).await)?;
        let mut rooms = rooms(rows)?;
        rooms.sort_by(|one, other| one.slug.cmp(&other.slug));
        Ok(rooms)
    }

    /// Writes back everything of a room but its slug, its UUID and its spaces.
    ///
    /// # Errors
    /// `Duplicate` if the mail address is another room's.
    pub async fn update(&mut self, room: &Room) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE rooms
            SET name = $2, zone = $3, email = $4, seats = $5, building = $6, floor = $7, features = $8,
                removed = $9
            WHERE id = $1";
        execute_on!(
            self.0,
            query(SQL)
                .bind(room.id.get())
                .bind(&room.name)
                .bind(room.zone.name())
                .bind(room.email.as_ref().map(Address::as_str))
                .bind(room.seats)
                .bind(room.building.as_deref())
                .bind(room.floor.as_deref())
                .bind(room.features.join("\n"))
                .bind(room.removed)
        )
        .map(drop)
    }
}

/// Rows of one room follow each other.
fn rooms(rows: Vec<Row>) -> Result<Vec<Room>, StoreError> {
    let mut rooms: Vec<Room> = Vec::new();
    for row in rows {
        let (id, slug, name, zone, email, uuid, seats, building, floor, features, removed, space) = row;
        if let Some(last) = rooms.last_mut().filter(|last| last.id.get() == id) {
            last.spaces.push(SpaceId::new(space));
            continue;
        }
        let broken = |what: String| StoreError::Inconsistent(format!("room {id}: {what}"));
        rooms.push(Room {
            id: RoomId::new(id),
            slug: Slug::parse(&slug).map_err(|bad| broken(bad.to_string()))?,
            name,
            zone: Zone::iana(&zone).ok_or_else(|| broken(format!("no time zone {zone}")))?,
            email: email.as_deref().map(Address::new),
            uuid,
            seats,
            building,
            floor,
            features: features.split('\n').filter(|text| !text.is_empty()).map(str::to_owned).collect(),
            removed,
            spaces: vec![SpaceId::new(space)],
        });
    }
    Ok(rooms)
}
