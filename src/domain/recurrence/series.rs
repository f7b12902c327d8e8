//! The recurrence set of a master: DTSTART, its rules and extra dates, less what is excluded.
//!
//! Knows no overrides; `place` puts those in. RFC 5545, sections 3.8.5.1 to 3.8.5.3;
//! RFC 2445, section 4.8.5.2 (EXRULE); R15 to R17.

use std::collections::HashSet;

use jiff::civil::{Date, DateTime, Time};

use super::budget::{ExpandError, Meter};
use super::rule::{Rule, Until};
use super::walls::Walls;
use crate::domain::event::{ExtraDate, Part};
use crate::domain::time::{EventTime, Instant, Length, Period, Zone};

/// One instance before overrides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// In the master's zone.
    pub(super) wall: DateTime,
    /// Its key, and when it starts unless an override moves it.
    pub(super) at: Instant,
    /// The master's, or an RDATE period's own (R16).
    pub(super) length: Length,
}

/// A master made ready for expansion.
pub(super) struct Series<'a> {
    part: &'a Part,
    floating: &'a Zone,
    /// The zone of DTSTART.
    pub(super) zone: Zone,
    rules: Vec<Bounded>,
    except_rules: Vec<Bounded>,
    /// DTSTART and the RDATEs.
    dates: Vec<Start>,
    except_instants: HashSet<Instant>,
    except_days: HashSet<Date>,
}

/// A rule with UNTIL as an instant: within a gap the wall clock alone would keep one too many.
struct Bounded {
    walls: Walls,
    until: Option<Instant>,
}

impl<'a> Series<'a> {
    pub(super) fn new(part: &'a Part, floating: &'a Zone, meter: &mut Meter) -> Result<Self, ExpandError> {
        let mut series = Self {
            part,
            floating,
            zone: part.start.zone(floating),
            rules: Vec::new(),
            except_rules: Vec::new(),
            dates: Vec::new(),
            except_instants: HashSet::new(),
            except_days: HashSet::new(),
        };
        let wall = part.start.wall();
        series.dates.push(Start { wall, at: series.zone.to_instant(wall), length: part.length });
        for date in &part.dates {
            meter.pay(1)?;
            let (time, length) = match date {
                ExtraDate::Start(time) => (time, part.length),
                ExtraDate::Period(time, length) => (time, *length),
            };
            let (wall, at) = series.read(time);
            series.dates.push(Start { wall, at, length });
        }
        for time in &part.exceptions {
            meter.pay(1)?;
            series.except(time);
        }
        series.rules = series.bounded(&part.rules, true, meter)?;
        series.except_rules = series.bounded(&part.except_rules, false, meter)?;
        Ok(series)
    }

    /// A value of RDATE, EXDATE or RECURRENCE-ID as an instance's wall clock and key.
    /// They compare as instants whatever zone they are written in, dates as dates; a floating
    /// time is in DTSTART's zone, a date stands for the instance at DTSTART's time of day (R17).
    pub(super) fn read(&self, time: &EventTime) -> (DateTime, Instant) {
        named(&self.part.start, time, &self.zone, self.floating)
    }

    fn day(&self, time: &EventTime) -> Date {
        day(time, &self.zone, self.floating)
    }

    fn except(&mut self, time: &EventTime) {
        if self.part.start.is_date() {
            self.except_days.insert(self.day(time));
        } else if let EventTime::Date(date) = time {
            // A date takes the whole day out of a timed series.
            self.except_days.insert(*date);
        } else {
            self.except_instants.insert(self.read(time).1);
        }
    }

    fn bounded(
        &self,
        rules: &[Rule],
        counts_start: bool,
        meter: &mut Meter,
    ) -> Result<Vec<Bounded>, ExpandError> {
        let start = &self.part.start;
        let bound = |rule: &Rule| {
            let until = rule.until().map(|until| self.until(until));
            let wall = until.map(|(wall, _)| wall);
            let walls = Walls::new(rule, start.wall(), start.is_date(), wall, counts_start, meter)?;
            Ok(Bounded { walls, until: until.map(|(_, at)| at) })
        };
        rules.iter().map(bound).collect()
    }

    /// UNTIL may be a date, local or UTC, whatever DTSTART is.
    fn until(&self, until: Until) -> (DateTime, Instant) {
        match until {
            Until::Date(date) if !self.part.start.is_date() => {
                let wall = date.to_datetime(Time::constant(23, 59, 59, 0));
                (wall, self.zone.to_instant(wall))
            }
            Until::Date(date) => self.read(&EventTime::Date(date)),
            Until::Local(wall) => self.read(&EventTime::Floating(wall)),
            Until::Utc(wall) => {
                // By the wall clock some hours too many: an hour that comes twice has one there. The
                // instant decides.
                let (wall, at) = self.read(&EventTime::Utc(wall));
                let later = wall.checked_add(jiff::SignedDuration::from_hours(3)).unwrap_or(wall);
                (if self.part.start.is_date() { wall } else { later }, at)
            }
        }
    }

    /// All instances of the rules in `from..=to`, and DTSTART and the RDATEs wherever they are:
    /// by start, each once, excluded ones left out.
    pub(super) fn starts(
        &self,
        from: DateTime,
        to: DateTime,
        meter: &mut Meter,
    ) -> Result<Vec<Start>, ExpandError> {
        let mut starts = self.dates.clone();
        for rule in &self.rules {
            let length = self.part.length;
            starts.extend(self.instances(rule, from, to, meter)?.map(|(wall, at)| Start {
                wall,
                at,
                length,
            }));
        }
        // Of two at one instant the first stays: an RDATE's own period before the master's length.
        starts.sort_by_key(|start| (start.at, start.length == self.part.length));
        starts.dedup_by_key(|start| start.at);
        let mut except: HashSet<Instant> = HashSet::new();
        for rule in &self.except_rules {
            except.extend(self.instances(rule, from, to, meter)?.map(|(_, at)| at));
            for date in &self.dates {
                let at = self.instances(rule, date.wall, date.wall, meter)?;
                except.extend(at.map(|(_, at)| at));
            }
        }
        starts.retain(|start| {
            !self.except_days.contains(&start.wall.date())
                && !self.except_instants.contains(&start.at)
                && !except.contains(&start.at)
        });
        Ok(starts)
    }

    fn instances(
        &self,
        rule: &Bounded,
        from: DateTime,
        to: DateTime,
        meter: &mut Meter,
    ) -> Result<impl Iterator<Item = (DateTime, Instant)>, ExpandError> {
        let walls = rule.walls.between(from, to, meter)?;
        let until = rule.until;
        let located = walls.into_iter().map(|wall| (wall, self.zone.to_instant(wall)));
        Ok(located.filter(move |(_, at)| until.is_none_or(|until| *at <= until)))
    }

    /// Whether each rule, taken alone, has an instance (B-11).
    pub(super) fn rules_have_instances(&self, meter: &mut Meter) -> Result<bool, ExpandError> {
        for rule in &self.rules {
            if !rule.walls.has_any(meter)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A wall-clock time that no instance of a rule lies after; `None` if they go on to 2100.
    pub(super) fn bound(&self, meter: &mut Meter) -> Result<Option<DateTime>, ExpandError> {
        let mut latest = self.part.start.wall();
        if self.rules.iter().any(|rule| rule.walls.is_endless()) {
            return Ok(None);
        }
        for rule in &self.rules {
            let Some(bound) = rule.walls.bound(meter)? else { return Ok(None) };
            latest = latest.max(bound);
        }
        Ok(Some(latest))
    }

    /// The longest that one instance may last, in seconds.
    pub(super) fn longest(&self) -> i64 {
        self.dates.iter().map(|date| most_secs(date.length)).fold(most_secs(self.part.length), i64::max)
    }

    /// An instance where nothing moves it.
    pub(super) fn period(&self, start: &Start) -> Period {
        period(start.at, start.length.end(start.wall, &self.zone))
    }
}

/// An upper bound of a length in seconds; days may have 25 hours, and zones may skip one.
pub(super) fn most_secs(length: Length) -> i64 {
    match length {
        Length::Exact(secs) => secs.max(0),
        Length::Nominal { days, secs } => {
            days.max(0).saturating_add(1).saturating_mul(86_400).saturating_add(secs.max(0))
        }
        Length::None => 0,
    }
}

/// A period; a negative length (R18) counts as none.
pub(super) fn period(start: Instant, end: Instant) -> Period {
    Period::new(start, end).unwrap_or(Period { start, end: start })
}

/// What [`Series::read`] says, for a series that begins at `start`, in its zone.
pub(super) fn named(
    start: &EventTime,
    time: &EventTime,
    zone: &Zone,
    floating: &Zone,
) -> (DateTime, Instant) {
    let wall = match time {
        _ if start.is_date() => day(time, zone, floating).to_datetime(Time::midnight()),
        EventTime::Date(date) => date.to_datetime(start.wall().time()),
        EventTime::Floating(wall) => *wall,
        EventTime::Utc(_) | EventTime::Zoned(..) => {
            let at = time.instant(floating);
            // The same zone's own wall clock may lie in a gap, which the instant forgets.
            let same = matches!(time, EventTime::Zoned(_, other) if other == zone);
            return (if same { time.wall() } else { zone.to_local(at) }, at);
        }
    };
    (wall, zone.to_instant(wall))
}

/// The day that a value means in a series of whole days. Clients write UTC midnight for it.
fn day(time: &EventTime, zone: &Zone, floating: &Zone) -> Date {
    match time {
        EventTime::Utc(wall) if wall.time() != Time::midnight() => {
            zone.to_local(time.instant(floating)).date()
        }
        _ => time.wall().date(),
    }
}
