//! The requests that go side by side on one HTTP/2 connection, and when it has had its time.
//!
//! `hyper` asks a body for more only when the peer has room for it, and an idle peer that answers
//! pings stays for ever: so the requests in hand are counted, and when each last got on.
//! Knows no frames. RFC 9113, sections 5.2 and 9.1; L-06, L-08.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::limits::Limits;

/// The requests in hand on one connection.
#[derive(Debug)]
pub(super) struct Streams {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    next: u64,
    /// When each answer that was begun last got on; `None` while it is being made, which has a
    /// time of its own (L-07).
    in_hand: BTreeMap<u64, Option<Instant>>,
    idle_since: Instant,
}

/// One request's place; it is in hand until this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    streams: Arc<Streams>,
    number: u64,
}

impl Streams {
    pub(super) fn new() -> Arc<Self> {
        let inner = Inner { next: 0, in_hand: BTreeMap::new(), idle_since: Instant::now() };
        Arc::new(Self { inner: Mutex::new(inner) })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here can be half done.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(self: &Arc<Self>) -> Seat {
        let mut inner = self.lock();
        let number = inner.next;
        inner.next += 1;
        inner.in_hand.insert(number, None);
        Seat { streams: Arc::clone(self), number }
    }

    /// Ends when the connection was idle too long (L-06), or the peer took nothing of an answer
    /// for too long (L-08).
    pub(super) async fn had_their_time(&self, limits: &Limits) {
        loop {
            let due = self.due(limits);
            if due <= Instant::now() {
                return;
            }
            // What happens meanwhile only moves the time on, or begins a new one that is not shorter
            // than this.
            sleep_until(due.min(Instant::now() + shorter(limits))).await;
        }
    }

    fn due(&self, limits: &Limits) -> Instant {
        let inner = self.lock();
        if inner.in_hand.is_empty() {
            return inner.idle_since + limits.idle_time;
        }
        let oldest = inner.in_hand.values().flatten().min();
        oldest.map_or_else(|| Instant::now() + shorter(limits), |oldest| *oldest + limits.write_stall_time)
    }
}

fn shorter(limits: &Limits) -> Duration {
    limits.idle_time.min(limits.write_stall_time)
}

impl Seat {
    /// The answer is handed over, or the peer has taken a piece of it.
    pub(super) fn got_on(&self) {
        self.streams.lock().in_hand.insert(self.number, Some(Instant::now()));
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inner = self.streams.lock();
        inner.in_hand.remove(&self.number);
        inner.idle_since = Instant::now();
    }
}
