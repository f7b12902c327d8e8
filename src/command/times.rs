//! Times on the command line: read as RFC 3339 or local to a zone, written as RFC 3339 with the
//! zone's offset.

use jiff::civil::DateTime;
use serde_json::Value;

use crate::domain::find::Point;
use crate::domain::time::{Instant, Zone};

use super::failure::Failure;

/// Reads `2027-03-01T09:00:00+01:00`, or `2027-03-01T09:00` (also without the time) in `zone`.
pub(super) fn read(text: &str, zone: &Zone) -> Result<Instant, Failure> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(Instant::from(at));
    }
    Ok(zone.to_instant(local(text)?))
}

/// Reads the same as a point that each room reads on its own clock.
pub(super) fn point(text: &str) -> Result<Point, Failure> {
    match text.parse::<jiff::Timestamp>() {
        Ok(at) => Ok(Point::At(Instant::from(at))),
        Err(_) => local(text).map(Point::Local),
    }
}

/// Whether it is a day without a time.
pub(super) fn is_day(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok() && !text.contains(['T', 't', ' ', ':'])
}

/// Reads the same as a wall-clock time in `zone`.
pub(super) fn read_local(text: &str, zone: &Zone) -> Result<DateTime, Failure> {
    match text.parse::<jiff::Timestamp>() {
        Ok(at) => Ok(zone.to_local(Instant::from(at))),
        Err(_) => local(text),
    }
}

fn local(text: &str) -> Result<DateTime, Failure> {
    // What says where it is cannot be read as a time of somewhere else.
    let is_plain = !text.contains(['Z', 'z', '+', '[']);
    let read = text.parse::<DateTime>().ok().filter(|_| is_plain);
    read.ok_or_else(|| {
        Failure::new(format!(
            "{text:?} is no time; write 2027-03-01T09:00 for the room's own clock, or 2027-03-01T09:00:00+01:00"
        ))
    })
}

/// Writes an instant with the offset that `zone` has then.
pub(super) fn shown(at: Instant, zone: &Zone) -> String {
    let offset = zone.offset_at(at);
    let (sign, secs) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs());
    // RFC 3339 has no seconds in an offset; zones had them only before any time we keep.
    format!("{}{sign}{:02}:{:02}", zone.to_local(at), secs / 3600, secs % 3600 / 60)
}

/// The same as a member of a JSON object.
pub(super) fn json(at: Option<Instant>, zone: &Zone) -> Value {
    at.map_or(Value::Null, |at| Value::String(shown(at, zone)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_an_offset_is_the_rooms_own() {
        let berlin = Zone::iana("Europe/Berlin").unwrap();
        let at = Instant::from_secs(1_803_801_600);
        assert_eq!(shown(at, &berlin), "2027-02-28T09:00:00+01:00");
        for text in ["2027-02-28T09:00", "2027-02-28T08:00:00Z", "2027-02-28T03:00:00-05:00"] {
            assert_eq!(read(text, &berlin).unwrap(), at, "{text}");
            assert_eq!(read_local(text, &berlin).unwrap().to_string(), "2027-02-28T09:00:00", "{text}");
        }
        assert_eq!(shown(read("2027-07-01", &berlin).unwrap(), &berlin), "2027-07-01T00:00:00+02:00");
        for bad in ["", "tomorrow", "09:00", "2027-02-30T09:00", "2027-02-28T09:00[Europe/Rome]"] {
            assert!(read(bad, &berlin).is_err(), "{bad}");
        }
    }
}
