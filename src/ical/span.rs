//! Which components of an object lie in a time range, by the rules of RFC 4791, section 9.9.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;

use super::Limits;
use super::filter::TimeRange;
use super::object::{CalendarObject, ComponentKind};
use super::parse;
use super::time;
use super::tree::Component;
use crate::domain::event::Event;
use crate::domain::recurrence::{Budget, Occurrence, PartRef, all_occurrences};
use crate::domain::time::{Instant, Period, Zone};

const DAY: i64 = 86_400;

/// The times of one object.
pub(crate) struct Spans<'a> {
    object: &'a CalendarObject,
    floating: &'a Zone,
    budget: &'a Budget,
    /// For the VTODOs and VJOURNALs that have a start each, read when first asked for.
    read: OnceCell<Option<Event>>,
    /// Expansions that alarms have cost so far.
    expanded: Cell<usize>,
}

/// So many alarms of one object are looked at closely; the others count as going off, as an object
/// counts that cannot be expanded.
const MOST_ALARMS: usize = 64;

impl<'a> Spans<'a> {
    pub(crate) fn new(object: &'a CalendarObject, floating: &'a Zone, budget: &'a Budget) -> Self {
        Self { object, floating, budget, read: OnceCell::new(), expanded: Cell::new(0) }
    }

    /// The parts as an event, whatever kind of component they are.
    fn event(&self) -> Option<&Event> {
        let read = || {
            let parts = self.object.parts();
            parse::event(self.object.uid().clone(), parts, self.object.zones(), &Limits::none()).ok()
        };
        match self.object.component() {
            ComponentKind::Event => self.object.event().ok(),
            ComponentKind::Todo | ComponentKind::Journal => self.read.get_or_init(read).as_ref(),
            ComponentKind::FreeBusy | ComponentKind::Availability => None,
        }
    }

    /// The components called `name` directly inside `parent` that lie in `range`.
    pub(crate) fn inside(&self, parent: Component<'_>, name: &str, range: TimeRange) -> BTreeSet<u32> {
        let children = || parent.children().filter(|child| child.name().eq_ignore_ascii_case(name));
        let keep = |test: &dyn Fn(Component<'_>) -> bool| {
            children().filter(|child| test(*child)).map(|child| child.index).collect()
        };
        match name.to_ascii_uppercase().as_str() {
            "VEVENT" | "VJOURNAL" => self.occurring(range),
            "VTODO" if self.event().is_some_and(Event::recurs) => self.occurring(range),
            "VTODO" => keep(&|todo| self.todo(todo, range)),
            "VFREEBUSY" => keep(&|busy| self.free_busy(busy, range)),
            "VALARM" => keep(&|alarm| self.alarm(parent, alarm, range)),
            _ => BTreeSet::new(),
        }
    }

    /// The parts with an occurrence in `range`.
    fn occurring(&self, range: TimeRange) -> BTreeSet<u32> {
        let Some(event) = self.event() else { return BTreeSet::new() };
        let refs: Vec<(u32, PartRef)> = self.part_refs().collect();
        let Some(found) = self.expand(event, range) else {
            return refs.into_iter().map(|(index, _)| index).collect();
        };
        let has = |part: &PartRef| found.iter().any(|occurrence| occurrence.part == *part);
        refs.into_iter().filter(|(_, part)| has(part)).map(|(index, _)| index).collect()
    }

    /// The occurrences in `range`, or, where those are without end and there is but one
    /// part, some of them; `None` if the budget does not suffice.
    fn expand(&self, event: &Event, range: TimeRange) -> Option<Vec<Occurrence>> {
        let whole = range.period();
        if event.overrides.is_empty() && whole.secs() > 800 * DAY {
            // One hit is enough: look near the first possible one before looking everywhere.
            let first = event.first()?.start.instant(self.floating).max(whole.start);
            let near = Period {
                start: first.min(whole.end),
                end: first.plus(400 * DAY).min(whole.end).max(first.min(whole.end)),
            };
            let found = all_occurrences(event, self.floating, near, self.budget).ok()?;
            if !found.is_empty() {
                return Some(found);
            }
        }
        all_occurrences(event, self.floating, whole, self.budget).ok()
    }

    /// Each part's component and its place in the event.
    fn part_refs(&self) -> impl Iterator<Item = (u32, PartRef)> {
        let mut overrides = 0;
        self.object.parts().map(move |part| {
            if part.get("RECURRENCE-ID").is_none() {
                return (part.index, PartRef::Master);
            }
            overrides += 1;
            (part.index, PartRef::Override(overrides - 1))
        })
    }

    fn at(&self, component: Component<'_>, name: &str) -> Option<Instant> {
        self.object.date(component, name).map(|time| time.instant(self.floating))
    }

    /// The table for VTODO.
    fn todo(&self, todo: Component<'_>, range: TimeRange) -> bool {
        let Period { start, end } = range.period();
        let begin = self.at(todo, "DTSTART");
        let due = self.at(todo, "DUE");
        let length = todo.get("DURATION").and_then(|length| time::duration(length.value()));
        let completed = self.at(todo, "COMPLETED");
        let created = self.at(todo, "CREATED");
        match (begin, length, due) {
            (Some(begin), Some(length), None) => {
                let until = begin.plus(length.total_secs());
                start <= until && (end > begin || end >= until)
            }
            (Some(begin), _, Some(due)) => (start < due || start <= begin) && (end > begin || end >= due),
            (Some(begin), None, None) => start <= begin && end > begin,
            (None, _, Some(due)) => start < due && end >= due,
            (None, _, None) => match (completed, created) {
                (Some(completed), Some(created)) => {
                    (start <= created || start <= completed) && (end >= created || end >= completed)
                }
                (Some(completed), None) => start <= completed && end >= completed,
                (None, Some(created)) => end > created,
                (None, None) => true,
            },
        }
    }

    fn free_busy(&self, busy: Component<'_>, range: TimeRange) -> bool {
        let Period { start, end } = range.period();
        if let (Some(begin), Some(until)) = (self.at(busy, "DTSTART"), self.at(busy, "DTEND")) {
            return start <= until && end > begin;
        }
        super::free_busy::stated(busy).any(|stated| stated.period.overlaps(&range.period()))
    }

    /// An alarm of `parent` that goes off in `range`, repetitions included.
    fn alarm(&self, parent: Component<'_>, alarm: Component<'_>, range: TimeRange) -> bool {
        const MAX_REPEATS: i64 = 1_000;
        let repeat = alarm.get("REPEAT").and_then(|count| count.value().trim().parse::<i64>().ok());
        let pause = alarm.get("DURATION").and_then(|pause| time::duration(pause.value()));
        let times = match (repeat, pause) {
            (Some(count), Some(pause)) => (count.clamp(0, MAX_REPEATS), pause.total_secs().max(0)),
            _ => (0, 0),
        };
        let rings = |first: Instant| (0..=times.0).any(|n| range.has(first.plus(n * times.1)));
        let Some(trigger) = alarm.get("TRIGGER") else { return false };
        if let Some(at) = time::utc(trigger.value()) {
            return rings(at);
        }
        let Some(offset) = time::duration(trigger.value()).map(time::Duration::total_secs) else {
            return false;
        };
        let from_end = trigger.param("RELATED").is_some_and(|related| related.eq_ignore_ascii_case("END"));
        let slack = offset.saturating_abs().saturating_add(times.0 * times.1).saturating_add(32 * DAY);
        let whole = range.period();
        let wide = Period { start: whole.start.plus(-slack), end: whole.end.plus(slack) };
        let part = self.part_refs().find(|(index, _)| *index == parent.index).map(|(_, part)| part);
        let Some((event, part)) = self.event().zip(part) else {
            return self.at(parent, "DUE").filter(|_| from_end).is_some_and(|due| rings(due.plus(offset)));
        };
        self.expanded.set(self.expanded.get() + 1);
        if self.expanded.get() > MOST_ALARMS {
            return true;
        }
        all_occurrences(event, self.floating, wide, self.budget).map_or(true, |found| {
            found.iter().filter(|occurrence| occurrence.part == part).any(|occurrence| {
                let base = if from_end { occurrence.period.end } else { occurrence.period.start };
                rings(base.plus(offset))
            })
        })
    }
}
