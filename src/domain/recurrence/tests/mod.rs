//! Tests of the expansion, with what they share: short ways to write events and times.

mod agreement;
mod bounds;
mod library;
mod library_sets;
mod model;
mod overrides;
mod random;
mod rules;
mod sets;

use std::time::Duration;

use jiff::civil::{Date, DateTime};

use super::{Budget, Occurrence, Rule, all_occurrences, occurrences};
use crate::domain::event::{Event, ExtraDate, Part, Status};
use crate::domain::id::Uid;
use crate::domain::time::{EventTime, Instant, Length, Period, Zone};

/// Enough of everything, so that a busy machine fails no test.
pub(super) const PLENTY: Budget =
    Budget { steps: 5_000_000, max_instances: 100_000, cpu: Duration::from_mins(1) };

pub(super) fn zone(name: &str) -> Zone {
    Zone::iana(name).expect("bundled")
}

pub(super) fn berlin() -> Zone {
    zone("Europe/Berlin")
}

/// `2027-03-28T02:30`, or a date for its midnight.
#[track_caller]
pub(super) fn wall(text: &str) -> DateTime {
    match text.parse::<Date>() {
        Ok(date) if !text.contains('T') => date.to_datetime(jiff::civil::Time::midnight()),
        _ => text.parse().expect("a wall-clock time"),
    }
}

/// A date, a `…Z` time, `…@Zone`, or a floating time.
#[track_caller]
pub(super) fn time(text: &str) -> EventTime {
    if let Some((local, name)) = text.split_once('@') {
        EventTime::Zoned(wall(local), zone(name))
    } else if let Some(utc) = text.strip_suffix('Z') {
        EventTime::Utc(wall(utc))
    } else if text.contains('T') {
        EventTime::Floating(wall(text))
    } else {
        EventTime::Date(wall(text).date())
    }
}

#[track_caller]
pub(super) fn rule(text: &str) -> Rule {
    Rule::parse(text).expect("a rule")
}

/// An hour from `start` on, or a day.
#[track_caller]
pub(super) fn part(start: &str) -> Part {
    let start = time(start);
    let length = if start.is_date() { Length::Nominal { days: 1, secs: 0 } } else { Length::Exact(3_600) };
    Part::plain(start, length)
}

impl Part {
    #[track_caller]
    pub(super) fn rule(mut self, text: &str) -> Self {
        self.rules.push(rule(text));
        self
    }

    #[track_caller]
    pub(super) fn except_rule(mut self, text: &str) -> Self {
        self.except_rules.push(rule(text));
        self
    }

    #[track_caller]
    pub(super) fn date(mut self, text: &str) -> Self {
        self.dates.push(ExtraDate::Start(time(text)));
        self
    }

    #[track_caller]
    pub(super) fn except(mut self, text: &str) -> Self {
        self.exceptions.push(time(text));
        self
    }

    pub(super) fn length(mut self, length: Length) -> Self {
        self.length = length;
        self
    }

    pub(super) fn cancelled(mut self) -> Self {
        self.status = Status::Cancelled;
        self
    }

    pub(super) fn and_future(mut self) -> Self {
        self.this_and_future = true;
        self
    }

    pub(super) fn event(self) -> Event {
        Event { uid: Uid::new("u"), master: Some(self), overrides: Vec::new() }
    }
}

/// An override of the instance at `id` that is at `start`.
#[track_caller]
pub(super) fn instead_of(id: &str, start: &str) -> Part {
    Part { recurrence_id: Some(time(id)), ..part(start) }
}

impl Event {
    pub(super) fn with(mut self, part: Part) -> Self {
        self.overrides.push(part);
        self
    }
}

/// From local midnight to local midnight in Berlin.
#[track_caller]
pub(super) fn window(from: &str, to: &str) -> Period {
    Period::new(berlin().to_instant(wall(from)), berlin().to_instant(wall(to))).expect("in order")
}

pub(super) fn always() -> Period {
    Period { start: Instant::from_secs(i64::MIN), end: Instant::from_secs(i64::MAX) }
}

/// Expanded in Berlin, within plenty.
#[track_caller]
pub(super) fn expand(event: &Event, window: Period) -> Vec<Occurrence> {
    occurrences(event, &berlin(), window, &PLENTY).expect("within the budget")
}

/// As [`expand`], with the cancelled ones.
#[track_caller]
pub(super) fn expand_all(event: &Event, window: Period) -> Vec<Occurrence> {
    all_occurrences(event, &berlin(), window, &PLENTY).expect("within the budget")
}

/// Starts in Berlin's wall clock, to the minute: `2027-03-28T02:30`.
pub(super) fn starts(occurrences: &[Occurrence]) -> Vec<String> {
    occurrences.iter().map(|occurrence| minute(occurrence.period.start)).collect()
}

pub(super) fn minute(at: Instant) -> String {
    berlin().to_local(at).strftime("%Y-%m-%dT%H:%M").to_string()
}
