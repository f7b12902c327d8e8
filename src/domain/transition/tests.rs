//! Which dates are told, as what, and how they are spelled.

use super::{Mark, Shift, shifts};
use crate::domain::reason::Reason;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::state::OccurrenceState::{self, Cancelled, Confirmed, Declined, Grace, Held};
use crate::domain::time::{Instant, Period};

/// 2027-03-01T08:00:00Z.
const EIGHT: i64 = 1_803_888_000;
const DAY: i64 = 86_400;

fn at(secs: i64) -> Instant {
    Instant::from_secs(EIGHT + secs)
}

/// A date of a series that was `day` days after the first, an hour long, and begins `later` seconds after
/// its own time.
fn date(day: i64, later: i64, state: OccurrenceState) -> Mark {
    let start = at(day * DAY + later);
    let period = Period { start, end: start.plus(3600) };
    Mark { id: RecurrenceId::at(at(day * DAY)), period, state, reason: None, expires_at: None }
}

/// States, rule, reason and dates.
fn told(shifts: &[Shift]) -> Vec<String> {
    let name = |state: Option<OccurrenceState>| state.map_or("-", OccurrenceState::as_str);
    let told = |shift: &Shift| {
        let reason = shift.reason.map_or("-", Reason::code);
        format!("{}>{} {} {reason}: {}", name(shift.old), name(shift.new), shift.rule, shift.spelled())
    };
    shifts.iter().map(told).collect()
}

#[test]
fn what_stays_as_it_was_is_not_told() {
    let all = [date(0, 0, Confirmed), date(1, 0, Declined)];
    assert!(shifts(&all, &all, "R57", None).is_empty());
}

#[test]
fn dates_that_came_to_the_same_are_one_shift() {
    let new: Vec<Mark> = (0..3).map(|day| date(day, 0, Confirmed)).collect();
    let all = shifts(&[], &new, "R40", None);
    let dates = "@20270301T080000Z/PT1H @20270302T080000Z/PT1H @20270303T080000Z/PT1H";
    assert_eq!(told(&all), [format!("->confirmed R40 -: {dates}")]);
    assert_eq!(all[0].range(), Some(Period { start: at(0), end: at(2 * DAY + 3600) }));
    assert_eq!(all[0].only(), None);
}

// R2: what is gone has the reason of the write, what was refused its own.
#[test]
fn a_loss_has_a_reason_and_what_is_given_has_none() {
    let old = [date(0, 0, Confirmed), date(1, 0, Confirmed)];
    let refused = Mark { reason: Some(Reason::Busy), ..date(1, 0, Declined) };
    let all = shifts(&old, &[refused, date(2, 0, Confirmed)], "R57", Some(Reason::Released));
    let expected = [
        "confirmed>- R57 released: @20270301T080000Z/PT1H",
        "confirmed>declined R1 busy: @20270302T080000Z/PT1H",
        "->confirmed R57 -: @20270303T080000Z/PT1H",
    ];
    assert_eq!(told(&all), expected);
    assert_eq!(all[0].only(), Some(at(0)));
}

// R74: the old slot is the same time in another state; the new one waits.
#[test]
fn a_move_that_waits_keeps_its_old_slot() {
    let grace = Mark { expires_at: Some(at(600)), ..date(1, 0, Grace) };
    let all = shifts(&[date(1, 0, Confirmed)], &[grace, date(1, 7200, Held)], "R57", None);
    let expected = [
        "confirmed>grace R57 -: @20270302T080000Z/PT1H~20270301T081000Z",
        "->held R70 -: 20270302T080000Z@20270302T100000Z/PT1H",
    ];
    assert_eq!(told(&all), expected);
}

#[test]
fn what_moves_or_gets_another_key_is_told_with_both() {
    let single = Mark { id: RecurrenceId::SINGLE, ..date(0, 0, Confirmed) };
    let all = shifts(&[single], &[date(0, 0, Confirmed)], "R57", None);
    assert_eq!(
        told(&all),
        ["confirmed>confirmed R57 -: 20270301T080000Z/PT1H>@20270301T080000Z/PT1H"],
        "R56"
    );
    let all = shifts(&[date(0, 0, Confirmed)], &[date(0, 5400, Confirmed)], "R57", None);
    assert_eq!(
        told(&all),
        ["confirmed>confirmed R57 -: @20270301T080000Z/PT1H>20270301T080000Z@20270301T093000Z/PT1H"]
    );
}

// R131: other rules of a zone give dates another key and another time at once.
#[test]
fn dates_that_are_all_an_hour_later_have_moved() {
    let old: Vec<Mark> = [0, 1].map(|day| date(day, 0, Confirmed)).to_vec();
    let later = |mark: &Mark| {
        let start = mark.period.start.plus(3600);
        Mark { id: RecurrenceId::at(start), period: Period { start, end: start.plus(3600) }, ..*mark }
    };
    let new: Vec<Mark> = old.iter().map(later).chain([date(3, 0, Confirmed)]).collect();
    let moved = "@20270301T080000Z/PT1H>@20270301T090000Z/PT1H @20270302T080000Z/PT1H>@20270302T090000Z/PT1H";
    let added = "->confirmed R131 -: @20270304T080000Z/PT1H".to_owned();
    assert_eq!(
        told(&shifts(&old, &new, "R131", None)),
        [format!("confirmed>confirmed R131 -: {moved}"), added]
    );
    // Back again: earlier than before.
    assert_eq!(told(&shifts(&new[..1], &old[..1], "R131", None)).len(), 1);
}

#[test]
fn a_reason_that_was_there_before_is_not_decided_again() {
    let lost = Mark { reason: Some(Reason::Cancelled), ..date(0, 0, Cancelled) };
    let due = Mark { expires_at: Some(at(0)), ..lost };
    assert_eq!(
        told(&shifts(&[due], &[lost], "R62", None)),
        ["cancelled>cancelled R62 cancelled: @20270301T080000Z/PT1H"]
    );
}

#[test]
fn lengths_have_hours_minutes_and_seconds() {
    for (secs, text) in [(0, "PT0S"), (5430, "PT1H30M30S"), (90_000, "PT25H"), (60, "PT1M")] {
        let mark = date(0, 0, Confirmed);
        let mark = Mark { period: Period { end: mark.period.start.plus(secs), ..mark.period }, ..mark };
        let all = shifts(&[], &[mark], "R40", None);
        assert!(all[0].spelled().ends_with(text), "{:?}", told(&all));
    }
}
