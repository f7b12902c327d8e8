//! What stands on links in messages, and on the pages behind them.
//!
//! Both languages side by side: each sentence is short, and a new purpose does not compile until it has
//! them all.

use super::Language;
use super::Language::{English, German};
use crate::domain::link::Purpose;

/// What a link is called, and the button on its page.
#[must_use]
pub const fn label(language: Language, purpose: Purpose) -> &'static str {
    match (purpose, language) {
        (Purpose::CheckIn, English) => "Check in",
        (Purpose::CheckIn, German) => "Einchecken",
        (Purpose::GiveBack, English) => "Give the room back",
        (Purpose::GiveBack, German) => "Raum zurückgeben",
        (Purpose::Reclaim, English) => "Take the room back",
        (Purpose::Reclaim, German) => "Raum wieder nehmen",
        (Purpose::Keep, English) => "Keep the series",
        (Purpose::Keep, German) => "Serie behalten",
        (Purpose::Approve, English) => "Approve",
        (Purpose::Approve, German) => "Genehmigen",
        (Purpose::Decline, English) => "Decline",
        (Purpose::Decline, German) => "Ablehnen",
        (Purpose::Take, English) => "Take the room",
        (Purpose::Take, German) => "Raum nehmen",
    }
}

/// What is asked on the page, below what it is about.
#[must_use]
pub const fn question(language: Language, purpose: Purpose) -> &'static str {
    match (purpose, language) {
        (Purpose::CheckIn, English) => "Are you there? Then the room stays yours.",
        (Purpose::CheckIn, German) => "Sind Sie da? Dann bleibt der Raum Ihrer.",
        (Purpose::Reclaim, English) => "Do you still need the room? It is yours again if it is still free.",
        (Purpose::Reclaim, German) => {
            "Brauchen Sie den Raum noch? Er ist wieder Ihrer, wenn er noch frei ist."
        }
        (Purpose::Keep, English) => "Do you still need the other dates of this series?",
        (Purpose::Keep, German) => "Brauchen Sie die anderen Tage dieser Serie noch?",
        (Purpose::Approve, English) => "Shall the room be given?",
        (Purpose::Approve, German) => "Soll der Raum gegeben werden?",
        (Purpose::Decline, English) => "Shall the room not be given? Whoever asked is told.",
        (Purpose::Decline, German) => "Soll der Raum nicht gegeben werden? Wer gefragt hat, erfährt es.",
        (Purpose::Take, English) => "Do you still want the room? It is yours if it is still free.",
        (Purpose::Take, German) => "Möchten Sie den Raum noch? Er ist Ihrer, wenn er noch frei ist.",
        (Purpose::GiveBack, English) => "Do you want to give the room back? Others can book it then.",
        (Purpose::GiveBack, German) => "Möchten Sie den Raum zurückgeben? Andere können ihn dann buchen.",
    }
}

/// That it has been done.
#[must_use]
pub const fn done(language: Language, purpose: Purpose) -> &'static str {
    match (purpose, language) {
        (Purpose::CheckIn, English) => "You are checked in. Thank you.",
        (Purpose::CheckIn, German) => "Sie sind eingecheckt. Vielen Dank.",
        (Purpose::Reclaim, English) => "The room is yours again.",
        (Purpose::Reclaim, German) => "Der Raum ist wieder Ihrer.",
        (Purpose::Keep, English) => "The series stays booked. Thank you.",
        (Purpose::Keep, German) => "Die Serie bleibt gebucht. Vielen Dank.",
        (Purpose::Approve, English) => "The room has been given.",
        (Purpose::Approve, German) => "Der Raum ist gegeben.",
        (Purpose::Decline, English) => "The room has not been given.",
        (Purpose::Decline, German) => "Der Raum ist nicht gegeben.",
        (Purpose::Take, English) => "The room is yours.",
        (Purpose::Take, German) => "Der Raum ist Ihrer.",
        (Purpose::GiveBack, English) => "The room has been given back. Thank you.",
        (Purpose::GiveBack, German) => "Der Raum ist zurückgegeben. Vielen Dank.",
    }
}

/// That it cannot be done yet.
#[must_use]
pub const fn too_early(language: Language) -> &'static str {
    match language {
        English => "It is too early for this. Please try again later.",
        German => "Dafür ist es noch zu früh. Bitte versuchen Sie es später noch einmal.",
    }
}

/// That it was done, and a manager decides about it.
#[must_use]
pub const fn waits(language: Language) -> &'static str {
    match language {
        English => "Your request waits for a manager now.",
        German => "Ihre Anfrage wartet jetzt auf Genehmigung.",
    }
}

/// That it cannot be done any more.
#[must_use]
pub const fn too_late(language: Language) -> &'static str {
    match language {
        English => "It is too late for this. Nothing was changed.",
        German => "Dafür ist es zu spät. Nichts wurde geändert.",
    }
}

/// That there is nothing behind a link.
#[must_use]
pub const fn unknown(language: Language) -> &'static str {
    match language {
        English => "This link is not valid, or what it was about is gone. Nothing was changed.",
        German => "Dieser Link gilt nicht, oder es gibt nicht mehr, worum es ging. Nichts wurde geändert.",
    }
}

/// The title, room and time of what a link is about; the title may be empty.
#[must_use]
pub fn about(language: Language, title: &str, room: &str, when: &str) -> String {
    let title = if title.is_empty() { String::new() } else { format!("{title}: ") };
    match language {
        English => format!("{title}room {room}, {when}."),
        German => format!("{title}Raum {room}, {when}."),
    }
}
