//! How a file is cut into objects.

use super::*;

const FILE: &str = "\u{feff}BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:Old\r\n\
    BEGIN:VTIMEZONE\r\nTZID:A\r\nX-A:1\r\nEND:VTIMEZONE\r\nBEGIN:VTIMEZONE\r\nTZID:B\r\nEND:VTIMEZONE\r\n\
    BEGIN:VEVENT\r\nUID:one\r\nDTSTART;TZID=A:20270301T090000\r\nEND:VEVENT\r\n\
    begin:vevent\nUID:t\n wo\nDTSTART;X-P=\"a;b:c\";tzid=\"B\":20270301T090000\nend:vevent\n\
    BEGIN:VEVENT\r\nUID:one\r\nRECURRENCE-ID:20270308T080000Z\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nSUMMARY:no uid\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn text(piece: &Piece) -> &str {
    std::str::from_utf8(&piece.text).unwrap()
}

fn uids(file: &str) -> Vec<String> {
    split(file.as_bytes()).unwrap().into_iter().map(|piece| piece.uid).collect()
}

fn calendar(events: &str) -> String {
    format!("BEGIN:VCALENDAR\n{events}END:VCALENDAR\n")
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\n{lines}END:VEVENT\n")
}

#[test]
fn each_uid_becomes_an_object_with_the_zones_it_names_and_its_own_bytes() {
    let pieces = split(FILE.as_bytes()).unwrap();
    assert_eq!(uids(FILE), ["one", "two", ""]);
    assert!(pieces.iter().all(|piece| piece.method == "PUBLISH"));
    let head = |zone: &str| {
        let product = crate::ical::write::PRODID;
        format!("BEGIN:VCALENDAR\r\nPRODID:{product}\r\nVERSION:2.0\r\n{zone}")
    };
    assert_eq!(
        text(&pieces[0]),
        head("BEGIN:VTIMEZONE\r\nTZID:A\r\nX-A:1\r\nEND:VTIMEZONE\r\n")
            + "BEGIN:VEVENT\r\nUID:one\r\nDTSTART;TZID=A:20270301T090000\r\nEND:VEVENT\r\n\
               BEGIN:VEVENT\r\nUID:one\r\nRECURRENCE-ID:20270308T080000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    assert_eq!(
        text(&pieces[1]),
        head("BEGIN:VTIMEZONE\r\nTZID:B\r\nEND:VTIMEZONE\r\n")
            + "begin:vevent\nUID:t\n wo\nDTSTART;X-P=\"a;b:c\";tzid=\"B\":20270301T090000\nend:vevent\n\
               END:VCALENDAR\r\n"
    );
}

#[test]
fn the_parts_of_one_event_are_found_in_every_calendar_of_the_file() {
    let first = calendar(&(event("UID:a\n") + &event("UID:b\n")));
    let second = calendar(&event("UID:a\nRECURRENCE-ID:20270308T080000Z\n"));
    let file = format!("{first}\n{second}");
    assert_eq!(uids(&file), ["a", "b"]);
    assert_eq!(text(&split(file.as_bytes()).unwrap()[0]).matches("UID:a").count(), 2);
}

#[test]
fn of_a_part_that_stands_there_twice_the_newest_is_taken() {
    let versions = [
        "UID:a\nDTSTART:20270301T090000Z\nSEQUENCE:1\nDTSTAMP:20270101T000000Z\nSUMMARY:old\n",
        "UID:a\nDTSTART:20270302T090000Z\nSEQUENCE:2\nDTSTAMP:20260101T000000Z\nSUMMARY:new\n",
        "UID:a\nDTSTART:20270302T090000Z\nSEQUENCE:2\nDTSTAMP:20250101T000000Z\nSUMMARY:older\n",
    ];
    let file = calendar(&versions.map(event).concat());
    let pieces = split(file.as_bytes()).unwrap();
    assert_eq!((pieces.len(), pieces[0].repeated), (1, 2));
    assert!(text(&pieces[0]).contains("SUMMARY:new") && !text(&pieces[0]).contains("old"));
}

#[test]
fn different_events_with_one_uid_each_get_one_of_their_own() {
    let days = ["01", "02", "02", "03"];
    let events = days.map(|day| event(&format!("SUMMARY:x\nUID:a\nDTSTART:202703{day}T090000Z\n")));
    let pieces = split(calendar(&events.concat()).as_bytes()).unwrap();
    let named: Vec<(&str, bool)> =
        pieces.iter().map(|piece| (piece.uid.as_str(), piece.is_renamed)).collect();
    assert_eq!(named, [("a", false), ("a-20270302T090000Z", true), ("a-20270303T090000Z", true)]);
    assert!(text(&pieces[1]).contains("SUMMARY:x\nUID:a-20270302T090000Z\r\nDTSTART:20270302"));
}
