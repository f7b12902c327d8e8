//! What `/metrics` says: what was counted, and what is looked at when somebody asks.
//!
//! Whoever asks costs the database one short look a second, however many they are, and is answered
//! without it where it takes too long (F-10). Everybody else counts by himself.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::booking::Bookings;
use crate::clock::Clock;
use crate::domain::reason::Reason;
use crate::domain::time::Instant as Moment;
use crate::jobs;
use crate::metrics::Metrics;
use crate::store::{Backlog, JobRow, StoreError};

/// How long the database is waited for.
const PATIENCE: Duration = Duration::from_millis(500);

/// For how long a look at the database is good.
const FRESH: Duration = Duration::from_secs(1);

/// Whoever asks for the numbers asks here.
pub(super) struct Readings {
    bookings: Bookings,
    looked_at: Mutex<Option<Instant>>,
}

impl Readings {
    pub(super) fn new(bookings: &Bookings) -> Self {
        let store = bookings.store();
        let metrics = store.metrics();
        metrics.refusals.expect(Reason::ALL.iter().map(|reason| [reason.code()]));
        metrics.decisions.expect([["accepted"], ["refused"]]);
        metrics.commits_unknown.expect([["found"], ["absent"], ["open"]]);
        metrics.build.set([([env!("CARGO_PKG_VERSION"), store.kind()], 1)]);
        metrics.started.set([([], secs(Clock::system().now()))]);
        Self { bookings: bookings.clone(), looked_at: Mutex::default() }
    }

    /// All numbers, as they are now.
    pub(super) async fn text(&self) -> String {
        let store = self.bookings.store();
        let metrics = store.metrics();
        store.look();
        look_at_process(metrics);
        match timeout(PATIENCE, self.look_at_database()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "metrics are told without the database");
                forget_database(metrics);
            }
            Err(_) => forget_database(metrics),
        }
        metrics.text()
    }

    async fn look_at_database(&self) -> Result<(), StoreError> {
        let mut looked_at = self.looked_at.lock().await;
        if looked_at.is_some_and(|at| at.elapsed() < FRESH) {
            return Ok(());
        }
        let mut snapshot = self.bookings.store().snapshot().await?;
        let mut tx = snapshot.tx();
        let (backlog, rows) = (tx.outbox().backlog().await?, tx.jobs().list().await?);
        drop(snapshot);
        let (metrics, now) = (self.bookings.store().metrics(), self.bookings.now());
        tell_backlog(metrics, backlog, now);
        tell_jobs(metrics, &rows, now);
        metrics.database_up.set([([], 1)]);
        *looked_at = Some(Instant::now());
        Ok(())
    }
}

fn tell_backlog(metrics: &Metrics, backlog: Backlog, now: Moment) {
    let Backlog { waiting, oldest, failed } = backlog;
    metrics.outbox.set([(["waiting"], waiting.unsigned_abs()), (["failed"], failed.unsigned_abs())]);
    let age = oldest.map_or(0, |oldest| secs(now).saturating_sub(secs(oldest)));
    metrics.outbox_oldest.set([([], age)]);
}

fn tell_jobs(metrics: &Metrics, rows: &[JobRow], now: Moment) {
    // A job of another version is not ours to name.
    let ours: Vec<_> = rows.iter().filter_map(|row| Some((jobs::name(&row.name)?, row))).collect();
    let each = |of: fn(&JobRow, Moment) -> Option<u64>| {
        ours.iter().filter_map(move |(name, row)| Some(([*name], of(row, now)?))).collect::<Vec<_>>()
    };
    metrics.jobs_running.set(each(|row, now| Some(u64::from(row.leased_until.is_some_and(|end| end > now)))));
    metrics.jobs_failed.set(each(|row, _| Some(u64::from(row.has_failed()))));
    metrics.jobs_ended.set(each(|row, _| row.ended_at.map(secs)));
    metrics.jobs_due.set(each(|row, _| Some(secs(row.next_at))));
}

fn forget_database(metrics: &Metrics) {
    metrics.outbox.set([]);
    metrics.outbox_oldest.set([]);
    for of_jobs in [&metrics.jobs_running, &metrics.jobs_failed, &metrics.jobs_ended, &metrics.jobs_due] {
        of_jobs.set([]);
    }
    metrics.database_up.set([([], 0)]);
}

/// Memory and open files; nothing where the system does not show its processes as files.
fn look_at_process(metrics: &Metrics) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next());
    let bytes = resident.and_then(|kib| kib.parse::<u64>().ok()).map(|kib| ([], kib * 1024));
    metrics.memory.set(bytes);
    let open = std::fs::read_dir("/proc/self/fd").ok().map(|files| ([], files.count() as u64));
    metrics.open_files.set(open);
}

/// Before 1970 nothing is.
fn secs(at: Moment) -> u64 {
    u64::try_from(at.secs()).unwrap_or(0)
}
