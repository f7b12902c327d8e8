//! Folders: the roots of file trees, one for each person and each room that has files.

use sqlx::{query, query_scalar};

use crate::domain::id::{RoomId, UserId};

use super::error::StoreError;
use super::tx::{Conn, Tx, execute_on, on_db};

/// Whose folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FolderOwner {
    /// A person's.
    Person(UserId),
    /// A room's.
    Room(RoomId),
}

/// The key of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FolderId(pub(super) i64);

/// Queries on `folders`.
pub struct Folders<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Roots of file trees.
    pub fn folders(&mut self) -> Folders<'_, 'c> {
        Folders(self)
    }
}

impl Folders<'_, '_> {
    /// The folder of this person or room; `None` if nothing was ever put into it.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn find(&mut self, owner: FolderOwner) -> Result<Option<FolderId>, StoreError> {
        const SQL: &str = "SELECT id FROM folders WHERE user_id = $1 OR room_id = $2";
        let (user, room) = columns(owner);
        let id: Option<i64> =
            on_db!(self.0, conn => query_scalar(SQL).bind(user).bind(room).fetch_optional(conn).await)?;
        Ok(id.map(FolderId))
    }

    /// The same, made where there is none.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn open(&mut self, owner: FolderOwner) -> Result<FolderId, StoreError> {
        const SQL: &str = "
            INSERT INTO folders (user_id, room_id)
            VALUES ($1, $2)
            ON CONFLICT DO NOTHING";
        if let Some(id) = self.find(owner).await? {
            return Ok(id);
        }
        let (user, room) = columns(owner);
        execute_on!(self.0, query(SQL).bind(user).bind(room))?;
        let id = self.find(owner).await?;
        id.ok_or_else(|| StoreError::Inconsistent("a folder that was made is not there".to_owned()))
    }

    /// Keeps other writers out of these folders until the commit; call it once, before anything is
    /// read that a decision hangs on. On SQLite there is one writer, and nothing to do.
    ///
    /// # Errors
    /// `Unavailable` when somebody held one of them for more than two seconds.
    pub async fn lock(&mut self, folders: &[FolderId]) -> Result<(), StoreError> {
        const SQL: &str = "
            SELECT id FROM folders
            WHERE id = ANY($1)
            ORDER BY id
            FOR NO KEY UPDATE";
        let keys: Vec<i64> = folders.iter().map(|folder| folder.0).collect();
        if let Conn::Postgres(conn) = &mut self.0.conn {
            let query = query(SQL).bind(keys);
            let result = self.0.pace.hold(query.execute(&mut **conn)).await;
            self.0.heard(result)?;
        }
        Ok(())
    }
}

const fn columns(owner: FolderOwner) -> (Option<i64>, Option<i64>) {
    match owner {
        FolderOwner::Person(user) => (Some(user.get()), None),
        FolderOwner::Room(room) => (None, Some(room.get())),
    }
}
