//! Every sentence that people read, in each language.
//!
//! A language is one implementation of `Speak`, so that no sentence can be missing in one.
//! Knows no protocol: which answer or message carries a sentence is decided by whoever sends it.
//! RFC 4791, section 10.

mod de;
mod en;
pub mod link;
mod message;
pub mod request;

use std::fmt::Write as _;

use jiff::civil::DateTime;

use crate::domain::hours::Hours;
use crate::domain::reason::{Failure, Reason};
use crate::domain::time::{Instant, Period, Zone};

pub use message::{Approval, Attendance, Letter, Message, News, Why};

/// A language that people can be addressed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// The language of a tag like `de`, `de-AT` or `en-GB`; `None` for others.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "de" => Some(Self::German),
            _ => None,
        }
    }

    /// The first language of an Accept-Language header that we speak (RFC 9110, section 12.5.4).
    #[must_use]
    pub fn from_accept(header: &str) -> Option<Self> {
        let mut wanted: Vec<(f32, Self)> = header
            .split(',')
            .filter_map(|item| {
                let (tag, weight) = item.split_once(";q=").unwrap_or((item, "1"));
                Some((weight.trim().parse().ok()?, Self::from_tag(tag)?))
            })
            .filter(|(weight, _)| *weight > 0.0)
            .collect();
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
        wanted.first().map(|(_, language)| *language)
    }

    /// The tag stored with a person or a message.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    fn speak(self) -> &'static dyn Speak {
        match self {
            Self::English => &en::English,
            Self::German => &de::German,
        }
    }
}

/// What each language must be able to say.
trait Speak {
    /// `12 May 2027 from 10:00 to 11:00`, in local time; `end` is exclusive and on a later day
    /// for whole days.
    fn when(&self, start: DateTime, end: DateTime, all_day: bool) -> String;
    /// What follows the first of several dates: ` and 4 more dates`.
    fn more(&self, count: usize) -> String;
    /// `12 May 2027`.
    fn date(&self, day: DateTime) -> String;
    /// `until 09:00 on 12 May 2027`.
    fn until(&self, at: DateTime) -> String;
    /// What is wrong, as a clause about the room: `is already booked`.
    fn clause(&self, reason: Reason, bound: Option<i64>) -> String;
    /// As [`Speak::clause`] for a room that can be booked up to a day.
    fn too_far(&self, last: DateTime) -> String;
    /// As [`Speak::clause`] for a room that is closed at that time.
    fn closed_hours(&self, hours: &Hours) -> String;
    /// ` (by Ada)`.
    fn by(&self, holder: &str) -> String;
    /// ` (room Aurora)`: what another room has to do with it (R76).
    fn because_of(&self, room: &str) -> String;
    /// ` and `.
    fn and(&self) -> &'static str;
    /// The room as the subject of a sentence: `Room Aurora`.
    fn room(&self, name: &str) -> String;
    /// `Free instead: Lab and Studio.`
    fn free_rooms(&self, rooms: &str) -> String;
    /// `Room Aula is free on 12 May 2027 from 10:00 to 11:00.`
    fn free_times(&self, room: &str, times: &str) -> String;
    /// What a title is prefixed with in a copy that is no booking: `DECLINED - room busy: `.
    fn declined_prefix(&self, reason: Reason) -> String;
    /// The same for a change that was not made: `NOT MOVED - room busy: `.
    fn not_moved_prefix(&self, reason: Reason) -> String;
    /// Why a counter-proposal to a room is turned down.
    fn no_counter(&self, room: &str) -> String;
    /// The title of an event whose content is hidden.
    fn busy(&self) -> &'static str;
    /// A message to a person.
    fn letter(&self, message: &Message<'_>) -> Letter;
}

/// Why a counter-proposal to a room is turned down (R125).
#[must_use]
pub fn no_counter(language: Language, room: &str) -> String {
    language.speak().no_counter(room)
}

/// A failure as it may be told to the asker.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// What failed.
    pub failure: &'a Failure,
    /// The name of whoever has the room, if the asker may see it (R105); for `MultiRoom` that of the
    /// room that was not free (R76).
    pub holder: Option<&'a str>,
}

/// The room that a sentence is about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Its name for people.
    pub name: &'a str,
    /// Where its clock stands.
    pub zone: &'a Zone,
    /// When it is open; `None` is always.
    pub hours: Option<&'a Hours>,
}

impl About<'_> {
    fn clause(&self, speak: &dyn Speak, reason: Reason, bound: Option<i64>) -> String {
        match (reason, bound, self.hours) {
            // The window ends at midnight: its last day is the one before.
            (Reason::TooFar, Some(end), _) => {
                speak.too_far(self.zone.to_local(Instant::from_secs(end).plus(-1)))
            }
            (Reason::ClosedHours, _, Some(hours)) => speak.closed_hours(hours),
            _ => speak.clause(reason, bound),
        }
    }
}

/// One sentence that names the room and every failing occurrence with its reason, its limit and the
/// number of the rule (R42, R120); dates in the room's zone, which is named.
#[must_use]
pub fn refusal(language: Language, room: &About<'_>, told: &[Told<'_>]) -> String {
    let speak = language.speak();
    let zone = room.zone;
    let mut sentence = speak.room(room.name);
    if told.is_empty() {
        // No time is known: what was sent is no event.
        let _ = write!(sentence, " {}.", speak.clause(Reason::NotAllowed, None));
        return sentence;
    }
    let mut rules: Vec<&str> = Vec::new();
    let mut said: Vec<(Reason, Option<i64>)> = Vec::new();
    for one in told {
        let key = (one.failure.reason, one.failure.bound);
        if said.contains(&key) {
            continue;
        }
        let separator = if said.is_empty() { " " } else { "; " };
        said.push(key);
        let of_this_reason: Vec<_> =
            told.iter().filter(|other| (other.failure.reason, other.failure.bound) == key).collect();
        let _ = write!(sentence, "{separator}{}", room.clause(speak, key.0, key.1));
        if !rules.contains(&key.0.rule()) {
            rules.push(key.0.rule());
        }
        for (i, one) in of_this_reason.iter().enumerate() {
            let separator = match i {
                0 => " ",
                _ if i + 1 == of_this_reason.len() => speak.and(),
                _ => ", ",
            };
            sentence.push_str(separator);
            sentence.push_str(&occasion(speak, one, zone));
        }
    }
    let _ = write!(sentence, " ({}; {}).", zone.name(), rules.join(", "));
    sentence
}

fn occasion(speak: &dyn Speak, told: &Told<'_>, zone: &Zone) -> String {
    let Failure { period, all_day, .. } = told.failure;
    let mut when = speak.when(zone.to_local(period.start), zone.to_local(period.end), *all_day);
    if let Some(holder) = told.holder {
        let is_room = told.failure.reason == Reason::MultiRoom;
        when.push_str(&if is_room { speak.because_of(holder) } else { speak.by(holder) });
    }
    when
}

/// What could be booked instead: other rooms by name, and other times of the room itself, each with
/// whether it is of whole days; empty for neither (R51).
#[must_use]
pub fn alternatives(
    language: Language,
    rooms: &[&str],
    room: (&str, &Zone),
    times: &[(Period, bool)],
) -> String {
    let speak = language.speak();
    let mut sentences = Vec::new();
    if !rooms.is_empty() {
        sentences.push(speak.free_rooms(&enumeration(speak, rooms)));
    }
    if !times.is_empty() {
        let times: Vec<String> =
            times.iter().map(|(period, all_day)| when(language, period, *all_day, room.1)).collect();
        let times: Vec<&str> = times.iter().map(String::as_str).collect();
        sentences.push(speak.free_times(room.0, &enumeration(speak, &times)));
    }
    sentences.join(" ")
}

/// `one, two and three`.
fn enumeration(speak: &dyn Speak, all: &[&str]) -> String {
    match all {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{}{}{last}", first.join(", "), speak.and()),
    }
}

/// Text as it may stand in HTML, also in an attribute.
#[must_use]
pub fn in_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A text as one more paragraph; nothing for none.
fn paragraph(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("\n\n{text}") }
}

/// The short ASCII text of the status line: some clients show nothing else.
#[must_use]
pub const fn reason_phrase(reason: Reason) -> &'static str {
    match reason {
        Reason::Busy => "Room is already booked",
        Reason::Blocked => "Room is blocked",
        Reason::ClosedHours => "Outside opening hours",
        Reason::ClosedRoom => "Room takes no bookings",
        Reason::NotAllowed => "Not allowed",
        Reason::External => "Organizer is not known here",
        Reason::TooSoon => "Too short notice",
        Reason::TooFar => "Too far ahead",
        Reason::TooShort => "Too short",
        Reason::TooLong => "Too long",
        Reason::Past => "In the past",
        Reason::Grid => "Start is not on the grid",
        Reason::NoRecurrence => "No series in this room",
        Reason::Quota => "Too many bookings",
        Reason::Seats => "Too many people for the room",
        Reason::MultiRoom => "Another room was not free",
        Reason::SelfOverlap => "Series overlaps itself",
        Reason::Duplicate => "UID belongs to another booking",
        Reason::Invalid => "Cannot be booked",
        Reason::NotApproved => "Not approved",
        Reason::Released => "Released",
        Reason::NoShow => "Nobody checked in",
        Reason::Displaced => "Displaced",
        Reason::Orphaned => "Organizer has left",
        Reason::Cancelled => "Cancelled",
        Reason::LateCancel => "Too late to cancel",
    }
}

/// What the title of a declined copy begins with.
#[must_use]
pub fn declined_prefix(language: Language, reason: Reason) -> String {
    language.speak().declined_prefix(reason)
}

/// Everything that [`declined_prefix`] may say, in any language.
#[must_use]
pub fn declined_prefixes() -> Vec<String> {
    let all = [Language::English, Language::German].into_iter();
    all.flat_map(|language| Reason::ALL.iter().map(move |reason| declined_prefix(language, *reason)))
        .collect()
}

/// What the title of an event begins with whose change was not made.
#[must_use]
pub fn not_moved_prefix(language: Language, reason: Reason) -> String {
    language.speak().not_moved_prefix(reason)
}

/// The title of an event whose content is hidden (R101).
#[must_use]
pub fn busy(language: Language) -> &'static str {
    language.speak().busy()
}

/// `on 12 May 2027 from 10:00 to 11:00`, in the room's zone.
#[must_use]
pub fn when(language: Language, period: &Period, all_day: bool, zone: &Zone) -> String {
    language.speak().when(zone.to_local(period.start), zone.to_local(period.end), all_day)
}

/// The first of several dates, in the room's zone, and how many more there are: `on 12 May 2027 from 10:00
/// to 11:00 and 4 more dates`. Empty where there is none.
#[must_use]
pub fn dates(language: Language, dates: &[(Period, bool)], zone: &Zone) -> String {
    let Some((first, all_day)) = dates.iter().min_by_key(|(period, _)| period.start) else {
        return String::new();
    };
    let mut said = when(language, first, *all_day, zone);
    if dates.len() > 1 {
        said.push_str(&language.speak().more(dates.len() - 1));
    }
    said
}

/// A booking whose move came to nothing stands again (R74), as a sentence.
#[must_use]
pub fn is_back(language: Language) -> &'static str {
    match language {
        Language::English => "Your booking is where it was before.",
        Language::German => "Ihre Buchung ist wieder dort, wo sie vorher war.",
    }
}

/// A day in the room's zone: `12 May 2027`.
#[must_use]
pub fn date(language: Language, at: Instant, zone: &Zone) -> String {
    language.speak().date(zone.to_local(at))
}

/// `until 09:00 on 12 May 2027`, in the room's zone.
#[must_use]
pub fn until(language: Language, at: Instant, zone: &Zone) -> String {
    language.speak().until(zone.to_local(at))
}

/// The time of the day in the room's zone: `10:10`.
#[must_use]
pub fn clock(at: Instant, zone: &Zone) -> String {
    let local = zone.to_local(at);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// A message to a person, in that person's language.
#[must_use]
pub fn letter(language: Language, message: &Message<'_>) -> Letter {
    language.speak().letter(message)
}

/// Opening hours with these names of days, from Monday on: `Mon-Fri 08:00-18:00, Sat 09:00-12:00`.
fn week(hours: &Hours, days: &[&str; 7]) -> String {
    let name = |day: i8| usize::try_from(day).ok().and_then(|day| days.get(day)).copied().unwrap_or_default();
    let parts = hours.weekly().map(|(range, opens, closes)| {
        let (first, last) = (*range.start(), *range.end());
        let through = if first == last { String::new() } else { format!("-{}", name(last)) };
        let clock = |minutes: i32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        format!("{}{through} {}-{}", name(first), clock(opens), clock(closes))
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// A number of seconds in its largest whole unit: `(count, 0 minutes | 1 hours | 2 days)`.
fn largest_unit(secs: i64) -> (i64, usize) {
    match secs {
        _ if secs > 0 && secs % 86_400 == 0 => (secs / 86_400, 2),
        _ if secs > 0 && secs % 3600 == 0 => (secs / 3600, 1),
        _ => (secs / 60, 0),
    }
}

#[cfg(test)]
mod tests;
