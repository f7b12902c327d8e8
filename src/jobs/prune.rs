//! Forgetting what is older than it is kept (L-69), in transactions that nobody waits for long.

use std::time::Duration;

use crate::booking::Bookings;
use crate::domain::id::CalendarId;
use crate::domain::time::Instant;
use crate::limits::Limits;
use crate::store::{StoreError, Tx, Work};

/// Rows that go in one transaction.
const BATCH: i64 = 5_000;

/// The key in `meta` for the time from which on every change has its audit row.
const AUDIT_FROM: &str = "audit_from";

/// Forgets changes of calendars, but leaves each the last `changes_kept`.
pub(super) async fn changes(bookings: &Bookings, limits: &Limits) -> Result<(), StoreError> {
    let before = earlier(bookings.now(), limits.change_time);
    let kept = i64::try_from(limits.changes_kept).unwrap_or(i64::MAX);
    let calendars = bookings.store().snapshot().await?.tx().calendars().list().await?;
    for calendar in calendars {
        let held = calendar.stamp.seq.get() - calendar.pruned_below.get();
        let mut spare = held.saturating_sub(kept);
        while spare > 0 {
            let limit = spare.min(BATCH);
            let gone = bookings.store().write(PruneChanges { calendar: calendar.id, before, limit }).await?;
            // Fewer than asked for: the rest is young.
            spare = if gone < limit.unsigned_abs() { 0 } else { spare - limit };
        }
    }
    Ok(())
}

/// Forgets decisions.
pub(super) async fn audit(bookings: &Bookings, limits: &Limits) -> Result<(), StoreError> {
    let before = earlier(bookings.now(), limits.audit_time);
    while bookings.store().write(PruneAudit { before }).await? == BATCH.unsigned_abs() {}
    Ok(())
}

/// Forgets what other programs handed in, as long after it was decided as decisions are kept.
pub(super) async fn requests(bookings: &Bookings, limits: &Limits) -> Result<(), StoreError> {
    if !bookings.store().snapshot().await?.tx().requests().are_there().await? {
        return Ok(());
    }
    let before = earlier(bookings.now(), limits.audit_time);
    while bookings.store().write(PruneRequests { before }).await? == BATCH.unsigned_abs() {}
    Ok(())
}

/// Forgets messages to people.
pub(super) async fn notices(bookings: &Bookings, limits: &Limits) -> Result<(), StoreError> {
    bookings.prune_notices(earlier(bookings.now(), limits.notice_time)).await
}

fn earlier(now: Instant, time: Duration) -> Instant {
    now.plus(-i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

struct PruneChanges {
    calendar: CalendarId,
    before: Instant,
    limit: i64,
}

impl Work for PruneChanges {
    type Done = u64;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        tx.lock_in_order(&[], &[self.calendar]).await?;
        tx.changes().prune(self.calendar, self.before, self.limit).await
    }
}

struct PruneRequests {
    before: Instant,
}

impl Work for PruneRequests {
    type Done = u64;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        tx.requests().prune(self.before, BATCH).await
    }
}

struct PruneAudit {
    before: Instant,
}

impl Work for PruneAudit {
    type Done = u64;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        let gone = tx.audit().prune(self.before, BATCH).await?;
        if gone > 0 {
            // Never earlier than it was: by a clock that has been set back.
            let known = tx.meta().get(AUDIT_FROM).await?.and_then(|known| known.parse().ok());
            let from = self.before.secs().max(known.unwrap_or(i64::MIN));
            tx.meta().set(AUDIT_FROM, &from.to_string()).await?;
        }
        Ok(gone)
    }
}
