//! Removing what uploads, replaced files and events that are gone leave behind.
//!
//! An attachment that no event names is noted first, and forgotten when it was noted for an hour: the
//! event may come back. A body that no file and no attachment has is noted and removed in the same
//! way: an upload may still be about to bind it, and somebody may still be reading it.

use crate::domain::time::Instant;
use crate::store::{BodyId, Store, StoreError, Tx, Work};

/// Longer than nearly any upload or download takes; what is bound meanwhile stays.
const GRACE_SECS: i64 = 3600;

/// Bodies that are noted in one transaction.
const BATCH: i64 = 1_000;

/// Pieces that go in one transaction, for which others wait.
const PIECES: i64 = 16;

/// Notes what is bound nowhere, removes what was noted long ago, and forgets locks that have ended.
/// How many bodies were removed.
///
/// # Errors
/// When the database cannot answer; what was done until then stays done.
pub async fn tidy(store: &Store, now: Instant) -> Result<u64, StoreError> {
    let before = now.plus(-GRACE_SECS);
    let mut removed = 0;
    store.write(PruneLocks { now }).await?;
    store.write(Unused { before, now }).await?;
    while let Some((id, last)) = abandoned(store, before).await? {
        let mut from = last + 1;
        loop {
            from = (from - PIECES).max(0);
            store.write(Remove { id, from }).await?;
            if from == 0 {
                break;
            }
        }
        removed += 1;
    }
    while store.write(Note { before, now }).await? == BATCH.unsigned_abs() {}
    Ok(removed)
}

async fn abandoned(store: &Store, before: Instant) -> Result<Option<(BodyId, i64)>, StoreError> {
    store.snapshot().await?.tx().bodies().abandoned(before).await
}

struct PruneLocks {
    now: Instant,
}

impl Work for PruneLocks {
    type Done = u64;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        tx.locks().prune(self.now).await
    }
}

/// What no event names any more, and was noted so long ago: its body is bound nowhere then.
struct Unused {
    before: Instant,
    now: Instant,
}

impl Work for Unused {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.attachments().remove_unused(self.before).await?;
        tx.attachments().note_unused(self.now).await
    }
}

struct Remove {
    id: BodyId,
    from: i64,
}

impl Work for Remove {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.bodies().remove(self.id, self.from).await
    }
}

struct Note {
    before: Instant,
    now: Instant,
}

impl Work for Note {
    type Done = u64;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        tx.bodies().note_unbound(self.before, self.now, BATCH).await
    }
}
