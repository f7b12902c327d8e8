//! Push messages, without their sending: who is registered for which calendar, and what there is to
//! tell (WebDAV-Push).
//!
//! A device is told that a calendar changed, never what; it then looks with its own rights. Whoever
//! may not see a calendar any more is told nothing and loses the registration. Knows no XML, no
//! encryption and no sockets.

use sha2::{Digest as _, Sha256};

use crate::domain::id::{CalendarId, UserId};
use crate::domain::time::Instant;
use crate::store::{CalendarOwner, DuePush, NewRegistration, StoreError, Tx, Work};

use super::Bookings;
use super::access::room_state;
use super::actor::{person, persons_of};
use super::mask::new_key;
use super::refuse::hex;

/// How long one server may take for a message before another one may send it, in seconds.
pub const LEASE_SECS: i64 = 60;

/// The shortest pause between two messages to one device about one calendar, in seconds: what
/// changes meanwhile is told by one message.
const PAUSE_SECS: i64 = 5;

/// The first and the longest wait after a message that did not arrive, in seconds.
const WAIT_SECS: (i64, i64) = (30, 3_600);

/// After so many tries in a row the device is taken to be gone.
const MAX_FAILURES: i64 = 12;

/// A calendar's topic: the same for everybody who may see it, and telling nothing else.
#[must_use]
pub fn push_topic(secret: &[u8; 32], calendar: CalendarId) -> String {
    let mut hash = Sha256::new();
    hash.update(secret);
    hash.update(b"push topic");
    hash.update(calendar.get().to_be_bytes());
    hex(&hash.finalize())
}

/// A message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushMessage {
    /// What it is about and where it goes.
    pub due: DuePush,
    /// The calendar's topic.
    pub topic: String,
}

/// How sending a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The push service took it.
    Done,
    /// It may work later, after so many seconds if the service said when.
    Later(Option<i64>),
    /// There is nobody behind it any more, or it must not be sent to.
    Gone,
}

impl Bookings {
    /// Registers a device for the changes of a calendar that its user may see, or renews it; gives
    /// the token that names the registration. `most`: registrations that one person may have.
    ///
    /// # Errors
    /// When the database cannot answer. `Ok(None)` if there are too many.
    pub async fn register_push(
        &self,
        mut new: NewRegistration,
        most: i64,
    ) -> Result<Option<String>, StoreError> {
        new.token = new_key();
        self.store.write(Register { new, most, now: self.now() }).await
    }

    /// Ends a registration of this person; false if there is none.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn unregister_push(&self, user: UserId, token: &str) -> Result<bool, StoreError> {
        self.store.write(Unregister { user, token: token.to_owned(), now: self.now() }).await
    }

    /// What is due now, at most `limit`. Nothing is written: mostly there is nothing.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn due_pushes(&self, limit: i64) -> Result<Vec<DuePush>, StoreError> {
        let mut snapshot = self.store.snapshot().await?;
        snapshot.tx().push().due(self.now(), limit).await
    }

    /// Takes one message to send it at once: for [`LEASE_SECS`] nobody else gets it. `None` if there
    /// is nothing to send any more, or nothing that its reader may know.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn take_push(&self, due: DuePush) -> Result<Option<PushMessage>, StoreError> {
        self.store.write(Take { due, now: self.now() }).await
    }

    /// Notes how a message fared.
    ///
    /// # Errors
    /// When the database cannot answer; then the message is sent again.
    pub async fn pushed(&self, due: DuePush, delivery: Delivery) -> Result<(), StoreError> {
        self.store.write(Settle { due, delivery, now: self.now() }).await
    }

    /// Forgets registrations that have expired.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn prune_pushes(&self) -> Result<(), StoreError> {
        while self.store.write(Prune(self.now())).await? == BATCH.unsigned_abs() {}
        Ok(())
    }
}

/// Rows that go in one transaction.
const BATCH: i64 = 1_000;

struct Prune(Instant);

impl Work for Prune {
    type Done = u64;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        tx.push().prune(self.0, BATCH).await
    }
}

struct Register {
    new: NewRegistration,
    most: i64,
    now: Instant,
}

impl Work for Register {
    type Done = Option<String>;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<String>, StoreError> {
        if tx.push().others(&self.new, self.now).await? >= self.most {
            return Ok(None);
        }
        tx.push().register(&self.new, self.now).await.map(Some)
    }
}

struct Unregister {
    user: UserId,
    token: String,
    now: Instant,
}

impl Work for Unregister {
    type Done = bool;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        tx.push().unregister(self.user, &self.token, self.now).await
    }
}

struct Take {
    due: DuePush,
    now: Instant,
}

impl Work for Take {
    type Done = Option<PushMessage>;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<PushMessage>, StoreError> {
        let secret = tx.meta().secret().await?;
        let due = &self.due;
        if !sees(tx, due.user, due.calendar).await? {
            tx.push().remove(due.id).await?;
            return Ok(None);
        }
        let is_ours = tx.push().lease(due, self.now, self.now.plus(LEASE_SECS)).await?;
        let message = || PushMessage { due: due.clone(), topic: push_topic(&secret, due.calendar) };
        Ok(is_ours.then(message))
    }
}

/// Whether a person can sign in and sees a calendar.
async fn sees(tx: &mut Tx<'_>, user: UserId, calendar: CalendarId) -> Result<bool, StoreError> {
    let Some(actor) = person(tx, user).await? else { return Ok(false) };
    let Some(calendar) = tx.calendars().get(calendar).await? else { return Ok(false) };
    match calendar.owner {
        CalendarOwner::Person(owner) if actor.is(owner) => Ok(true),
        // For somebody who is locked out nobody acts.
        CalendarOwner::Person(owner) => {
            Ok(actor.access_for(owner).is_some() && person(tx, owner).await?.is_some())
        }
        CalendarOwner::Room(room) => {
            // In the home of somebody for whom he acts he sees that one's rooms.
            let persons = persons_of(tx, &actor).await?;
            for as_whom in std::iter::once(&actor).chain(&persons) {
                if room_state(tx, room, as_whom).await?.is_some_and(|room| room.is_visible()) {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

struct Settle {
    due: DuePush,
    delivery: Delivery,
    now: Instant,
}

impl Work for Settle {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let due = &self.due;
        match self.delivery {
            Delivery::Done => tx.push().delivered(due, self.now.plus(PAUSE_SECS)).await,
            Delivery::Later(_) if due.failures + 1 >= MAX_FAILURES => tx.push().remove(due.id).await,
            Delivery::Later(asked) => {
                let wait = asked.unwrap_or(0).max(backoff(due.failures)).min(WAIT_SECS.1);
                tx.push().failed(due.id, self.now.plus(wait)).await
            }
            Delivery::Gone => tx.push().remove(due.id).await,
        }
    }
}

/// Twice as long each time.
fn backoff(failures: i64) -> i64 {
    let (first, most) = WAIT_SECS;
    first.saturating_mul(1 << failures.clamp(0, 16)).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_until_an_hour() {
        let waits: Vec<i64> = (0..9).map(backoff).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        assert_eq!(backoff(i64::MAX), 3_600);
    }

    #[test]
    fn a_topic_is_of_one_calendar_and_one_server() {
        let topic = |secret: u8, calendar| push_topic(&[secret; 32], CalendarId::new(calendar));
        assert_eq!(topic(1, 1), topic(1, 1));
        assert_ne!(topic(1, 1), topic(1, 2));
        assert_ne!(topic(1, 1), topic(2, 1));
        assert_eq!(topic(1, 1).len(), 32);
    }
}
