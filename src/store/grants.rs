//! Grants: who may see, book or manage which room.

use sqlx::{query, query_as};

use crate::domain::id::{GroupId, RoomId, UserId};
use crate::domain::space::{Grant, Grantee};

use super::error::StoreError;
use super::set::{SetSql, set, set_sql};
use super::tx::{Tx, execute_on, on_db};

/// Queries on `grants`.
pub struct Grants<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Grants.
    pub fn grants(&mut self) -> Grants<'_, 'c> {
        Grants(self)
    }
}

type Row = (i64, String, i64, String);

impl Grants<'_, '_> {
    /// The grants on one room.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn on_room(&mut self, room: RoomId) -> Result<Vec<Grant>, StoreError> {
        const SQL: &str = "
            SELECT room_id, principal_kind, principal_id, level
            FROM grants
            WHERE room_id = $1
            ORDER BY principal_kind, principal_id, level";
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(SQL).bind(room.get()).fetch_all(conn).await)?;
        rows.into_iter().map(grant).collect()
    }

    /// The grants on these rooms.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn on_rooms(&mut self, rooms: &[RoomId]) -> Result<Vec<Grant>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT room_id, principal_kind, principal_id, level
            FROM grants
            WHERE room_id IN (SELECT CAST(value ->> 0 AS BIGINT) FROM ",
            ")"
        );
        let sql = SQL.on(self.0);
        let rooms = set(rooms.iter().map(|room| (room.get(),)));
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(sql).bind(rooms).fetch_all(conn).await)?;
        rows.into_iter().map(grant).collect()
    }

    /// Every grant of the house.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn list(&mut self) -> Result<Vec<Grant>, StoreError> {
        const SQL: &str = "
            SELECT room_id, principal_kind, principal_id, level
            FROM grants
            ORDER BY room_id, principal_kind, principal_id, level";
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(SQL).fetch_all(conn).await)?;
        rows.into_iter().map(grant).collect()
    }

    /// What one person was granted, alone or with a group.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of_user(&mut self, user: UserId) -> Result<Vec<Grant>, StoreError> {
        const SQL: &str = "
            SELECT room_id, principal_kind, principal_id, level
            FROM grants
            WHERE (principal_kind = 'user' AND principal_id = $1)
                OR (principal_kind = 'group'
                    AND principal_id IN (SELECT group_id FROM group_members WHERE user_id = $1))
            ORDER BY room_id, principal_kind, principal_id, level";
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(SQL).bind(user.get()).fetch_all(conn).await)?;
        rows.into_iter().map(grant).collect()
    }

    /// Adds a grant; false if it is there already.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn add(&mut self, grant: &Grant) -> Result<bool, StoreError> {
        const SQL: &str = "
            INSERT INTO grants (room_id, principal_kind, principal_id, level)
            VALUES ($1, $2, $3, $4)
            ON CONFLICT DO NOTHING";
        let (kind, id) = columns(grant.to);
        let added =
            execute_on!(self.0, query(SQL).bind(grant.room.get()).bind(kind).bind(id).bind(&grant.level))?;
        Ok(added > 0)
    }

    /// Takes a grant back; false if there is none such.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove(&mut self, grant: &Grant) -> Result<bool, StoreError> {
        const SQL: &str = "
            DELETE FROM grants
            WHERE room_id = $1 AND principal_kind = $2 AND principal_id = $3 AND level = $4";
        let (kind, id) = columns(grant.to);
        let removed =
            execute_on!(self.0, query(SQL).bind(grant.room.get()).bind(kind).bind(id).bind(&grant.level))?;
        Ok(removed > 0)
    }
}

const fn columns(to: Grantee) -> (&'static str, i64) {
    match to {
        Grantee::User(user) => ("user", user.get()),
        Grantee::Group(group) => ("group", group.get()),
    }
}

fn grant((room, kind, id, level): Row) -> Result<Grant, StoreError> {
    let to = match kind.as_str() {
        "user" => Grantee::User(UserId::new(id)),
        "group" => Grantee::Group(GroupId::new(id)),
        _ => return Err(StoreError::Inconsistent(format!("grant to a {kind}"))),
    };
    Ok(Grant { room: RoomId::new(room), to, level })
}
