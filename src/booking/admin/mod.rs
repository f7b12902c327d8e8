//! Looking after the house: people, groups, rooms, grants and settings.
//!
//! Each command is one transaction that looks at what is there before it changes anything, so
//! that a refusal is a sentence and not a broken constraint. Nothing here decides about a
//! reservation; what would take a room away from one is refused with the list of them.
//! Booking rules, sections 12, 16 and 19.

mod delegates;
mod future;
mod grants;
mod groups;
mod organisation;
mod people;
mod room_groups;
mod room_settings;
mod rooms;

use crate::domain::time::Instant;
use crate::store::{StoreError, Tx};

pub use grants::{ROOM_LEVELS, is_room_level};
pub use people::{NewDevice, UserChange};
pub use room_groups::ROOM_GROUP_KEYS;
pub use room_settings::{ROOM_KEYS, set_keys};
pub use rooms::RoomFacts;

/// Why a change of the house was not made; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdminError {
    /// It cannot be, for a reason in one sentence, with what is in the way on lines of its own.
    #[error("{0}")]
    Refused(String),
    /// A reservation in the way could not be given up.
    #[error(transparent)]
    Booking(#[from] super::Error),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AdminError {
    fn refused(sentence: impl Into<String>) -> Self {
        Self::Refused(sentence.into())
    }
}

/// A change of the house: what it does in its transaction, given the time.
trait Change: Send + Sync + 'static {
    type Done: Send + 'static;

    fn make(
        &self,
        tx: &mut Tx<'_>,
        now: Instant,
    ) -> impl Future<Output = Result<Self::Done, AdminError>> + Send;
}

/// A [`Change`] on its way to the store.
struct Making<C>(C, Instant);

impl<C: Change> crate::store::Work for Making<C> {
    type Done = C::Done;
    type Error = AdminError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<C::Done, AdminError> {
        self.0.make(tx, self.1).await
    }
}

impl super::Bookings {
    async fn make<C: Change>(&self, change: C) -> Result<C::Done, AdminError> {
        self.store.write(Making(change, self.now())).await
    }
}

/// Some lines of a list, and how many more there are.
fn listed(sentence: &str, mut lines: Vec<String>) -> AdminError {
    const SHOWN: usize = 50;
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    AdminError::Refused(format!("{sentence}:\n  {}", lines.join("\n  ")))
}
