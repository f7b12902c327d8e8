//! What a change of a scheduling object is: whether an attendee may make it, whether attendees
//! are to be asked again, and whether anybody is to be told at all.
//!
//! RFC 6638, sections 3.2.1.2, 3.2.2.1, 3.2.7 and 3.2.8; RFC 5546, section 2.1.4.

use std::collections::BTreeSet;

use super::answers::{Agent, Answers, agent, answers, has_instance};
use crate::domain::attendee::Address;
use crate::domain::event::{Event, ExtraDate, Part, Status};
use crate::domain::recurrence::original_start;
use crate::domain::time::{Instant, Zone};
use crate::ical::alarms::is_alarm_property;
use crate::ical::edit::is_one_of;
use crate::ical::hash::{canonical, hash};
use crate::ical::object::CalendarObject;
use crate::ical::tree::{Component, Param, Property};

/// What others are told of an event: two texts with the same need no message. What people answered
/// is not in it, nor what is the writer's own affair: alarms, TRANSP, categories and experimental
/// properties. Dates that are left out are the same however they are written.
#[must_use]
pub fn says(object: &CalendarObject, floating: &Zone) -> impl PartialEq + use<> {
    let left_out = object.event().map(|event| exceptions(event, floating)).unwrap_or_default();
    (hash(object, said, |name| name != "VALARM" && name != "VTIMEZONE"), left_out)
}

fn said(line: Property<'_>) -> Option<String> {
    let is_own =
        ["TRANSP", "CATEGORIES", "COLOR", "COMMENT", "REQUEST-STATUS"].iter().any(|name| line.is(name));
    let is_experimental = line.name().get(..2).is_some_and(|head| head.eq_ignore_ascii_case("X-"));
    if is_own || is_experimental || is_alarm_property(line) || line.is("EXDATE") {
        return None;
    }
    if !line.is("ATTENDEE") && !line.is("ORGANIZER") {
        return Some(canonical(line, |_| true));
    }
    let tells =
        |param: &Param<'_>| ["CN", "CUTYPE", "ROLE", "MEMBER", "EMAIL"].iter().any(|name| param.is(name));
    let whole = canonical(line, tells);
    let people = whole.rsplit_once('\u{2}').map_or("", |(people, _)| people);
    Some(format!("{people}\u{2}{}", Address::new(line.value())))
}

/// The parts in which an organizer moved the event, by the start they replace: their attendees are
/// asked again. An override that is new, or that is gone, counts if it is not where the series puts
/// it.
#[must_use]
pub fn rescheduled(
    before: &CalendarObject,
    after: &CalendarObject,
    floating: &Zone,
) -> BTreeSet<Option<Instant>> {
    let (Ok(old), Ok(new)) = (before.event(), after.event()) else { return BTreeSet::new() };
    let mut moved = BTreeSet::new();
    for part in new.parts() {
        let at = at(new, part, floating);
        let same = match counterpart(old, at, floating) {
            Some(Counterpart::Same(old)) => times(old, floating) == times(part, floating),
            Some(Counterpart::Derived(master)) => {
                at.is_some_and(|at| is_where_it_was(master, part, at, floating))
            }
            None => false,
        };
        if !same {
            moved.insert(at);
        }
    }
    let kept: BTreeSet<_> = new.parts().map(|part| at(new, part, floating)).collect();
    for part in &old.overrides {
        let id = at(old, part, floating);
        if let (Some(series), Some(start)) = (&new.master, id)
            && !kept.contains(&id)
            && !is_where_it_was(series, part, start, floating)
            && has_instance(after, start, floating)
        {
            moved.insert(id);
        }
    }
    moved
}

/// Whether somebody sees something cancelled: an attendee is left out, of the whole or of a date, a
/// date is excluded, or a part is marked so.
#[must_use]
pub fn cancels(before: &CalendarObject, after: &CalendarObject, floating: &Zone) -> bool {
    let (Ok(old), Ok(new)) = (before.event(), after.event()) else { return false };
    let is_lost = |at: &Option<Instant>| {
        let (was, is) = (describing(before, *at, floating), describing(after, *at, floating));
        !invited(was).is_subset(&invited(is)) || (is_cancelled(is) && !is_cancelled(was))
    };
    !exceptions(new, floating).is_subset(&exceptions(old, floating))
        || starts(before, after, floating).iter().any(is_lost)
}

/// Whether something is there again that was cancelled: a date that was excluded, or a part that was
/// marked so.
#[must_use]
pub fn restores(before: &CalendarObject, after: &CalendarObject, floating: &Zone) -> bool {
    let (Ok(old), Ok(new)) = (before.event(), after.event()) else { return false };
    let is_back = |at: &Option<Instant>| {
        is_cancelled(describing(before, *at, floating)) && !is_cancelled(describing(after, *at, floating))
    };
    !exceptions(old, floating).is_subset(&exceptions(new, floating))
        || starts(before, after, floating).iter().any(is_back)
}

/// What has a part of its own in one of them; `None` is the whole.
fn starts(one: &CalendarObject, other: &CalendarObject, floating: &Zone) -> BTreeSet<Option<Instant>> {
    let of = |object: &CalendarObject| -> BTreeSet<Option<Instant>> {
        object.parts().map(|part| object.original_start(part, floating)).collect()
    };
    &of(one) | &of(other)
}

fn is_cancelled(part: Option<Component<'_>>) -> bool {
    let status = part.and_then(|part| part.get("STATUS"));
    status.is_some_and(|status| status.value().trim().eq_ignore_ascii_case("CANCELLED"))
}

/// The part of its own that an instance has, else the series.
fn describing<'a>(object: &'a CalendarObject, at: Option<Instant>, floating: &Zone) -> Option<Component<'a>> {
    at.and_then(|at| object.override_at(at, floating)).or_else(|| object.master())
}

/// Whom the server tells of a part.
fn invited(part: Option<Component<'_>>) -> BTreeSet<Address> {
    let lines = part.into_iter().flat_map(|part| part.all("ATTENDEE").collect::<Vec<_>>());
    lines.filter(|line| agent(*line) == Agent::Server).map(|line| Address::new(line.value())).collect()
}

/// The part of `old` that describes the instance.
enum Counterpart<'a> {
    /// A part of its own, or both are the whole.
    Same(&'a Part),
    /// The series.
    Derived(&'a Part),
}

fn counterpart<'a>(old: &'a Event, at: Option<Instant>, floating: &Zone) -> Option<Counterpart<'a>> {
    let Some(start) = at else { return old.master.as_ref().map(Counterpart::Same) };
    let own = old.overrides.iter().find(|part| self::at(old, part, floating) == Some(start));
    own.map(Counterpart::Same).or_else(|| old.master.as_ref().map(Counterpart::Derived))
}

fn at(event: &Event, part: &Part, floating: &Zone) -> Option<Instant> {
    part.recurrence_id.as_ref().map(|id| original_start(event, id, floating))
}

fn bounds(part: &Part, floating: &Zone) -> (Instant, Instant) {
    let start = part.start.instant(floating);
    (start, part.length.end_from(&part.start, floating).max(start))
}

/// Everything about when a part is, but what it leaves out.
fn times<'a>(part: &'a Part, floating: &Zone) -> impl PartialEq + use<'a> {
    let mut dates: Vec<Instant> = part
        .dates
        .iter()
        .map(|date| match date {
            ExtraDate::Start(start) | ExtraDate::Period(start, _) => start.instant(floating),
        })
        .collect();
    dates.sort_unstable();
    (bounds(part, floating), part.start.is_date(), &part.rules, &part.except_rules, dates)
}

fn is_where_it_was(master: &Part, part: &Part, at: Instant, floating: &Zone) -> bool {
    let ((start, end), (master_start, master_end)) = (bounds(part, floating), bounds(master, floating));
    // Over a change of clocks days are as long as they are; an hour's difference is none.
    let drift = (end.secs() - start.secs()) - (master_end.secs() - master_start.secs());
    start == at && (drift == 0 || (part.start.is_date() && drift.abs() <= 3600))
}

/// Whether an attendee may make `after` of `before`: his answers, dates he leaves out, and what is
/// his own affair. What the server keeps anyway, the answers of others, is not looked at.
#[must_use]
pub fn is_allowed(before: &CalendarObject, after: &CalendarObject, floating: &Zone) -> bool {
    let (Ok(old), Ok(new)) = (before.event(), after.event()) else { return false };
    let excluded = exceptions(new, floating);
    let keeps_parts = old.parts().all(|part| match at(old, part, floating) {
        None => new.master.is_some(),
        Some(start) => {
            new.parts().any(|part| at(new, part, floating) == Some(start))
                || excluded.contains(&start)
                || only_answers((before, old), part, start, floating)
                || (old.master.is_none() && new.parts().next().is_some())
        }
    });
    let adds_no_series = old.master.is_some() || new.master.is_none();
    keeps_parts
        && adds_no_series
        && exceptions(old, floating).is_subset(&excluded)
        && new.parts().all(|part| is_allowed_part((before, old), (after, new), part, floating))
}

/// Whether a part of its own says no more than the series does but for what people answered: a
/// program that read the event before somebody answered that date does not know it.
fn only_answers(
    (object, event): (&CalendarObject, &Event),
    part: &Part,
    start: Instant,
    floating: &Zone,
) -> bool {
    let Some((master, series)) = event.master.as_ref().zip(object.master()) else { return false };
    let own = object.override_at(start, floating);
    is_where_it_was(master, part, start, floating)
        && master.status == part.status
        && people(master) == people(part)
        && own.map(texts) == Some(texts(series))
}

/// The dates that a series leaves out, by when they would start.
pub(crate) fn exceptions(event: &Event, floating: &Zone) -> BTreeSet<Instant> {
    let all = event.master.iter().flat_map(|master| &master.exceptions);
    all.map(|date| original_start(event, date, floating)).collect()
}

fn is_allowed_part(
    (before, old): (&CalendarObject, &Event),
    (after, new): (&CalendarObject, &Event),
    part: &Part,
    floating: &Zone,
) -> bool {
    let start = at(new, part, floating);
    let (base, is_in_time) = match counterpart(old, start, floating) {
        Some(Counterpart::Same(base)) => (base, times(base, floating) == times(part, floating)),
        Some(Counterpart::Derived(master)) => {
            (master, start.is_some_and(|start| is_where_it_was(master, part, start, floating)))
        }
        None => return false,
    };
    let is_said = |object: &CalendarObject, event: &Event, part: &Part| -> Vec<String> {
        let start = at(event, part, floating);
        let component = object.parts().find(|it| object.original_start(*it, floating) == start);
        component.map(texts).unwrap_or_default()
    };
    let status = |part: &Part| part.status == Status::Cancelled;
    is_in_time
        && status(base) == status(part)
        && base.organizer == part.organizer
        && people(base) == people(part)
        && is_said(before, old, base) == is_said(after, new, part)
}

/// What only the organizer says in words.
fn texts(part: Component<'_>) -> Vec<String> {
    let text = |name: &str| part.text(name).unwrap_or_default().replace('\r', "").trim().to_owned();
    ["SUMMARY", "LOCATION", "DESCRIPTION", "URL"].into_iter().map(text).collect()
}

fn people(part: &Part) -> BTreeSet<&Address> {
    part.attendees.iter().map(|attendee| &attendee.address).collect()
}

/// What an attendee's text answers that did not stand there before: a changed PARTSTAT, and a date
/// that is left out, which is declined.
#[must_use]
pub fn change(
    before: &CalendarObject,
    after: &CalendarObject,
    attendee: &[Address],
    floating: &Zone,
) -> Answers {
    let (known, said) = (answers(before, attendee, floating), answers(after, attendee, floating));
    let mut new =
        Answers { whole: said.whole.filter(|whole| known.whole != Some(*whole)), ..Answers::default() };
    for (at, answer) in said.instances {
        if known.at(at) != Some(answer) {
            new.instances.insert(at, answer);
        }
    }
    let declined = crate::domain::attendee::PartStat::Declined;
    if let (Ok(old), Ok(after)) = (before.event(), after.event()) {
        let left_out = exceptions(after, floating);
        let mut gone: Vec<Instant> = left_out.difference(&exceptions(old, floating)).copied().collect();
        if old.master.is_none() {
            let kept: Vec<_> = after.parts().map(|part| at(after, part, floating)).collect();
            let parts = old.parts().map(|part| at(old, part, floating));
            gone.extend(parts.filter(|part| !kept.contains(part)).flatten());
        }
        for at in gone {
            if known.at(at).is_some_and(|known| known != declined) {
                new.instances.insert(at, declined);
            }
        }
    }
    new
}

/// SCHEDULE-FORCE-SEND of a line (RFC 6638, section 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forced {
    /// A request, whether or not anything changed.
    Request,
    /// A reply.
    Reply,
}

/// What the text asks to be sent to one of its people.
#[must_use]
pub fn forced(object: &CalendarObject, who: &[Address]) -> Option<Forced> {
    let lines = object.parts().flat_map(|part| {
        part.properties().filter(|line| line.is("ATTENDEE") || line.is("ORGANIZER")).collect::<Vec<_>>()
    });
    let mut of_them = lines.filter(|line| is_one_of(*line, who));
    of_them.find_map(|line| match line.param("SCHEDULE-FORCE-SEND")?.to_ascii_uppercase().as_str() {
        "REQUEST" => Some(Forced::Request),
        "REPLY" => Some(Forced::Reply),
        _ => None,
    })
}
