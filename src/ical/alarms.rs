//! Alarms belong to whoever set them (R107): taking them out of a text, keeping them apart,
//! and putting a reader's own back.
//!
//! Alarms are VALARM components and the snooze properties of known programs.
//! RFC 5545, section 3.6.6; RFC 9074, section 6.

use bytes::Bytes;

use super::error::IcalError;
use super::limits::Limits;
use super::object::CalendarObject;
use super::patch::Patch;
use super::tree::{Component, Property};
use crate::domain::time::{EventTime, Zone};

/// The alarms of one object, apart from it: a small VCALENDAR with the same UID whose parts
/// hold nothing but their RECURRENCE-ID and their alarms. Kept as bytes between requests.
#[derive(Clone, Debug)]
pub struct Alarms(CalendarObject);

/// Thunderbird writes one `X-MOZ-SNOOZE-TIME-…` for each instance of a series.
pub(crate) fn is_alarm_property(property: Property<'_>) -> bool {
    const NAMES: [&str; 5] =
        ["X-MOZ-LASTACK", "X-MOZ-SNOOZE-TIME", "ACKNOWLEDGED", "X-APPLE-DEFAULT-ALARM", "X-MOZ-SNOOZE"];
    let name = property.name();
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
        || name.get(..18).is_some_and(|head| head.eq_ignore_ascii_case("X-MOZ-SNOOZE-TIME-"))
}

fn alarm_parts(part: Component<'_>) -> impl Iterator<Item = Component<'_>> {
    part.children().filter(|child| child.name() == "VALARM")
}

/// Removes the alarms of one part.
pub(crate) fn remove<'a>(patch: &mut Patch<'a>, part: Component<'a>) {
    part.properties().filter(|property| is_alarm_property(*property)).for_each(|p| patch.remove(p));
    alarm_parts(part).for_each(|alarm| patch.remove_component(alarm));
}

/// The text without its alarms; not a copy where there are none.
#[must_use]
pub fn without_alarms(object: &CalendarObject) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    object.parts().for_each(|part| remove(&mut patch, part));
    patch.apply()
}

/// The alarms of an object; `None` where there are none.
#[must_use]
pub fn alarms_of(object: &CalendarObject) -> Option<Alarms> {
    let has_any =
        |part: Component<'_>| part.properties().any(is_alarm_property) || alarm_parts(part).next().is_some();
    if !object.parts().any(has_any) {
        return None;
    }
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        if !has_any(part) {
            patch.remove_component(part);
            continue;
        }
        let kept = |p: &Property<'_>| {
            is_alarm_property(*p) || ["UID", "DTSTART", "RECURRENCE-ID"].iter().any(|name| p.is(name))
        };
        part.properties().filter(|property| !kept(property)).for_each(|p| patch.remove(p));
        part.children().filter(|child| child.name() != "VALARM").for_each(|c| patch.remove_component(c));
    }
    Alarms::parse(patch.apply()).ok()
}

impl Alarms {
    /// Reads what [`Alarms::bytes`] gave.
    ///
    /// # Errors
    /// [`IcalError`] if that is not what the bytes are.
    pub fn parse(bytes: Bytes) -> Result<Self, IcalError> {
        CalendarObject::parse(bytes, &Limits::none()).map(Self)
    }

    /// The form to keep.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        self.0.bytes()
    }

    fn part_for(&self, id: Option<&EventTime>) -> Option<Component<'_>> {
        let instant = |id: &EventTime| id.instant(&Zone::utc());
        self.0.parts().find(|part| self.0.recurrence_id(*part).as_ref().map(instant) == id.map(instant))
    }
}

/// The text with these alarms instead of its own; those of parts that are gone are left out.
#[must_use]
pub fn with_alarms(object: &CalendarObject, alarms: &Alarms) -> Bytes {
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        remove(&mut patch, part);
        let Some(from) = alarms.part_for(object.recurrence_id(part).as_ref()) else { continue };
        from.properties()
            .filter(|property| is_alarm_property(*property))
            .for_each(|property| patch.add(part, property.logical()));
        for alarm in alarm_parts(from) {
            let whole = alarm.node().begin.start..alarm.node().end.end;
            patch.add_lines_at_end(part, &alarms.bytes()[whole]);
        }
    }
    patch.apply()
}

/// Whether two texts of one object say the same but for alarms and bookkeeping: true also if
/// they do not differ at all.
#[must_use]
pub fn only_alarms_differ(a: &CalendarObject, b: &CalendarObject) -> bool {
    let without = |object: &CalendarObject| {
        let line = |property: Property<'_>| {
            (!is_alarm_property(property)).then(|| super::hash::canonical(property, |_| true))
        };
        super::hash::hash(object, line, |name| name != "VALARM")
    };
    without(a) == without(b)
}

#[cfg(test)]
mod tests;
