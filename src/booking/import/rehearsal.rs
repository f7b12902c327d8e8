//! Trying writes without keeping them: one transaction that runs them all and is never committed.

use std::sync::Arc;

use crate::booking::Bookings;
use crate::booking::error::Error;
use crate::booking::put::{Put, PutWork};
use crate::booking::scene::Locks;
use crate::domain::id::{ReservationId, RoomId};
use crate::store::{StoreError, Tx, Work};

use super::imagined::Imagined;
use super::trial::{Tried, tried};

type Results = Vec<Result<Tried, Error>>;

impl Bookings {
    /// What would become of these writes, one after the other, after what is imagined already. Nothing is
    /// changed.
    ///
    /// # Errors
    /// When the database cannot say.
    pub(super) async fn rehearse(
        &self,
        puts: Vec<Put>,
        room: RoomId,
        imagined: &Arc<Imagined>,
    ) -> Result<Results, StoreError> {
        let mut tries: Vec<Try> = Vec::with_capacity(puts.len());
        let mut locks = Locks::default();
        for put in puts {
            let put = Put { imagined: Some(Arc::clone(imagined)), ..put };
            let work = match put.explained(&self.bounds) {
                Ok(put) => Box::pin(self.work_of(&put, true)).await,
                Err(error) => Err(error),
            };
            match work {
                Ok(work) => {
                    locks = locks.and(&work.prepared.locks);
                    tries.push(Try::Write(Box::new(work)));
                }
                Err(Error::Store(error)) => return Err(error),
                Err(error) => tries.push(Try::Hopeless(error)),
            }
        }
        let rewritten = imagined.rewritten.clone();
        match self.store.write(Rehearsal { tries, locks, room, rewritten }).await {
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
    room: RoomId,
    /// What these have is imagined elsewhere by now.
    rewritten: Vec<ReservationId>,
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
        for reservation in &self.rewritten {
            tx.occurrences().free(*reservation).await?;
        }
        let mut results = Results::with_capacity(self.tries.len());
        for one in &self.tries {
            results.push(match one {
                Try::Hopeless(error) => Err(error.clone()),
                Try::Write(work) => match Box::pin(tried(tx, work, self.room)).await {
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
