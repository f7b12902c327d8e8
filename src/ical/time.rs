//! DATE, DATE-TIME, DURATION and PERIOD values: text to `domain::time` and back.
//!
//! Which zone a TZID means is `zones`' work. RFC 5545, sections 3.3.4, 3.3.5, 3.3.6 and 3.3.9.

use jiff::civil::{Date, DateTime};

use super::error::{IcalError, IcalErrorKind};
use super::limits::Limits;
use super::tree::Property;
use super::zones::Zones;
use crate::domain::time::{EventTime, Instant, Length, Zone};

/// Digits of a fixed-width field.
fn number(text: &str) -> Option<i16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// `YYYYMMDD`.
pub(crate) fn date(text: &str) -> Option<Date> {
    if text.len() != 8 {
        return None;
    }
    let (year, month, day) = (number(text.get(..4)?)?, number(text.get(4..6)?)?, number(text.get(6..8)?)?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `YYYYMMDDTHHMMSS` without a `Z`. A leap second is the second before it.
pub(crate) fn wall(text: &str) -> Option<DateTime> {
    let (day, time) = text.split_once(['T', 't'])?;
    if time.len() != 6 {
        return None;
    }
    let field = |at: usize| number(time.get(at..at + 2)?).and_then(|value| i8::try_from(value).ok());
    let (hour, minute, second) = (field(0)?, field(2)?, field(4)?);
    let second = if second == 60 { 59 } else { second };
    let time = jiff::civil::Time::new(hour, minute, second, 0).ok()?;
    Some(date(day)?.to_datetime(time))
}

/// A DATE-TIME in UTC.
pub(crate) fn utc(text: &str) -> Option<Instant> {
    let text = text.trim();
    wall(text.strip_suffix(['Z', 'z'])?).map(|wall| EventTime::Utc(wall).instant(&Zone::utc()))
}

/// A DATE or DATE-TIME; `zone` is what its TZID means.
pub(crate) fn event_time(text: &str, zone: Option<&Zone>) -> Option<EventTime> {
    let text = text.trim();
    if let Some(date) = date(text) {
        return Some(EventTime::Date(date));
    }
    if let Some(text) = text.strip_suffix(['Z', 'z']) {
        return wall(text).map(EventTime::Utc);
    }
    let wall = wall(text)?;
    Some(zone.map_or(EventTime::Floating(wall), |zone| {
        if zone.name() == "UTC" { EventTime::Utc(wall) } else { EventTime::Zoned(wall, zone.clone()) }
    }))
}

/// The text of a value without its TZID: what [`event_time`] reads back.
pub(crate) fn write_time(time: &EventTime) -> String {
    match time {
        EventTime::Date(date) => date.strftime("%Y%m%d").to_string(),
        EventTime::Floating(wall) | EventTime::Zoned(wall, _) => write_wall(*wall),
        EventTime::Utc(wall) => format!("{}Z", write_wall(*wall)),
    }
}

pub(crate) fn write_wall(wall: DateTime) -> String {
    wall.strftime("%Y%m%dT%H%M%S").to_string()
}

/// An instant as a DATE-TIME in UTC.
pub(crate) fn write_utc(at: Instant) -> String {
    write_time(&EventTime::Utc(Zone::utc().to_local(at)))
}

/// A DURATION: its sign, its days (weeks counted as seven) and its seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Duration {
    pub(crate) negative: bool,
    pub(crate) days: i64,
    pub(crate) secs: i64,
}

impl Duration {
    /// As exact seconds, days counted as 24 hours.
    pub(crate) fn total_secs(self) -> i64 {
        let secs = self.days.saturating_mul(86_400).saturating_add(self.secs);
        if self.negative { -secs } else { secs }
    }

    /// R16: days are nominal, the rest is exact.
    pub(crate) fn length(self) -> Length {
        if self.days == 0 {
            Length::Exact(self.secs)
        } else {
            Length::Nominal { days: self.days, secs: self.secs }
        }
    }
}

/// `P1DT2H3M4S`, `P2W`, with a sign; parts may be missing but must stand in order.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let text = text.trim().to_ascii_uppercase();
    let negative = text.starts_with('-');
    let rest = text.strip_prefix(['+', '-']).unwrap_or(&text).strip_prefix('P')?;
    let (days, time) = rest.split_once('T').unwrap_or((rest, ""));
    let [weeks, days] = fields(days, ['W', 'D'])?;
    let [hours, minutes, secs] = fields(time, ['H', 'M', 'S'])?;
    if rest.is_empty() || rest.ends_with('T') {
        return None;
    }
    Some(Duration { negative, days: weeks * 7 + days, secs: hours * 3_600 + minutes * 60 + secs })
}

/// Numbers of at most seven digits, each before its letter.
fn fields<const N: usize>(text: &str, letters: [char; N]) -> Option<[i64; N]> {
    let mut values = [0; N];
    let mut rest = text;
    for (value, letter) in values.iter_mut().zip(letters) {
        if let Some((digits, after)) = rest.split_once(letter) {
            let fits = !digits.is_empty() && digits.len() <= 7 && digits.bytes().all(|b| b.is_ascii_digit());
            *value = if fits { digits.parse().ok()? } else { return None };
            rest = after;
        }
    }
    rest.is_empty().then_some(values)
}

/// The text of a length as a DURATION.
pub(crate) fn write_length(length: Length) -> Option<String> {
    let (days, secs) = match length {
        Length::Exact(secs) => (0, secs),
        Length::Nominal { days, secs } => (days, secs),
        Length::None => return None,
    };
    let mut out = "P".to_owned();
    if days != 0 {
        out.push_str(&format!("{days}D"));
    }
    if secs != 0 || days == 0 {
        out.push_str(&format!("T{secs}S"));
    }
    Some(out)
}

/// The values of a DATE or DATE-TIME property (EXDATE and RDATE hold lists), within L-47.
pub(crate) fn times(property: Property<'_>, zones: &Zones) -> Result<Vec<EventTime>, IcalError> {
    let zone = zones.of(property)?;
    let read = |text: &str| {
        event_time(text, zone.as_ref())
            .ok_or_else(|| IcalError::data(format!("{} is not a date or a time", property.name())))
    };
    property.value().split(',').filter(|text| !text.trim().is_empty()).map(read).collect()
}

/// The one value of a DATE or DATE-TIME property, within L-47.
pub(crate) fn time(property: Property<'_>, zones: &Zones, limits: &Limits) -> Result<EventTime, IcalError> {
    let zone = zones.of(property)?;
    let time = event_time(property.value(), zone.as_ref())
        .ok_or_else(|| IcalError::data(format!("{} is not a date or a time", property.name())))?;
    check_range(&time, property.name(), limits)?;
    Ok(time)
}

/// L-47; dates and floating times are read in UTC for this.
pub(crate) fn check_range(time: &EventTime, name: &str, limits: &Limits) -> Result<(), IcalError> {
    let at = time.instant(&Zone::utc());
    let kind = match at {
        at if at < limits.min_date => IcalErrorKind::TooEarly,
        at if at >= limits.max_date => IcalErrorKind::TooLate,
        _ => return Ok(()),
    };
    Err(IcalError::new(kind, format!("{name} lies outside the years this server keeps")))
}

/// A PERIOD: its start and its length.
pub(crate) fn period(text: &str, zone: Option<&Zone>) -> Option<(EventTime, Length)> {
    let (start, end) = text.trim().split_once('/')?;
    let start = event_time(start, zone).filter(|start| !start.is_date())?;
    if end.trim_start().starts_with(['P', 'p', '+']) {
        return duration(end).filter(|duration| !duration.negative).map(|length| (start, length.length()));
    }
    let end = event_time(end, zone)?.instant(&Zone::utc());
    let secs = end.secs() - start.instant(&Zone::utc()).secs();
    (secs >= 0).then_some((start, Length::Exact(secs)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_dates_and_times_are_not_read() {
        for bad in
            ["20261301", "20260230", "2026011", "202601010", "20260101T250000", "20260101T0000", "x", ""]
        {
            assert_eq!(event_time(bad, None), None, "{bad} (B-06)");
        }
        assert_eq!(
            event_time("20260101T235960Z", None).map(|t| write_time(&t)).as_deref(),
            Some("20260101T235959Z")
        );
    }

    #[test]
    fn durations_keep_days_apart_from_hours() {
        let plain = |days, secs| Some(Duration { negative: false, days, secs });
        assert_eq!(duration("P1DT2H3M4S"), plain(1, 7_384));
        assert_eq!(duration("p2w"), plain(14, 0));
        assert_eq!(duration("PT0S"), plain(0, 0));
        assert_eq!(duration("-PT15M").map(Duration::total_secs), Some(-900));
        for bad in ["", "P", "PT", "P1", "1D", "PT1D", "P1H", "PT1M1H", "P99999999D", "P1DT"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }
}
