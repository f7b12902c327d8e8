//! One object of a file, read: what it is, or why it is none, and how its times are understood.
//!
//! Knows no rooms but the zone of one. R13, R14, R28, R29.

use bytes::Bytes;

use crate::domain::event::{Event, Part, Status};
use crate::domain::time::{EventTime, Zone};
use crate::ical::{CalendarObject, Limits};

use super::note::Note;
use super::pieces::Piece;

/// Reads a piece; `zone` is the room's.
///
/// # Errors
/// A sentence that says why it cannot be an event of a calendar.
pub(super) fn read(
    piece: &Piece,
    zone: &Zone,
    limits: &Limits,
) -> Result<(CalendarObject, Vec<Note>), String> {
    // PUBLISH and REQUEST stand at the head of exports too; the others change what was sent before.
    if !matches!(piece.method.as_str(), "" | "PUBLISH" | "REQUEST") {
        return Err(format!("METHOD:{} makes it a message about an event, not an event", piece.method));
    }
    let object =
        CalendarObject::parse(Bytes::from(piece.text.clone()), limits).map_err(|bad| bad.to_string())?;
    let mut notes = Vec::new();
    if piece.repeated > 0 {
        notes.push(Note::Repeated(piece.repeated));
    }
    if piece.is_renamed {
        notes.push(Note::Renamed);
    }
    notes.extend(object.foreign_zones().into_iter().map(|(tzid, zone)| Note::Zone { tzid, zone }));
    notes.extend(object.zone_disagreements().first().map(|it| Note::ZoneDiffers(it.to_string())));
    if let Ok(event) = object.event() {
        notes.extend(about(event, zone));
    }
    Ok((object, notes))
}

fn about(event: &Event, zone: &Zone) -> Vec<Note> {
    let mut notes = Vec::new();
    if event.parts().all(|part| part.status == Status::Cancelled) {
        return vec![Note::Cancelled];
    }
    if event.parts().any(|part| matches!(part.start, EventTime::Floating(_))) {
        notes.push(Note::Floating(zone.name().to_owned()));
    }
    let is_free = |part: &Part| part.transparent && !part.note && part.status != Status::Cancelled;
    if event.parts().any(is_free) {
        notes.push(Note::Free);
    }
    notes
}
