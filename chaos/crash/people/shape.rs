//! An event that a writer writes: as text, and as the times that it takes by plain arithmetic.

use std::fmt::Write as _;

const DAY: i64 = 24 * 60;
const WEEK: i64 = 7 * DAY;

/// The midnight from which minutes are counted, in UTC as everything here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base(i64);

impl Base {
    /// Two weeks from now: nothing of it is over while a run lasts, and all of it may be booked.
    pub(crate) fn coming() -> Self {
        Self::in_days(14)
    }

    pub(crate) fn in_days(days: i64) -> Self {
        Self((jiff::Timestamp::now().as_second() / 86_400 + days) * 86_400)
    }

    /// Since 1970.
    pub(super) fn second(self, minute: i64) -> i64 {
        self.0 + minute * 60
    }

    /// As iCalendar writes it.
    fn at(self, minute: i64) -> String {
        let instant = jiff::Timestamp::from_second(self.second(minute)).expect("within a few years");
        instant.strftime("%Y%m%dT%H%M%SZ").to_string()
    }
}

/// Numbers of dates count from 0; minutes from the [`Base`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) uid: String,
    /// Stands in the text, so that no two texts of an event are the same.
    pub(crate) edition: u64,
    pub(crate) start: i64,
    pub(crate) minutes: i64,
    /// Dates, a week apart; one is no series.
    pub(crate) dates: i64,
    /// A date, and how much later it lies.
    pub(crate) moved: Option<(i64, i64)>,
    /// A date that is cancelled by an override.
    pub(crate) given_up: Option<i64>,
    /// A date that is excluded.
    pub(crate) left_out: Option<i64>,
    /// The whole is.
    pub(crate) is_cancelled: bool,
}

impl Shape {
    pub(crate) fn single(uid: &str, start: i64, minutes: i64) -> Self {
        Self {
            uid: uid.to_owned(),
            edition: 0,
            start,
            minutes,
            dates: 1,
            moved: None,
            given_up: None,
            left_out: None,
            is_cancelled: false,
        }
    }

    pub(crate) fn text(&self, base: Base) -> String {
        let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//chaos//EN\r\n".to_owned();
        let mut lines = String::new();
        if self.dates > 1 {
            let _ = write!(lines, "RRULE:FREQ=WEEKLY;COUNT={}\r\n", self.dates);
        }
        if let Some(date) = self.left_out {
            let _ = write!(lines, "EXDATE:{}\r\n", base.at(self.planned(date)));
        }
        let cancelled = if self.is_cancelled { "STATUS:CANCELLED\r\n" } else { "" };
        lines.push_str(cancelled);
        self.component(&mut text, base, self.start, &lines);
        if let Some((date, later)) = self.moved {
            let lines = format!("RECURRENCE-ID:{}\r\n{cancelled}", base.at(self.planned(date)));
            self.component(&mut text, base, self.planned(date) + later, &lines);
        }
        if let Some(date) = self.given_up {
            let lines = format!("RECURRENCE-ID:{}\r\nSTATUS:CANCELLED\r\n", base.at(self.planned(date)));
            self.component(&mut text, base, self.planned(date), &lines);
        }
        text.push_str("END:VCALENDAR\r\n");
        text
    }

    fn component(&self, text: &mut String, base: Base, start: i64, lines: &str) {
        let _ = write!(
            text,
            "BEGIN:VEVENT\r\nUID:{}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:{} {}\r\nDTSTART:{}\r\nDTEND:{}\r\n\
             {lines}END:VEVENT\r\n",
            self.uid,
            self.uid,
            self.edition,
            base.at(start),
            base.at(start + self.minutes),
        );
    }

    /// When a date would be if nothing were special about it.
    fn planned(&self, date: i64) -> i64 {
        self.start + date * WEEK
    }

    /// From when to when it takes its room, in no order.
    pub(crate) fn times(&self) -> Vec<(i64, i64)> {
        if self.is_cancelled {
            return Vec::new();
        }
        let dates = (0..self.dates).filter(|date| ![self.given_up, self.left_out].contains(&Some(*date)));
        let later = |date| self.moved.filter(|moved| moved.0 == date).map_or(0, |moved| moved.1);
        let starts = dates.map(|date| self.planned(date) + later(date));
        starts.map(|start| (start, start + self.minutes)).collect()
    }
}
