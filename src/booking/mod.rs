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
mod alternatives;
mod apply;
mod approval;
mod ask;
mod attach;
mod block;
mod cancel;
mod check;
mod check_in;
mod compose;
mod condition;
mod consult;
mod continued;
mod copies;
mod counted;
mod decline;
mod delete;
mod displace;
mod error;
mod export;
mod find;
mod holders;
mod import;
mod itip;
mod leave;
mod link;
mod mask;
mod notices;
mod nudge;
mod old_slots;
mod orphans;
mod outcome;
mod panics;
mod pool;
mod purpose;
mod push;
mod put;
mod rebuild;
mod record;
mod refuse;
mod relocate;
mod requests;
mod scene;
mod schedule;
mod summary;
mod taken;
mod tidy;
mod together;
mod transfer;
mod waiting;
mod zone_data;

use std::sync::Arc;

use crate::clock::Clock;
use crate::domain::time::Instant;
use crate::ical;
use crate::store::Store;

pub use actor::{Actor, actor, persons_of};
pub use approval::Decide;
pub use attach::{Action, Attach, Attached, Label, Links};
pub use block::NewBlock;
pub use cancel::Cancel;
pub use check_in::Presence;
pub use compose::name_for;
pub use delete::Delete;
pub use displace::{Displaced, Displacing};
pub use error::Error;
pub use find::{Find, Found};
pub use import::{BadFile, Fate, Import, ImportError, Imported, Note, OwnerFrom, Report};
pub use itip::{Receipt, Received};
pub use link::{LinkView, Standing};
pub use mask::MaskedName;
pub use mask::{name_in, overlay_tag, uid_in};
pub use notices::{Mail, Sending};
pub use outcome::{About, Copy, OnRefusal, Outcome, Refusal};
pub use push::{Delivery, LEASE_SECS, PushMessage, push_topic};
pub use put::Put;
pub use refuse::digest;
pub use relocate::Move;
pub use requests::{Asking, Handled};
pub use scene::{RESERVATIONS, Target, find_member, version_for, view_of};
pub use schedule::shows_attachment;
pub use transfer::Transfer;

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
    /// Messages in one inbox (L-66): older ones give way.
    pub max_messages: i64,
    /// Letters to people outside that one person causes within an hour, and mails to one address (L-68).
    pub max_letters_hourly: i64,
    /// And within a day (L-68).
    pub max_letters_daily: i64,
    /// For how long a message waits for others about the same, in seconds (L-68).
    pub letter_secs: i64,
    /// After how many seconds a message that could not be sent is given up (L-68).
    pub mail_secs: i64,
    /// How long a message stays, in seconds (L-69).
    pub message_secs: i64,
    /// Bytes of one attachment (L-04).
    pub max_attachment_bytes: u64,
    /// Attachments of one event that the server keeps (L-35).
    pub max_attachments: usize,
    /// Bytes of one person's files and attachments (L-66).
    pub max_person_bytes: u64,
    /// Limits of iCalendar text.
    pub ical: ical::Limits,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            max_future: 500,
            max_hourly: 120,
            max_members: 250_000,
            max_messages: 1_000,
            max_letters_hourly: 200,
            max_letters_daily: 1_000,
            letter_secs: 60,
            mail_secs: 5 * 86_400,
            message_secs: 90 * 86_400,
            max_attachment_bytes: 64 << 20,
            max_attachments: 10,
            max_person_bytes: 1 << 30,
            ical: ical::Limits::default(),
        }
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

    /// What attachments are held to: bytes of one, and how many one event has.
    #[must_use]
    pub fn attachment_limits(&self) -> (u64, usize) {
        (self.bounds.max_attachment_bytes, self.bounds.max_attachments)
    }

    /// The present, by this server's clock.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }
}

/// The key in `meta` for the public key that push messages are signed for; not there where none are sent.
pub const PUSH_KEY: &str = "vapid_public";

/// The key in `meta` for the language of messages to people who have no setting.
const LANGUAGE_KEY: &str = "language";

/// How often a command is prepared anew because what it touches changed meanwhile.
const MAX_TRIES: usize = 5;
