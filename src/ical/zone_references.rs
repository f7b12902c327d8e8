//! Time zones by reference: texts with the VTIMEZONE of every zone that they name, and texts
//! without those that everybody has.
//!
//! Who wants which is not known here. RFC 7809, sections 3.1.3 and 3.1.4.

use bytes::Bytes;

use super::error::IcalError;
use super::limits::Limits;
use super::object::CalendarObject;
use super::patch::Patch;
use super::scan::scan;
use super::tree::{Component, Property};
use super::{time, timezone};
use crate::domain::time::{EventTime, Instant, Period, Zone};
use crate::domain::zone_names;

/// The text of `object` with a VTIMEZONE for each TZID that had none, right for the times that
/// stand in it. A text that lacks none is given back as it is; equal input gives equal bytes.
///
/// # Errors
/// [`IcalError`] if it would have more VTIMEZONEs than `limits` allow (L-36).
pub fn with_zones(object: &CalendarObject, limits: &Limits) -> Result<Bytes, IcalError> {
    let calendar = object.calendar();
    let mut used = Vec::new();
    let mut repeats = false;
    for component in calendar.children().filter(|child| child.name() != "VTIMEZONE") {
        gather(object, component, &mut used, &mut repeats);
    }
    let has = calendar.children().filter(|child| child.name() == "VTIMEZONE").count();
    let defined: Vec<String> = calendar
        .children()
        .filter(|child| child.name() == "VTIMEZONE")
        .flat_map(|zone| [zone.text("TZID"), zone.get("TZID").map(|tzid| tzid.value().to_owned())])
        .flatten()
        .collect();
    let mut missing: Vec<(&str, &Zone)> = Vec::new();
    for used in used.iter().filter(|used| !defined.contains(&used.tzid)) {
        if !missing.iter().any(|(tzid, _)| *tzid == used.tzid) {
            missing.push((&used.tzid, &used.zone));
        }
        if missing.len() > limits.max_timezones.saturating_sub(has) {
            return Err(IcalError::data("the object names too many time zones"));
        }
    }
    let mut patch = Patch::new(calendar);
    let span = span(&used, repeats);
    for (tzid, zone) in missing {
        for line in timezone::generate(zone, tzid, span) {
            patch.add(calendar, &line);
        }
    }
    Ok(patch.apply())
}

/// The object with its zones explained, if it did not explain them all; `None` if it did.
///
/// # Errors
/// [`IcalError`] if that is more than `limits` allow, so that it could not be written back.
pub fn explained(object: &CalendarObject, limits: &Limits) -> Result<Option<CalendarObject>, IcalError> {
    let text = with_zones(object, limits)?;
    if text == *object.bytes() { Ok(None) } else { CalendarObject::parse(text, limits).map(Some) }
}

/// The text without the VTIMEZONEs whose TZID is a name of the bundled data, whatever they say:
/// our data decides what such a name means. What cannot be read is given back as it is.
#[must_use]
pub fn without_known_zones(text: &Bytes) -> Bytes {
    let Ok(scan) = scan(text.clone(), &Limits::none()) else { return text.clone() };
    let calendar = Component::root(&scan);
    let mut patch = Patch::new(calendar);
    for zone in calendar.children().filter(|child| child.name() == "VTIMEZONE") {
        if zone.text("TZID").is_some_and(|tzid| zone_names::has(&tzid)) {
            patch.remove_component(zone);
        }
    }
    patch.apply()
}

/// The TZID of the first VTIMEZONE in a text; `None` if there is none.
#[must_use]
pub fn first_tzid(text: &str) -> Option<String> {
    let scan = scan(Bytes::copy_from_slice(text.as_bytes()), &Limits::none()).ok()?;
    Component::root(&scan).children().find(|child| child.name() == "VTIMEZONE")?.text("TZID")
}

/// The zones of the bundled data that several objects name, to be explained once for all of them.
#[derive(Default)]
pub struct KnownZones {
    names: Vec<String>,
    times: Vec<(Instant, Instant)>,
}

impl KnownZones {
    /// Adds those that an object names, with the times that it says of them.
    pub fn add(&mut self, object: &CalendarObject) {
        let mut used = Vec::new();
        for component in object.calendar().children().filter(|child| child.name() != "VTIMEZONE") {
            gather(object, component, &mut used, &mut false);
        }
        for used in used.into_iter().filter(|used| zone_names::has(&used.tzid)) {
            self.times.extend(used.times);
            if !self.names.contains(&used.tzid) {
                self.names.push(used.tzid);
            }
        }
    }

    /// One VTIMEZONE for each, right for every time that was added.
    #[must_use]
    pub fn text(&self) -> Vec<u8> {
        let start = self.times.iter().map(|(first, _)| *first).min().unwrap_or(Instant::from_secs(0));
        let end = self.times.iter().map(|(_, last)| *last).max().unwrap_or(start);
        let span = timezone::needed(start, end, true);
        let mut out = Vec::new();
        for (name, zone) in self.names.iter().filter_map(|name| Some((name, Zone::iana(name)?))) {
            for line in timezone::generate(&zone, name, span) {
                super::line::fold(&line, b"\r\n", &mut out);
            }
        }
        out
    }
}

/// A zone that a property names.
struct Used {
    tzid: String,
    zone: Zone,
    /// The first and the last time that the property says of it.
    times: Option<(Instant, Instant)>,
}

/// The zones that a component and everything in it names, in the order of the text.
fn gather(object: &CalendarObject, component: Component<'_>, used: &mut Vec<Used>, repeats: &mut bool) {
    for property in component.properties() {
        *repeats |= property.is("RRULE");
        let Some(tzid) = property.param("TZID") else { continue };
        // What nobody needs to read may name anything.
        let Ok(Some(zone)) = object.zones().of(property) else { continue };
        let times = times(property, &zone);
        used.push(Used { tzid, zone, times });
    }
    for child in component.children() {
        gather(object, child, used, repeats);
    }
}

fn times(property: Property<'_>, zone: &Zone) -> Option<(Instant, Instant)> {
    let read = |text: &str| time::event_time(text.split('/').next()?, Some(zone));
    let times = property.value().split(',').filter_map(read);
    let at = |time: EventTime| time.instant(zone);
    times.map(at).fold(None, |span, at| match span {
        None => Some((at, at)),
        Some((first, last)) => Some((at.min(first), at.max(last))),
    })
}

/// The stretch for which the zones must be right.
fn span(used: &[Used], repeats: bool) -> Period {
    let times = || used.iter().filter_map(|used| used.times);
    let start = times().map(|(first, _)| first).min().unwrap_or(Instant::from_secs(0));
    let end = times().map(|(_, last)| last).max().unwrap_or(start);
    timezone::needed(start, end, repeats)
}

#[cfg(test)]
mod tests;
