//! Groups of people, and who is in them.

use sqlx::{query, query_as, query_scalar};

use crate::domain::id::{GroupId, Slug, UserId};
use crate::domain::user::Group;

use super::error::StoreError;
use super::tx::{Tx, execute_on, on_db};

/// Queries on `groups` and `group_members`.
pub struct Groups<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Groups of people.
    pub fn groups(&mut self) -> Groups<'_, 'c> {
        Groups(self)
    }
}

type Row = (i64, String, String);

impl Groups<'_, '_> {
    /// Adds an empty group, with a new UUID.
    ///
    /// # Errors
    /// `Duplicate` if there is one of this name.
    pub async fn add(&mut self, name: &Slug) -> Result<GroupId, StoreError> {
        const SQL: &str = "
            INSERT INTO groups (name, uuid)
            VALUES ($1, $2)
            RETURNING id";
        let id: i64 = on_db!(self.0, conn => query_scalar(SQL)
            .bind(name.as_str())
            .bind(super::new_uuid())
            .fetch_one(conn)
            .await)?;
        Ok(GroupId::new(id))
    }

    /// The group of this name.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn by_name(&mut self, name: &Slug) -> Result<Option<Group>, StoreError> {
        const SQL: &str = "SELECT id, name, uuid FROM groups WHERE name = $1";
        let row: Option<Row> =
            on_db!(self.0, conn => query_as(SQL).bind(name.as_str()).fetch_optional(conn).await)?;
        row.map(group).transpose()
    }

    /// All groups, by name.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn list(&mut self) -> Result<Vec<Group>, StoreError> {
        const SQL: &str = "SELECT id, name, uuid FROM groups";
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(SQL).fetch_all(conn).await)?;
        let mut groups = rows.into_iter().map(group).collect::<Result<Vec<_>, _>>()?;
        groups.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(groups)
    }

    /// Who is in a group, by key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn members(&mut self, group: GroupId) -> Result<Vec<UserId>, StoreError> {
        const SQL: &str = "
            SELECT user_id FROM group_members
            WHERE group_id = $1
            ORDER BY user_id";
        let keys: Vec<i64> =
            on_db!(self.0, conn => query_scalar(SQL).bind(group.get()).fetch_all(conn).await)?;
        Ok(keys.into_iter().map(UserId::new).collect())
    }

    /// The groups that a person is in, by key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of_user(&mut self, user: UserId) -> Result<Vec<GroupId>, StoreError> {
        const SQL: &str = "
            SELECT group_id FROM group_members
            WHERE user_id = $1
            ORDER BY group_id";
        let keys: Vec<i64> =
            on_db!(self.0, conn => query_scalar(SQL).bind(user.get()).fetch_all(conn).await)?;
        Ok(keys.into_iter().map(GroupId::new).collect())
    }

    /// Puts a person into a group; false if that is so already.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn add_member(&mut self, group: GroupId, user: UserId) -> Result<bool, StoreError> {
        const SQL: &str = "
            INSERT INTO group_members (group_id, user_id)
            VALUES ($1, $2)
            ON CONFLICT DO NOTHING";
        let added = execute_on!(self.0, query(SQL).bind(group.get()).bind(user.get()))?;
        Ok(added > 0)
    }

    /// Takes a person out of a group; false if that is so already.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove_member(&mut self, group: GroupId, user: UserId) -> Result<bool, StoreError> {
        const SQL: &str = "DELETE FROM group_members WHERE group_id = $1 AND user_id = $2";
        let removed = execute_on!(self.0, query(SQL).bind(group.get()).bind(user.get()))?;
        Ok(removed > 0)
    }
}

fn group((id, name, uuid): Row) -> Result<Group, StoreError> {
    let name = Slug::parse(&name).map_err(|bad| StoreError::Inconsistent(format!("group {id}: {bad}")))?;
    Ok(Group { id: GroupId::new(id), name, uuid })
}
