//! The `rrule` crate, for the rules that it is right and quick about.
//!
//! It is given a pinned rule without COUNT and UNTIL, in wall-clock time that it takes for UTC,
//! and begins at the period it is told, so it never walks from DTSTART. `chrono` is used here
//! only. What it gets wrong stands in `tests/library.rs`. RFC 5545, section 3.3.10.

use std::ops::ControlFlow;

use chrono::{Datelike, TimeZone, Timelike};
use jiff::civil::{DateTime, Weekday};
use rrule::{NWeekday, RRule, RRuleSet, Tz, Unvalidated};

use super::budget::{ExpandError, Meter};
use super::pin::Pinned;
use super::rule::{Frequency, Rule, WeekdayNumber};

/// Whether the crate may be asked about this rule: none of the classes it gets wrong, and sure
/// to have an instance within a few periods, because its iterator cannot be stopped between two.
pub(super) fn may_expand(pinned: &Pinned) -> bool {
    let rule = &pinned.rule;
    let is_yearly = rule.frequency == Frequency::Yearly;
    let selectors = [!rule.by_day.is_empty(), !rule.by_month_day.is_empty(), !rule.by_year_day.is_empty()];
    let selector_count = selectors.iter().filter(|used| **used).count();
    // A month that is never met leaves the rule empty; so does a day that a longer step misses.
    let meets_months = rule.by_month.is_empty() || is_yearly || rule.interval == 1;
    let meets_days = rule.frequency != Frequency::Daily || selector_count == 0 || rule.interval == 1;
    u16::try_from(rule.interval).is_ok()
        && !rule.frequency.is_below_daily()
        && rule.by_week.is_empty()
        && selector_count <= 1
        && meets_months
        && meets_days
        && sure_weekdays(rule)
        && sure_numbers(rule)
        && sure_positions(rule)
}

/// Plain and numbered weekdays are not mixed, and each number exists in every month or year.
fn sure_weekdays(rule: &Rule) -> bool {
    let plain_count = rule.by_day.iter().filter(|item| item.number == 0).count();
    let in_year = rule.frequency == Frequency::Yearly && rule.by_month.is_empty();
    let most = if in_year { 52 } else { 4 };
    plain_count == rule.by_day.len()
        || plain_count == 0 && rule.by_day.iter().all(|item| item.number.unsigned_abs() <= most)
}

/// Some day of the month or year exists every time.
fn sure_numbers(rule: &Rule) -> bool {
    let every_other = rule.frequency == Frequency::Monthly && rule.interval == 1 && rule.by_month.is_empty();
    let month_days = rule.by_month_day.iter().any(|day| day.unsigned_abs() <= 28);
    let year_days = rule.by_year_day.iter().any(|day| day.unsigned_abs() <= 365);
    (rule.by_month_day.is_empty() || month_days || every_other)
        && (rule.by_year_day.is_empty() || year_days && rule.by_month.is_empty())
}

/// BYSETPOS names one that each period has: at its ends, or among the four weeks of a month.
fn sure_positions(rule: &Rule) -> bool {
    let most = if rule.by_day.iter().any(|item| item.number == 0) { 4 } else { 1 };
    rule.by_position.is_empty()
        || rule.frequency >= Frequency::Monthly
            && rule.by_position.iter().any(|position| position.unsigned_abs() <= most)
}

/// As `days::walk`, without its end: stops when `visit` breaks.
/// `Ok(false)`: the crate refuses the rule, nothing was visited.
pub(super) fn walk(
    pinned: &Pinned,
    first: u32,
    meter: &mut Meter,
    visit: &mut dyn FnMut(DateTime) -> ControlFlow<()>,
) -> Result<bool, ExpandError> {
    let Some(set) = set(pinned, first) else { return Ok(false) };
    // `limit` ends the iterator after 100,000 empty periods.
    for at in &set.limit() {
        meter.pay(1)?;
        let Some(wall) = to_wall(&at) else { break };
        if visit(wall).is_break() {
            break;
        }
    }
    Ok(true)
}

fn set(pinned: &Pinned, first: u32) -> Option<RRuleSet> {
    let begin = pinned.period_start(first)?;
    let (month, day) = (u32::try_from(begin.month()).ok()?, u32::try_from(begin.day()).ok()?);
    let start = Tz::UTC.with_ymd_and_hms(i32::from(begin.year()), month, day, 0, 0, 0).single()?;
    translate(&pinned.rule)?.build(start).ok()
}

/// The rule in the crate's words; `None` for what it has no word for.
pub(super) fn translate(rule: &Rule) -> Option<RRule<Unvalidated>> {
    let frequency = match rule.frequency {
        Frequency::Secondly => rrule::Frequency::Secondly,
        Frequency::Minutely => rrule::Frequency::Minutely,
        Frequency::Hourly => rrule::Frequency::Hourly,
        Frequency::Daily => rrule::Frequency::Daily,
        Frequency::Weekly => rrule::Frequency::Weekly,
        Frequency::Monthly => rrule::Frequency::Monthly,
        Frequency::Yearly => rrule::Frequency::Yearly,
    };
    let months: Option<Vec<chrono::Month>> =
        narrow::<u8>(&rule.by_month)?.into_iter().map(|month| chrono::Month::try_from(month).ok()).collect();
    Some(
        RRule::new(frequency)
            .interval(u16::try_from(rule.interval).ok()?)
            .week_start(weekday(rule.week_start))
            .by_month(&months?)
            .by_week_no(narrow(&rule.by_week)?)
            .by_year_day(rule.by_year_day.clone())
            .by_month_day(narrow(&rule.by_month_day)?)
            .by_weekday(rule.by_day.iter().map(numbered_weekday).collect())
            .by_hour(narrow(&rule.by_hour)?)
            .by_minute(narrow(&rule.by_minute)?)
            .by_second(narrow(&rule.by_second)?)
            .by_set_pos(rule.by_position.iter().copied().map(i32::from).collect()),
    )
}

fn narrow<T: TryFrom<i16>>(list: &[i16]) -> Option<Vec<T>> {
    list.iter().map(|number| T::try_from(*number).ok()).collect()
}

fn numbered_weekday(item: &WeekdayNumber) -> NWeekday {
    match item.number {
        0 => NWeekday::Every(weekday(item.day)),
        number => NWeekday::Nth(number, weekday(item.day)),
    }
}

fn weekday(day: Weekday) -> chrono::Weekday {
    match day {
        Weekday::Monday => chrono::Weekday::Mon,
        Weekday::Tuesday => chrono::Weekday::Tue,
        Weekday::Wednesday => chrono::Weekday::Wed,
        Weekday::Thursday => chrono::Weekday::Thu,
        Weekday::Friday => chrono::Weekday::Fri,
        Weekday::Saturday => chrono::Weekday::Sat,
        Weekday::Sunday => chrono::Weekday::Sun,
    }
}

/// `None` beyond the years that iCalendar can write.
fn to_wall(at: &chrono::DateTime<Tz>) -> Option<DateTime> {
    let small = |number: u32| i8::try_from(number).ok();
    let year = i16::try_from(at.year()).ok()?;
    let (hour, minute, second) = (small(at.hour())?, small(at.minute())?, small(at.second())?);
    DateTime::new(year, small(at.month())?, small(at.day())?, hour, minute, second, 0).ok()
}
