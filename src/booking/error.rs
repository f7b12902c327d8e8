//! What can become of a command that was not carried out.
//!
//! A refusal by the rules of booking is not an error here: it is an outcome, committed with its
//! audit row ([`super::Outcome::Refused`]).

use crate::domain::id::{CalendarId, ReservationId, RoomId};
use crate::ical::approval::Decisions;
use crate::ical::{IcalError, IcalErrorKind};
use crate::store::StoreError;

/// Why a command was not carried out; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The member is not what the caller believed.
    #[error("the version is another one")]
    Stale,
    /// Nothing is mapped there, or nothing that the actor may see.
    #[error("there is nothing there")]
    Missing,
    /// The calendar has this UID under another name, given if the actor may know it.
    #[error("the calendar has this UID already")]
    UidConflict(Option<(CalendarId, String)>),
    /// Another calendar of this person has an object with this UID that asks for rooms.
    #[error("another calendar has this UID already")]
    ScheduledElsewhere,
    /// A name in a room's calendar that belongs to somebody else's event.
    #[error("the name is taken")]
    NameTaken,
    /// The object cannot be what is stored here.
    #[error(transparent)]
    Invalid(#[from] IcalError),
    /// ORGANIZER is another known person, for whom the actor may not act (D-36).
    #[error("the organizer is somebody else")]
    ForeignOrganizer,
    /// Parts of one object have different organizers.
    #[error("the parts have different organizers")]
    OrganizersDiffer,
    /// An attendee changes what only the organizer may.
    #[error("only the organizer may change that")]
    AttendeeChange,
    /// The text names an attachment that is not the writer's to name.
    #[error("an attachment is not known here")]
    UnknownAttachment,
    /// The event carries no attachment with this key, not in the parts that are meant.
    #[error("the event has no such attachment")]
    NoSuchAttachment,
    /// The event has no such part.
    #[error("the event has no such date")]
    NoSuchPart,
    /// More attachments than one event may carry (L-35).
    #[error("the event has too many attachments")]
    TooManyAttachments,
    /// No room is left for an attachment (L-66).
    #[error("there is no room for the attachment")]
    QuotaExceeded,
    /// What carries no attachments: a declined copy.
    #[error("it carries no attachments")]
    NotAttachable,
    /// The room's calendar is only to be read by this actor.
    #[error("room {0} is not writable")]
    ReadOnly(RoomId),
    /// A delegate who may only read.
    #[error("this delegate only reads")]
    OnlyReads,
    /// A member that was to be moved may not be taken away from where it is.
    #[error("the member may not be taken away")]
    ReadOnlySource,
    /// The calendar has as many members as it may have (L-66).
    #[error("the calendar is full")]
    CalendarFull,
    /// More bookings within an hour than L-65 allows.
    #[error("too many bookings in an hour")]
    TooManyBookings,
    /// A manager's write that decides about a request: the reservation, what is said, and the tag of the
    /// text that it is about. It is carried out as such, so no caller meets it (R73).
    #[error("it is a decision")]
    Decides(Box<(ReservationId, Decisions, String)>),
    /// Another server decides about the row by which it is asked, or has decided; no client asks by one.
    #[error("another server decides about the request")]
    Elsewhere,
    /// What the command was prepared for is not so any more; it is prepared again.
    #[error("it changed meanwhile")]
    Moved,
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    /// An object that is not one which can be stored here.
    pub(super) fn not_an_object(message: impl Into<String>) -> Self {
        Self::Invalid(IcalError::new(IcalErrorKind::NotCalendarObject, message))
    }
}
