//! Settings as text, where each was made. What they mean is the domain's.

use sqlx::{query, query_as};

use crate::domain::id::RoomId;
use crate::domain::space::Scope;

use super::error::StoreError;
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
        Scope::RoomGroup(group) => ("group", group),
        Scope::Room(room) => ("room", room.get()),
    }
}

fn scope(name: &str, id: i64) -> Result<Scope, StoreError> {
    match name {
        "organisation" => Ok(Scope::Organisation),
        "group" => Ok(Scope::RoomGroup(id)),
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
