//! Taking an iCalendar file into a room: each of its objects is the same request as a PUT, with
//! what is over taken as history. A rehearsal runs them all and keeps nothing.
//! RFC 8607, section 3.12.7.

mod rehearsal;
mod stream;

use bytes::Bytes;

use crate::domain::id::RoomId;
use crate::domain::space::Room;
use crate::ical::{CalendarObject, attach};
use crate::store::StoreError;

use super::actor::Actor;
use super::compose::{self, name_for};
use super::error::Error;
use super::outcome::Outcome;
use super::put::Put;
use super::scene::Target;
use super::{Bookings, mask};

pub use stream::BadFile;
use stream::Piece;

/// A file that is to be taken.
#[derive(Clone, Debug)]
pub struct Import {
    /// Whose events they become.
    pub actor: Actor,
    /// Into which room's calendar.
    pub room: Room,
    /// Keep nothing. Objects that are in each other's way are noticed within some hundreds of
    /// neighbours in the file, so that the database is never held for long.
    pub rehearsal: bool,
}

/// What became of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its UID as it was written; empty where it has none.
    pub uid: String,
    /// The title of its first component, if it could be read.
    pub summary: String,
    /// Stored, anew (`true`) or over an earlier one; or the sentence why not.
    pub result: Result<bool, String>,
}

/// Why an import stopped. What was stored before stays.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Nothing was tried.
    #[error(transparent)]
    File(#[from] BadFile),
    /// The database did not go on.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An object that could be read, as a command.
struct Ready {
    at: usize,
    put: Put,
}

/// Objects per rehearsing transaction, and between two reports of progress.
const BATCH: usize = 200;

impl Bookings {
    /// Takes every object of a file, in its order. `progress` is told how many of how many are
    /// done, now and then.
    ///
    /// # Errors
    /// [`ImportError`]; what single objects are refused for is in the answer.
    pub async fn import(
        &self,
        import: &Import,
        file: &[u8],
        mut progress: impl FnMut(usize, usize),
    ) -> Result<Vec<Imported>, ImportError> {
        let pieces = stream::split(file)?;
        let total = pieces.len();
        let mut done = Vec::with_capacity(total);
        for batch in pieces.chunks(BATCH) {
            done.extend(self.import_batch(import, batch).await?);
            progress(done.len(), total);
        }
        Ok(done)
    }

    async fn import_batch(&self, import: &Import, batch: &[Piece]) -> Result<Vec<Imported>, StoreError> {
        let mut done = Vec::with_capacity(batch.len());
        let mut ready = Vec::with_capacity(batch.len());
        for (at, piece) in batch.iter().enumerate() {
            let parsed = CalendarObject::parse(Bytes::from(piece.text.clone()), &self.bounds.ical);
            let summary = parsed.as_ref().ok().and_then(|object| object.parts().next()?.text("SUMMARY"));
            let result = match parsed {
                Ok(object) => {
                    ready.push(Ready { at, put: self.as_put(import, object).await? });
                    Ok(false)
                }
                Err(bad) => Err(bad.to_string()),
            };
            done.push(Imported { uid: piece.uid.clone(), summary: summary.unwrap_or_default(), result });
        }
        let at: Vec<usize> = ready.iter().map(|ready| ready.at).collect();
        let puts = ready.into_iter().map(|ready| ready.put).collect();
        let results = if import.rehearsal { self.rehearse(puts).await? } else { self.put_all(puts).await? };
        for (at, result) in at.into_iter().zip(results) {
            done[at].result = told(import, result)?;
        }
        Ok(done)
    }

    /// The member that has the UID already is replaced, so that a file can be taken twice; it keeps the
    /// attachments that the file names.
    async fn as_put(&self, import: &Import, object: CalendarObject) -> Result<Put, StoreError> {
        let room: RoomId = import.room.id;
        let uid = object.uid().as_str().to_owned();
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let mut name = name_for(&uid);
        let mut kept = Vec::new();
        if let Some(calendar) = tx.calendars().of_room(room).await? {
            if let Some(known) = tx.resources().with_uid(calendar.id, &uid).await? {
                kept = tx.attachments().of(&[known.id]).await?;
                name = known.name;
            } else if tx.resources().named(calendar.id, &name).await?.is_some() {
                name = format!("{}.ics", mask::new_key());
            }
        }
        // Keys of another server mean nothing here (RFC 8607, section 3.12).
        let object = compose::reparse(attach::unmanaged(&object, &kept), &object, &self.bounds.ical);
        let object = object.map_err(|bad| StoreError::Inconsistent(bad.to_string()))?;
        Ok(Put { history: true, ..Put::new(import.actor.clone(), Target::Room(room), &name, object) })
    }

    async fn put_all(&self, puts: Vec<Put>) -> Result<Vec<Result<Outcome, Error>>, StoreError> {
        let mut results = Vec::with_capacity(puts.len());
        for put in puts {
            results.push(self.put(put).await);
        }
        Ok(results)
    }
}

/// What became of one object, in words; what is wrong with the database ends everything.
fn told(import: &Import, result: Result<Outcome, Error>) -> Result<Result<bool, String>, StoreError> {
    Ok(match result {
        Ok(Outcome::Stored { created, .. }) => Ok(created),
        Ok(Outcome::Removed) => Ok(false),
        Ok(Outcome::Refused(refusal)) => Err(refusal.sentence),
        Err(Error::Store(error)) => return Err(error),
        Err(Error::ReadOnly(_)) => Err(format!("{} may not book {}", import.actor.login, import.room.slug)),
        Err(Error::Missing) => Err(format!("{} cannot see {}", import.actor.login, import.room.slug)),
        Err(Error::UidConflict(_)) => {
            Err("the room has this UID already, in an event that is somebody else's".to_owned())
        }
        Err(Error::ForeignOrganizer) => {
            Err(format!("its organizer is another person than {}", import.actor.login))
        }
        Err(error) => Err(error.to_string()),
    })
}
