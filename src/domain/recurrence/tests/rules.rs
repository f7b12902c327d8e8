//! Reading and writing rules. RFC 5545, section 3.3.10; L-46, B-12, B-13.

use proptest::prelude::*;

use super::random;
use crate::domain::recurrence::{BadRule, Frequency, Rule, Until};

#[test]
fn a_rule_is_read_leniently_and_written_canonically() {
    let cases = [
        ("freq=daily", "FREQ=DAILY"),
        ("FREQ=WEEKLY;BYDAY=+1MO,we;", "FREQ=WEEKLY;BYDAY=1MO,WE"),
        ("FREQ=WEEKLY;X-COLOR=blue;x-y=;WKST=su", "FREQ=WEEKLY;WKST=SU"),
        ("RSCALE=gregorian;FREQ=YEARLY;SKIP=OMIT", "FREQ=YEARLY"),
        ("FREQ=DAILY;INTERVAL=1;WKST=MO", "FREQ=DAILY"),
        (" FREQ = DAILY ; COUNT = 3 ", "FREQ=DAILY;COUNT=3"),
        ("COUNT=2;BYMONTH=3,1;FREQ=MONTHLY", "FREQ=MONTHLY;COUNT=2;BYMONTH=3,1"),
        ("FREQ=DAILY;UNTIL=20270301", "FREQ=DAILY;UNTIL=20270301"),
        ("FREQ=DAILY;UNTIL=20270301t101112", "FREQ=DAILY;UNTIL=20270301T101112"),
        ("FREQ=DAILY;UNTIL=20270301T101160Z", "FREQ=DAILY;UNTIL=20270301T101159Z"),
        (
            "FREQ=YEARLY;BYWEEKNO=-1;BYYEARDAY=-366;BYMONTHDAY=-31,+5;BYSETPOS=-1;BYHOUR=0;BYMINUTE=5;BYSECOND=60",
            "FREQ=YEARLY;BYWEEKNO=-1;BYYEARDAY=-366;BYMONTHDAY=-31,5;BYHOUR=0;BYMINUTE=5;BYSECOND=60;BYSETPOS=-1",
        ),
        ("FREQ=SECONDLY", "FREQ=SECONDLY"),
    ];
    for (text, canonical) in cases {
        assert_eq!(Rule::parse(text).map(|rule| rule.to_string()), Ok(canonical.to_owned()), "{text}");
    }
}

/// B-13, L-46.
#[test]
fn a_rule_that_means_nothing_is_refused() {
    let bad = [
        "",
        ";",
        "FREQ",
        "FREQ=",
        "FREQ=FORTNIGHTLY",
        "INTERVAL=2",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=+1",
        "FREQ=DAILY;INTERVAL=4294967296",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;COUNT=2;COUNT=2",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;COLOR=blue",
        "FREQ=DAILY;BYSETPOS=0",
        "FREQ=DAILY;BYSETPOS=367",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=1,1",
        "FREQ=MONTHLY;BYMONTHDAY=",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYMONTH=-1",
        "FREQ=YEARLY;BYWEEKNO=54",
        "FREQ=YEARLY;BYYEARDAY=0",
        "FREQ=YEARLY;BYYEARDAY=367",
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=DAILY;BYMINUTE=60",
        "FREQ=DAILY;BYSECOND=61",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=M",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=WEEKLY;BYDAY=0MO",
        "FREQ=WEEKLY;BYDAY=54MO",
        "FREQ=WEEKLY;BYDAY=MO,MO",
        "FREQ=WEEKLY;BYDAY=-MO",
        "FREQ=WEEKLY;BYDAY=é",
        "FREQ=WEEKLY;WKST=1MO",
        "FREQ=DAILY;UNTIL=20270229",
        "FREQ=DAILY;UNTIL=2027030",
        "FREQ=DAILY;UNTIL=20270301Z",
        "FREQ=DAILY;UNTIL=20270301T250000",
        "FREQ=DAILY;UNTIL=20270301T10:00Z",
        "FREQ=DAILY;UNTIL=x",
        "RSCALE=HEBREW;FREQ=YEARLY",
        "FREQ=MONTHLY;SKIP=FORWARD;RSCALE=GREGORIAN",
    ];
    for text in bad {
        assert!(Rule::parse(text).is_err(), "{text}");
    }
}

/// B-12.
#[test]
fn a_day_has_at_most_64_times() {
    let hours: Vec<String> = (0..8).map(|hour| hour.to_string()).collect();
    let text = |minutes: &str| format!("FREQ=DAILY;BYHOUR={};BYMINUTE={minutes}", hours.join(","));
    assert!(Rule::parse(&text("0,1,2,3,4,5,6,7")).is_ok());
    assert_eq!(Rule::parse(&text("0,1,2,3,4,5,6,7,8")), Err(BadRule::TooManyTimes));
}

#[test]
fn a_message_repeats_only_the_beginning_of_a_long_value() {
    let Err(error) = Rule::parse(&format!("FREQ=DAILY;COUNT={}", "é".repeat(10_000))) else {
        panic!("read as a number");
    };
    assert!(error.to_string().len() < 200, "{error}");
}

#[test]
fn the_parts_that_decide_about_a_booking_can_be_asked_for() {
    let rule = Rule::parse("FREQ=HOURLY;INTERVAL=2;COUNT=3").expect("a rule");
    assert_eq!((rule.frequency(), rule.interval(), rule.count()), (Frequency::Hourly, 2, Some(3)));
    assert!(rule.frequency().is_below_daily());
    assert!(!Frequency::Daily.is_below_daily());
    assert!(!rule.is_endless());
    let rule = Rule::parse("FREQ=DAILY;UNTIL=20270301").expect("a rule");
    assert_eq!(rule.until(), Some(Until::Date(jiff::civil::date(2027, 3, 1))));
    assert!(Rule::parse("FREQ=DAILY").expect("a rule").is_endless());
}

proptest! {
    #[test]
    fn what_is_written_reads_back_as_the_same_rule(seed: u64) {
        let rule = Rule::parse(&random::rule(&mut random::Source::new(seed))).expect("a rule");
        prop_assert_eq!(Rule::parse(&rule.to_string()), Ok(rule));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[A-Za-z0-9=;,+é-]{0,60}", tail in ".{0,40}") {
        let _ = Rule::parse(&text);
        let _ = Rule::parse(&tail);
        let _ = Rule::parse(&format!("FREQ=WEEKLY;BYDAY={tail};UNTIL={text}"));
    }
}
