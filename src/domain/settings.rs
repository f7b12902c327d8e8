//! A room's settings: one list of what there is, with defaults and spelling (booking rules, section 19).
//!
//! Everything else that needs a setting's key, its default or its possible values reads [`SETTINGS`].
//! What a value may be is in `values`, which level decides in `levels`.

mod levels;
mod values;

use super::hours::Hours;
use super::visibility::ViewerLevel;

pub use levels::{Level, Resolved, resolve};
pub use values::{
    Audience, Choice, Counted, DirectSeries, External, Horizon, HoursRule, Keep, Mode, MultiRoom, Pending,
    PerPeriod, Principal, Quota, SeatsRule, TentativeEvents, Waitlist, duration,
};
use values::{DAY, number, optional, switch, viewer_strictness};

/// One setting: how it is spelled, what it may be, and where it goes.
pub struct Setting {
    /// Its key on the command line, in `[booking]` and in the database.
    pub key: &'static str,
    /// What it does, for the documents; no sentence, no full stop.
    pub about: &'static str,
    /// Its value where nobody set one.
    pub default: &'static str,
    /// What is possible, for the refusal of anything else and for the documents.
    pub values: &'static str,
    apply: fn(&mut Settings, &str) -> Option<()>,
    strictness: fn(&Settings) -> i64,
}

const DURATION: &str = "a number with unit m, h or d";
const SWITCH: &str = "on, off";

/// Declares each setting once: its field and type, default, possible values, how it is read, how strict
/// a value is (more is stricter), and what it does. Durations are in seconds.
macro_rules! settings {
    ($($field:ident: $type:ty = $default:literal, $values:expr, $read:expr, $strict:expr, $about:literal;)*) => {
        /// Every setting of one room, resolved. Durations are in seconds; `None` is `none`.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Settings {
            $(#[doc = $about] pub $field: $type,)*
        }

        /// Every setting there is.
        pub const SETTINGS: &[Setting] = &[
            $(Setting {
                key: stringify!($field),
                about: $about,
                default: $default,
                values: $values,
                apply: |settings, value| {
                    let read: fn(&str) -> Option<$type> = $read;
                    settings.$field = read(value)?;
                    Some(())
                },
                strictness: |settings| {
                    let strictness: fn(&$type) -> i64 = $strict;
                    strictness(&settings.$field)
                },
            },)*
        ];

        impl Default for Settings {
            fn default() -> Self {
                Self {
                    $($field: {
                        let read: fn(&str) -> Option<$type> = $read;
                        read($default).expect("a default is a possible value: tested")
                    },)*
                }
            }
        }
    };
}

settings! {
    mode: Mode = "auto", "auto, approve, off",
        Mode::read, Choice::strictness,
        "Whether the room takes bookings, at once or with a manager's approval (R70)";
    book: Audience = "signed-in", "signed-in, none, or logins and group:NAME separated by commas",
        Audience::read, Audience::strictness,
        "Who may book, beside those granted `book` (R40)";
    request: Audience = "none", "signed-in, none, or logins and group:NAME separated by commas",
        Audience::read, Audience::strictness,
        "Who may ask a manager for the room, beside those granted `request` (R40)";
    request_out: Audience = "none", "signed-in, none, or logins and group:NAME separated by commas",
        Audience::read, Audience::strictness,
        "Who may ask a manager for more than the rules give, beside those granted `request_out` (R40)";
    external: External = "refuse", "refuse, request, book",
        External::read, Choice::strictness,
        "What becomes of invitations by people without an account";
    recurrence: bool = "on", SWITCH,
        switch, |on| i64::from(!*on),
        "Whether series are taken";
    max_conflicts: i64 = "8", "a number, 0 to 1000",
        |v| number(v, 0, 1000), |n| -*n,
        "How many dates of a new invited series may be taken while the rest is accepted (R50)";
    max_conflict_percent: i64 = "50", "a number, 0 to 100",
        |v| number(v, 0, 100), |n| -*n,
        "Which share of its dates may be (R50)";
    window_days: i64 = "395", "a number of days, 1 to 3650",
        |v| number(v, 1, 3650), |n| -*n,
        "How many days from today may be booked (R63)";
    horizon: Horizon = "rolling", "rolling, truncate, decline",
        Horizon::read, Choice::strictness,
        "A series that goes on beyond the window: claimed as days come near, cut there, or refused (R64)";
    max_instances: i64 = "1000", "a number, 1 to 1000",
        |v| number(v, 1, 1000), |n| -*n,
        "Most occurrences of one booking inside the window (R19)";
    min_duration: i64 = "5m", DURATION,
        duration, |secs| *secs,
        "Shortest event";
    max_duration: i64 = "31d", "a number with unit m, h or d, up to 31d",
        |v| duration(v).filter(|secs| *secs <= 31 * DAY), |secs| -*secs,
        "Longest event; whole days count as days (R12)";
    lead_min: i64 = "0m", DURATION,
        duration, |secs| *secs,
        "How long before its start an event must be booked";
    hours: Option<Hours> = "none", "none, or days and times like Mon-Fri 08:00-18:00;Sat 09:00-12:00",
        |v| optional(v, |v| Hours::parse(v).ok()), |hours| hours_strictness(hours.as_ref()),
        "Opening hours in the room's zone (R93)";
    hours_rule: HoursRule = "whole", "whole, start",
        HoursRule::read, Choice::strictness,
        "Whether the whole event or only its start must lie in the opening hours";
    grid: Option<i64> = "none", "none, or a number with unit m, h or d",
        |v| optional(v, |v| duration(v).filter(|secs| *secs > 0)), |grid| grid.unwrap_or(0),
        "Starts must be whole multiples of this, counted from midnight";
    quotas: Vec<Quota> = "none", "none, or a list like 5 bookings/week,20h/month (per day, week, month, year or future)",
        Quota::read_all, |_| 0,
        "How much one person may have to come; those of every level hold (R44)";
    direct_series: DirectSeries = "refuse", "refuse, skip",
        DirectSeries::read, Choice::strictness,
        "A series of which some dates are taken: refuse it, or book the other dates (R54)";
    location_booking: bool = "off", SWITCH,
        switch, |on| i64::from(!*on),
        "Whether the room's name in LOCATION alone asks for it (R27)";
    refuse_on_decline: bool = "off", SWITCH,
        switch, |on| i64::from(*on),
        "Whether an invitation that the room declines is refused as a whole (R123)";
    pending: Pending = "hold", "hold, queue",
        Pending::read, Choice::strictness,
        "Whether what waits for approval keeps others out (R71, R72)";
    hold_ttl: i64 = "72h", DURATION,
        duration, |secs| -*secs,
        "How long a request waits for approval (R71)";
    decide_before: i64 = "1h", DURATION,
        duration, |secs| *secs,
        "How long before its start a request must be decided (R71)";
    reschedule_grace: i64 = "10m", DURATION,
        duration, |secs| -*secs,
        "How long the old slot is kept after a refused move by invitation (R58)";
    split_notice: i64 = "10m", DURATION,
        duration, |secs| -*secs,
        "How long the two halves of a split series may stand beside each other (R62)";
    setup: i64 = "0m", "a number with unit m, h or d, up to 1d",
        |v| duration(v).filter(|secs| *secs <= DAY), |secs| *secs,
        "How long before each event the room is needed (R81)";
    teardown: i64 = "0m", "a number with unit m, h or d, up to 1d",
        |v| duration(v).filter(|secs| *secs <= DAY), |secs| *secs,
        "How long after each event the room is needed (R81)";
    buffers_in_hours: bool = "off", SWITCH,
        switch, |on| i64::from(*on),
        "Whether setup and teardown must lie in the opening hours too (R83)";
    units: i64 = "1", "a number, 1 to 10000",
        |v| number(v, 1, 10_000), |n| -*n,
        "How many events may have the room side by side (R80)";
    seats_rule: SeatsRule = "warn", "ignore, warn, decline",
        SeatsRule::read, Choice::strictness,
        "What follows from more people than seats (R43)";
    multi_room: MultiRoom = "independent", "independent, atomic",
        MultiRoom::read, Choice::strictness,
        "Whether the rooms of one event decide each alone or together (R76)";
    waitlist: Waitlist = "on", "off, on, take",
        Waitlist::read, Choice::strictness,
        "Whether a refused date is offered, or given, when it frees up (R53)";
    cancel_deadline: Option<i64> = "none", "none, or a number with unit m, h or d",
        |v| optional(v, duration), |secs| secs.unwrap_or(-1),
        "How long before its start an event can be cancelled in time (R88)";
    lock_after_deadline: bool = "off", SWITCH,
        switch, |on| i64::from(*on),
        "Whether a later cancellation in a room's calendar is refused (R88)";
    checkin: bool = "off", SWITCH,
        switch, |on| i64::from(*on),
        "Whether somebody must check in (R95)";
    checkin_before: i64 = "15m", DURATION,
        duration, |secs| -*secs,
        "How long before its start one may check in (R95)";
    checkin_after: i64 = "10m", DURATION,
        duration, |secs| -*secs,
        "How long after its start one must have checked in (R95)";
    strikes: i64 = "3", "a number, 0 to 100; 0 is never",
        |v| number(v, 0, 100), |n| if *n == 0 { -1_000 } else { -*n },
        "How many dates missed in a row put the rest of a series in question (R97)";
    release_max: i64 = "4h", DURATION,
        duration, |secs| *secs,
        "Events that are longer are never released (R96)";
    declined_release: bool = "off", SWITCH,
        switch, |on| i64::from(*on),
        "Whether a room is offered back when all guests have declined (R98)";
    orphan_release: Option<i64> = "none", "none, or a number with unit m, h or d",
        |v| optional(v, |v| duration(v).filter(|secs| *secs > 0)), |secs| secs.map_or(i64::MIN, |secs| -secs),
        "After which time bookings of people who left are released (R90)";
    viewer: ViewerLevel = "busy-with-name", "none, free-busy, busy-with-name, details, manage",
        ViewerLevel::from_name, |level| viewer_strictness(*level),
        "What everyone may see who is not granted more (R100)";
    managers_see_private: bool = "off", SWITCH,
        switch, |on| i64::from(!*on),
        "Whether managers see the text of private events (R102)";
    tentative_events: TentativeEvents = "keep", "keep, hold",
        TentativeEvents::read, Choice::strictness,
        "Whether events marked as tentative expire like holds (R75)";
    reply_note: String = "none", "none, or a text",
        |v| Some(if v == "none" { String::new() } else { v.to_owned() }), |_| 0,
        "A remark that stands in each answer of the room";
    keep: Keep = "title,organizer,attendee count", "none, or of title, organizer, attendee count, description, attachments",
        Keep::read, Keep::strictness,
        "What is stored of events that come by mail or a bridge (R106)";
}

/// Fewer hours of a week are stricter.
fn hours_strictness(hours: Option<&Hours>) -> i64 {
    let minutes = |hours: &Hours| -> i64 {
        hours
            .weekly()
            .map(|(days, from, to)| i64::from(to - from) * i64::try_from(days.count()).unwrap_or(0))
            .sum()
    };
    hours.map_or(i64::MIN, |hours| -minutes(hours))
}

/// A setting that was refused: a sentence that names the key and lists what is possible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSetting(pub String);

impl Settings {
    /// Applies one level: `(key, value)` pairs over what is there.
    ///
    /// # Errors
    /// [`BadSetting`] for the first unknown key or impossible value; what came before it is applied.
    pub fn apply<'a>(
        &mut self,
        level: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), BadSetting> {
        level.into_iter().try_for_each(|(key, value)| self.set(key, value))
    }

    /// Sets one value in the spelling of the command line.
    ///
    /// # Errors
    /// [`BadSetting`], with the list of what is possible; nothing is changed then.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), BadSetting> {
        let setting = Setting::named(key)?;
        (setting.apply)(self, value.trim())
            .ok_or_else(|| BadSetting(format!("{key} cannot be {value:?}; possible: {}", setting.values)))
    }
}

impl Setting {
    /// The setting with this key.
    ///
    /// # Errors
    /// [`BadSetting`], with every key there is.
    pub fn named(key: &str) -> Result<&'static Self, BadSetting> {
        SETTINGS.iter().find(|setting| setting.key == key).ok_or_else(|| {
            let keys: Vec<_> = SETTINGS.iter().map(|setting| setting.key).collect();
            BadSetting(format!("there is no setting {key:?}; there are {}", keys.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests;
