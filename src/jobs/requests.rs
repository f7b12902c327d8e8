//! The task that works off what other programs hand in, as soon as something is noticed.
//!
//! Not by the table of jobs: a lease would delay a row by as long as a server that died had taken it. Every
//! server looks; who takes a row first in the transaction that decides has it. A notification wakes the task
//! early, and it looks by itself every second, so that nothing hangs on one. B-68, L-67.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::booking::{Bookings, Handled};
use crate::limits::Limits;
use crate::store::{Asked, Hints, Request, StoreError};

/// How often the task looks whatever it is told.
const TICK: Duration = Duration::from_secs(1);

/// How soon it looks again while another server is at work.
const BESIDE: Duration = Duration::from_millis(100);

/// Decides about rows as they come, until `stop`.
pub async fn run(bookings: Bookings, limits: Arc<Limits>, stop: CancellationToken) {
    let mut hints = None;
    while !stop.is_cancelled() {
        // Before it looks, so that nothing comes unnoticed in between.
        if hints.is_none() {
            hints = listen(&bookings).await;
        }
        let pause = match round(&bookings, &limits, &stop).await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::warn!(%error, "requests of other programs wait");
                TICK
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = wait(&mut hints, pause) => {}
        }
    }
}

async fn listen(bookings: &Bookings) -> Option<Hints> {
    let hints = bookings.store().hints().await;
    hints.inspect_err(|error| tracing::warn!(%error, "requests are looked for every second only")).ok()
}

/// Waits until something may have come, and at most for `pause`.
async fn wait(hints: &mut Option<Hints>, pause: Duration) {
    let is_lost = match hints {
        Some(hints) => hints.wait(pause).await.is_err(),
        None => {
            tokio::time::sleep(pause).await;
            false
        }
    };
    if is_lost {
        tracing::debug!("the connection that notices requests is lost");
        *hints = None;
        tokio::time::sleep(BESIDE).await;
    }
}

/// Decides about what waits, one row after the other by their numbers; gives when to look again.
async fn round(
    bookings: &Bookings,
    limits: &Limits,
    stop: &CancellationToken,
) -> Result<Duration, StoreError> {
    let at_once = i64::try_from(limits.rows_at_once).unwrap_or(i64::MAX);
    loop {
        let rows = bookings.waiting_requests(at_once).await?;
        if rows.is_empty() || is_disk_full(bookings, limits) {
            return Ok(TICK);
        }
        let mut decided = 0;
        let mut held = HashSet::new();
        for row in &rows {
            if stop.is_cancelled() {
                return Ok(TICK);
            }
            // What waits for one room keeps its order.
            if room(row).is_some_and(|room| held.contains(room)) {
                continue;
            }
            match decide(bookings, row).await? {
                Handled::Decided => decided += 1,
                Handled::PutOff => held.extend(room(row)),
                // Whoever is there goes through the others too, in their order.
                Handled::Elsewhere => return Ok(BESIDE),
            }
        }
        if decided == 0 {
            return Ok(TICK);
        }
    }
}

/// The room that a row asks for.
fn room(row: &Request) -> Option<&str> {
    match &row.asked {
        Asked::Book { room, .. } => Some(room),
        Asked::Cancel { .. } => None,
    }
}

/// A room that somebody holds for too long is no reason to let the others wait; a database that is gone is.
async fn decide(bookings: &Bookings, row: &Request) -> Result<Handled, StoreError> {
    match bookings.decide_request(row).await {
        Err(StoreError::Unavailable(cause)) => {
            bookings.store().ping().await?;
            tracing::warn!(request = row.id, cause, "a request waits");
            Ok(Handled::PutOff)
        }
        done => done,
    }
}

/// L-67: nothing new is taken then.
fn is_disk_full(bookings: &Bookings, limits: &Limits) -> bool {
    let free = bookings.store().free_bytes();
    free.is_some_and(|free| free < limits.free_disk_bytes as u64)
}
