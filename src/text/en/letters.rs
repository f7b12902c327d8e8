//! The messages to people in English. Knows neither to whom nor how they go. Booking rules, section 15.

use crate::domain::attendee::PartStat;
use crate::text::{Approval, Attendance, Message, News, Why, paragraph};

/// Subject and text.
pub(super) fn letter(message: &Message<'_>) -> (String, String) {
    match message {
        Message::Refused { title, sentence, alternatives } => refused(title, sentence, alternatives),
        Message::Declined { title, sentence, alternatives } => {
            let more = paragraph(alternatives);
            (format!("Room declined: {title}"), format!("{sentence}{more}\n\nYour event itself was saved."))
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
        Message::Displaced { title, from, why, list } => (
            format!("Room taken back: {title}"),
            format!(
                "The room had to be taken back from {}: {}\n\n{list}",
                from.unwrap_or("you"),
                because(*why)
            ),
        ),
        Message::Orphaned { person, list } => orphaned(person, list),
        Message::Transferred { room, title, from, to } => (
            format!("Handed over: {title}"),
            format!("The reservation of room {room} by {from} is {to}'s now."),
        ),
        Message::ChangedBy { room, title, actor } => {
            (format!("Changed: {title}"), format!("{actor} changed your reservation of room {room}."))
        }
        Message::Approval(approval) => of_approval(approval),
        Message::Attendance(about) => attendance(about),
        Message::Scheduling { method, title, actor, when } => scheduling(method, title, actor, *when),
        Message::RoomReply { answer, room, title, when, comment } => {
            room_reply(*answer, (room, title), *when, comment)
        }
        Message::Unverified { room, method, sender, title } => unverified(room, method, sender, title),
    }
}

fn refused(title: &str, sentence: &str, alternatives: &str) -> (String, String) {
    (
        format!("Not booked: {title}"),
        format!(
            "{sentence}{}\n\nNothing was changed. Your calendar program may not have told you.",
            paragraph(alternatives)
        ),
    )
}

fn orphaned(person: &str, list: &str) -> (String, String) {
    (
        format!("Reservations without an owner: {person}"),
        format!(
            "{person} has left. These reservations keep their rooms until somebody takes them over or \
                 cancels them:\n\n{list}"
        ),
    )
}

fn scheduling(method: &str, title: &str, actor: &str, when: Option<&str>) -> (String, String) {
    let when = when.map(|when| format!(" {when}")).unwrap_or_default();
    match method {
        "CANCEL" => (format!("Cancelled: {title}"), format!("{actor} cancelled {title}{when}.")),
        "REPLY" => (format!("Reply: {title}"), format!("{actor} answered your invitation to {title}{when}.")),
        "REFRESH" => {
            (format!("Please send again: {title}"), format!("{actor} asks you to send {title}{when} again."))
        }
        "DECLINECOUNTER" => (
            format!("Proposal declined: {title}"),
            format!("{actor} declined your proposal for {title}{when}."),
        ),
        _ => (format!("Invitation: {title}"), format!("{actor} invites you to {title}{when}.")),
    }
}

fn unverified(room: &str, method: &str, sender: &str, title: &str) -> (String, String) {
    (
        format!("Ignored messages to room {room}"),
        format!(
            "A message ({method}, from {sender}) about {title:?} was ignored, as one before: its sender does not \
                 speak for the organizer. The decisions of the room list all of them."
        ),
    )
}

fn partly_declined(title: &str, sentence: &str) -> (String, String) {
    let body = format!("{sentence}\n\nThe other dates of your event are booked.");
    (format!("Some dates declined: {title}"), body)
}

fn crowded(room: &str, title: &str, people: usize, seats: i64) -> (String, String) {
    let seats = if seats == 1 { "1 seat".to_owned() } else { format!("{seats} seats") };
    let body =
        format!("{people} people are invited, and room {room} has {seats}. It is booked all the same.");
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
            let how = "Answer by a link, for the room in its calendar, or on the command line.";
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
        Why::Left => "who had it has left, and nobody took it over",
    }
}

fn attendance(about: &Attendance<'_>) -> (String, String) {
    match about {
        Attendance::CheckIn { room, title, when, until } => (
            format!("Please check in: {title}"),
            format!(
                "Room {room} is yours {when}. Please say that you are there until {until}; otherwise others \
                 get the room.\n\nThe link below does that. Any change of the event in your calendar does too."
            ),
        ),
        Attendance::NoShow { room, title, when } => (
            format!("Released: {title}"),
            format!(
                "Nobody checked in to room {room} {when}, so others can book it now.\n\nIf you still need it, you \
                 can take it back as long as it is free."
            ),
        ),
        Attendance::Strikes { room, title, misses, until } => (
            format!("Do you still need it? {title}"),
            format!(
                "Nobody checked in to room {room}{}. Please confirm until {until} that you \
                 need the other dates of your series; otherwise they are released.",
                if *misses == 1 { String::new() } else { format!(" {misses} times in a row") }
            ),
        ),
        Attendance::AllDeclined { room, title, when } => (
            format!("Everybody declined: {title}"),
            format!(
                "Everybody whom you invited {when} has declined. If you do not need room {room}, please give it \
                 back."
            ),
        ),
    }
}

fn room_reply(
    answer: PartStat,
    (room, title): (&str, &str),
    when: Option<&str>,
    comment: &str,
) -> (String, String) {
    let when = when.map(|when| format!(" {when}")).unwrap_or_default();
    let (what, sentence) = match answer {
        PartStat::Accepted => ("accepted", "accepted your invitation"),
        PartStat::Declined => ("declined", "declined your invitation"),
        PartStat::Tentative | PartStat::NeedsAction | PartStat::Delegated => {
            ("pending", "has not answered your invitation yet")
        }
    };
    let body = format!("Room {room} {sentence}: {title}{when}.{}", paragraph(comment));
    (format!("Room {room}, {what}: {title}"), body)
}
