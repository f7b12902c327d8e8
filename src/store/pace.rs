//! How long the database may take, for those who wait for it.
//!
//! A line to PostgreSQL that was cut without a word is noticed by us alone: the server's own times do not
//! reach us then (F-10).

use std::io;
use std::time::{Duration, Instant};

use tokio::time::timeout;

/// How long we wait for a connection to PostgreSQL, and for the answer to a statement: whoever asked us is
/// told within five seconds (F-10).
pub(super) const MAX_SILENCE: Duration = Duration::from_secs(4);

/// How long one transaction, and each of its statements, may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// When nothing is answered any more.
    ends_at: Option<Instant>,
    /// How long PostgreSQL may take over one statement.
    patience: Duration,
}

impl Pace {
    /// Of what somebody waits for.
    pub(super) const USUAL: Self = Self { ends_at: None, patience: MAX_SILENCE };

    /// Of what nobody waits for.
    pub(super) const FREE: Self = Self { ends_at: None, patience: Duration::MAX };

    /// The usual one, until then.
    pub(super) fn until(ends_at: Option<Instant>) -> Self {
        Self { ends_at, ..Self::USUAL }
    }

    /// Whether the time is up.
    pub(super) fn is_over(self) -> bool {
        self.ends_at.is_some_and(|end| end <= Instant::now())
    }

    /// What PostgreSQL answers to a statement, in its time.
    pub(super) async fn hold<T>(
        self,
        asked: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        in_time(self.patience, asked).await
    }
}

/// What is answered when the time is up.
pub(super) fn too_late() -> sqlx::Error {
    late("a snapshot was read for too long")
}

/// What PostgreSQL answers, or an error where it says nothing for so long.
pub(super) async fn in_time<T>(
    patience: Duration,
    asked: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(patience, asked).await.unwrap_or_else(|_| Err(late("PostgreSQL said nothing in time")))
}

fn late(text: &'static str) -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, text))
}
