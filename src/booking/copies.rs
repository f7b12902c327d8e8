//! What other calendars show of an event than the one it lives in: the member of a room's own calendar
//! for an invitation, and the mirror of a direct booking in the owner's.
//!
//! Each is a text of its own, made by [`super::compose`]; nothing here decides. R29, R30.

use crate::domain::id::{CalendarId, ReservationId, RoomId, UserId};
use crate::domain::reason::Reason;
use crate::domain::state::OccurrenceState;
use crate::domain::time::Period;
use crate::ical::CalendarObject;
use crate::store::{Content, NewResource, Resource, Tx};

use super::compose::{self, Answer};
use super::error::Error;
use super::mask;
use super::record::{Cause, Effect, Member};
use super::scene::Scene;

use super::apply::Writing;

impl Writing<'_> {
    /// The owner's own calendar shows a direct booking under the same name, unless an event of
    /// his own has the UID there.
    pub(super) async fn mirror(
        &self,
        tx: &mut Tx<'_>,
        source: &Resource,
        reservation: ReservationId,
        direct: &Answer,
    ) -> Result<(), Error> {
        mirror(tx, self.cause, self.scene, source, self.object, reservation, &direct.room.room.name).await
    }

    /// The member of the room's own calendar that shows an invitation.
    pub(super) async fn room_copy(
        &self,
        tx: &mut Tx<'_>,
        answer: &Answer,
        reservation: ReservationId,
    ) -> Result<(), Error> {
        let Self { cause, scene, .. } = *self;
        let calendar = answer.room.calendar;
        let shown = tx.resources().showing(calendar, reservation).await?;
        let (shown, gone) = match shown {
            Some(shown) if answer.is_held() && shown.owner == scene.owner => (Some(shown), None),
            shown => (None, shown),
        };
        if let Some(gone) = gone {
            tx.resources().delete(gone.id).await?;
            let member = Member::of(&gone, Some(answer.id())).removed();
            cause.changed(tx, member, effect_of(answer)).await?;
        }
        if !answer.is_held() {
            return Ok(());
        }
        let text = compose::room_copy(self.object, answer, &self.bounds.ical)?;
        let content = compose::content(text, self.object, None)?;
        let name = compose::name_for(self.uid());
        let place =
            Place { calendar, room: Some(answer.id()), name: &name, uid: self.uid(), owner: scene.owner };
        show(tx, cause, place, shown.as_ref(), (reservation, &content), effect_of(answer)).await
    }
}

/// Where a copy lies, or will.
struct Place<'a> {
    calendar: CalendarId,
    room: Option<RoomId>,
    /// What it is called if nothing else there is.
    name: &'a str,
    uid: &'a str,
    owner: UserId,
}

/// Brings a copy up to date, or makes the first one.
async fn show(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    place: Place<'_>,
    shown: Option<&Resource>,
    (reservation, content): (ReservationId, &Content),
    effect: Effect<'_>,
) -> Result<(), Error> {
    let Place { calendar, room, name, uid, owner } = place;
    let is_same = |shown: &Resource| {
        shown.etag == content.etag && shown.class == content.class && shown.reservation == Some(reservation)
    };
    let id = match shown {
        Some(shown) if is_same(shown) => return Ok(()),
        Some(shown) => {
            tx.resources().update(shown.id, owner, Some(reservation), content, cause.now).await?;
            shown.id
        }
        None => {
            let key = mask::new_key();
            let name = free_name(tx, calendar, name, &key).await?;
            let new = NewResource {
                calendar,
                name: &name,
                uid,
                mask_key: &key,
                owner,
                reader: None,
                reservation: Some(reservation),
                purge_at: None,
            };
            tx.resources().insert(&new, content, cause.now).await?
        }
    };
    let stored = tx.resources().get(id).await?.ok_or(Error::Missing)?;
    let member = Member::of(&stored, room).instead_of(shown);
    Ok(cause.changed(tx, member, effect).await?)
}

/// Brings the mirror of a direct booking in the owner's calendar up to date.
pub(super) async fn mirror(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    scene: &Scene,
    source: &Resource,
    object: &CalendarObject,
    reservation: ReservationId,
    room: &str,
) -> Result<(), Error> {
    let calendar = scene.own_calendar;
    let uid = object.uid().as_str();
    let existing = tx.resources().with_uid(calendar, uid).await?;
    if existing.as_ref().is_some_and(|existing| existing.reservation.is_none()) {
        return Ok(());
    }
    let text = compose::mirror(object, room);
    let content = compose::content(text, object, source.schedule_tag.clone())?;
    let place = Place { calendar, room: None, name: &source.name, uid, owner: scene.owner };
    show(tx, cause, place, existing.as_ref(), (reservation, &content), Effect::TEXT).await
}

/// `name`, or one made of `key` where another member has it.
pub(super) async fn free_name(
    tx: &mut Tx<'_>,
    calendar: CalendarId,
    name: &str,
    key: &str,
) -> Result<String, Error> {
    let is_taken = tx.resources().named(calendar, name).await?.is_some();
    Ok(if is_taken { format!("{key}.ics") } else { name.to_owned() })
}

/// What became of a reservation, for the audit.
pub(super) fn effect_of(answer: &Answer) -> Effect<'static> {
    let of = |state| answer.decision.occurrences.iter().filter(move |facts| facts.state == state);
    let range = |state| {
        let start = of(state).map(|facts| facts.period.start).min();
        let end = of(state).map(|facts| facts.period.end).max();
        start.zip(end).map(|(start, end)| Period { start, end })
    };
    let had = [OccurrenceState::Confirmed, OccurrenceState::Held]
        .into_iter()
        .find_map(|state| range(state).map(|range| (state, range)));
    let lost = || answer.decision.occurrences.iter().find_map(|facts| Some((facts.state, facts.reason?)));
    let (new, reason) = match (had, answer.decision.failures.first(), lost()) {
        (Some((state, _)), ..) => (state, None),
        (None, Some(failure), _) => (OccurrenceState::Declined, Some(failure.reason)),
        (None, None, Some((state, reason))) => (state, Some(reason)),
        (None, None, None) => (OccurrenceState::Cancelled, Some(Reason::Cancelled)),
    };
    let usual = match (answer.decision.touched, new) {
        (true, OccurrenceState::Held) => "R70",
        (true, _) => "R40",
        (false, _) => "R59",
    };
    Effect {
        old: answer.existing.as_ref().map(|_| "confirmed"),
        new: Some(new.as_str()),
        range: had.map(|(_, range)| range),
        rule: reason.map_or(usual, Reason::rule),
        reason,
    }
}
