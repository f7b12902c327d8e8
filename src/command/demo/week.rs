//! The demo's reservations: this week and the next ones, counted from the Monday of the day on
//! which they are made. They are booked as a client would book them.

use jiff::Span;
use jiff::civil::{Date, DateTime};

use crate::booking::{Bookings, Outcome, Put, RESERVATIONS, Target, actor};
use crate::command::failure::Failure;
use crate::domain::space::Room;
use crate::domain::time::{Instant, Period, Zone};
use crate::ical::{CalendarObject, vtimezone, write::PRODID};
use crate::store::{ReservationFilter, Tx};
use crate::text::Language;

use super::house::{mail, slug};

/// One event of the demo.
struct Plan {
    uid: &'static str,
    who: &'static str,
    room: &'static str,
    title: &'static str,
    /// Days after this week's Monday.
    day: i64,
    when: When,
    /// An RRULE value.
    rule: Option<&'static str>,
    /// More content lines.
    lines: &'static str,
    /// Dates of the series that are left out, in days after its first.
    left_out: &'static [i64],
    /// A date of the series that is otherwise: days after its first, and how.
    otherwise: Option<(i64, Otherwise)>,
    /// Written in the person's own calendar with the room as attendee, not in the room's.
    invites: bool,
}

#[derive(Clone, Copy)]
enum When {
    AllDay,
    /// Hour, minute, and length in minutes, on the room's clock.
    At(i8, i8, i64),
}

#[derive(Clone, Copy)]
enum Otherwise {
    /// So many minutes later.
    Later(i64),
    /// Under another title.
    Title(&'static str),
}

const PLAIN: Plan = Plan {
    uid: "",
    who: "",
    room: "",
    title: "",
    day: 0,
    when: When::AllDay,
    rule: None,
    lines: "",
    left_out: &[],
    otherwise: None,
    invites: false,
};

#[rustfmt::skip]
const PLANS: [Plan; 12] = [
    Plan { uid: "demo-choir", who: "clara", room: "aula", title: "Choir rehearsal", day: 0, when: When::At(18, 0, 90),
        rule: Some("FREQ=WEEKLY;COUNT=10"), left_out: &[14], otherwise: Some((7, Otherwise::Later(60))), ..PLAIN },
    Plan { uid: "demo-stand-up", who: "ben", room: "studio", title: "Stand-up", day: 0, when: When::At(9, 0, 15),
        rule: Some("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"), left_out: &[3], ..PLAIN },
    Plan { uid: "demo-yoga", who: "david", room: "hall-a", title: "Yoga", day: 1, when: When::At(17, 0, 60),
        rule: Some("FREQ=WEEKLY;INTERVAL=2;COUNT=6"), ..PLAIN },
    Plan { uid: "demo-client", who: "felix", room: "hudson", title: "Client call", day: 1, when: When::At(10, 0, 60),
        rule: Some("FREQ=WEEKLY;COUNT=8"), otherwise: Some((7, Otherwise::Title("Client visit"))), ..PLAIN },
    Plan { uid: "demo-workshop", who: "emma", room: "hall-b", title: "Workshop", day: 2, when: When::At(13, 0, 240), ..PLAIN },
    Plan { uid: "demo-talk", who: "henry", room: "aula", title: "Talk with the lawyer", day: 2, when: When::At(15, 0, 60),
        lines: "CLASS:PRIVATE\r\n", ..PLAIN },
    Plan { uid: "demo-assembly", who: "anna", room: "hall", title: "Assembly", day: 3, when: When::At(10, 0, 120), ..PLAIN },
    Plan { uid: "demo-open-day", who: "anna", room: "aula", title: "Open day", day: 5, ..PLAIN },
    Plan { uid: "demo-interview", who: "greta", room: "studio", title: "Interview", day: 8, when: When::At(14, 0, 60), ..PLAIN },
    Plan { uid: "demo-training", who: "clara", room: "hall-a", title: "Training", day: 9, when: When::At(9, 0, 180),
        lines: "STATUS:TENTATIVE\r\n", ..PLAIN },
    Plan { uid: "demo-review", who: "emma", room: "studio", title: "Design review", day: 11, when: When::At(11, 0, 60),
        invites: true, ..PLAIN },
    Plan { uid: "demo-concert", who: "clara", room: "aula", title: "Concert", day: 11, when: When::At(19, 0, 150),
        lines: "DESCRIPTION:Doors open half an hour before.\r\n", ..PLAIN },
];

/// Books everything, unless something was booked before.
pub(super) async fn make(bookings: &Bookings) -> Result<(), Failure> {
    let mut snapshot = bookings.store().snapshot().await?;
    let mut tx = snapshot.tx();
    if !tx.reservations().list(ReservationFilter::default()).await?.is_empty() {
        return Ok(());
    }
    let mut puts = Vec::new();
    for plan in &PLANS {
        puts.push(put(&mut tx, plan, bookings.now(), bookings).await?);
    }
    drop(snapshot);
    for put in puts {
        let name = put.name.clone();
        if let Outcome::Refused(refusal) = bookings.put(put).await? {
            return Err(Failure::new(format!("{name} was refused: {}", refusal.sentence)));
        }
    }
    Ok(())
}

async fn put(tx: &mut Tx<'_>, plan: &Plan, now: Instant, bookings: &Bookings) -> Result<Put, Failure> {
    let missing =
        || Failure::new(format!("the demo has lost what {} needs; begin with an empty database", plan.uid));
    let room = tx.rooms().by_slug(&slug(plan.room)).await?.ok_or_else(missing)?;
    let user = tx.users().by_login(&slug(plan.who)).await?.ok_or_else(missing)?;
    let target = if plan.invites {
        Target::Person(tx.calendars().named(user.id, RESERVATIONS).await?.ok_or_else(missing)?.id)
    } else {
        Target::Room(room.id)
    };
    let text = plan.text(&room, now);
    let object = CalendarObject::parse(text.into(), bookings.limits())?;
    let actor = actor(tx, &user, Language::English).await?;
    let mut put = Put::new(actor, target, &format!("{}.ics", plan.uid), object);
    // The first days of the week may be over.
    put.history = true;
    Ok(put)
}

impl Plan {
    fn text(&self, room: &Room, now: Instant) -> String {
        let today = room.zone.to_local(now).date();
        let days = self.day - i64::from(today.weekday().to_monday_zero_offset());
        let first = later(today, days);
        let mut lines = self.event(room, first, now, None);
        if let Some((days, otherwise)) = self.otherwise {
            lines.push_str(&self.event(room, later(first, days), now, Some(otherwise)));
        }
        let year = Period { start: now.plus(-30 * 86_400), end: now.plus(366 * 86_400) };
        let zone = match self.when {
            When::AllDay => String::new(),
            When::At(..) => only_zone(&vtimezone(&room.zone, year)),
        };
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODID}\r\n{zone}{lines}END:VCALENDAR\r\n")
    }

    /// The VEVENT that begins on this date: the master, or the override of that date.
    fn event(&self, room: &Room, date: Date, now: Instant, otherwise: Option<Otherwise>) -> String {
        let Self { uid, who, title, lines, .. } = self;
        let zone = &room.zone;
        let (title, shift) = match otherwise {
            Some(Otherwise::Title(title)) => (title, 0),
            Some(Otherwise::Later(minutes)) => (*title, minutes),
            None => (*title, 0),
        };
        let times = match self.when {
            When::AllDay => {
                let end = later(date, 1);
                format!("DTSTART;VALUE=DATE:{}\r\nDTEND;VALUE=DATE:{}\r\n", digits(date), digits(end))
            }
            When::At(hour, minute, minutes) => {
                let planned = date.at(hour, minute, 0, 0);
                let start = planned.saturating_add(Span::new().minutes(shift));
                let end = start.saturating_add(Span::new().minutes(minutes));
                let recurrence_id =
                    otherwise.map(|_| line("RECURRENCE-ID", planned, zone)).unwrap_or_default();
                recurrence_id
                    + &line("DTSTART", start, zone)
                    + &line("DTEND", end, zone)
                    + &self.series(date, zone, otherwise)
            }
        };
        let people = if self.invites { invitation(who, room) } else { String::new() };
        let stamp = now.timestamp().strftime("%Y%m%dT%H%M%SZ");
        format!(
            "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:{stamp}\r\n{times}SUMMARY:{title}\r\n{lines}{people}END:VEVENT\r\n"
        )
    }

    /// RRULE and EXDATE of a master.
    fn series(&self, first: Date, zone: &Zone, otherwise: Option<Otherwise>) -> String {
        let (Some(rule), When::At(hour, minute, _), None) = (self.rule, self.when, otherwise) else {
            return String::new();
        };
        let left_out =
            self.left_out.iter().map(|days| line("EXDATE", later(first, *days).at(hour, minute, 0, 0), zone));
        format!("RRULE:{rule}\r\n{}", left_out.collect::<String>())
    }
}

fn invitation(who: &str, room: &Room) -> String {
    let (organizer, address) = (mail(who), mail(room.slug.as_str()));
    format!(
        "ORGANIZER:{organizer}\r\nATTENDEE;PARTSTAT=ACCEPTED:{organizer}\r\n\
         ATTENDEE;CUTYPE=ROOM;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:{address}\r\n"
    )
}

fn later(date: Date, days: i64) -> Date {
    date.saturating_add(Span::new().days(days))
}

fn digits(date: Date) -> String {
    date.strftime("%Y%m%d").to_string()
}

fn line(name: &str, wall: DateTime, zone: &Zone) -> String {
    format!("{name};TZID={}:{}\r\n", zone.name(), wall.strftime("%Y%m%dT%H%M%S"))
}

/// The VTIMEZONE in a VCALENDAR that has nothing else.
fn only_zone(calendar: &str) -> String {
    let begin = calendar.find("BEGIN:VTIMEZONE").unwrap_or_default();
    let end = calendar.find("END:VCALENDAR").unwrap_or(calendar.len());
    calendar[begin..end].to_owned()
}
