//! The recurrence set: DTSTART, several rules, extra dates, exceptions, bounds, zones.
//! RFC 5545, section 3.8.5; R12, R13, R15 to R17.

use super::{always, berlin, expand, minute, part, starts, time, wall, window, zone};
use crate::domain::event::{Event, ExtraDate};
use crate::domain::recurrence::{ExpandError, PartRef, RecurrenceId, occurrences};
use crate::domain::time::{Length, Zone};

#[track_caller]
fn days(event: &Event) -> Vec<String> {
    let found = expand(event, window("2027-01-01", "2028-01-01"));
    starts(&found).iter().map(|start| start[5..].replace("T10:00", "")).collect()
}

const MONDAY: &str = "2027-03-01T10:00@Europe/Berlin";

#[test]
fn a_single_event_has_one_occurrence_without_a_key() {
    let found = expand(&part(MONDAY).event(), window("2027-03-01", "2027-03-02"));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].id, found[0].part, found[0].all_day),
        (RecurrenceId::SINGLE, PartRef::Master, false)
    );
    assert_eq!(found[0].period.secs(), 3_600);
}

/// R17.
#[test]
fn dtstart_is_the_first_instance_even_if_the_rule_skips_it() {
    assert_eq!(days(&part(MONDAY).rule("FREQ=WEEKLY;BYDAY=TU;COUNT=3").event()), ["03-01", "03-02", "03-09"]);
    assert_eq!(days(&part(MONDAY).rule("FREQ=WEEKLY;BYDAY=MO;COUNT=2").event()), ["03-01", "03-08"]);
    assert_eq!(days(&part(MONDAY).rule("FREQ=WEEKLY;BYDAY=TU;COUNT=1").event()), ["03-01"]);
}

#[test]
fn several_rules_are_merged_and_each_instant_counts_once() {
    let event = part(MONDAY).rule("FREQ=WEEKLY;COUNT=3").rule("FREQ=DAILY;INTERVAL=14;COUNT=3").event();
    assert_eq!(
        days(&event),
        ["03-01", "03-08", "03-15", "03-29"].map(|day| {
            // 29 March is after the change of clocks: the wall clock stays.
            day.to_owned()
        })
    );
}

#[test]
fn extra_dates_join_and_a_repeated_one_counts_once() {
    let event = part(MONDAY)
        .rule("FREQ=WEEKLY;COUNT=2")
        .date("2027-03-08T10:00@Europe/Berlin")
        .date("2027-03-08T09:00Z")
        .date("2027-03-03T10:00")
        .date("2027-03-05")
        .event();
    assert_eq!(days(&event), ["03-01", "03-03", "03-05", "03-08"]);
}

#[test]
fn extra_dates_alone_make_a_series_with_dtstart() {
    let event = part(MONDAY).date("2027-03-03T10:00@Europe/Berlin").event();
    assert_eq!(days(&event), ["03-01", "03-03"]);
    let found = expand(&event, always());
    assert_eq!(found[0].id, RecurrenceId::at(found[0].period.start));
}

/// R16.
#[test]
fn an_extra_period_brings_its_own_length() {
    let mut part = part(MONDAY).rule("FREQ=WEEKLY;COUNT=2");
    let period = |start: &str| ExtraDate::Period(time(start), Length::Exact(7_200));
    part.dates = vec![period("2027-03-03T10:00@Europe/Berlin"), period("2027-03-08T09:00Z")];
    let lengths: Vec<i64> = expand(&part.event(), always()).iter().map(|found| found.period.secs()).collect();
    assert_eq!(lengths, [3_600, 7_200, 7_200]);
}

/// R17: exceptions compare as instants whatever zone they are written in.
#[test]
fn an_exception_removes_the_instance_at_its_instant() {
    for exception in [
        "2027-03-08T10:00@Europe/Berlin",
        "2027-03-08T09:00Z",
        "2027-03-08T04:00@America/New_York",
        "2027-03-08T10:00",
        "2027-03-08",
    ] {
        let event = part(MONDAY).rule("FREQ=WEEKLY;COUNT=3").except(exception).event();
        assert_eq!(days(&event), ["03-01", "03-15"], "{exception}");
    }
    let event = part(MONDAY).rule("FREQ=WEEKLY;COUNT=3").except("2027-03-08T10:00Z").event();
    assert_eq!(days(&event).len(), 3);
}

#[test]
fn a_date_removes_every_instance_of_that_day() {
    let event = part(MONDAY).rule("FREQ=DAILY;COUNT=6;BYHOUR=8,10,12").except("2027-03-02").event();
    let days = days(&event);
    assert_eq!(days, ["03-01", "03-01T12:00", "03-03T08:00"]);
}

#[test]
fn dtstart_can_be_excluded() {
    assert_eq!(
        days(&part(MONDAY).rule("FREQ=WEEKLY;COUNT=2").except("2027-03-01T09:00Z").event()),
        ["03-08"]
    );
}

/// RFC 2445, section 4.8.5.2.
#[test]
fn an_except_rule_removes_what_it_produces() {
    let event = part(MONDAY)
        .rule("FREQ=DAILY;COUNT=7")
        .date("2027-03-13T10:00@Europe/Berlin")
        .date("2027-03-14T10:00@Europe/Berlin")
        .except_rule("FREQ=WEEKLY;BYDAY=WE,SA")
        .event();
    assert_eq!(days(&event), ["03-01", "03-02", "03-04", "03-05", "03-07", "03-14"]);
}

#[test]
fn until_may_be_a_date_a_local_or_a_utc_time() {
    for until in ["20270308", "20270308T100000", "20270308T090000Z", "20270315T085959Z"] {
        let event = part(MONDAY).rule(&format!("FREQ=WEEKLY;UNTIL={until}")).event();
        assert_eq!(days(&event), ["03-01", "03-08"], "{until}");
    }
    for until in ["20270308", "20270308T000000", "20270308T000000Z", "20270308T100000Z"] {
        let event = part("2027-03-01").rule(&format!("FREQ=WEEKLY;UNTIL={until}")).event();
        assert_eq!(days(&event), ["03-01T00:00", "03-08T00:00"], "{until}");
    }
}

/// R12.
#[test]
fn days_are_the_reader_s_and_whole_across_a_change_of_clocks() {
    let event = part("2027-03-27").rule("FREQ=DAILY;COUNT=3;BYHOUR=9").except("2027-03-29").event();
    let found = expand(&event, always());
    let hours: Vec<i64> = found.iter().map(|found| found.period.secs() / 3_600).collect();
    assert_eq!(
        (starts(&found), hours),
        (vec!["2027-03-27T00:00".into(), "2027-03-28T00:00".into()], vec![24, 23])
    );
    assert!(found.iter().all(|found| found.all_day));
    let there = occurrences(&event, &zone("Asia/Tokyo"), always(), &super::PLENTY).expect("small");
    assert_eq!(minute(there[0].period.start), "2027-03-26T16:00");
}

/// R13.
#[test]
fn floating_times_are_the_reader_s() {
    let event = part("2027-03-01T10:00").rule("FREQ=WEEKLY;COUNT=2").event();
    assert_eq!(starts(&expand(&event, always())), ["2027-03-01T10:00", "2027-03-08T10:00"]);
    let there = occurrences(&event, &Zone::utc(), always(), &super::PLENTY).expect("small");
    assert_eq!(minute(there[0].period.start), "2027-03-01T11:00");
}

/// R15.
#[test]
fn an_instance_in_a_gap_is_shifted_and_in_an_overlap_the_first() {
    let event = part("2027-03-27T02:30@Europe/Berlin").rule("FREQ=DAILY;COUNT=3").event();
    assert_eq!(
        starts(&expand(&event, always())),
        ["2027-03-27T02:30", "2027-03-28T03:30", "2027-03-29T02:30"]
    );
    let event = part("2027-10-31T02:30@Europe/Berlin").event();
    assert_eq!(berlin().offset_at(expand(&event, always())[0].period.start), 7_200);
}

/// R15, R17: 02:30 does not exist and is shifted onto 03:30, which is an instance too.
#[test]
fn instances_that_a_gap_makes_one_count_once() {
    let event = part("2027-03-28T01:30@Europe/Berlin").rule("FREQ=DAILY;COUNT=3;BYHOUR=1,2,3").event();
    assert_eq!(starts(&expand(&event, always())), ["2027-03-28T01:30", "2027-03-28T03:30"]);
}

/// UNTIL is an instant: the shifted instance lies after it.
#[test]
fn until_ends_before_an_instance_that_a_gap_shifts_past_it() {
    let event = part("2027-03-27T02:30@Europe/Berlin").rule("FREQ=DAILY;UNTIL=20270328T011500Z").event();
    assert_eq!(starts(&expand(&event, always())), ["2027-03-27T02:30"]);
}

/// R16: DTEND gives an exact length, DURATION in days a nominal one.
#[test]
fn lengths_are_exact_or_by_the_calendar() {
    let night = |length| part("2027-03-27T12:00@Europe/Berlin").rule("FREQ=DAILY;COUNT=1").length(length);
    let end = |length| minute(expand(&night(length).event(), always())[0].period.end);
    assert_eq!(end(Length::Exact(86_400)), "2027-03-28T13:00");
    assert_eq!(end(Length::Nominal { days: 1, secs: 0 }), "2027-03-28T12:00");
}

#[test]
fn what_touches_the_window_is_found_and_its_neighbours_are_not() {
    let event = part(MONDAY).rule("FREQ=WEEKLY").event();
    assert_eq!(
        starts(&expand(&event, window("2030-01-07T10:59", "2030-01-14T10:01"))),
        ["2030-01-07T10:00", "2030-01-14T10:00"]
    );
    assert_eq!(expand(&event, window("2030-01-07T11:00", "2030-01-14T10:00")), []);
    assert_eq!(expand(&event, window("2020-01-07T11:00", "2027-03-01T10:00")), []);
}

/// R18: what has no length touches the window if it starts inside.
#[test]
fn an_empty_occurrence_is_found_where_it_starts() {
    for length in [Length::None, Length::Exact(0), Length::Exact(-60)] {
        let event = part(MONDAY).rule("FREQ=WEEKLY;COUNT=3").length(length).event();
        assert_eq!(expand(&event, window("2027-03-08T10:00", "2027-03-08T10:01")).len(), 1);
        assert_eq!(expand(&event, window("2027-03-08T09:00", "2027-03-08T10:00")).len(), 0);
    }
}

#[test]
fn a_long_occurrence_is_found_where_it_ends() {
    let event = part(MONDAY).rule("FREQ=MONTHLY").length(Length::Nominal { days: 30, secs: 0 }).event();
    assert_eq!(starts(&expand(&event, window("2028-03-31T09:00", "2028-03-31T09:01"))), ["2028-03-01T10:00"]);
    assert_eq!(expand(&event, window("2028-03-31T10:00", "2028-03-31T10:01")), []);
}

/// RFC 5545, section 3.3.10: an invalid date is skipped, not moved (R15).
#[test]
fn a_day_that_a_month_lacks_is_skipped() {
    let event = part("2027-01-31T10:00@Europe/Berlin").rule("FREQ=MONTHLY;COUNT=4").event();
    assert_eq!(days(&event), ["01-31", "03-31", "05-31", "07-31"]);
    let event = part("2024-02-29T10:00@Europe/Berlin").rule("FREQ=YEARLY;COUNT=2").event();
    assert_eq!(starts(&expand(&event, always())), ["2024-02-29T10:00", "2028-02-29T10:00"]);
}

/// L-40.
#[test]
fn a_rule_below_daily_is_not_expanded() {
    let event = part(MONDAY).rule("FREQ=HOURLY;COUNT=2").event();
    assert_eq!(occurrences(&event, &berlin(), always(), &super::PLENTY), Err(ExpandError::BelowDaily));
}

/// RFC 5545, section 3.8.5.3: some of its examples, counting DTSTART (R17).
#[test]
fn examples_of_the_rfc_come_out_as_printed() {
    let cases = [
        ("FREQ=DAILY;INTERVAL=10;COUNT=5", "09-02 09-12 09-22 10-02 10-12"),
        ("FREQ=WEEKLY;COUNT=4;INTERVAL=2;BYDAY=TU,TH", "09-02 09-04 09-16 09-18"),
        ("FREQ=WEEKLY;COUNT=4;WKST=SU;BYDAY=TU,TH", "09-02 09-04 09-09 09-11"),
        ("FREQ=MONTHLY;COUNT=3;BYMONTHDAY=2,15", "09-02 09-15 10-02"),
        ("FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3;COUNT=3", "09-02 09-04 10-07"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=4", "09-02 09-29 10-30 11-27"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=2", "09-02 02-13"),
        ("FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13;COUNT=3", "09-02 09-13 10-11"),
    ];
    for (text, expected) in cases {
        let event = part("1997-09-02T09:00@America/New_York").rule(text).event();
        let found = expand(&event, always());
        let found: Vec<String> = found
            .iter()
            .map(|found| zone("America/New_York").to_local(found.period.start))
            .map(|wall| wall.strftime("%m-%d").to_string())
            .collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }
    assert_eq!(wall("1997-09-02").date().weekday(), jiff::civil::Weekday::Tuesday);
}

/// R15: the last instance is in the first pass of an hour that comes twice, UNTIL in the second.
#[test]
fn until_in_an_hour_that_comes_twice_is_an_instant() {
    let event = part("2027-10-28T02:30@Europe/Berlin").rule("FREQ=DAILY;UNTIL=20271031T011500Z").event();
    assert_eq!(expand(&event, always()).len(), 4);
    let event = part("2027-10-28T02:30@Europe/Berlin").rule("FREQ=DAILY;UNTIL=20271031T001500Z").event();
    assert_eq!(expand(&event, always()).len(), 3);
}
