//! What happens by the clock: one table of jobs, and the one task that runs them.
//!
//! When each job is due stands in the database, so that it runs once however many servers there are
//! (`lease`), and not again because a server starts. A job is due when its time has gone by on the
//! server's own clock, which a test may move, or on the machine's; series are also extended when a
//! new day begins in the zone of a room. Each job acts on what is due when it runs, and may be
//! repeated. Knows no HTTP; what a job does is a use case of `booking` or a work of this folder.
//! R58, R65, L-68, L-69.

mod bodies;
mod days;
mod lease;
mod prune;
mod requests;
mod runner;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::booking::{Bookings, Error};
use crate::domain::time::Instant as Moment;
use crate::limits::Limits;
use crate::mail::Mailer;
use crate::store::StoreError;

pub use bodies::tidy as tidy_files;
pub use requests::run as work_off_requests;
use runner::{CarryOut, Runner};

/// How often the task looks whether something is due.
const TICK: Duration = Duration::from_secs(2);

/// One job.
#[derive(Clone, Copy, Debug)]
struct Job {
    name: &'static str,
    every: Duration,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// What is over: requests that nobody decided about, with the reminders before (R71, R72), grace
    /// (R58), declined copies and second nudges, dates that went to a continuation (R62); and what has
    /// become free is offered (R53).
    Tidy,
    /// Series and blocks that go on (R65), and what has had no owner for too long (R90); also when a day
    /// begins somewhere in the house.
    Extend,
    /// Who has to check in, and rooms where nobody did (R95 to R99).
    CheckIns,
    /// Changes that no program asks for any more.
    PruneChanges,
    /// Decisions that are older than they are kept.
    PruneAudit,
    /// Requests of other programs that were decided as long ago.
    PruneRequests,
    /// Registrations for push messages that have expired, also where none are sent any more.
    PrunePushes,
    /// Mails to people (L-68).
    SendMail,
    /// Messages to people that are older than they are kept.
    PruneNotices,
    /// Attachments that no event names, bodies that nothing has, and locks that have ended.
    TidyFiles,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Every job; each is due when a database is new.
const JOBS: [Job; 10] = [
    job("tidy", 15, What::Tidy),
    job("check-ins", 15, What::CheckIns),
    job("extend", HOUR, What::Extend),
    job("prune changes", DAY, What::PruneChanges),
    job("prune audit", DAY, What::PruneAudit),
    job("prune requests", DAY, What::PruneRequests),
    job("prune pushes", 10 * MINUTE, What::PrunePushes),
    job("tidy files", HOUR, What::TidyFiles),
    job("send mail", 0, What::SendMail),
    job("prune notices", DAY, What::PruneNotices),
];

const fn job(name: &'static str, secs: u64, what: What) -> Job {
    Job { name, every: Duration::from_secs(secs), what }
}

/// The name of a job as it stands in the database, if it is one of these.
#[must_use]
pub fn name(stored: &str) -> Option<&'static str> {
    JOBS.iter().map(|job| job.name).find(|name| *name == stored)
}

/// Runs each job in its time, until `stop`. Without a `mailer` messages wait.
pub async fn run(bookings: Bookings, limits: Arc<Limits>, mailer: Option<Mailer>, stop: CancellationToken) {
    let is_ours = |job: &&Job| mailer.is_some() || job.what != What::SendMail;
    let jobs = JOBS.iter().filter(is_ours).copied().collect();
    let carrying = Carrying { bookings: bookings.clone(), limits, mailer };
    let mut runner = Runner::new(bookings, jobs, carrying);
    while !stop.is_cancelled() {
        if let Err(error) = runner.tick(Instant::now(), &stop).await {
            tracing::warn!(%error, "cannot look which jobs are due");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
    runner.finish().await;
}

/// What the jobs of a server work with.
struct Carrying {
    bookings: Bookings,
    limits: Arc<Limits>,
    mailer: Option<Mailer>,
}

impl CarryOut for Carrying {
    async fn carry_out(&self, what: What, stop: &CancellationToken) -> Result<Option<Moment>, Error> {
        let Self { bookings, limits, mailer } = self;
        match what {
            What::Tidy => bookings.tidy().await?,
            What::Extend => {
                bookings.extend().await?;
                return Ok(days::next(bookings).await?);
            }
            What::CheckIns => bookings.look_after_check_ins().await?,
            What::PruneChanges => prune::changes(bookings, limits).await?,
            What::PruneAudit => prune::audit(bookings, limits).await?,
            What::PruneRequests => prune::requests(bookings, limits).await?,
            What::PrunePushes => bookings.prune_pushes().await?,
            What::SendMail => {
                if let Some(mailer) = mailer {
                    mailer.round(bookings, stop).await?;
                }
            }
            What::PruneNotices => prune::notices(bookings, limits).await?,
            What::TidyFiles => drop(bodies::tidy(bookings.store(), bookings.now()).await?),
        }
        Ok(None)
    }

    async fn is_wanted(&self, what: What) -> Result<bool, StoreError> {
        match what {
            What::SendMail => self.bookings.is_mail_due().await,
            What::Tidy
            | What::CheckIns
            | What::Extend
            | What::PruneChanges
            | What::PruneAudit
            | What::PruneRequests
            | What::PrunePushes
            | What::PruneNotices
            | What::TidyFiles => Ok(true),
        }
    }
}
