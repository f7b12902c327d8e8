//! German.

mod letters;

use jiff::civil::DateTime;

use super::{Letter, Message, Speak};
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
        let (subject, body) = letters::letter(message);
        Letter { subject, body }
    }
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
