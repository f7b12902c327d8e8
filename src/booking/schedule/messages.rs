//! Which messages say what changed between two views of one attendee. Knows neither how they get
//! there nor what becomes of a copy.
//!
//! RFC 6638, sections 3.2.1.2 and 3.2.7; RFC 5546, sections 3.2.2 and 3.2.5.

use crate::domain::event::Event;
use crate::ical::CalendarObject;
use crate::ical::scheduling::{cancelled, instances, lost, says, standing, without};

use super::super::Bounds;
use super::super::compose;
use super::super::error::Error;
use super::common;

/// A method, and what it is about.
pub(super) type Message = (&'static str, CalendarObject);

pub(super) fn is_cancelled(object: &CalendarObject) -> bool {
    object.event().is_ok_and(Event::is_cancelled)
}

pub(super) fn request(view: &CalendarObject) -> Result<Message, Error> {
    Ok(("REQUEST", standing(view, &common())?))
}

/// Everything in the view is cancelled.
pub(super) fn cancel(view: &CalendarObject, bounds: &Bounds) -> Result<Message, Error> {
    Ok(("CANCEL", compose::stored(cancelled(view), &bounds.ical)?))
}

/// What tells who has `old` that there is `new` instead; they do not say the same, or something is
/// to be sent anyhow.
pub(super) fn difference(
    old: &CalendarObject,
    new: &CalendarObject,
    is_forced: bool,
    bounds: &Bounds,
) -> Result<Vec<Message>, Error> {
    match (is_cancelled(old), is_cancelled(new)) {
        (true, true) if is_forced => Ok(vec![("CANCEL", new.clone())]),
        // There is nothing left of which anything could be said.
        (true, true) => Ok(Vec::new()),
        (false, true) if has_all(old, new) => Ok(vec![("CANCEL", new.clone())]),
        (false, true) => Ok(vec![cancel(old, bounds)?]),
        (true, false) => Ok(vec![request(new)?]),
        (false, false) => remainder(old, new, is_forced, bounds),
    }
}

/// Whether `new` names everything that `old` does.
fn has_all(old: &CalendarObject, new: &CalendarObject) -> bool {
    new.master().is_some() || (old.master().is_none() && lost(old, new, &common()).is_empty())
}

/// Where dates are gone and nothing else changed, they are cancelled by themselves. A request for a
/// whole series says what is excluded; one for single dates says nothing of others, which are
/// cancelled before it.
fn remainder(
    old: &CalendarObject,
    new: &CalendarObject,
    is_forced: bool,
    bounds: &Bounds,
) -> Result<Vec<Message>, Error> {
    let zone = common();
    let (was, is) = (standing(old, &zone)?, standing(new, &zone)?);
    let (had_series, has_series) = (was.master().is_some(), is.master().is_some());
    if had_series && !has_series {
        return Ok(vec![cancel(&was, bounds)?, ("REQUEST", is)]);
    }
    let gone = lost(&was, &is, &zone);
    if gone.is_empty() {
        return Ok(vec![("REQUEST", is)]);
    }
    let dates = cancel(&instances(&was, &gone, &zone)?, bounds)?;
    // Without all its dates it would be no event.
    let is_rest = || without(&was, &gone, &zone).is_ok_and(|rest| says(&rest, &zone) == says(&is, &zone));
    Ok(if !is_forced && is_rest() {
        vec![dates]
    } else if had_series {
        vec![("REQUEST", is)]
    } else {
        vec![dates, ("REQUEST", is)]
    })
}
