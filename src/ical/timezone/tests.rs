//! VTIMEZONE both ways: what is generated reads back to the same offsets, also for the zones
//! whose rules no simple guess reproduces.

use ::ical::recur::IcalRecurDateTime;
use ::ical::tree::cst::IcalCst;
use ::ical::tz::{IcalTz, IcalTzTransitions};
use bytes::Bytes;

use super::super::Limits;
use super::super::scan::scan;
use super::super::testing::*;
use super::*;

/// Zones whose changes follow no yearly rule, or one that a guess gets wrong.
const ODD: [&str; 10] = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Jerusalem",
    "Asia/Gaza",
    "America/Santiago",
    "America/Nuuk",
    "America/Scoresbysund",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Europe/Dublin",
];

#[track_caller]
fn read(text: &str) -> Option<Zone> {
    let scan = scan(Bytes::copy_from_slice(text.as_bytes()), &Limits::default()).unwrap();
    let timezone = Component::root(&scan).children().next().unwrap();
    interpret(timezone).and_then(|found| Zone::from_onsets("Read", found.into_onsets()))
}

fn timezone(lines: &str) -> String {
    calendar(&format!("BEGIN:VTIMEZONE\nTZID:Custom\n{lines}\nEND:VTIMEZONE"))
}

#[test]
fn a_generated_zone_has_the_offsets_of_our_data_hour_by_hour() {
    let span = period("20200101T000000Z", "20320101T000000Z");
    for name in ODD.into_iter().chain(["Europe/Berlin", "America/New_York", "UTC", "Pacific/Apia"]) {
        let zone = Zone::iana(name).unwrap();
        let copy = read(&vtimezone(&zone, span)).unwrap();
        let hours = (span.end.secs() - span.start.secs()) / 3_600;
        for hour in 0..hours {
            let at = span.start.plus(hour * 3_600);
            assert_eq!(copy.offset_at(at), zone.offset_at(at), "{name} at {at}");
        }
    }
}

#[test]
fn a_second_opinion_agrees_on_generated_zones() {
    let span = period("20260101T000000Z", "20300101T000000Z");
    for name in ODD {
        let zone = Zone::iana(name).unwrap();
        let text = vtimezone(&zone, span);
        let theirs = IcalCst::parse(&text).unwrap();
        let theirs = IcalTz::of_calendar(&theirs.decode(), name).unwrap();
        let mut theirs = IcalTzTransitions::of_zone(theirs);
        for day in 0..1_400 {
            let at = span.start.plus(day * 86_400 + 43_200);
            let offset = zone.offset_at(at);
            let local = IcalRecurDateTime::from_seconds(at.secs() + i64::from(offset));
            // Where the clock goes back at noon UTC, both offsets are right.
            if let Some(found) = theirs.resolve(local).unambiguous() {
                assert_eq!(found, offset, "{name} at {at}: {text}");
            }
        }
    }
}

#[test]
fn simple_zones_are_short_and_end_with_a_rule() {
    let text = vtimezone(&berlin(), period("20270101T000000Z", "20370101T000000Z"));
    assert!(text.contains("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"), "{text}");
    assert!(text.contains("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n"), "{text}");
    assert!(!text.contains("RDATE"), "{text}");
    let casablanca =
        vtimezone(&Zone::iana("Africa/Casablanca").unwrap(), period("20270101T000000Z", "20300101T000000Z"));
    assert!(casablanca.contains("RDATE:"), "Ramadan follows no yearly rule: {casablanca}");
}

#[test]
fn a_day_on_or_after_a_date_is_a_rule_too() {
    for (name, rules) in [
        (
            "America/Santiago",
            ["BYMONTH=4;BYMONTHDAY=2,3,4,5,6,7,8;BYDAY=SU", "BYMONTH=9;BYMONTHDAY=2,3,4,5,6,7,8;BYDAY=SU"],
        ),
        ("Asia/Jerusalem", ["BYMONTH=3;BYMONTHDAY=23,24,25,26,27,28,29;BYDAY=FR", "BYMONTH=10;BYDAY=-1SU"]),
        ("Europe/Berlin", ["BYMONTH=3;BYDAY=-1SU", "BYMONTH=10;BYDAY=-1SU"]),
    ] {
        let span = needed(Instant::from_secs(1_803_859_200), Instant::from_secs(1_803_859_200), true);
        let text = generate(&Zone::iana(name).unwrap(), name, span).join("\n");
        for rule in rules {
            assert!(text.contains(&format!("RRULE:FREQ=YEARLY;{rule}")), "{name}: {text}");
        }
        assert!(!text.contains("RDATE"), "{name}: {text}");
    }
}

#[test]
fn rules_dates_and_utc_limits_are_interpreted() {
    let zone = read(&timezone(
        "BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n\
         RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\n\
         BEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n\
         RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT",
    ))
    .unwrap();
    for day in 0..3_650 {
        let at = at("20200101T120000Z").plus(day * 86_400);
        assert_eq!(zone.offset_at(at), berlin().offset_at(at), "{at}");
    }
    let limited = read(&timezone(
        "BEGIN:DAYLIGHT\nDTSTART:20200329T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n\
         RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3;UNTIL=20210328T010000Z\nEND:DAYLIGHT\n\
         BEGIN:STANDARD\nDTSTART:20201025T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRDATE:20211031T030000\nEND:STANDARD",
    ))
    .unwrap();
    let offsets = ["20200701", "20201201", "20210701", "20211201", "20220701"]
        .map(|day| limited.offset_at(at(&format!("{day}T000000Z"))));
    assert_eq!(offsets, [7_200, 3_600, 7_200, 3_600, 3_600]);
}

#[test]
fn offsets_may_have_seconds() {
    assert_eq!(offset("+001730"), Some(1_050));
    assert_eq!(offset("-0330"), Some(-12_600));
    assert_eq!(write_offset(-1_050), "-001730");
    for bad in ["0100", "+1", "+2500", "+01000", "+0160", "ä100"] {
        assert_eq!(offset(bad), None, "{bad}");
    }
}

#[test]
fn what_costs_more_than_it_is_worth_is_not_interpreted() {
    let observance = |more: &str| {
        format!(
            "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\n{more}\nEND:STANDARD"
        )
    };
    assert!(read(&timezone(&observance("RRULE:FREQ=SECONDLY"))).is_none(), "B-09");
    assert!(read(&timezone(&observance("RRULE:FREQ=DAILY"))).is_none(), "B-09");
    let many = vec![observance("RRULE:FREQ=YEARLY"); MAX_RULES + 1].join("\n");
    assert!(read(&timezone(&many)).is_none(), "B-09");
    assert!(read(&timezone("X:1")).is_none());
    assert!(read(&timezone(&observance("RRULE:FREQ=YEARLY"))).is_some());
}
