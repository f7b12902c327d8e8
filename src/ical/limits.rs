//! How much iCalendar text may ask of us: L-30 to L-37, L-45 and L-47.
//!
//! Checked by `scan` and `parse` before anything else looks at the text.

use crate::domain::time::Instant;

/// Upper bounds; each value itself is still allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one object (L-30).
    pub max_bytes: usize,
    /// Logical lines of one object (L-31).
    pub max_lines: usize,
    /// Properties directly in one component (L-31).
    pub max_properties: usize,
    /// Parameters of one property (L-31).
    pub max_parameters: usize,
    /// Bytes of one unfolded line (L-32).
    pub max_line_bytes: usize,
    /// Bytes of one property, parameter or component name (L-32).
    pub max_name_bytes: usize,
    /// Nesting, the VCALENDAR counted as one (L-33).
    pub max_depth: usize,
    /// Components of one object (L-33).
    pub max_components: usize,
    /// ATTENDEE properties of one component, and distinct addresses of one object (L-34).
    pub max_attendees: usize,
    /// VALARM components of one component (L-35).
    pub max_alarms: usize,
    /// ATTACH properties of one component (L-35).
    pub max_attachments: usize,
    /// Bytes of one inline ATTACH value; 0 allows URIs only (L-35).
    pub max_inline_attachment_bytes: usize,
    /// VTIMEZONE components of one object (L-36).
    pub max_timezones: usize,
    /// STANDARD and DAYLIGHT components of one VTIMEZONE (L-36).
    pub max_observances: usize,
    /// Bytes of a UID (L-37).
    pub max_uid_bytes: usize,
    /// EXDATE and RDATE values of one component (L-45).
    pub max_dates: usize,
    /// The first instant that a date may name (L-47).
    pub min_date: Instant,
    /// The first instant that no date may name (L-47).
    pub max_date: Instant,
}

impl Limits {
    /// What a stored text may be: the server adds answers, dates that were not given, and the time zones
    /// that a text only names, of which there may be as many as VTIMEZONEs that it has.
    #[must_use]
    pub fn of_stored(&self) -> Self {
        Self {
            max_bytes: self.max_bytes * 2,
            max_lines: self.max_lines + 10_000,
            max_components: self.max_components + 1_000,
            max_timezones: self.max_timezones * 2,
            max_properties: self.max_properties.max(1_000),
            max_observances: self.max_observances.max(200),
            max_dates: self.max_dates.max(1_000),
            ..self.clone()
        }
    }

    /// No bound but the machine's: for text of our own making, bounded when it was made.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            max_bytes: usize::MAX,
            max_lines: usize::MAX,
            max_properties: usize::MAX,
            max_parameters: usize::MAX,
            max_line_bytes: usize::MAX,
            max_name_bytes: usize::MAX,
            max_depth: usize::MAX,
            max_components: usize::MAX,
            max_attendees: usize::MAX,
            max_alarms: usize::MAX,
            max_attachments: usize::MAX,
            max_inline_attachment_bytes: usize::MAX,
            max_timezones: usize::MAX,
            max_observances: usize::MAX,
            max_uid_bytes: usize::MAX,
            max_dates: usize::MAX,
            min_date: Instant::from_secs(i64::MIN),
            max_date: Instant::from_secs(i64::MAX),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 1 << 20,
            max_lines: 20_000,
            max_properties: 1_000,
            max_parameters: 64,
            max_line_bytes: 64 << 10,
            max_name_bytes: 64,
            max_depth: 4,
            max_components: 1_200,
            max_attendees: 100,
            max_alarms: 10,
            max_attachments: 10,
            max_inline_attachment_bytes: 0,
            max_timezones: 10,
            max_observances: 200,
            max_uid_bytes: 1_024,
            max_dates: 1_000,
            min_date: Instant::from_secs(0),
            max_date: Instant::END_OF_TIME,
        }
    }
}
