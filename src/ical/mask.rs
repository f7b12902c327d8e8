//! What a reader below `details` sees of somebody else's event: when, and that it is busy.
//!
//! The text is built anew from the times alone, so nothing that the writer wrote can be in it.
//! Who sees what is decided above. R100 to R102.

use bytes::Bytes;

use super::error::IcalError;
use super::object::CalendarObject;
use super::write::EventText;
use crate::domain::event::{Event, ExtraDate, Part};
use crate::domain::id::Uid;
use crate::domain::time::{EventTime, Instant, Zone};

/// The masked text of `object`: times, recurrence, STATUS and CLASS as they are, TRANSP:OPAQUE,
/// `uid` and `title` in place of its own. Equal input gives equal bytes.
///
/// `title` is "Busy" in the reader's language, or the organizer's name where the level allows.
///
/// # Errors
/// [`IcalError`] if the object is not an event.
pub fn mask(object: &CalendarObject, uid: &Uid, title: &str) -> Result<Bytes, IcalError> {
    let event = object.event()?;
    let mut names = Vec::new();
    let masked = Event {
        uid: uid.clone(),
        master: event.master.as_ref().map(|part| masked(part, title, &mut names)),
        overrides: event.overrides.iter().map(|part| masked(part, title, &mut names)).collect(),
    };
    let stamp = object.stamp().unwrap_or(Instant::from_secs(0));
    let text = EventText { event: &masked, stamp, description: None, organizer_name: None, rooms: &[] };
    Ok(text.write())
}

/// `names` are the TZIDs met so far that only the object's own VTIMEZONEs define.
fn masked(part: &Part, title: &str, names: &mut Vec<String>) -> Part {
    let mut time = |time: &EventTime| renamed(time, names);
    Part {
        recurrence_id: part.recurrence_id.as_ref().map(&mut time),
        this_and_future: part.this_and_future,
        start: time(&part.start),
        length: part.length,
        rules: part.rules.clone(),
        except_rules: part.except_rules.clone(),
        dates: part
            .dates
            .iter()
            .map(|date| match date {
                ExtraDate::Start(start) => ExtraDate::Start(time(start)),
                ExtraDate::Period(start, length) => ExtraDate::Period(time(start), *length),
            })
            .collect(),
        exceptions: part.exceptions.iter().map(time).collect(),
        status: part.status,
        class: part.class,
        transparent: false,
        note: false,
        sequence: 0,
        summary: title.to_owned(),
        location: String::new(),
        organizer: None,
        attendees: Vec::new(),
        related_to: Vec::new(),
        units: 1,
        atomic: false,
    }
}

/// A zone that the writer named gets a name of ours: theirs may say anything.
fn renamed(time: &EventTime, names: &mut Vec<String>) -> EventTime {
    let EventTime::Zoned(wall, zone) = time else { return time.clone() };
    if zone.known().is_some() {
        return time.clone();
    }
    let at = names.iter().position(|name| name == zone.name()).unwrap_or_else(|| {
        names.push(zone.name().to_owned());
        names.len() - 1
    });
    let zone = Zone::from_onsets(&format!("Local {}", at + 1), zone.onsets().to_vec());
    zone.map_or_else(|| time.clone(), |zone| EventTime::Zoned(*wall, zone))
}
