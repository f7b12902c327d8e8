//! What happens by the clock: one table of jobs, and the one task that runs them.
//!
//! A job is due when its time has gone by, on the machine's clock or on the server's own, which a
//! test may move. Knows no HTTP; what a job does is a use case of `booking`. R58, R65, L-69.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::booking::{Bookings, Error};
use crate::limits::Limits;

/// How often the task looks whether something is due.
const TICK: Duration = Duration::from_secs(2);

/// One job.
struct Job {
    name: &'static str,
    every: Duration,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Tidy,
    Extend,
}

const JOBS: &[Job] = &[
    Job { name: "tidy", every: Duration::from_secs(15), what: What::Tidy },
    Job { name: "extend", every: Duration::from_secs(3600), what: What::Extend },
];

/// Runs every job at once, then each in its time, until `stop`.
pub async fn run(bookings: Bookings, limits: Arc<Limits>, stop: CancellationToken) {
    let _ = limits;
    let mut due: Vec<Instant> = JOBS.iter().map(|_| Instant::now()).collect();
    loop {
        for (job, due) in JOBS.iter().zip(&mut due) {
            if *due <= Instant::now() {
                *due = Instant::now() + job.every;
                if let Err(error) = carry_out(job.what, &bookings).await {
                    tracing::warn!(job = job.name, %error, "a job failed");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

async fn carry_out(what: What, bookings: &Bookings) -> Result<(), Error> {
    match what {
        What::Tidy => bookings.tidy().await,
        What::Extend => bookings.extend().await.map(drop),
    }
}
