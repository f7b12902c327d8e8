//! T-22: the most that one request may ask for, limit by limit, and what it takes in memory and in the
//! processor (P-10).

use std::fmt::Write as _;

use super::honest::{ROOM, booking};
use crate::program::http::{Connection, Request};
use crate::program::{House, Program};
use crate::report::Report;

const XML: [(&str, &str); 2] = [("content-type", "application/xml"), ("depth", "1")];
const TYPED: [(&str, &str); 1] = [("content-type", "text/calendar")];
const FULL: &str = "/calendars/users/ada/room-full/";
const SERIES: &str = "/calendars/users/ada/room-series/";
const OWN: &str = "/calendars/users/ada/reservations/";

/// Members of the room that is listed; within a booking window of a year.
const MEMBERS: usize = 4_800;

/// P-10, in MB.
const MOST_MB: u64 = 64;

/// In place of a status.
const BROKEN_OFF: u16 = 0;

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let limits = [("bookings_per_hour", "100000"), ("future_bookings", "100000")];
    let house =
        House { postgres: None, people: &["ada"], rooms: &["aula", "full", "series"], limits: &limits };
    let program = Program::start(&house)?;
    let mut connection = Connection::open(program.port)?;
    fill(&mut connection, if is_long { MEMBERS } else { MEMBERS / 8 })?;
    for (limit, expected, request) in requests(is_long) {
        let before = program.memory_mb("VmRSS");
        program.forget_most_memory();
        let worked = program.processor_ms();
        let reply = connection.send(&request);
        let worked = program.processor_ms() - worked;
        let rise = program.memory_mb("VmHWM").saturating_sub(before);
        let (outcome, answered) = match reply {
            Ok(reply) => (reply.status, format!("{}, {} kB", reply.status, reply.body.len() / 1000)),
            // L-54: an answer that grows beyond it breaks off, and its connection with it.
            Err(cause) => {
                connection = Connection::open(program.port)?;
                (BROKEN_OFF, format!("broken off: {cause}"))
            }
        };
        let found = format!("{answered}, {rise} MB, {worked:.0} ms");
        report.hold(&format!("{limit} is answered as it has to be"), outcome == expected, &found);
        report.hold(&format!("{limit} takes at most {MOST_MB} MiB"), rise <= MOST_MB, &found);
    }
    program.stop()
}

fn fill(connection: &mut Connection, members: usize) -> Result<(), String> {
    let mut put = |path: String, text: &str| {
        let reply = connection.send(&Request::new("ada", "PUT", &path, &TYPED, text))?;
        if reply.status == 201 { Ok(()) } else { Err(format!("PUT {path}: {}", reply.status)) }
    };
    for number in 0..members {
        put(format!("{ROOM}b{number}.ics"), &booking(number))?;
    }
    let line = format!("X-LONG:{}\r\n", "x".repeat(1000));
    for number in 0..40 {
        let text = booking(number).replace("DURATION", &format!("{}DURATION", line.repeat(250)));
        put(format!("{FULL}f{number}.ics"), &text)?;
    }
    for number in 0..20 {
        let text = series(&format!("s{number}"), number, "RRULE:FREQ=DAILY;COUNT=1000");
        put(format!("{OWN}s{number}.ics"), &text)?;
    }
    Ok(())
}

/// A series of half hours from March 2027 on.
fn series(uid: &str, number: usize, lines: &str) -> String {
    let (hour, minute) = (number / 2, number % 2 * 30);
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
         DTSTAMP:20270101T000000Z\r\nDTSTART:20270301T{hour:02}{minute:02}00Z\r\nDURATION:PT30M\r\n{lines}\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// Every limit with the most that it allows, and what has to be answered.
fn requests(is_long: bool) -> Vec<(&'static str, u16, Request)> {
    // Two hundred properties of so many members are more than an answer may have (L-54).
    let many_properties = if is_long { BROKEN_OFF } else { 207 };
    let report = |path: &str, body: &str| Request::new("ada", "REPORT", path, &XML, body);
    let put = |path: String, text: &str| Request::new("ada", "PUT", &path, &TYPED, text);
    vec![
        ("L-30, L-31 an object of 1 MiB", 201, put(format!("{OWN}large.ics"), &large())),
        ("L-45 a thousand EXDATEs", 201, put(format!("{SERIES}ex.ics"), &excluded())),
        ("L-43 a rule that hardly ever matches", 201, put(format!("{SERIES}rare.ics"), &rare())),
        ("L-22 fifty thousand elements", 403, report(ROOM, &elements(49_000))),
        (
            "L-28 two hundred properties",
            many_properties,
            Request::new("ada", "PROPFIND", ROOM, &XML, &properties()),
        ),
        ("L-28 fifty dead properties of 8 KiB", 207, dead()),
        ("L-27 five thousand hrefs", 207, report(ROOM, &multiget())),
        ("L-29 fifty conditions", 207, report(ROOM, &conditions())),
        ("L-54 the texts of a room", 207, report(FULL, &query(""))),
        // Twenty series of a thousand, and one event: one instance more than are made for one request.
        ("L-53 twenty thousand instances", 403, report(OWN, &query(EXPAND))),
        ("L-53 three years of free-busy", 403, report(OWN, FREE_BUSY)),
        ("L-55 a page of changes", 207, report(ROOM, SYNC)),
        ("an allprop listing", 207, Request::new("ada", "PROPFIND", ROOM, &XML, "")),
    ]
}

const EXPAND: &str = "<C:expand start=\"20270301T000000Z\" end=\"20300201T000000Z\"/>";

const FREE_BUSY: &str = "<C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\">\
    <C:time-range start=\"20270301T000000Z\" end=\"20300201T000000Z\"/></C:free-busy-query>";

const SYNC: &str = "<sync-collection xmlns=\"DAV:\"><sync-token/><sync-level>1</sync-level><prop><getetag/>\
    </prop></sync-collection>";

fn query(data: &str) -> String {
    format!(
        "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/>\
         <C:calendar-data>{data}</C:calendar-data></prop><C:filter><C:comp-filter name=\"VCALENDAR\"/>\
         </C:filter></C:calendar-query>"
    )
}

fn large() -> String {
    let mut lines = String::new();
    let mut number = 0;
    while lines.len() < 1_040_000 && number < 990 {
        let _ = write!(lines, "X-{number}:{}\r\n", "x".repeat(1040));
        number += 1;
    }
    series("large", 45, lines.trim_end())
}

fn excluded() -> String {
    let dates: Vec<String> = (0..1000)
        .map(|day| format!("20{:02}{:02}{:02}T220000Z", 28 + day / 336, day / 28 % 12 + 1, day % 28 + 1))
        .collect();
    series("ex", 44, &format!("RRULE:FREQ=DAILY;COUNT=1000\r\nEXDATE:{}", dates.join(",")))
}

fn rare() -> String {
    series("rare", 46, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO")
}

fn elements(count: usize) -> String {
    format!(
        "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\">{}</C:calendar-query>",
        "<x/>".repeat(count)
    )
}

fn properties() -> String {
    let names = (0..200).fold(String::new(), |mut all, number| {
        let _ = write!(all, "<p{number}{} xmlns=\"urn:x\"/>", "x".repeat(200));
        all
    });
    format!("<propfind xmlns=\"DAV:\"><prop>{names}</prop></propfind>")
}

fn dead() -> Request {
    let set = (0..50).fold(String::new(), |mut all, number| {
        let _ = write!(all, "<p{number} xmlns=\"urn:x\">{}</p{number}>", "x".repeat(8000));
        all
    });
    let body = format!("<propertyupdate xmlns=\"DAV:\"><set><prop>{set}</prop></set></propertyupdate>");
    Request::new("ada", "PROPPATCH", ROOM, &XML, &body)
}

fn multiget() -> String {
    let hrefs = (0..5000).fold(String::new(), |mut all, number| {
        let _ = write!(all, "<href>{ROOM}b{number}.ics</href>");
        all
    });
    format!(
        "<C:calendar-multiget xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/>\
         <C:calendar-data/></prop>{hrefs}</C:calendar-multiget>"
    )
}

fn conditions() -> String {
    let one =
        "<C:prop-filter name=\"SUMMARY\"><C:text-match>nobody writes this</C:text-match></C:prop-filter>";
    format!(
        "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/></prop>\
         <C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\">{}</C:comp-filter>\
         </C:comp-filter></C:filter></C:calendar-query>",
        one.repeat(25)
    )
}
