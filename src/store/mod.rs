//! SQL, on SQLite and PostgreSQL: one text for both, tables as Rust values.
//!
//! [`Store::open`] checks that the database keeps what it is given, `write.rs` has the one way to
//! change something, `snapshot.rs` the one way to read, `tx.rs` what the two databases do
//! differently; each other file is one table, or a few that belong together. Knows no iCalendar,
//! no HTTP and no rules: it stores what `booking` decided. R145.

mod attachments;
mod audit;
mod backup;
mod blocks;
mod bodies;
mod calendars;
mod changes;
mod check;
mod check_ins;
mod credentials;
mod damage;
mod dates;
mod delegates;
mod error;
mod file_properties;
mod files;
mod folders;
mod grants;
mod groups;
mod hints;
mod jobs;
mod locks;
mod mails;
mod meta;
mod migrate;
mod nudges;
mod occurrences;
mod open;
mod outbox;
mod overlays;
mod pace;
mod pending;
mod place;
mod postgres;
mod properties;
mod push;
mod readings;
mod received;
mod refusals;
mod requests;
mod reservations;
mod resources;
mod room_groups;
mod rooms;
mod scheduling;
mod session;
mod set;
mod settings;
mod snapshot;
mod spaces;
mod sqlite;
mod tally;
mod transaction;
mod tx;
mod upgrade;
mod users;
mod waiting;
mod write;

#[cfg(test)]
pub(crate) mod tests;

pub use attachments::{Attachment, Attachments};
pub use audit::{Audit, Decision};
pub use backup::{BackupError, Contents, NewestChange, contents, restore};
pub use blocks::{Block, Blocks};
pub use bodies::{Bodies, BodyId, PIECE_BYTES, Received};
pub use calendars::{Calendar, CalendarOwner, Calendars, Nonce, Seq, Stamp};
pub use changes::{Change, Changed, Changes};
pub use check::{Check, CheckedText};
pub use check_ins::{CheckIn, CheckIns, Strikes};
pub use credentials::{AppPassword, Credentials, CredentialsOf, NewAppPassword};
pub use delegates::Delegates;
pub use error::StoreError;
pub use files::{At, File, Files, NewBody};
pub use folders::{FolderId, FolderOwner, Folders};
pub use grants::Grants;
pub use groups::Groups;
pub use hints::Hints;
pub use jobs::{DONE, JobRow, Jobs};
pub use locks::{Lock, Locks};
pub use mails::{DueMail, Mails};
pub use meta::Meta;
pub use nudges::Nudges;
pub use occurrences::{HeldBy, Occurrences, Stored, Taken};
pub use open::{OpenError, Options};
pub use outbox::{Backlog, Message, NewMessage, Outbox};
pub use overlays::{Overlay, Overlays};
pub use properties::{Properties, Property};
pub use push::{DuePush, NewRegistration, Push};
pub use received::{Heard, ReceivedMessages};
pub use refusals::Refusals;
pub use requests::{Answered, Asked, Request, Requests, Taking};
pub use reservations::{Reservation, ReservationFacts, ReservationFilter, Reservations, Shown};
pub use resources::{Content, NewResource, Resource, Resources};
pub use room_groups::RoomGroups;
pub use rooms::{NewRoom, Rooms};
pub use scheduling::{INBOX, Mailbox, Scheduling};
pub use settings::{Setting, Settings};
pub use snapshot::Snapshot;
pub use spaces::Spaces;
pub use tx::Tx;
pub use upgrade::{Safety, Upgraded, upgrade};
pub use users::{NewUser, Users};
pub use waiting::{Opening, Waiting, WaitingDate};
pub use write::Work;

use std::sync::Arc;

use crate::domain::attendee::Address;
use crate::metrics::Metrics;

use damage::Damage;

/// The database of this server. Cheap to clone; clones are the same.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Backend,
    damage: Damage,
    metrics: Arc<Metrics>,
}

enum Backend {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Store {
    /// Opens the database, checks its settings and its schema, and makes it where there is none.
    ///
    /// Works beside other processes that have it open. The SQLite file's folder is made too.
    ///
    /// # Errors
    /// [`OpenError`] says what to do; nothing was written unless the schema was being made.
    pub async fn open(url: &str, options: &Options) -> Result<Self, OpenError> {
        let damage = Damage::none();
        let metrics = Arc::new(Metrics::default());
        let backend = if url.starts_with("sqlite:") {
            Backend::Sqlite(sqlite::open(url, options, damage.clone(), metrics.clone()).await?)
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Backend::Postgres(Box::pin(postgres::open(url, options, metrics.clone())).await?)
        } else {
            return Err(OpenError::Url);
        };
        Ok(Self { inner: Arc::new(Inner { backend, damage, metrics }) })
    }

    /// How many bytes are left where an SQLite file lies (L-67); `None` of PostgreSQL, whose disk is its
    /// own, and where the system does not say.
    #[must_use]
    pub fn free_bytes(&self) -> Option<u64> {
        match &self.inner.backend {
            Backend::Sqlite(database) => database.free_bytes(),
            Backend::Postgres(_) => None,
        }
    }

    /// Keeps a second server away from a SQLite file, until this store is closed (F-16). Commands
    /// do without. PostgreSQL serves several, and there is nothing to hold.
    ///
    /// # Errors
    /// [`OpenError::Held`] names the process that has it.
    pub fn hold_exclusively(&self) -> Result<(), OpenError> {
        match &self.inner.backend {
            Backend::Sqlite(database) => database.hold(),
            Backend::Postgres(_) => Ok(()),
        }
    }

    /// Waits until an error shows that the database cannot be trusted any more, and says which.
    ///
    /// The process must end then: what the system's cache holds and what the disk holds may
    /// differ, and only a new start reads the disk (F-4).
    pub async fn damaged(&self) -> String {
        self.inner.damage.noted().await
    }

    /// What [`damaged`](Self::damaged) waits for, if it has happened.
    #[must_use]
    pub fn damage(&self) -> Option<StoreError> {
        self.inner.damage.found()
    }

    /// Whether the database answers a query now.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut snapshot = self.snapshot().await?;
        let mut tx = snapshot.tx();
        let answer: Result<i64, _> = tx::on_db!(&mut tx, conn => sqlx::query_scalar("SELECT COUNT(*) FROM meta").fetch_one(conn).await);
        answer.map(drop)
    }

    /// Lets the works that were handed over end, and closes every connection. Works that come
    /// later are refused.
    pub async fn close(&self) {
        match &self.inner.backend {
            Backend::Sqlite(database) => database.close().await,
            Backend::Postgres(database) => database.pool.close().await,
        }
    }
}

/// Random bits from the system.
fn random_bits() -> u64 {
    getrandom::u64().expect("the system has a source of random numbers")
}

/// A new UUID, in lower case.
#[must_use]
pub fn new_uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// The UUID in a `urn:uuid:` address, in lower case as we store them.
fn uuid_of(address: &Address) -> Option<&str> {
    address.as_str().strip_prefix("urn:uuid:")
}
