//! Settings as text, where each was made. What they mean is the domain's.

use sqlx::{query, query_as};

use crate::domain::id::{RoomGroupId, RoomId};
use crate::domain::space::Scope;

use super::error::StoreError;
use super::set::{SetSql, set, set_sql};
use super::tx::{Tx, execute_on, on_db};

/// One setting in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Where it was made.
    pub scope: Scope,
    /// Its name, as `room set` takes it.
    pub key: String,
    /// As it was written.
    pub value: String,
}

/// Queries on `settings`.
pub struct Settings<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Settings.
    pub fn settings(&mut self) -> Settings<'_, 'c> {
        Settings(self)
    }
}

const fn columns(scope: Scope) -> (&'static str, i64) {
    match scope {
        Scope::Organisation => ("organisation", 0),
        Scope::RoomGroup(group) => ("group", group.get()),
        Scope::Room(room) => ("room", room.get()),
    }
}

fn scope(name: &str, id: i64) -> Result<Scope, StoreError> {
    match name {
        "organisation" => Ok(Scope::Organisation),
        "group" => Ok(Scope::RoomGroup(RoomGroupId::new(id))),
        "room" => Ok(Scope::Room(RoomId::new(id))),
        _ => Err(StoreError::Inconsistent(format!("settings of scope {name}"))),
    }
}

impl Settings<'_, '_> {
    /// Every setting of the house.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn list(&mut self) -> Result<Vec<Setting>, StoreError> {
        const SQL: &str = "
            SELECT scope, scope_id, key, value
            FROM settings
            ORDER BY scope, scope_id, key";
        let rows: Vec<(String, i64, String, String)> =
            on_db!(self.0, conn => query_as(SQL).fetch_all(conn).await)?;
        rows.into_iter()
            .map(|(name, id, key, value)| Ok(Setting { scope: scope(&name, id)?, key, value }))
            .collect()
    }

    /// The settings made in one place, as key and value.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of(&mut self, scope: Scope) -> Result<Vec<(String, String)>, StoreError> {
        const SQL: &str = "
            SELECT key, value
            FROM settings
            WHERE scope = $1 AND scope_id = $2
            ORDER BY key";
        let (name, id) = columns(scope);
        on_db!(self.0, conn => query_as(SQL).bind(name).bind(id).fetch_all(conn).await)
    }

    /// The settings of the house, of every group, and of these rooms.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn around(&mut self, rooms: &[RoomId]) -> Result<Vec<Setting>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT scope, scope_id, key, value
            FROM settings
            WHERE scope <> 'room' OR scope_id IN (SELECT CAST(value ->> 0 AS BIGINT) FROM ",
            ")
            ORDER BY scope, scope_id, key"
        );
        let sql = SQL.on(self.0);
        let rooms = set(rooms.iter().map(|room| (room.get(),)));
        let rows: Vec<(String, i64, String, String)> =
            on_db!(self.0, conn => query_as(sql).bind(rooms).fetch_all(conn).await)?;
        rows.into_iter()
            .map(|(name, id, key, value)| Ok(Setting { scope: scope(&name, id)?, key, value }))
            .collect()
    }

    /// The settings of each group that a room is in, by the group's name; groups without any are absent.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of_groups(
        &mut self,
        room: RoomId,
    ) -> Result<Vec<(String, Vec<(String, String)>)>, StoreError> {
        const SQL: &str = "
            SELECT g.name, s.key, s.value
            FROM room_group_members m
            JOIN room_groups g ON g.id = m.group_id
            JOIN settings s ON s.scope = 'group' AND s.scope_id = g.id
            WHERE m.room_id = $1
            ORDER BY g.name, s.key";
        let rows: Vec<(String, String, String)> =
            on_db!(self.0, conn => query_as(SQL).bind(room.get()).fetch_all(conn).await)?;
        let mut groups: Vec<(String, Vec<(String, String)>)> = Vec::new();
        for (name, key, value) in rows {
            match groups.last_mut().filter(|(last, _)| *last == name) {
                Some((_, pairs)) => pairs.push((key, value)),
                None => groups.push((name, vec![(key, value)])),
            }
        }
        Ok(groups)
    }

    /// Forgets every setting made in one place.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn clear(&mut self, scope: Scope) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM settings WHERE scope = $1 AND scope_id = $2";
        let (name, id) = columns(scope);
        execute_on!(self.0, query(SQL).bind(name).bind(id)).map(drop)
    }

    /// Makes or replaces a setting; `None` takes it back, so that the next level decides.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn set(&mut self, scope: Scope, key: &str, value: Option<&str>) -> Result<(), StoreError> {
        const SET: &str = "
            INSERT INTO settings (scope, scope_id, key, value)
            VALUES ($1, $2, $3, $4)
            ON CONFLICT (scope, scope_id, key) DO UPDATE SET value = excluded.value";
        const UNSET: &str = "DELETE FROM settings WHERE scope = $1 AND scope_id = $2 AND key = $3";
        let (name, id) = columns(scope);
        let done = if let Some(value) = value {
            execute_on!(self.0, query(SET).bind(name).bind(id).bind(key).bind(value))
        } else {
            execute_on!(self.0, query(UNSET).bind(name).bind(id).bind(key))
        };
        done.map(drop)
    }
}
