//! Bodies of PUT that are no calendar object, or a strange one.
//! RFC 4791, section 5.3.2.

use super::{Want, ask, in_a_house, put};
use crate::support::event;

const DATA: Want<'static> = Want::Refused("valid-calendar-data");
const OBJECT: Want<'static> = Want::Refused("valid-calendar-object-resource");

/// A calendar of these lines, with CRLF.
fn calendar(lines: &[&str]) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{}\r\nEND:VCALENDAR\r\n",
        lines.join("\r\n")
    )
}

/// An event at a free time with these lines more.
fn with(lines: &[&str]) -> String {
    let event = lines.iter().fold(event("x").hours("20270301", 14, 15), |event, line| event.line(line));
    event.text()
}

/// An event with these lines for its times.
fn times(lines: &[&str]) -> String {
    event("x").times(lines).text()
}

#[tokio::test]
async fn what_is_not_icalendar_is_not_stored() {
    // B-01, B-02.
    in_a_house(async |house| {
        for (input, body) in [
            ("HTML", "<!DOCTYPE html><html><body>BEGIN:VCALENDAR</body></html>"),
            ("JSON", "{\"BEGIN\": \"VCALENDAR\"}"),
            ("empty", ""),
            ("one NUL", "\0"),
        ] {
            house.row("B-01", input, &put(body), DATA).await;
            let typed = ask("PUT", "/calendars/users/ada/room-aula/x.ics").with("Content-Type", "text/html");
            let reply = house.row("B-01", input, &typed.body(body), Want::Status(415)).await;
            assert!(reply.text().contains("supported-calendar-data"), "{}", reply.text());
        }
        let whole = with(&[]);
        for (input, body) in [
            ("no END:VCALENDAR", whole.replace("END:VCALENDAR\r\n", "")),
            ("no END at all", whole.replace("END:VEVENT\r\nEND:VCALENDAR\r\n", "")),
            ("END without BEGIN", whole.replace("BEGIN:VEVENT\r\n", "")),
            ("crossed nesting", whole.replace("END:VEVENT\r\nEND:VCALENDAR", "END:VCALENDAR\r\nEND:VEVENT")),
            ("two calendars", format!("{whole}{whole}")),
            ("text after the end", format!("{whole}garbage\r\n")),
        ] {
            house.row("B-02", input, &put(body), DATA).await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_no_single_object_of_the_right_kind_is_not_stored() {
    // RFC 4791, section 4.1; B-03, B-04.
    in_a_house(async |house| {
        let one = with(&[]);
        let second = event("y").hours("20270301", 16, 17).text();
        let second = &second[second.find("BEGIN:VEVENT").unwrap()..];
        for (input, body) in [
            ("two UIDs", one.replace("END:VCALENDAR\r\n", second)),
            ("METHOD", one.replace("VERSION:2.0\r\n", "VERSION:2.0\r\nMETHOD:REQUEST\r\n")),
            ("no UID", one.replace("UID:x\r\n", "")),
            (
                "nothing but a zone",
                calendar(&[
                    "BEGIN:VTIMEZONE",
                    "TZID:X",
                    "BEGIN:STANDARD",
                    "DTSTART:19700101T000000",
                    "TZOFFSETFROM:+0100",
                    "TZOFFSETTO:+0100",
                    "END:STANDARD",
                    "END:VTIMEZONE",
                ]),
            ),
            ("nothing at all", calendar(&["X-NOTHING:here"])),
        ] {
            house.row("B-03", input, &put(body), OBJECT).await;
        }
        let stamp = "DTSTAMP:20270101T000000Z";
        for (kind, more) in [
            ("VTODO", "DUE:20270301T130000Z"),
            ("VJOURNAL", "DTSTART:20270301T130000Z"),
            ("VAVAILABILITY", "SUMMARY:x"),
            ("VFREEBUSY", "DTSTART:20270301T130000Z"),
        ] {
            let body = calendar(&[&format!("BEGIN:{kind}"), "UID:x", stamp, more, &format!("END:{kind}")]);
            house.row("B-04", kind, &put(body), Want::Refused("supported-calendar-component")).await;
        }
    })
    .await;
}

#[tokio::test]
async fn times_without_meaning_are_refused() {
    // B-05, B-06, B-07.
    in_a_house(async |house| {
        // R18: what lasts no time is good iCalendar; the house says why it cannot be booked.
        let (data, object, house_says) = ("valid-calendar-data", "valid-calendar-object-resource", "invalid");
        for (input, lines, condition) in [
            ("no DTSTART", &["DTEND:20270301T140000Z"][..], data),
            ("no times", &[], data),
            ("end before start", &["DTSTART:20270301T140000Z", "DTEND:20270301T130000Z"], object),
            (
                "end and duration",
                &["DTSTART:20270301T140000Z", "DTEND:20270301T150000Z", "DURATION:PT1H"],
                data,
            ),
            ("negative duration", &["DTSTART:20270301T140000Z", "DURATION:-PT1H"], data),
            ("zero length", &["DTSTART:20270301T140000Z", "DTEND:20270301T140000Z"], house_says),
            ("zero duration", &["DTSTART:20270301T140000Z", "DURATION:PT0S"], house_says),
            ("date and time mixed", &["DTSTART;VALUE=DATE:20270301", "DTEND:20270302T140000Z"], data),
        ] {
            house.row("B-05", input, &put(times(lines)), Want::Refused(condition)).await;
        }
        for (value, condition) in [
            ("00000101T000000Z", "min-date-time"),
            ("19691231T235959Z", "min-date-time"),
            ("21000101T000001Z", "max-date-time"),
            ("99991231T235959Z", "max-date-time"),
            ("999990101T000000Z", data),
            ("20270230T100000Z", data),
            ("20270301T250000Z", data),
            ("20270301T106000Z", data),
            ("20261301", data),
            ("2027-03-01T10:00:00Z", data),
            ("", data),
        ] {
            let lines = [format!("DTSTART:{value}"), "DURATION:PT1H".to_owned()];
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            house.row("B-06", value, &put(times(&lines)), Want::Refused(condition)).await;
        }
        for zone in ["Nowhere/Land", "", "../../etc/passwd", "Europe/Berlin/x"] {
            let lines = [format!("DTSTART;TZID={zone}:20270301T140000"), "DURATION:PT1H".to_owned()];
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            house.row("B-07", zone, &put(times(&lines)), Want::Refused("valid-timezone")).await;
        }
    })
    .await;
}

#[tokio::test]
async fn zones_that_lie_or_loop_decide_nothing() {
    // B-08, B-09, R14.
    in_a_house(async |house| {
        let zone = |observances: &str| {
            let zone = format!("BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n{observances}END:VTIMEZONE\r\n");
            with(&[]).replace("BEGIN:VEVENT\r\n", &format!("{zone}BEGIN:VEVENT\r\n"))
        };
        let one = "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:-0800\r\nTZOFFSETTO:-0800\r\n\
            END:STANDARD\r\n";
        let lie = put(zone(one));
        let lying = lie.headers.clone();
        let headers: Vec<(&str, &str)> =
            lying.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        house.ada.send("PUT", &lie.path, &headers, &String::from_utf8_lossy(&lie.body)).await.created();
        assert!(house.server.claims("aula").await.contains(&"03-01 14:00-15:00".to_owned()), "B-08");
        house.take_back("B-08", "a lie", &lie).await;
        house.row("B-08", "a lie", &lie, Want::Stored).await;
        let itself = one.replace("DTSTART:", "DTSTART;TZID=Europe/Berlin:");
        let endless = one.replace("END:STANDARD", "RRULE:FREQ=SECONDLY\r\nEND:STANDARD");
        for (input, observances) in [("itself", itself), ("a rule without end", endless)] {
            // Refused or stored, but no loop.
            let reply = house.row("B-09", input, &put(zone(&observances)), Want::Stored).await;
            assert_eq!(reply.status, 201);
        }
        house.row("B-09", "10,000 observances", &put(zone(&one.repeat(10_000))), DATA).await;
        let unknown = zone(&one.repeat(2)).replace("Europe/Berlin", "My Own");
        house.row("B-09", "a zone of its own", &put(unknown), Want::Stored).await;
    })
    .await;
}

#[tokio::test]
async fn characters_that_are_none_are_refused() {
    // B-17, B-18, B-19, L-38.
    in_a_house(async |house| {
        for (input, bytes) in [
            ("invalid UTF-8", &b"\xff\xfe"[..]),
            ("overlong", b"\xc0\xaf"),
            ("lone surrogate", b"\xed\xa0\x80"),
            ("NUL", b"\0"),
            ("escape", b"\x1b"),
            ("delete", b"\x7f"),
            ("C1", b"\xc2\x85"),
        ] {
            let text = with(&[]);
            let (before, after) = text.split_once("SUMMARY:").unwrap();
            let body = [before.as_bytes(), b"SUMMARY:a", bytes, after.as_bytes()].concat();
            house.row("B-18", input, &put(body), DATA).await;
        }
        let text = with(&[]);
        house.row("B-19", "bare LF", &put(text.replace("\r\n", "\n")), Want::Stored).await;
        house.row("B-19", "BOM", &put(format!("\u{feff}{text}")), Want::Stored).await;
        house.row("B-19", "CR only", &put(text.replace("\r\n", "\r")), DATA).await;
        let (data, size) = ("valid-calendar-data", "max-resource-size");
        for (input, line, condition) in [
            ("2 MiB in one line", format!("X-LONG:{}", "x".repeat(2 << 20)), size),
            ("a million folds", format!("X-FOLDED:{}", "\r\n x".repeat(1_000_000)), size),
            ("200,000 folds", format!("X-FOLDED:{}", "\r\n x".repeat(200_000)), data),
            ("a name of 10,000 bytes", format!("{}:x", "X".repeat(10_000)), data),
        ] {
            house.row("B-17", input, &put(with(&[&line])), Want::Refused(condition)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn properties_are_not_smuggled_in_parameters() {
    // B-20.
    in_a_house(async |house| {
        let newline = "ATTENDEE;CN=\"a\r\nATTENDEE:mailto:eve@example.org\":mailto:bob@example.org";
        house.row("B-20", "a newline in quotes", &put(with(&[newline])), DATA).await;
        let quote = "ATTENDEE;CN=a\"b:mailto:bob@example.org";
        house.row("B-20", "a quote inside", &put(with(&[quote])), DATA).await;
    })
    .await;
}

#[tokio::test]
async fn carets_stay_one_property_when_printed_back() {
    // B-20, RFC 6868.
    in_a_house(async |house| {
        let caret = "X-NOTE;X-P=\"a^nATTENDEE:mailto:eve@example.org^'^^\":value";
        let text = event("x").hours("20270301", 14, 15).rule("FREQ=DAILY;COUNT=2").line(caret).text();
        let asked = put(text);
        let headers = [("Content-Type", "text/calendar")];
        house.ada.send("PUT", &asked.path, &headers, &String::from_utf8_lossy(&asked.body)).await.created();
        let query = "<C:calendar-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><D:prop>\
            <C:calendar-data><C:expand start=\"20270301T120000Z\" end=\"20270302T000000Z\"/></C:calendar-data>\
            </D:prop><C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"><C:time-range \
            start=\"20270301T120000Z\" end=\"20270302T000000Z\"/></C:comp-filter></C:comp-filter></C:filter>\
            </C:calendar-query>";
        let items = house.ada.report(super::ROOM, &[("Depth", "1")], query).await.multistatus();
        let data = items[0].text("calendar-data").unwrap().replace("\r\n ", "").replace("\n ", "");
        assert!(!data.lines().any(|line| line.starts_with("ATTENDEE")), "{data}");
        assert_eq!(data.lines().filter(|line| line.starts_with("X-NOTE")).count(), 1, "{data}");
        assert!(data.contains("^n") && data.contains("^'") && data.contains("^^"), "{data}");
        house.take_back("B-20", "carets", &asked).await;
    })
    .await;
}
