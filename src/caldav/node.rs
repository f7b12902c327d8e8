//! The resources of a calendar server as plain snapshots.
//!
//! Whoever owns the address space fills them; here they only answer. Each holds what its
//! properties need for the one reader it was loaded for, so nothing has to be awaited.
//! RFC 4791, sections 4 and 4.2; RFC 6638, section 2; RFC 3744, section 2.

use std::sync::Arc;

use crate::dav::property::{DeadProperty, PropRequest, Propstats, answer};
use crate::dav::{self, Acl, ETag, Href, Name, Privilege, PrivilegeSet, Supported, SyncToken, Viewer};
use crate::domain::attendee::Address;
use crate::domain::time::{Instant, Zone};
use crate::ical::ComponentKind;

use super::property::common::Common as _;
use super::{report, zone_form};

/// A resource.
#[derive(Clone, Debug)]
pub enum Node {
    /// `/` and other collections that only lead on: the parents of homes.
    Root(Folder),
    /// A collection of principals.
    PrincipalCollection(Folder),
    /// A person, a room, a group, or a delegate group of one of them.
    Principal(Box<Principal>),
    /// A calendar home.
    Home(Folder),
    /// A calendar.
    Calendar(Box<Calendar>),
    /// A calendar object resource, or a message in an inbox.
    Object(Object),
    /// A scheduling inbox.
    Inbox(Box<Inbox>),
    /// A scheduling outbox.
    Outbox(Folder),
}

/// What every node but an object has.
#[derive(Clone, Debug)]
pub struct Info {
    /// Its canonical href, with the slash at the end.
    pub href: Href,
    /// `DAV:displayname` as this reader sees it.
    pub title: Option<String>,
    /// `DAV:owner`: a principal.
    pub owner: Option<Href>,
    /// What this reader may do.
    pub privileges: PrivilegeSet,
    /// `DAV:principal-collection-set`; the same for all nodes.
    pub principal_collections: Arc<[Href]>,
    /// Dead properties, and this reader's own ones.
    pub dead: Vec<DeadProperty>,
    /// Who may do what, where that was looked up.
    pub acl: Option<Arc<Acl>>,
}

/// A collection with nothing of its own.
#[derive(Clone, Debug)]
pub struct Folder {
    /// See [`Info`].
    pub info: Info,
    /// Which one, for its resource type, methods and reports.
    pub kind: FolderKind,
    /// `DAV:sync-token`, of a home only: it changes with every calendar in it (R2.11). `None` unless
    /// it was asked for.
    pub sync_token: Option<SyncToken>,
    /// Of a home only: see [`Calendar::attachments_at`].
    pub attachments_at: Option<Arc<str>>,
    /// Of a home only: where the service for time zone data is.
    pub time_zones_at: Option<Arc<str>>,
}

impl Folder {
    /// One that is no home.
    #[must_use]
    pub fn plain(info: Info, kind: FolderKind) -> Self {
        Self { info, kind, sync_token: None, attachments_at: None, time_zones_at: None }
    }
}

/// Kinds of [`Folder`]; fits the variant of [`Node`] it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderKind {
    /// Leads on.
    Plain,
    /// Holds principals.
    Principals,
    /// A calendar home.
    Home,
    /// A scheduling outbox.
    Outbox,
}

/// What a principal stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrincipalKind {
    /// A person.
    User,
    /// A room.
    Room,
    /// A set of principals.
    Group,
    /// A set of rooms that is invited in place of one of them.
    Pool,
    /// Those who may read for the parent (`calendar-proxy-read`).
    ProxyRead,
    /// Those who may write for the parent (`calendar-proxy-write`).
    ProxyWrite,
}

impl PrincipalKind {
    /// `CALDAV:calendar-user-type` (RFC 6638, section 2.4.2).
    #[must_use]
    pub const fn user_type(self) -> &'static str {
        match self {
            Self::User => "INDIVIDUAL",
            Self::Room | Self::Pool => "ROOM",
            Self::Group | Self::ProxyRead | Self::ProxyWrite => "GROUP",
        }
    }

    /// `calendarserver:record-type`.
    #[must_use]
    pub const fn record_type(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Room | Self::Pool => "locations",
            Self::Group | Self::ProxyRead | Self::ProxyWrite => "groups",
        }
    }
}

/// A principal.
#[derive(Clone, Debug)]
pub struct Principal {
    /// See [`Info`]; `owner` is usually the principal itself.
    pub info: Info,
    /// What it stands for.
    pub kind: PrincipalKind,
    /// Its UUID without prefix, for `resource-id` and as an address.
    pub uuid: Option<String>,
    /// Its mail addresses, the preferred one first (R1.11).
    pub mail: Vec<Address>,
    /// The one calendar home (R1.6).
    pub home: Option<Href>,
    /// Its inbox.
    pub inbox: Option<Href>,
    /// Its outbox.
    pub outbox: Option<Href>,
    /// Principals in this group.
    pub members: Vec<Href>,
    /// Groups that this principal is in.
    pub memberships: Vec<Href>,
    /// Principals for whom it may read (R1.12).
    pub proxy_read_for: Vec<Href>,
    /// Principals for whom it may write (R1.12).
    pub proxy_write_for: Vec<Href>,
    /// For [`PrincipalKind::Room`].
    pub room: Option<RoomFacts>,
    /// For a room, `auto-schedule-mode`: what it does with invitations by itself.
    pub schedule_mode: Option<&'static str>,
}

/// What Nextcloud's client reads about a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomFacts {
    /// `meeting-room`, `lecture-hall`, `seminar-room` or `other`.
    pub kind: Option<String>,
    /// Seats.
    pub seats: Option<u64>,
    /// The building's name.
    pub building: Option<String>,
    /// The building's address.
    pub address: Option<String>,
    /// The floor.
    pub story: Option<String>,
    /// The room's number.
    pub number: Option<String>,
    /// `PROJECTOR`, `WHITEBOARD`, and so on.
    pub features: Vec<String>,
}

/// A calendar, as one reader sees it.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// See [`Info`]; title and dead properties are the reader's own values where he set some (R1.13).
    pub info: Info,
    /// Whose it is, and where it was found.
    pub kind: CalendarKind,
    /// `calendar-color`: `#RRGGBB` or `#RRGGBBAA`.
    pub color: Option<String>,
    /// `calendar-order`.
    pub order: Option<i64>,
    /// `calendar-description`.
    pub description: Option<String>,
    /// The zone of dates and floating times.
    pub zone: Zone,
    /// `calendar-timezone`: the zone as iCalendar text.
    pub timezone: Arc<str>,
    /// `calendar-timezone-id`: the TZID in that text (RFC 7809, section 3.1.5).
    pub timezone_id: Arc<str>,
    /// Whether it counts as free in the reader's free-busy (`schedule-calendar-transp`).
    pub is_transparent: bool,
    /// What members may be: `VEVENT` alone for rooms (R1.8).
    pub components: Vec<ComponentKind>,
    /// `getctag`; not a number (R2.5).
    pub ctag: String,
    /// `DAV:sync-token` for this reader (R2.9).
    pub sync_token: SyncToken,
    /// The announced limits.
    pub limits: CalendarLimits,
    /// What is announced about push messages; `None` where none are sent.
    pub push: Option<PushFacts>,
    /// Scheme and authority of the server that has the attachments.
    pub attachments_at: Arc<str>,
}

/// What a calendar announces about push messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushFacts {
    /// Stands for the calendar in messages, the same for everybody.
    pub topic: String,
    /// The server's public key, base64url.
    pub key: Arc<str>,
}

/// Whose a calendar is, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalendarKind {
    /// A person's own.
    Own,
    /// A room's, among the calendars of a person.
    RoomOfPerson {
        /// The same under its own name.
        room: Href,
    },
    /// A room's under its own name, where rights on it are granted.
    Room,
}

/// What a calendar announces about its members (RFC 4791, section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarLimits {
    /// L-30.
    pub resource_size: u64,
    /// L-41.
    pub instances: u64,
    /// L-34.
    pub attendees: u64,
    /// L-04.
    pub attachment_size: u64,
    /// L-35.
    pub attachments: u64,
    /// L-47.
    pub earliest: Instant,
    /// L-47: the last instant that is kept.
    pub latest: Instant,
}

impl Default for CalendarLimits {
    fn default() -> Self {
        Self {
            resource_size: 1 << 20,
            instances: 1_000,
            attendees: 100,
            attachment_size: 64 << 20,
            attachments: 10,
            earliest: Instant::from_secs(0),
            latest: Instant::from_secs(4_102_444_799),
        }
    }
}

/// A member of a calendar or inbox: columns only, never the text.
///
/// A listing holds ten thousand of these, so what all members share is shared.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its canonical href.
    pub href: Href,
    /// Strong, this reader's own (R2.9).
    pub etag: ETag,
    /// For scheduling objects (R3.3).
    pub schedule_tag: Option<ETag>,
    /// Bytes of the text that this reader gets; `None` where that is known only when it is made.
    pub size: Option<u64>,
    /// When it last changed.
    pub modified_at: Instant,
    /// What it is.
    pub component: ComponentKind,
    /// What its siblings have too.
    pub shared: Arc<Siblings>,
    /// Who may do what, where that was looked up.
    pub acl: Option<Arc<Acl>>,
}

/// What all members of one collection have in common for one reader.
#[derive(Clone, Debug)]
pub struct Siblings {
    /// `DAV:owner`.
    pub owner: Option<Href>,
    /// The collection's privileges.
    pub privileges: PrivilegeSet,
    /// See [`Info::principal_collections`].
    pub principal_collections: Arc<[Href]>,
}

/// A scheduling inbox.
#[derive(Clone, Debug)]
pub struct Inbox {
    /// See [`Info`].
    pub info: Info,
    /// Where invitations go (RFC 6638, section 9.2).
    pub default_calendar: Option<Href>,
    /// `calendar-availability`: iCalendar text with one VAVAILABILITY (RFC 7953, section 7.2.4).
    pub availability: Option<String>,
    /// The calendars that count for free-busy, as older clients read and write it.
    pub free_busy_set: Vec<Href>,
    /// `getctag`.
    pub ctag: String,
    /// `DAV:sync-token`.
    pub sync_token: SyncToken,
}

impl Node {
    /// The calendar in it.
    #[must_use]
    pub fn calendar(&self) -> Option<&Calendar> {
        match self {
            Self::Calendar(calendar) => Some(calendar),
            _ => None,
        }
    }

    /// The object in it.
    #[must_use]
    pub fn object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// As [`Node::info`], to be filled in.
    #[must_use]
    pub fn info_mut(&mut self) -> Option<&mut Info> {
        match self {
            Self::Root(it) | Self::PrincipalCollection(it) | Self::Home(it) | Self::Outbox(it) => {
                Some(&mut it.info)
            }
            Self::Principal(it) => Some(&mut it.info),
            Self::Calendar(it) => Some(&mut it.info),
            Self::Inbox(it) => Some(&mut it.info),
            Self::Object(_) => None,
        }
    }

    /// What it has in common with others; `None` for objects.
    #[must_use]
    pub fn info(&self) -> Option<&Info> {
        match self {
            Self::Root(it) | Self::PrincipalCollection(it) | Self::Home(it) | Self::Outbox(it) => {
                Some(&it.info)
            }
            Self::Principal(it) => Some(&it.info),
            Self::Calendar(it) => Some(&it.info),
            Self::Inbox(it) => Some(&it.info),
            Self::Object(_) => None,
        }
    }
}

const FOLDER: &[&str] = &["OPTIONS", "GET", "HEAD", "PROPFIND", "PROPPATCH", "REPORT"];
const HOME: &[&str] = &["OPTIONS", "GET", "HEAD", "PROPFIND", "PROPPATCH", "REPORT", "MKCALENDAR", "MKCOL"];
const CALENDAR: &[&str] = &["OPTIONS", "PROPFIND", "PROPPATCH", "REPORT", "PUT", "POST", "DELETE", "MOVE"];
const ROOM: &[&str] = &["OPTIONS", "PROPFIND", "PROPPATCH", "REPORT", "PUT", "POST", "DELETE", "MOVE", "ACL"];
const ROOM_READ: &[&str] = &["OPTIONS", "PROPFIND", "PROPPATCH", "REPORT", "ACL"];
const CALENDAR_READ: &[&str] = &["OPTIONS", "PROPFIND", "PROPPATCH", "REPORT"];
const OBJECT: &[&str] =
    &["OPTIONS", "GET", "HEAD", "PROPFIND", "PROPPATCH", "REPORT", "PUT", "POST", "DELETE", "MOVE"];
const OBJECT_READ: &[&str] = &["OPTIONS", "GET", "HEAD", "PROPFIND", "PROPPATCH", "REPORT"];
const SCHEDULING: &[&str] = &["OPTIONS", "PROPFIND", "PROPPATCH", "REPORT", "POST"];

/// R1.5: a read-only resource names none of PUT, POST and DELETE.
const fn writable(privileges: PrivilegeSet) -> bool {
    privileges.has(Privilege::WriteContent)
        || privileges.has(Privilege::Bind)
        || privileges.has(Privilege::Unbind)
}

impl dav::Node for Node {
    fn href(&self) -> &Href {
        match self {
            Self::Root(it) | Self::PrincipalCollection(it) | Self::Home(it) | Self::Outbox(it) => {
                &it.info.href
            }
            Self::Principal(it) => &it.info.href,
            Self::Calendar(it) => &it.info.href,
            Self::Inbox(it) => &it.info.href,
            Self::Object(it) => &it.href,
        }
    }

    fn etag(&self) -> Option<&ETag> {
        self.object().map(|object| &object.etag)
    }

    fn other_etags(&self) -> Vec<ETag> {
        self.object().map(|object| zone_form::by_reference(&object.etag)).into_iter().collect()
    }

    fn varies_by(&self) -> Option<&'static str> {
        self.object().map(|_| zone_form::CALDAV_TIMEZONES)
    }

    fn sync_token(&self) -> Option<&str> {
        match self {
            Self::Home(it) => it.sync_token.as_ref().map(SyncToken::as_str),
            Self::Calendar(it) => Some(it.sync_token.as_str()),
            Self::Inbox(it) => Some(it.sync_token.as_str()),
            _ => None,
        }
    }

    fn schedule_tag(&self) -> Option<&ETag> {
        self.object().and_then(|object| object.schedule_tag.as_ref())
    }

    fn privileges(&self) -> PrivilegeSet {
        match self {
            Self::Object(object) => object.shared.privileges,
            _ => self.info().map_or(PrivilegeSet::NONE, |info| info.privileges),
        }
    }

    fn supported(&self) -> Supported {
        match self {
            Self::Root(it) | Self::PrincipalCollection(it) | Self::Home(it) | Self::Outbox(it) => {
                it.supported()
            }
            Self::Principal(it) => it.supported(),
            Self::Calendar(it) => it.supported(),
            Self::Object(it) => it.supported(),
            Self::Inbox(it) => it.supported(),
        }
    }

    fn acl(&self) -> Option<&Acl> {
        match self {
            Self::Object(object) => object.acl.as_deref(),
            _ => self.info().and_then(|info| info.acl.as_deref()),
        }
    }

    fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Root(_) | Self::PrincipalCollection(_) | Self::Principal(_) => FOLDER,
            Self::Home(_) => HOME,
            Self::Calendar(it) => match (&it.kind, writable(it.info.privileges)) {
                (CalendarKind::Room, true) => ROOM,
                (CalendarKind::Room, false) => ROOM_READ,
                (CalendarKind::Own | CalendarKind::RoomOfPerson { .. }, true) => CALENDAR,
                (CalendarKind::Own | CalendarKind::RoomOfPerson { .. }, false) => CALENDAR_READ,
            },
            Self::Object(it) if writable(it.shared.privileges) => OBJECT,
            Self::Object(_) => OBJECT_READ,
            Self::Inbox(_) | Self::Outbox(_) => SCHEDULING,
        }
    }

    fn reports(&self) -> &'static [Name] {
        report::supported(self)
    }

    fn takes_registrations(&self) -> bool {
        matches!(self, Self::Calendar(_))
    }

    fn answer<'a>(&'a self, request: &'a PropRequest, viewer: &'a Viewer) -> Propstats<'a> {
        match self {
            Self::Root(it) | Self::PrincipalCollection(it) | Self::Home(it) | Self::Outbox(it) => {
                answer(it, &it.info.dead, request, viewer)
            }
            Self::Principal(it) => answer(&**it, &it.info.dead, request, viewer),
            Self::Calendar(it) => answer(&**it, &it.info.dead, request, viewer),
            Self::Object(it) => answer(it, &[], request, viewer),
            Self::Inbox(it) => answer(&**it, &it.info.dead, request, viewer),
        }
    }
}
