//! What changed in a calendar, in order: what sync-collection answers from.
//!
//! Every number that `Calendars::advance` gives has exactly one row here, so a token's number can
//! be checked against its nonce as long as it is not pruned. RFC 6578, section 3.

use sqlx::{query, query_as, query_scalar};

use crate::domain::event::Class;
use crate::domain::id::{CalendarId, UserId};
use crate::domain::time::Instant;

use super::calendars::{Nonce, Seq, Stamp};
use super::error::StoreError;
use super::resources::{class_name, class_of};
use super::tx::{Tx, execute_on, on_db};

/// One change of one member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where.
    pub calendar: CalendarId,
    /// The number, fresh from `Calendars::advance`.
    pub stamp: Stamp,
    /// The member's name.
    pub name: String,
    /// It is gone.
    pub removed: bool,
    /// Stands for the name where it is hidden (R101).
    pub mask_key: Option<String>,
    /// Whose the member is or was.
    pub owner: Option<UserId>,
    /// Some readers knew it by another name before: its CLASS changed.
    pub renamed: bool,
    /// CLASS of the member.
    pub class: Class,
    /// When.
    pub at: Instant,
}

/// What happened to one member: of two that had a name one after the other, each has its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The number by which it is in order: of the first change by which it left a name, else of the
    /// latest one. Who goes on from here is told of all later ones once more.
    pub seq: Seq,
    /// The member's name.
    pub name: String,
    /// Stands for the name where it is hidden (R101).
    pub mask_key: Option<String>,
    /// Whose the member is or was.
    pub owner: Option<UserId>,
    /// Some readers may know it by a name that it does not have any more: it was removed, or its
    /// CLASS changed.
    pub left: bool,
    /// Its CLASS changed.
    pub renamed: bool,
    /// Its CLASS; `None` where an older program wrote the change.
    pub class: Option<Class>,
}

type SinceRow = (i64, String, Option<String>, Option<i64>, bool, bool, Option<String>);

/// Queries on `changes`.
pub struct Changes<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// What changed in calendars.
    pub fn changes(&mut self) -> Changes<'_, 'c> {
        Changes(self)
    }
}

impl Changes<'_, '_> {
    /// Notes a change.
    ///
    /// # Errors
    /// `Duplicate` if its number was used before.
    pub async fn insert(&mut self, change: &Change) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO changes (calendar_id, seq, nonce, name, removed, mask_key, owner_id, renamed, at,
                                 class)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        execute_on!(
            self.0,
            query(SQL)
                .bind(change.calendar.get())
                .bind(change.stamp.seq.get())
                .bind(change.stamp.nonce.get())
                .bind(&change.name)
                .bind(change.removed)
                .bind(&change.mask_key)
                .bind(change.owner.map(UserId::get))
                .bind(change.renamed)
                .bind(change.at.secs())
                .bind(class_name(change.class))
        )
        .map(drop)
    }

    /// The nonce of a number; `None` if that number is pruned or was never given. A token whose
    /// nonce differs comes from a history that we do not have any more.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn nonce(&mut self, calendar: CalendarId, seq: Seq) -> Result<Option<Nonce>, StoreError> {
        const SQL: &str = "
            SELECT nonce FROM changes
            WHERE calendar_id = $1 AND seq = $2";
        let nonce: Option<i64> = on_db!(self.0, conn => query_scalar(SQL)
            .bind(calendar.get())
            .bind(seq.get())
            .fetch_optional(conn)
            .await)?;
        Ok(nonce.map(Nonce::new))
    }

    /// The members that changed after `seq`, in order, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn since(
        &mut self,
        calendar: CalendarId,
        seq: Seq,
        limit: i64,
    ) -> Result<Vec<Changed>, StoreError> {
        const SQL: &str = "
            SELECT COALESCE(MIN(CASE WHEN removed OR renamed THEN seq END), MAX(seq)), name, mask_key, owner_id,
                   MAX(CASE WHEN removed OR renamed THEN 1 ELSE 0 END) > 0,
                   MAX(CASE WHEN renamed THEN 1 ELSE 0 END) > 0, MAX(class)
            FROM changes
            WHERE calendar_id = $1 AND seq > $2
            GROUP BY name, mask_key, owner_id
            ORDER BY 1
            LIMIT $3";
        let rows: Vec<SinceRow> = on_db!(self.0, conn => query_as(SQL)
                .bind(calendar.get())
                .bind(seq.get())
                .bind(limit)
                .fetch_all(conn)
                .await)?;
        let changed = |(seq, name, mask_key, owner, left, renamed, class): SinceRow| Changed {
            seq: Seq::new(seq),
            name,
            mask_key,
            owner: owner.map(UserId::new),
            left,
            renamed,
            class: class.as_deref().map(class_of),
        };
        Ok(rows.into_iter().map(changed).collect())
    }

    /// Forgets a calendar's changes from before `before`, at most `limit` of them, and raises
    /// `pruned_below`; gives how many went. The calendar's latest change always stays.
    ///
    /// Lock the calendar first.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn prune(
        &mut self,
        calendar: CalendarId,
        before: Instant,
        limit: i64,
    ) -> Result<u64, StoreError> {
        // The first that is young enough, or the latest: a clock that jumped does not tear a hole.
        const RAISE: &str = "
            UPDATE calendars
            SET pruned_below = (
                SELECT MIN(bound) FROM (
                    SELECT MIN(c.seq) AS bound FROM changes c WHERE c.calendar_id = $1 AND c.at >= $2
                    UNION ALL SELECT k.seq FROM calendars k WHERE k.id = $1
                    UNION ALL SELECT k.pruned_below + $3 FROM calendars k WHERE k.id = $1) bounds)
            WHERE id = $1
            RETURNING pruned_below";
        const FORGET: &str = "DELETE FROM changes WHERE calendar_id = $1 AND seq < $2";
        let below: Option<i64> = on_db!(self.0, conn => query_scalar(RAISE)
            .bind(calendar.get())
            .bind(before.secs())
            .bind(limit)
            .fetch_optional(conn)
            .await)?;
        execute_on!(self.0, query(FORGET).bind(calendar.get()).bind(below.unwrap_or(0)))
    }
}
