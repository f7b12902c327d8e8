//! `CALDAV:calendar-data`: how much of an object an answer shows, and in which form.
//!
//! Chosen components and properties, `expand`, `limit-recurrence-set` and `limit-freebusy-set`.
//! RFC 4791, sections 7.6, 9.6 and 9.6.1 to 9.6.7.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::expand::expand;
use super::free_busy::stated_in;
use super::limits::Limits;
use super::object::{CalendarObject, ComponentKind};
use super::patch::Patch;
use super::scan::scan;
use super::span::Spans;
use super::tree::Component;
use crate::domain::event::{Event, Part};
use crate::domain::recurrence::{Budget, ExpandError};
use crate::domain::time::{Period, Zone};

/// What an answer shows; the default is everything as stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Select {
    /// `comp` for the VCALENDAR; `None` shows all of it.
    pub component: Option<CompSelect>,
    /// What becomes of a recurrence set.
    pub recurrence: Recurrence,
    /// `limit-freebusy-set`.
    pub limit_freebusy_set: Option<Period>,
}

/// `expand` and `limit-recurrence-set` exclude each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recurrence {
    /// As stored.
    #[default]
    Whole,
    /// `expand`: one component per instance in the period, times in UTC.
    Expand(Period),
    /// `limit-recurrence-set`: the master, and the overrides that matter to the period.
    Limit(Period),
}

/// `comp`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompSelect {
    /// The component's name, in any case.
    pub name: String,
    /// `prop`s; `None` is `allprop`.
    pub props: Option<Vec<PropSelect>>,
    /// `comp`s; `None` is `allcomp`.
    pub comps: Option<Vec<CompSelect>>,
}

/// `prop`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropSelect {
    /// The property's name, in any case.
    pub name: String,
    /// `novalue="yes"`: only its name and parameters.
    pub novalue: bool,
}

impl Select {
    /// Whether the stored bytes are the answer.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        *self == Self::default()
    }

    /// The same with all of each VTIMEZONE, also where components are chosen (RFC 7809, section 3.1.3).
    #[must_use]
    pub fn with_zones(mut self) -> Self {
        let all = CompSelect { name: "VTIMEZONE".to_owned(), props: None, comps: None };
        if let Some(comps) = self.component.as_mut().and_then(|calendar| calendar.comps.as_mut()) {
            comps.retain(|comp| !comp.name.eq_ignore_ascii_case(&all.name));
            comps.push(all);
        }
        self
    }

    /// What the answer shows of `object`. Bytes that need not change do not.
    ///
    /// Dates and floating times are read in `floating` where an instant is needed.
    ///
    /// # Errors
    /// [`ExpandError`] if the instances cost more than the budget.
    pub fn apply(
        &self,
        object: &CalendarObject,
        floating: &Zone,
        budget: &Budget,
    ) -> Result<Bytes, ExpandError> {
        if self.is_whole() {
            return Ok(object.bytes().clone());
        }
        if let Recurrence::Expand(period) = self.recurrence {
            let text = expand(object, period, floating, budget)?;
            let Some(tree) = &self.component else { return Ok(text) };
            // As many lines as there are instances, which the budget bounds.
            let Ok(scan) = scan(text.clone(), &Limits::none()) else { return Ok(text) };
            let mut patch = Patch::new(Component::root(&scan));
            subset(&mut patch, Component::root(&scan), tree);
            return Ok(patch.apply());
        }
        let mut patch = Patch::new(object.calendar());
        if let Recurrence::Limit(period) = self.recurrence {
            limit_overrides(&mut patch, object, period, floating, budget)?;
        }
        if let Some(period) =
            self.limit_freebusy_set.filter(|_| object.component() == ComponentKind::FreeBusy)
        {
            limit_free_busy(&mut patch, object, period);
        }
        if let Some(tree) = &self.component {
            subset(&mut patch, object.calendar(), tree);
        }
        Ok(patch.apply())
    }
}

/// Removes what `select` does not name. Recursion follows the nesting of the object (L-33).
fn subset<'a>(patch: &mut Patch<'a>, component: Component<'a>, select: &CompSelect) {
    for property in component.properties() {
        let Some(props) = &select.props else { break };
        match props.iter().find(|prop| property.is(&prop.name)) {
            None => patch.remove(property),
            Some(prop) if prop.novalue => patch.set_value(property, ""),
            Some(_) => {}
        }
    }
    let Some(comps) = &select.comps else { return };
    for child in component.children() {
        match comps.iter().find(|comp| child.name().eq_ignore_ascii_case(&comp.name)) {
            None => patch.remove_component(child),
            Some(comp) => subset(patch, child, comp),
        }
    }
}

/// RFC 4791, section 9.6.6: an override stays if it, or the instance it replaces, overlaps.
fn limit_overrides<'a>(
    patch: &mut Patch<'a>,
    object: &'a CalendarObject,
    period: Period,
    floating: &Zone,
    budget: &Budget,
) -> Result<(), ExpandError> {
    let Some(event) = object.series() else { return Ok(()) };
    let shown = Spans::new(object, floating, budget).instances(period)?;
    let occurring: BTreeSet<u32> = shown.iter().map(|(component, _)| component.index).collect();
    let components = object.parts().filter(|part| part.get("RECURRENCE-ID").is_some());
    for (component, part) in components.zip(&event.overrides) {
        if !occurring.contains(&component.index) && !replaces_inside(event, part, period, floating) {
            patch.remove_component(component);
        }
    }
    Ok(())
}

fn replaces_inside(event: &Event, part: &Part, period: Period, floating: &Zone) -> bool {
    let Some(id) = &part.recurrence_id else { return true };
    let start = crate::domain::recurrence::original_start(event, id, floating);
    let length = event.master.as_ref().map_or(part.length, |master| master.length);
    let end = length.end_from(id, floating);
    start < period.end && (part.this_and_future || period.start < end || period.start <= start)
}

/// RFC 4791, section 9.6.7.
fn limit_free_busy<'a>(patch: &mut Patch<'a>, object: &'a CalendarObject, period: Period) {
    for property in object.parts().flat_map(Component::properties).filter(|property| property.is("FREEBUSY"))
    {
        let kept: Vec<&str> = property
            .value()
            .split(',')
            .filter(|text| stated_in(text).is_some_and(|stated| stated.overlaps(&period)))
            .collect();
        if kept.is_empty() {
            patch.remove(property);
        } else {
            patch.set_value(property, &kept.join(","));
        }
    }
}

#[cfg(test)]
mod tests;
