//! What expansion costs, where an event begins and ends, and events without any occurrence.
//! L-40 to L-47; B-10, B-11.

use std::time::Duration;

use super::{PLENTY, always, berlin, expand_all, instead_of, minute, part, rule, wall, window};
use crate::domain::event::Event;
use crate::domain::recurrence::budget::Meter;
use crate::domain::recurrence::walls::Walls;
use crate::domain::recurrence::{Budget, ExpandError, extent, has_instances, occurrences};
use crate::domain::time::Length;

const START: &str = "2027-03-01T10:00@Europe/Berlin";

#[track_caller]
fn extent_of(event: &Event) -> (String, Option<String>) {
    let extent = extent(event, &berlin(), &PLENTY).expect("within plenty");
    (minute(extent.first), extent.last.map(minute))
}

#[track_caller]
fn has_any(event: &Event) -> bool {
    has_instances(event, &berlin(), &PLENTY).expect("within plenty")
}

fn steps_for_a_week(text: &str, start: &str, from: &str) -> (usize, u32) {
    let meter = &mut Meter::new(&PLENTY);
    let walls = Walls::new(&rule(text), wall(start), false, None, true, meter).expect("daily or slower");
    let to = wall(from) + jiff::Span::new().days(7);
    let found = walls.between(wall(from), to, meter).expect("within plenty");
    (found.len(), meter.steps())
}

#[test]
fn a_week_of_a_20_year_old_rule_costs_no_more_than_a_month() {
    for text in [
        "FREQ=DAILY",
        "FREQ=DAILY;COUNT=1000000000",
        "FREQ=DAILY;INTERVAL=2;COUNT=9000;BYHOUR=9,10",
        "FREQ=WEEKLY;COUNT=4000;BYDAY=MO,TU,TH",
        "FREQ=DAILY;BYMONTHDAY=-2,1,2,3,4,5,6,7;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=MONTHLY;BYDAY=1MO,1TU,1WE,-5SU",
    ] {
        let (found, steps) = steps_for_a_week(text, "2007-01-01T10:00", "2027-02-01T00:00");
        assert!(found > 1 && steps < 120, "{text}: {found} in {steps} steps");
    }
    let (found, steps) =
        steps_for_a_week("FREQ=YEARLY;BYWEEKNO=5;BYDAY=MO,TU", "2007-01-01T10:00", "2027-02-01T00:00");
    assert!(found == 2 && steps < 1_500, "{found} in {steps} steps");
}

#[test]
fn counting_from_the_middle_ends_where_counting_from_the_start_does() {
    for text in ["FREQ=DAILY;INTERVAL=3;COUNT=50;BYHOUR=8,12", "FREQ=WEEKLY;COUNT=50;BYDAY=SU,WE,MO;WKST=SU"]
    {
        let meter = &mut Meter::new(&PLENTY);
        let walls =
            Walls::new(&rule(text), wall("2027-01-06T10:00"), false, None, false, meter).expect("daily");
        let all = walls.between(wall("2027-01-06"), wall("2099-01-01"), meter).expect("within plenty");
        assert_eq!(all.len(), 50, "{text}");
        for from in &all {
            let rest = walls.between(*from, wall("2099-01-01"), meter).expect("within plenty");
            assert!(all.ends_with(&rest) && rest.first() == Some(from), "{text} from {from}");
        }
        assert_eq!(walls.bound(meter), Ok(all.last().copied()), "{text}");
    }
}

/// L-41.
#[test]
fn more_occurrences_than_allowed_in_the_window_are_refused() {
    let event = part(START).rule("FREQ=DAILY").event();
    let budget = Budget { max_instances: 30, ..PLENTY };
    let expand = |to| occurrences(&event, &berlin(), window("2027-03-01", to), &budget);
    assert_eq!(expand("2027-03-31").map(|found| found.len()), Ok(30));
    assert_eq!(expand("2027-04-01"), Err(ExpandError::TooManyInstances(30)));
}

/// L-43.
#[test]
fn more_candidates_than_allowed_are_refused() {
    let budget = Budget { steps: 1_000, ..PLENTY };
    for text in ["FREQ=DAILY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYSETPOS=2"] {
        let event = part(START).rule(text).event();
        let error = occurrences(&event, &berlin(), always(), &budget);
        assert_eq!(error, Err(ExpandError::TooManySteps(1_000)), "{text}");
    }
    let event = part(START).rule("FREQ=DAILY").except_rule("FREQ=DAILY;BYSETPOS=2").event();
    assert_eq!(occurrences(&event, &berlin(), always(), &budget), Err(ExpandError::TooManySteps(1_000)));
}

/// L-44.
#[test]
fn an_expansion_that_takes_too_long_is_refused() {
    let budget = Budget { cpu: Duration::ZERO, ..PLENTY };
    let event = part(START).rule("FREQ=DAILY").event();
    assert_eq!(occurrences(&event, &berlin(), always(), &budget), Err(ExpandError::TooSlow(Duration::ZERO)));
    assert!(occurrences(&event, &berlin(), window("2027-03-01", "2027-03-08"), &budget).is_ok());
}

/// L-43, L-47: whatever the rule, its empty years up to 2100 fit the budget.
#[test]
fn a_rule_that_never_matches_ends_within_the_standing_budget() {
    for text in
        ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYSETPOS=2", "FREQ=WEEKLY;BYMONTH=2;BYSETPOS=9"]
    {
        let event = part("1970-01-01T10:00Z").rule(text).event();
        let budget = Budget { cpu: PLENTY.cpu, ..Budget::default() };
        assert_eq!(
            occurrences(&event, &berlin(), always(), &budget).map(|found| found.len()),
            Ok(1),
            "{text}"
        );
    }
}

/// L-47.
#[test]
fn nothing_repeats_from_2100_on() {
    let event = part("2095-01-01T10:00Z").rule("FREQ=YEARLY").event();
    assert_eq!(expand_all(&event, always()).len(), 5);
}

#[test]
fn an_extent_reaches_from_the_first_start_to_the_last_end() {
    let rules = [
        ("FREQ=DAILY;COUNT=3", "2027-03-03T11:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", "2027-05-31T11:00"),
        ("FREQ=YEARLY;UNTIL=20601231", "2060-03-01T11:00"),
        ("FREQ=WEEKLY;BYDAY=TU;COUNT=1", "2027-03-01T11:00"),
    ];
    for (text, last) in rules {
        let found = extent_of(&part(START).rule(text).event());
        assert_eq!(found, ("2027-03-01T10:00".to_owned(), Some(last.to_owned())), "{text}");
    }
    let beyond_2100 = [
        "FREQ=DAILY",
        "FREQ=DAILY;COUNT=1000000000",
        "FREQ=MONTHLY;COUNT=1000000000",
        "FREQ=YEARLY;INTERVAL=4294967295;COUNT=2",
        "FREQ=WEEKLY;UNTIL=21000101",
    ];
    for text in beyond_2100 {
        let found = extent_of(&part(START).rule(text).event());
        assert_eq!(found, ("2027-03-01T10:00".to_owned(), None), "{text}");
    }
    assert_eq!(extent_of(&part(START).cancelled().event()).1, Some("2027-03-01T11:00".to_owned()));
}

#[test]
fn an_extent_minds_exceptions_and_extra_dates() {
    let cases = [
        (
            part(START).rule("FREQ=DAILY;UNTIL=20270405").except("2027-04-05"),
            "2027-03-01T10:00",
            "2027-04-04T11:00",
        ),
        (part(START).rule("FREQ=DAILY;COUNT=2").except("2027-03-01"), "2027-03-02T10:00", "2027-03-02T11:00"),
        (
            part(START).rule("FREQ=DAILY;COUNT=2").date("2020-01-01T10:00Z").date("2040-01-01T10:00Z"),
            "2020-01-01T11:00",
            "2040-01-01T12:00",
        ),
        (
            part(START)
                .rule("FREQ=MONTHLY;INTERVAL=60;COUNT=3")
                .except("2027-03-01")
                .date("2090-01-01T10:00Z"),
            "2032-03-01T10:00",
            "2090-01-01T12:00",
        ),
        (
            part(START).rule("FREQ=DAILY;COUNT=900").except_rule("FREQ=DAILY;BYMONTH=1,2,3,4,5,6,7,8"),
            "2027-09-01T10:00",
            "2028-12-31T11:00",
        ),
    ];
    for (part, first, last) in cases {
        let rules = part.rules.clone();
        assert_eq!(extent_of(&part.event()), (first.to_owned(), Some(last.to_owned())), "{rules:?}");
    }
}

#[test]
fn an_extent_minds_overrides() {
    let daily = |count: u32| part(START).rule(&format!("FREQ=DAILY;COUNT={count}")).event();
    let event = daily(2).with(instead_of("2027-03-02", "2026-01-01T10:00Z"));
    assert_eq!(extent_of(&event), ("2026-01-01T11:00".to_owned(), Some("2027-03-01T11:00".to_owned())));
    let event = daily(3)
        .with(instead_of("2027-03-01", "2027-01-01T10:00Z").and_future())
        .with(instead_of("2027-03-03", "2026-03-03T10:00Z").and_future());
    assert_eq!(extent_of(&event), ("2026-03-03T11:00".to_owned(), Some("2027-01-02T12:00".to_owned())));
    let alone = Event { master: None, ..daily(1) }.with(instead_of(START, START));
    assert_eq!(extent_of(&alone), ("2027-03-01T10:00".to_owned(), Some("2027-03-01T11:00".to_owned())));
}

#[test]
fn the_extent_of_a_rule_without_end_costs_next_to_nothing() {
    let budget = Budget { steps: 100, ..PLENTY };
    for text in ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TU", "FREQ=DAILY;COUNT=20000"] {
        let event = part(START).rule(text).event();
        assert!(extent(&event, &berlin(), &budget).is_ok(), "{text}");
    }
}

#[test]
fn an_end_too_far_to_find_is_none() {
    let event = part(START).rule("FREQ=MONTHLY;BYMONTHDAY=1;COUNT=500").event();
    let found = extent(&event, &berlin(), &Budget { steps: 200, ..PLENTY });
    assert_eq!(found.map(|extent| extent.last), Ok(None));
}

/// B-11.
#[test]
fn an_event_without_any_instance_is_recognised() {
    let monday = || part(START);
    assert!(!has_any(&monday().rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30").event()));
    assert!(!has_any(&monday().rule("FREQ=DAILY;UNTIL=20270228").event()));
    assert!(!has_any(&monday().rule("FREQ=DAILY").rule("FREQ=DAILY;BYSETPOS=2").event()));
    assert!(!has_any(&monday().rule("FREQ=DAILY;COUNT=2").except("2027-03-01").except("2027-03-02").event()));
    assert!(!has_any(&monday().rule("FREQ=WEEKLY;COUNT=9").except_rule("FREQ=DAILY").event()));
    assert!(has_any(&monday().event()));
    assert!(has_any(&monday().rule("FREQ=WEEKLY;BYDAY=TU;COUNT=1").event()));
    assert!(has_any(&monday().except("2027-03-01").event().with(instead_of("2027-03-01", START))));
    assert_eq!(
        extent(&monday().except("2027-03-01").event(), &berlin(), &PLENTY),
        Err(ExpandError::NoInstances)
    );
}

/// L-44, dateutil's trap: an endless rule that another excludes wholly.
#[test]
fn a_rule_wholly_excluded_by_another_ends() {
    let event = part(START).rule("FREQ=DAILY").except_rule("FREQ=DAILY").event();
    let budget = Budget { cpu: PLENTY.cpu, ..Budget::default() };
    assert_eq!(has_instances(&event, &berlin(), &budget), Ok(false));
}

/// Nothing that a client can write makes the arithmetic overflow; what it means is refused
/// elsewhere (L-47, L-48).
#[test]
fn the_ends_of_the_calendar_are_survived() {
    let lengths = [
        Length::Exact(i64::MAX),
        Length::Exact(i64::MIN),
        Length::Nominal { days: i64::MAX, secs: i64::MAX },
        Length::Nominal { days: i64::MIN, secs: i64::MIN },
    ];
    let budget = Budget { steps: 5_000, ..PLENTY };
    let is_orderly = |error: ExpandError| assert_eq!(error, ExpandError::TooManySteps(5_000));
    for start in ["0000-01-01T00:00", "0001-01-01", "9999-12-31T23:59@Europe/Berlin", "9999-12-31", START] {
        for length in lengths {
            for text in ["FREQ=DAILY;COUNT=3", "FREQ=YEARLY;INTERVAL=4294967295;BYWEEKNO=1", "FREQ=WEEKLY"] {
                let far = instead_of("9999-12-31", "0001-01-01").length(length).and_future();
                let event = part(start).rule(text).length(length).event().with(far);
                match occurrences(&event, &berlin(), window("2027-01-01", "2027-02-01"), &budget) {
                    Ok(found) => assert!(found.iter().all(|found| found.period.start <= found.period.end)),
                    Err(error) => is_orderly(error),
                }
                extent(&event, &berlin(), &budget).map_or_else(is_orderly, |found| {
                    assert!(found.last.is_none_or(|last| found.first <= last), "{start} {text}");
                });
                // Nothing is found from 2100 on.
                let any = has_instances(&event, &berlin(), &budget);
                assert!(any.is_ok(), "{start} {text}: {any:?}");
                assert!(!start.starts_with("9999") || any == Ok(false), "{start} {text}");
            }
        }
    }
}
