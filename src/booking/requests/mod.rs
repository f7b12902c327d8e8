//! Rows that other programs hand in (`schema/README.md`): each is the same command as that of a calendar
//! program of its organizer, in the calendar of the room.
//!
//! The command runs as ever; because its actor asks by a row, what becomes of that is written back in the
//! transaction that decided (`answering`). A row that asks for nothing that can be asked is refused before.
//! Whoever writes to the table is trusted as the database's owner is: it acts as whomever it names, and
//! never with more rights than that person has. B-68.

mod answering;
mod asking;
mod cancelling;

use crate::domain::attendee::Address;
use crate::domain::event::{Event, Part};
use crate::domain::expected::Expected;
use crate::domain::id::{Slug, Uid};
use crate::domain::request::{Fault, When};
use crate::domain::time::Instant;
use crate::ical::CalendarObject;
use crate::ical::write::EventText;
use crate::store::{Answered, Asked, Request, StoreError, Taking, Tx, Work, new_uuid};
use crate::text::{self, Language};

use super::actor::{Actor, actor, configured_language, language_of};
use super::compose::name_for;
use super::error::Error;
use super::outcome::Outcome;
use super::put::Put;
use super::scene::Target;
use super::{Bookings, Bounds};

pub use asking::Asking;

/// What became of a row that was to be decided about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// It is answered, or gone.
    Decided,
    /// Another server decides about it right now; it goes through the rows in their order too.
    Elsewhere,
    /// Others kept getting in its way: it waits.
    PutOff,
}

impl Bookings {
    /// The first rows that wait, by their numbers.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn waiting_requests(&self, limit: i64) -> Result<Vec<Request>, StoreError> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        if !tx.requests().are_there().await? {
            return Ok(Vec::new());
        }
        tx.requests().waiting(limit).await
    }

    /// Decides about a row that waits, and writes back what became of it, in one transaction. To do it
    /// again changes nothing.
    ///
    /// # Errors
    /// When the database does not do it now; the row waits.
    pub async fn decide_request(&self, row: &Request) -> Result<Handled, StoreError> {
        let (bookings, own) = (self.clone(), row.clone());
        // A panic is the fault of one row and must not be that of the others.
        let tried = tokio::spawn(async move { Box::pin(bookings.try_request(&own)).await }).await;
        let failed = match tried {
            Ok(Ok(_)) => return Ok(Handled::Decided),
            Ok(Err(failed)) => failed,
            Err(broken) => Failed::from(StoreError::Inconsistent(broken.to_string())),
        };
        let fault = match failed {
            Failed::Faulty(fault) => fault,
            Failed::Command(Error::Elsewhere) => return Ok(Handled::Elsewhere),
            Failed::Command(Error::Store(StoreError::Retry(_)) | Error::Moved) => return Ok(Handled::PutOff),
            Failed::Command(error) => fault(error, row)?,
        };
        let (row, now) = (row.clone(), self.now());
        self.store.write(Refuse { row, fault, now }).await
    }

    async fn try_request(&self, row: &Request) -> Result<Outcome, Failed> {
        let actor = self.organizer(row).await?;
        match &row.asked {
            Asked::Book { room, starts, ends, rule, summary } => {
                let zone = row.zone.as_deref();
                let part = When { starts, ends, zone, rule: rule.as_deref() }.read()?;
                let part = Part { summary: summary.clone(), ..part };
                Box::pin(self.book_for_request(row, actor, room, part)).await
            }
            Asked::Cancel { reservation, occurrence } => {
                let occurrence = occurrence.as_deref();
                Box::pin(self.cancel_for_request(row, actor, *reservation, occurrence)).await
            }
        }
    }

    /// As whom a row acts: an account that is on, by its login or an address.
    async fn organizer(&self, row: &Request) -> Result<Actor, Failed> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let name = row.organizer.trim();
        let user = match Slug::parse(name) {
            Ok(login) => tx.users().by_login(&login).await?,
            Err(_) if name.contains('@') => tx.users().by_address(&Address::new(name)).await?,
            Err(_) => None,
        };
        let user = user.filter(|user| !user.guest).ok_or_else(|| Fault::NoPerson(name.to_owned()))?;
        if user.disabled {
            return Err(Fault::Disabled(name.to_owned()).into());
        }
        let language = language_of(&mut tx, &user).await?;
        Ok(actor(&mut tx, &user, language).await?)
    }

    /// As a PUT of something new in the room's calendar.
    async fn book_for_request(
        &self,
        row: &Request,
        actor: Actor,
        slug: &str,
        part: Part,
    ) -> Result<Outcome, Failed> {
        let mut snapshot = self.store.snapshot().await?;
        let room = match Slug::parse(slug.trim()) {
            Ok(slug) => snapshot.tx().rooms().by_slug(&slug).await?.filter(|room| !room.removed),
            Err(_) => None,
        };
        drop(snapshot);
        let room = room.ok_or_else(|| Fault::NoRoom(slug.to_owned()))?;
        let uid = new_uuid();
        let object = object(&uid, part, self.now(), &self.bounds)?;
        let name = name_for(&uid);
        let actor = actor.asking(Asking { row: row.clone(), room: room.id, uid });
        let put = Put::new(actor, Target::Room(room.id), &name, object);
        Ok(Box::pin(self.put(Put { expected: Expected::absent(), ..put })).await?)
    }
}

/// An event as a calendar program would send it.
fn object(uid: &str, part: Part, stamp: Instant, bounds: &Bounds) -> Result<CalendarObject, Fault> {
    let event = Event { uid: Uid::new(uid), master: Some(part), overrides: Vec::new() };
    let text =
        EventText { event: &event, stamp, description: None, organizer_name: None, rooms: &[] }.write();
    CalendarObject::parse(text, &bounds.ical).map_err(|bad| Fault::BadEvent(bad.message))
}

/// Why a row was not carried out.
enum Failed {
    /// It asks for nothing that can be asked.
    Faulty(Fault),
    /// The command came to no decision.
    Command(Error),
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self::Faulty(fault)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Command(error)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Command(error.into())
    }
}

/// What a command that was not carried out says of its row; `Err` where that is the database's trouble.
fn fault(error: Error, row: &Request) -> Result<Fault, StoreError> {
    let room = || match &row.asked {
        Asked::Book { room, .. } => room.clone(),
        Asked::Cancel { .. } => String::new(),
    };
    Ok(match error {
        Error::Missing => match &row.asked {
            Asked::Book { room, .. } => Fault::NoRoom(room.clone()),
            Asked::Cancel { reservation, .. } => Fault::NoReservation(reservation.get()),
        },
        Error::Invalid(bad) => Fault::BadEvent(bad.message),
        Error::ReadOnly(_) | Error::OnlyReads => Fault::NotYours(room()),
        Error::TooManyBookings => Fault::TooManyInAnHour,
        Error::CalendarFull => Fault::Full(room()),
        Error::Store(StoreError::Overlap) => Fault::Taken(room()),
        Error::Store(
            cause @ (StoreError::Retry(_)
            | StoreError::Unavailable(_)
            | StoreError::Full(_)
            | StoreError::Damaged(_)),
        ) => return Err(cause),
        // None of these comes of a new event that only has times and a title, or of its removal.
        error @ (Error::Store(StoreError::Duplicate(_) | StoreError::Inconsistent(_))
        | Error::Stale
        | Error::UidConflict(_)
        | Error::ScheduledElsewhere
        | Error::NameTaken
        | Error::ForeignOrganizer
        | Error::OrganizersDiffer
        | Error::AttendeeChange
        | Error::UnknownAttachment
        | Error::NoSuchAttachment
        | Error::NoSuchPart
        | Error::TooManyAttachments
        | Error::QuotaExceeded
        | Error::NotAttachable
        | Error::ReadOnlySource
        | Error::Decides(_)
        | Error::Elsewhere
        | Error::Moved) => {
            tracing::error!(request = row.id, %error, "a request could not be decided");
            Fault::Broken
        }
    })
}

/// Refuses a row of which no command came to a decision.
struct Refuse {
    row: Request,
    fault: Fault,
    now: Instant,
}

impl Work for Refuse {
    type Done = Handled;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Handled, StoreError> {
        match tx.requests().take(&self.row).await? {
            Taking::Ours => {}
            Taking::Gone => return Ok(Handled::Decided),
            Taking::Elsewhere => return Ok(Handled::Elsewhere),
        }
        let language = self.language(tx).await?;
        let answered = Answered::refused(&self.fault, text::request::fault(language, &self.fault));
        tx.requests().answer(self.row.id, &answered, self.now).await?;
        Ok(Handled::Decided)
    }
}

impl Refuse {
    /// That of the organizer, if there is one.
    async fn language(&self, tx: &mut Tx<'_>) -> Result<Language, StoreError> {
        let user = match Slug::parse(self.row.organizer.trim()) {
            Ok(login) => tx.users().by_login(&login).await?,
            Err(_) => tx.users().by_address(&Address::new(&self.row.organizer)).await?,
        };
        match user {
            Some(user) => language_of(tx, &user).await,
            None => configured_language(tx).await,
        }
    }
}
