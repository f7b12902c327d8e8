//! Short ways to objects, for the tests of this layer.

use bytes::Bytes;

use super::{CalendarObject, IcalError, IcalErrorKind, Limits};
use crate::domain::time::{Instant, Period, Zone};

/// A VCALENDAR around these lines, with CRLF.
pub(crate) fn calendar(lines: &str) -> String {
    let inside: String = lines.trim().lines().flat_map(|line| [line, "\r\n"]).collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n{inside}END:VCALENDAR\r\n")
}

/// A VCALENDAR with one VEVENT of UID `u` around these lines.
pub(crate) fn event(lines: &str) -> String {
    calendar(&format!("BEGIN:VEVENT\nUID:u\nDTSTAMP:20270101T000000Z\n{}\nEND:VEVENT", lines.trim()))
}

pub(crate) fn try_object(text: &str) -> Result<CalendarObject, IcalError> {
    CalendarObject::parse(Bytes::copy_from_slice(text.as_bytes()), &Limits::default())
}

#[track_caller]
pub(crate) fn object(text: &str) -> CalendarObject {
    match try_object(text) {
        Ok(object) => object,
        Err(cause) => panic!("{cause}: {text}"),
    }
}

/// Why a text is refused.
#[track_caller]
pub(crate) fn refusal(text: &str) -> IcalErrorKind {
    match try_object(text) {
        Ok(_) => panic!("not refused: {text}"),
        Err(cause) => cause.kind,
    }
}

pub(crate) fn berlin() -> Zone {
    Zone::iana("Europe/Berlin").unwrap()
}

/// `20270301T120000Z`.
#[track_caller]
pub(crate) fn at(text: &str) -> Instant {
    super::time::utc(text).unwrap()
}

#[track_caller]
pub(crate) fn period(start: &str, end: &str) -> Period {
    Period::new(at(start), at(end)).unwrap()
}

#[track_caller]
pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// What `after` has and `before` has not, and the other way round, line by line.
pub(crate) fn changes(before: &[u8], after: &[u8]) -> (Vec<String>, Vec<String>) {
    let lines = |bytes: &[u8]| text(bytes).split_inclusive('\n').map(str::to_owned).collect::<Vec<_>>();
    let (old, new) = (lines(before), lines(after));
    let without = |these: &[String], those: &[String]| {
        let mut rest = those.to_vec();
        these
            .iter()
            .filter(|line| match rest.iter().position(|other| other == *line) {
                Some(at) => {
                    rest.remove(at);
                    false
                }
                None => true,
            })
            .map(|line| line.trim_end().to_owned())
            .collect::<Vec<_>>()
    };
    (without(&old, &new), without(&new, &old))
}
