//! The order in which a TZID is resolved (R14).

use super::super::testing::*;
use super::*;
use crate::domain::event::Event;

fn name(tzid: &str) -> Option<String> {
    zone_named(tzid).map(|zone| zone.name().to_owned())
}

#[test]
fn names_of_iana_vendors_and_windows_are_known() {
    for tzid in [
        "Europe/Berlin",
        "europe/berlin",
        "\"Europe/Berlin\"",
        "/freeassociation.sourceforge.net/Europe/Berlin",
        "/freeassociation.sourceforge.net/Tzfile/Europe/Berlin",
        "/mozilla.org/20050126_1/Europe/Berlin",
        "/citadel.org/20210210_1/Europe/Berlin",
        "/softwarestudio.org/Olson_20011030_5/Europe/Berlin",
        "W. Europe Standard Time",
        "W. Europe Standard Time 1",
        "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
        "(GMT+01.00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
    ] {
        assert_eq!(name(tzid).as_deref(), Some("Europe/Berlin"), "{tzid}");
    }
    assert_eq!(name("/x/America/Argentina/Buenos_Aires").as_deref(), Some("America/Argentina/Buenos_Aires"));
    for utc in ["UTC", "tzone://Microsoft/Utc", "Coordinated Universal Time"] {
        assert_eq!(name(utc).as_deref(), Some("UTC"), "{utc}");
    }
    for unknown in ["Customized Time Zone", "My Zone", "", "/", "Nowhere/Land"] {
        assert_eq!(name(unknown), None, "{unknown}");
    }
}

/// A VTIMEZONE of five hours and a half east, and an event in it.
fn in_zone(tzid: &str, more: &str) -> String {
    calendar(&format!(
        "BEGIN:VTIMEZONE\nTZID:{tzid}\n{more}BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0530\n\
         TZOFFSETTO:+0530\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:u\nDTSTART;TZID={tzid}:20270701T120000\n\
         DURATION:PT1H\nEND:VEVENT"
    ))
}

fn start(text: &str) -> Instant {
    let object = object(text);
    object.event().unwrap().first().unwrap().start.instant(&Zone::utc())
}

#[test]
fn our_data_wins_then_the_location_then_the_text_itself() {
    assert_eq!(start(&in_zone("Europe/Berlin", "")), at("20270701T100000Z"), "B-08");
    assert_eq!(start(&in_zone("Custom", "X-LIC-LOCATION:Europe/Berlin\n")), at("20270701T100000Z"));
    assert_eq!(start(&in_zone("Custom", "X-MICROSOFT-CDO-TZID:4\n")), at("20270701T100000Z"));
    assert_eq!(start(&in_zone("Custom", "")), at("20270701T063000Z"));
}

#[test]
fn a_zone_that_lies_is_noted() {
    let notes = object(&in_zone("Europe/Berlin", "")).zone_disagreements();
    let expected = ZoneDisagreement {
        tzid: "Europe/Berlin".to_owned(),
        at: at("20270701T100000Z"),
        supplied: 19_800,
        known: 7_200,
    };
    assert_eq!(notes, [expected], "R14");
    assert!(object(&in_zone("Custom", "")).zone_disagreements().is_empty());
}

#[test]
fn a_zone_nobody_defines_or_that_defines_nothing_is_refused() {
    let empty = in_zone("Custom", "").replace("TZOFFSETTO:+0530\r\n", "");
    assert_eq!(try_object(&empty).map(|_| ()).unwrap_err().kind, crate::ical::IcalErrorKind::UnknownTimezone);
    let none = event("DTSTART;TZID=Custom:20270701T120000");
    assert_eq!(refusal(&none), crate::ical::IcalErrorKind::UnknownTimezone, "B-07");
}

#[test]
fn timezones_and_observances_are_counted() {
    let zone = |n: usize, observances: usize| {
        let one =
            "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD\n";
        format!("BEGIN:VTIMEZONE\nTZID:Z{n}\n{}END:VTIMEZONE\n", one.repeat(observances))
    };
    let with = |zones: String| {
        calendar(&format!("{zones}BEGIN:VEVENT\nUID:u\nDTSTART:20270101T000000Z\nEND:VEVENT"))
    };
    let zones = |count| with((0..count).map(|n| zone(n, 1)).collect());
    object(&zones(10));
    assert_eq!(refusal(&zones(11)), crate::ical::IcalErrorKind::NotCalendarData, "L-36");
    object(&with(zone(0, 200)));
    assert_eq!(refusal(&with(zone(0, 201))), crate::ical::IcalErrorKind::NotCalendarData, "L-36, B-09");
}

#[test]
fn a_calendar_timezone_value_is_one_zone() {
    let read =
        |text: String| zone_of_calendar(text.into(), &Limits::default()).map(|zone| zone.name().to_owned());
    let span = period("20270101T000000Z", "20280101T000000Z");
    assert_eq!(read(crate::ical::vtimezone(&berlin(), span)), Ok("Europe/Berlin".to_owned()));
    assert!(read(in_zone("Custom", "")).is_err());
    assert!(read("no".to_owned()).is_err());
}

#[test]
fn events_of_one_object_share_its_zones() {
    let object = object(&in_zone("Custom", ""));
    let zones: Vec<String> = object
        .event()
        .iter()
        .flat_map(|event| Event::parts(event))
        .map(|part| part.start.zone(&Zone::utc()).name().to_owned())
        .collect();
    assert_eq!(zones, ["Custom"]);
}
