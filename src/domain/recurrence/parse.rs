//! Reads the value of an RRULE or EXRULE property.
//!
//! Lenient where clients are known to differ: letter case, a trailing `;`, white space around
//! parts, unknown `X-` parts, RSCALE=GREGORIAN, `+1MO`. Knows nothing of the event the rule
//! belongs to. RFC 5545, section 3.3.10; RFC 7529, section 4.1; L-46, B-12, B-13.

use jiff::civil::{Date, DateTime, Weekday};

use super::rule::{Frequency, Rule, Until, WeekdayNumber};

/// Most instances one day may hold: BYHOUR times BYMINUTE times BYSECOND (L-46).
const MAX_TIMES_PER_DAY: usize = 64;

/// Why a text is not a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRule {
    /// No FREQ part.
    #[error("a recurrence rule needs FREQ")]
    NoFrequency,
    /// The part stands twice.
    #[error("{0} stands twice in a recurrence rule")]
    Repeated(String),
    /// A part that no RFC names and that does not begin with `X-`, or text without `=`.
    #[error("a recurrence rule has no part {0:?}")]
    UnknownPart(String),
    /// The part's value is malformed or out of range.
    #[error("a recurrence rule cannot have {part}={value}")]
    Value {
        /// Name of the part, in upper case.
        part: String,
        /// What it was given.
        value: String,
    },
    /// COUNT together with UNTIL (R19).
    #[error("a recurrence rule has either COUNT or UNTIL")]
    CountAndUntil,
    /// BYHOUR, BYMINUTE and BYSECOND make more times per day than L-46 allows.
    #[error("a recurrence rule names more than {MAX_TIMES_PER_DAY} times per day")]
    TooManyTimes,
}

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// [`BadRule`], with the first thing found wrong.
    pub fn parse(text: &str) -> Result<Self, BadRule> {
        let mut rule = Self::every(Frequency::Daily);
        let mut seen: Vec<String> = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(|| BadRule::UnknownPart(shorten(part)))?;
            let name = name.trim().to_ascii_uppercase();
            if name.starts_with("X-") {
                continue;
            }
            let value = value.trim().to_ascii_uppercase();
            rule.set(&name, &value)?;
            if seen.contains(&name) {
                return Err(BadRule::Repeated(name));
            }
            seen.push(name);
        }
        if !seen.iter().any(|name| name == "FREQ") {
            return Err(BadRule::NoFrequency);
        }
        if rule.count.is_some() && rule.until.is_some() {
            return Err(BadRule::CountAndUntil);
        }
        let times = [&rule.by_hour, &rule.by_minute, &rule.by_second];
        if times.iter().map(|list| list.len().max(1)).product::<usize>() > MAX_TIMES_PER_DAY {
            return Err(BadRule::TooManyTimes);
        }
        Ok(rule)
    }

    /// Takes one part; `value` is in upper case.
    fn set(&mut self, name: &str, value: &str) -> Result<(), BadRule> {
        let done = match name {
            "FREQ" => frequency(value).map(|frequency| self.frequency = frequency),
            "INTERVAL" => positive(value).map(|interval| self.interval = interval),
            "COUNT" => positive(value).map(|count| self.count = Some(count)),
            "UNTIL" => until(value).map(|until| self.until = Some(until)),
            "WKST" => weekday(value).map(|day| self.week_start = day),
            "BYSECOND" => numbers(value, 0, 60).map(|list| self.by_second = list),
            "BYMINUTE" => numbers(value, 0, 59).map(|list| self.by_minute = list),
            "BYHOUR" => numbers(value, 0, 23).map(|list| self.by_hour = list),
            "BYDAY" => weekdays(value).map(|list| self.by_day = list),
            "BYMONTHDAY" => numbers(value, -31, 31).map(|list| self.by_month_day = list),
            "BYYEARDAY" => numbers(value, -366, 366).map(|list| self.by_year_day = list),
            "BYWEEKNO" => numbers(value, -53, 53).map(|list| self.by_week = list),
            "BYMONTH" => numbers(value, 1, 12).map(|list| self.by_month = list),
            "BYSETPOS" => numbers(value, -366, 366).map(|list| self.by_position = list),
            "RSCALE" => (value == "GREGORIAN").then_some(()),
            // OMIT is what RFC 5545 does; the other values move dates, which we do not (R15).
            "SKIP" => (value == "OMIT").then_some(()),
            _ => return Err(BadRule::UnknownPart(shorten(name))),
        };
        done.ok_or_else(|| BadRule::Value { part: name.to_owned(), value: shorten(value) })
    }
}

fn frequency(value: &str) -> Option<Frequency> {
    use Frequency::{Daily, Hourly, Minutely, Monthly, Secondly, Weekly, Yearly};
    [Secondly, Minutely, Hourly, Daily, Weekly, Monthly, Yearly].into_iter().find(|f| f.as_str() == value)
}

fn positive(value: &str) -> Option<u32> {
    digits(value).filter(|number| *number > 0)
}

/// Decimal digits alone: no sign, no blank.
fn digits(value: &str) -> Option<u32> {
    value.bytes().all(|byte| byte.is_ascii_digit()).then(|| value.parse().ok()).flatten()
}

/// A list of distinct numbers in `min..=max`; 0 counts only where `min` is 0.
fn numbers(value: &str, min: i16, max: i16) -> Option<Vec<i16>> {
    let mut list = Vec::new();
    for item in value.split(',') {
        let number = signed(item.trim())?;
        if !(min..=max).contains(&number) || (number == 0 && min < 0) || list.contains(&number) {
            return None;
        }
        list.push(number);
    }
    Some(list)
}

fn signed(item: &str) -> Option<i16> {
    let (sign, rest) = match item.as_bytes().first()? {
        b'-' => (-1, &item[1..]),
        b'+' => (1, &item[1..]),
        _ => (1, item),
    };
    digits(rest).and_then(|number| i16::try_from(number).ok()).map(|number| sign * number)
}

fn weekdays(value: &str) -> Option<Vec<WeekdayNumber>> {
    let mut list = Vec::new();
    for item in value.split(',').map(str::trim) {
        let (number, name) = item.split_at_checked(item.len().checked_sub(2)?)?;
        let number = if number.is_empty() { 0 } else { signed(number).filter(|number| *number != 0)? };
        let day = WeekdayNumber { number, day: weekday(name)? };
        if number.unsigned_abs() > 53 || list.contains(&day) {
            return None;
        }
        list.push(day);
    }
    Some(list)
}

fn weekday(value: &str) -> Option<Weekday> {
    Some(match value {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

fn until(value: &str) -> Option<Until> {
    let (wall, is_utc) = value.strip_suffix('Z').map_or((value, false), |wall| (wall, true));
    match wall.split_once('T') {
        None if is_utc => None,
        None => date(wall).map(Until::Date),
        Some((day, time)) => {
            let wall = date_time(day, time)?;
            Some(if is_utc { Until::Utc(wall) } else { Until::Local(wall) })
        }
    }
}

fn date(text: &str) -> Option<Date> {
    let number = digits(text).filter(|_| text.len() == 8)?;
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn date_time(day: &str, time: &str) -> Option<DateTime> {
    let number = digits(time).filter(|_| time.len() == 6)?;
    let (hour, minute, second) = (number / 10_000, number / 100 % 100, number % 100);
    // A leap second is the last second of its minute here.
    let second = if second == 60 { 59 } else { second };
    let hms = [hour, minute, second].map(i8::try_from);
    let [Ok(hour), Ok(minute), Ok(second)] = hms else { return None };
    let time = jiff::civil::Time::new(hour, minute, second, 0).ok()?;
    Some(date(day)?.to_datetime(time))
}

/// Enough of a text to recognise it by in a message.
fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}
