//! What policy says about numbers: more people than seats (R43), more bookings than one person may
//! have (R44).
//!
//! Both are counted before the room is judged; what a number means is decided in `domain`.

use crate::domain::id::{ReservationId, RoomId, UserId};
use crate::domain::quota;
use crate::domain::reason::Reason;
use crate::domain::recurrence::{Occurrence, RecurrenceId};
use crate::domain::series::Comparison;
use crate::domain::settings::SeatsRule;
use crate::domain::time::{Instant, Period};
use crate::store::{StoreError, Tx};

use super::access::RoomState;
use super::ask::Ask;

/// A date that fails, why, and by which number.
pub(super) type Failing = (RecurrenceId, Reason, Option<i64>);

/// The dates among those that are judged to which more people come than the room has seats, with the
/// greatest of these numbers.
fn crowded(room: &RoomState, ask: &Ask, comparison: &Comparison) -> Option<(Vec<RecurrenceId>, usize, i64)> {
    let seats = room.room.seats?;
    let fits = |people: usize| i64::try_from(people).is_ok_and(|people| people <= seats);
    let mut judged: Vec<RecurrenceId> = comparison.judged().map(|occurrence| occurrence.id).collect();
    judged.sort_unstable();
    let too_many: Vec<_> =
        ask.people().filter(|(id, people)| !fits(*people) && judged.binary_search(id).is_ok()).collect();
    let most = too_many.iter().map(|(_, people)| *people).max()?;
    Some((too_many.into_iter().map(|(id, _)| id).collect(), most, seats))
}

/// The dates that fail for want of seats, and where it is only remarked: how many people and seats.
pub(super) fn seats(
    room: &RoomState,
    ask: &Ask,
    comparison: &Comparison,
) -> (Vec<Failing>, Option<(usize, i64)>) {
    let Some((ids, people, seats)) = crowded(room, ask, comparison) else { return (Vec::new(), None) };
    match room.rules.settings.seats_rule {
        SeatsRule::Ignore => (Vec::new(), None),
        SeatsRule::Warn => (Vec::new(), Some((people, seats))),
        SeatsRule::Decline => (ids.into_iter().map(|id| (id, Reason::Seats, Some(seats))).collect(), None),
    }
}

/// What this command holds and is about to hold, beside what the database has of others.
pub(super) struct Beside {
    /// Reservations that it rewrites or gives up.
    pub(super) rewritten: Vec<ReservationId>,
    /// What stays of them, and what other rooms have given already.
    pub(super) held: Vec<(RoomId, Period)>,
}

/// The dates of `new` that a quota of the room does not leave. One query, whatever is asked.
pub(super) async fn quotas(
    tx: &mut Tx<'_>,
    room: &RoomState,
    owner: UserId,
    new: &[Occurrence],
    beside: Beside,
    now: Instant,
) -> Result<Vec<Failing>, StoreError> {
    if room.quotas.is_empty() || room.asker.manager || new.is_empty() {
        return Ok(Vec::new());
    }
    let stored = tx.occurrences().held_by(owner, now).await?;
    let others = stored.into_iter().filter(|held| !beside.rewritten.contains(&held.reservation));
    let mut held: Vec<(RoomId, Period)> = others.map(|held| (held.room, held.period)).collect();
    held.extend(beside.held.into_iter().filter(|(_, period)| period.end > now));
    let found = quota::exceeded(&room.quotas, &held, new, room.room.id, &room.rules.zone);
    Ok(found.into_iter().map(|(id, limit)| (id, Reason::Quota, Some(limit.code()))).collect())
}
