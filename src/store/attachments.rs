//! What events carry along: bodies that the server keeps under a key of its own, and which texts
//! name them.
//!
//! A body lies in pieces as those of files do. The links of a member follow its text: they are
//! written with it. What no text names any more is noted, and forgotten a while later, so that an
//! event may be removed here and come back there. RFC 8607, sections 3.12 and 3.12.5.

use std::collections::BTreeSet;

use sqlx::{query, query_as, query_scalar};

use crate::domain::id::{ResourceId, UserId};
use crate::domain::time::Instant;

use super::bodies::BodyId;
use super::error::StoreError;
use super::set::{SetSql, set, set_sql};
use super::tx::{Tx, execute_on, on_db};

/// A body that texts name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The MANAGED-ID.
    pub managed_id: String,
    /// Whose event it was added to: it counts as this person's.
    pub owner: UserId,
    /// The bytes.
    pub body: BodyId,
    /// How many.
    pub size: u64,
    /// A media type, as it was sent.
    pub content_type: String,
    /// What it is called: a plain name, as a path segment may have it.
    pub name: String,
    /// When it was added.
    pub created_at: Instant,
}

/// Queries on `attachments` and `attached`.
pub struct Attachments<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// What events carry along.
    pub fn attachments(&mut self) -> Attachments<'_, 'c> {
        Attachments(self)
    }
}

type Row = (String, i64, i64, i64, String, String, i64);

fn attachment((managed_id, owner, body, size, content_type, name, created_at): Row) -> Attachment {
    Attachment {
        managed_id,
        owner: UserId::new(owner),
        body: BodyId(body),
        size: size.unsigned_abs(),
        content_type,
        name,
        created_at: Instant::from_secs(created_at),
    }
}

impl Attachments<'_, '_> {
    /// Binds a body to a new key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn insert(&mut self, new: &Attachment) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO attachments (managed_id, owner_id, body_id, size, content_type, name, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let size = i64::try_from(new.size).unwrap_or(i64::MAX);
        execute_on!(
            self.0,
            query(SQL)
                .bind(&new.managed_id)
                .bind(new.owner.get())
                .bind(new.body.get())
                .bind(size)
                .bind(&new.content_type)
                .bind(&new.name)
                .bind(new.created_at.secs())
        )
        .map(drop)
    }

    /// Takes back what the same transaction bound.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn take_back(&mut self, managed_id: &str) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM attachments WHERE managed_id = $1";
        execute_on!(self.0, query(SQL).bind(managed_id)).map(drop)
    }

    /// Those of these keys that there are.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn named(&mut self, managed_ids: &[String]) -> Result<Vec<Attachment>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT managed_id, owner_id, body_id, size, content_type, name, created_at
            FROM attachments
            WHERE managed_id IN (SELECT value ->> 0 FROM ",
            ")"
        );
        let sql = SQL.on(self.0);
        let keys = set(managed_ids.iter().map(|key| (key,)));
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(sql).bind(keys).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(attachment).collect())
    }

    /// The keys that the texts of these members name.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of(&mut self, resources: &[ResourceId]) -> Result<Vec<String>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT DISTINCT a.managed_id
            FROM attached l
            JOIN attachments a ON a.id = l.attachment_id
            WHERE l.resource_id IN (SELECT CAST(value ->> 0 AS BIGINT) FROM ",
            ")"
        );
        let sql = SQL.on(self.0);
        let keys = set(resources.iter().map(|resource| (resource.get(),)));
        on_db!(self.0, conn => query_scalar(sql).bind(keys).fetch_all(conn).await)
    }

    /// Which of these members is noted as naming which key, for a look whether that is so.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn links(
        &mut self,
        resources: &[ResourceId],
    ) -> Result<BTreeSet<(ResourceId, String)>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT l.resource_id, a.managed_id
            FROM attached l
            JOIN attachments a ON a.id = l.attachment_id
            WHERE l.resource_id IN (SELECT CAST(value ->> 0 AS BIGINT) FROM ",
            ")"
        );
        let sql = SQL.on(self.0);
        let keys = set(resources.iter().map(|resource| (resource.get(),)));
        let rows: Vec<(i64, String)> =
            on_db!(self.0, conn => query_as(sql).bind(keys).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(|(resource, key)| (ResourceId::new(resource), key)).collect())
    }

    /// Keeps these from being forgotten until the commit, and notes that something names them. How
    /// many of them there still are.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn claim(&mut self, managed_ids: &[String]) -> Result<u64, StoreError> {
        // Written also where it says so already: who is about to remove the row looks at it again.
        const SQL: SetSql = set_sql!(
            "
            UPDATE attachments SET unused_at = NULL
            WHERE managed_id IN (SELECT value ->> 0 FROM ",
            ")"
        );
        if managed_ids.is_empty() {
            return Ok(0);
        }
        let sql = SQL.on(self.0);
        let keys = set(managed_ids.iter().map(|key| (key,)));
        execute_on!(self.0, query(sql).bind(keys))
    }

    /// The text of this member names these keys, and no others. Keys that there are not are left out.
    pub(super) async fn link(
        &mut self,
        resource: ResourceId,
        managed_ids: &[String],
    ) -> Result<(), StoreError> {
        const SQL: SetSql = set_sql!(
            "
            INSERT INTO attached (resource_id, attachment_id)
            SELECT $2, id FROM attachments
            WHERE managed_id IN (SELECT value ->> 0 FROM ",
            ")"
        );
        if self.claim(managed_ids).await? == 0 {
            return Ok(());
        }
        let sql = SQL.on(self.0);
        let keys = set(managed_ids.iter().map(|key| (key,)));
        execute_on!(self.0, query(sql).bind(keys).bind(resource.get())).map(drop)
    }

    /// As [`Attachments::link`], of a member that may have named others before.
    pub(super) async fn relink(
        &mut self,
        resource: ResourceId,
        managed_ids: &[String],
    ) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM attached WHERE resource_id = $1";
        execute_on!(self.0, query(SQL).bind(resource.get()))?;
        self.link(resource, managed_ids).await
    }

    /// Bytes of everything that is this person's, also of what no text names any more.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn bytes_of(&mut self, owner: UserId) -> Result<u64, StoreError> {
        const SQL: &str = "
            SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT)
            FROM attachments
            WHERE owner_id = $1";
        let bytes: i64 = on_db!(self.0, conn => query_scalar(SQL).bind(owner.get()).fetch_one(conn).await)?;
        Ok(bytes.unsigned_abs())
    }

    /// Bytes of everything that is this person's and named somewhere.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn named_bytes_of(&mut self, owner: UserId) -> Result<u64, StoreError> {
        const SQL: &str = "
            SELECT CAST(COALESCE(SUM(a.size), 0) AS BIGINT)
            FROM attachments a
            WHERE a.owner_id = $1 AND EXISTS (SELECT 1 FROM attached l WHERE l.attachment_id = a.id)";
        let bytes: i64 = on_db!(self.0, conn => query_scalar(SQL).bind(owner.get()).fetch_one(conn).await)?;
        Ok(bytes.unsigned_abs())
    }

    /// Forgets at once what is this person's and named nowhere. Only for who holds the person's
    /// default calendar: nobody else is about to name it then.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove_unnamed(&mut self, owner: UserId) -> Result<(), StoreError> {
        const SQL: &str = "
            DELETE FROM attachments
            WHERE owner_id = $1
                AND NOT EXISTS (SELECT 1 FROM attached l WHERE l.attachment_id = attachments.id)";
        execute_on!(self.0, query(SQL).bind(owner.get())).map(drop)
    }

    /// Notes what no text names, and forgets the note of what one names again.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn note_unused(&mut self, now: Instant) -> Result<(), StoreError> {
        const NOTE: &str = "
            UPDATE attachments SET unused_at = $1
            WHERE unused_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM attached l WHERE l.attachment_id = attachments.id)";
        const FORGET: &str = "
            UPDATE attachments SET unused_at = NULL
            WHERE unused_at IS NOT NULL
                AND EXISTS (SELECT 1 FROM attached l WHERE l.attachment_id = attachments.id)";
        execute_on!(self.0, query(NOTE).bind(now.secs()))?;
        execute_on!(self.0, query(FORGET)).map(drop)
    }

    /// Forgets what was noted before `noted_before` and is still named nowhere; its bodies are bound
    /// nowhere then. What somebody names at the same time stays: see [`Attachments::claim`].
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove_unused(&mut self, noted_before: Instant) -> Result<u64, StoreError> {
        const SQL: &str = "
            DELETE FROM attachments
            WHERE unused_at < $1
                AND NOT EXISTS (SELECT 1 FROM attached l WHERE l.attachment_id = attachments.id)";
        execute_on!(self.0, query(SQL).bind(noted_before.secs()))
    }
}
