//! Takes turns at password hashing: on half of the processors, a bounded queue behind (L-62).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::credentials::verify_password;
use crate::limits::Limits;

/// The queue before the processors.
pub(super) struct Hashing {
    running: Arc<Semaphore>,
    waiting: Semaphore,
    wait: Duration,
    runs: Arc<AtomicU64>,
}

/// The right to hash one password now; ends when dropped.
pub(super) struct Turn {
    permit: Arc<OwnedSemaphorePermit>,
    runs: Arc<AtomicU64>,
}

impl Hashing {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            running: Arc::new(Semaphore::new(at_once())),
            waiting: Semaphore::new(limits.hashes_waiting),
            wait: limits.hash_wait_time,
            runs: Arc::default(),
        }
    }

    /// Waits for a turn; `None` if too many wait, or it takes too long.
    pub(super) async fn turn(&self) -> Option<Turn> {
        let _waiting = self.waiting.try_acquire().ok()?;
        let permit =
            tokio::time::timeout(self.wait, Arc::clone(&self.running).acquire_owned()).await.ok()?.ok()?;
        Some(Turn { permit: Arc::new(permit), runs: Arc::clone(&self.runs) })
    }

    /// How many passwords were hashed so far.
    #[cfg(test)]
    pub(super) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// Takes every turn there is, for tests of what happens then.
    #[cfg(test)]
    pub(super) async fn occupy(&self) -> OwnedSemaphorePermit {
        let all = u32::try_from(at_once()).expect("a machine has fewer processors");
        Arc::clone(&self.running).acquire_many_owned(all).await.expect("the semaphore is never closed")
    }
}

/// Half of the processors: a flood of passwords leaves the rest to whoever is signed in, and takes half
/// of the memory.
pub(super) fn at_once() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).div_ceil(2)
}

impl Turn {
    /// Whether the password is the one that was hashed.
    ///
    /// Runs to its end on a blocking thread and keeps its turn there, also when the caller is
    /// gone. Afterwards the turn lasts until it is dropped, so that the result can be kept
    /// before the next in the queue looks for it.
    pub(super) async fn verify(&self, password: String, stored: String) -> bool {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let permit = Arc::clone(&self.permit);
        let work = move || {
            let matches = verify_password(&password, &stored);
            drop(permit);
            matches
        };
        tokio::task::spawn_blocking(work).await.unwrap_or(false)
    }
}
