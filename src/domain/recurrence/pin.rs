//! A rule made explicit for one DTSTART, and the arithmetic of its periods.
//!
//! What RFC 5545 takes from DTSTART is written into the rule, and parts that mean nothing at its
//! frequency are dropped. From then on the engines need no DTSTART, so a walk may begin at any
//! period. Wall clock only. RFC 5545, section 3.3.10.

use jiff::civil::{Date, DateTime};

use super::rule::{Frequency, Rule, WeekdayNumber};

/// A rule whose every period can be computed on its own.
#[derive(Clone, Debug)]
pub(super) struct Pinned {
    pub(super) rule: Rule,
    /// First day of the period that DTSTART lies in.
    origin: Date,
}

impl Pinned {
    /// `is_date`: DTSTART is a DATE, so times of day mean nothing (RFC 5545, section 3.3.10).
    pub(super) fn new(rule: &Rule, start: DateTime, is_date: bool) -> Self {
        let mut rule = rule.clone();
        drop_meaningless(&mut rule, is_date);
        fill_from_start(&mut rule, start);
        let date = start.date();
        let origin = match rule.frequency {
            Frequency::Weekly => plus_days(date, -i64::from(date.weekday().since(rule.week_start))),
            Frequency::Monthly => Some(date.first_of_month()),
            Frequency::Yearly => Some(date.first_of_year()),
            _ => Some(date),
        };
        Self { rule, origin: origin.unwrap_or(date) }
    }

    /// The first day of the `n`th period; `None` beyond the calendar.
    pub(super) fn period_start(&self, n: u32) -> Option<Date> {
        let steps = i64::from(n) * i64::from(self.rule.interval);
        match self.rule.frequency {
            Frequency::Weekly => plus_days(self.origin, steps.checked_mul(7)?),
            Frequency::Monthly => {
                let months = i64::from(self.origin.year()) * 12 + i64::from(self.origin.month()) - 1 + steps;
                let year = i16::try_from(months.div_euclid(12)).ok()?;
                Date::new(year, i8::try_from(months.rem_euclid(12) + 1).ok()?, 1).ok()
            }
            Frequency::Yearly => {
                let year = i64::from(self.origin.year()) + steps;
                Date::new(i16::try_from(year).ok()?, 1, 1).ok()
            }
            _ => plus_days(self.origin, steps),
        }
    }

    /// A period that nothing from `wall` on lies before; as late as is safe.
    pub(super) fn period_before(&self, wall: DateTime) -> u32 {
        let (from, origin) = (wall.date(), self.origin);
        let units = match self.rule.frequency {
            Frequency::Weekly => day_number(from).saturating_sub(day_number(origin)) / 7,
            Frequency::Monthly => {
                i64::from(from.year() - origin.year()) * 12 + i64::from(from.month() - origin.month())
            }
            Frequency::Yearly => i64::from(from.year() - origin.year()),
            _ => day_number(from) - day_number(origin),
        };
        // One period earlier: with BYWEEKNO a year's last week reaches into the next year.
        u32::try_from(units / i64::from(self.rule.interval) - 1).unwrap_or(0)
    }

    /// How many instances each whole period has, where that is the same for all of them.
    pub(super) fn per_period(&self) -> Option<u32> {
        let rule = &self.rule;
        if !rule.by_month.is_empty() || !rule.by_position.is_empty() || !rule.by_month_day.is_empty() {
            return None;
        }
        let days = match rule.frequency {
            Frequency::Daily if rule.by_day.is_empty() => 1,
            Frequency::Weekly => rule.by_day.len(),
            _ => return None,
        };
        u32::try_from(days * rule.by_hour.len() * rule.by_minute.len() * rule.by_second.len()).ok()
    }
}

/// Parts that the table of RFC 5545, section 3.3.10, does not allow at this frequency are
/// ignored, and so are numbers before weekdays in daily and weekly rules.
fn drop_meaningless(rule: &mut Rule, is_date: bool) {
    if is_date {
        rule.by_hour.clear();
        rule.by_minute.clear();
        rule.by_second.clear();
    }
    if rule.frequency != Frequency::Yearly {
        rule.by_week.clear();
        rule.by_year_day.clear();
    }
    if rule.frequency == Frequency::Weekly {
        rule.by_month_day.clear();
    }
    if rule.frequency <= Frequency::Weekly {
        let mut days: Vec<WeekdayNumber> = Vec::new();
        for item in &rule.by_day {
            let plain = WeekdayNumber { number: 0, day: item.day };
            if !days.contains(&plain) {
                days.push(plain);
            }
        }
        rule.by_day = days;
    }
}

fn fill_from_start(rule: &mut Rule, start: DateTime) {
    let picks_days = !rule.by_day.is_empty() || !rule.by_month_day.is_empty() || !rule.by_year_day.is_empty();
    let own_weekday = vec![WeekdayNumber { number: 0, day: start.weekday() }];
    match rule.frequency {
        _ if picks_days => {}
        Frequency::Weekly => rule.by_day = own_weekday,
        Frequency::Monthly => rule.by_month_day = vec![i16::from(start.day())],
        // A week without BYDAY is as in a weekly rule: DTSTART's weekday.
        Frequency::Yearly if !rule.by_week.is_empty() => rule.by_day = own_weekday,
        Frequency::Yearly => {
            rule.by_month_day = vec![i16::from(start.day())];
            if rule.by_month.is_empty() {
                rule.by_month = vec![i16::from(start.month())];
            }
        }
        _ => {}
    }
    fill_times(&mut rule.by_hour, start.hour());
    fill_times(&mut rule.by_minute, start.minute());
    fill_times(&mut rule.by_second, start.second());
    rule.by_month.sort_unstable();
}

/// Sorted, with a leap second as the last second of its minute, which clocks here have.
fn fill_times(list: &mut Vec<i16>, own: i8) {
    if list.is_empty() {
        list.push(i16::from(own));
    }
    for value in list.iter_mut() {
        *value = (*value).min(59);
    }
    list.sort_unstable();
    list.dedup();
}

/// `date` moved by whole days; `None` beyond the calendar.
pub(super) fn plus_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// Days since an arbitrary fixed day.
fn day_number(date: Date) -> i64 {
    let (year, month) = (i64::from(date.year()), i64::from(date.month()));
    // Years begin in March here, so that the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(date.day());
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
}
