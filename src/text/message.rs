//! The messages that bookings send to people; they become outbox rows (R144).

/// A message before it is put into words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A write was refused (R120).
    Refused {
        /// What the person called the event.
        title: &'a str,
        /// The sentence that names room, dates and reasons.
        sentence: &'a str,
    },
    /// A room declined an invitation, or some dates of one (R121).
    Declined {
        /// What the person called the event.
        title: &'a str,
        /// The sentence that names room, dates and reasons.
        sentence: &'a str,
    },
    /// A room declined some dates of an invitation and accepted the rest (R51).
    PartlyDeclined {
        /// What the person called the event.
        title: &'a str,
        /// The sentence that names room, dates and reasons.
        sentence: &'a str,
    },
    /// A room was booked for more people than it has seats (R43).
    Crowded {
        /// The room's name.
        room: &'a str,
        /// What the person called the event.
        title: &'a str,
        /// How many are invited.
        people: usize,
        /// How many seats there are.
        seats: i64,
    },
    /// A time for which an event was declined has become free (R53).
    Offered {
        /// The room's name.
        room: &'a str,
        /// What the person called the event.
        title: &'a str,
        /// When it is, in words.
        when: &'a str,
        /// Until when the offer stands, in words.
        until: &'a str,
    },
    /// Such a time was booked for the person at once (R53).
    Taken {
        /// The room's name.
        room: &'a str,
        /// What the person called the event.
        title: &'a str,
        /// When it is, in words.
        when: &'a str,
    },
    /// Dates of a series went to its continuation, and it still contained them (R62).
    SplitEnded {
        /// The room's name.
        room: &'a str,
        /// What the person called the old series.
        title: &'a str,
        /// The first of the dates, in words.
        when: &'a str,
    },
    /// A rolling series could not be extended over a date (R65).
    NotExtended {
        /// What the person called the event.
        title: &'a str,
        /// The sentence that names room, dates and reasons.
        sentence: &'a str,
    },
    /// A rolling series is confirmed up to a date (R64).
    Rolling {
        /// The room's name.
        room: &'a str,
        /// What the person called the event.
        title: &'a str,
        /// The last day, in words.
        until: &'a str,
    },
    /// Somebody entitled cancelled the reservation of another (section 11).
    CancelledBy {
        /// The room's name.
        room: &'a str,
        /// What the person called the event.
        title: &'a str,
        /// When it was, in words.
        when: &'a str,
        /// Who did it.
        actor: &'a str,
    },
    /// Somebody entitled changed the reservation of another.
    ChangedBy {
        /// The room's name.
        room: &'a str,
        /// What the person called the event.
        title: &'a str,
        /// Who did it.
        actor: &'a str,
    },
    /// A scheduling message to somebody who has no account here (RFC 6047).
    Scheduling {
        /// `REQUEST`, `CANCEL` or `REPLY`.
        method: &'a str,
        /// What the organizer called the event.
        title: &'a str,
        /// The message itself, as iCalendar text.
        text: &'a str,
    },
}

impl Message<'_> {
    /// A stable name for listings.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::Declined { .. } => "declined",
            Self::PartlyDeclined { .. } => "declined-dates",
            Self::Crowded { .. } => "crowded",
            Self::Offered { .. } => "offered",
            Self::Taken { .. } => "taken",
            Self::SplitEnded { .. } => "split-ended",
            Self::NotExtended { .. } => "not-extended",
            Self::Rolling { .. } => "rolling",
            Self::CancelledBy { .. } => "cancelled",
            Self::ChangedBy { .. } => "changed",
            Self::Scheduling { .. } => "scheduling",
        }
    }
}

/// A message in words. Plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Paragraphs.
    pub body: String,
}
