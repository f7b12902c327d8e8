//! Writing: works, and the one way to run them.
//!
//! SQLite has one writer, a task that owns its connection and commits what waits together
//! (`sqlite.rs`). PostgreSQL runs works side by side and repeats those that got into each
//! other's way (`postgres.rs`). Either way a work runs to its end once it has begun, also when
//! its caller has gone. R142, R143.

use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::error::StoreError;
use super::tally::Tally;
use super::tx::Tx;
use super::{Backend, Store, postgres};
use crate::metrics::Metrics;

/// Something that happens in one writing transaction.
///
/// `run` may be called more than once, so it changes nothing but the database; what it needs of
/// the outside it has been told before, and it waits for nothing but the database.
pub trait Work: Send + Sync + 'static {
    /// What comes of it.
    type Done: Send + 'static;
    /// Why it was not done; then nothing is kept.
    type Error: From<StoreError> + Send + 'static;

    /// Does it. `Ok` asks for the commit.
    fn run(&self, tx: &mut Tx<'_>) -> impl Future<Output = Result<Self::Done, Self::Error>> + Send;
}

impl Store {
    /// Runs a work in a transaction of its own and commits it; returns when it is on the disk.
    ///
    /// Waits for others, and repeats the work where the database asks for it. A dropped caller
    /// does not stop a work that has been handed over. On PostgreSQL the second line against
    /// overlap is looked at with the commit, so `Overlap` may come after `run` has returned `Ok`.
    ///
    /// # Errors
    /// The work's own error, or a [`StoreError`] in its words; in each case nothing was changed,
    /// but for `Unavailable` when the answer to the commit was lost and could not be found out.
    pub async fn write<W: Work>(&self, work: W) -> Result<W::Done, W::Error> {
        match &self.inner.backend {
            Backend::Sqlite(database) => {
                let (answer, answered) = oneshot::channel();
                let metrics = Arc::clone(&self.inner.metrics);
                let task = Task { work, result: None, tally: Tally::default(), metrics, answer };
                if let Err(error) = database.hand_over(Box::new(task)) {
                    return Err(error.into());
                }
                answered.await.unwrap_or_else(|_| Err(stopped().into()))
            }
            Backend::Postgres(database) => {
                let database = database.clone();
                let running = tokio::spawn(async move { postgres::write(&database, &work).await });
                running.await.unwrap_or_else(|cause| Err(broken_off(&cause.to_string()).into()))
            }
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the server is stopping".to_owned())
}

pub(super) fn broken_off(cause: &str) -> StoreError {
    tracing::error!(cause, "a work broke off");
    StoreError::Inconsistent("a work broke off".to_owned())
}

/// A work whose kind has been forgotten, on its way through the writer of SQLite.
pub(super) trait Job: Send {
    /// Runs the work and keeps its result; an `Err` is one that the transaction itself had.
    fn run<'j>(&'j mut self, tx: &'j mut Tx<'_>) -> Pin<Box<dyn Future<Output = Ran> + Send + 'j>>;

    /// Tells the caller: the kept result, or this failure of all that was to be committed.
    fn answer(self: Box<Self>, failure: Option<StoreError>);
}

/// What to do with what a work wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ran {
    Keep,
    Undo,
}

struct Task<W: Work> {
    work: W,
    result: Option<Result<W::Done, W::Error>>,
    tally: Tally,
    metrics: Arc<Metrics>,
    answer: oneshot::Sender<Result<W::Done, W::Error>>,
}

impl<W: Work> Job for Task<W> {
    fn run<'j>(&'j mut self, tx: &'j mut Tx<'_>) -> Pin<Box<dyn Future<Output = Ran> + Send + 'j>> {
        Box::pin(async move {
            let result = run(&self.work, tx).await;
            let ran = if result.is_ok() { Ran::Keep } else { Ran::Undo };
            self.result = Some(result);
            self.tally = std::mem::take(&mut tx.tally);
            ran
        })
    }

    fn answer(self: Box<Self>, failure: Option<StoreError>) {
        let result = match (self.result, failure) {
            // Refused by itself: how the others fared makes no difference.
            (Some(Err(error)), _) => Err(error),
            (_, Some(failure)) => Err(failure.into()),
            (Some(Ok(done)), None) => {
                self.tally.count(&self.metrics);
                Ok(done)
            }
            (None, None) => Err(broken_off("it never ran").into()),
        };
        // A caller who has gone does not want to know.
        let _ = self.answer.send(result);
    }
}

/// Runs a work, and writes down what it decided; a transaction that had trouble cannot be kept, whatever the work says.
pub(super) async fn run<W: Work>(work: &W, tx: &mut Tx<'_>) -> Result<W::Done, W::Error> {
    let done = work.run(tx).await?;
    tx.audit().flush().await?;
    match &tx.trouble {
        None => Ok(done),
        Some(trouble) => Err(trouble.clone().into()),
    }
}
