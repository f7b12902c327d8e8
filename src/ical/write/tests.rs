//! What the server writes itself: deterministic, and read back as it was meant.

use icalendar::{Component as _, EventLike as _};
use jiff::civil::datetime;
use proptest::prelude::*;

use super::super::testing::*;
use super::*;
use crate::domain::id::Uid;
use crate::domain::recurrence::Rule;

fn part(start: EventTime, length: Length) -> Part {
    Part::plain(start, length)
}

fn written(event: &Event) -> Bytes {
    EventText { event, stamp: at("20270101T000000Z"), description: None, organizer_name: None, rooms: &[] }
        .write()
}

fn zoned(day: i8, hour: i8) -> EventTime {
    EventTime::Zoned(datetime(2027, 3, day, hour, 30, 0, 0), berlin())
}

fn single(part: Part) -> Event {
    Event { uid: Uid::new("u"), master: Some(part), overrides: Vec::new() }
}

fn everything() -> Event {
    let attendee = |address: &str, email: Option<&str>, partstat, individual| Attendee {
        address: Address::new(address),
        email: email.map(Address::new),
        partstat,
        individual,
        delegated_to: Vec::new(),
    };
    let master = Part {
        rules: vec![Rule::parse("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=20").unwrap()],
        except_rules: vec![Rule::parse("FREQ=MONTHLY").unwrap()],
        dates: vec![
            ExtraDate::Start(zoned(2, 9)),
            ExtraDate::Start(EventTime::Utc(datetime(2027, 3, 3, 1, 0, 0, 0))),
            ExtraDate::Period(zoned(4, 9), Length::Exact(60)),
        ],
        exceptions: vec![zoned(8, 9), EventTime::Date(datetime(2027, 3, 10, 0, 0, 0, 0).date())],
        summary: "Ein; Titel, mit \\ allem\nund \"Zeilen\"".to_owned(),
        location: "Aula".to_owned(),
        organizer: Some(Address::new("mailto:ada@example.org")),
        attendees: vec![
            attendee("mailto:aula@example.org", None, PartStat::Accepted, false),
            attendee("urn:uuid:1", Some("bob@example.org"), PartStat::NeedsAction, true),
        ],
        related_to: vec!["a,b".to_owned(), "c".to_owned()],
        units: 3,
        atomic: true,
        note: true,
        sequence: 4,
        ..part(zoned(1, 9), Length::Exact(5_400))
    };
    let moved = Part {
        recurrence_id: Some(zoned(15, 9)),
        this_and_future: true,
        status: Status::Cancelled,
        class: Class::Confidential,
        transparent: true,
        ..part(zoned(16, 10), Length::Nominal { days: 1, secs: 60 })
    };
    Event { uid: Uid::new("u@x, y"), master: Some(master), overrides: vec![moved] }
}

#[test]
fn what_is_written_reads_back_as_the_same_event() {
    let event = everything();
    let bytes = written(&event);
    assert_eq!(object(text(&bytes)).event().unwrap(), &event, "{}", text(&bytes));
}

#[test]
fn equal_input_gives_equal_bytes_folded_and_with_its_zones() {
    let first = written(&everything());
    assert_eq!(first, written(&everything()));
    assert!(text(&first).lines().all(|line| line.len() <= 75));
    assert!(text(&first).contains("BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n"));
    assert_eq!(text(&first).matches("DTSTAMP:20270101T000000Z").count(), 2);
}

#[test]
fn rooms_names_and_descriptions_are_written() {
    let event = everything();
    let rooms = [Address::new("aula@example.org")];
    let stamp = at("20270101T000000Z");
    let bytes = EventText {
        event: &event,
        stamp,
        description: Some("a;b"),
        organizer_name: Some("Ada \"A\"; B:\r\nX:1"),
        rooms: &rooms,
    }
    .write();
    let read = object(text(&bytes));
    let master = read.master().unwrap();
    assert_eq!(master.text("DESCRIPTION").as_deref(), Some("a;b"));
    assert_eq!(master.get("ORGANIZER").unwrap().param("CN").as_deref(), Some("Ada \"A\"; B:\nX:1"), "B-20");
    assert_eq!(master.get("ATTENDEE").unwrap().param("CUTYPE").as_deref(), Some("ROOM"));
}

#[test]
fn an_end_in_a_repeated_hour_is_written_as_a_duration() {
    let start = EventTime::Zoned(datetime(2027, 10, 31, 2, 30, 0, 0), berlin());
    let event = single(part(start, Length::Exact(3_600)));
    let bytes = written(&event);
    assert!(text(&bytes).contains("DURATION:PT3600S\r\n"), "{}", text(&bytes));
    assert_eq!(object(text(&bytes)).event().unwrap(), &event);
}

#[test]
fn the_icalendar_crate_cannot_write_alarms_or_keep_duplicates() {
    let mut event = icalendar::Event::new();
    event.append_property(Line::new("UID", "u"));
    event.append_property(Line::new("DTSTAMP", "20270101T000000Z"));
    event.append_property(Line::new("X-A", "2"));
    event.append_property(Line::new("X-A", "1"));
    event.alarm(icalendar::Alarm::display("a", chrono::TimeDelta::minutes(-5)));
    let text = event.try_into_string().unwrap();
    let alarm = text.split("BEGIN:VALARM").nth(1).unwrap();
    assert!(alarm.contains("UID:") && alarm.contains("DTSTAMP:"), "it has learnt not to invent them: {text}");
    assert!(!text.contains("X-A:2"), "it has learnt to keep both: {text}");
}

fn time() -> impl Strategy<Value = EventTime> {
    let wall = (2000_i16..2090, 1_i8..=12, 1_i8..=28, 0_i8..24, 0_i8..60)
        .prop_map(|(year, month, day, hour, minute)| datetime(year, month, day, hour, minute, 0, 0));
    let zone = prop_oneof![Just("Europe/Berlin"), Just("America/New_York"), Just("Asia/Kolkata")];
    (wall, zone, 0..4).prop_map(|(wall, zone, form)| match form {
        0 => EventTime::Date(wall.date()),
        1 => EventTime::Floating(wall),
        2 => EventTime::Utc(wall),
        _ => EventTime::Zoned(wall, Zone::iana(zone).unwrap()),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_event_reads_back(start in time(), exception in time(), days in 0_i64..9, secs in 1_i64..90_000, summary in "\\PC{0,99}") {
        let length = match (&start, days) {
            (_, 0) => Length::Exact(secs),
            (EventTime::Date(_), days) => Length::Nominal { days, secs: 0 },
            (_, days) => Length::Nominal { days, secs },
        };
        let event = single(Part { summary, exceptions: vec![exception], ..part(start, length) });
        let bytes = written(&event);
        let read = object(text(&bytes));
        prop_assert_eq!(read.event().unwrap(), &event);
    }
}
