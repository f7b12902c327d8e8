//! What happens by the clock: one table of jobs, and the one task that runs them.
//!
//! A job is due when its time has gone by on the machine's clock or on the server's own, which a
//! test may move; series are also extended when a new day begins in the zone of a room. Knows no
//! HTTP; what a job does is a use case of `booking` or a work of this folder. R58, R65, L-69.

mod bodies;
mod days;
mod prune;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::booking::{Bookings, Error};
use crate::domain::time::Instant as Moment;
use crate::limits::Limits;

pub use bodies::tidy as tidy_files;
use days::Days;

/// How often the task looks whether something is due.
const TICK: Duration = Duration::from_secs(2);

/// One job.
struct Job {
    name: &'static str,
    every: Duration,
    /// Also when a day begins somewhere in the house.
    each_day: bool,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Grace, declined copies and second nudges that are over.
    Tidy,
    /// Series and blocks that go on (R65).
    Extend,
    /// Changes that no program asks for any more.
    PruneChanges,
    /// Decisions that are older than they are kept.
    PruneAudit,
    /// Registrations for push messages that have expired, also where none are sent any more.
    PrunePushes,
    /// Attachments that no event names, bodies that nothing has, and locks that have ended.
    TidyFiles,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// Every job; each runs once at the start.
const JOBS: [Job; 6] = [
    Job { name: "tidy", every: Duration::from_secs(15), each_day: false, what: What::Tidy },
    Job { name: "extend", every: Duration::from_secs(HOUR), each_day: true, what: What::Extend },
    Job {
        name: "prune changes",
        every: Duration::from_secs(24 * HOUR),
        each_day: false,
        what: What::PruneChanges,
    },
    Job {
        name: "prune audit",
        every: Duration::from_secs(24 * HOUR),
        each_day: false,
        what: What::PruneAudit,
    },
    Job {
        name: "prune pushes",
        every: Duration::from_secs(10 * MINUTE),
        each_day: false,
        what: What::PrunePushes,
    },
    Job { name: "tidy files", every: Duration::from_secs(HOUR), each_day: false, what: What::TidyFiles },
];

/// When a job ran last, on both clocks.
#[derive(Clone, Copy)]
struct Ran {
    machine: Instant,
    house: Moment,
}

impl Ran {
    /// Whether `every` has gone by on either clock; one that was set back counts too.
    fn is_over(self, every: Duration, machine: Instant, house: Moment) -> bool {
        let moved = house.secs().abs_diff(self.house.secs());
        machine.duration_since(self.machine) >= every || moved >= every.as_secs()
    }
}

/// Runs every job at once, then each in its time, until `stop`.
pub async fn run(bookings: Bookings, limits: Arc<Limits>, stop: CancellationToken) {
    let mut ran: [Option<Ran>; JOBS.len()] = [None; JOBS.len()];
    let mut days = Days::default();
    loop {
        let day_began = days.have_changed(&bookings).await;
        for (job, ran) in JOBS.iter().zip(&mut ran) {
            let now = Ran { machine: Instant::now(), house: bookings.now() };
            let over = ran.is_none_or(|ran| ran.is_over(job.every, now.machine, now.house));
            let is_due = over || (day_began && job.each_day);
            if !is_due {
                continue;
            }
            *ran = Some(now);
            if let Err(error) = carry_out(job.what, &bookings, &limits).await {
                tracing::warn!(job = job.name, %error, "a job failed");
            }
            if stop.is_cancelled() {
                return;
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

async fn carry_out(what: What, bookings: &Bookings, limits: &Limits) -> Result<(), Error> {
    match what {
        What::Tidy => bookings.tidy().await,
        What::Extend => bookings.extend().await.map(drop),
        What::PruneChanges => Ok(prune::changes(bookings, limits).await?),
        What::PruneAudit => Ok(prune::audit(bookings, limits).await?),
        What::PrunePushes => Ok(bookings.prune_pushes().await?),
        What::TidyFiles => Ok(bodies::tidy(bookings.store(), bookings.now()).await.map(drop)?),
    }
}
