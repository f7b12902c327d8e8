//! What a row of `resources` says, and what is written into one.

use crate::domain::event::Class;
use crate::domain::id::{CalendarId, ReservationId, ResourceId, UserId};
use crate::domain::time::{Instant, Period};

/// A calendar object resource without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The key.
    pub id: ResourceId,
    /// The calendar it is a member of.
    pub calendar: CalendarId,
    /// As its writer chose it, decoded.
    pub name: String,
    /// The UID of its components.
    pub uid: String,
    /// Stands for name and UID where they are hidden (R101).
    pub mask_key: String,
    /// Whose event it is.
    pub owner: UserId,
    /// The only person who sees it; `None`: everyone who sees the calendar.
    pub reader: Option<UserId>,
    /// In a room's calendar the reservation it shows; in a person's calendar the direct booking
    /// it mirrors.
    pub reservation: Option<ReservationId>,
    /// `VEVENT` and so on.
    pub component: String,
    /// CLASS of the master.
    pub class: Class,
    /// Octets of the text.
    pub size: i64,
    /// A hash of the text.
    pub etag: String,
    /// RFC 6638, section 3.2.10; `None` for objects without scheduling.
    pub schedule_tag: Option<String>,
    /// From the start of its first instance to the end of its last.
    pub span: Period,
    /// When it was last written.
    pub modified_at: Instant,
}

/// What is written of a resource; the rest follows or stays.
#[derive(Clone, Debug)]
pub struct Content {
    /// The iCalendar text.
    pub text: Vec<u8>,
    /// A hash of the text.
    pub etag: String,
    /// The component type.
    pub component: String,
    /// CLASS of the master.
    pub class: Class,
    /// A new tag, or the one it had.
    pub schedule_tag: Option<String>,
    /// The overall span.
    pub span: Period,
    /// The attachments that the text names, by MANAGED-ID.
    pub attachments: Vec<String>,
}

/// A resource that does not exist yet.
#[derive(Clone, Debug)]
pub struct NewResource<'a> {
    /// Where.
    pub calendar: CalendarId,
    /// Its name there.
    pub name: &'a str,
    /// Its UID.
    pub uid: &'a str,
    /// A fresh random key.
    pub mask_key: &'a str,
    /// Whose it is.
    pub owner: UserId,
    /// The only reader, for a declined copy.
    pub reader: Option<UserId>,
    /// The reservation it shows.
    pub reservation: Option<ReservationId>,
    /// When it goes by itself.
    pub purge_at: Option<Instant>,
}

pub(in crate::store) fn class_name(class: Class) -> &'static str {
    match class {
        Class::Public => "PUBLIC",
        Class::Private => "PRIVATE",
        Class::Confidential => "CONFIDENTIAL",
    }
}

pub(in crate::store) fn class_of(name: &str) -> Class {
    match name {
        "PUBLIC" => Class::Public,
        "CONFIDENTIAL" => Class::Confidential,
        _ => Class::Private,
    }
}
