//! Messages to rooms (RFC 5546): what a mailbox, or another way in, hands over. A message counts if it is
//! verified who sent it and that this one speaks for the organizer; then it is the same request as an
//! invitation by an event of the organizer's own, which it becomes.
//!
//! `letter` finds out who writes to which room, `request` asks for rooms, `cancel` gives them back, `others`
//! has the methods that book nothing, `reply` is a manager's answer, `guest` whoever has no account.
//! A message to a pool is one to the room that the pool sends. `answer` writes what a room says
//! into the outbox, also where it changes its mind later; `ignore` notes what was not acted on.
//! Knows no mail: whoever calls has parsed it, and says who the verified sender is.
//! Booking rules, sections 4, 11 and 15: R7, R25, R26, R32, R85, R86, R124, R125.

mod answer;
mod cancel;
mod guest;
mod ignore;
mod letter;
mod others;
mod reply;
mod request;

use bytes::Bytes;

use crate::domain::attendee::{Address, PartStat};
use crate::domain::id::Slug;
use crate::ical::scheduling::Incoming;
use crate::store::{self, StoreError, Tx, Work};

use super::error::Error;
use super::{Bookings, MAX_TRIES};
use letter::{Letter, Opened};

pub(super) use answer::{Correspondence, Heard};
pub(super) use cancel::bury;

/// A message to a room. What comes first is taken first (R7): its own date says nothing.
#[derive(Clone, Debug)]
pub struct Received {
    /// iCalendar text with a METHOD.
    pub text: Bytes,
    /// The address at which it arrived; `None`: the rooms are those that it invites.
    pub to: Option<Address>,
    /// Who is verified to have sent it; `None`: nobody is.
    pub sender: Option<Address>,
    /// The identity of the mail, for the audit.
    pub message_id: Option<String>,
}

/// What came of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// Judged: what each room said, in the order of their keys.
    Answered(Vec<(Slug, PartStat)>),
    /// The room is not asked for any more.
    Cancelled,
    /// A manager decided about what waited (R73).
    Decided,
    /// Something else was answered: the METHOD of that.
    Replied(&'static str),
    /// Nothing was done.
    Ignored {
        /// The rule that says so.
        rule: &'static str,
        /// Why, for the audit.
        why: String,
    },
}

impl Bookings {
    /// Takes a message to a room.
    ///
    /// # Errors
    /// `Invalid` for what is no message: nobody is answered. What a message asks and does not get is
    /// no error: it is declined.
    pub async fn receive(&self, received: Received) -> Result<Receipt, Error> {
        let incoming = Incoming::read(received.text.clone(), &self.bounds.ical)?;
        for tries in 1..=MAX_TRIES {
            match Box::pin(self.hear(&received, &incoming, tries == MAX_TRIES)).await {
                Err(Error::Moved | Error::Stale) => {}
                done => return done,
            }
        }
        Err(Error::Store(StoreError::Retry("it kept changing".to_owned())))
    }

    async fn hear(&self, received: &Received, incoming: &Incoming, is_last: bool) -> Result<Receipt, Error> {
        if incoming.method == "REPLY" {
            return Box::pin(self.replied(received, incoming)).await;
        }
        let mut snapshot = self.store.snapshot().await?;
        let about = (&*self.bounds, self.now());
        let opened = Box::pin(Letter::open(&mut snapshot.tx(), received, incoming, about)).await?;
        drop(snapshot);
        let mut letter = match opened {
            Opened::Letter(letter) => letter,
            Opened::Ignored(ignored) => return self.ignore(received, incoming, ignored).await,
        };
        if is_last {
            // Something else than somebody faster is in the way.
            letter.hopes_for.clear();
        }
        match incoming.method.as_str() {
            "REQUEST" => Box::pin(self.request(&letter)).await,
            "ADD" => Box::pin(self.add(&letter)).await,
            "CANCEL" => Box::pin(self.called_off(&letter)).await,
            "REFRESH" => self.refresh(&letter).await,
            _ => self.counter(&letter).await,
        }
    }
}

/// Notes a message of which nothing is written: later ones are held against it (R32, R85).
struct Remembering(store::Heard);

impl Work for Remembering {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.received().remember(&self.0).await
    }
}
