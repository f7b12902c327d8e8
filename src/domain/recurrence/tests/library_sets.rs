//! What the `rrule` crate makes of whole recurrence sets, which is why it never gets one here:
//! zones, extra dates, exceptions and DTSTART are put in outside.
//! RFC 5545, sections 3.8.5.1 to 3.8.5.3; R15, R17.

use super::{expand, part, starts, window};
use crate::domain::event::{Event, ExtraDate, Part};
use crate::domain::time::Length;

/// Wall-clock days of March 2027, or why it refuses.
fn crate_says(lines: &[&str]) -> Result<Vec<String>, String> {
    let set: rrule::RRuleSet =
        lines.join("\n").parse().map_err(|error: rrule::RRuleError| error.to_string())?;
    Ok(set.all(10).dates.iter().map(|at| at.format("%d").to_string()).collect())
}

fn we_say(event: &Event) -> Vec<String> {
    let found = expand(event, window("2027-03-01", "2027-04-01"));
    starts(&found).iter().map(|start| start[8..10].to_owned()).collect()
}

fn mondays() -> Part {
    part("2027-03-01T10:00@Europe/Berlin").rule("FREQ=WEEKLY;COUNT=3")
}

const UTC: &str = "DTSTART:20270301T100000Z";
const ZONED: &str = "DTSTART;TZID=Europe/Berlin:20270301T100000";
const WEEKLY: &str = "RRULE:FREQ=WEEKLY;COUNT=3";

#[test]
fn an_extra_date_equal_to_an_instance_comes_twice_there() {
    let theirs = crate_says(&[UTC, WEEKLY, "RDATE:20270308T100000Z"]);
    assert_eq!(theirs, Ok(["01", "08", "08", "15"].map(str::to_owned).to_vec()));
    assert_eq!(we_say(&mondays().date("2027-03-08T09:00Z").event()), ["01", "08", "15"]);
}

#[test]
fn two_rules_with_a_common_instance_have_it_twice_there() {
    let theirs = crate_says(&[UTC, WEEKLY, "RRULE:FREQ=DAILY;COUNT=2"]);
    assert_eq!(theirs, Ok(["01", "01", "02", "08", "15"].map(str::to_owned).to_vec()));
    assert_eq!(we_say(&mondays().rule("FREQ=DAILY;COUNT=2").event()), ["01", "02", "08", "15"]);
}

#[test]
fn dtstart_is_lost_there_beside_extra_dates_alone_or_a_rule_that_skips_it() {
    assert_eq!(crate_says(&[UTC, "RDATE:20270308T100000Z"]), Ok(vec!["08".to_owned()]));
    let event = part("2027-03-01T10:00@Europe/Berlin").date("2027-03-08T09:00Z").event();
    assert_eq!(we_say(&event), ["01", "08"]);
    let theirs = crate_says(&[UTC, "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=2"]);
    assert_eq!(theirs, Ok(["02", "09"].map(str::to_owned).to_vec()));
    let event = part("2027-03-01T10:00@Europe/Berlin").rule("FREQ=WEEKLY;BYDAY=TU;COUNT=2").event();
    assert_eq!(we_say(&event), ["01", "02"]);
}

#[test]
fn an_extra_period_is_refused_there() {
    assert!(crate_says(&[UTC, WEEKLY, "RDATE;VALUE=PERIOD:20270303T100000Z/PT2H"]).is_err());
    let mut part = mondays();
    part.dates.push(ExtraDate::Period(super::time("2027-03-03T10:00Z"), Length::Exact(7_200)));
    assert_eq!(we_say(&part.event()), ["01", "03", "08", "15"]);
}

#[test]
fn an_except_rule_is_ignored_there() {
    let theirs = crate_says(&[UTC, WEEKLY, "EXRULE:FREQ=WEEKLY;INTERVAL=2"]);
    assert_eq!(theirs.map(|days| days.len()), Ok(3));
    assert_eq!(we_say(&mondays().except_rule("FREQ=WEEKLY;INTERVAL=2").event()), ["08"]);
}

#[test]
fn a_date_or_a_floating_time_excludes_nothing_there() {
    for line in ["EXDATE:20270308T100000", "EXDATE;VALUE=DATE:20270308"] {
        assert_eq!(crate_says(&[ZONED, WEEKLY, line]).map(|days| days.len()), Ok(3), "{line}");
    }
    for exception in ["2027-03-08T10:00", "2027-03-08"] {
        assert_eq!(we_say(&mondays().except(exception).event()), ["01", "15"], "{exception}");
    }
}

#[test]
fn until_as_a_date_or_local_time_is_refused_there() {
    for until in ["20270308", "20270308T100000"] {
        assert!(crate_says(&[ZONED, &format!("RRULE:FREQ=WEEKLY;UNTIL={until}")]).is_err(), "{until}");
        let event =
            part("2027-03-01T10:00@Europe/Berlin").rule(&format!("FREQ=WEEKLY;UNTIL={until}")).event();
        assert_eq!(we_say(&event), ["01", "08"], "{until}");
    }
}
