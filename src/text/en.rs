//! English.

use jiff::civil::DateTime;

use super::{Approval, Letter, Message, News, Speak, Why, paragraph};
use crate::domain::attendee::PartStat;
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
        let (subject, body) = match message {
            Message::Refused { title, sentence, alternatives } => (
                format!("Not booked: {title}"),
                format!(
                    "{sentence}{}\n\nNothing was changed. Your calendar program may not have told you.",
                    paragraph(alternatives)
                ),
            ),
            Message::Declined { title, sentence, alternatives } => {
                let more = paragraph(alternatives);
                (
                    format!("Room declined: {title}"),
                    format!("{sentence}{more}\n\nYour event itself was saved."),
                )
            }
            Message::PartlyDeclined { title, sentence, alternatives } => {
                partly_declined(title, &format!("{sentence}{}", paragraph(alternatives)))
            }
            Message::Crowded { room, title, people, seats } => crowded(room, title, *people, *seats),
            Message::Offered { room, title, when, until } => offered(room, title, when, until),
            Message::Taken { room, title, when } => taken(room, title, when),
            Message::SplitEnded { room, title, when } => split_ended(room, title, when),
            Message::NotExtended { title, sentence } => (
                format!("Date not available: {title}"),
                format!("{sentence}\n\nThe other dates of your series stay booked."),
            ),
            Message::Rolling { room, title, until } => (
                format!("Booked until {until}: {title}"),
                format!("Room {room} is confirmed for your series until {until}; it is extended every day."),
            ),
            Message::CancelledBy { room, title, when, actor } => (
                format!("Cancelled: {title}"),
                format!("{actor} cancelled your reservation of room {room} {when}."),
            ),
            Message::Displaced { title, why, list } => (
                format!("Room taken back: {title}"),
                format!("The room had to be taken back from you: {}\n\n{list}", because(*why)),
            ),
            Message::Orphaned { person, list } => (
                format!("Reservations without an owner: {person}"),
                format!(
                    "{person} has left. These reservations keep their rooms until somebody takes them over or \
                     cancels them:\n\n{list}"
                ),
            ),
            Message::Transferred { room, title, from, to } => (
                format!("Handed over: {title}"),
                format!("The reservation of room {room} by {from} is {to}'s now."),
            ),
            Message::ChangedBy { room, title, actor } => {
                (format!("Changed: {title}"), format!("{actor} changed your reservation of room {room}."))
            }
            Message::Approval(approval) => of_approval(approval),
            Message::Scheduling { method, title, actor, when } => {
                let when = when.map(|when| format!(" {when}")).unwrap_or_default();
                match *method {
                    "CANCEL" => (format!("Cancelled: {title}"), format!("{actor} cancelled {title}{when}.")),
                    "REPLY" => (
                        format!("Reply: {title}"),
                        format!("{actor} answered your invitation to {title}{when}."),
                    ),
                    "REFRESH" => (
                        format!("Please send again: {title}"),
                        format!("{actor} asks you to send {title}{when} again."),
                    ),
                    "DECLINECOUNTER" => (
                        format!("Proposal declined: {title}"),
                        format!("{actor} declined your proposal for {title}{when}."),
                    ),
                    _ => (format!("Invitation: {title}"), format!("{actor} invites you to {title}{when}.")),
                }
            }
            Message::RoomReply { answer, room, title, text } => {
                let what = match answer {
                    PartStat::Accepted => "accepted",
                    PartStat::Declined => "declined",
                    PartStat::Tentative | PartStat::NeedsAction | PartStat::Delegated => "pending",
                };
                (format!("Room {room}, {what}: {title}"), (*text).to_owned())
            }
            Message::Unverified { room, method, sender, title } => (
                format!("Ignored messages to room {room}"),
                format!(
                    "A message ({method}, from {sender}) about {title:?} was ignored, as one before: its sender does not \
                     speak for the organizer. The decisions of the room list all of them."
                ),
            ),
        };
        Letter { subject, body }
    }
}

fn partly_declined(title: &str, sentence: &str) -> (String, String) {
    let body = format!("{sentence}\n\nThe other dates of your event are booked.");
    (format!("Some dates declined: {title}"), body)
}

fn crowded(room: &str, title: &str, people: usize, seats: i64) -> (String, String) {
    let body =
        format!("{people} people are invited, and room {room} has {seats} seats. It is booked all the same.");
    (format!("More people than seats: {title}"), body)
}

fn offered(room: &str, title: &str, when: &str, until: &str) -> (String, String) {
    let body = format!(
        "Room {room} has become free {when}; your event was declined for that time.\n\n\
         You are asked first. It is booked only if you say so, while it is free and {until}."
    );
    (format!("Free again: {title}"), body)
}

fn taken(room: &str, title: &str, when: &str) -> (String, String) {
    let body = format!(
        "Room {room} has become free {when}, and is booked for your event, which was declined before."
    );
    (format!("Booked after all: {title}"), body)
}

fn split_ended(room: &str, title: &str, when: &str) -> (String, String) {
    let body = format!(
        "Your new series has taken over the bookings of this one in room {room}, the first {when}. \
         In the old series these dates are cancelled now."
    );
    (format!("Dates passed on: {title}"), body)
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

fn of_approval(approval: &Approval<'_>) -> (String, String) {
    let Approval { room, title, when, news } = *approval;
    let said = |remark: &str| {
        if remark.is_empty() { String::new() } else { format!("\n\n{remark}") }
    };
    let subject = |what: &str| {
        if title.is_empty() { format!("{what}: room {room}") } else { format!("{what}: {title}") }
    };
    match news {
        News::Waiting { kept } => {
            let meanwhile = if kept {
                "The room is kept for you until then."
            } else {
                "Others can ask for the same time until then."
            };
            let body = format!("Your request for room {room} {when} waits for a manager's approval.");
            (subject("Waiting for approval"), format!("{body}\n\n{meanwhile}"))
        }
        News::Asked { who, beyond } => {
            let body = format!("{who} asks for room {room} {when}.{}", said(beyond));
            let how = "Answer for the room in its calendar, or on the command line.";
            (subject("To approve"), format!("{body}\n\n{how}"))
        }
        News::Reminder { who } => {
            let body = format!("{who} still waits for an answer: room {room} {when}.");
            (subject("Still to approve"), format!("{body}\n\nWithout one the request ends by itself."))
        }
        News::Given { by, remark } => (
            subject("Approved"),
            format!("{by} approved your request for room {room} {when}.{}", said(remark)),
        ),
        News::NotGiven { by, remark, kept } => {
            let body = match by {
                Some(by) => format!("{by} did not approve your request for room {room} {when}."),
                None => format!("Nobody approved your request for room {room} {when} in time."),
            };
            let kept = if kept { "\n\nYour booking is where it was before." } else { "" };
            (subject("Not approved"), format!("{body}{}{kept}", said(remark)))
        }
        News::Withdrawn { by, remark } => {
            let body = format!("{by} took back your booking of room {room} {when}.");
            (subject("Taken back"), format!("{body}{}", said(remark)))
        }
        News::StillTentative => {
            let body = format!("Your booking of room {room} {when} ended, because it was still tentative.");
            (subject("Not confirmed"), body)
        }
    }
}

fn because(why: Why<'_>) -> &str {
    match why {
        Why::Words(words) => words,
        Why::Zone => "its clock was set to another time zone",
        Why::ZoneData => "the rules of its time zone have changed",
        Why::Units => "it takes fewer bookings at a time now",
    }
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
