//! `CalendarObject`: one checked VCALENDAR with one UID and one kind of component.
//!
//! The bytes are kept as they came and never written again by a library. Knows no rooms and
//! no readers. RFC 4791, section 4.1; RFC 5545, sections 3.4, 3.6.2 and 3.6.3.

use std::sync::OnceLock;

use bytes::Bytes;

use super::error::{IcalError, IcalErrorKind};
use super::limits::Limits;
use super::scan::{Scan, scan};
use super::tree::Component;
use super::zones::{ZoneDisagreement, Zones, disagreements};
use super::{availability, checks, parse};
use crate::domain::event::Event;
use crate::domain::id::Uid;
use crate::domain::recurrence::PartRef;
use crate::domain::time::{EventTime, Instant, Zone};

/// What an object is made of, apart from its VTIMEZONEs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ComponentKind {
    /// VEVENT.
    Event,
    /// VTODO.
    Todo,
    /// VJOURNAL.
    Journal,
    /// VFREEBUSY.
    FreeBusy,
    /// VAVAILABILITY (RFC 7953).
    Availability,
}

impl ComponentKind {
    /// The component's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "VEVENT",
            Self::Todo => "VTODO",
            Self::Journal => "VJOURNAL",
            Self::FreeBusy => "VFREEBUSY",
            Self::Availability => "VAVAILABILITY",
        }
    }

    /// All of them, the usual ones first.
    pub const ALL: [Self; 5] = [Self::Event, Self::Todo, Self::Journal, Self::FreeBusy, Self::Availability];

    /// The kind with this name in upper case; `None` for what is not kept.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// One calendar object resource, read and checked once; nobody asks again whether it is one.
#[derive(Clone, Debug)]
pub struct CalendarObject {
    scan: Scan,
    kind: ComponentKind,
    uid: Uid,
    zones: Zones,
    /// Indexes of the components that carry the UID.
    parts: Vec<u32>,
    /// For a VEVENT object.
    event: Option<Event>,
    /// For VTODO and VJOURNAL, read when first asked for.
    series: OnceLock<Option<Event>>,
}

impl CalendarObject {
    /// Reads and checks one object. Which kinds a calendar takes is the caller's business.
    ///
    /// # Errors
    /// [`IcalError`], with the first thing found wrong.
    pub fn parse(bytes: Bytes, limits: &Limits) -> Result<Self, IcalError> {
        let scan = scan(bytes, limits)?;
        checks::method(Component::root(&scan))?;
        Self::of(scan, limits)
    }

    /// Reads a scheduling message (RFC 5546): an object with a METHOD.
    ///
    /// # Errors
    /// As [`CalendarObject::parse`].
    pub fn parse_message(bytes: Bytes, limits: &Limits) -> Result<Self, IcalError> {
        Self::of(scan(bytes, limits)?, limits)
    }

    fn of(scan: Scan, limits: &Limits) -> Result<Self, IcalError> {
        let calendar = Component::root(&scan);
        checks::calendar(calendar)?;
        let (kind, parts) = checks::parts(calendar)?;
        let components = || parts.iter().map(|index| Component { scan: &scan, index: *index });
        let uid = checks::uid(components(), limits)?;
        for component in components() {
            checks::component(component, limits)?;
        }
        checks::attendees(components(), limits)?;
        let zones = Zones::read(calendar, limits)?;
        let event = match kind {
            ComponentKind::Event => Some(parse::event(uid.clone(), components(), &zones, limits)?),
            _ => None,
        };
        for component in components().filter(|_| event.is_none()) {
            checks::times(component, &zones, limits)?;
        }
        let object = Self { scan, kind, uid, zones, parts, event, series: OnceLock::new() };
        if kind == ComponentKind::Availability {
            availability::check(&object, limits)?;
        }
        Ok(object)
    }

    /// The text exactly as it was given to [`CalendarObject::parse`].
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.scan.bytes
    }

    /// The one UID.
    #[must_use]
    pub fn uid(&self) -> &Uid {
        &self.uid
    }

    /// The one kind of component.
    #[must_use]
    pub fn component(&self) -> ComponentKind {
        self.kind
    }

    /// What a VEVENT object says.
    ///
    /// # Errors
    /// [`IcalErrorKind::UnsupportedComponent`] for every other kind.
    pub fn event(&self) -> Result<&Event, IcalError> {
        self.event.as_ref().ok_or_else(|| {
            let message = format!("a {} is not an event", self.kind.as_str());
            IcalError::new(IcalErrorKind::UnsupportedComponent, message)
        })
    }

    /// When the parts happen, whatever kind they are; `None` where they have no start each, and for
    /// kinds that are not about something that happens.
    pub(crate) fn series(&self) -> Option<&Event> {
        let read = || parse::event(self.uid.clone(), self.parts(), &self.zones, &Limits::none()).ok();
        match self.kind {
            ComponentKind::Event => self.event.as_ref(),
            ComponentKind::Todo | ComponentKind::Journal => self.series.get_or_init(read).as_ref(),
            ComponentKind::FreeBusy | ComponentKind::Availability => None,
        }
    }

    /// The VCALENDAR with everything in it.
    #[must_use]
    pub fn calendar(&self) -> Component<'_> {
        Component::root(&self.scan)
    }

    /// The components that carry the UID, in the order of the text. Those of a VEVENT object
    /// are [`Event::parts`], though not always in that order.
    pub fn parts(&self) -> impl Iterator<Item = Component<'_>> {
        self.parts.iter().map(|index| Component { scan: &self.scan, index: *index })
    }

    /// The component without RECURRENCE-ID.
    #[must_use]
    pub fn master(&self) -> Option<Component<'_>> {
        self.parts().find(|part| part.get("RECURRENCE-ID").is_none())
    }

    /// The component that describes an occurrence of [`CalendarObject::event`].
    #[must_use]
    pub fn described_by(&self, part: PartRef) -> Option<Component<'_>> {
        match part {
            PartRef::Master => self.master(),
            PartRef::Override(at) => self.parts().filter(|part| part.get("RECURRENCE-ID").is_some()).nth(at),
        }
    }

    /// The component that overrides the instance which would start at `at`; dates and floating
    /// times are read in `floating` (R17).
    #[must_use]
    pub fn override_at(&self, at: Instant, floating: &Zone) -> Option<Component<'_>> {
        self.parts().find(|part| self.original_start(*part, floating) == Some(at))
    }

    /// The instant that a part's RECURRENCE-ID names; `None` without one.
    #[must_use]
    pub fn original_start(&self, part: Component<'_>, floating: &Zone) -> Option<Instant> {
        let id = self.recurrence_id(part)?;
        Some(match self.event() {
            Ok(event) => crate::domain::recurrence::original_start(event, &id, floating),
            Err(_) => id.instant(floating),
        })
    }

    /// RECURRENCE-ID of one of [`CalendarObject::parts`].
    #[must_use]
    pub fn recurrence_id(&self, part: Component<'_>) -> Option<EventTime> {
        self.date(part, "RECURRENCE-ID")
    }

    /// The first DATE or DATE-TIME of a property; `None` if it is absent or cannot be read.
    #[must_use]
    pub fn date(&self, component: Component<'_>, name: &str) -> Option<EventTime> {
        let property = component.get(name)?;
        super::time::event_time(property.value(), self.zones.of(property).ok()?.as_ref())
    }

    /// When the text says it was made: the latest DTSTAMP of its parts.
    #[must_use]
    pub fn stamp(&self) -> Option<Instant> {
        self.parts().filter_map(|part| super::time::utc(part.get("DTSTAMP")?.value())).max()
    }

    /// Where an embedded VTIMEZONE and the server's data differ for a time of this object
    /// (R14); the server's data decides, this is for the audit log. Looks at each start, and at
    /// the same wall clock a quarter year apart for two years if the event recurs.
    #[must_use]
    pub fn zone_disagreements(&self) -> Vec<ZoneDisagreement> {
        let parts = self.event.iter().flat_map(Event::parts);
        let quarters = |time: &EventTime, count: i64| -> Vec<EventTime> {
            let EventTime::Zoned(wall, zone) = time else { return Vec::new() };
            let later = |days| wall.checked_add(jiff::Span::new().days(days)).ok();
            (0..=count).filter_map(|n| later(n * 91)).map(|w| EventTime::Zoned(w, zone.clone())).collect()
        };
        let times = parts.flat_map(|part| quarters(&part.start, if part.recurs() { 8 } else { 0 }));
        disagreements(self.calendar(), &times.collect::<Vec<_>>())
    }

    /// The TZIDs that the parts name by another name than that of the zone they are read as, each with
    /// that one's (R14).
    #[must_use]
    pub fn foreign_zones(&self) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        for property in self.parts().flat_map(Component::properties) {
            let Some(tzid) = property.param("TZID") else { continue };
            let Ok(Some(zone)) = self.zones.of(property) else { continue };
            let is_known = found.iter().any(|(known, _)| *known == tzid);
            if !is_known && !zone.name().eq_ignore_ascii_case(&tzid) {
                found.push((tzid, zone.name().to_owned()));
            }
        }
        found
    }

    pub(crate) fn zones(&self) -> &Zones {
        &self.zones
    }

    pub(crate) fn scan(&self) -> &Scan {
        &self.scan
    }
}

#[cfg(test)]
mod tests;
