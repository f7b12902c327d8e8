//! What the `rrule` crate gets wrong, each beside what we make of it, and why we may ask it
//! for the rest. When an update of the crate mends one, its test here fails and says so.

use std::ops::ControlFlow;

use chrono::{Datelike, TimeZone, Timelike};

use super::{PLENTY, berlin, expand, part, rule, starts, wall, window};
use crate::domain::recurrence::budget::Meter;
use crate::domain::recurrence::library::{may_expand, translate, walk};
use crate::domain::recurrence::pin::Pinned;
use crate::domain::recurrence::{ExpandError, Rule, occurrences};

/// What the crate says, its refusals included; at most `most` instances.
fn crate_says(text: &str, start: &str, most: u16) -> Result<Vec<String>, String> {
    let at = wall(start);
    let small = |number: i8| u32::try_from(number).expect("not negative");
    let at = rrule::Tz::UTC
        .with_ymd_and_hms(
            i32::from(at.year()),
            small(at.month()),
            small(at.day()),
            small(at.hour()),
            small(at.minute()),
            0,
        )
        .single()
        .expect("UTC has no gaps");
    let set = translate(&rule(text)).ok_or("no word for it")?.build(at).map_err(|error| error.to_string())?;
    let format = |at: chrono::DateTime<rrule::Tz>| {
        let (date, hour, minute) = (at.date_naive(), at.hour(), at.minute());
        format!("{:04}-{:02}-{:02}T{hour:02}:{minute:02}", date.year(), date.month(), date.day())
    };
    Ok(set.all(most).dates.into_iter().map(format).collect())
}

#[track_caller]
fn we_say(text: &str, start: &str, until: &str) -> Vec<String> {
    let event = part(&format!("{start}@Europe/Berlin")).rule(text).event();
    starts(&expand(&event, window(start, until)))
}

#[track_caller]
fn is_ours(text: &str, start: &str) {
    let pinned = Pinned::new(&rule(text), wall(start), false);
    assert!(!may_expand(&pinned), "{text} may go to the crate");
}

#[test]
fn plain_and_numbered_weekdays_together_give_nothing_there() {
    let (text, start) = ("FREQ=MONTHLY;BYDAY=SA,-1SU", "2027-01-02T10:00");
    assert_eq!(crate_says(text, start, 5), Ok(vec![]));
    let days = ["02", "09", "16", "23", "30", "31"].map(|day| format!("2027-01-{day}T10:00"));
    assert_eq!(we_say(text, start, "2027-02-01"), days);
    is_ours(text, start);
}

#[test]
fn the_fifth_weekday_from_the_end_of_a_month_is_refused_there() {
    let (text, start) = ("FREQ=MONTHLY;BYDAY=-5FR", "2027-01-01T10:00");
    assert!(crate_says(text, start, 5).is_err());
    assert_eq!(we_say(text, start, "2027-05-01"), ["2027-01-01T10:00", "2027-04-02T10:00"]);
    is_ours(text, start);
}

#[test]
fn the_53rd_weekday_from_the_end_of_a_year_is_refused_there() {
    let (text, start) = ("FREQ=YEARLY;BYDAY=-53FR", "2027-01-01T10:00");
    assert!(crate_says(text, start, 5).is_err());
    assert_eq!(we_say(text, start, "2034-01-01"), ["2027-01-01T10:00", "2032-01-02T10:00"]);
    is_ours(text, start);
}

/// DTSTART is a Wednesday: the first of MO,WE,FR in its week is the Monday before.
#[test]
fn a_position_in_the_first_partial_week_is_counted_wrong_there() {
    let (text, start) = ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", "2027-01-06T10:00");
    assert_eq!(crate_says(text, start, 2), Ok(vec!["2027-01-06T10:00".into(), "2027-01-11T10:00".into()]));
    // DTSTART is an instance in any case (R17), so ask for those that the rule gives.
    let text = "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2";
    assert_eq!(crate_says(text, start, 2), Ok(vec!["2027-01-08T10:00".into(), "2027-01-13T10:00".into()]));
    assert_eq!(we_say(text, start, "2027-01-20"), ["2027-01-06T10:00", "2027-01-13T10:00"]);
    is_ours(text, start);
}

#[test]
fn numbered_weekdays_in_weekly_and_daily_rules_are_not_ignored_there() {
    for text in ["FREQ=WEEKLY;BYDAY=2MO", "FREQ=DAILY;BYDAY=2MO"] {
        let start = "2027-01-04T10:00";
        let mondays = ["04", "11", "18"].map(|day| format!("2027-01-{day}T10:00"));
        assert_ne!(crate_says(text, start, 3), Ok(mondays.to_vec()), "{text}");
        assert_eq!(we_say(text, start, "2027-01-20"), mondays, "{text}");
    }
}

#[test]
fn a_leap_second_is_refused_there_and_the_last_second_here() {
    let (text, start) = ("FREQ=DAILY;BYSECOND=60", "2027-01-04T10:00");
    assert!(crate_says(text, start, 3).is_err());
    let event = part("2027-01-04T10:00:59Z").rule(text).event();
    let found = expand(&event, window("2027-01-04", "2027-01-06"));
    let seconds: Vec<i64> = found.iter().map(|found| found.period.start.secs() % 60).collect();
    assert_eq!(seconds, [59, 59]);
}

#[test]
fn day_0_of_a_month_is_dropped_there_and_refused_here() {
    let set = "DTSTART:20270105T100000Z\nRRULE:FREQ=MONTHLY;BYMONTHDAY=0".parse::<rrule::RRuleSet>();
    assert!(set.is_ok_and(|set| set.all(3).dates.len() == 3));
    assert!(Rule::parse("FREQ=MONTHLY;BYMONTHDAY=0").is_err());
}

/// L-40: here nothing below DAILY is expanded.
#[test]
fn rules_below_daily_with_by_parts_skip_days_there_and_are_refused_here() {
    // Monday 11 January and Wednesday 13 January are missing.
    let (text, start) = ("FREQ=MINUTELY;INTERVAL=60;BYDAY=MO,WE;BYHOUR=9", "2027-01-06T08:00");
    let found = crate_says(text, start, 2).expect("a rule that it takes");
    assert_ne!(found, ["2027-01-06T09:00", "2027-01-11T09:00"]);
    let none = crate_says("FREQ=SECONDLY;BYDAY=TU;BYHOUR=9;BYMINUTE=0;BYSECOND=0", "2027-01-04T10:00", 1);
    assert_eq!(none, Ok(vec![]));
    for text in [text, "FREQ=SECONDLY;BYDAY=MO", "FREQ=HOURLY"] {
        let event = part("2027-01-04T10:00Z").rule(text).event();
        let refused = occurrences(&event, &berlin(), window("2027-01-01", "2027-02-01"), &PLENTY);
        assert_eq!(refused, Err(ExpandError::BelowDaily), "{text}");
        is_ours(text, start);
    }
}

/// Tuesday 31 December 2024 is in week 1 of 2025, a year that INTERVAL=2 leaves out.
#[test]
fn a_week_of_the_next_year_is_taken_for_this_one_s_there() {
    let (text, start) = ("FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=TU", "2024-01-02T10:00");
    let found = crate_says(text, start, 3).expect("a rule that it takes");
    assert_eq!(found, ["2024-01-02T10:00", "2024-12-31T10:00", "2028-01-04T10:00"]);
    let ours = we_say(text, start, "2029-01-01");
    assert_eq!(ours, ["2024-01-02T10:00", "2025-12-30T10:00", "2028-01-04T10:00"]);
    is_ours(text, start);
}

/// Its iterator cannot be stopped between two instances, so it gets no rule that may have none.
#[test]
fn rules_that_may_be_empty_never_reach_the_crate() {
    let texts = [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3",
        "FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=2MO",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
        "FREQ=DAILY;BYSETPOS=2",
        "FREQ=YEARLY;BYYEARDAY=366",
        "FREQ=DAILY;INTERVAL=70000",
    ];
    for text in texts {
        is_ours(text, "2027-01-04T10:00");
    }
}

#[test]
fn the_common_rules_of_clients_are_the_crate_s_work() {
    let texts = [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;BYMONTHDAY=15",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=YEARLY",
        "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    ];
    for text in texts {
        let pinned = Pinned::new(&rule(text), wall("2027-01-04T10:00"), false);
        assert!(may_expand(&pinned), "{text}");
        let mut found = 0;
        let meter = &mut Meter::new(&PLENTY);
        let asked = walk(&pinned, 3, meter, &mut |_| {
            found += 1;
            if found == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!((asked, found), (Ok(true), 5), "{text}");
    }
}
