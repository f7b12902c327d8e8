//! The messages that bookings send to people; they become outbox rows (R144).

use crate::domain::attendee::PartStat;

/// A message before it is put into words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A write was refused (R120).
    Refused {
        /// What the person called the event.
        title: &'a str,
        /// The sentence that names room, dates and reasons.
        sentence: &'a str,
        /// What could be booked instead, in sentences; empty where nothing is proposed.
        alternatives: &'a str,
    },
    /// A room declined an invitation, or some dates of one (R121).
    Declined {
        /// What the person called the event.
        title: &'a str,
        /// The sentence that names room, dates and reasons.
        sentence: &'a str,
        /// What could be booked instead, in sentences; empty where nothing is proposed.
        alternatives: &'a str,
    },
    /// A room declined some dates of an invitation and accepted the rest (R51).
    PartlyDeclined {
        /// What the person called the event.
        title: &'a str,
        /// The sentence that names room, dates and reasons.
        sentence: &'a str,
        /// Free rooms and times, as a paragraph; empty where there are none.
        alternatives: &'a str,
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
    /// A room was taken back from reservations (R92, R131).
    Displaced {
        /// What the person called the first of them.
        title: &'a str,
        /// From whom, where it is told to those who manage the room; `None`: from whoever reads it.
        from: Option<&'a str>,
        /// The reason.
        why: Why<'a>,
        /// What was lost and what could be booked instead, a paragraph for each reservation.
        list: &'a str,
    },
    /// Reservations whose owner is gone, to whoever manages their rooms (R90).
    Orphaned {
        /// Who is gone.
        person: &'a str,
        /// The reservations, a line each.
        list: &'a str,
    },
    /// A reservation became somebody else's, to both (R90).
    Transferred {
        /// The room's name.
        room: &'a str,
        /// What the event is called.
        title: &'a str,
        /// Whose it was.
        from: &'a str,
        /// Whose it is.
        to: &'a str,
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
    /// Something about a request that waits, or waited, for a manager (R70 to R75).
    Approval(Approval<'a>),
    /// Whether somebody comes to a booking (section 13).
    Attendance(Attendance<'a>),
    /// A scheduling message to somebody who has no account here (RFC 6047).
    Scheduling {
        /// `REQUEST`, `CANCEL` or `REPLY`.
        method: &'a str,
        /// What the organizer called the event.
        title: &'a str,
        /// Who sends it.
        actor: &'a str,
        /// When the event is, in words; `None` if it has no time.
        when: Option<&'a str>,
    },
    /// What a room answers to a message (RFC 5546): a REPLY.
    RoomReply {
        /// What it said, for the whole if that was asked.
        answer: PartStat,
        /// The room's name.
        room: &'a str,
        /// What the organizer called the event.
        title: &'a str,
        /// When it is, in words; `None` if it has no time.
        when: Option<&'a str>,
        /// Why, in sentences; may be empty.
        comment: &'a str,
    },
    /// For managers: somebody writes to a room in the name of others, and not for the first time (R86).
    Unverified {
        /// The room's name.
        room: &'a str,
        /// `REQUEST`, `CANCEL` or another.
        method: &'a str,
        /// Who is verified to have sent it, if anybody is.
        sender: &'a str,
        /// What the message calls the event.
        title: &'a str,
    },
}

/// Why a room was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why<'a> {
    /// As whoever did it wrote it.
    Words(&'a str),
    /// The room's clock stands in another zone.
    Zone,
    /// The rules of time zones have changed.
    ZoneData,
    /// Fewer bookings fit side by side.
    Units,
    /// Its owner is gone, and nobody took it over in time (R90).
    Left,
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
            Self::Displaced { .. } => "displaced",
            Self::Orphaned { .. } => "orphaned",
            Self::Transferred { .. } => "transferred",
            Self::ChangedBy { .. } => "changed",
            Self::Approval(Approval { news, .. }) => news.kind(),
            Self::Attendance(attendance) => attendance.kind(),
            Self::Scheduling { .. } | Self::RoomReply { .. } => "scheduling",
            Self::Unverified { .. } => "unverified",
        }
    }

    /// Whether it is of no use a minute later, so that it does not wait for others about the same.
    #[must_use]
    pub const fn is_urgent(&self) -> bool {
        match self {
            Self::Attendance(attendance) => !matches!(attendance, Attendance::Strikes { .. }),
            // The offer stands for a short time.
            Self::Offered { .. } | Self::Unverified { .. } => true,
            Self::Refused { .. }
            | Self::Declined { .. }
            | Self::PartlyDeclined { .. }
            | Self::Crowded { .. }
            | Self::Taken { .. }
            | Self::SplitEnded { .. }
            | Self::NotExtended { .. }
            | Self::Rolling { .. }
            | Self::CancelledBy { .. }
            | Self::Displaced { .. }
            | Self::Orphaned { .. }
            | Self::Transferred { .. }
            | Self::ChangedBy { .. }
            | Self::Approval(_)
            | Self::RoomReply { .. }
            | Self::Scheduling { .. } => false,
        }
    }
}

/// A message about whether somebody comes, before it is put into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attendance<'a> {
    /// Somebody has to check in (R95).
    CheckIn {
        /// The room's name.
        room: &'a str,
        /// What the person called the event.
        title: &'a str,
        /// When it is, in words.
        when: &'a str,
        /// Until what time of the day: `10:10`.
        until: &'a str,
    },
    /// A date was released because nobody had checked in (R95).
    NoShow {
        /// The room's name.
        room: &'a str,
        /// What the person called the event.
        title: &'a str,
        /// When it was, in words.
        when: &'a str,
    },
    /// Nobody checked in several times in a row: the rest of the series has to be confirmed (R97).
    Strikes {
        /// The room's name.
        room: &'a str,
        /// What the person called the event.
        title: &'a str,
        /// How often in a row.
        misses: i64,
        /// The last day to do it, in words.
        until: &'a str,
    },
    /// Everybody who was invited has declined (R98).
    AllDeclined {
        /// The room's name.
        room: &'a str,
        /// What the person called the event.
        title: &'a str,
        /// When it is, in words.
        when: &'a str,
    },
}

impl Attendance<'_> {
    const fn kind(&self) -> &'static str {
        match self {
            Self::CheckIn { .. } => "check-in",
            Self::NoShow { .. } => "no-show",
            Self::Strikes { .. } => "strikes",
            Self::AllDeclined { .. } => "all-declined",
        }
    }
}

/// News of a request that a manager decides about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval<'a> {
    /// The room's name.
    pub room: &'a str,
    /// What the person called the event; empty where the reader may not know it (R102).
    pub title: &'a str,
    /// When it is, in words: the first date, and how many more.
    pub when: &'a str,
    /// What there is to say.
    pub news: News<'a>,
}

/// What there is to say of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News<'a> {
    /// To whoever asked: it waits. Whether the room is kept free meanwhile (R71, R72).
    Waiting {
        /// Nobody else gets the room meanwhile.
        kept: bool,
    },
    /// To a manager: somebody asks for the room.
    Asked {
        /// Who.
        who: &'a str,
        /// Why the rules do not give it, as a sentence; empty where they would.
        beyond: &'a str,
    },
    /// To a manager: half of the time is over.
    Reminder {
        /// Who asks.
        who: &'a str,
    },
    /// To whoever asked: a manager gave the room.
    Given {
        /// Who.
        by: &'a str,
        /// What the manager has to say; may be empty.
        remark: &'a str,
    },
    /// To whoever asked: it was not given.
    NotGiven {
        /// Who decided; `None`: nobody did in time.
        by: Option<&'a str>,
        /// What the manager has to say; may be empty.
        remark: &'a str,
        /// The booking is again, or still, where it was before it was moved.
        kept: bool,
    },
    /// To whoever asked: a manager takes back what was given.
    Withdrawn {
        /// Who.
        by: &'a str,
        /// What the manager has to say; may be empty.
        remark: &'a str,
    },
    /// To whoever asked: the booking ended because it stayed tentative (R75).
    StillTentative,
}

impl News<'_> {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "approval-waiting",
            Self::Asked { .. } => "approval-asked",
            Self::Reminder { .. } => "approval-reminder",
            Self::Given { .. } => "approved",
            Self::NotGiven { .. } | Self::Withdrawn { .. } | Self::StillTentative => "not-approved",
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
