//! Reads the times of a row: days, times on a zone's clock, or UTC, as databases and programs write them.
//!
//! `2027-03-01`, `2027-03-01 09:00`, `2027-03-01T09:00:00`; without a zone also `2027-03-01T09:00:00Z` and
//! other offsets. R11, R12, R15, R16; L-47.

use jiff::civil::{Date, DateTime};

use super::Fault;
use crate::domain::event::Part;
use crate::domain::recurrence::Rule;
use crate::domain::time::{EventTime, Instant, Length, Zone};

/// When something is to be, as a row says it.
#[derive(Clone, Copy, Debug)]
pub struct When<'a> {
    /// Where it begins.
    pub starts: &'a str,
    /// Where it ends; of whole days the day after the last.
    pub ends: &'a str,
    /// On whose clock; `None`: UTC.
    pub zone: Option<&'a str>,
    /// How it recurs, as RRULE says it.
    pub rule: Option<&'a str>,
}

impl When<'_> {
    /// The same as an event with nothing but times.
    ///
    /// # Errors
    /// The first [`Fault`] that is found.
    pub fn read(&self) -> Result<Part, Fault> {
        let zone = self.zone.map(named).transpose()?;
        let start = time(self.starts, zone.as_ref())?;
        let end = time(self.ends, zone.as_ref())?;
        let length = length(&start, &end)?;
        let rule = self.rule.map(|text| Rule::parse(text.trim().trim_start_matches("RRULE:")));
        let rule = rule.transpose().map_err(|bad| Fault::BadRule(bad.to_string()))?;
        Ok(Part { rules: rule.into_iter().collect(), ..Part::plain(start, length) })
    }
}

/// The moment that a text names, on this zone's clock or in UTC.
///
/// # Errors
/// The first [`Fault`] that is found. A day is no moment.
pub fn moment(text: &str, zone: Option<&str>) -> Result<Instant, Fault> {
    let zone = zone.map(named).transpose()?;
    let time = time(text, zone.as_ref())?;
    if time.is_date() {
        return Err(Fault::NoTime(text.to_owned()));
    }
    Ok(time.instant(&Zone::utc()))
}

fn named(name: &str) -> Result<Zone, Fault> {
    Zone::iana(name.trim()).ok_or_else(|| Fault::NoZone(name.to_owned()))
}

fn length(start: &EventTime, end: &EventTime) -> Result<Length, Fault> {
    let length = match (start, end) {
        (EventTime::Date(first), EventTime::Date(end)) => {
            Length::Nominal { days: end.duration_since(*first).as_hours() / 24, secs: 0 }
        }
        (EventTime::Date(_), _) | (_, EventTime::Date(_)) => return Err(Fault::DayAndTime),
        _ => Length::Exact(end.instant(&Zone::utc()).secs() - start.instant(&Zone::utc()).secs()),
    };
    match length {
        Length::Exact(1..) | Length::Nominal { days: 1.., .. } => Ok(length),
        _ => Err(Fault::NoLength),
    }
}

/// Of the form that all have in common: ten characters for the day, one between, and the time.
fn time(text: &str, zone: Option<&Zone>) -> Result<EventTime, Fault> {
    let text = text.trim();
    let none = || Fault::NoTime(text.to_owned());
    let (Some(day), Some(rest)) = (text.get(..10), text.get(10..)) else { return Err(none()) };
    let day: Date = day.parse().map_err(|_| none())?;
    if rest.is_empty() {
        return Some(EventTime::Date(day)).filter(is_known).ok_or_else(none);
    }
    let clock = rest.strip_prefix(['T', 't', ' ']).ok_or_else(none)?;
    let has_offset = clock.contains(['Z', 'z', '+', '-']);
    if !clock.chars().all(|c| c.is_ascii_digit() || ":Zz+-".contains(c)) {
        return Err(none());
    }
    let time = match (zone, has_offset) {
        (Some(_), true) => return Err(Fault::TwoClocks(text.to_owned())),
        (None, true) => {
            let at = text.parse::<jiff::Timestamp>().map_err(|_| none())?;
            EventTime::Utc(Zone::utc().to_local(Instant::from(at)))
        }
        (zone, false) => {
            let wall: DateTime = text.parse().map_err(|_| none())?;
            zone.map_or(EventTime::Utc(wall), |zone| EventTime::Zoned(wall, zone.clone()))
        }
    };
    Some(time).filter(is_known).ok_or_else(none)
}

/// L-47.
fn is_known(time: &EventTime) -> bool {
    let at = time.instant(&Zone::utc());
    at >= Instant::from_secs(0) && at < Instant::END_OF_TIME
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};

    fn when<'a>(starts: &'a str, ends: &'a str, zone: Option<&'a str>) -> When<'a> {
        When { starts, ends, zone, rule: None }
    }

    #[test]
    fn times_are_read_as_databases_and_programs_write_them() {
        let nine = datetime(2027, 3, 1, 9, 0, 0, 0);
        for text in ["2027-03-01 09:00", "2027-03-01T09:00", "2027-03-01 09:00:00", " 2027-03-01T09:00:00 "] {
            let part = when(text, "2027-03-01 10:30", Some("europe/berlin")).read().expect(text);
            let berlin = Zone::iana("Europe/Berlin").expect("bundled");
            assert_eq!(part.start, EventTime::Zoned(nine, berlin), "{text}");
            assert_eq!(part.length, Length::Exact(5400), "{text}");
            assert_eq!(when(text, "2027-03-01 10:00", None).read().expect(text).start, EventTime::Utc(nine));
        }
        for text in ["2027-03-01T09:00Z", "2027-03-01 09:00:00+00", "2027-03-01T10:00:00+01:00"] {
            let part = when(text, "2027-03-01T12:00+0100", None).read().expect(text);
            assert_eq!((part.start, part.length), (EventTime::Utc(nine), Length::Exact(7200)), "{text}");
        }
        let days = when("2027-03-01", "2027-03-03", Some("Europe/Berlin")).read().expect("days");
        assert_eq!(days.start, EventTime::Date(date(2027, 3, 1)));
        assert_eq!(days.length, Length::Nominal { days: 2, secs: 0 });
    }

    #[test]
    fn an_hour_that_a_zone_skips_or_repeats_is_the_one_that_calendars_mean() {
        // R15: 2:30 is 3:30 in March, and the first of two in October.
        let march = when("2027-03-28 02:30", "2027-03-28 04:00", Some("Europe/Berlin")).read();
        assert_eq!(march.expect("times").length, Length::Exact(1800));
        let october = when("2027-10-31 02:30", "2027-10-31 03:00", Some("Europe/Berlin")).read();
        assert_eq!(october.expect("times").length, Length::Exact(5400));
    }

    #[test]
    fn a_rule_is_read_with_or_without_its_name() {
        for rule in ["FREQ=WEEKLY;COUNT=4", "RRULE:FREQ=WEEKLY;COUNT=4"] {
            let when = When { rule: Some(rule), ..when("2027-03-01", "2027-03-02", None) };
            assert_eq!(when.read().expect(rule).rules.len(), 1);
        }
        let when = When { rule: Some("every monday"), ..when("2027-03-01", "2027-03-02", None) };
        assert!(matches!(when.read(), Err(Fault::BadRule(_))));
    }

    #[test]
    fn what_is_no_time_is_told_as_such() {
        let fault = |starts, ends, zone| when(starts, ends, zone).read().expect_err(starts);
        let end = "2027-03-01 10:00";
        for text in [
            "",
            "soon",
            "01.03.2027 09:00",
            "2027-02-30 09:00",
            "2027-03-01 25:00",
            "2027-03-01x09:00",
            "2027-03-01 09:00 CET",
            "2027-03-01T09:00[Europe/Berlin]",
            "2027-03-01 09:00:00.5",
            "1969-12-31 09:00",
            "2100-01-01",
            "9999-12-31 23:59",
            "-009999-01",
            "2027-03-0\u{fc}1",
            "\u{2003}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}",
        ] {
            assert_eq!(fault(text, end, None), Fault::NoTime(text.trim().to_owned()), "{text:?}");
        }
        let beside = "2027-03-01T08:00Z";
        assert_eq!(fault(beside, end, Some("Europe/Berlin")), Fault::TwoClocks(beside.to_owned()));
        assert_eq!(fault("2027-03-01", end, None), Fault::DayAndTime);
        assert_eq!(fault(end, end, None), Fault::NoLength);
        assert_eq!(fault("2027-03-01 11:00", end, None), Fault::NoLength);
        assert_eq!(fault("2027-03-02", "2027-03-01", None), Fault::NoLength);
        let nowhere = Some("Europe/Atlantis");
        assert_eq!(fault(end, end, nowhere), Fault::NoZone("Europe/Atlantis".to_owned()));
    }

    #[test]
    fn a_moment_is_no_day() {
        assert_eq!(moment("2027-03-01T08:00:00Z", None).map(Instant::secs), Ok(1_803_888_000));
        assert_eq!(moment("2027-03-01 09:00", Some("Europe/Berlin")).map(Instant::secs), Ok(1_803_888_000));
        assert_eq!(moment("2027-03-01", None), Err(Fault::NoTime("2027-03-01".to_owned())));
    }
}
