//! Opening hours (R93): weekly, in the room's zone, as `Mon-Fri 08:00-18:00;Sat 09:00-12:00`.

use std::fmt;

use jiff::civil::{Time, Weekday};

use super::time::{Period, Zone};

/// When a room is open in each week. Never empty: a room that is always closed has mode off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    /// Monday is 0; inclusive.
    from_day: i8,
    to_day: i8,
    opens: i32,
    /// Minutes since midnight; 1440 is the end of the day.
    closes: i32,
}

/// The days as the form has them, from Monday on.
pub const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl Hours {
    /// Reads the form of the command line.
    ///
    /// # Errors
    /// A sentence that names the part which cannot be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text
            .split(';')
            .map(|part| Part::parse(part.trim()).ok_or_else(|| format!("cannot read opening hours {part:?}")))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { parts })
    }

    /// The stretches of each week: days from Monday (0), both inclusive, and minutes since midnight,
    /// of which 1440 is the end of the day.
    pub fn weekly(&self) -> impl Iterator<Item = (std::ops::RangeInclusive<i8>, i32, i32)> {
        self.parts.iter().map(|part| (part.from_day..=part.to_day, part.opens, part.closes))
    }

    /// Whether the whole of `period` lies inside one open stretch; adjoining parts count as one.
    #[must_use]
    pub fn contain(&self, period: &Period, zone: &Zone) -> bool {
        let mut at = period.start;
        while at < period.end {
            match self.open_until(at, zone) {
                Some(until) if until > at => at = until,
                _ => return false,
            }
        }
        true
    }

    /// Whether the room is open at the start of `period`.
    #[must_use]
    pub fn contain_start(&self, period: &Period, zone: &Zone) -> bool {
        self.open_until(period.start, zone).is_some()
    }

    /// Whether the room opens at all on each local day that `period` touches (all-day events).
    #[must_use]
    pub fn open_each_day(&self, period: &Period, zone: &Zone) -> bool {
        let mut day = zone.to_local(period.start).date();
        let last = zone.to_local(period.end.plus(-1)).date();
        while day <= last {
            if !self.parts.iter().any(|part| part.covers(day.weekday())) {
                return false;
            }
            let Ok(next) = day.tomorrow() else { return true };
            day = next;
        }
        true
    }

    /// The closed stretches inside `window`, ascending (for free/busy, R104).
    #[must_use]
    pub fn closed(&self, window: &Period, zone: &Zone) -> Vec<Period> {
        let mut closed = Vec::new();
        let mut at = window.start;
        while at < window.end {
            let next = match self.open_until(at, zone) {
                Some(until) => until,
                None => {
                    let until = self.closed_until(at, zone).min(window.end);
                    closed.extend(Period::new(at, until));
                    until
                }
            };
            if next <= at {
                break;
            }
            at = next;
        }
        closed
    }

    fn open_until(&self, at: super::time::Instant, zone: &Zone) -> Option<super::time::Instant> {
        let local = zone.to_local(at);
        let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
        let part = self
            .parts
            .iter()
            .filter(|part| {
                part.covers(local.date().weekday()) && part.opens <= minute && minute < part.closes
            })
            .max_by_key(|part| part.closes)?;
        Some(minute_of_day(local.date(), part.closes, zone))
    }

    fn closed_until(&self, at: super::time::Instant, zone: &Zone) -> super::time::Instant {
        let local = zone.to_local(at);
        let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
        let next = self
            .parts
            .iter()
            .filter(|part| part.covers(local.date().weekday()) && part.opens > minute)
            .map(|part| part.opens)
            .min();
        minute_of_day(local.date(), next.unwrap_or(1440), zone)
    }
}

fn minute_of_day(day: jiff::civil::Date, minute: i32, zone: &Zone) -> super::time::Instant {
    if minute >= 1440 {
        let next = day.tomorrow().unwrap_or(day);
        return zone.to_instant(next.to_datetime(Time::midnight()));
    }
    let wall = day.to_datetime(Time::midnight()).checked_add(jiff::Span::new().minutes(minute));
    zone.to_instant(wall.unwrap_or_else(|_| day.to_datetime(Time::midnight())))
}

impl Part {
    fn parse(text: &str) -> Option<Self> {
        let (days, times) = text.split_once(' ')?;
        let (from_day, to_day) = match days.split_once('-') {
            Some((from, to)) => (day(from)?, day(to)?),
            None => (day(days)?, day(days)?),
        };
        let (opens, closes) = times.trim().split_once('-')?;
        let (opens, closes) = (minutes(opens)?, minutes(closes)?);
        (opens < closes && from_day <= to_day).then_some(Self { from_day, to_day, opens, closes })
    }

    fn covers(&self, weekday: Weekday) -> bool {
        let day = weekday.to_monday_zero_offset();
        self.from_day <= day && day <= self.to_day
    }
}

fn day(text: &str) -> Option<i8> {
    let found = DAYS.iter().position(|name| name.eq_ignore_ascii_case(text.trim()))?;
    i8::try_from(found).ok()
}

fn minutes(text: &str) -> Option<i32> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?);
    let total = hours * 60 + minutes;
    ((0..60).contains(&minutes) && (0..=1440).contains(&total)).then_some(total)
}

impl fmt::Display for Hours {
    /// The form that [`Hours::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.parts.iter().enumerate() {
            let separator = if i == 0 { "" } else { ";" };
            let name = |day: i8| DAYS[usize::try_from(day).unwrap_or(0)];
            write!(f, "{separator}{}", name(part.from_day))?;
            if part.to_day != part.from_day {
                write!(f, "-{}", name(part.to_day))?;
            }
            let clock = |minute: i32| format!("{:02}:{:02}", minute / 60, minute % 60);
            write!(f, " {}-{}", clock(part.opens), clock(part.closes))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn berlin() -> Zone {
        Zone::iana("Europe/Berlin").expect("bundled")
    }

    fn span(day: i8, from: i8, to: i8) -> Period {
        let at = |hour| berlin().to_instant(date(2027, 3, day).at(hour, 0, 0, 0));
        Period::new(at(from), at(to)).expect("in order")
    }

    #[test]
    fn hours_read_back_as_written() {
        for text in ["Mon-Fri 08:00-18:00;Sat 09:00-12:00", "Sun 00:00-24:00"] {
            assert_eq!(Hours::parse(text).map(|hours| hours.to_string()), Ok(text.to_owned()));
        }
        for bad in ["", "Mon", "Mon 18:00-08:00", "Fri-Mon 08:00-09:00", "Mon 08:00-25:00", "Xyz 08:00-09:00"]
        {
            assert!(Hours::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_event_must_lie_inside_and_adjoining_parts_count_as_one() {
        let hours = Hours::parse("Mon-Fri 08:00-12:00;Mon 12:00-18:00").expect("valid");
        assert!(hours.contain(&span(1, 9, 17), &berlin()));
        assert!(!hours.contain(&span(2, 9, 17), &berlin()));
        assert!(hours.contain_start(&span(2, 9, 17), &berlin()));
        assert!(!hours.contain(&span(1, 7, 9), &berlin()));
    }

    #[test]
    fn closed_hours_are_what_is_left_of_the_window() {
        let hours = Hours::parse("Mon-Fri 08:00-18:00").expect("valid");
        let window = Period::new(span(5, 0, 1).start, span(8, 0, 9).end).expect("in order");
        let closed = hours.closed(&window, &berlin());
        assert_eq!(closed[0], span(5, 0, 8));
        assert_eq!(closed.iter().map(Period::secs).sum::<i64>(), (8 + 6 + 24 + 24 + 8) * 3600);
    }

    #[test]
    fn an_all_day_event_needs_every_day_to_open() {
        let hours = Hours::parse("Mon-Fri 08:00-18:00").expect("valid");
        let day = |from: i8, to: i8| {
            let at = |day| berlin().to_instant(date(2027, 3, day).at(0, 0, 0, 0));
            Period::new(at(from), at(to)).expect("in order")
        };
        assert!(hours.open_each_day(&day(1, 6), &berlin()));
        assert!(!hours.open_each_day(&day(5, 7), &berlin()));
    }
}
