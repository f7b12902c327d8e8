//! Decisions that a manager makes in the room's calendar, where what waits is shown as tentative: by the
//! room's PARTSTAT, or for a direct booking by STATUS (R73). Any other change is what it always was.

use crate::domain::approval::Waiting;
use crate::domain::id::ReservationId;
use crate::domain::visibility::View;
use crate::ical::CalendarObject;
use crate::ical::approval::{self, Decisions};
use crate::store::{Resource, Tx};

use super::super::Bounds;
use super::super::access::RoomState;
use super::super::compose;
use super::super::error::Error;
use super::super::put::{Purpose, Put};
use super::super::scene::{Scene, Target, view_of};

/// What a write says that is a manager's decision; `None` if it is none.
pub(in crate::booking) async fn decided(
    tx: &mut Tx<'_>,
    put: &Put,
    scene: &Scene,
    bounds: &Bounds,
) -> Result<Option<(ReservationId, Decisions)>, Error> {
    let (Some(current), Some(room)) = (&scene.current, &scene.room) else { return Ok(None) };
    let is_a_managers = room.asker.manager && !put.actor.is(current.owner) && put.actor.user.is_some();
    let is_written = put.purpose == Purpose::Write && matches!(put.target, Target::Room(_)) && !put.attaches;
    let is_seen = view_of(current, Some(room), &put.actor) == Some(View::Whole);
    let Some(reservation) = current.reservation.filter(|_| is_a_managers && is_written && is_seen) else {
        return Ok(None);
    };
    let waiting = tx.occurrences().waiting_of(reservation).await?;
    let stored = stored(tx, current, bounds).await?;
    let shown = shown(tx, put, (current, room), &stored, bounds).await?;
    let addresses = room.room.addresses();
    let decisions = approval::decided(&shown, &put.object, &addresses, &waiting, &room.rules.zone);
    Ok(decisions.map(|decisions| (reservation, decisions)))
}

/// A text as whoever writes over it was shown it.
pub(in crate::booking) async fn shown(
    tx: &mut Tx<'_>,
    put: &Put,
    (member, room): (&Resource, &RoomState),
    stored: &CalendarObject,
    bounds: &Bounds,
) -> Result<CalendarObject, Error> {
    let (Some(reservation), false) = (member.reservation, put.actor.is(member.owner)) else {
        return Ok(stored.clone());
    };
    let waiting = tx.occurrences().waiting_of(reservation).await?;
    let shown = approval::tentative(stored, &waiting, &room.rules.zone);
    compose::reparse(shown, stored, &bounds.ical)
}

/// What somebody writes over another's booking, without what he was shown because it waits; `None` if
/// that is nothing.
pub(in crate::booking) async fn unmarked(
    tx: &mut Tx<'_>,
    put: &Put,
    scene: &Scene,
    bounds: &Bounds,
) -> Result<Option<CalendarObject>, Error> {
    let (Some(current), Some(room)) = (&scene.current, &scene.room) else { return Ok(None) };
    let Some(reservation) = current.reservation.filter(|_| !put.actor.is(current.owner)) else {
        return Ok(None);
    };
    if put.purpose != Purpose::Write || tx.occurrences().waiting_of(reservation).await? == Waiting::Nothing {
        return Ok(None);
    }
    let stored = stored(tx, current, bounds).await?;
    let text = approval::untentative(&put.object, &stored, &room.rules.zone);
    if text == *put.object.bytes() {
        return Ok(None);
    }
    compose::reparse(text, &put.object, &bounds.ical).map(Some)
}

async fn stored(tx: &mut Tx<'_>, member: &Resource, bounds: &Bounds) -> Result<CalendarObject, Error> {
    let text = tx.resources().text(member.id).await?;
    compose::stored(text.into(), &bounds.ical)
}
