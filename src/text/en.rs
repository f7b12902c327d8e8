//! English.

mod letters;

use jiff::civil::DateTime;

use super::{Letter, Message, Speak};
use crate::domain::hours::Hours;
use crate::domain::quota::{Limit, Reach};
use crate::domain::reason::Reason;
use crate::domain::settings::{Counted, PerPeriod};

pub(super) struct English;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn day(at: DateTime) -> String {
    let month = MONTHS[usize::try_from(at.month() - 1).unwrap_or(0)];
    format!("{} {month} {}", at.day(), at.year())
}

fn clock(at: DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

fn span(secs: i64) -> String {
    let (count, unit) = super::largest_unit(secs);
    let unit = ["minute", "hour", "day"][unit];
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

impl Speak for English {
    fn when(&self, start: DateTime, end: DateTime, all_day: bool) -> String {
        let last = end.checked_sub(jiff::Span::new().seconds(1)).unwrap_or(end);
        if all_day && start.date() == last.date() {
            format!("on {}", day(start))
        } else if all_day {
            format!("from {} to {}", day(start), day(last))
        } else if start.date() == end.date() || start.date() == last.date() {
            format!("on {} from {} to {}", day(start), clock(start), clock(end))
        } else {
            format!("from {} {} to {} {}", day(start), clock(start), day(end), clock(end))
        }
    }

    fn more(&self, count: usize) -> String {
        if count == 1 { " and one more date".to_owned() } else { format!(" and {count} more dates") }
    }

    fn date(&self, at: DateTime) -> String {
        day(at)
    }

    fn until(&self, at: DateTime) -> String {
        format!("until {} on {}", clock(at), day(at))
    }

    fn clause(&self, reason: Reason, bound: Option<i64>) -> String {
        let bound = bound.unwrap_or_default();
        match reason {
            Reason::Busy => "is already booked".into(),
            Reason::Blocked => "is blocked".into(),
            Reason::ClosedHours => "is outside its opening hours".into(),
            Reason::ClosedRoom => "takes no bookings".into(),
            Reason::NotAllowed => "cannot be booked, changed or cancelled by you".into(),
            Reason::External => "cannot be booked from outside".into(),
            Reason::TooSoon => format!("must be booked at least {} ahead", span(bound)),
            Reason::TooFar => "cannot be booked so far ahead".into(),
            Reason::TooShort => format!("must be booked for at least {}", span(bound)),
            Reason::TooLong => format!("can be booked for at most {}", span(bound)),
            Reason::Past => "cannot be booked in the past".into(),
            Reason::Grid => format!("can only be booked from whole steps of {}", span(bound)),
            Reason::NoRecurrence => "takes no repeating bookings".into(),
            Reason::Quota => format!("cannot be booked: {}", quota(Limit::from_code(bound))),
            Reason::Seats => format!("has only {bound} seats"),
            Reason::MultiRoom => "was given up because another room was not free".into(),
            Reason::SelfOverlap => "cannot be booked by a series that overlaps itself".into(),
            Reason::Duplicate => "already has this event, booked by somebody else".into(),
            Reason::Invalid => "needs an event with a start and an end".into(),
            Reason::NotApproved => "was not approved".into(),
            Reason::Released => "was released".into(),
            Reason::NoShow => "was released because nobody checked in".into(),
            Reason::Displaced => "had to be taken back".into(),
            Reason::Orphaned => "was released because its organizer has left".into(),
            Reason::Cancelled => "was cancelled".into(),
            Reason::LateCancel => format!("can only be cancelled at least {} ahead", span(bound)),
        }
    }

    fn too_far(&self, last: DateTime) -> String {
        format!("can be booked up to {}, not", day(last))
    }

    fn closed_hours(&self, hours: &Hours) -> String {
        format!("is open {}, not", super::week(hours, &DAYS))
    }

    fn by(&self, holder: &str) -> String {
        format!(" by {holder}")
    }

    fn because_of(&self, room: &str) -> String {
        format!(" (room {room})")
    }

    fn and(&self) -> &'static str {
        " and "
    }

    fn room(&self, name: &str) -> String {
        format!("Room {name}")
    }

    fn free_rooms(&self, rooms: &str) -> String {
        format!("Free instead: {rooms}.")
    }

    fn free_times(&self, room: &str, times: &str) -> String {
        format!("Room {room} is free {times}.")
    }

    fn declined_prefix(&self, reason: Reason) -> String {
        format!("DECLINED - {}: ", short(reason))
    }

    fn not_moved_prefix(&self, reason: Reason) -> String {
        format!("NOT MOVED - {}: ", short(reason))
    }

    fn no_counter(&self, room: &str) -> String {
        format!("Room {room} cannot be asked for another time. Please write to the organizer.")
    }

    fn busy(&self) -> &'static str {
        "Busy"
    }

    fn letter(&self, message: &Message<'_>) -> Letter {
        let (subject, body) = letters::letter(message);
        Letter { subject, body }
    }
}

fn quota(limit: Limit) -> String {
    let Limit { quota, reach } = limit;
    let most = match quota.counts {
        Counted::Bookings if quota.most == 1 => "1 booking".to_owned(),
        Counted::Bookings => format!("{} bookings", quota.most),
        Counted::Seconds => span(quota.most),
    };
    let per = match quota.per {
        PerPeriod::Day => "a day",
        PerPeriod::Week => "a week",
        PerPeriod::Month => "a month",
        PerPeriod::Year => "a year",
        PerPeriod::Future => "to come",
    };
    let reach = match reach {
        Reach::Room => "in this room",
        Reach::Group => "in the rooms of its group",
        Reach::House => "in all rooms together",
    };
    format!("you may have at most {most} {per} {reach}")
}

fn short(reason: Reason) -> &'static str {
    match reason {
        Reason::Busy => "room busy",
        Reason::Blocked => "room blocked",
        Reason::ClosedHours => "outside opening hours",
        Reason::ClosedRoom => "room takes no bookings",
        Reason::NotAllowed => "not allowed",
        Reason::External => "not known here",
        Reason::TooSoon => "too short notice",
        Reason::TooFar => "too far ahead",
        Reason::TooShort => "too short",
        Reason::TooLong => "too long",
        Reason::Past => "in the past",
        Reason::Grid => "start not on the grid",
        Reason::NoRecurrence => "no series in this room",
        Reason::Quota => "too many bookings",
        Reason::Seats => "too few seats",
        Reason::MultiRoom => "other room not free",
        Reason::SelfOverlap => "series overlaps itself",
        Reason::Duplicate => "booked by somebody else",
        Reason::Invalid => "no length",
        Reason::NotApproved => "not approved",
        Reason::Released => "released",
        Reason::NoShow => "nobody checked in",
        Reason::Displaced => "taken back",
        Reason::Orphaned => "organizer has left",
        Reason::Cancelled => "cancelled",
        Reason::LateCancel => "too late to cancel",
    }
}
