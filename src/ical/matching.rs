//! Whether an object satisfies a [`Filter`]: components, properties, parameters and times.
//!
//! An object that costs more to expand than its budget counts as matching in time: a false
//! hit is better than an event that nobody sees. Recursion follows the object's nesting,
//! which L-33 bounds. RFC 4791, sections 7.8 to 7.10, 9.7 and 9.9.

use super::filter::{
    CompCondition, CompFilter, Condition, Filter, ParamFilter, PropCondition, PropFilter, TimeRange,
};
use super::object::CalendarObject;
use super::overlap;
use super::span::Spans;
use super::time;
use super::tree::{Component, Property};
use crate::domain::recurrence::Budget;
use crate::domain::time::Zone;

impl Filter {
    /// Whether `object` passes. Dates and floating times are read in `floating`
    /// (RFC 4791, section 7.3).
    #[must_use]
    pub fn matches(&self, object: &CalendarObject, floating: &Zone, budget: &Budget) -> bool {
        let calendar = object.calendar();
        let matcher = Matcher { object, floating, spans: Spans::new(object, floating, budget) };
        let Condition::Defined(condition) = &self.0.condition else {
            return !self.0.name.eq_ignore_ascii_case(calendar.name());
        };
        self.0.name.eq_ignore_ascii_case(calendar.name()) && matcher.component(condition, calendar)
    }
}

struct Matcher<'a> {
    object: &'a CalendarObject,
    floating: &'a Zone,
    spans: Spans<'a>,
}

impl Matcher<'_> {
    /// All tests but the time range, which [`Matcher::child`] has done.
    fn component(&self, condition: &CompCondition, component: Component<'_>) -> bool {
        condition.props.iter().all(|filter| self.property(filter, component))
            && condition.comps.iter().all(|filter| self.child(filter, component))
    }

    fn child(&self, filter: &CompFilter, parent: Component<'_>) -> bool {
        let mut named = parent.children().filter(|child| child.name().eq_ignore_ascii_case(&filter.name));
        let Condition::Defined(condition) = &filter.condition else { return named.next().is_none() };
        let in_time = condition.time_range.map(|range| self.spans.inside(parent, &filter.name, range));
        named.any(|child| {
            in_time.as_ref().is_none_or(|inside| inside.contains(&child.index))
                && self.component(condition, child)
        })
    }

    fn property(&self, filter: &PropFilter, component: Component<'_>) -> bool {
        let mut named = component.properties().filter(|property| property.is(&filter.name));
        match &filter.condition {
            Condition::NotDefined => named.next().is_none(),
            Condition::Defined(condition) => {
                named.any(|property| self.value(condition, property))
                    || self.effective(filter, condition, component)
            }
        }
    }

    /// The end that a component has by its DURATION, where a range is asked of DTEND or DUE.
    fn effective(&self, filter: &PropFilter, condition: &PropCondition, component: Component<'_>) -> bool {
        let end = match component.name() {
            "VEVENT" => "DTEND",
            "VTODO" => "DUE",
            _ => return false,
        };
        let is_asked = filter.name.eq_ignore_ascii_case(end)
            && condition.text.is_none()
            && condition.params.is_empty()
            && component.get(end).is_none();
        let range = condition.time_range.filter(|_| is_asked);
        range.is_some_and(|range| self.spans.lasts_until(component).is_some_and(|end| range.has(end)))
    }

    fn value(&self, condition: &PropCondition, property: Property<'_>) -> bool {
        condition.text.as_ref().is_none_or(|text| text.matches(&property.text()))
            && condition.params.iter().all(|filter| parameter(filter, property))
            && condition.time_range.is_none_or(|range| self.in_range(property, range))
    }

    /// One of its values: an instant in the range, or a period that overlaps it.
    fn in_range(&self, property: Property<'_>, range: TimeRange) -> bool {
        let Ok(zone) = self.object.zones().of(property) else { return false };
        let is_inside = |text: &str| match time::period(text, zone.as_ref()) {
            Some((start, length)) => {
                let end = length.end_from(&start, self.floating);
                overlap::event(range.period(), start.instant(self.floating), end)
            }
            None => time::event_time(text, zone.as_ref())
                .is_some_and(|time| range.has(time.instant(self.floating))),
        };
        property.value().split(',').any(is_inside)
    }
}

fn parameter(filter: &ParamFilter, property: Property<'_>) -> bool {
    let mut named = property.params().filter(|param| param.is(&filter.name));
    match &filter.condition {
        Condition::NotDefined => named.next().is_none(),
        Condition::Defined(None) => named.next().is_some(),
        Condition::Defined(Some(text)) => {
            named.flat_map(super::tree::Param::values).any(|value| text.matches(&value))
        }
    }
}

#[cfg(test)]
mod tests;
