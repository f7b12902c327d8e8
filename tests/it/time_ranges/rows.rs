//! The rows of the tables: what a component has, and when it overlaps a range from `start` to `end`,
//! as RFC 4791, section 9.9, writes it.

use super::form::{Form, Moments, Recurs};

/// What a range is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overlap {
    Event,
    Todo,
    Journal,
    FreeBusy,
    /// A VALARM in a VEVENT.
    EventAlarm,
    /// A VALARM in a VTODO.
    TodoAlarm,
}

impl Overlap {
    pub(super) const ALL: [Self; 6] =
        [Self::Event, Self::Todo, Self::Journal, Self::FreeBusy, Self::EventAlarm, Self::TodoAlarm];

    /// The component that lies in the VCALENDAR.
    pub(super) fn outer(self) -> &'static str {
        match self {
            Self::Event | Self::EventAlarm => "VEVENT",
            Self::Todo | Self::TodoAlarm => "VTODO",
            Self::Journal => "VJOURNAL",
            Self::FreeBusy => "VFREEBUSY",
        }
    }

    /// The seconds at which an answer may change.
    pub(super) fn edges(self, at: Moments) -> Vec<i64> {
        match self {
            Self::Event | Self::Journal | Self::TodoAlarm => vec![at.begin, at.end, at.day_later],
            Self::Todo | Self::FreeBusy => vec![at.begin, at.end, at.created, at.completed],
            Self::EventAlarm => {
                vec![at.begin, at.end, at.created, at.begin - 30 * MINUTE, at.begin + 60 * MINUTE]
            }
        }
    }

    /// The filter with this range.
    pub(super) fn filter(self, range: &str) -> String {
        let inner = match self {
            Self::EventAlarm | Self::TodoAlarm => {
                format!("<C:comp-filter name=\"VALARM\">{range}</C:comp-filter>")
            }
            _ => range.to_owned(),
        };
        format!("<C:comp-filter name=\"{}\">{inner}</C:comp-filter>", self.outer())
    }
}

/// One row.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) asked: Overlap,
    /// Its lines; `None` in forms that the row does not have.
    lines: fn(Form) -> Option<Vec<String>>,
    /// It has no DTSTART by which it could recur.
    pub(super) is_once: bool,
    pub(super) overlap: fn(&Moments, i64, i64) -> bool,
}

impl Row {
    pub(super) fn takes(&self, form: Form, recurs: Recurs) -> bool {
        (self.lines)(form).is_some() && (recurs == Recurs::No || !self.is_once)
    }

    pub(super) fn text(&self, uid: &str, form: Form, recurs: Recurs) -> String {
        let name = self.asked.outer();
        let mut lines =
            vec!["BEGIN:VCALENDAR".to_owned(), "VERSION:2.0".to_owned(), "PRODID:-//t//t//EN".to_owned()];
        lines.extend([format!("BEGIN:{name}"), format!("UID:{uid}"), "DTSTAMP:20270101T000000Z".to_owned()]);
        lines.extend(recurs.rule().map(str::to_owned));
        lines.extend((self.lines)(form).expect("a form of this row"));
        lines.extend([format!("END:{name}"), "END:VCALENDAR".to_owned()]);
        lines.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect()
    }
}

fn timed(form: Form, lines: Vec<String>) -> Option<Vec<String>> {
    (form != Form::Days).then_some(lines)
}

/// Only in UTC, where the form makes no difference.
fn utc<const N: usize>(form: Form, lines: [&str; N]) -> Option<Vec<String>> {
    (form == Form::Utc).then(|| lines.iter().map(|line| (*line).to_owned()).collect())
}

fn alarm(mut lines: Vec<String>, own: &[&str]) -> Vec<String> {
    lines.extend(["BEGIN:VALARM".to_owned(), "ACTION:DISPLAY".to_owned(), "DESCRIPTION:x".to_owned()]);
    lines.extend(own.iter().map(|line| (*line).to_owned()));
    lines.push("END:VALARM".to_owned());
    lines
}

const MINUTE: i64 = 60;
const CREATED: &str = "CREATED:20270301T050000Z";
const COMPLETED: &str = "COMPLETED:20270301T170000Z";

macro_rules! row {
    ($name:literal, $asked:ident, $lines:expr, $overlap:expr) => {
        Row { name: $name, asked: Overlap::$asked, lines: $lines, is_once: false, overlap: $overlap }
    };
    ($name:literal, $asked:ident once, $lines:expr, $overlap:expr) => {
        Row { name: $name, asked: Overlap::$asked, lines: $lines, is_once: true, overlap: $overlap }
    };
}

pub(super) const ROWS: &[Row] = &[
    // VEVENT.
    row!(
        "event-dtend",
        Event,
        |form| Some(vec![form.begins("DTSTART"), form.ends("DTEND")]),
        |at, start, end| { start < at.end && end > at.begin }
    ),
    row!(
        "event-duration",
        Event,
        |form| Some(vec![form.begins("DTSTART"), form.duration().to_owned()]),
        |at, start, end| start < at.end && end > at.begin
    ),
    row!(
        "event-no-duration",
        Event,
        |form| timed(form, vec![form.begins("DTSTART"), "DURATION:PT0S".to_owned()]),
        |at, start, end| start <= at.begin && end > at.begin
    ),
    row!("event-instant", Event, |form| timed(form, vec![form.begins("DTSTART")]), |at, start, end| start
        <= at.begin
        && end > at.begin),
    row!(
        "event-day",
        Event,
        |form| (form == Form::Days).then(|| vec![form.begins("DTSTART")]),
        |at, start, end| start < at.day_later && end > at.begin
    ),
    // No row speaks of an end at the beginning, which RFC 5545 forbids: it is an instant.
    row!(
        "event-ends-at-once",
        Event,
        |form| Some(vec![form.begins("DTSTART"), form.begins("DTEND")]),
        |at, start, end| start <= at.begin && end > at.begin
    ),
    // VTODO.
    row!(
        "todo-duration",
        Todo,
        |form| Some(vec![form.begins("DTSTART"), form.duration().to_owned()]),
        |at, start, end| start <= at.end && (end > at.begin || end >= at.end)
    ),
    row!(
        "todo-no-duration",
        Todo,
        |form| timed(form, vec![form.begins("DTSTART"), "DURATION:PT0S".to_owned()]),
        |at, start, end| start <= at.begin && (end > at.begin || end >= at.begin)
    ),
    row!("todo-due", Todo, |form| Some(vec![form.begins("DTSTART"), form.ends("DUE")]), |at, start, end| {
        (start < at.end || start <= at.begin) && (end > at.begin || end >= at.end)
    }),
    row!(
        "todo-due-at-once",
        Todo,
        |form| Some(vec![form.begins("DTSTART"), form.begins("DUE")]),
        |at, start, end| (start < at.begin || start <= at.begin) && (end > at.begin || end >= at.begin)
    ),
    row!("todo-start", Todo, |form| Some(vec![form.begins("DTSTART")]), |at, start, end| {
        start <= at.begin && end > at.begin
    }),
    row!("todo-only-due", Todo once, |form| Some(vec![form.ends("DUE")]), |at, start, end| {
        start < at.end && end >= at.end
    }),
    row!("todo-both", Todo once, |form| utc(form, [CREATED, COMPLETED]), |at, start, end| {
        (start <= at.created || start <= at.completed) && (end >= at.created || end >= at.completed)
    }),
    row!("todo-completed", Todo once, |form| utc(form, [COMPLETED]), |at, start, end| {
        start <= at.completed && end >= at.completed
    }),
    row!("todo-created", Todo once, |form| utc(form, [CREATED]), |at, _, end| end > at.created),
    row!("todo-nothing", Todo once, |form| utc(form, []), |_, _, _| true),
    // VJOURNAL.
    row!(
        "journal-instant",
        Journal,
        |form| timed(form, vec![form.begins("DTSTART")]),
        |at, start, end| start <= at.begin && end > at.begin
    ),
    row!(
        "journal-day",
        Journal,
        |form| (form == Form::Days).then(|| vec![form.begins("DTSTART")]),
        |at, start, end| start < at.day_later && end > at.begin
    ),
    row!("journal-nothing", Journal once, |form| utc(form, []), |_, _, _| false),
    // VFREEBUSY.
    row!(
        "busy-ends",
        FreeBusy once,
        |form| utc(form, [
            "DTSTART:20270301T100000Z",
            "DTEND:20270301T120000Z",
            "FREEBUSY:20270301T101500Z/PT15M",
        ]),
        |at, start, end| start <= at.end && end > at.begin
    ),
    row!(
        "busy-periods",
        FreeBusy once,
        |form| utc(form, [
            "FREEBUSY;FBTYPE=FREE:20270301T100000Z/20270301T120000Z",
            "FREEBUSY:20270301T050000Z/PT1M,20270301T170000Z/PT1M",
        ]),
        |at, start, end| {
            let overlaps = |from: i64, to: i64| start < to && end > from;
            overlaps(at.begin, at.end)
                || overlaps(at.created, at.created + MINUTE)
                || overlaps(at.completed, at.completed + MINUTE)
        }
    ),
    row!("busy-nothing", FreeBusy once, |form| utc(form, []), |_, _, _| false),
    // VALARM.
    row!(
        "alarm-start",
        EventAlarm,
        |form| Some(alarm(vec![form.begins("DTSTART"), form.ends("DTEND")], &["TRIGGER:-PT30M"])),
        |at, start, end| start <= at.begin - 30 * MINUTE && end > at.begin - 30 * MINUTE
    ),
    row!(
        "alarm-end",
        EventAlarm,
        |form| Some(alarm(
            vec![form.begins("DTSTART"), form.duration().to_owned()],
            &["TRIGGER;RELATED=END:PT0S",]
        )),
        |at, start, end| start <= at.end && end > at.end
    ),
    row!(
        "alarm-at",
        EventAlarm once,
        |form| utc(form, ["DTSTART:20270301T100000Z"])
            .map(|lines| alarm(lines, &["TRIGGER;VALUE=DATE-TIME:20270301T050000Z"])),
        |at, start, end| start <= at.created && end > at.created
    ),
    row!(
        "alarm-repeats",
        EventAlarm,
        |form| Some(alarm(
            vec![form.begins("DTSTART"), form.ends("DTEND")],
            &["TRIGGER:PT0S", "REPEAT:2", "DURATION:PT1H",]
        )),
        |at, start, end| (0..=2).any(|n| {
            let rings = at.begin + n * 60 * MINUTE;
            start <= rings && end > rings
        })
    ),
    row!(
        "alarm-todo-due",
        TodoAlarm,
        |form| Some(alarm(vec![form.begins("DTSTART"), form.ends("DUE")], &["TRIGGER;RELATED=END:PT0S"])),
        |at, start, end| start <= at.end && end > at.end
    ),
    row!(
        "alarm-todo-only-due",
        TodoAlarm once,
        |form| Some(alarm(vec![form.ends("DUE")], &["TRIGGER;RELATED=END:PT0S"])),
        |at, start, end| start <= at.end && end > at.end
    ),
    row!(
        "alarm-todo-start",
        TodoAlarm,
        |form| Some(alarm(vec![form.begins("DTSTART")], &["TRIGGER:PT0S", "REPEAT:1", "DURATION:P1D"])),
        |at, start, end| { [at.begin, at.day_later].iter().any(|rings| start <= *rings && end > *rings) }
    ),
];

/// When a property of a text is, if it has it or its duration stands for it.
type When = fn(&str, &Moments) -> Option<i64>;

fn stands(text: &str, name: &str) -> bool {
    text.lines().any(|line| line.starts_with(name) && line[name.len()..].starts_with([':', ';']))
}

fn dtend(text: &str, at: &Moments) -> Option<i64> {
    if text.contains("event-ends-at-once") || text.contains("DURATION:PT0S") {
        return Some(at.begin);
    }
    (stands(text, "DTEND") || stands(text, "DURATION")).then_some(at.end)
}

fn due(text: &str, at: &Moments) -> Option<i64> {
    if text.contains("todo-due-at-once") || text.contains("DURATION:PT0S") {
        return Some(at.begin);
    }
    (stands(text, "DUE") || stands(text, "DURATION")).then_some(at.end)
}

/// Component, property, and when it is.
pub(super) const PROPERTIES: &[(&str, &str, When)] = &[
    ("VEVENT", "DTSTART", |text, at| stands(text, "DTSTART").then_some(at.begin)),
    ("VEVENT", "DTEND", dtend),
    ("VEVENT", "DTSTAMP", |_, _| Some(1_798_761_600)),
    ("VTODO", "DUE", due),
    ("VTODO", "COMPLETED", |text, at| stands(text, "COMPLETED").then_some(at.completed)),
    ("VTODO", "CREATED", |text, at| stands(text, "CREATED").then_some(at.created)),
    ("VTODO", "DTSTART", |text, at| stands(text, "DTSTART").then_some(at.begin)),
    ("VTODO", "DTSTAMP", |_, _| Some(1_798_761_600)),
    ("VJOURNAL", "DTSTART", |text, at| stands(text, "DTSTART").then_some(at.begin)),
    ("VJOURNAL", "DTSTAMP", |_, _| Some(1_798_761_600)),
];
