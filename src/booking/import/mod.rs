//! Taking an iCalendar file into a room: each of its objects is the same request as a PUT, with
//! what is over taken as history. A rehearsal runs them all and keeps nothing.
//! RFC 8607, section 3.12.7.

mod imagined;
mod note;
mod owners;
mod pieces;
mod read;
mod rehearsal;
mod report;
mod stream;
mod trial;

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::id::{RoomId, UserId};
use crate::domain::space::Room;
use crate::ical::{CalendarObject, attach};
use crate::store::{StoreError, Tx};

use super::actor::Actor;
use super::compose::{self, name_for};
use super::error::Error;
use super::put::Put;
use super::scene::Target;
use super::{Bookings, mask};

pub(super) use imagined::Imagined;
pub use note::Note;
use owners::Owners;
use pieces::Piece;
pub use report::{Fate, Imported, Report};
pub use stream::BadFile;
use trial::Tried;

/// A file that is to be taken.
#[derive(Clone, Debug)]
pub struct Import {
    /// Who takes it, and by whose rights it is judged.
    pub actor: Actor,
    /// Into which room's calendar.
    pub room: Room,
    /// Whose events they become.
    pub owner_from: OwnerFrom,
    /// Keep nothing. It says what would become of each event, those before it included.
    pub rehearsal: bool,
}

/// Whose the events become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OwnerFrom {
    /// Those of their organizers, where these have an account and whoever imports manages the room;
    /// else that one's.
    #[default]
    Organizer,
    /// Those of whoever imports.
    Importer,
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

/// An import on its way.
struct Course<'a> {
    import: &'a Import,
    owners: Owners,
    logins: HashMap<UserId, String>,
    imagined: Arc<Imagined>,
}

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
    ) -> Result<Report, ImportError> {
        let pieces = pieces::split(file)?;
        let total = pieces.len();
        let mut methods: Vec<String> = pieces.iter().map(|piece| piece.method.clone()).collect();
        methods.sort_unstable();
        methods.dedup();
        methods.retain(|method| !method.is_empty());
        let mut snapshot = self.store.snapshot().await?;
        let owners = Owners::new(&mut snapshot.tx(), import).await?;
        drop(snapshot);
        let mut course = Course { import, owners, logins: HashMap::new(), imagined: Arc::default() };
        let mut events = Vec::with_capacity(total);
        for batch in pieces.chunks(BATCH) {
            events.extend(self.import_batch(&mut course, batch).await?);
            progress(events.len(), total);
        }
        Ok(Report { methods, events })
    }

    async fn import_batch(
        &self,
        course: &mut Course<'_>,
        batch: &[Piece],
    ) -> Result<Vec<Imported>, StoreError> {
        let import = course.import;
        let mut done = Vec::with_capacity(batch.len());
        let mut ready = Vec::with_capacity(batch.len());
        for (at, piece) in batch.iter().enumerate() {
            let mut one = Imported::of(piece);
            match read::read(piece, &import.room.zone, &self.bounds.ical) {
                Ok((object, notes)) => {
                    one.read(&object, notes);
                    let (put, notes) = self.as_put(course, object).await?;
                    one.notes.extend(notes);
                    ready.push(Ready { at, put });
                }
                Err(sentence) => one.refuse(sentence),
            }
            done.push(one);
        }
        let at: Vec<usize> = ready.iter().map(|ready| ready.at).collect();
        let puts: Vec<Put> = ready.into_iter().map(|ready| ready.put).collect();
        let intended: Vec<Option<UserId>> = puts.iter().map(|put| put.owner).collect();
        let results = if import.rehearsal {
            self.rehearse(puts, import.room.id, &course.imagined).await?
        } else {
            self.take_all(puts, import.room.id).await?
        };
        for ((at, result), intended) in at.into_iter().zip(results).zip(intended) {
            match result {
                Ok(tried) => self.note(course, &mut done[at], tried, intended).await?,
                Err(error) => done[at].refuse(told(import, error)?),
            }
        }
        Ok(done)
    }

    async fn take_all(&self, puts: Vec<Put>, room: RoomId) -> Result<Vec<Result<Tried, Error>>, StoreError> {
        let mut results = Vec::with_capacity(puts.len());
        for put in puts {
            match Box::pin(self.take(put, room)).await {
                Err(Error::Store(error)) => return Err(error),
                result => results.push(result),
            }
        }
        Ok(results)
    }

    /// Adds what came of one write, and keeps it in mind where it is imagined.
    async fn note(
        &self,
        course: &mut Course<'_>,
        one: &mut Imported,
        tried: Tried,
        intended: Option<UserId>,
    ) -> Result<(), StoreError> {
        one.settle(&tried, intended);
        if let Some(owner) = tried.owner {
            let mut snapshot = self.store.snapshot().await?;
            one.owner = course.login(&mut snapshot.tx(), owner).await?;
        }
        if course.import.rehearsal {
            Arc::make_mut(&mut course.imagined).add(tried);
        }
        Ok(())
    }

    /// The member that has the UID already is replaced, so that a file can be taken twice; it keeps the
    /// attachments that the file names.
    async fn as_put(
        &self,
        course: &mut Course<'_>,
        object: CalendarObject,
    ) -> Result<(Put, Vec<Note>), StoreError> {
        let import = course.import;
        let room = import.room.id;
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
        let mut notes = Vec::new();
        let owner = match object.event() {
            Ok(event) => {
                let (owner, note) = course.owners.of(&mut tx, import, event).await?;
                notes.extend(note);
                owner
            }
            Err(_) => None,
        };
        // Keys of another server mean nothing here (RFC 8607, section 3.12).
        let text = attach::unmanaged(&object, &kept);
        if text != *object.bytes() {
            notes.push(Note::Attachments);
        }
        let object = compose::reparse(text, &object, &self.bounds.ical);
        let object = object.map_err(|bad| StoreError::Inconsistent(bad.to_string()))?;
        let put = Put::new(import.actor.clone(), Target::Room(room), &name, object);
        Ok((Put { history: true, owner, ..put }, notes))
    }
}

impl Course<'_> {
    async fn login(&mut self, tx: &mut Tx<'_>, id: UserId) -> Result<Option<String>, StoreError> {
        if let Some(login) = self.logins.get(&id) {
            return Ok(Some(login.clone()));
        }
        let login = tx.users().get(id).await?.map(|user| user.login.to_string());
        self.logins.extend(login.clone().map(|login| (id, login)));
        Ok(login)
    }
}

/// Why one object was not taken, in words; what is wrong with the database ends everything.
fn told(import: &Import, error: Error) -> Result<String, StoreError> {
    let Import { actor, room, .. } = import;
    Ok(match error {
        Error::Store(error) => return Err(error),
        Error::ReadOnly(_) => format!("{} may not book {}", actor.login, room.slug),
        Error::Missing => format!("{} cannot see {}", actor.login, room.slug),
        Error::UidConflict(_) => {
            "the room has this UID already, in an event that is somebody else's".to_owned()
        }
        Error::ForeignOrganizer => {
            format!("its organizer is another person than {}, who does not manage {}", actor.login, room.slug)
        }
        error => error.to_string(),
    })
}
