//! What a room's calendar shows of a request that waits for a manager, what a manager says by writing
//! it back, and a booking put back to where it was.
//!
//! The text of a direct booking stays as it was sent: its readers are shown it as tentative, and a
//! manager decides by the room's PARTSTAT, or where the room is not invited by STATUS. Decides nothing.
//! RFC 5545, sections 3.2.12 and 3.8.1.11; RFC 6638, section 3.2.2.1; R70, R73, R74.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::edit::insert_component;
use super::instance::{Detached, detached, timed};
use super::object::CalendarObject;
use super::patch::Patch;
use super::scheduling::{again, answers, exceptions, is_allowed};
use super::tree::Component;
use crate::domain::approval::Waiting;
use crate::domain::attendee::{Address, PartStat};
use crate::domain::recurrence::RecurrenceId;
use crate::domain::time::{Instant, Period, Zone};

const TENTATIVE: &str = "TENTATIVE";
const CANCELLED: &str = "CANCELLED";

/// Dates that are told apart from the rest of their series; of more than these the whole is shown as
/// tentative.
const MOST_APART: usize = 100;

fn has_status(part: Component<'_>, word: &str) -> bool {
    part.get("STATUS").is_some_and(|status| status.value().trim().eq_ignore_ascii_case(word))
}

/// The text with STATUS:TENTATIVE on what waits.
#[must_use]
pub fn tentative(object: &CalendarObject, waiting: &Waiting, floating: &Zone) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    let dates: BTreeSet<Instant> = match waiting {
        Waiting::Nothing => return object.bytes().clone(),
        Waiting::Some(held) if held.len() <= MOST_APART => {
            held.iter().filter_map(|id| id.instant()).collect()
        }
        Waiting::All | Waiting::Some(_) => {
            for part in object.parts().filter(|part| !has_status(*part, CANCELLED)) {
                patch.set_property(part, "STATUS", TENTATIVE);
            }
            return patch.apply();
        }
    };
    let mut own = BTreeSet::new();
    for part in object.parts() {
        if let Some(at) = object.original_start(part, floating).filter(|at| dates.contains(at)) {
            own.insert(at);
            patch.set_property(part, "STATUS", TENTATIVE);
        }
    }
    for at in dates.difference(&own) {
        let Some(Detached { from, lines, .. }) = detached(object, *at, &dates, floating) else { continue };
        let is_status = |line: &str| line.get(..6).is_some_and(|name| name.eq_ignore_ascii_case("STATUS"));
        let kept = lines.into_iter().map(|(_, line)| line).filter(|line| !is_status(line));
        let lines: Vec<String> = kept.chain([format!("STATUS:{TENTATIVE}")]).collect();
        insert_component(&mut patch, object, from, &lines);
    }
    patch.apply()
}

/// The text that somebody wrote who had been shown `stored` as [`tentative`]: STATUS is again what the
/// owner wrote.
#[must_use]
pub fn untentative(written: &CalendarObject, stored: &CalendarObject, floating: &Zone) -> Bytes {
    let mut patch = Patch::new(written.calendar());
    for part in written.parts().filter(|part| has_status(*part, TENTATIVE)) {
        let own = counterpart(stored, written, part, floating).and_then(|own| own.text("STATUS"));
        match own {
            Some(own) => patch.set_property(part, "STATUS", &own),
            None => part.all("STATUS").for_each(|status| patch.remove(status)),
        }
    }
    patch.apply()
}

/// The part of `other` that says the same date, or the series.
fn counterpart<'a>(
    other: &'a CalendarObject,
    object: &CalendarObject,
    part: Component<'_>,
    floating: &Zone,
) -> Option<Component<'a>> {
    let at = object.original_start(part, floating);
    other.parts().find(|it| other.original_start(*it, floating) == at).or_else(|| other.master())
}

/// What a manager says about a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// About all dates but those that follow: given, or not.
    pub whole: Option<bool>,
    /// About single dates, by their original start; `None`: nothing about this one.
    pub dates: BTreeMap<Instant, Option<bool>>,
}

impl Decisions {
    /// About everything.
    #[must_use]
    pub fn whole(approves: bool) -> Self {
        Self { whole: Some(approves), dates: BTreeMap::new() }
    }

    /// About one date.
    #[must_use]
    pub fn date(at: Instant, approves: bool) -> Self {
        Self { whole: None, dates: BTreeMap::from([(at, Some(approves))]) }
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.whole.is_none() && self.dates.values().all(Option::is_none)
    }

    /// What is said about this occurrence: `Some(true)` where it is given.
    #[must_use]
    pub fn about(&self, id: RecurrenceId) -> Option<bool> {
        let own = id.instant().and_then(|at| self.dates.get(&at));
        own.copied().unwrap_or(self.whole)
    }
}

fn given(partstat: PartStat) -> Option<bool> {
    match partstat {
        PartStat::Accepted => Some(true),
        PartStat::Declined => Some(false),
        _ => None,
    }
}

/// What the answers of the room in a REPLY say (RFC 5546, section 3.2.3).
#[must_use]
pub fn replied(message: &CalendarObject, room: &[Address], floating: &Zone) -> Decisions {
    let said = answers(message, room, floating);
    let dates = said.instances.into_iter().map(|(at, partstat)| (at, given(partstat))).collect();
    Decisions { whole: said.whole.and_then(given), dates }
}

/// What a manager says by writing `after` over `before`, which he was shown: `None` if anything else
/// is changed too, or nothing is said.
#[must_use]
pub fn decided(
    before: &CalendarObject,
    after: &CalendarObject,
    room: &[Address],
    waiting: &Waiting,
    floating: &Zone,
) -> Option<Decisions> {
    let (was, is) = (without_status(before)?, without_status(after)?);
    let left_out = |object: &CalendarObject| object.event().map(|event| exceptions(event, floating)).ok();
    if !is_allowed(&was, &is, floating) || left_out(&was) != left_out(&is) {
        return None;
    }
    let (known, said) = (answers(before, room, floating), answers(after, room, floating));
    let mut decisions = Decisions { whole: None, dates: BTreeMap::new() };
    for part in after.parts() {
        let at = after.original_start(part, floating);
        let (old, new) = match at {
            Some(at) => (known.at(at), said.instances.get(&at).copied()),
            None => (known.whole, said.whole),
        };
        let by_partstat = new.filter(|new| old != Some(*new)).and_then(given);
        let by_status =
            || status_change(before, after, part, floating).filter(|_| *waiting != Waiting::Nothing);
        let decision = by_partstat.or_else(by_status);
        match at {
            None => decisions.whole = decision,
            Some(at) if decision.is_some() || new.is_some() || has_status(part, TENTATIVE) => {
                decisions.dates.insert(at, decision);
            }
            Some(_) => {}
        }
    }
    Some(decisions).filter(|decisions| !decisions.is_empty())
}

/// From tentative to something else.
fn status_change(
    before: &CalendarObject,
    after: &CalendarObject,
    part: Component<'_>,
    floating: &Zone,
) -> Option<bool> {
    let was = counterpart(before, after, part, floating)?;
    if !has_status(was, TENTATIVE) {
        return None;
    }
    if has_status(part, "CONFIRMED") {
        return Some(true);
    }
    has_status(part, CANCELLED).then_some(false)
}

fn without_status(object: &CalendarObject) -> Option<CalendarObject> {
    let mut patch = Patch::new(object.calendar());
    for status in object.parts().flat_map(|part| part.all("STATUS").collect::<Vec<_>>()) {
        patch.remove(status);
    }
    again(patch.apply()).ok()
}

/// The text with these dates at these times, each in the form in which it is written. `None` where
/// one of them has no part of its own, or stands for others too.
#[must_use]
pub fn retimed(object: &CalendarObject, dates: &[(RecurrenceId, Period)], floating: &Zone) -> Option<Bytes> {
    let event = object.event().ok()?;
    let mut patch = Patch::new(object.calendar());
    for (id, period) in dates {
        let part = match id.instant() {
            None => object.master().filter(|_| !event.recurs())?,
            Some(at) => object.override_at(at, floating)?,
        };
        if part.get("RECURRENCE-ID").is_some_and(|id| id.param("RANGE").is_some()) {
            return None;
        }
        let start = part.get("DTSTART")?;
        let end = timed(object, start, period.end, floating)?.replacen("DTSTART", "DTEND", 1);
        let end = match part.get("DTEND") {
            Some(own) => timed(object, own, period.end, floating)?,
            None => end,
        };
        patch.add(part, &timed(object, start, period.start, floating)?);
        patch.add(part, &end);
        ["DTSTART", "DTEND", "DURATION"]
            .into_iter()
            .flat_map(|name| part.all(name))
            .for_each(|property| patch.remove(property));
    }
    Some(patch.apply())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ical::Limits;

    fn object(lines: &[&str], more: &[&str]) -> CalendarObject {
        let part = |lines: &[&str]| {
            format!(
                "BEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:20270101T000000Z\r\n{}\r\nEND:VEVENT\r\n",
                lines.join("\r\n")
            )
        };
        let more = if more.is_empty() { String::new() } else { part(more) };
        let text =
            format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:t\r\n{}{more}END:VCALENDAR\r\n", part(lines));
        CalendarObject::parse(text.into(), &Limits::default()).expect("an object")
    }

    fn room() -> Vec<Address> {
        vec![Address::new("mailto:aula@example.org")]
    }

    const SINGLE: [&str; 3] = ["DTSTART:20270301T090000Z", "DTEND:20270301T100000Z", "SUMMARY:a"];
    const SERIES: [&str; 4] =
        ["DTSTART:20270301T090000Z", "DTEND:20270301T100000Z", "SUMMARY:a", "RRULE:FREQ=DAILY;COUNT=3"];

    fn decide(before: &CalendarObject, after: &CalendarObject, waiting: &Waiting) -> Option<Decisions> {
        decided(before, after, &room(), waiting, &Zone::utc())
    }

    #[test]
    fn what_waits_is_shown_as_tentative_and_comes_back_as_it_was() {
        let stored = object(&SINGLE, &[]);
        let shown = again(tentative(&stored, &Waiting::All, &Zone::utc())).expect("an object");
        assert!(has_status(shown.master().expect("a master"), TENTATIVE));
        assert_eq!(untentative(&shown, &stored, &Zone::utc()), *stored.bytes());
        assert_eq!(tentative(&stored, &Waiting::Nothing, &Zone::utc()), *stored.bytes());
    }

    #[test]
    fn a_date_that_waits_alone_gets_a_part_of_its_own() {
        let stored = object(&SERIES, &[]);
        let second = RecurrenceId::at(Instant::from_secs(1_803_978_000));
        let text = tentative(&stored, &Waiting::Some(vec![second]), &Zone::utc());
        let text = String::from_utf8(text.to_vec()).expect("text");
        assert!(text.contains("RECURRENCE-ID:20270302T090000Z"), "{text}");
        assert_eq!(text.matches("STATUS:TENTATIVE").count(), 1, "{text}");
    }

    #[test]
    fn a_status_or_a_partstat_decides_and_nothing_else_may_change() {
        let shown = object(&[SINGLE[0], SINGLE[1], SINGLE[2], "STATUS:TENTATIVE"], &[]);
        let confirmed = object(&[SINGLE[0], SINGLE[1], SINGLE[2], "STATUS:CONFIRMED"], &[]);
        let cancelled = object(&[SINGLE[0], SINGLE[1], SINGLE[2], "STATUS:CANCELLED"], &[]);
        let moved = object(&[SINGLE[0], "DTEND:20270301T110000Z", SINGLE[2], "STATUS:CONFIRMED"], &[]);
        assert_eq!(decide(&shown, &confirmed, &Waiting::All), Some(Decisions::whole(true)));
        assert_eq!(decide(&shown, &cancelled, &Waiting::All), Some(Decisions::whole(false)));
        assert_eq!(decide(&shown, &confirmed, &Waiting::Nothing), None);
        assert_eq!(decide(&shown, &moved, &Waiting::All), None);
        assert_eq!(decide(&shown, &shown, &Waiting::All), None);
        let asked = |partstat: &str| {
            let line = format!("ATTENDEE;PARTSTAT={partstat}:mailto:aula@example.org");
            object(&[SINGLE[0], SINGLE[1], SINGLE[2], &line], &[])
        };
        let said = |partstat: &str| decide(&asked("TENTATIVE"), &asked(partstat), &Waiting::All);
        assert_eq!(said("ACCEPTED"), Some(Decisions::whole(true)));
        assert_eq!(said("DECLINED"), Some(Decisions::whole(false)));
        assert_eq!(said("TENTATIVE"), None);
    }

    #[test]
    fn one_date_is_decided_by_a_part_of_its_own() {
        let line = |partstat: &str| format!("ATTENDEE;PARTSTAT={partstat}:mailto:aula@example.org");
        let (waits, given) = (line("TENTATIVE"), line("ACCEPTED"));
        let master = [SERIES[0], SERIES[1], SERIES[2], SERIES[3], &waits];
        let before = object(&master, &[]);
        let own = ["RECURRENCE-ID:20270302T090000Z", "DTSTART:20270302T090000Z", "DTEND:20270302T100000Z"];
        let after = object(&master, &[own[0], own[1], own[2], SERIES[2], &given]);
        let second = Instant::from_secs(1_803_978_000);
        let decisions = decide(&before, &after, &Waiting::All).expect("a decision");
        assert_eq!(decisions, Decisions::date(second, true));
        assert_eq!(decisions.about(RecurrenceId::at(second)), Some(true));
        assert_eq!(decisions.about(RecurrenceId::SINGLE), None);
    }

    #[test]
    fn a_booking_goes_back_to_its_time_in_its_own_form() {
        let moved = object(&["DTSTART:20270301T110000Z", "DURATION:PT1H", "SUMMARY:a"], &[]);
        let start = Instant::from_secs(1_803_891_600);
        let period = Period { start, end: start.plus(3600) };
        let back = retimed(&moved, &[(RecurrenceId::SINGLE, period)], &Zone::utc()).expect("a text");
        let back = String::from_utf8(back.to_vec()).expect("text");
        assert!(back.contains("DTSTART:20270301T090000Z\r\n") && back.contains("DTEND:20270301T100000Z\r\n"));
        assert!(!back.contains("DURATION"));
        let series = object(&SERIES, &[]);
        assert_eq!(retimed(&series, &[(RecurrenceId::SINGLE, period)], &Zone::utc()), None);
    }
}
