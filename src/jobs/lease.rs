//! Who runs a job, when there are several servers: whoever takes it, for as long as he keeps it.
//!
//! A lease lasts [`LEASE`] and is renewed while the job runs. A server that died renews nothing, and
//! another one takes the job when the lease is over by the clock of the house, or has stood unchanged
//! for so long before its own eyes: the clock of a test stands still, and clocks of machines differ.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::booking::Bookings;
use crate::domain::time::Instant as Moment;
use crate::store::{JobRow, StoreError, Tx, Work};

/// How long a server may be silent before another one takes its job.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// How often a lease is renewed.
const RENEW: Duration = Duration::from_secs(10);

/// What this server has seen of the jobs, and since when each stands as it does.
#[derive(Default)]
pub(super) struct Watch(HashMap<String, (JobRow, Instant)>);

impl Watch {
    /// For how long this row has stood so.
    pub(super) fn unchanged(&mut self, row: &JobRow, machine: Instant) -> Duration {
        match self.0.get(&row.name) {
            Some((seen, since)) if seen == row => machine.duration_since(*since),
            _ => {
                self.0.insert(row.name.clone(), (row.clone(), machine));
                Duration::ZERO
            }
        }
    }
}

/// Whether a job is to be taken now. `unchanged`: for how long its row has stood so by the clock of
/// this machine, which counts too, as does a clock of the house that was set back.
pub(super) fn is_due(row: &JobRow, every: Duration, unchanged: Duration, now: Moment) -> bool {
    match row.leased_until {
        Some(until) => now >= until || unchanged >= LEASE,
        None => now >= row.next_at || unchanged >= every || after(now, every) < row.next_at,
    }
}

/// When a job that began then and ends now is due again: after its period, or at once where it took
/// longer. What was missed is not made up for.
pub(super) fn next_start(began: Moment, every: Duration, ended: Moment) -> Moment {
    after(began, every).max(ended)
}

pub(super) fn after(at: Moment, time: Duration) -> Moment {
    at.plus(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

/// A job that this server has.
#[derive(Clone, Debug)]
pub(super) struct Lease {
    pub(super) name: &'static str,
    epoch: i64,
    /// When it was taken.
    pub(super) began: Moment,
}

impl Lease {
    /// Takes a job as it was seen; `None` if somebody was faster.
    pub(super) async fn take(
        bookings: &Bookings,
        name: &'static str,
        seen: &JobRow,
    ) -> Result<Option<Self>, StoreError> {
        let began = bookings.now();
        let is_taken = bookings.store().write(Take { name, epoch: seen.epoch, began }).await?;
        Ok(is_taken.then_some(Self { name, epoch: seen.epoch + 1, began }))
    }

    /// Renews it until it is lost; where the database does not answer it may be lost or not.
    async fn keep(&self, bookings: &Bookings) {
        loop {
            tokio::time::sleep(RENEW).await;
            let until = after(bookings.now(), LEASE);
            let keep = Keep { name: self.name, epoch: self.epoch, until };
            match bookings.store().write(keep).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(job = self.name, %error, "cannot keep a job"),
            }
        }
    }

    /// Keeps it while `work` runs. If it is lost meanwhile `stop` is cancelled, and the work ends when it
    /// looks there; `None` then.
    pub(super) async fn during<T>(
        &self,
        bookings: &Bookings,
        stop: &CancellationToken,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            done = &mut work => return Some(done),
            () = self.keep(bookings) => {}
        }
        tracing::warn!(job = self.name, "somebody else has the job");
        stop.cancel();
        work.await;
        None
    }

    /// Gives it back.
    pub(super) async fn settle(
        &self,
        bookings: &Bookings,
        next_at: Moment,
        result: String,
    ) -> Result<bool, StoreError> {
        let now = bookings.now();
        bookings.store().write(Settle { name: self.name, epoch: self.epoch, now, next_at, result }).await
    }
}

/// Adds the jobs that were never run; they are due at once.
pub(super) struct Add(pub(super) Vec<&'static str>);

impl Work for Add {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        for name in &self.0 {
            tx.jobs().add(name, Moment::from_secs(0)).await?;
        }
        Ok(())
    }
}

struct Take {
    name: &'static str,
    epoch: i64,
    began: Moment,
}

impl Work for Take {
    type Done = bool;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let holder = format!("process {}", std::process::id());
        tx.jobs().take((self.name, self.epoch), &holder, self.began, after(self.began, LEASE)).await
    }
}

struct Keep {
    name: &'static str,
    epoch: i64,
    until: Moment,
}

impl Work for Keep {
    type Done = bool;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        tx.jobs().keep((self.name, self.epoch), self.until).await
    }
}

struct Settle {
    name: &'static str,
    epoch: i64,
    now: Moment,
    next_at: Moment,
    result: String,
}

impl Work for Settle {
    type Done = bool;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        tx.jobs().settle((self.name, self.epoch), (self.now, self.next_at), &self.result).await
    }
}
