//! Use cases: the one door through which every change of a reservation goes, whichever side it
//! comes from.
//!
//! Each command is prepared outside the transaction (rooms are looked up, series expanded), then
//! runs as one [`Work`](crate::store::Work): lock the spaces and calendars it touches, load what is
//! there, judge the caller's condition and the rules, write the texts that each calendar shows,
//! the claims, one change row and one audit row per member, and the messages to people. A refusal
//! is an outcome of the same transaction (R4.3): it leaves an audit row, a nudge for the asker and
//! at most one notice. Where a command finds that it touches more than it locked, it is prepared
//! again.
//!
//! Knows no HTTP and no hrefs. Booking rules, sections 2 to 6, 10, 11, 14, 15 and 17.

pub mod access;
mod actor;
pub mod admin;
mod admit;
mod apply;
mod ask;
mod block;
mod cancel;
mod check;
mod compose;
mod consult;
mod delete;
mod error;
mod export;
mod holders;
mod import;
mod mask;
mod nudge;
mod outcome;
mod put;
mod record;
mod refuse;
mod relocate;
mod scene;
mod tidy;

use std::sync::Arc;

use crate::clock::Clock;
use crate::domain::time::Instant;
use crate::ical;
use crate::store::Store;

pub use actor::Actor;
pub use block::NewBlock;
pub use cancel::Cancel;
pub use compose::name_for;
pub use delete::Delete;
pub use error::Error;
pub use import::{BadFile, Import, ImportError, Imported};
pub use mask::MaskedName;
pub use mask::{name_in, overlay_tag, uid_in};
pub use outcome::{About, Copy, OnRefusal, Outcome, Refusal};
pub use put::Put;
pub use relocate::Move;
pub use scene::{RESERVATIONS, Target, find_member, version_for, view_of};
pub use tidy::actor;

/// Runs commands. Cheap to clone.
#[derive(Clone)]
pub struct Bookings {
    store: Store,
    clock: Clock,
    bounds: Arc<Bounds>,
}

/// Bounds of what one person may book, and of what an object may be.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Reservations of one person with something to come (L-65).
    pub max_future: i64,
    /// New reservations of one person within an hour (L-65).
    pub max_hourly: i64,
    /// Members of one calendar (L-66).
    pub max_members: i64,
    /// Limits of iCalendar text.
    pub ical: ical::Limits,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { max_future: 500, max_hourly: 120, max_members: 250_000, ical: ical::Limits::default() }
    }
}

impl Bookings {
    /// A door to this store.
    #[must_use]
    pub fn new(store: Store, clock: Clock, bounds: Bounds) -> Self {
        Self { store, clock, bounds: Arc::new(bounds) }
    }

    /// The store behind the door, for reading.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The limits that texts were and are read with.
    #[must_use]
    pub fn limits(&self) -> &ical::Limits {
        &self.bounds.ical
    }

    /// The present, by this server's clock.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }
}

/// How often a command is prepared anew because what it touches changed meanwhile.
const MAX_TRIES: usize = 5;
