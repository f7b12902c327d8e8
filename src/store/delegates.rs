//! Who acts for whom: delegates read, or write, in the home of another person.

use sqlx::{query, query_as};

use crate::domain::id::UserId;
use crate::domain::user::Access;

use super::error::StoreError;
use super::tx::{Tx, execute_on, on_db};

/// Queries on `delegates`.
pub struct Delegates<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Who acts for whom.
    pub fn delegates(&mut self) -> Delegates<'_, 'c> {
        Delegates(self)
    }
}

impl Delegates<'_, '_> {
    /// The delegates of a person, by key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of(&mut self, person: UserId) -> Result<Vec<(UserId, Access)>, StoreError> {
        const SQL: &str = "
            SELECT delegate_id, access FROM delegates
            WHERE user_id = $1
            ORDER BY delegate_id, access";
        let rows: Vec<(i64, String)> =
            on_db!(self.0, conn => query_as(SQL).bind(person.get()).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(pair).collect())
    }

    /// For whom a person acts, by key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn for_whom(&mut self, delegate: UserId) -> Result<Vec<(UserId, Access)>, StoreError> {
        const SQL: &str = "
            SELECT user_id, access FROM delegates
            WHERE delegate_id = $1
            ORDER BY user_id, access";
        let rows: Vec<(i64, String)> =
            on_db!(self.0, conn => query_as(SQL).bind(delegate.get()).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(pair).collect())
    }

    /// Makes these the delegates of a person with this access, and nobody else.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn set(
        &mut self,
        person: UserId,
        access: Access,
        delegates: &[UserId],
    ) -> Result<(), StoreError> {
        const CLEAR: &str = "DELETE FROM delegates WHERE user_id = $1 AND access = $2";
        const INSERT: &str = "
            INSERT INTO delegates (user_id, delegate_id, access)
            VALUES ($1, $2, $3)
            ON CONFLICT DO NOTHING";
        execute_on!(self.0, query(CLEAR).bind(person.get()).bind(access.as_str()))?;
        for delegate in delegates {
            execute_on!(self.0, query(INSERT).bind(person.get()).bind(delegate.get()).bind(access.as_str()))?;
        }
        Ok(())
    }
}

fn pair((person, access): (i64, String)) -> (UserId, Access) {
    let access = if access == "write" { Access::Write } else { Access::Read };
    (UserId::new(person), access)
}
