//! What time it is: the system's clock, or one that a test sets.
//!
//! The only place that asks. Everything below `booking` is told the time.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::time::Instant;

/// A source of the present moment. Cheap to clone; clones agree.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    File(PathBuf),
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// The RFC 3339 instant in a file, read again whenever it is asked (`--test-clock`).
    #[must_use]
    pub fn file(path: PathBuf) -> Self {
        Self(Source::File(path))
    }

    /// Stands still until [`Clock::set`].
    #[must_use]
    pub fn fixed(at: Instant) -> Self {
        Self(Source::Set(Arc::new(AtomicI64::new(at.secs()))))
    }

    /// Moves a fixed clock and all its clones; does nothing to the others.
    pub fn set(&self, at: Instant) {
        if let Source::Set(secs) = &self.0 {
            secs.store(at.secs(), Ordering::SeqCst);
        }
    }

    /// Now. A test clock's file that cannot be read counts as the machine's clock, with a warning.
    #[must_use]
    pub fn now(&self) -> Instant {
        match &self.0 {
            Source::System => Instant::from(jiff::Timestamp::now()),
            Source::Set(secs) => Instant::from_secs(secs.load(Ordering::SeqCst)),
            Source::File(path) => read(path).unwrap_or_else(|cause| {
                tracing::warn!(path = %path.display(), cause, "cannot read the test clock");
                Instant::from(jiff::Timestamp::now())
            }),
        }
    }
}

fn read(path: &std::path::Path) -> Result<Instant, String> {
    let text = std::fs::read_to_string(path).map_err(|cause| cause.to_string())?;
    text.trim().parse::<jiff::Timestamp>().map(Instant::from).map_err(|cause| cause.to_string())
}
