//! Which texts are one calendar object, and what they say.

use super::super::testing::*;
use super::super::{ComponentKind, Limits};
use super::*;
use crate::domain::attendee::{Address, PartStat};
use crate::domain::event::{Class, ExtraDate, Status};
use crate::domain::time::Length;
use jiff::civil::{date, datetime};

const TIMES: &str = "DTSTART:20270301T090000Z\nDTEND:20270301T100000Z";

fn timed(lines: &str) -> String {
    event(&format!("{TIMES}\n{lines}"))
}

use IcalErrorKind::*;

#[test]
fn an_object_keeps_the_bytes_it_came_from() {
    let text = timed("SUMMARY:a");
    let object = object(&text);
    assert_eq!(object.bytes(), text.as_bytes());
    assert_eq!((object.uid().as_str(), object.component()), ("u", ComponentKind::Event));
    assert_eq!(object.stamp(), Some(at("20270101T000000Z")));
}

#[test]
fn what_is_not_one_object_is_refused() {
    let part = |uid: &str, more: &str| format!("BEGIN:VEVENT\nUID:{uid}\n{TIMES}\n{more}\nEND:VEVENT\n");
    let exception = |id: &str| format!("RECURRENCE-ID:{id}");
    for (kind, text) in [
        (NotCalendarObject, calendar(&(part("a", "X:1") + &part("b", &exception("20270302T090000Z"))))),
        (NotCalendarObject, calendar(&(part("a", "X:1") + &part("a", "X:2")))),
        (NotCalendarObject, calendar(&format!("METHOD:REQUEST\n{}", part("a", "X:1")))),
        (NotCalendarObject, calendar(&format!("BEGIN:VEVENT\n{TIMES}\nEND:VEVENT"))),
        (NotCalendarObject, calendar("X:1")),
        (NotCalendarObject, calendar("BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nEND:VTIMEZONE")),
        (NotCalendarObject, calendar(&format!("{}BEGIN:VTODO\nUID:a\nEND:VTODO", part("a", "X:1")))),
        (
            NotCalendarObject,
            calendar(
                &(part("a", "X:1")
                    + &part("a", &exception("20270302T090000Z"))
                    + &part("a", "RECURRENCE-ID;TZID=Europe/Berlin:20270302T100000")),
            ),
        ),
        (UnsupportedComponent, calendar("BEGIN:VPOLL\nUID:a\nEND:VPOLL")),
        (NotCalendarData, format!("{}x", timed(""))),
    ] {
        assert_eq!(refusal(&text), kind, "B-03, B-14: {text}");
    }
}

#[test]
fn the_kind_is_told_and_not_judged() {
    for kind in ["VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY"] {
        let object = object(&calendar(&format!("BEGIN:{kind}\nUID:a\nEND:{kind}")));
        assert_eq!(object.component().as_str(), kind, "B-04");
        assert_eq!(object.event().map(|_| ()).map_err(|cause| cause.kind), Err(UnsupportedComponent));
    }
}

#[test]
fn times_without_meaning_are_refused() {
    for (kind, lines) in [
        (NotCalendarData, "SUMMARY:no start"),
        (NotCalendarObject, "DTSTART:20270301T090000Z\nDTEND:20270301T080000Z"),
        (NotCalendarObject, "DTSTART;VALUE=DATE:20270302\nDTEND;VALUE=DATE:20270301"),
        (NotCalendarData, "DTSTART:20270301T090000Z\nDTEND:20270301T100000Z\nDURATION:PT1H"),
        (NotCalendarData, "DTSTART:20270301T090000Z\nDURATION:-PT1H"),
        (NotCalendarData, "DTSTART:20270301T090000Z\nDTEND;VALUE=DATE:20270302"),
        (NotCalendarData, "DTSTART:20270230T090000Z"),
        (NotCalendarData, "DTSTART:20270301T250000Z"),
        (NotCalendarData, "DTSTART:20261301"),
        (NotCalendarData, "DTSTART:999990101T000000Z"),
        (NotCalendarData, "DTSTART:20270301T090000Z\nDTSTART:20270301T090000Z"),
        (UnknownTimezone, "DTSTART;TZID=Nowhere/Land:20270301T090000"),
        (TooEarly, "DTSTART:00000101T000000Z"),
        (TooEarly, "DTSTART:19691231T235959Z"),
        (TooLate, "DTSTART:99990101T000000Z"),
        (TooLate, "DTSTART:21000101T000000Z"),
    ] {
        assert_eq!(refusal(&event(lines)), kind, "B-05, B-06, B-07, L-47: {lines}");
    }
    object(&event("DTSTART:19700101T000000Z\nDTEND:20991231T235959Z"));
    object(&event("DTSTART:20270301T090000Z\nDTEND:20270301T090000Z"));
}

#[test]
fn rules_without_meaning_are_refused() {
    for rule in [
        "INTERVAL=0;FREQ=DAILY",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=2;UNTIL=20280101",
        "FREQ=NEVER",
        "X",
    ] {
        assert_eq!(refusal(&timed(&format!("RRULE:{rule}"))), NotCalendarData, "B-13: {rule}");
    }
    assert_eq!(refusal(&timed("RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY")), NotCalendarData, "B-13");
}

#[test]
fn counts_are_limited_at_their_edges() {
    let many = |count: usize, line: &dyn Fn(usize) -> String| {
        timed(&(0..count).map(line).collect::<Vec<_>>().join("\n"))
    };
    let people = |count| many(count, &|n| format!("ATTENDEE:mailto:p{n}@example.org"));
    object(&people(100));
    assert_eq!(refusal(&people(101)), TooManyAttendees, "L-34, B-16");
    let alarms = |count| many(count, &|_| "BEGIN:VALARM\nACTION:DISPLAY\nEND:VALARM".to_owned());
    object(&alarms(10));
    assert_eq!(refusal(&alarms(11)), NotCalendarObject, "L-35, B-16");
    let links = |count| many(count, &|n| format!("ATTACH:http://example.org/{n}"));
    object(&links(10));
    assert_eq!(refusal(&links(11)), NotCalendarObject, "L-35, B-16");
    let dates = |count: usize| timed(&format!("EXDATE:{}", vec!["20270301T090000Z"; count].join(",")));
    object(&dates(1_000));
    assert_eq!(refusal(&dates(1_001)), TooManyInstances, "L-45");
    let uid = |count: usize| timed("").replace("UID:u", &format!("UID:{}", "u".repeat(count)));
    object(&uid(1_024));
    assert_eq!(refusal(&uid(1_025)), NotCalendarData, "L-37");
    let inline = timed("ATTACH;ENCODING=BASE64;VALUE=BINARY:AAAA");
    assert_eq!(refusal(&inline), NotCalendarObject, "L-35");
    let big = timed(&format!("X:{}", "a".repeat(60_000)).repeat(20).replace("X:", "\nX:"));
    assert_eq!(refusal(&big), TooLarge, "L-30");
}

#[test]
fn distinct_attendees_are_counted_over_all_parts() {
    let part = |from: usize, count: usize, id: &str| {
        let people: String = (from..from + count)
            .flat_map(|n| ["ATTENDEE:mailto:p".to_owned(), n.to_string(), "@x.org\n".to_owned()])
            .collect();
        format!("BEGIN:VEVENT\nUID:u\n{TIMES}\n{id}{people}END:VEVENT\n")
    };
    let id = "RECURRENCE-ID:20270302T090000Z\n";
    object(&calendar(&(part(0, 60, "") + &part(40, 60, id))));
    assert_eq!(refusal(&calendar(&(part(0, 60, "") + &part(41, 60, id)))), TooManyAttendees, "L-34");
}

#[test]
fn an_event_says_when_who_and_what() {
    let object = object(&timed(
        "SUMMARY;LANGUAGE=de:Runde\\, klein\nLOCATION:Aula\\nUnten\nSTATUS:tentative\nCLASS:x-secret\n\
         TRANSP:TRANSPARENT\nCATEGORIES:A,Note\nSEQUENCE:3\nORGANIZER;CN=A:MAILTO:Ada@Example.org\n\
         ATTENDEE;CUTYPE=RESOURCE;PARTSTAT=accepted;EMAIL=aula@x.org:urn:uuid:ABC\n\
         RELATED-TO:other\nX-ROOM-UNITS:3\nX-ROOM-POLICY:atomic",
    ));
    let part = object.event().unwrap().master.as_ref().unwrap();
    assert_eq!((part.summary.as_str(), part.location.as_str()), ("Runde, klein", "Aula\nUnten"));
    assert_eq!((part.status, part.class), (Status::Tentative, Class::Private));
    assert!(part.transparent && part.note && part.atomic);
    assert_eq!((part.sequence, part.units, part.related_to.as_slice()), (3, 3, &["other".to_owned()][..]));
    assert_eq!(part.organizer, Some(Address::new("mailto:ada@example.org")));
    let attendee = &part.attendees[0];
    assert_eq!(attendee.address.as_str(), "urn:uuid:abc");
    assert_eq!(attendee.email, Some(Address::new("aula@x.org")));
    assert_eq!((attendee.partstat, attendee.individual), (PartStat::Accepted, false));
}

#[test]
fn lengths_come_from_the_end_or_the_duration() {
    let length = |lines: &str| object(&event(lines)).event().unwrap().master.as_ref().unwrap().length;
    assert_eq!(length("DTSTART:20270301T090000Z\nDTEND:20270301T103000Z"), Length::Exact(5_400));
    assert_eq!(length("DTSTART:20270301T090000Z\nDURATION:P1DT1H"), Length::Nominal { days: 1, secs: 3_600 });
    assert_eq!(length("DTSTART:20270301T090000Z\nDURATION:PT24H"), Length::Exact(86_400));
    assert_eq!(length("DTSTART:20270301T090000Z"), Length::None, "R18");
    assert_eq!(length("DTSTART;VALUE=DATE:20270301"), Length::Nominal { days: 1, secs: 0 }, "R12");
    assert_eq!(
        length("DTSTART;VALUE=DATE:20270327\nDTEND;VALUE=DATE:20270329"),
        Length::Nominal { days: 2, secs: 0 }
    );
    let over_the_change =
        "DTSTART;TZID=Europe/Berlin:20270328T010000\nDTEND;TZID=Europe/Berlin:20270328T040000";
    assert_eq!(length(over_the_change), Length::Exact(7_200), "R16");
}

#[test]
fn recurrence_properties_are_read_in_every_form() {
    let object = object(&timed(
        "RRULE:FREQ=WEEKLY\nEXRULE:FREQ=MONTHLY\nRDATE:20270305T090000Z,20270306T090000Z\n\
         RDATE;VALUE=PERIOD:20270307T090000Z/PT2H,20270308T090000Z/20270308T093000Z\n\
         EXDATE;VALUE=DATE:20270308\nEXDATE;TZID=Europe/Berlin:20270315T100000",
    ));
    let part = object.event().unwrap().master.as_ref().unwrap();
    let utc = |day| EventTime::Utc(datetime(2027, 3, day, 9, 0, 0, 0));
    assert_eq!(
        part.dates,
        [
            ExtraDate::Start(utc(5)),
            ExtraDate::Start(utc(6)),
            ExtraDate::Period(utc(7), Length::Exact(7_200)),
            ExtraDate::Period(utc(8), Length::Exact(1_800)),
        ]
    );
    let zoned = EventTime::Zoned(datetime(2027, 3, 15, 10, 0, 0, 0), berlin());
    assert_eq!(part.exceptions, [EventTime::Date(date(2027, 3, 8)), zoned]);
    assert_eq!((part.rules.len(), part.except_rules.len()), (1, 1));
}

#[test]
fn overrides_stand_with_and_without_a_master() {
    let part = |more: &str| format!("BEGIN:VEVENT\nUID:u\n{TIMES}\n{more}END:VEVENT\n");
    let id = "RECURRENCE-ID;RANGE=THISANDFUTURE:20270308T090000Z\n";
    let alone = object(&calendar(&part(id)));
    assert!(alone.event().unwrap().master.is_none(), "R20");
    assert!(alone.event().unwrap().overrides[0].this_and_future);
    let both = object(&calendar(&(part(id) + &part("RRULE:FREQ=WEEKLY\n"))));
    assert!(both.master().is_some_and(|master| master.get("RRULE").is_some()));
    assert!(both.override_at(at("20270308T090000Z"), &berlin()).is_some());
    assert!(both.override_at(at("20270309T090000Z"), &berlin()).is_none());
}

#[test]
fn alarms_and_todos_are_components_to_look_at() {
    let todo = object(&calendar(
        "BEGIN:VTODO\nUID:a\nDUE:20270301T090000Z\nBEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM\nEND:VTODO",
    ));
    let part = todo.parts().next().unwrap();
    let alarm = part.children().next().unwrap();
    assert_eq!(
        (part.name(), alarm.name(), alarm.text("trigger").as_deref()),
        ("VTODO", "VALARM", Some("-PT5M"))
    );
    assert!(part.get("TRIGGER").is_none(), "an alarm's properties are not its event's");
    assert_eq!(refusal(&calendar("BEGIN:VTODO\nUID:a\nDUE:tomorrow\nEND:VTODO")), NotCalendarData);
}

#[test]
fn limits_are_the_callers() {
    let limits = Limits { max_attendees: 1, ..Limits::default() };
    let text = timed("ATTENDEE:mailto:a@x.org\nATTENDEE:mailto:b@x.org");
    let refused = CalendarObject::parse(text.into(), &limits).err().map(|cause| cause.kind);
    assert_eq!(refused, Some(TooManyAttendees));
}
