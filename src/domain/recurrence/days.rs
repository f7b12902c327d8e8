//! Our own expander: takes period after period and keeps the days that all BY parts agree to.
//!
//! Right for every rule from DAILY up; `library` is asked only where it is known to be right.
//! Wall clock only; bounds (COUNT, UNTIL) are the caller's. RFC 5545, section 3.3.10.

use std::ops::ControlFlow;

use jiff::civil::{Date, DateTime, Time};

use super::budget::{ExpandError, Meter};
use super::pin::{Pinned, plus_days};
use super::rule::{Frequency, Rule};

/// Visits the instances of all periods from the `first`th on in ascending order, until `visit`
/// breaks or a period begins after `last`.
pub(super) fn walk(
    pinned: &Pinned,
    first: u32,
    last: Date,
    meter: &mut Meter,
    visit: &mut dyn FnMut(DateTime) -> ControlFlow<()>,
) -> Result<(), ExpandError> {
    let times = times(&pinned.rule);
    let mut days = Vec::new();
    for n in first.. {
        let Some(begin) = pinned.period_start(n) else { break };
        // Weeks of the year reach at most six days back into the last one.
        if begin > last && plus_days(begin, -6).is_none_or(|earliest| earliest > last) {
            break;
        }
        days.clear();
        collect_days(&pinned.rule, begin, &mut days, meter)?;
        if visit_period(&pinned.rule, &days, &times, meter, visit)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// The instances of one period, BYSETPOS applied.
fn visit_period(
    rule: &Rule,
    days: &[Date],
    times: &[Time],
    meter: &mut Meter,
    visit: &mut dyn FnMut(DateTime) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, ExpandError> {
    let all = days.len() * times.len();
    let at = |index: usize| days[index / times.len()].to_datetime(times[index % times.len()]);
    let mut visit_one = |index| -> Result<ControlFlow<()>, ExpandError> {
        meter.pay(1)?;
        Ok(visit(at(index)))
    };
    if rule.by_position.is_empty() {
        for index in 0..all {
            if visit_one(index)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        return Ok(ControlFlow::Continue(()));
    }
    for index in positions(&rule.by_position, all) {
        if visit_one(index)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// BYSETPOS as ascending indices into `all` instances.
fn positions(by_position: &[i16], all: usize) -> Vec<usize> {
    let mut indices: Vec<usize> = by_position
        .iter()
        .filter_map(|position| {
            let distance = usize::from(position.unsigned_abs());
            if *position > 0 { Some(distance - 1) } else { all.checked_sub(distance) }
        })
        .filter(|index| *index < all)
        .collect();
    indices.sort_unstable();
    indices.dedup();
    indices
}

fn collect_days(
    rule: &Rule,
    begin: Date,
    days: &mut Vec<Date>,
    meter: &mut Meter,
) -> Result<(), ExpandError> {
    let mut scan = |from: Date, count: i64| {
        let mut day = Some(from);
        for _ in 0..count {
            let Some(date) = day else { break };
            if fits(rule, begin, date) {
                days.push(date);
            }
            day = date.tomorrow().ok();
        }
        meter.pay(u32::try_from(count).unwrap_or(0))
    };
    match rule.frequency {
        Frequency::Weekly => scan(begin, 7),
        Frequency::Monthly => scan(begin, i64::from(begin.days_in_month())),
        // A year's first and last week may reach over its ends.
        Frequency::Yearly if !rule.by_week.is_empty() => {
            scan(plus_days(begin, -6).unwrap_or(begin), i64::from(begin.days_in_year()) + 12)
        }
        Frequency::Yearly if !rule.by_month.is_empty() => {
            for month in &rule.by_month {
                let first =
                    i8::try_from(*month).ok().and_then(|month| Date::new(begin.year(), month, 1).ok());
                if let Some(first) = first {
                    scan(first, i64::from(first.days_in_month()))?;
                }
            }
            Ok(())
        }
        Frequency::Yearly => scan(begin, i64::from(begin.days_in_year())),
        _ => scan(begin, 1),
    }
}

/// Whether every BY part that names days agrees to `date` in the period that begins at `begin`.
fn fits(rule: &Rule, begin: Date, date: Date) -> bool {
    (rule.by_month.is_empty() || rule.by_month.contains(&i16::from(date.month())))
        && (rule.by_week.is_empty() || fits_week(rule, begin.year(), date))
        && numbered(&rule.by_year_day, date.day_of_year(), date.days_in_year())
        && numbered(&rule.by_month_day, i16::from(date.day()), i16::from(date.days_in_month()))
        && fits_weekday(rule, date)
}

/// Whether a list of numbers, negative ones counted from the end, is empty or names `number`.
fn numbered(list: &[i16], number: i16, count: i16) -> bool {
    list.is_empty() || list.contains(&number) || list.contains(&(number - count - 1))
}

/// BYDAY: a number counts within the month of a monthly rule or one with BYMONTH, else the year.
fn fits_weekday(rule: &Rule, date: Date) -> bool {
    let weekday = date.weekday();
    rule.by_day.is_empty()
        || rule.by_day.iter().filter(|item| item.day == weekday).any(|item| {
            let in_month = rule.frequency == Frequency::Monthly || !rule.by_month.is_empty();
            let (position, count) = if in_month {
                (i16::from(date.day()), i16::from(date.days_in_month()))
            } else {
                (date.day_of_year(), date.days_in_year())
            };
            item.number == 0
                || item.number == (position - 1) / 7 + 1
                || item.number == -((count - position) / 7 + 1)
        })
}

/// BYWEEKNO: week 1 is the first with four days or more in the year (RFC 5545, section 3.3.10).
fn fits_week(rule: &Rule, year: i16, date: Date) -> bool {
    let Some((first, next)) = week_one(rule, year).zip(week_one(rule, year + 1)) else { return false };
    if date < first || date >= next {
        return false;
    }
    let week = days_between(first, date) / 7 + 1;
    numbered(&rule.by_week, week, days_between(first, next) / 7)
}

/// The first day of week 1 of a year.
fn week_one(rule: &Rule, year: i16) -> Option<Date> {
    let fourth = Date::new(year, 1, 4).ok()?;
    plus_days(fourth, -i64::from(fourth.weekday().since(rule.week_start)))
}

/// From `first` to `date`, which lie at most 372 days apart.
fn days_between(first: Date, date: Date) -> i16 {
    let years = if date.year() > first.year() { first.days_in_year() } else { 0 };
    let more = if date.year() > first.year() + 1 {
        first.saturating_add(jiff::Span::new().years(1)).days_in_year()
    } else {
        0
    };
    years + more + date.day_of_year() - first.day_of_year()
}

/// The times of day of a pinned rule, ascending.
fn times(rule: &Rule) -> Vec<Time> {
    let mut times = Vec::new();
    for hour in &rule.by_hour {
        for minute in &rule.by_minute {
            for second in &rule.by_second {
                let parts = [*hour, *minute, *second].map(i8::try_from);
                let [Ok(hour), Ok(minute), Ok(second)] = parts else { continue };
                times.extend(Time::new(hour, minute, second, 0));
            }
        }
    }
    times
}
