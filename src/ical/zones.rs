//! What the TZIDs of one object mean (R14): our zone data first, the object's own VTIMEZONE last.
//!
//! RFC 5545, sections 3.2.19 and 3.6.5; RFC 7809, section 3.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;

use super::error::IcalError;
use super::limits::Limits;
use super::scan::scan;
use super::timezone::{Observances, interpret};
use super::tree::{Component, Property};
use super::windows;
use crate::domain::time::{EventTime, Instant, Zone};

/// The zones that one object names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Zones(BTreeMap<String, Zone>);

/// A place where an embedded VTIMEZONE and the server's data differ (R14); the server's decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneDisagreement {
    /// The TZID as the object has it.
    pub tzid: String,
    /// An instant at which the two differ.
    pub at: Instant,
    /// Seconds east of UTC by the object's VTIMEZONE.
    pub supplied: i32,
    /// Seconds east of UTC by the server's data.
    pub known: i32,
}

impl fmt::Display for ZoneDisagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tzid, at, supplied, known } = self;
        write!(f, "VTIMEZONE {tzid:?} has {supplied} s at {at}, our zone data {known} s")
    }
}

impl Zones {
    /// Reads the VTIMEZONEs of `calendar`, of which only those are interpreted that no name resolves.
    pub(crate) fn read(calendar: Component<'_>, limits: &Limits) -> Result<Self, IcalError> {
        let mut zones = BTreeMap::new();
        for (count, component) in calendar.children().filter(|child| child.name() == "VTIMEZONE").enumerate()
        {
            if count >= limits.max_timezones {
                return Err(IcalError::data("the object has too many VTIMEZONE components"));
            }
            if component.children().count() > limits.max_observances {
                return Err(IcalError::data("a VTIMEZONE has too many observances"));
            }
            let tzid = component.text("TZID").ok_or_else(|| IcalError::data("a VTIMEZONE has no TZID"))?;
            let raw = component.get("TZID").map_or("", Property::value);
            let named = lookup(&tzid).or_else(|| location(component));
            let zone = match named {
                Some(zone) => zone,
                None => interpret(component)
                    .map(Observances::into_onsets)
                    .and_then(|onsets| Zone::from_onsets(&tzid, onsets))
                    .ok_or_else(|| {
                        IcalError::timezone("a VTIMEZONE is not known and cannot be interpreted")
                    })?,
            };
            // A parameter knows no backslashes; some write the TZID there as they do in the text.
            zones.insert(raw.to_owned(), zone.clone());
            zones.insert(tzid, zone);
        }
        Ok(Self(zones))
    }

    /// The zone that a TZID means here.
    #[cfg(test)]
    pub(crate) fn named(&self, tzid: &str) -> Option<Zone> {
        self.0.get(tzid).cloned()
    }

    /// The zone of a property's TZID; `None` if it has no TZID.
    ///
    /// # Errors
    /// If neither our data nor the object knows the TZID (B-07).
    pub(crate) fn of(&self, property: Property<'_>) -> Result<Option<Zone>, IcalError> {
        let Some(tzid) = property.param("TZID") else { return Ok(None) };
        let zone = self.0.get(&tzid).cloned().or_else(|| lookup(&tzid));
        zone.map(Some)
            .ok_or_else(|| IcalError::timezone(format!("the TZID of {} is not defined", property.name())))
    }
}

/// Where the VTIMEZONEs of `calendar` differ from our data, looked at `times` only.
pub(crate) fn disagreements(calendar: Component<'_>, times: &[EventTime]) -> Vec<ZoneDisagreement> {
    let mut found = Vec::new();
    for component in calendar.children().filter(|child| child.name() == "VTIMEZONE") {
        let Some(tzid) = component.text("TZID") else { continue };
        let Some(known) = lookup(&tzid).or_else(|| location(component)) else { continue };
        let supplied = interpret(component).and_then(|table| Zone::from_onsets(&tzid, table.into_onsets()));
        let Some(supplied) = supplied else { continue };
        let instants = times.iter().filter_map(|time| match time {
            EventTime::Zoned(wall, zone) if *zone == known => Some(known.to_instant(*wall)),
            _ => None,
        });
        let differing = instants
            .map(|at| ZoneDisagreement {
                tzid: tzid.clone(),
                at,
                supplied: supplied.offset_at(at),
                known: known.offset_at(at),
            })
            .find(|note| note.supplied != note.known);
        found.extend(differing);
    }
    found
}

/// The zone of our data that a TZID names, in the ways clients write it: IANA's names in any
/// case, vendors' paths that end in one, Windows' names. `None` if it names none (R14).
#[must_use]
pub fn zone_named(tzid: &str) -> Option<Zone> {
    lookup(tzid)
}

/// As [`zone_named`].
pub(crate) fn lookup(tzid: &str) -> Option<Zone> {
    let name = tzid.trim().trim_matches('"');
    Zone::iana(name).or_else(|| by_suffix(name)).or_else(|| windows::iana_name(name).and_then(Zone::iana))
}

/// `/freeassociation.sourceforge.net/Tzfile/Europe/Brussels`, `/citadel.org/20210210_1/Europe/Berlin`:
/// the longest tail of a path that is a zone.
fn by_suffix(name: &str) -> Option<Zone> {
    if !name.contains('/') || name.len() > 255 {
        return None;
    }
    let tails = name.match_indices('/').map(|(at, _)| &name[at + 1..]).take(16);
    // A bare last word such as "UTC" counts only behind a vendor's leading slash.
    tails.filter(|tail| tail.contains('/') || name.starts_with('/')).find_map(Zone::iana)
}

/// X-LIC-LOCATION, or the number that Outlook's CDO gives to the commonest zones.
fn location(component: Component<'_>) -> Option<Zone> {
    const CDO: [(&str, &str); 10] = [
        ("0", "UTC"),
        ("1", "Europe/London"),
        ("3", "Europe/Paris"),
        ("4", "Europe/Berlin"),
        ("10", "America/New_York"),
        ("11", "America/Chicago"),
        ("12", "America/Denver"),
        ("13", "America/Los_Angeles"),
        ("20", "Asia/Tokyo"),
        ("45", "Asia/Shanghai"),
    ];
    component.text("X-LIC-LOCATION").and_then(|name| lookup(&name)).or_else(|| {
        let number = component.text("X-MICROSOFT-CDO-TZID")?;
        CDO.iter().find(|(from, _)| *from == number.trim()).and_then(|(_, zone)| Zone::iana(zone))
    })
}

/// The zone of a `CALDAV:calendar-timezone` value: a VCALENDAR with one VTIMEZONE and nothing
/// else (RFC 4791, section 5.2.2).
///
/// # Errors
/// [`IcalError`] if it is not that, or the zone is neither known nor can be interpreted.
pub fn zone_of_calendar(text: Bytes, limits: &Limits) -> Result<Zone, IcalError> {
    let scan = scan(text, limits)?;
    let calendar = Component::root(&scan);
    let mut children = calendar.children();
    let (Some(timezone), None) =
        (children.next().filter(|child| child.name() == "VTIMEZONE"), children.next())
    else {
        return Err(IcalError::data("the text is not a VCALENDAR with one VTIMEZONE"));
    };
    let tzid = timezone.text("TZID").unwrap_or_default();
    let zones = Zones::read(calendar, limits)?;
    zones.0.get(&tzid).cloned().ok_or_else(|| IcalError::data("the VTIMEZONE cannot be used"))
}

#[cfg(test)]
mod tests;
