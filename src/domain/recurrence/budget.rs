//! How much work one expansion may do, and how it gives up (L-41, L-43, L-44; D-15).
//!
//! The only place in `domain` that looks at a clock, that of its own thread's work, and only to stop:
//! a machine that is busy with others refuses nobody.
//! RFC 4791, section 11: bound what a crafted rule costs.

use std::time::Duration;

use jiff::civil::DateTime;
use rustix::time::{ClockId, clock_gettime};

/// Steps between two looks at the clock (L-44).
const STEPS_PER_LOOK: u32 = 1_024;

/// The first wall-clock moment that is no longer expanded to (L-47).
pub(super) const END_OF_TIME: DateTime = DateTime::constant(2100, 1, 1, 0, 0, 0, 0);

/// What one call of the expansion may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Candidate days and instances looked at, also those that match nothing (L-43).
    pub steps: u32,
    /// Occurrences inside the window (L-41).
    pub max_instances: usize,
    /// Time that the processor works for it, looked at every 1,024 steps (L-44).
    pub cpu: Duration,
}

impl Default for Budget {
    /// The values of L-41, L-43 and L-44.
    fn default() -> Self {
        Self { steps: 100_000, max_instances: 1_000, cpu: Duration::from_millis(50) }
    }
}

/// Why an event was not expanded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpandError {
    /// More occurrences in the window than [`Budget::max_instances`] (R19, L-41).
    #[error("more than {0} occurrences")]
    TooManyInstances(usize),
    /// More candidates than [`Budget::steps`] (L-43).
    #[error("expanding takes more than {0} steps")]
    TooManySteps(u32),
    /// Longer than [`Budget::cpu`] (L-44).
    #[error("expanding takes longer than {} ms", .0.as_millis())]
    TooSlow(Duration),
    /// FREQ=HOURLY, MINUTELY or SECONDLY: never expanded (R19, L-40).
    #[error("a rule repeats more often than daily")]
    BelowDaily,
    /// No occurrence at all: everything is excluded, or there is no part (B-11).
    #[error("there is no occurrence")]
    NoInstances,
}

/// How long this thread has worked.
fn worked() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Counts down one [`Budget`].
pub(super) struct Meter {
    budget: Budget,
    steps: u32,
    next_look: u32,
    begun_at: Duration,
}

impl Meter {
    pub(super) fn new(budget: &Budget) -> Self {
        Self { budget: *budget, steps: 0, next_look: STEPS_PER_LOOK, begun_at: worked() }
    }

    /// Pays for `steps` candidates.
    pub(super) fn pay(&mut self, steps: u32) -> Result<(), ExpandError> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > self.budget.steps {
            return Err(ExpandError::TooManySteps(self.budget.steps));
        }
        if self.steps >= self.next_look {
            self.next_look = self.steps.saturating_add(STEPS_PER_LOOK);
            if worked().saturating_sub(self.begun_at) > self.budget.cpu {
                return Err(ExpandError::TooSlow(self.budget.cpu));
            }
        }
        Ok(())
    }

    /// Steps paid for so far.
    #[cfg(test)]
    pub(super) fn steps(&self) -> u32 {
        self.steps
    }
}
