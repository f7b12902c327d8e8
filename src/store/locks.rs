//! Locks on files, until they expire (RFC 4918, section 6). What they keep out is judged elsewhere.

use sqlx::{query, query_as, query_scalar};

use crate::domain::id::UserId;
use crate::domain::time::Instant;

use super::error::StoreError;
use super::files::At;
use super::folders::FolderId;
use super::tx::{Tx, execute_on, on_db};

/// A lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Its token, a URI.
    pub token: String,
    /// Where it was taken, from the folder on.
    pub path: String,
    /// Nobody else has one.
    pub exclusive: bool,
    /// Also on everything below.
    pub deep: bool,
    /// Who holds it.
    pub holder: UserId,
    /// What the holder's program wants others to read: XML.
    pub owner: Option<String>,
    /// When it ends by itself.
    pub expires_at: Instant,
}

/// Queries on `locks`.
pub struct Locks<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Locks on files.
    pub fn locks(&mut self) -> Locks<'_, 'c> {
        Locks(self)
    }
}

type Row = (String, String, bool, bool, i64, Option<String>, i64);

impl Locks<'_, '_> {
    /// The locks in a folder that are in force.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn in_folder(&mut self, folder: FolderId, now: Instant) -> Result<Vec<Lock>, StoreError> {
        const SQL: &str = "
            SELECT token, path, exclusive, deep, user_id, owner, expires_at
            FROM locks
            WHERE folder_id = $1 AND expires_at > $2
            ORDER BY path, token";
        let rows: Vec<Row> =
            on_db!(self.0, conn => query_as(SQL).bind(folder.0).bind(now.secs()).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(lock).collect())
    }

    /// How many locks in force a person holds, in all folders.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn count_of(&mut self, holder: UserId, now: Instant) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM locks WHERE user_id = $1 AND expires_at > $2";
        let count: i64 = on_db!(self.0, conn => query_scalar(SQL)
            .bind(holder.get())
            .bind(now.secs())
            .fetch_one(conn)
            .await)?;
        Ok(count.unsigned_abs())
    }

    /// Stores a lock on a path of this folder.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn insert(&mut self, folder: FolderId, lock: &Lock) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO locks (token, folder_id, path, exclusive, deep, user_id, owner, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        execute_on!(
            self.0,
            query(SQL)
                .bind(&lock.token)
                .bind(folder.0)
                .bind(&lock.path)
                .bind(lock.exclusive)
                .bind(lock.deep)
                .bind(lock.holder.get())
                .bind(&lock.owner)
                .bind(lock.expires_at.secs())
        )
        .map(drop)
    }

    /// Gives a lock another end.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn extend(&mut self, token: &str, expires_at: Instant) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE locks SET expires_at = $2 WHERE token = $1";
        execute_on!(self.0, query(SQL).bind(token).bind(expires_at.secs())).map(drop)
    }

    /// Ends a lock.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove(&mut self, token: &str) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM locks WHERE token = $1";
        execute_on!(self.0, query(SQL).bind(token)).map(drop)
    }

    /// Ends the locks that were taken on a path or below; with `only_below` those on the path stay.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove_tree(&mut self, at: At<'_>, only_below: bool) -> Result<(), StoreError> {
        const SQL: &str = "
            DELETE FROM locks
            WHERE folder_id = $1 AND ((path = $2 AND $5) OR (path >= $3 AND path < $4))";
        let (from, before) = at.below();
        execute_on!(
            self.0,
            query(SQL).bind(at.folder.0).bind(at.path).bind(from).bind(before).bind(!only_below)
        )
        .map(drop)
    }

    /// Forgets the locks that have ended.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn prune(&mut self, now: Instant) -> Result<u64, StoreError> {
        const SQL: &str = "DELETE FROM locks WHERE expires_at <= $1";
        execute_on!(self.0, query(SQL).bind(now.secs()))
    }
}

fn lock((token, path, exclusive, deep, holder, owner, expires_at): Row) -> Lock {
    Lock {
        token,
        path,
        exclusive,
        deep,
        holder: UserId::new(holder),
        owner,
        expires_at: Instant::from_secs(expires_at),
    }
}
