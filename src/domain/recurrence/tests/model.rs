//! A second expander, as plain as it can be, to test the real one against.
//!
//! Looks at every single day from DTSTART's period on and asks the rule's text about it. Shares
//! no code with what it tests: not the reader, not the arithmetic of periods, not the engines.

use jiff::civil::{Date, DateTime, Weekday};

/// The rule's parts; lists as they are written.
struct Plain<'a> {
    frequency: &'a str,
    interval: i64,
    week_start: Weekday,
    months: Option<Vec<i64>>,
    weeks: Option<Vec<i64>>,
    year_days: Option<Vec<i64>>,
    month_days: Option<Vec<i64>>,
    /// Number (0 for none) and day.
    weekdays: Option<Vec<(i64, Weekday)>>,
    positions: Option<Vec<i64>>,
    start: DateTime,
}

/// What the rule has from `start` to `end`, both included, in the wall clock.
pub(super) fn expand(text: &str, start: DateTime, end: DateTime) -> Vec<DateTime> {
    let rule = Plain::new(text, start);
    let until = part(text, "UNTIL")
        .map_or(end, |until| DateTime::strptime("%Y%m%dT%H%M%S", until).expect("local").min(end));
    let count: usize = part(text, "COUNT").map_or(usize::MAX, |count| count.parse().expect("a number"));
    let times = times(text, start);
    let mut all: Vec<DateTime> = Vec::new();
    let mut group: (i64, Vec<DateTime>) = (0, Vec::new());
    // The first week of the next year's period may begin, and the last of it end, outside it.
    let mut day = Date::new(start.year() - 1, 12, 20).expect("a date");
    let beyond = if rule.frequency == "YEARLY" { 380 } else { 32 };
    let last = until.date().saturating_add(jiff::Span::new().days(beyond));
    while day <= last {
        let period = rule.period(day);
        if period != group.0 {
            all.extend(rule.chosen(&group.1));
            group = (period, Vec::new());
        }
        if period >= 0 && period % rule.interval == 0 && rule.names(day) {
            group.1.extend(times.iter().map(|(hour, minute)| day.at(*hour, *minute, start.second(), 0)));
        }
        day = day.tomorrow().expect("not the last day");
    }
    all.retain(|wall| *wall >= start);
    all.truncate(count);
    all.retain(|wall| *wall <= until);
    all
}

fn part<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.split(';').find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
}

fn numbers(text: &str, name: &str) -> Option<Vec<i64>> {
    Some(part(text, name)?.split(',').map(|item| item.parse().expect("a number")).collect())
}

/// Every hour with every minute, ascending.
fn times(text: &str, start: DateTime) -> Vec<(i8, i8)> {
    let list = |name, own: i8| {
        let mut list = numbers(text, name).unwrap_or_else(|| vec![i64::from(own)]);
        list.sort_unstable();
        list.into_iter().map(|number| i8::try_from(number).expect("small")).collect::<Vec<_>>()
    };
    let minutes = list("BYMINUTE", start.minute());
    let hours = list("BYHOUR", start.hour());
    hours.iter().flat_map(|hour| minutes.iter().map(|minute| (*hour, *minute))).collect()
}

impl<'a> Plain<'a> {
    fn new(text: &'a str, start: DateTime) -> Self {
        let weekdays = part(text, "BYDAY").map(|list| {
            let item = |item: &str| {
                let (number, name) = item.split_at(item.len() - 2);
                (number.parse().unwrap_or(0), weekday(name))
            };
            list.split(',').map(item).collect()
        });
        Self {
            frequency: part(text, "FREQ").expect("FREQ"),
            interval: part(text, "INTERVAL").map_or(1, |text| text.parse().expect("a number")),
            week_start: part(text, "WKST").map_or(Weekday::Monday, weekday),
            months: numbers(text, "BYMONTH"),
            weeks: numbers(text, "BYWEEKNO"),
            year_days: numbers(text, "BYYEARDAY"),
            month_days: numbers(text, "BYMONTHDAY"),
            weekdays,
            positions: numbers(text, "BYSETPOS"),
            start,
        }
    }

    /// How many periods after DTSTART's `day` lies.
    fn period(&self, day: Date) -> i64 {
        let own = self.start.date();
        match self.frequency {
            "DAILY" => days(own, day),
            "WEEKLY" => days(self.week_of(own), self.week_of(day)).div_euclid(7),
            "MONTHLY" => months(day) - months(own),
            _ if self.weeks.is_some() => self.week_year(day) - i64::from(own.year()),
            _ => i64::from(day.year()) - i64::from(own.year()),
        }
    }

    /// The first day of the week around `day`.
    fn week_of(&self, day: Date) -> Date {
        let mut first = day;
        while first.weekday() != self.week_start {
            first = first.yesterday().expect("not the first day");
        }
        first
    }

    /// The year that most of the week around `day` lies in.
    fn week_year(&self, day: Date) -> i64 {
        i64::from((self.week_of(day) + jiff::Span::new().days(3)).year())
    }

    /// Which week of its year `day` is in, from the start and from the end.
    fn week_number(&self, day: Date) -> [i64; 2] {
        let own = self.week_year(day);
        let mut forward = 0;
        let mut week = self.week_of(day);
        while self.week_year(week) == own {
            forward += 1;
            week -= jiff::Span::new().days(7);
        }
        let mut backward = 0;
        let mut week = self.week_of(day);
        while self.week_year(week) == own {
            backward -= 1;
            week += jiff::Span::new().days(7);
        }
        [forward, backward]
    }

    fn names(&self, day: Date) -> bool {
        let among = |list: &Option<Vec<i64>>, ways: &[i64]| {
            list.as_ref().is_none_or(|list| ways.iter().any(|way| list.contains(way)))
        };
        let of_year = i64::from(day.day_of_year());
        let of_month = i64::from(day.day());
        among(&self.months, &[i64::from(day.month())])
            && among(&self.year_days, &[of_year, of_year - i64::from(day.days_in_year()) - 1])
            && among(&self.month_days, &[of_month, of_month - i64::from(day.days_in_month()) - 1])
            && self.is_like_start(day)
            && self.names_weekday(day)
            && (self.weeks.is_none() || among(&self.weeks, &self.week_number(day)))
    }

    fn names_weekday(&self, day: Date) -> bool {
        let Some(list) = &self.weekdays else { return true };
        let by_month = self.frequency == "MONTHLY" || self.months.is_some();
        let inside = |other: Date| other.year() == day.year() && (!by_month || other.month() == day.month());
        // Counts the same weekday to the beginning and to the end of the month or year.
        let count = |step: i64| {
            let mut seen = 0;
            let mut other = day;
            while inside(other) {
                seen += 1;
                other += jiff::Span::new().days(7 * step);
            }
            seen
        };
        list.iter().filter(|(_, name)| *name == day.weekday()).any(|(number, _)| match number {
            0 => true,
            1.. => count(-1) == *number,
            _ => count(1) == -number,
        })
    }

    /// What no part names is as in DTSTART.
    fn is_like_start(&self, day: Date) -> bool {
        let own = self.start.date();
        if self.weekdays.is_some() || self.month_days.is_some() || self.year_days.is_some() {
            return true;
        }
        match self.frequency {
            "DAILY" => true,
            "WEEKLY" => day.weekday() == own.weekday(),
            "MONTHLY" => day.day() == own.day(),
            _ if self.weeks.is_some() => day.weekday() == own.weekday(),
            _ if self.months.is_some() => day.day() == own.day(),
            _ => (day.month(), day.day()) == (own.month(), own.day()),
        }
    }

    /// BYSETPOS.
    fn chosen(&self, period: &[DateTime]) -> Vec<DateTime> {
        let Some(positions) = &self.positions else { return period.to_vec() };
        let count = i64::try_from(period.len()).expect("small");
        let is_chosen = |at: usize| {
            let at = i64::try_from(at).expect("small") + 1;
            positions.contains(&at) || positions.contains(&(at - count - 1))
        };
        period.iter().enumerate().filter(|(at, _)| is_chosen(*at)).map(|(_, wall)| *wall).collect()
    }
}

fn days(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days())
}

fn months(day: Date) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month())
}

fn weekday(name: &str) -> Weekday {
    match name {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => panic!("no weekday: {name}"),
    }
}
