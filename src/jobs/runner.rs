//! The task that looks at the table of jobs and runs what is due, each job beside the others.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::booking::{Bookings, Error};
use crate::domain::time::Instant as Moment;
use crate::store::{DONE, StoreError};

use super::lease::{Add, Lease, Watch, after, is_due, next_start};
use super::{Job, What};

/// A job that failed is tried again after this, if its own time is not shorter.
const AGAIN: Duration = Duration::from_mins(5);

/// What carries out a job.
pub(super) trait CarryOut: Send + Sync + 'static {
    /// Does what is due, and looks at `stop` where it takes long; gives when it is due at the latest.
    fn carry_out(
        &self,
        what: What,
        stop: &CancellationToken,
    ) -> impl Future<Output = Result<Option<Moment>, Error>> + Send;

    /// Whether there is anything to do, as far as reading tells.
    fn is_wanted(&self, what: What) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// One server's share of the jobs.
pub(super) struct Runner<C> {
    bookings: Bookings,
    jobs: Vec<Job>,
    carrying: Arc<C>,
    watch: Watch,
    running: Vec<(&'static str, JoinHandle<()>)>,
}

impl<C: CarryOut> Runner<C> {
    pub(super) fn new(bookings: Bookings, jobs: Vec<Job>, carrying: C) -> Self {
        Self { bookings, jobs, carrying: Arc::new(carrying), watch: Watch::default(), running: Vec::new() }
    }

    /// Starts what is due; `machine` is the time by the clock of this machine.
    ///
    /// # Errors
    /// When the database cannot say what is due; what was started goes on.
    pub(super) async fn tick(
        &mut self,
        machine: Instant,
        stop: &CancellationToken,
    ) -> Result<(), StoreError> {
        self.running.retain(|(_, task)| !task.is_finished());
        let rows = self.rows().await?;
        for job in &self.jobs {
            let Some(row) = rows.iter().find(|row| row.name == job.name) else { continue };
            let unchanged = self.watch.unchanged(row, machine);
            let is_running = self.running.iter().any(|(name, _)| *name == job.name);
            if is_running || !is_due(row, job.every, unchanged, self.bookings.now()) {
                continue;
            }
            if !self.carrying.is_wanted(job.what).await? {
                continue;
            }
            let Some(lease) = Lease::take(&self.bookings, job.name, row).await? else { continue };
            let work =
                run(self.bookings.clone(), Arc::clone(&self.carrying), *job, lease, stop.child_token());
            self.running.push((job.name, tokio::spawn(work)));
        }
        Ok(())
    }

    /// The rows of the jobs, which are added the first time.
    async fn rows(&self) -> Result<Vec<crate::store::JobRow>, StoreError> {
        let list = async || self.bookings.store().snapshot().await?.tx().jobs().list().await;
        let rows = list().await?;
        let is_new = |job: &&Job| !rows.iter().any(|row| row.name == job.name);
        let new: Vec<_> = self.jobs.iter().filter(is_new).map(|job| job.name).collect();
        if new.is_empty() {
            return Ok(rows);
        }
        self.bookings.store().write(Add(new)).await?;
        list().await
    }

    /// Waits for what is running.
    pub(super) async fn finish(&mut self) {
        for (name, task) in self.running.drain(..) {
            if let Err(cause) = task.await {
                tracing::error!(job = name, %cause, "a job broke off");
            }
        }
    }
}

async fn run<C: CarryOut>(
    bookings: Bookings,
    carrying: Arc<C>,
    job: Job,
    lease: Lease,
    stop: CancellationToken,
) {
    let done = lease.during(&bookings, &stop, carrying.carry_out(job.what, &stop)).await;
    let Some(done) = done else { return };
    let now = bookings.now();
    let (next_at, result) = match done {
        Ok(latest) => {
            let next_at = next_start(lease.began, job.every, now);
            (latest.map_or(next_at, |latest| next_at.min(latest)), DONE.to_owned())
        }
        Err(error) => {
            tracing::warn!(job = job.name, %error, "a job failed");
            (after(now, job.every.min(AGAIN)), error.to_string())
        }
    };
    if let Err(error) = lease.settle(&bookings, next_at, result).await {
        // Nothing is lost: the lease runs out, and what was done is not due any more.
        tracing::warn!(job = job.name, %error, "cannot give a job back");
    }
}
