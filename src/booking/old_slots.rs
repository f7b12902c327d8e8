//! Old slots of moves that wait, where the room is taken from what waits in their place: they are had again as
//! after a decline (R74, R92), or go with it where they are taken too.
//!
//! Decides nothing about who loses what else; [`super::displace`] writes it down.

use crate::domain::approval::{Terms, handed_back};
use crate::domain::channel::Channel;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::state::OccurrenceState;
use crate::domain::time::{Instant, Period};
use crate::ical::{CalendarObject, approval::retimed};
use crate::store::{Reservation, Tx};

use super::access::room_state;
use super::actor::Actor;
use super::compose;
use super::displace::Hit;
use super::error::Error;

/// Dates that go back to where they were, with these times.
pub(super) type Restored = Vec<(RecurrenceId, Period)>;

/// Adds to a hit the old slots that go with what waits in their place: those that cannot be handed back, and
/// those of which `is_taken` says so, as they are and as they would be had again.
pub(super) async fn go_too(
    tx: &mut Tx<'_>,
    hit: &mut Hit,
    now: Instant,
    is_taken: impl Fn(&OccurrenceFacts, &OccurrenceFacts) -> bool,
) -> Result<(), Error> {
    let backs = handed_back_to(tx, hit, now).await?;
    let all = tx.occurrences().of(hit.reservation).await?;
    let all: Vec<OccurrenceFacts> = all.into_iter().map(|stored| stored.facts).collect();
    let is_meant = |grace: &&OccurrenceFacts| {
        let is_had = |back: &OccurrenceFacts| back.id == grace.id && !is_taken(grace, back);
        let is_of_hit = has_waiting(grace, &all) && !hit.has(grace) && hit.has_waiting(grace.id);
        is_of_hit && !backs.iter().any(is_had)
    };
    let more: Vec<_> = all.iter().filter(is_meant).map(|grace| (grace.id, grace.state)).collect();
    hit.occurrences.extend(more);
    Ok(())
}

/// The rows that old slots become whose new place alone is hit (R74).
pub(super) async fn handed_back_to(
    tx: &mut Tx<'_>,
    hit: &Hit,
    now: Instant,
) -> Result<Vec<OccurrenceFacts>, Error> {
    let all = tx.occurrences().of(hit.reservation).await?;
    let all: Vec<OccurrenceFacts> = all.into_iter().map(|stored| stored.facts).collect();
    let is_meant = |facts: &&OccurrenceFacts| {
        has_waiting(facts, &all) && !hit.has(facts) && hit.has_waiting(facts.id) && facts.period.end > now
    };
    let Some(reservation) = tx.reservations().get(hit.reservation).await? else { return Ok(Vec::new()) };
    if !all.iter().any(|facts| is_meant(&facts)) {
        return Ok(Vec::new());
    }
    let Some(room) = room_state(tx, reservation.room, &Actor::operator()).await? else {
        return Ok(Vec::new());
    };
    let terms = Terms { room: &room.rules, channel: reservation.channel, units: 1, restores: true, now };
    let back = |old: &OccurrenceFacts| {
        let held = all.iter().find(|held| held.id == old.id && held.state == OccurrenceState::Held)?;
        // What it has is enough: what lies beside it may be others' by then.
        let claim = held.claim.filter(|_| !is_whole(old));
        handed_back(old, &OccurrenceFacts { claim, ..held.clone() }, &terms)
    };
    Ok(all.iter().filter(is_meant).filter_map(back).collect())
}

/// Whether an old slot has kept all of its time.
pub(super) fn is_whole(grace: &OccurrenceFacts) -> bool {
    let covers = |own: &Period| own.start <= grace.period.start && grace.period.end <= own.end;
    grace.claim.is_some_and(|(own, _)| covers(&own))
}

/// Whether it is an old slot that somebody still has, because what waits in its place is not decided.
pub(super) fn has_waiting(facts: &OccurrenceFacts, all: &[OccurrenceFacts]) -> bool {
    let waits = |other: &OccurrenceFacts| other.id == facts.id && other.state == OccurrenceState::Held;
    facts.state == OccurrenceState::Grace && all.iter().any(waits)
}

/// The dates among these that are booked again, which a booking's text must say.
pub(super) fn restored(backs: &[OccurrenceFacts]) -> Restored {
    let booked = backs.iter().filter(|facts| facts.state == OccurrenceState::Confirmed);
    booked.map(|facts| (facts.id, facts.period)).collect()
}

/// The text of a booking with its dates where they were, and which these are; `None` where none goes back or
/// the text cannot say it.
pub(super) async fn taken_back(
    tx: &mut Tx<'_>,
    reservation: &Reservation,
    hits: &[Hit],
    object: &CalendarObject,
    (now, limits): (Instant, &crate::ical::Limits),
) -> Result<Option<(CalendarObject, Restored)>, Error> {
    let hit = hits.iter().find(|hit| hit.reservation == reservation.id);
    let Some(hit) = hit.filter(|_| reservation.channel == Channel::Direct) else { return Ok(None) };
    let dates = restored(&handed_back_to(tx, hit, now).await?);
    let Some(room) = tx.rooms().get(reservation.room).await?.filter(|_| !dates.is_empty()) else {
        return Ok(None);
    };
    let Some(text) = retimed(object, &dates, &room.zone) else { return Ok(None) };
    Ok(Some((compose::reparse(text, object, limits)?, dates)))
}

impl Hit {
    /// Whether it is hit itself.
    pub(super) fn has(&self, facts: &OccurrenceFacts) -> bool {
        self.occurrences.contains(&(facts.id, facts.state))
    }

    /// Whether it loses what it has: it is hit, or an old slot that goes with what is and is not among `backs`.
    pub(super) fn takes(&self, facts: &OccurrenceFacts, backs: &[OccurrenceFacts]) -> bool {
        let is_old = facts.state == OccurrenceState::Grace && self.has_waiting(facts.id);
        self.has(facts) || (is_old && !backs.iter().any(|back| back.id == facts.id))
    }

    fn has_waiting(&self, id: RecurrenceId) -> bool {
        self.occurrences.contains(&(id, OccurrenceState::Held))
    }
}
