//! Properties of calendars.
//!
//! What a reader sets is the reader's own value (R1.13). RFC 4791, sections 5.2, 5.2.10, 9.1 and 9.4;
//! RFC 5995, section 3.2; RFC 6578, section 4; RFC 6638, section 9.1; RFC 7809, section 5.2; RFC 8607,
//! sections 6 and 6.1 to 6.3.

use crate::caldav::condition::{VALID_CALENDAR_DATA, VALID_TIMEZONE};
use crate::caldav::node::{Calendar, CalendarKind};
use crate::caldav::report;
use crate::dav::name::{APPLE, CALDAV, CALENDARSERVER, DAV};
use crate::dav::patch::Edit;
use crate::dav::property::{Content, Described, Property};
use crate::dav::xml::Element;
use crate::dav::{Href, Name, Privilege, Supported};
use crate::domain::time::{Instant, Zone};
use crate::ical::Collation;

use super::common::{Common, common_by_info, supported_by_type, supported_of_room, text_of};

/// What may be changed about a calendar, for one reader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarPatch {
    /// `displayname`.
    pub title: Edit<String>,
    /// `calendar-description`.
    pub description: Edit<String>,
    /// `calendar-color`, as it was sent.
    pub color: Edit<String>,
    /// `calendar-order`.
    pub order: Edit<i64>,
    /// `calendar-timezone`: iCalendar text with one VTIMEZONE.
    pub timezone: Edit<String>,
    /// `calendar-timezone-id`: a zone that is known.
    pub zone: Edit<Zone>,
    /// `schedule-calendar-transp`.
    pub is_transparent: Edit<bool>,
}

static TYPES: [Name; 2] = [Name::new(DAV, "collection"), Name::new(CALDAV, "calendar")];
static TRANSPARENT: [Name; 1] = [Name::new(CALDAV, "transparent")];
static OPAQUE: [Name; 1] = [Name::new(CALDAV, "opaque")];

common_by_info!(
    Calendar,
    |_| &TYPES,
    |_| report::OF_CALENDAR,
    fn supported(&self) -> Supported {
        match self.kind {
            CalendarKind::Own => supported_by_type(&TYPES),
            CalendarKind::RoomOfPerson { .. } | CalendarKind::Room => supported_of_room(),
        }
    },
    fn acl_sources(&self) -> Vec<Href> {
        match &self.kind {
            CalendarKind::RoomOfPerson { room } => vec![room.clone()],
            CalendarKind::Own | CalendarKind::Room => Vec::new(),
        }
    }
);

impl Described for Calendar {
    type Patch = CalendarPatch;

    const PROPERTIES: &'static [&'static [Property<Self>]] =
        &[Self::COMMON, SETTABLE, STATE, ADDING, LIMITS, ATTACHMENTS, super::push::PUSHED];

    fn is_reserved(name: &Name) -> bool {
        super::is_reserved(name)
    }
}

/// What every reader may set (R1.13).
const SETTABLE: &[Property<Calendar>] = &[
    Property::live(DAV, "displayname", "RFC 4918, section 15.2", |calendar: &Calendar, _| {
        calendar.info.title.as_deref().map(Content::text)
    })
    .in_allprop()
    .writable(|patch, value| {
        patch.title = Edit::of(text_of(value));
        Ok(())
    }),
    Property::live(CALDAV, "calendar-description", "RFC 4791, section 5.2.1", |calendar: &Calendar, _| {
        calendar.description.as_deref().map(Content::text)
    })
    .writable(|patch, value| {
        patch.description = Edit::of(text_of(value));
        Ok(())
    }),
    Property::live(CALDAV, "calendar-timezone", "RFC 4791, section 5.2.2", |calendar: &Calendar, _| {
        Some(Content::text(&calendar.timezone))
    })
    .writable(|patch, value| {
        let text = text_of(value);
        let is_zone = |text: &String| {
            text.starts_with("BEGIN:VCALENDAR") && text.matches("BEGIN:VTIMEZONE").count() == 1
        };
        if !text.as_ref().is_none_or(is_zone) {
            return Err(VALID_CALENDAR_DATA);
        }
        patch.timezone = Edit::of(text);
        Ok(())
    }),
    Property::live(CALDAV, "calendar-timezone-id", "RFC 7809, section 5.2", |calendar: &Calendar, _| {
        Some(Content::text(&calendar.timezone_id))
    })
    .writable(|patch, value| {
        let zone = text_of(value).map(|name| Zone::iana(&name).ok_or(VALID_TIMEZONE)).transpose()?;
        patch.zone = Edit::of(zone);
        Ok(())
    }),
    Property::live(CALDAV, "schedule-calendar-transp", "RFC 6638, section 9.1", |calendar: &Calendar, _| {
        Some(Content::Names(if calendar.is_transparent { &TRANSPARENT } else { &OPAQUE }))
    })
    .writable(|patch, value| {
        patch.is_transparent = Edit::of(value.map(|value| value.child(CALDAV, "transparent").is_some()));
        Ok(())
    }),
    Property::live(APPLE, "calendar-color", "Apple iCal", |calendar: &Calendar, _| {
        calendar.color.as_deref().map(Content::text)
    })
    .writable(|patch, value| {
        patch.color = Edit::of(text_of(value));
        Ok(())
    }),
    Property::live(APPLE, "calendar-order", "Apple iCal", |calendar: &Calendar, _| {
        calendar.order.map(|order| Content::Text(order.to_string().into()))
    })
    .writable(|patch, value| {
        // A number that is none says nothing about the order; macOS must not be refused (R1.13).
        patch.order = Edit::of(text_of(value).and_then(|text| text.parse().ok()));
        Ok(())
    }),
];

/// What changes with the members.
const STATE: &[Property<Calendar>] = &[
    Property::live(
        CALENDARSERVER,
        "getctag",
        "calendarserver-ctag, section 4.1",
        |calendar: &Calendar, _| Some(Content::text(&calendar.ctag)),
    ),
    Property::live(DAV, "sync-token", "RFC 6578, section 4", |calendar: &Calendar, _| {
        Some(Content::text(calendar.sync_token.as_str()))
    }),
];

/// Where a member is made whose name the server chooses: at the calendar itself, for who may.
const ADDING: &[Property<Calendar>] =
    &[Property::live(DAV, "add-member", "RFC 5995, section 3.2.1", |calendar: &Calendar, _| {
        calendar.info.privileges.has(Privilege::Bind).then_some(Content::Href(&calendar.info.href))
    })];

/// What is fixed about members.
const LIMITS: &[Property<Calendar>] = &[
    Property::live(
        CALDAV,
        "supported-calendar-component-set",
        "RFC 4791, section 5.2.3",
        |calendar: &Calendar, _| {
            let component = |kind: &crate::ical::ComponentKind| {
                Element::new(Name::new(CALDAV, "comp")).with_attribute("name", kind.as_str())
            };
            Some(Content::Elements(calendar.components.iter().map(component).collect()))
        },
    ),
    Property::live(CALDAV, "supported-calendar-data", "RFC 4791, section 5.2.4", |_, _| {
        let data = Element::new(Name::new(CALDAV, "calendar-data"))
            .with_attribute("content-type", "text/calendar")
            .with_attribute("version", "2.0");
        Some(Content::Elements(vec![data]))
    }),
    Property::live(CALDAV, "supported-collation-set", "RFC 4791, section 7.5.1", |_, _| {
        let name = Name::new(CALDAV, "supported-collation");
        let collation = |it: &Collation| Element::new(name.clone()).with_text(it.as_str());
        Some(Content::Elements(Collation::ALL.iter().map(collation).collect()))
    }),
    Property::live(CALDAV, "max-resource-size", "RFC 4791, section 5.2.5", |calendar: &Calendar, _| {
        Some(Content::Number(calendar.limits.resource_size))
    }),
    Property::live(CALDAV, "min-date-time", "RFC 4791, section 5.2.6", |calendar: &Calendar, _| {
        Some(Content::Text(utc(calendar.limits.earliest).into()))
    }),
    Property::live(CALDAV, "max-date-time", "RFC 4791, section 5.2.7", |calendar: &Calendar, _| {
        Some(Content::Text(utc(calendar.limits.latest).into()))
    }),
    Property::live(CALDAV, "max-instances", "RFC 4791, section 5.2.8", |calendar: &Calendar, _| {
        Some(Content::Number(calendar.limits.instances))
    }),
    Property::live(
        CALDAV,
        "max-attendees-per-instance",
        "RFC 4791, section 5.2.9",
        |calendar: &Calendar, _| Some(Content::Number(calendar.limits.attendees)),
    ),
];

/// What members may carry along, and where it is got.
const ATTACHMENTS: &[Property<Calendar>] = &[
    Property::live(
        CALDAV,
        "managed-attachments-server-URL",
        "RFC 8607, section 6.1",
        |calendar: &Calendar, _| Some(server_url(&calendar.attachments_at)),
    ),
    Property::live(CALDAV, "max-attachment-size", "RFC 8607, section 6.2", |calendar: &Calendar, _| {
        Some(Content::Number(calendar.limits.attachment_size))
    }),
    Property::live(
        CALDAV,
        "max-attachments-per-resource",
        "RFC 8607, section 6.3",
        |calendar: &Calendar, _| Some(Content::Number(calendar.limits.attachments)),
    ),
];

/// Scheme and authority as one href.
pub(super) fn server_url(url: &str) -> Content<'static> {
    Content::Elements(vec![Element::new(Name::new(DAV, "href")).with_text(url)])
}

/// RFC 5545, section 3.3.5, form 2.
fn utc(at: Instant) -> String {
    at.timestamp().strftime("%Y%m%dT%H%M%SZ").to_string()
}
