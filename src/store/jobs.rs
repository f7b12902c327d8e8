//! The table of jobs: when each is due, and who has it.
//!
//! A job is taken by counting its `epoch` up from the number that was seen, so that of two servers that
//! saw the same row one gets it; every later statement of the holder names the epoch and does nothing
//! once somebody else has the job.

use sqlx::{Row, query};

use crate::domain::time::Instant;

use super::error::StoreError;
use super::tx::{Tx, execute_on, on_db};

/// A job as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    /// Which job.
    pub name: String,
    /// When it is due.
    pub next_at: Instant,
    /// How often it was taken.
    pub epoch: i64,
    /// Until when somebody has it; `None`: nobody.
    pub leased_until: Option<Instant>,
    /// When it ended last. `None`: it never did.
    pub ended_at: Option<Instant>,
    /// How it went last: [`DONE`], or what was wrong. `None`: it never ended.
    pub result: Option<String>,
}

impl JobRow {
    /// Whether it went wrong when it ran last.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.result.as_deref().is_some_and(|result| result != DONE)
    }
}

/// How a job went that did what it should.
pub const DONE: &str = "done";

/// Queries on `jobs`.
pub struct Jobs<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// What happens by the clock.
    pub fn jobs(&mut self) -> Jobs<'_, 'c> {
        Jobs(self)
    }
}

impl Jobs<'_, '_> {
    /// Every job that was ever added.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn list(&mut self) -> Result<Vec<JobRow>, StoreError> {
        const SQL: &str = "
            SELECT name, next_at, epoch, leased_until_at, ended_at, result
            FROM jobs
            ORDER BY name";
        on_db!(self.0, conn => query(SQL)
            .fetch_all(conn)
            .await
            .and_then(|rows| rows.iter().map(|row| Ok(JobRow {
                name: row.try_get("name")?,
                next_at: Instant::from_secs(row.try_get("next_at")?),
                epoch: row.try_get("epoch")?,
                leased_until: row.try_get::<Option<_>, _>("leased_until_at")?.map(Instant::from_secs),
                ended_at: row.try_get::<Option<_>, _>("ended_at")?.map(Instant::from_secs),
                result: row.try_get("result")?,
            })).collect()))
    }

    /// Adds a job that is due at `next_at`; one that is there stays as it is.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn add(&mut self, name: &str, next_at: Instant) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO jobs (name, next_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        execute_on!(self.0, query(SQL).bind(name).bind(next_at.secs())).map(drop)
    }

    /// Takes a job that was seen with this epoch, until `until`; false if somebody was faster. Whoever
    /// takes it has the next epoch. Whether it is due, and free, the caller has judged.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn take(
        &mut self,
        (name, epoch): (&str, i64),
        holder: &str,
        now: Instant,
        until: Instant,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "
            UPDATE jobs
            SET epoch = epoch + 1, holder = $3, started_at = $4, leased_until_at = $5
            WHERE name = $1 AND epoch = $2";
        let taken = execute_on!(
            self.0,
            query(SQL).bind(name).bind(epoch).bind(holder).bind(now.secs()).bind(until.secs())
        )?;
        Ok(taken > 0)
    }

    /// Keeps a job for longer; false if somebody else has it by now.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn keep(&mut self, (name, epoch): (&str, i64), until: Instant) -> Result<bool, StoreError> {
        const SQL: &str = "
            UPDATE jobs
            SET leased_until_at = $3
            WHERE name = $1 AND epoch = $2 AND leased_until_at IS NOT NULL";
        let kept = execute_on!(self.0, query(SQL).bind(name).bind(epoch).bind(until.secs()))?;
        Ok(kept > 0)
    }

    /// Gives a job back, with how it went and when it is due next; false if somebody else has it by now,
    /// who will say so.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn settle(
        &mut self,
        (name, epoch): (&str, i64),
        (now, next_at): (Instant, Instant),
        result: &str,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "
            UPDATE jobs
            SET next_at = $3, holder = NULL, leased_until_at = NULL, ended_at = $4, result = $5
            WHERE name = $1 AND epoch = $2 AND leased_until_at IS NOT NULL";
        let settled = execute_on!(
            self.0,
            query(SQL).bind(name).bind(epoch).bind(next_at.secs()).bind(now.secs()).bind(result)
        )?;
        Ok(settled > 0)
    }
}
