//! Files and collections below `/files/`, by their paths.
//!
//! A path is the names from the folder on, joined by `/`; the folder itself has the empty one. What
//! lies below `p` is what lies between `p/` and `p0`. Knows no locks and no rights.

use sqlx::{query, query_as, query_scalar};

use crate::domain::time::Instant;

use super::bodies::BodyId;
use super::error::StoreError;
use super::folders::FolderId;
use super::tx::{Tx, execute_on, on_db};

/// A file or a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The key.
    pub id: i64,
    /// From the folder on.
    pub path: String,
    /// Its body; `None` for a collection.
    pub body: Option<BodyId>,
    /// Bytes of the body.
    pub size: u64,
    /// As it was sent.
    pub content_type: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// When its body was put.
    pub modified_at: Instant,
}

/// A body to be bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBody {
    /// Which.
    pub id: BodyId,
    /// Bytes of it.
    pub size: u64,
    /// As it was sent.
    pub content_type: Option<String>,
}

/// A path in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At<'a> {
    /// The folder.
    pub folder: FolderId,
    /// From there on.
    pub path: &'a str,
}

impl At<'_> {
    /// The path it is a member of; `None` for the folder itself.
    #[must_use]
    pub fn parent(&self) -> Option<&str> {
        if self.path.is_empty() {
            return None;
        }
        Some(self.path.rsplit_once('/').map_or("", |(parent, _)| parent))
    }

    /// Bounds of everything below: from the first, before the second.
    pub(super) fn below(&self) -> (String, String) {
        match self.path {
            // No name begins with a control character, and none has more than Unicode.
            "" => ("\u{1}".to_owned(), "\u{10ffff}".to_owned()),
            path => (format!("{path}/"), format!("{path}0")),
        }
    }

    /// Where in `/` and a path below what comes after this path begins, as SQL counts characters.
    fn rest_from(&self) -> i64 {
        match self.path.chars().count() {
            0 => 1,
            chars => i64::try_from(chars + 2).unwrap_or(i64::MAX),
        }
    }
}

/// Queries on `files` and `file_properties`.
pub struct Files<'t, 'c>(pub(super) &'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Files and collections.
    pub fn files(&mut self) -> Files<'_, 'c> {
        Files(self)
    }
}

type Row = (i64, String, Option<i64>, i64, Option<String>, i64, i64);

impl Files<'_, '_> {
    /// What is at a path.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn get(&mut self, at: At<'_>) -> Result<Option<File>, StoreError> {
        const SQL: &str = "
            SELECT id, path, body_id, size, content_type, created_at, modified_at
            FROM files
            WHERE folder_id = $1 AND path = $2";
        let row: Option<Row> = on_db!(self.0, conn => query_as(SQL)
            .bind(at.folder.0)
            .bind(at.path)
            .fetch_optional(conn)
            .await)?;
        Ok(row.map(file))
    }

    /// The members of a collection, by path.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn members(&mut self, at: At<'_>) -> Result<Vec<File>, StoreError> {
        const SQL: &str = "
            SELECT id, path, body_id, size, content_type, created_at, modified_at
            FROM files
            WHERE folder_id = $1 AND parent = $2
            ORDER BY path";
        let rows: Vec<Row> =
            on_db!(self.0, conn => query_as(SQL).bind(at.folder.0).bind(at.path).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(file).collect())
    }

    /// The path itself and everything below, by path.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn tree(&mut self, at: At<'_>) -> Result<Vec<File>, StoreError> {
        const SQL: &str = "
            SELECT id, path, body_id, size, content_type, created_at, modified_at
            FROM files
            WHERE folder_id = $1 AND (path = $2 OR (path >= $3 AND path < $4))
            ORDER BY path";
        let (from, before) = at.below();
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(SQL)
            .bind(at.folder.0)
            .bind(at.path)
            .bind(from)
            .bind(before)
            .fetch_all(conn)
            .await)?;
        Ok(rows.into_iter().map(file).collect())
    }

    /// How many files and collections a folder holds, and how many bytes.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn usage(&mut self, folder: FolderId) -> Result<(u64, u64), StoreError> {
        const SQL: &str = "
            SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT)
            FROM files
            WHERE folder_id = $1";
        let (count, bytes): (i64, i64) =
            on_db!(self.0, conn => query_as(SQL).bind(folder.0).fetch_one(conn).await)?;
        Ok((count.unsigned_abs(), bytes.unsigned_abs()))
    }

    /// Makes a file, or a collection where there is no body.
    ///
    /// # Errors
    /// `Duplicate` where something is.
    pub async fn create(
        &mut self,
        at: At<'_>,
        body: Option<&NewBody>,
        now: Instant,
    ) -> Result<i64, StoreError> {
        const SQL: &str = "
            INSERT INTO files (folder_id, path, parent, body_id, size, content_type, created_at, modified_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
            RETURNING id";
        on_db!(self.0, conn => query_scalar(SQL)
            .bind(at.folder.0)
            .bind(at.path)
            .bind(at.parent())
            .bind(body.map(|body| body.id.0))
            .bind(body.map_or(0, |body| body.size.cast_signed()))
            .bind(body.and_then(|body| body.content_type.clone()))
            .bind(now.secs())
            .fetch_one(conn)
            .await)
    }

    /// Binds another body to a file.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn rebind(&mut self, file: i64, body: &NewBody, now: Instant) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE files
            SET body_id = $2, size = $3, content_type = $4, modified_at = $5
            WHERE id = $1";
        execute_on!(
            self.0,
            query(SQL)
                .bind(file)
                .bind(body.id.0)
                .bind(body.size.cast_signed())
                .bind(&body.content_type)
                .bind(now.secs())
        )
        .map(drop)
    }

    /// Removes a path and everything below.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove_tree(&mut self, at: At<'_>) -> Result<u64, StoreError> {
        const SQL: &str = "
            DELETE FROM files
            WHERE folder_id = $1 AND (path = $2 OR (path >= $3 AND path < $4))";
        let (from, before) = at.below();
        execute_on!(self.0, query(SQL).bind(at.folder.0).bind(at.path).bind(from).bind(before))
    }

    /// Removes one file or empty collection.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove(&mut self, file: i64) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM files WHERE id = $1";
        execute_on!(self.0, query(SQL).bind(file)).map(drop)
    }

    /// Gives a path and everything below another place, where nothing is.
    ///
    /// # Errors
    /// `Duplicate` where something is.
    pub async fn relocate(&mut self, from: At<'_>, to: At<'_>) -> Result<(), StoreError> {
        const BELOW: &str = "
            UPDATE files
            SET folder_id = $1,
                path = CAST($2 AS TEXT) || rtrim(substr('/' || path, CAST($3 AS INTEGER)), '/'),
                parent = CAST($2 AS TEXT) || rtrim(substr('/' || parent, CAST($3 AS INTEGER)), '/')
            WHERE folder_id = $4 AND path >= $5 AND path < $6";
        const ITSELF: &str = "
            UPDATE files
            SET folder_id = $1, path = $2, parent = $3
            WHERE folder_id = $4 AND path = $5";
        let (first, before) = from.below();
        execute_on!(
            self.0,
            query(BELOW)
                .bind(to.folder.0)
                .bind(to.path)
                .bind(from.rest_from())
                .bind(from.folder.0)
                .bind(first)
                .bind(before)
        )?;
        execute_on!(
            self.0,
            query(ITSELF)
                .bind(to.folder.0)
                .bind(to.path)
                .bind(to.parent())
                .bind(from.folder.0)
                .bind(from.path)
        )
        .map(drop)
    }

    /// Copies what is at a path, with its properties, to where nothing is; if `deep`, with
    /// everything below. Bodies are shared.
    ///
    /// # Errors
    /// `Duplicate` where something is.
    pub async fn copy(
        &mut self,
        from: At<'_>,
        to: At<'_>,
        deep: bool,
        now: Instant,
    ) -> Result<(), StoreError> {
        const ITSELF: &str = "
            INSERT INTO files (folder_id, path, parent, body_id, size, content_type, created_at, modified_at)
            SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($3 AS TEXT), body_id, size, content_type,
                CAST($4 AS BIGINT), CAST($4 AS BIGINT)
            FROM files
            WHERE folder_id = $5 AND path = $6";
        const BELOW: &str = "
            INSERT INTO files (folder_id, path, parent, body_id, size, content_type, created_at, modified_at)
            SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT) || rtrim(substr('/' || path, CAST($3 AS INTEGER)), '/'),
                CAST($2 AS TEXT) || rtrim(substr('/' || parent, CAST($3 AS INTEGER)), '/'), body_id, size, content_type,
                CAST($4 AS BIGINT), CAST($4 AS BIGINT)
            FROM files
            WHERE folder_id = $5 AND path >= $6 AND path < $7";
        let (first, before) = from.below();
        execute_on!(
            self.0,
            query(ITSELF)
                .bind(to.folder.0)
                .bind(to.path)
                .bind(to.parent())
                .bind(now.secs())
                .bind(from.folder.0)
                .bind(from.path)
        )?;
        if deep {
            execute_on!(
                self.0,
                query(BELOW)
                    .bind(to.folder.0)
                    .bind(to.path)
                    .bind(from.rest_from())
                    .bind(now.secs())
                    .bind(from.folder.0)
                    .bind(first)
                    .bind(before)
            )?;
        }
        self.copy_properties(from, to).await
    }

    /// Of every resource in `from` that has its copy in `to`.
    async fn copy_properties(&mut self, from: At<'_>, to: At<'_>) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO file_properties (file_id, namespace, name, value)
            SELECT t.id, p.namespace, p.name, p.value
            FROM files s
            JOIN file_properties p ON p.file_id = s.id
            JOIN files t ON t.folder_id = $1 AND t.path = CAST($2 AS TEXT) || rtrim(substr('/' || s.path, CAST($3 AS INTEGER)), '/')
            WHERE s.folder_id = $4 AND (s.path = $5 OR (s.path >= $6 AND s.path < $7))";
        let (first, before) = from.below();
        execute_on!(
            self.0,
            query(SQL)
                .bind(to.folder.0)
                .bind(to.path)
                .bind(from.rest_from())
                .bind(from.folder.0)
                .bind(from.path)
                .bind(first)
                .bind(before)
        )
        .map(drop)
    }
}

fn file((id, path, body, size, content_type, created_at, modified_at): Row) -> File {
    File {
        id,
        path,
        body: body.map(BodyId),
        size: size.unsigned_abs(),
        content_type,
        created_at: Instant::from_secs(created_at),
        modified_at: Instant::from_secs(modified_at),
    }
}
