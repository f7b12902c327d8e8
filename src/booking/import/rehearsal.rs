//! Trying writes without keeping them: one transaction that runs them all and is never committed.

use std::sync::Arc;

use crate::booking::Bookings;
use crate::booking::error::Error;
use crate::booking::outcome::Outcome;
use crate::booking::put::{Put, PutWork};
use crate::booking::scene::Locks;
use crate::store::{StoreError, Tx, Work};

type Results = Vec<Result<Outcome, Error>>;

impl Bookings {
    /// What would become of these writes, one after the other. Nothing is changed.
    ///
    /// # Errors
    /// When the database cannot say.
    pub(super) async fn rehearse(&self, puts: Vec<Put>) -> Result<Results, StoreError> {
        let mut tries: Vec<Try> = Vec::with_capacity(puts.len());
        let mut locks = Locks::default();
        for put in puts {
            let now = self.now();
            let prepared = match put.explained(&self.bounds) {
                Ok(put) => self.prepare(&put, now).await.map(|prepared| (put, prepared)),
                Err(error) => Err(error),
            };
            match prepared {
                Ok((put, prepared)) => {
                    locks = locks.and(&prepared.locks);
                    let bounds = Arc::clone(&self.bounds);
                    tries.push(Try::Write(Box::new(PutWork { put, prepared, bounds, now, cancels: None })));
                }
                Err(Error::Store(error)) => return Err(error),
                Err(error) => tries.push(Try::Hopeless(error)),
            }
        }
        match self.store.write(Rehearsal { tries, locks }).await {
            Ok(never) => match never {},
            Err(End::Done(results)) => Ok(results),
            Err(End::Failed(error)) => Err(error),
        }
    }
}

enum Try {
    Write(Box<PutWork>),
    /// It was refused before it came to a transaction.
    Hopeless(Error),
}

struct Rehearsal {
    tries: Vec<Try>,
    locks: Locks,
}

/// How a rehearsal ends: always as an error, which undoes everything.
enum End {
    Done(Results),
    Failed(StoreError),
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// There is nothing to commit.
enum Never {}

impl Work for Rehearsal {
    type Done = Never;
    type Error = End;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Never, End> {
        tx.lock_in_order(&self.locks.spaces, &self.locks.calendars).await?;
        let mut results = Results::with_capacity(self.tries.len());
        for one in &self.tries {
            results.push(match one {
                Try::Hopeless(error) => Err(error.clone()),
                Try::Write(work) => match work.run_locked(tx).await {
                    Err(Error::Store(error)) => return Err(End::Failed(error)),
                    Err(Error::Moved) => {
                        return Err(End::Failed(StoreError::Retry("the room changed meanwhile".to_owned())));
                    }
                    done => done,
                },
            });
        }
        Err(End::Done(results))
    }
}
