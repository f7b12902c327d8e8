//! The messages to people in German. Knows neither to whom nor how they go. Booking rules, section 15.

use crate::domain::attendee::PartStat;
use crate::text::{Approval, Attendance, Message, News, Why, paragraph};

/// Subject and text.
pub(super) fn letter(message: &Message<'_>) -> (String, String) {
    match message {
        Message::Refused { title, sentence, alternatives } => refused(title, sentence, alternatives),
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
        Message::Displaced { title, from, why, list } => (
            format!("Raum zurückgenommen: {title}"),
            format!(
                "Der Raum musste {} wieder genommen werden: {}\n\n{list}",
                from.unwrap_or("Ihnen"),
                because(*why)
            ),
        ),
        Message::Orphaned { person, list } => orphaned(person, list),
        Message::Transferred { room, title, from, to } => (
            format!("Übergeben: {title}"),
            format!("Die Reservierung von Raum {room} durch {from} gehört jetzt {to}."),
        ),
        Message::ChangedBy { room, title, actor } => {
            (format!("Geändert: {title}"), format!("{actor} hat Ihre Reservierung von Raum {room} geändert."))
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
        format!("Nicht gebucht: {title}"),
        format!(
            "{sentence}{}\n\nNichts wurde geändert. Ihr Kalenderprogramm hat Ihnen das vielleicht nicht gesagt.",
            paragraph(alternatives)
        ),
    )
}

fn orphaned(person: &str, list: &str) -> (String, String) {
    (
        format!("Reservierungen ohne Besitzer: {person}"),
        format!(
            "{person} ist nicht mehr da. Diese Reservierungen behalten ihre Räume, bis jemand sie \
                 übernimmt oder storniert:\n\n{list}"
        ),
    )
}

fn scheduling(method: &str, title: &str, actor: &str, when: Option<&str>) -> (String, String) {
    let when = when.map(|when| format!(" {when}")).unwrap_or_default();
    match method {
        "CANCEL" => (format!("Abgesagt: {title}"), format!("{actor} hat {title}{when} abgesagt.")),
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

fn unverified(room: &str, method: &str, sender: &str, title: &str) -> (String, String) {
    (
        format!("Nicht beachtete Nachrichten an Raum {room}"),
        format!(
            "Eine Nachricht ({method}, von {sender}) über {title:?} wurde nicht beachtet, wie schon eine zuvor: \
                 Wer sie gesendet hat, spricht nicht für den Veranstalter. Die Entscheidungen des Raums führen alle auf."
        ),
    )
}

fn partly_declined(title: &str, sentence: &str) -> (String, String) {
    let body = format!("{sentence}\n\nDie anderen Tage Ihres Termins sind gebucht.");
    (format!("Einige Tage abgelehnt: {title}"), body)
}

fn crowded(room: &str, title: &str, people: usize, seats: i64) -> (String, String) {
    let seats = if seats == 1 { "1 Platz".to_owned() } else { format!("{seats} Plätze") };
    let body =
        format!("{people} Personen sind eingeladen, und Raum {room} hat {seats}. Gebucht ist er trotzdem.");
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
            let how =
                "Antworten Sie mit einem Link, für den Raum in dessen Kalender oder auf der Kommandozeile.";
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
        Why::Left => "wer ihn hatte, ist nicht mehr da, und niemand hat ihn übernommen",
    }
}

fn attendance(about: &Attendance<'_>) -> (String, String) {
    match about {
        Attendance::CheckIn { room, title, when, until } => (
            format!("Bitte einchecken: {title}"),
            format!(
                "Raum {room} gehört Ihnen {when}. Bitte sagen Sie bis {until}, dass Sie da sind; sonst bekommen \
                 ihn andere.\n\nDer Link unten tut das. Jede Änderung des Termins in Ihrem Kalender tut es auch."
            ),
        ),
        Attendance::NoShow { room, title, when } => (
            format!("Freigegeben: {title}"),
            format!(
                "Niemand hat in Raum {room} {when} eingecheckt, darum können ihn jetzt andere buchen.\n\nWenn Sie \
                 ihn noch brauchen, können Sie ihn wieder nehmen, solange er frei ist."
            ),
        ),
        Attendance::Strikes { room, title, misses, until } => (
            format!("Brauchen Sie das noch? {title}"),
            format!(
                "In Raum {room} hat {}niemand eingecheckt. Bitte bestätigen Sie bis {until}, \
                 dass Sie die anderen Tage Ihrer Serie brauchen; sonst werden sie freigegeben.",
                if *misses == 1 { String::new() } else { format!("{misses} Mal nacheinander ") }
            ),
        ),
        Attendance::AllDeclined { room, title, when } => (
            format!("Alle haben abgesagt: {title}"),
            format!(
                "Alle, die Sie {when} eingeladen haben, haben abgesagt. Wenn Sie Raum {room} nicht brauchen, geben \
                 Sie ihn bitte zurück."
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
        PartStat::Accepted => ("zugesagt", "hat Ihre Einladung angenommen"),
        PartStat::Declined => ("abgelehnt", "hat Ihre Einladung abgelehnt"),
        PartStat::Tentative | PartStat::NeedsAction | PartStat::Delegated => {
            ("noch offen", "hat Ihre Einladung noch nicht beantwortet")
        }
    };
    let body = format!("Raum {room} {sentence}: {title}{when}.{}", paragraph(comment));
    (format!("Raum {room}, {what}: {title}"), body)
}
