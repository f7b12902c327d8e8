//! Time as the house sees it: instants in UTC, and the wall-clock times that
//! calendars are written in (R10 to R18).
//!
//! Zone arithmetic is `jiff`'s, always on its bundled data. Knows no iCalendar text.
//! RFC 5545, sections 3.3.4, 3.3.5 and 3.3.6.

use std::fmt;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use jiff::tz::{self, TimeZone};

/// A moment in UTC, in whole seconds since 1970; iCalendar has no finer grain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// 2100-01-01T00:00:00Z: no date is later (L-47).
    pub const END_OF_TIME: Self = Self(4_102_444_800);

    /// From seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn secs(self) -> i64 {
        self.0
    }

    /// This instant moved by `secs` seconds, saturating at the ends of the range.
    #[must_use]
    pub const fn plus(self, secs: i64) -> Self {
        Self(self.0.saturating_add(secs))
    }

    /// For `jiff`; instants outside its range are clamped to it.
    #[must_use]
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

impl From<jiff::Timestamp> for Instant {
    /// Drops fractions of a second.
    fn from(at: jiff::Timestamp) -> Self {
        Self(at.as_second())
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

/// A half-open stretch of time, `[start, end)`. `start <= end`; empty periods overlap nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// The first instant inside.
    pub start: Instant,
    /// The first instant after.
    pub end: Instant,
}

impl Period {
    /// A period, or `None` if it would end before it starts.
    #[must_use]
    pub fn new(start: Instant, end: Instant) -> Option<Self> {
        (start <= end).then_some(Self { start, end })
    }

    /// Whether the two share an instant.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end && self.start < self.end && other.start < other.end
    }

    /// Whether `other` lies wholly inside.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Length in seconds, saturating.
    #[must_use]
    pub fn secs(&self) -> i64 {
        self.end.secs().saturating_sub(self.start.secs())
    }
}

/// A time zone with its name. Cheap to clone.
#[derive(Clone)]
pub struct Zone {
    name: Arc<str>,
    rules: ZoneRules,
}

#[derive(Clone)]
enum ZoneRules {
    Known(TimeZone),
    /// From a VTIMEZONE: `(from this instant on, offset in seconds east)`, ascending; the first
    /// entry's offset also holds before it.
    Table(Arc<[(Instant, i32)]>),
}

impl Zone {
    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".into(), rules: ZoneRules::Known(TimeZone::UTC) }
    }

    /// The zone with this IANA name in the bundled data, in any case; `None` if there is none.
    /// The name is kept in the spelling of the data.
    #[must_use]
    pub fn iana(name: &str) -> Option<Self> {
        let rules = tz::TimeZoneDatabase::bundled().get(name).ok()?;
        let name = rules.iana_name().unwrap_or("UTC").into();
        Some(Self { name, rules: ZoneRules::Known(rules) })
    }

    /// A zone that only a VTIMEZONE defines; `None` if the table is empty.
    /// `onsets` is ascending: from each instant on, that offset (seconds east of UTC) holds.
    #[must_use]
    pub fn from_onsets(name: &str, onsets: Vec<(Instant, i32)>) -> Option<Self> {
        (!onsets.is_empty()).then(|| Self { name: name.into(), rules: ZoneRules::Table(onsets.into()) })
    }

    /// Its name: IANA's for known zones, the TZID for others.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The rules of a zone of the bundled data; `None` for one that only a VTIMEZONE defines.
    #[must_use]
    pub fn known(&self) -> Option<&TimeZone> {
        match &self.rules {
            ZoneRules::Known(zone) => Some(zone),
            ZoneRules::Table(_) => None,
        }
    }

    /// The changes of offset of a zone that only a VTIMEZONE defines; empty for known zones.
    #[must_use]
    pub fn onsets(&self) -> &[(Instant, i32)] {
        match &self.rules {
            ZoneRules::Known(_) => &[],
            ZoneRules::Table(onsets) => onsets,
        }
    }

    /// Seconds east of UTC at `at`.
    #[must_use]
    pub fn offset_at(&self, at: Instant) -> i32 {
        match &self.rules {
            ZoneRules::Known(zone) => zone.to_offset(at.timestamp()).seconds(),
            ZoneRules::Table(onsets) => {
                let after = onsets.partition_point(|(from, _)| *from <= at);
                onsets[after.saturating_sub(1)].1
            }
        }
    }

    /// The instant of a wall-clock time (R15): in a gap the time shifts forward by the gap,
    /// in an overlap the first of the two is taken (RFC 5545, section 3.3.5).
    #[must_use]
    pub fn to_instant(&self, wall: DateTime) -> Instant {
        match &self.rules {
            ZoneRules::Known(zone) => {
                zone.to_ambiguous_timestamp(wall).compatible().map_or(Instant(wall_secs(wall)), Instant::from)
            }
            ZoneRules::Table(onsets) => table_instant(onsets, wall_secs(wall)),
        }
    }

    /// The wall-clock time at an instant, to the second.
    #[must_use]
    pub fn to_local(&self, at: Instant) -> DateTime {
        wall_from_secs(at.plus(i64::from(self.offset_at(at))).secs())
    }
}

/// `compatible` for a table: before each onset the previous offset holds, so the earliest
/// candidate whose offset is in force wins; in a gap none is, and the offset before it counts.
fn table_instant(onsets: &[(Instant, i32)], wall: i64) -> Instant {
    let mut before = onsets[0].1;
    for (at, offset) in onsets {
        let candidate = wall - i64::from(before);
        if candidate < at.secs() {
            return Instant(candidate);
        }
        let after = wall - i64::from(*offset);
        if after < at.secs() {
            return Instant(candidate);
        }
        before = *offset;
    }
    Instant(wall - i64::from(before))
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && match (&self.rules, &other.rules) {
                (ZoneRules::Known(a), ZoneRules::Known(b)) => a == b,
                (ZoneRules::Table(a), ZoneRules::Table(b)) => a == b,
                _ => false,
            }
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

/// A wall-clock time as if it were UTC, in seconds; for arithmetic on wall clocks.
#[must_use]
pub fn wall_secs(wall: DateTime) -> i64 {
    wall.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_secs()
}

/// The inverse of [`wall_secs`].
#[must_use]
pub fn wall_from_secs(secs: i64) -> DateTime {
    Instant(secs).timestamp().to_zoned(TimeZone::UTC).datetime()
}

/// A DATE or DATE-TIME value as it was written (R11: this, not its UTC image, is the truth).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventTime {
    /// VALUE=DATE: a whole day in the zone of whoever reads it (R12).
    Date(Date),
    /// DATE-TIME without zone: the reader's zone (R13).
    Floating(DateTime),
    /// DATE-TIME with `Z`.
    Utc(DateTime),
    /// DATE-TIME with TZID.
    Zoned(DateTime, Zone),
}

impl EventTime {
    /// The wall clock as written; a date is its midnight.
    #[must_use]
    pub fn wall(&self) -> DateTime {
        match self {
            Self::Date(date) => date.to_datetime(jiff::civil::Time::midnight()),
            Self::Floating(wall) | Self::Utc(wall) | Self::Zoned(wall, _) => *wall,
        }
    }

    /// The zone this value is read in; `floating` is the room's (or reader's) zone.
    #[must_use]
    pub fn zone(&self, floating: &Zone) -> Zone {
        match self {
            Self::Date(_) | Self::Floating(_) => floating.clone(),
            Self::Utc(_) => Zone::utc(),
            Self::Zoned(_, zone) => zone.clone(),
        }
    }

    /// The instant it stands for, read in `floating` where it names no zone (R12, R13, R15).
    #[must_use]
    pub fn instant(&self, floating: &Zone) -> Instant {
        match self {
            Self::Date(_) | Self::Floating(_) => floating.to_instant(self.wall()),
            Self::Utc(wall) => Instant(wall_secs(*wall)),
            Self::Zoned(wall, zone) => zone.to_instant(*wall),
        }
    }

    /// Whether it is a DATE.
    #[must_use]
    pub fn is_date(&self) -> bool {
        matches!(self, Self::Date(_))
    }
}

/// How long an event lasts (R16, R18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// From DTEND of timed events, or the exact part of DURATION: seconds, the same for each instance.
    Exact(i64),
    /// From DURATION with weeks or days, and from DTEND of all-day events: calendar days, then seconds.
    Nominal {
        /// Days by the calendar of the start's zone.
        days: i64,
        /// Exact seconds after those days.
        secs: i64,
    },
    /// Neither DTEND nor DURATION on a timed event: it has no length (R18).
    None,
}

impl Length {
    /// Where an instance that starts at the wall-clock time `wall` in `zone` ends. Days that lead
    /// beyond the calendar count as none.
    #[must_use]
    pub fn end(self, wall: DateTime, zone: &Zone) -> Instant {
        match self {
            Self::Exact(secs) => zone.to_instant(wall).plus(secs),
            Self::Nominal { days, secs } => {
                let span = jiff::Span::new().try_days(days);
                let later = span.and_then(|span| wall.checked_add(span)).unwrap_or(wall);
                zone.to_instant(later).plus(secs)
            }
            Self::None => zone.to_instant(wall),
        }
    }

    /// Where what begins at `start` ends; `floating` as in [`EventTime::instant`].
    #[must_use]
    pub fn end_from(self, start: &EventTime, floating: &Zone) -> Instant {
        self.end(start.wall(), &start.zone(floating))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};

    fn berlin() -> Zone {
        Zone::iana("europe/berlin").expect("bundled")
    }

    #[test]
    fn a_gap_shifts_forward_and_an_overlap_takes_the_first() {
        let gap = berlin().to_instant(datetime(2027, 3, 28, 2, 30, 0, 0));
        assert_eq!(berlin().to_local(gap), datetime(2027, 3, 28, 3, 30, 0, 0));
        let first = berlin().to_instant(datetime(2027, 10, 31, 2, 30, 0, 0));
        assert_eq!(berlin().offset_at(first), 7200);
    }

    #[test]
    fn the_last_hours_that_a_wall_clock_can_show_are_not_1970() {
        let end = datetime(9999, 12, 31, 23, 59, 59, 0);
        assert_eq!(wall_secs(end), 253_402_300_799);
        assert_eq!(wall_secs(datetime(-9999, 1, 1, 0, 0, 0, 0)), -377_705_116_800);
        assert_eq!(
            wall_from_secs(wall_secs(datetime(2027, 5, 1, 8, 0, 0, 0))),
            datetime(2027, 5, 1, 8, 0, 0, 0)
        );
    }

    #[test]
    fn a_table_zone_resolves_gaps_and_overlaps_as_the_known_one_does() {
        let known = berlin();
        let onsets = vec![
            (Instant(0), 3600),
            (known.to_instant(datetime(2027, 3, 28, 3, 0, 0, 0)), 7200),
            (known.to_instant(datetime(2027, 10, 31, 2, 0, 0, 0)).plus(3600), 3600),
        ];
        let table = Zone::from_onsets("Custom", onsets).expect("not empty");
        for (month, day) in [(1, 5), (3, 28), (7, 1), (10, 31), (12, 24)] {
            for minutes in 0..=300 {
                let wall = date(2027, month, day).at(0, 0, 0, 0) + jiff::Span::new().minutes(minutes);
                assert_eq!(table.to_instant(wall), known.to_instant(wall), "{wall}");
            }
        }
    }

    #[test]
    fn days_with_a_clock_change_are_whole_days() {
        let day = Length::Nominal { days: 1, secs: 0 };
        let spring = date(2027, 3, 28).at(0, 0, 0, 0);
        let autumn = date(2027, 10, 31).at(0, 0, 0, 0);
        assert_eq!(day.end(spring, &berlin()).secs() - berlin().to_instant(spring).secs(), 23 * 3600);
        assert_eq!(day.end(autumn, &berlin()).secs() - berlin().to_instant(autumn).secs(), 25 * 3600);
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        let (first, last) = (Instant(i64::MIN), Instant(i64::MAX));
        assert_eq!(Period { start: first, end: last }.secs(), i64::MAX);
        assert_eq!(berlin().to_local(last).year(), 9999);
        let wall = date(2027, 3, 28).at(0, 0, 0, 0);
        let days = |days| Length::Nominal { days, secs: 0 }.end(wall, &berlin());
        assert_eq!(days(i64::MAX), berlin().to_instant(wall));
        assert_eq!(Length::Exact(i64::MAX).end(wall, &berlin()), last);
    }
}
