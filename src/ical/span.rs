//! Which components of an object lie in a time range: their rows in the tables of `overlap`, and
//! their instances. When alarms ring is `trigger`'s work.
//!
//! RFC 4791, section 9.9; RFC 7953, section 7.2.2.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::filter::TimeRange;
use super::object::{CalendarObject, ComponentKind};
use super::overlap::{self, Todo};
use super::time;
use super::tree::Component;
use super::{Limits, availability, free_busy, trigger};
use crate::domain::event::Event;
use crate::domain::recurrence::{Budget, ExpandError, Occurrence, PartRef, all_occurrences};
use crate::domain::time::{EventTime, Instant, Period, Zone};

const DAY: i64 = 86_400;

/// The times of one object.
pub(crate) struct Spans<'a> {
    pub(super) object: &'a CalendarObject,
    pub(super) floating: &'a Zone,
    pub(super) budget: &'a Budget,
    /// Each part's component with its place in the series.
    parts: Vec<(Component<'a>, PartRef)>,
    /// Expansions that alarms have cost so far.
    pub(super) expanded: Cell<usize>,
}

impl<'a> Spans<'a> {
    pub(crate) fn new(object: &'a CalendarObject, floating: &'a Zone, budget: &'a Budget) -> Self {
        Self { object, floating, budget, parts: part_refs(object.parts()).collect(), expanded: Cell::new(0) }
    }

    /// The instances of the object that lie in `period`, and what describes each; none of an object
    /// that is about nothing that happens.
    pub(crate) fn instances(&self, period: Period) -> Result<Vec<(Component<'a>, Occurrence)>, ExpandError> {
        let Some(event) = self.object.series() else { return Ok(Vec::new()) };
        let found = all_occurrences(event, self.floating, touching(period), self.budget)?;
        let described =
            found.into_iter().filter_map(|found| Some((self.object.described_by(found.part)?, found)));
        Ok(described.filter(|(part, found)| self.instance(*part, found, period)).collect())
    }

    pub(super) fn place_of(&self, component: Component<'_>) -> Option<PartRef> {
        self.parts.iter().find(|(part, _)| part.index == component.index).map(|(_, place)| *place)
    }

    /// The components called `name` directly inside `parent` that lie in `range`.
    pub(crate) fn inside(&self, parent: Component<'_>, name: &str, range: TimeRange) -> BTreeSet<u32> {
        let children = || parent.children().filter(|child| child.name().eq_ignore_ascii_case(name));
        let keep = |test: &dyn Fn(Component<'_>) -> bool| {
            children().filter(|child| test(*child)).map(|child| child.index).collect()
        };
        match name.to_ascii_uppercase().as_str() {
            "VEVENT" | "VJOURNAL" => self.occurring(range),
            "VTODO" if self.object.series().is_some_and(Event::recurs) => self.occurring(range),
            "VTODO" => keep(&|todo| overlap::todo(range.period(), self.todo(todo))),
            "VFREEBUSY" => keep(&|busy| self.free_busy(busy, range.period())),
            "VALARM" => keep(&|alarm| trigger::rings(self, parent, alarm, range.period())),
            "VAVAILABILITY" => keep(&|component| self.availability(component, range.period())),
            "AVAILABLE" => self.available(parent, range),
            _ => BTreeSet::new(),
        }
    }

    /// The parts with an instance in `range`.
    fn occurring(&self, range: TimeRange) -> BTreeSet<u32> {
        match self.some_instances(range) {
            Some(found) => found.into_iter().map(|(component, _)| component.index).collect(),
            None => self.parts.iter().map(|(component, _)| component.index).collect(),
        }
    }

    /// One instance by the row of the component that it is of.
    fn instance(&self, component: Component<'_>, occurrence: &Occurrence, range: Period) -> bool {
        let Period { start: begin, end } = occurrence.period;
        match self.object.component() {
            ComponentKind::Todo => {
                let has = |name| component.get(name).map(|_| end);
                let todo = Todo {
                    begin: Some(begin),
                    lasts_until: has("DURATION"),
                    due: has("DUE"),
                    ..Todo::default()
                };
                overlap::todo(range, todo)
            }
            ComponentKind::Journal => overlap::journal(range, begin, occurrence.all_day.then_some(end)),
            _ => overlap::event(range, begin, end),
        }
    }

    /// The instances in `range`, or, where those are without end and there is but one part, some of
    /// them; `None` if the budget does not suffice.
    fn some_instances(&self, range: TimeRange) -> Option<Vec<(Component<'a>, Occurrence)>> {
        let Some(event) = self.object.series() else { return Some(Vec::new()) };
        let whole = range.period();
        if event.overrides.is_empty() && whole.secs() > 800 * DAY {
            // One hit is enough: look near the first possible one before looking everywhere.
            let first = event.first()?.start.instant(self.floating).max(whole.start);
            let near = Period {
                start: first.min(whole.end),
                end: first.plus(400 * DAY).min(whole.end).max(first.min(whole.end)),
            };
            let found = self.instances(near).ok()?;
            if !found.is_empty() {
                return Some(found);
            }
        }
        self.instances(whole).ok()
    }

    pub(super) fn at(&self, component: Component<'_>, name: &str) -> Option<Instant> {
        self.object.date(component, name).map(|time| time.instant(self.floating))
    }

    /// Where DURATION ends that begins at DTSTART.
    pub(super) fn lasts_until(&self, component: Component<'_>) -> Option<Instant> {
        let length = time::duration(component.get("DURATION")?.value())?;
        let start: EventTime = self.object.date(component, "DTSTART")?;
        Some(length.length().end(start.wall(), &start.zone(self.floating)))
    }

    fn todo(&self, todo: Component<'_>) -> Todo {
        Todo {
            begin: self.at(todo, "DTSTART"),
            lasts_until: self.lasts_until(todo),
            due: self.at(todo, "DUE"),
            completed: self.at(todo, "COMPLETED"),
            created: self.at(todo, "CREATED"),
        }
    }

    fn free_busy(&self, busy: Component<'_>, range: Period) -> bool {
        let ends = self.at(busy, "DTSTART").zip(self.at(busy, "DTEND"));
        let periods = busy.all("FREEBUSY").flat_map(|property| property.value().split(','));
        overlap::free_busy(range, ends, periods.filter_map(free_busy::stated_in))
    }

    fn availability(&self, component: Component<'_>, range: Period) -> bool {
        let end = self.at(component, "DTEND").or_else(|| self.lasts_until(component));
        overlap::availability(range, self.at(component, "DTSTART"), end)
    }

    /// The AVAILABLEs of a VAVAILABILITY, which are like events: those of one UID are one series.
    fn available(&self, parent: Component<'_>, range: TimeRange) -> BTreeSet<u32> {
        let mut inside = BTreeSet::new();
        for group in availability::groups(parent) {
            let Ok(series) = availability::series(self.object, &group, &Limits::none()) else { continue };
            let found = all_occurrences(&series, self.floating, range.period(), self.budget).ok();
            let has = |place: PartRef| {
                found.as_ref().is_none_or(|found| found.iter().any(|occurrence| occurrence.part == place))
            };
            let parts = part_refs(group.into_iter());
            inside.extend(parts.filter(|(_, place)| has(*place)).map(|(part, _)| part.index));
        }
        inside
    }
}

/// A period with what only touches it, which some rows count.
fn touching(period: Period) -> Period {
    Period { start: period.start.plus(-1), end: period.end.plus(1) }
}

/// Each component of a series with its place in the event that is made of them.
fn part_refs<'c>(
    parts: impl Iterator<Item = Component<'c>>,
) -> impl Iterator<Item = (Component<'c>, PartRef)> {
    let mut overrides = 0;
    parts.map(move |part| {
        if part.get("RECURRENCE-ID").is_none() {
            return (part, PartRef::Master);
        }
        overrides += 1;
        (part, PartRef::Override(overrides - 1))
    })
}
