//! German.

use jiff::civil::DateTime;

use super::{Approval, Letter, Message, News, Speak, Why, paragraph};
use crate::domain::attendee::PartStat;
use crate::domain::hours::Hours;
use crate::domain::quota::{Limit, Reach};
use crate::domain::reason::Reason;
use crate::domain::settings::{Counted, PerPeriod};

pub(super) struct German;

const MONTHS: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

const DAYS: [&str; 7] = ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"];

fn day(at: DateTime) -> String {
    let month = MONTHS[usize::try_from(at.month() - 1).unwrap_or(0)];
    format!("{}. {month} {}", at.day(), at.year())
}

fn clock(at: DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

fn span(secs: i64) -> String {
    let (count, unit) = super::largest_unit(secs);
    let (one, many) = [("Minute", "Minuten"), ("Stunde", "Stunden"), ("Tag", "Tage")][unit];
    format!("{count} {}", if count == 1 { one } else { many })
}

impl Speak for German {
    fn when(&self, start: DateTime, end: DateTime, all_day: bool) -> String {
        let last = end.checked_sub(jiff::Span::new().seconds(1)).unwrap_or(end);
        if all_day && start.date() == last.date() {
            format!("am {}", day(start))
        } else if all_day {
            format!("vom {} bis {}", day(start), day(last))
        } else if start.date() == end.date() || start.date() == last.date() {
            format!("am {} von {} bis {}", day(start), clock(start), clock(end))
        } else {
            format!("vom {} {} bis {} {}", day(start), clock(start), day(end), clock(end))
        }
    }

    fn more(&self, count: usize) -> String {
        if count == 1 {
            " und ein weiterer Termin".to_owned()
        } else {
            format!(" und {count} weitere Termine")
        }
    }

    fn date(&self, at: DateTime) -> String {
        day(at)
    }

    fn until(&self, at: DateTime) -> String {
        format!("bis {} Uhr am {}", clock(at), day(at))
    }

    fn clause(&self, reason: Reason, bound: Option<i64>) -> String {
        let bound = bound.unwrap_or_default();
        match reason {
            Reason::Busy => "ist schon belegt".into(),
            Reason::Blocked => "ist gesperrt".into(),
            Reason::ClosedHours => "ist außerhalb der Öffnungszeiten".into(),
            Reason::ClosedRoom => "nimmt keine Buchungen an".into(),
            Reason::NotAllowed => "kann von Ihnen nicht gebucht, geändert oder storniert werden".into(),
            Reason::External => "kann nicht von außen gebucht werden".into(),
            Reason::TooSoon => format!("muss früher gebucht werden, Vorlauf mindestens {}", span(bound)),
            Reason::TooFar => "kann nicht so weit im Voraus gebucht werden".into(),
            Reason::TooShort => format!("hat eine Mindestdauer von {}", span(bound)),
            Reason::TooLong => format!("hat eine Höchstdauer von {}", span(bound)),
            Reason::Past => "kann nicht in der Vergangenheit gebucht werden".into(),
            Reason::Grid => format!("kann nur im Raster von {} gebucht werden", span(bound)),
            Reason::NoRecurrence => "nimmt keine Serien an".into(),
            Reason::Quota => format!("kann nicht gebucht werden: {}", quota(Limit::from_code(bound))),
            Reason::Seats => format!("hat nur {bound} Plätze"),
            Reason::MultiRoom => "wurde abgegeben, weil ein anderer Raum nicht frei war".into(),
            Reason::SelfOverlap => {
                "kann nicht von einer Serie belegt werden, die sich selbst überschneidet".into()
            }
            Reason::Duplicate => "enthält diesen Termin schon, gebucht von jemand anderem".into(),
            Reason::Invalid => "braucht einen Termin mit Anfang und Ende".into(),
            Reason::NotApproved => "wurde nicht genehmigt".into(),
            Reason::Released => "wurde freigegeben".into(),
            Reason::NoShow => "wurde freigegeben, weil niemand erschienen ist".into(),
            Reason::Displaced => "musste zurückgenommen werden".into(),
            Reason::Orphaned => "wurde freigegeben, weil der Veranstalter nicht mehr da ist".into(),
            Reason::Cancelled => "wurde storniert".into(),
            Reason::LateCancel => format!("kann nur storniert werden mit Vorlauf von {}", span(bound)),
        }
    }

    fn too_far(&self, last: DateTime) -> String {
        format!("kann bis zum {} gebucht werden, nicht", day(last))
    }

    fn closed_hours(&self, hours: &Hours) -> String {
        format!("ist {} geöffnet, nicht", super::week(hours, &DAYS))
    }

    fn by(&self, holder: &str) -> String {
        format!(" durch {holder}")
    }

    fn because_of(&self, room: &str) -> String {
        format!(" (Raum {room})")
    }

    fn and(&self) -> &'static str {
        " und "
    }

    fn room(&self, name: &str) -> String {
        format!("Raum {name}")
    }

    fn free_rooms(&self, rooms: &str) -> String {
        format!("Stattdessen frei: {rooms}.")
    }

    fn free_times(&self, room: &str, times: &str) -> String {
        format!("Raum {room} ist frei {times}.")
    }

    fn declined_prefix(&self, reason: Reason) -> String {
        format!("ABGELEHNT - {}: ", short(reason))
    }

    fn not_moved_prefix(&self, reason: Reason) -> String {
        format!("NICHT VERSCHOBEN - {}: ", short(reason))
    }

    fn no_counter(&self, room: &str) -> String {
        format!(
            "Raum {room} kann nicht um eine andere Zeit gebeten werden. Bitte wenden Sie sich an den Veranstalter."
        )
    }

    fn busy(&self) -> &'static str {
        "Belegt"
    }

    fn letter(&self, message: &Message<'_>) -> Letter {
        let (subject, body) = match message {
            Message::Refused { title, sentence, alternatives } => (
                format!("Nicht gebucht: {title}"),
                format!(
                    "{sentence}{}\n\nNichts wurde geändert. Ihr Kalenderprogramm hat Ihnen das vielleicht nicht gesagt.",
                    paragraph(alternatives)
                ),
            ),
            Message::Declined { title, sentence, alternatives } => (
                format!("Raum hat abgelehnt: {title}"),
                format!("{sentence}{}\n\nIhr Termin selbst wurde gespeichert.", paragraph(alternatives)),
            ),
            Message::PartlyDeclined { title, sentence, alternatives } => {
                partly_declined(title, &format!("{sentence}{}", paragraph(alternatives)))
            }
            Message::Crowded { room, title, people, seats } => crowded(room, title, *people, *seats),
            Message::Offered { room, title, when, until } => offered(room, title, when, until),
            Message::Taken { room, title, when } => taken(room, title, when),
            Message::SplitEnded { room, title, when } => split_ended(room, title, when),
            Message::NotExtended { title, sentence } => (
                format!("Ein Tag ist nicht frei: {title}"),
                format!("{sentence}\n\nDie anderen Tage Ihrer Serie bleiben gebucht."),
            ),
            Message::Rolling { room, title, until } => (
                format!("Gebucht bis {until}: {title}"),
                format!("Raum {room} ist für Ihre Serie bis {until} bestätigt; das wird täglich verlängert."),
            ),
            Message::CancelledBy { room, title, when, actor } => (
                format!("Storniert: {title}"),
                format!("{actor} hat Ihre Reservierung von Raum {room} {when} storniert."),
            ),
            Message::Displaced { title, why, list } => (
                format!("Raum zurückgenommen: {title}"),
                format!("Der Raum musste Ihnen wieder genommen werden: {}\n\n{list}", because(*why)),
            ),
            Message::Orphaned { person, list } => (
                format!("Reservierungen ohne Besitzer: {person}"),
                format!(
                    "{person} ist nicht mehr da. Diese Reservierungen behalten ihre Räume, bis jemand sie \
                     übernimmt oder storniert:\n\n{list}"
                ),
            ),
            Message::Transferred { room, title, from, to } => (
                format!("Übergeben: {title}"),
                format!("Die Reservierung von Raum {room} durch {from} gehört jetzt {to}."),
            ),
            Message::ChangedBy { room, title, actor } => (
                format!("Geändert: {title}"),
                format!("{actor} hat Ihre Reservierung von Raum {room} geändert."),
            ),
            Message::Approval(approval) => of_approval(approval),
            Message::Scheduling { method, title, actor, when } => {
                let when = when.map(|when| format!(" {when}")).unwrap_or_default();
                match *method {
                    "CANCEL" => {
                        (format!("Abgesagt: {title}"), format!("{actor} hat {title}{when} abgesagt."))
                    }
                    "REPLY" => (
                        format!("Antwort: {title}"),
                        format!("{actor} hat auf Ihre Einladung zu {title}{when} geantwortet."),
                    ),
                    "REFRESH" => (
                        format!("Bitte noch einmal senden: {title}"),
                        format!("{actor} bittet Sie, {title}{when} noch einmal zu senden."),
                    ),
                    "DECLINECOUNTER" => (
                        format!("Vorschlag abgelehnt: {title}"),
                        format!("{actor} hat Ihren Vorschlag zu {title}{when} abgelehnt."),
                    ),
                    _ => (format!("Einladung: {title}"), format!("{actor} lädt Sie ein zu {title}{when}.")),
                }
            }
            Message::RoomReply { answer, room, title, text } => {
                let what = match answer {
                    PartStat::Accepted => "zugesagt",
                    PartStat::Declined => "abgelehnt",
                    PartStat::Tentative | PartStat::NeedsAction | PartStat::Delegated => "noch offen",
                };
                (format!("Raum {room}, {what}: {title}"), (*text).to_owned())
            }
            Message::Unverified { room, method, sender, title } => (
                format!("Nicht beachtete Nachrichten an Raum {room}"),
                format!(
                    "Eine Nachricht ({method}, von {sender}) über {title:?} wurde nicht beachtet, wie schon eine zuvor: \
                     Wer sie gesendet hat, spricht nicht für den Veranstalter. Die Entscheidungen des Raums führen alle auf."
                ),
            ),
        };
        Letter { subject, body }
    }
}

fn partly_declined(title: &str, sentence: &str) -> (String, String) {
    let body = format!("{sentence}\n\nDie anderen Tage Ihres Termins sind gebucht.");
    (format!("Einige Tage abgelehnt: {title}"), body)
}

fn crowded(room: &str, title: &str, people: usize, seats: i64) -> (String, String) {
    let body = format!(
        "{people} Personen sind eingeladen, und Raum {room} hat {seats} Plätze. Gebucht ist er trotzdem."
    );
    (format!("Mehr Personen als Plätze: {title}"), body)
}

fn offered(room: &str, title: &str, when: &str, until: &str) -> (String, String) {
    let body = format!(
        "Raum {room} ist {when} frei geworden; Ihr Termin wurde für diese Zeit abgelehnt.\n\n\
         Sie werden als Erste gefragt. Gebucht wird nur, wenn Sie zusagen, solange er frei ist und {until}."
    );
    (format!("Wieder frei: {title}"), body)
}

fn taken(room: &str, title: &str, when: &str) -> (String, String) {
    let body = format!(
        "Raum {room} ist {when} frei geworden und jetzt für Ihren Termin gebucht, der abgelehnt worden war."
    );
    (format!("Doch noch gebucht: {title}"), body)
}

fn split_ended(room: &str, title: &str, when: &str) -> (String, String) {
    let body = format!(
        "Ihre neue Serie hat Buchungen dieser Serie in Raum {room} übernommen, die erste {when}. \
         In der alten Serie sind diese Tage jetzt storniert."
    );
    (format!("Tage übergeben: {title}"), body)
}

fn quota(limit: Limit) -> String {
    let Limit { quota, reach } = limit;
    let most = match quota.counts {
        Counted::Bookings if quota.most == 1 => "1 Buchung".to_owned(),
        Counted::Bookings => format!("{} Buchungen", quota.most),
        Counted::Seconds => span(quota.most),
    };
    let per = match quota.per {
        PerPeriod::Day => "am Tag",
        PerPeriod::Week => "in der Woche",
        PerPeriod::Month => "im Monat",
        PerPeriod::Year => "im Jahr",
        PerPeriod::Future => "im Voraus",
    };
    let reach = match reach {
        Reach::Room => "in diesem Raum",
        Reach::Group => "in den Räumen seiner Gruppe",
        Reach::House => "in allen Räumen zusammen",
    };
    format!("Sie dürfen {per} höchstens {most} {reach} haben")
}

fn of_approval(approval: &Approval<'_>) -> (String, String) {
    let Approval { room, title, when, news } = *approval;
    let said = |remark: &str| {
        if remark.is_empty() { String::new() } else { format!("\n\n{remark}") }
    };
    let subject = |what: &str| {
        if title.is_empty() { format!("{what}: Raum {room}") } else { format!("{what}: {title}") }
    };
    match news {
        News::Waiting { kept } => {
            let meanwhile = if kept {
                "Bis dahin ist der Raum für Sie freigehalten."
            } else {
                "Bis dahin können auch andere um diese Zeit bitten."
            };
            let body = format!("Ihre Anfrage für Raum {room} {when} wartet auf Genehmigung.");
            (subject("Wartet auf Genehmigung"), format!("{body}\n\n{meanwhile}"))
        }
        News::Asked { who, beyond } => {
            let body = format!("{who} bittet um Raum {room} {when}.{}", said(beyond));
            let how = "Antworten Sie für den Raum in dessen Kalender oder auf der Kommandozeile.";
            (subject("Zu genehmigen"), format!("{body}\n\n{how}"))
        }
        News::Reminder { who } => {
            let body = format!("{who} wartet noch auf Antwort: Raum {room} {when}.");
            (subject("Noch zu genehmigen"), format!("{body}\n\nOhne Antwort endet die Anfrage von selbst."))
        }
        News::Given { by, remark } => {
            let body = format!("{by} hat Ihre Anfrage für Raum {room} {when} genehmigt.");
            (subject("Genehmigt"), format!("{body}{}", said(remark)))
        }
        News::NotGiven { by, remark, kept } => {
            let body = match by {
                Some(by) => format!("{by} hat Ihre Anfrage für Raum {room} {when} nicht genehmigt."),
                None => format!("Ihre Anfrage für Raum {room} {when} wurde nicht rechtzeitig genehmigt."),
            };
            let kept = if kept { "\n\nIhre Buchung ist wieder dort, wo sie vorher war." } else { "" };
            (subject("Nicht genehmigt"), format!("{body}{}{kept}", said(remark)))
        }
        News::Withdrawn { by, remark } => {
            let body = format!("{by} hat Ihre Buchung von Raum {room} {when} zurückgenommen.");
            (subject("Zurückgenommen"), format!("{body}{}", said(remark)))
        }
        News::StillTentative => {
            let body = format!("Ihre Buchung von Raum {room} {when} ist beendet, weil sie vorläufig blieb.");
            (subject("Nicht bestätigt"), body)
        }
    }
}

fn because(why: Why<'_>) -> &str {
    match why {
        Why::Words(words) => words,
        Why::Zone => "seine Uhr steht jetzt in einer anderen Zeitzone",
        Why::ZoneData => "die Regeln seiner Zeitzone haben sich geändert",
        Why::Units => "er nimmt jetzt weniger Buchungen zugleich auf",
    }
}

fn short(reason: Reason) -> &'static str {
    match reason {
        Reason::Busy => "Raum belegt",
        Reason::Blocked => "Raum gesperrt",
        Reason::ClosedHours => "außerhalb der Öffnungszeiten",
        Reason::ClosedRoom => "keine Buchungen",
        Reason::NotAllowed => "nicht erlaubt",
        Reason::External => "hier nicht bekannt",
        Reason::TooSoon => "zu kurzfristig",
        Reason::TooFar => "zu weit im Voraus",
        Reason::TooShort => "zu kurz",
        Reason::TooLong => "zu lang",
        Reason::Past => "in der Vergangenheit",
        Reason::Grid => "Anfang nicht im Raster",
        Reason::NoRecurrence => "keine Serien",
        Reason::Quota => "zu viele Buchungen",
        Reason::Seats => "zu wenige Plätze",
        Reason::MultiRoom => "anderer Raum nicht frei",
        Reason::SelfOverlap => "Serie überschneidet sich",
        Reason::Duplicate => "von jemand anderem gebucht",
        Reason::Invalid => "ohne Dauer",
        Reason::NotApproved => "nicht genehmigt",
        Reason::Released => "freigegeben",
        Reason::NoShow => "niemand erschienen",
        Reason::Displaced => "zurückgenommen",
        Reason::Orphaned => "Veranstalter nicht mehr da",
        Reason::Cancelled => "storniert",
        Reason::LateCancel => "zu spät storniert",
    }
}
