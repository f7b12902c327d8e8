//! The events and the bodies of requests.

use jiff::civil::DateTime;
use jiff::{Span, Timestamp, Unit, tz::TimeZone};
use std::fmt::Write as _;

/// Half an hour.
const SLOT_MINUTES: i64 = 30;
pub(crate) const SLOTS_PER_WEEK: i64 = 7 * 48;

/// The first Monday that lies a week ahead, at midnight UTC.
pub(crate) fn monday() -> DateTime {
    let today =
        Timestamp::now().to_zoned(TimeZone::UTC).round(Unit::Day).expect("today can be rounded").datetime();
    let days = 14 - i64::from(today.weekday().to_monday_zero_offset());
    after(today, days * 48)
}

/// The time that many slots later.
pub(crate) fn after(time: DateTime, slots: i64) -> DateTime {
    time.checked_add(Span::new().minutes(slots * SLOT_MINUTES)).expect("within some years")
}

fn utc(time: DateTime) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// An event of one slot and one kilobyte.
pub(crate) fn event(uid: &str, start: DateTime, rule: Option<&str>) -> String {
    let mut text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//load//load//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
         DTSTAMP:20260101T000000Z\r\nDTSTART:{}\r\nDTEND:{}\r\nSUMMARY:Meeting {uid}\r\n",
        utc(start),
        utc(after(start, 1)),
    );
    if let Some(rule) = rule {
        let _ = write!(text, "RRULE:{rule}\r\n");
    }
    while text.len() < 950 {
        text.push_str("X-PADDING:nothing that anybody reads, so that an event has its usual size\r\n");
    }
    text.push_str("END:VEVENT\r\nEND:VCALENDAR\r\n");
    text
}

pub(crate) const LISTING: &str = "<propfind xmlns=\"DAV:\"><prop><getetag/><resourcetype/></prop></propfind>";

pub(crate) fn query(start: DateTime, days: i64, with_data: bool) -> String {
    let data = if with_data { "<C:calendar-data/>" } else { "" };
    format!(
        "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/>{data}</prop>\
         <C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\">\
         <C:time-range start=\"{}\" end=\"{}\"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>",
        utc(start),
        utc(after(start, days * 48)),
    )
}

pub(crate) fn multiget(hrefs: impl Iterator<Item = String>) -> String {
    let hrefs = hrefs.fold(String::new(), |mut text, href| {
        let _ = write!(text, "<href>{href}</href>");
        text
    });
    format!(
        "<C:calendar-multiget xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\">\
         <prop><getetag/><C:calendar-data/></prop>{hrefs}</C:calendar-multiget>"
    )
}

pub(crate) fn sync(token: &str) -> String {
    format!(
        "<sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token><sync-level>1</sync-level>\
         <prop><getetag/></prop></sync-collection>"
    )
}

pub(crate) fn free_busy(start: DateTime, days: i64) -> String {
    format!(
        "<C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\">\
         <C:time-range start=\"{}\" end=\"{}\"/></C:free-busy-query>",
        utc(start),
        utc(after(start, days * 48)),
    )
}
