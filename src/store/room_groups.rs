//! Groups of rooms, and which rooms are in them, in order of preference (R79).

use sqlx::{query, query_as, query_scalar};

use crate::domain::attendee::Address;
use crate::domain::id::{RoomGroupId, RoomId, Slug};
use crate::domain::space::RoomGroup;

use super::error::StoreError;
use super::tx::{Tx, execute_on, on_db};

/// Queries on `room_groups` and `room_group_members`.
pub struct RoomGroups<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Groups of rooms.
    pub fn room_groups(&mut self) -> RoomGroups<'_, 'c> {
        RoomGroups(self)
    }
}

/// One row per member; a group without any has one with none.
type Row = (i64, String, String, Option<String>, bool, Option<i64>);

impl RoomGroups<'_, '_> {
    /// Adds an empty group, with a new UUID.
    ///
    /// # Errors
    /// `Duplicate` if there is one of this name.
    pub async fn add(&mut self, name: &Slug) -> Result<RoomGroupId, StoreError> {
        const SQL: &str = "
            INSERT INTO room_groups (name, uuid)
            VALUES ($1, $2)
            RETURNING id";
        let id: i64 = on_db!(self.0, conn => query_scalar(SQL)
            .bind(name.as_str())
            .bind(super::new_uuid())
            .fetch_one(conn)
            .await)?;
        Ok(RoomGroupId::new(id))
    }

    /// All groups with their rooms, by name.
    ///
    /// # Errors
    /// `Inconsistent` if a name is none.
    pub async fn list(&mut self) -> Result<Vec<RoomGroup>, StoreError> {
        const SQL: &str = "
            SELECT g.id, g.name, g.uuid, g.email, g.pool, m.room_id
            FROM room_groups g
            LEFT JOIN room_group_members m ON m.group_id = g.id
            ORDER BY g.id, m.position, m.room_id";
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(SQL).fetch_all(conn).await)?;
        let mut groups = groups(rows)?;
        groups.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(groups)
    }

    /// The group of this name.
    ///
    /// # Errors
    /// As [`RoomGroups::list`].
    pub async fn by_name(&mut self, name: &Slug) -> Result<Option<RoomGroup>, StoreError> {
        const SQL: &str = "
            SELECT g.id, g.name, g.uuid, g.email, g.pool, m.room_id
            FROM room_groups g
            LEFT JOIN room_group_members m ON m.group_id = g.id
            WHERE g.name = $1
            ORDER BY m.position, m.room_id";
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(SQL).bind(name.as_str()).fetch_all(conn).await)?;
        Ok(groups(rows)?.pop())
    }

    /// Every room of every group: the room with the group's key and name, by room and name.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn memberships(&mut self) -> Result<Vec<(RoomId, RoomGroupId, String)>, StoreError> {
        const SQL: &str = "
            SELECT m.room_id, g.id, g.name
            FROM room_group_members m
            JOIN room_groups g ON g.id = m.group_id
            ORDER BY m.room_id, g.name";
        let rows: Vec<(i64, i64, String)> = on_db!(self.0, conn => query_as(SQL).fetch_all(conn).await)?;
        Ok(rows
            .into_iter()
            .map(|(room, group, name)| (RoomId::new(room), RoomGroupId::new(group), name))
            .collect())
    }

    /// Writes back the address of a group and whether it is a pool.
    ///
    /// # Errors
    /// `Duplicate` if the address is another group's.
    pub async fn update(&mut self, group: &RoomGroup) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE room_groups SET email = $2, pool = $3
            WHERE id = $1";
        let email = group.email.as_ref().map(Address::as_str);
        execute_on!(self.0, query(SQL).bind(group.id.get()).bind(email).bind(group.is_pool)).map(drop)
    }

    /// Takes a group away; its rooms stay.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove(&mut self, id: RoomGroupId) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM room_groups WHERE id = $1";
        execute_on!(self.0, query(SQL).bind(id.get())).map(drop)
    }

    /// Puts a room into a group, after those that are there; false if that is so already.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn add_room(&mut self, group: RoomGroupId, room: RoomId) -> Result<bool, StoreError> {
        const SQL: &str = "
            INSERT INTO room_group_members (group_id, room_id, position)
            SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), COALESCE(MAX(position), -1) + 1
            FROM room_group_members
            WHERE group_id = $1
            ON CONFLICT DO NOTHING";
        let added = execute_on!(self.0, query(SQL).bind(group.get()).bind(room.get()))?;
        Ok(added > 0)
    }

    /// Takes a room out of a group; false if that is so already.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove_room(&mut self, group: RoomGroupId, room: RoomId) -> Result<bool, StoreError> {
        const SQL: &str = "DELETE FROM room_group_members WHERE group_id = $1 AND room_id = $2";
        let removed = execute_on!(self.0, query(SQL).bind(group.get()).bind(room.get()))?;
        Ok(removed > 0)
    }
}

/// Rows of one group follow each other.
fn groups(rows: Vec<Row>) -> Result<Vec<RoomGroup>, StoreError> {
    let mut groups: Vec<RoomGroup> = Vec::new();
    for (id, name, uuid, email, is_pool, room) in rows {
        let room = room.map(RoomId::new);
        if let Some(last) = groups.last_mut().filter(|last| last.id.get() == id) {
            last.rooms.extend(room);
            continue;
        }
        let name =
            Slug::parse(&name).map_err(|bad| StoreError::Inconsistent(format!("room group {id}: {bad}")))?;
        let email = email.as_deref().map(Address::new);
        let rooms = room.into_iter().collect();
        groups.push(RoomGroup { id: RoomGroupId::new(id), name, uuid, email, is_pool, rooms });
    }
    Ok(groups)
}
