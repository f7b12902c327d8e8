//! What settings may be: choices, audiences, quotas, and how each is written (booking rules, section 19).
//!
//! A value also says how strict it is, because of several groups of a room the strictest decides.

use std::fmt;

use crate::domain::visibility::ViewerLevel;

/// One of a few words, from the most lenient to the strictest.
pub trait Choice: Copy + PartialEq + 'static {
    /// Each with its spelling.
    const ALL: &'static [(&'static str, Self)];

    /// The value with this spelling.
    fn read(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice)
    }

    /// The spelling.
    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, choice)| *choice == self).map_or("", |(name, _)| name)
    }

    /// Its place in the list: more is stricter.
    fn strictness(&self) -> i64 {
        let at = Self::ALL.iter().position(|(_, choice)| choice == self);
        at.and_then(|at| i64::try_from(at).ok()).unwrap_or_default()
    }
}

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $spelling:literal,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub enum $name { $($(#[$vdoc])* $variant,)* }

            impl Choice for $name {
                const ALL: &'static [(&'static str, Self)] = &[$(($spelling, Self::$variant),)*];
            }
        )*
    };
}

choices! {
    /// Whether a room takes bookings.
    Mode {
        /// Decided at once.
        Auto = "auto",
        /// A manager decides about each (R70).
        Approve = "approve",
        /// No bookings.
        Off = "off",
    }
    /// What happens to a series that reaches beyond the window (R64).
    Horizon {
        /// Claim what lies inside, extend daily.
        Rolling = "rolling",
        /// Claim what lies inside, never extend.
        Truncate = "truncate",
        /// Refuse the series.
        Decline = "decline",
    }
    /// How opening hours are applied (R93).
    HoursRule {
        /// The event starts inside.
        Start = "start",
        /// The event lies inside.
        Whole = "whole",
    }
    /// What a direct write of a series does about dates that are taken (R54).
    DirectSeries {
        /// Store the series without those dates.
        Skip = "skip",
        /// All or nothing.
        Refuse = "refuse",
    }
    /// What becomes of a request by an organizer who has no account here.
    External {
        /// Judged like anybody's.
        Book = "book",
        /// Waits for a manager.
        Request = "request",
        /// Refused.
        Refuse = "refuse",
    }
    /// Whether what waits for approval keeps others out (R71, R72).
    Pending {
        /// It does not: several may wait for one time.
        Queue = "queue",
        /// It does, for a while.
        Hold = "hold",
    }
    /// What follows from more people than seats (R43).
    SeatsRule {
        /// Nothing.
        Ignore = "ignore",
        /// A remark.
        Warn = "warn",
        /// A refusal.
        Decline = "decline",
    }
    /// How the rooms of one event decide (R76).
    MultiRoom {
        /// Each alone.
        Independent = "independent",
        /// All or none, date by date.
        Atomic = "atomic",
    }
    /// What happens when a refused date frees up (R53).
    Waitlist {
        /// It is given to whoever waits.
        Take = "take",
        /// It is offered.
        On = "on",
        /// Nothing.
        Off = "off",
    }
    /// What becomes of events with STATUS:TENTATIVE (R75).
    TentativeEvents {
        /// They stay.
        Keep = "keep",
        /// They expire like holds unless they are confirmed.
        Hold = "hold",
    }
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

impl Audience {
    /// Reads `signed-in`, `none`, or principals separated by commas.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "signed-in" => Some(Self::SignedIn),
            "none" => Some(Self::None),
            _ => text.split(',').map(Principal::parse).collect::<Option<Vec<_>>>().map(Self::Named),
        }
    }

    /// Fewer people is stricter.
    #[must_use]
    pub fn strictness(&self) -> i64 {
        match self {
            Self::SignedIn => 0,
            Self::Named(principals) => 1_000_000 - i64::try_from(principals.len()).unwrap_or(0),
            Self::None => 1_000_000,
        }
    }
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

/// How much one person may have (R44): `5 bookings/week`, `20h/month`, `3 bookings/future`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many bookings, or seconds.
    pub most: i64,
    /// What is counted.
    pub counts: Counted,
    /// Over which time.
    pub per: PerPeriod,
}

/// What a quota counts: occurrences to come that are confirmed or held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Each one.
    Bookings,
    /// Their length in seconds.
    Seconds,
}

choices! {
    /// The calendar period of a quota, in the room's zone.
    PerPeriod {
        /// A day.
        Day = "day",
        /// A week from Monday.
        Week = "week",
        /// A calendar month.
        Month = "month",
        /// A calendar year.
        Year = "year",
        /// Everything to come.
        Future = "future",
    }
}

impl Quota {
    /// Reads one quota.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (amount, per) = text.trim().split_once('/')?;
        let per = PerPeriod::read(per.trim())?;
        let amount = amount.trim();
        let count = amount.strip_suffix("bookings").or_else(|| amount.strip_suffix("booking"));
        if let Some(count) = count {
            return Some(Self { most: number(count.trim(), 0, 1_000_000)?, counts: Counted::Bookings, per });
        }
        Some(Self { most: duration(amount)?, counts: Counted::Seconds, per })
    }

    /// Reads a list with commas; `none` is the empty one.
    #[must_use]
    pub fn read_all(text: &str) -> Option<Vec<Self>> {
        if text == "none" { Some(Vec::new()) } else { text.split(',').map(Self::parse).collect() }
    }
}

impl fmt::Display for Quota {
    /// The form that [`Quota::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per = self.per.name();
        match (self.counts, self.most) {
            (Counted::Bookings, 1) => write!(f, "1 booking/{per}"),
            (Counted::Bookings, most) => write!(f, "{most} bookings/{per}"),
            (Counted::Seconds, secs) if secs % 3600 == 0 => write!(f, "{}h/{per}", secs / 3600),
            (Counted::Seconds, secs) => write!(f, "{}m/{per}", secs / 60),
        }
    }
}

/// What is stored of a foreign event's text (R106).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// Its title.
    pub title: bool,
    /// Who organizes it.
    pub organizer: bool,
    /// How many take part.
    pub attendee_count: bool,
    /// What it is about.
    pub description: bool,
    /// What it carries along.
    pub attachments: bool,
}

impl Keep {
    /// Reads a list with commas; `none` is the empty one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut keep = Self::default();
        for word in text.split(',').map(str::trim).filter(|word| *word != "none") {
            let field = match word {
                "title" => &mut keep.title,
                "organizer" => &mut keep.organizer,
                "attendee count" | "attendee-count" => &mut keep.attendee_count,
                "description" => &mut keep.description,
                "attachments" => &mut keep.attachments,
                _ => return None,
            };
            *field = true;
        }
        Some(keep)
    }

    /// Less is stricter.
    #[must_use]
    pub fn strictness(&self) -> i64 {
        let Self { title, organizer, attendee_count, description, attachments } = *self;
        -[title, organizer, attendee_count, description, attachments].into_iter().map(i64::from).sum::<i64>()
    }
}

/// Seeing less is stricter.
pub(super) fn viewer_strictness(level: ViewerLevel) -> i64 {
    -(level as i64)
}

pub(super) fn switch(value: &str) -> Option<bool> {
    match value {
        "on" | "true" => Some(true),
        "off" | "false" => Some(false),
        _ => None,
    }
}

pub(super) fn number(value: &str, least: i64, most: i64) -> Option<i64> {
    value.parse().ok().filter(|number| (least..=most).contains(number))
}

pub(super) fn optional<T>(value: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if value == "none" { Some(None) } else { read(value).map(Some) }
}

pub(super) const DAY: i64 = 86_400;

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
