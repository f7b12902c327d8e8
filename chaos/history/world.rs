//! The house of these runs: few people, few rooms, few hours, so that everybody is in everybody's way.
//!
//! A name belongs to a person and has its UID, so that a member is the same event wherever it is.

use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::seed::Chance;

/// Everybody has two clients, but the last one, who only looks.
pub(crate) const PEOPLE: [&str; 5] = ["ada", "bob", "cyd", "dan", "eve"];
/// May change everything everywhere.
pub(crate) const MANAGER: usize = 3;
pub(crate) const ROOMS: [&str; 3] = ["aula", "lab", "yard"];
/// Here others are shown only when and who, under names that are not the real ones.
pub(crate) const MASKED: usize = 1;

const NAMES_EACH: u64 = 3;
const DAYS: i64 = 2;
const HOURS: std::ops::Range<i64> = 8..14;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// From when to when, in UTC seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Period {
    pub(crate) start: i64,
    pub(crate) end: i64,
}

impl Period {
    pub(crate) fn meets(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// What is put under a name: no two are alike.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) bytes: String,
    /// As the server marks texts: the first half of SHA-256.
    pub(crate) digest: String,
    pub(crate) periods: Vec<Period>,
}

/// In which days and hours all this happens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calendar {
    /// Midnight, UTC.
    pub(crate) first_day: i64,
}

impl Calendar {
    /// A month after this instant: the room takes bookings then, and nothing is over.
    pub(crate) fn a_month_after(now: i64) -> Self {
        Self { first_day: (now / DAY + 30) * DAY }
    }

    /// A new text for a name; `number` is used once.
    pub(crate) fn text(self, name: &str, number: u64, chance: &mut Chance) -> Arc<Text> {
        let hours = HOURS.end - HOURS.start;
        let day = within(chance, DAYS);
        let hour = HOURS.start + within(chance, hours);
        let length = 1 + within(chance, 2);
        let count = if chance.below(5) == 0 { 2 + within(chance, 2) } else { 1 };
        let start = self.first_day + day * DAY + hour * HOUR;
        let periods = (0..count).map(|n| {
            let start = start + n * DAY;
            Period { start, end: start + length * HOUR }
        });
        Arc::new(Text::new(name, number, periods.collect()))
    }

    /// A range to ask for: one of the days, or all of them.
    pub(crate) fn range(self, chance: &mut Chance) -> Period {
        let day = within(chance, DAYS + 4);
        if day > DAYS + 2 {
            return Period { start: self.first_day - DAY, end: self.first_day + 30 * DAY };
        }
        let start = self.first_day + day * DAY;
        Period { start, end: start + DAY }
    }
}

impl Text {
    /// Of these periods, which are as long as each other, a day apart.
    pub(crate) fn new(name: &str, number: u64, periods: Vec<Period>) -> Self {
        let first = periods.first().copied().unwrap_or(Period { start: 0, end: HOUR });
        let rule = match periods.len() {
            1 => String::new(),
            count => format!("RRULE:FREQ=DAILY;COUNT={count}\r\n"),
        };
        let bytes = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//history//EN\r\nBEGIN:VEVENT\r\nUID:{}\r\n\
             DTSTAMP:20270101T000000Z\r\nSUMMARY:Event {number}\r\nDTSTART:{}\r\nDTEND:{}\r\n{rule}\
             END:VEVENT\r\nEND:VCALENDAR\r\n",
            uid(name),
            instant(first.start),
            instant(first.end),
        );
        let digest = digest(bytes.as_bytes());
        Self { bytes, digest, periods }
    }
}

/// One of the names of a person.
pub(crate) fn name_of(person: usize, chance: &mut Chance) -> String {
    format!("{}-{}.ics", PEOPLE[person], chance.below(NAMES_EACH))
}

/// Whose name it is; `None` of a name that stands for a hidden one.
pub(crate) fn person_of(name: &str) -> Option<usize> {
    let (login, _) = name.split_once('-')?;
    PEOPLE.iter().position(|known| *known == login)
}

fn uid(name: &str) -> String {
    format!("{}@history", name.trim_end_matches(".ics"))
}

fn within(chance: &mut Chance, bound: i64) -> i64 {
    chance.below(bound.unsigned_abs()).cast_signed()
}

/// As iCalendar writes it, in UTC.
pub(crate) fn instant(secs: i64) -> String {
    let at = jiff::Timestamp::from_second(secs).expect("a date of this century");
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The tag of a text, as the server makes it.
pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
