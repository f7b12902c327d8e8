//! Bookings as the runs here make them, and as the server shows them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::civil::{Date, DateTime};
use jiff::{Span, Timestamp, tz::TimeZone};

use crate::program::House;
use crate::program::http::{Connection, Reply, Request};

/// The rooms of the house; whoever books is ada.
pub(crate) const ROOMS: [&str; 4] = ["aula", "beta", "cafe", "dome"];

const LIMITS: [(&str, &str); 2] = [("bookings_per_hour", "100000"), ("future_bookings", "100000")];

pub(crate) const HOUSE: House<'_> =
    House { postgres: None, people: &["ada"], rooms: &ROOMS, limits: &LIMITS };

pub(crate) const TYPED: [(&str, &str); 1] = [("content-type", "text/calendar")];

/// When something is, such that no two writers ever ask for the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    /// Each has six hours of the day: five for single events, one for series.
    pub(crate) writer: u32,
    pub(crate) number: u32,
    pub(crate) is_series: bool,
}

/// What somebody means to have booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Booking {
    /// In [`ROOMS`].
    pub(crate) room: usize,
    pub(crate) time: Time,
    /// Of its words.
    pub(crate) version: u32,
}

impl Time {
    /// When it begins, in seconds since 1970.
    pub(crate) fn seconds(self) -> i64 {
        let start = self.start().to_zoned(TimeZone::UTC).expect("every time is one in UTC");
        start.timestamp().as_second()
    }

    fn start(self) -> DateTime {
        let Self { writer, number, is_series } = self;
        let hour = 6 * writer + if is_series { 5 } else { number % 5 };
        // A series takes one day of three weeks.
        let day = if is_series { number / 7 * 21 + number % 7 } else { number / 5 };
        after(tomorrow(), i64::from(day) * 24 + i64::from(hour))
    }
}

/// The same for the whole run, also over midnight.
fn tomorrow() -> DateTime {
    static TODAY: OnceLock<Date> = OnceLock::new();
    let today = TODAY.get_or_init(|| Timestamp::now().to_zoned(TimeZone::UTC).date());
    after(today.to_datetime(jiff::civil::Time::midnight()), 24)
}

fn after(time: DateTime, hours: i64) -> DateTime {
    time.checked_add(Span::new().hours(hours)).expect("within some years")
}

impl Booking {
    pub(crate) fn text(&self, uid: &str) -> String {
        let start = self.time.start().strftime("%Y%m%dT%H%M%SZ");
        let rule = if self.time.is_series { "RRULE:FREQ=WEEKLY;COUNT=3\r\n" } else { "" };
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//chaos//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
             DTSTAMP:20260101T000000Z\r\nDTSTART:{start}\r\nDURATION:PT1H\r\n{rule}SUMMARY:version {}\r\n\
             END:VEVENT\r\nEND:VCALENDAR\r\n",
            self.version
        )
    }

    /// Of its member in the calendar of its room.
    pub(crate) fn path(&self, uid: &str) -> String {
        format!("/calendars/users/ada/room-{}/{uid}.ics", ROOMS[self.room])
    }

    /// The members that show it, by calendar and name: in its room's calendar, and in its owner's own.
    pub(crate) fn members(&self, uid: &str) -> BTreeMap<String, String> {
        let (room, text) = (ROOMS[self.room], self.text(uid));
        let own = text.replace("END:VEVENT", &format!("LOCATION:{room}\r\nEND:VEVENT"));
        [(format!("room-{room}/{uid}.ics"), text), (format!("reservations/{uid}.ics"), own)].into()
    }

    pub(crate) fn put(&self, uid: &str) -> Request {
        Request::new("ada", "PUT", &self.path(uid), &TYPED, &self.text(uid))
    }
}

/// Every member of every calendar, by calendar and name, with its text.
pub(crate) fn all_members(connection: &mut Connection) -> Result<BTreeMap<String, String>, String> {
    let mut all = BTreeMap::new();
    let rooms = ROOMS.iter().map(|room| format!("room-{room}"));
    for calendar in rooms.chain(["reservations".to_owned()]) {
        all.extend(members(&query(connection, &calendar)?));
    }
    Ok(all)
}

/// Asks for all that a calendar has.
pub(crate) fn query(connection: &mut Connection, calendar: &str) -> Result<Reply, String> {
    const QUERY: &str = "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop>\
        <C:calendar-data/></prop><C:filter><C:comp-filter name=\"VCALENDAR\"/></C:filter></C:calendar-query>";
    let headers = [("depth", "1"), ("content-type", "application/xml")];
    let path = format!("/calendars/users/ada/{calendar}/");
    let reply = connection.send(&Request::new("ada", "REPORT", &path, &headers, QUERY))?;
    if reply.status == 207 { Ok(reply) } else { Err(format!("REPORT of {calendar}: {}", reply.status)) }
}

/// What an answer to [`query`] shows; none of our texts has anything to escape but its line ends.
fn members(reply: &Reply) -> BTreeMap<String, String> {
    let text = reply.text();
    let between = |part: &str, from: &str, to: &str| {
        part.split(from).nth(1).and_then(|rest| rest.split(to).next()).unwrap_or_default().to_owned()
    };
    let responses = text.split("<D:response>").skip(1).map(|part| {
        let href = between(part, "<D:href>/calendars/users/ada/", "</D:href>");
        (href, between(part, "<C:calendar-data>", "</C:calendar-data>").replace("&#13;", "\r"))
    });
    responses.collect()
}
