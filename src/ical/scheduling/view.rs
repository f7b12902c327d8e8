//! What one attendee is shown of an organizer's event: the instances that invite him, and nothing
//! that is the organizer's own affair. RFC 6638, sections 3.2.6 and 7; RFC 5545,
//! section 3.8.4.3; R107.

use bytes::Bytes;

use super::answers::{Agent, agent, answers};
use super::changes::exceptions;
use crate::domain::attendee::{Address, PartStat};
use crate::domain::time::Zone;
use crate::ical::alarms;
use crate::ical::edit::{exclude_all, is_one_of};
use crate::ical::instance::named_like_start;
use crate::ical::object::CalendarObject;
use crate::ical::patch::Patch;
use crate::ical::tree::Component;

/// The text that `attendee` gets: parts that do not invite him are left out, as excluded dates
/// where the series does. `None` if nothing invites him, or the server is not to tell him.
#[must_use]
pub fn view(object: &CalendarObject, attendee: &[Address], floating: &Zone) -> Option<Bytes> {
    let invites = |part: Component<'_>| {
        part.all("ATTENDEE").any(|line| is_one_of(line, attendee) && agent(line) == Agent::Server)
    };
    let master = object.master();
    let in_master = master.filter(|master| invites(*master));
    let mut patch = Patch::new(object.calendar());
    let mut is_invited = false;
    for part in object.parts() {
        if invites(part) {
            is_invited = true;
            clean(&mut patch, part);
            continue;
        }
        patch.remove_component(part);
        let at = object.original_start(part, floating);
        if let (Some(master), Some(at)) = (in_master, at)
            && let Some(line) = named_like_start(object, master, "EXDATE", at, floating)
        {
            patch.add(master, &line);
        }
    }
    is_invited.then(|| patch.apply())
}

/// Takes out what only the organizer and his server know.
fn clean<'a>(patch: &mut Patch<'a>, part: Component<'a>) {
    alarms::remove(patch, part);
    for line in part.properties().filter(|line| line.is("ATTENDEE") || line.is("ORGANIZER")) {
        for name in ["SCHEDULE-STATUS", "SCHEDULE-FORCE-SEND", "SCHEDULE-AGENT"] {
            patch.remove_param(line, name);
        }
    }
}

/// The attendee's copy as it becomes: what the organizer says, with what is the attendee's own
/// affair. Dates that he left out, and that the organizer knows to be declined, stay left out.
#[must_use]
pub fn merged(view: &CalendarObject, copy: &CalendarObject, attendee: &[Address], floating: &Zone) -> Bytes {
    let text = without_declined(view, copy, attendee, floating);
    let Ok(shown) = super::again(text.clone()) else { return text };
    let own = alarms::alarms_of(copy);
    let text = own.map_or(text, |own| alarms::with_alarms(&shown, &own));
    let Ok(with_alarms) = super::again(text.clone()) else { return text };
    let mut patch = Patch::new(with_alarms.calendar());
    for part in with_alarms.parts() {
        let at = with_alarms.original_start(part, floating);
        if let Some(own) = copy.parts().find(|own| copy.original_start(*own, floating) == at) {
            keep_own(&mut patch, part, own);
        }
    }
    patch.apply()
}

/// TRANSP, categories and colour as the attendee has them, and what else his programs added.
fn keep_own<'a>(patch: &mut Patch<'a>, part: Component<'a>, own: Component<'_>) {
    if let Some(transp) = own.get("TRANSP") {
        patch.set_property(part, "TRANSP", transp.value());
    }
    for name in ["CATEGORIES", "COLOR"] {
        if own.get(name).is_some() {
            part.all(name).for_each(|line| patch.remove(line));
            own.all(name).for_each(|line| patch.add(part, line.logical()));
        }
    }
    let is_experimental = |name: &str| name.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("X-"));
    for line in own.properties().filter(|line| is_experimental(line.name())) {
        if part.get(line.name()).is_none() {
            patch.add(part, line.logical());
        }
    }
}

fn without_declined(
    view: &CalendarObject,
    copy: &CalendarObject,
    attendee: &[Address],
    floating: &Zone,
) -> Bytes {
    let text = view.bytes().clone();
    let (Ok(event), Ok(own)) = (view.event(), copy.event()) else { return text };
    let stands = answers(view, attendee, floating);
    let shown = exceptions(event, floating);
    let gone = exceptions(own, floating)
        .into_iter()
        .filter(|at| !shown.contains(at) && stands.at(*at) == Some(PartStat::Declined));
    exclude_all(view, &gone.collect(), floating).unwrap_or(text)
}
