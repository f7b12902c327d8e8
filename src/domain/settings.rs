//! A room's settings: one list of what there is, with defaults and spelling (booking rules, section 19).
//!
//! Everything else that needs a setting's key, its default or its possible values reads [`SETTINGS`].
//! The nearest level that sets a value decides: the room, then the organisation.

use super::hours::Hours;
use super::visibility::ViewerLevel;

/// Every setting of one room, resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether the room takes bookings.
    pub mode: Mode,
    /// Who may book (R40), beside those granted `book`.
    pub book: Audience,
    /// Whether series are taken.
    pub recurrence: bool,
    /// How many days from today may be booked (R63).
    pub window_days: i64,
    /// What happens to a series that goes on beyond the window (R64).
    pub horizon: Horizon,
    /// Most occurrences of one booking inside the horizon (R19).
    pub max_instances: i64,
    /// Shortest event, in seconds.
    pub min_duration: i64,
    /// Longest event, in seconds; whole days count as days (R12).
    pub max_duration: i64,
    /// Earliest notice, in seconds.
    pub lead_min: i64,
    /// Opening hours (R93); `None` is always open.
    pub hours: Option<Hours>,
    /// Whether the whole event or only its start must lie in the hours.
    pub hours_rule: HoursRule,
    /// Starts must be whole multiples of this many seconds of the local day.
    pub grid: Option<i64>,
    /// What a direct write of a series does about dates that are taken (R54).
    pub direct_series: DirectSeries,
    /// Seconds before each event that the room is needed (R81).
    pub setup: i64,
    /// Seconds after each event that the room is needed (R81).
    pub teardown: i64,
    /// Whether buffers must lie in the opening hours too (R83).
    pub buffers_in_hours: bool,
    /// How many events may have the room at one instant (R80).
    pub units: i64,
    /// What everyone may see who is not granted more (R100).
    pub viewer: ViewerLevel,
    /// Whether managers see the text of private events (R102).
    pub managers_see_private: bool,
    /// How long an old slot is kept after a refused move by invitation, in seconds (R58).
    pub reschedule_grace: i64,
    /// How long before its start an event can be cancelled in time, in seconds (R88).
    pub cancel_deadline: Option<i64>,
    /// Whether a late cancellation by the direct channel is refused (R88).
    pub lock_after_deadline: bool,
}

/// Whether a room takes bookings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Decided at once.
    Auto,
    /// No bookings.
    Off,
}

/// What happens to a series that reaches beyond the window (R64).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Horizon {
    /// Claim what lies inside, extend daily.
    Rolling,
    /// Claim what lies inside, never extend.
    Truncate,
    /// Refuse the series.
    Decline,
}

/// How opening hours are applied (R93).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoursRule {
    /// The event lies inside.
    Whole,
    /// The event starts inside.
    Start,
}

/// What a direct write of a series does about dates that are taken (R54).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectSeries {
    /// All or nothing.
    Refuse,
    /// Store the series without those dates.
    Skip,
}

/// A set of people named by a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everyone with an account.
    SignedIn,
    /// Nobody but those granted it.
    None,
    /// These.
    Named(Vec<Principal>),
}

/// A person or a group as the command line writes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// A login.
    User(String),
    /// `group:NAME`.
    Group(String),
}

impl Principal {
    /// Reads a login or `group:NAME`; `None` if there is no name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let principal = match text.trim().strip_prefix("group:") {
            Some(name) => Self::Group(name.to_owned()),
            None => Self::User(text.trim().to_owned()),
        };
        let (Self::User(name) | Self::Group(name)) = &principal;
        (!name.is_empty() && !name.contains(char::is_whitespace)).then_some(principal)
    }
}

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
}

const DURATION: &str = "a number with unit m, h or d";
const SWITCH: &str = "on, off";

/// Every setting there is.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "mode",
        about: "Whether the room takes bookings",
        default: "auto",
        values: "auto, off",
        apply: |s, v| {
            s.mode = choice(v, &[("auto", Mode::Auto), ("off", Mode::Off)])?;
            Some(())
        },
    },
    Setting {
        key: "book",
        about: "Who may book, beside those granted `book` (R40)",
        default: "signed-in",
        values: "signed-in, none, or logins and group:NAME separated by commas",
        apply: |s, v| {
            s.book = audience(v)?;
            Some(())
        },
    },
    Setting {
        key: "recurrence",
        about: "Whether series are taken",
        default: "on",
        values: SWITCH,
        apply: |s, v| {
            s.recurrence = switch(v)?;
            Some(())
        },
    },
    Setting {
        key: "window_days",
        about: "How many days from today may be booked (R63)",
        default: "395",
        values: "a number of days, 1 to 3650",
        apply: |s, v| {
            s.window_days = number(v, 1, 3650)?;
            Some(())
        },
    },
    Setting {
        key: "horizon",
        about: "A series that goes on beyond the window: claimed as days come near, cut there, or refused (R64)",
        default: "rolling",
        values: "rolling, truncate, decline",
        apply: |s, v| {
            s.horizon = choice(
                v,
                &[
                    ("rolling", Horizon::Rolling),
                    ("truncate", Horizon::Truncate),
                    ("decline", Horizon::Decline),
                ],
            )?;
            Some(())
        },
    },
    Setting {
        key: "max_instances",
        about: "Most occurrences of one booking inside the window (R19)",
        default: "1000",
        values: "a number, 1 to 1000",
        apply: |s, v| {
            s.max_instances = number(v, 1, 1000)?;
            Some(())
        },
    },
    Setting {
        key: "min_duration",
        about: "Shortest event",
        default: "5m",
        values: DURATION,
        apply: |s, v| {
            s.min_duration = duration(v)?;
            Some(())
        },
    },
    Setting {
        key: "max_duration",
        about: "Longest event; whole days count as days (R12)",
        default: "31d",
        values: "a number with unit m, h or d, up to 31d",
        apply: |s, v| {
            s.max_duration = duration(v).filter(|secs| *secs <= 31 * DAY)?;
            Some(())
        },
    },
    Setting {
        key: "lead_min",
        about: "How long before its start an event must be booked",
        default: "0m",
        values: DURATION,
        apply: |s, v| {
            s.lead_min = duration(v)?;
            Some(())
        },
    },
    Setting {
        key: "hours",
        about: "Opening hours in the room's zone (R93)",
        default: "none",
        values: "none, or days and times like Mon-Fri 08:00-18:00;Sat 09:00-12:00",
        apply: |s, v| {
            s.hours = optional(v, |v| Hours::parse(v).ok())?;
            Some(())
        },
    },
    Setting {
        key: "hours_rule",
        about: "Whether the whole event or only its start must lie in the opening hours",
        default: "whole",
        values: "whole, start",
        apply: |s, v| {
            s.hours_rule = choice(v, &[("whole", HoursRule::Whole), ("start", HoursRule::Start)])?;
            Some(())
        },
    },
    Setting {
        key: "grid",
        about: "Starts must be whole multiples of this, counted from midnight",
        default: "none",
        values: "none, or a number with unit m, h or d",
        apply: |s, v| {
            s.grid = optional(v, |v| duration(v).filter(|secs| *secs > 0))?;
            Some(())
        },
    },
    Setting {
        key: "direct_series",
        about: "A series of which some dates are taken: refuse it, or book the other dates (R54)",
        default: "refuse",
        values: "refuse, skip",
        apply: |s, v| {
            s.direct_series = choice(v, &[("refuse", DirectSeries::Refuse), ("skip", DirectSeries::Skip)])?;
            Some(())
        },
    },
    Setting {
        key: "setup",
        about: "How long before each event the room is needed (R81)",
        default: "0m",
        values: "a number with unit m, h or d, up to 1d",
        apply: |s, v| {
            s.setup = duration(v).filter(|secs| *secs <= DAY)?;
            Some(())
        },
    },
    Setting {
        key: "teardown",
        about: "How long after each event the room is needed (R81)",
        default: "0m",
        values: "a number with unit m, h or d, up to 1d",
        apply: |s, v| {
            s.teardown = duration(v).filter(|secs| *secs <= DAY)?;
            Some(())
        },
    },
    Setting {
        key: "buffers_in_hours",
        about: "Whether setup and teardown must lie in the opening hours too (R83)",
        default: "off",
        values: SWITCH,
        apply: |s, v| {
            s.buffers_in_hours = switch(v)?;
            Some(())
        },
    },
    Setting {
        key: "units",
        about: "How many events may have the room side by side (R80)",
        default: "1",
        values: "a number, 1 to 10000",
        apply: |s, v| {
            s.units = number(v, 1, 10_000)?;
            Some(())
        },
    },
    Setting {
        key: "viewer",
        about: "What everyone may see who is not granted more (R100)",
        default: "busy-with-name",
        values: "none, free-busy, busy-with-name, details, manage",
        apply: |s, v| {
            s.viewer = ViewerLevel::from_name(v)?;
            Some(())
        },
    },
    Setting {
        key: "managers_see_private",
        about: "Whether managers see the text of private events (R102)",
        default: "off",
        values: SWITCH,
        apply: |s, v| {
            s.managers_see_private = switch(v)?;
            Some(())
        },
    },
    Setting {
        key: "reschedule_grace",
        about: "How long the old slot is kept after a refused move by invitation (R58)",
        default: "10m",
        values: DURATION,
        apply: |s, v| {
            s.reschedule_grace = duration(v)?;
            Some(())
        },
    },
    Setting {
        key: "cancel_deadline",
        about: "How long before its start an event can be cancelled in time (R88)",
        default: "none",
        values: "none, or a number with unit m, h or d",
        apply: |s, v| {
            s.cancel_deadline = optional(v, duration)?;
            Some(())
        },
    },
    Setting {
        key: "lock_after_deadline",
        about: "Whether a later cancellation in a room's calendar is refused (R88)",
        default: "off",
        values: SWITCH,
        apply: |s, v| {
            s.lock_after_deadline = switch(v)?;
            Some(())
        },
    },
];

/// A setting that was refused: a sentence that names the key and lists what is possible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSetting(pub String);

const DAY: i64 = 86_400;

impl Default for Settings {
    fn default() -> Self {
        let mut settings = Self {
            mode: Mode::Auto,
            book: Audience::SignedIn,
            recurrence: true,
            window_days: 0,
            horizon: Horizon::Rolling,
            max_instances: 0,
            min_duration: 0,
            max_duration: 0,
            lead_min: 0,
            hours: None,
            hours_rule: HoursRule::Whole,
            grid: None,
            direct_series: DirectSeries::Refuse,
            setup: 0,
            teardown: 0,
            buffers_in_hours: false,
            units: 1,
            viewer: ViewerLevel::None,
            managers_see_private: false,
            reschedule_grace: 0,
            cancel_deadline: None,
            lock_after_deadline: false,
        };
        for setting in SETTINGS {
            (setting.apply)(&mut settings, setting.default).expect("a default is a possible value: tested");
        }
        settings
    }
}

impl Settings {
    /// Applies one level: `(key, value)` pairs over what is there. Call it for the organisation
    /// first, then for the room.
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
        let setting = SETTINGS.iter().find(|setting| setting.key == key).ok_or_else(|| {
            let keys: Vec<_> = SETTINGS.iter().map(|setting| setting.key).collect();
            BadSetting(format!("there is no setting {key:?}; there are {}", keys.join(", ")))
        })?;
        (setting.apply)(self, value.trim())
            .ok_or_else(|| BadSetting(format!("{key} cannot be {value:?}; possible: {}", setting.values)))
    }
}

fn choice<T: Copy>(value: &str, of: &[(&str, T)]) -> Option<T> {
    of.iter().find(|(name, _)| *name == value).map(|(_, choice)| *choice)
}

fn switch(value: &str) -> Option<bool> {
    choice(value, &[("on", true), ("off", false), ("true", true), ("false", false)])
}

fn number(value: &str, least: i64, most: i64) -> Option<i64> {
    value.parse().ok().filter(|number| (least..=most).contains(number))
}

fn optional<T>(value: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if value == "none" { Some(None) } else { read(value).map(Some) }
}

/// Reads `15m`, `8h` or `31d` as seconds; `0` needs no unit. Up to ten years.
#[must_use]
pub fn duration(value: &str) -> Option<i64> {
    if value == "0" {
        return Some(0);
    }
    let unit = match value.chars().last()? {
        'm' => 60,
        'h' => 3600,
        'd' => DAY,
        _ => return None,
    };
    let count = value[..value.len() - 1].parse::<u32>().ok()?;
    let secs = i64::from(count).checked_mul(unit)?;
    (secs <= 3650 * DAY).then_some(secs)
}

fn audience(value: &str) -> Option<Audience> {
    match value {
        "signed-in" => Some(Audience::SignedIn),
        "none" => Some(Audience::None),
        _ => value.split(',').map(Principal::parse).collect::<Option<Vec<_>>>().map(Audience::Named),
    }
}

#[cfg(test)]
mod tests;
