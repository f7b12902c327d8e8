//! What is written back to a row that another program handed in, where no rule refused it.
//!
//! Both languages side by side, as in `link`: a new fault does not compile until it has both.

use super::Language;
use super::Language::{English, German};
use crate::domain::request::Fault;

/// What is wrong, as a sentence.
#[must_use]
pub fn fault(language: Language, fault: &Fault) -> String {
    match language {
        English => english(fault),
        German => german(fault),
    }
}

fn english(fault: &Fault) -> String {
    match fault {
        Fault::NoRoom(name) => format!("There is no room {name}."),
        Fault::NoPerson(name) => format!("Nobody here has the login or address {name}."),
        Fault::Disabled(name) => format!("The account of {name} is off."),
        Fault::NoZone(name) => format!("{name} is the name of no time zone."),
        Fault::NoTime(text) => format!("\"{text}\" is no time between 1970 and 2099."),
        Fault::TwoClocks(text) => format!("\"{text}\" has an offset, and there is a zone beside it."),
        Fault::DayAndTime => "One end is a day and the other a time.".to_owned(),
        Fault::NoLength => "It does not end after it begins.".to_owned(),
        Fault::BadRule(why) | Fault::BadEvent(why) => format!("It cannot be booked: {why}."),
        Fault::NotYours(name) => format!("Room {name} is not yours to book."),
        Fault::TooManyInAnHour => "Too many bookings in one hour.".to_owned(),
        Fault::Full(name) => format!("The calendar of room {name} has too many events."),
        Fault::Taken(name) => format!("Room {name} has just been taken by somebody else."),
        Fault::NoReservation(id) => format!("There is no reservation {id}."),
        Fault::NoDate(text) => format!("There is no date to come that would start at \"{text}\"."),
        Fault::Broken => "The server could not decide about it; its log says why.".to_owned(),
    }
}

fn german(fault: &Fault) -> String {
    match fault {
        Fault::NoRoom(name) => format!("Es gibt keinen Raum {name}."),
        Fault::NoPerson(name) => format!("Niemand hier hat die Kennung oder Adresse {name}."),
        Fault::Disabled(name) => format!("Das Konto von {name} ist abgeschaltet."),
        Fault::NoZone(name) => format!("Keine Zeitzone heißt {name}."),
        Fault::NoTime(text) => format!("„{text}“ ist keine Zeit zwischen 1970 und 2099."),
        Fault::TwoClocks(text) => {
            format!("„{text}“ nennt den Abstand zu UTC, und daneben steht eine Zeitzone.")
        }
        Fault::DayAndTime => "Das eine Ende ist ein Tag und das andere eine Uhrzeit.".to_owned(),
        Fault::NoLength => "Das Ende liegt nicht nach dem Anfang.".to_owned(),
        Fault::BadRule(why) | Fault::BadEvent(why) => format!("Das lässt sich nicht buchen: {why}."),
        Fault::NotYours(name) => format!("Raum {name} können Sie nicht buchen."),
        Fault::TooManyInAnHour => "Zu viele Buchungen in einer Stunde.".to_owned(),
        Fault::Full(name) => format!("Der Kalender von Raum {name} hat zu viele Termine."),
        Fault::Taken(name) => format!("Raum {name} hat gerade jemand anders bekommen."),
        Fault::NoReservation(id) => format!("Es gibt keine Reservierung {id}."),
        Fault::NoDate(text) => format!("Es gibt keinen künftigen Tag, der um „{text}“ begänne."),
        Fault::Broken => {
            "Der Server konnte darüber nicht entscheiden; warum, steht in seinem Protokoll.".to_owned()
        }
    }
}
