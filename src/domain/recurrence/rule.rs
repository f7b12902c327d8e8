//! A recurrence rule as a value: its parts, and its canonical text.
//!
//! Reading text is `parse`'s work, finding instances `days`' and `library`'s.
//! RFC 5545, section 3.3.10.

use std::fmt;

use jiff::civil::{Date, DateTime, Weekday};

/// FREQ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Frequency {
    /// SECONDLY: read, never expanded (L-40).
    Secondly,
    /// MINUTELY: read, never expanded (L-40).
    Minutely,
    /// HOURLY: read, never expanded (L-40).
    Hourly,
    /// DAILY.
    Daily,
    /// WEEKLY.
    Weekly,
    /// MONTHLY.
    Monthly,
    /// YEARLY.
    Yearly,
}

impl Frequency {
    /// The value of FREQ.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secondly => "SECONDLY",
            Self::Minutely => "MINUTELY",
            Self::Hourly => "HOURLY",
            Self::Daily => "DAILY",
            Self::Weekly => "WEEKLY",
            Self::Monthly => "MONTHLY",
            Self::Yearly => "YEARLY",
        }
    }

    /// Whether bookings may not use it (R19, L-40).
    #[must_use]
    pub fn is_below_daily(self) -> bool {
        self < Self::Daily
    }
}

/// UNTIL as it was written; an instance that starts at it is the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// A DATE: the whole day counts.
    Date(Date),
    /// A DATE-TIME without zone: the wall clock of DTSTART.
    Local(DateTime),
    /// A DATE-TIME with `Z`.
    Utc(DateTime),
}

/// One item of BYDAY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekdayNumber {
    /// Which one in the month or year, from the end if negative; 0 for every one.
    pub number: i16,
    /// The day of the week.
    pub day: Weekday,
}

/// One RRULE (or EXRULE).
///
/// Always sound: INTERVAL and COUNT are at least 1, there is never both COUNT and UNTIL,
/// and each list holds values of the RFC's range without repeats (L-46).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub(super) frequency: Frequency,
    pub(super) interval: u32,
    pub(super) count: Option<u32>,
    pub(super) until: Option<Until>,
    pub(super) week_start: Weekday,
    pub(super) by_second: Vec<i16>,
    pub(super) by_minute: Vec<i16>,
    pub(super) by_hour: Vec<i16>,
    pub(super) by_day: Vec<WeekdayNumber>,
    pub(super) by_month_day: Vec<i16>,
    pub(super) by_year_day: Vec<i16>,
    pub(super) by_week: Vec<i16>,
    pub(super) by_month: Vec<i16>,
    pub(super) by_position: Vec<i16>,
}

impl Rule {
    /// A rule with nothing but FREQ.
    pub(super) fn every(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            count: None,
            until: None,
            week_start: Weekday::Monday,
            by_second: Vec::new(),
            by_minute: Vec::new(),
            by_hour: Vec::new(),
            by_day: Vec::new(),
            by_month_day: Vec::new(),
            by_year_day: Vec::new(),
            by_week: Vec::new(),
            by_month: Vec::new(),
            by_position: Vec::new(),
        }
    }

    /// FREQ.
    #[must_use]
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// The days of BYDAY, if the rule repeats each time, for ever, and says nothing but these.
    #[must_use]
    pub fn weekdays(&self) -> Option<Vec<Weekday>> {
        let days = self.by_day.iter().filter(|day| day.number == 0);
        let days: Vec<Weekday> = days.map(|day| day.day).collect();
        let mut bare = Self::every(self.frequency);
        bare.week_start = self.week_start;
        bare.by_day.clone_from(&self.by_day);
        (*self == bare && days.len() == self.by_day.len()).then_some(days)
    }

    /// INTERVAL; 1 when absent.
    #[must_use]
    pub fn interval(&self) -> u32 {
        self.interval
    }

    /// COUNT.
    #[must_use]
    pub fn count(&self) -> Option<u32> {
        self.count
    }

    /// UNTIL.
    #[must_use]
    pub fn until(&self) -> Option<Until> {
        self.until
    }

    /// Whether it has neither COUNT nor UNTIL.
    #[must_use]
    pub fn is_endless(&self) -> bool {
        self.count.is_none() && self.until.is_none()
    }
}

impl fmt::Display for Rule {
    /// The canonical text: parts in a fixed order, defaults (INTERVAL=1, WKST=MO) left out.
    /// [`Rule::parse`] reads it back to an equal rule.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FREQ={}", self.frequency.as_str())?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        if let Some(count) = self.count {
            write!(f, ";COUNT={count}")?;
        }
        match self.until {
            None => {}
            Some(Until::Date(date)) => write!(f, ";UNTIL={}", date.strftime("%Y%m%d"))?,
            Some(Until::Local(wall)) => write!(f, ";UNTIL={}", wall.strftime("%Y%m%dT%H%M%S"))?,
            Some(Until::Utc(wall)) => write!(f, ";UNTIL={}Z", wall.strftime("%Y%m%dT%H%M%S"))?,
        }
        list(f, "BYMONTH", &self.by_month)?;
        list(f, "BYWEEKNO", &self.by_week)?;
        list(f, "BYYEARDAY", &self.by_year_day)?;
        list(f, "BYMONTHDAY", &self.by_month_day)?;
        list(f, "BYDAY", &self.by_day)?;
        list(f, "BYHOUR", &self.by_hour)?;
        list(f, "BYMINUTE", &self.by_minute)?;
        list(f, "BYSECOND", &self.by_second)?;
        list(f, "BYSETPOS", &self.by_position)?;
        if self.week_start != Weekday::Monday {
            write!(f, ";WKST={}", weekday_name(self.week_start))?;
        }
        Ok(())
    }
}

impl fmt::Display for WeekdayNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.number != 0 {
            write!(f, "{}", self.number)?;
        }
        f.write_str(weekday_name(self.day))
    }
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, name: &str, items: &[T]) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        if at == 0 {
            write!(f, ";{name}={item}")?;
        } else {
            write!(f, ",{item}")?;
        }
    }
    Ok(())
}

fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
        Weekday::Sunday => "SU",
    }
}
