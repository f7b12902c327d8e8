//! How the times of a member are written, and which instants they are.

/// The same moments, written in UTC, in two zones, floating, or as whole days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Utc,
    Berlin,
    NewYork,
    Floating,
    Days,
}

/// Once, or three times three days apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recurs {
    No,
    Yes,
}

/// 1 March 2027, 10:00 UTC.
const BEGIN: i64 = 1_803_895_200;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// Tokyo's midnight of 1 March 2027.
const MIDNIGHT: i64 = BEGIN - 19 * HOUR;

/// What the rows speak of, in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments {
    /// DTSTART.
    pub(super) begin: i64,
    /// DTEND, DUE, and DTSTART with DURATION.
    pub(super) end: i64,
    /// DTSTART with one day.
    pub(super) day_later: i64,
    pub(super) created: i64,
    pub(super) completed: i64,
}

impl Moments {
    pub(super) fn shifted(self, by: i64) -> Self {
        let Self { begin, end, day_later, created, completed } = self;
        Self {
            begin: begin + by,
            end: end + by,
            day_later: day_later + by,
            created: created + by,
            completed: completed + by,
        }
    }
}

impl Form {
    pub(super) const ALL: [Self; 5] = [Self::Utc, Self::Berlin, Self::NewYork, Self::Floating, Self::Days];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utc => "utc",
            Self::Berlin => "berlin",
            Self::NewYork => "new-york",
            Self::Floating => "floating",
            Self::Days => "days",
        }
    }

    /// Ten to twelve in UTC; the days are the first and the second of March in Tokyo.
    pub(super) fn moments(self) -> Moments {
        let (begin, end) =
            if self == Self::Days { (MIDNIGHT, MIDNIGHT + 2 * DAY) } else { (BEGIN, BEGIN + 2 * HOUR) };
        Moments { begin, end, day_later: begin + DAY, created: BEGIN - 5 * HOUR, completed: BEGIN + 7 * HOUR }
    }

    /// A property at the beginning.
    pub(super) fn begins(self, name: &str) -> String {
        self.time(name, "20270301", [10, 11, 5, 19])
    }

    /// A property at the end.
    pub(super) fn ends(self, name: &str) -> String {
        self.time(name, "20270303", [12, 13, 7, 21])
    }

    /// DURATION from one to the other.
    pub(super) fn duration(self) -> &'static str {
        if self == Self::Days { "DURATION:P2D" } else { "DURATION:PT2H" }
    }

    fn time(self, name: &str, day: &str, [utc, berlin, new_york, tokyo]: [u32; 4]) -> String {
        match self {
            Self::Utc => format!("{name}:20270301T{utc:02}0000Z"),
            Self::Berlin => format!("{name};TZID=Europe/Berlin:20270301T{berlin:02}0000"),
            Self::NewYork => format!("{name};TZID=America/New_York:20270301T{new_york:02}0000"),
            Self::Floating => format!("{name}:20270301T{tokyo:02}0000"),
            Self::Days => format!("{name};VALUE=DATE:{day}"),
        }
    }
}

impl Recurs {
    pub(super) const ALL: [Self; 2] = [Self::No, Self::Yes];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::No => "once",
            Self::Yes => "thrice",
        }
    }

    pub(super) fn rule(self) -> Option<&'static str> {
        (self == Self::Yes).then_some("RRULE:FREQ=DAILY;INTERVAL=3;COUNT=3")
    }

    /// How much later each instance is.
    pub(super) fn shifts(self) -> &'static [i64] {
        match self {
            Self::No => &[0],
            Self::Yes => &[0, 3 * DAY, 6 * DAY],
        }
    }
}
