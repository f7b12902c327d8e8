//! Who has the room that was asked for: named to the asker only if he could read it in the room's
//! calendar (R105).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::domain::id::{ReservationId, RoomId};
use crate::domain::reason::{Conflict, Failure};
use crate::domain::visibility::{View, ViewerLevel};
use crate::store::{StoreError, Tx};

use super::access::{RoomState, room_state};
use super::actor::Actor;
use super::import::Imagined;
use super::scene::view_of;

/// The name to tell with each failure, in their order. What is in the way may be in the calendar
/// of another room with the same space (R78), where the asker may see less, or more.
pub(super) async fn holders(
    tx: &mut Tx<'_>,
    actor: &Actor,
    asked: &RoomState,
    failures: &[Failure],
) -> Result<Vec<Option<String>>, StoreError> {
    let mut rooms = HashMap::from([(asked.room.id, asked.clone())]);
    let mut known: HashMap<ReservationId, Option<String>> = HashMap::new();
    let mut names = Vec::with_capacity(failures.len());
    for failure in failures {
        let Some(conflict) = &failure.conflict else {
            names.push(None);
            continue;
        };
        let name = match known.entry(conflict.reservation) {
            Entry::Occupied(entry) => entry.get().clone(),
            Entry::Vacant(entry) => {
                entry.insert(holder(tx, actor, asked, &mut rooms, conflict).await?).clone()
            }
        };
        names.push(name);
    }
    Ok(names)
}

async fn holder(
    tx: &mut Tx<'_>,
    actor: &Actor,
    asked: &RoomState,
    rooms: &mut HashMap<RoomId, RoomState>,
    conflict: &Conflict,
) -> Result<Option<String>, StoreError> {
    if Imagined::is(conflict.reservation) {
        // It is in the same import, which is rehearsed by whoever manages the room or has all of it.
        let names = asked.level == ViewerLevel::Manage || actor.is(conflict.holder);
        let names = names || asked.level == ViewerLevel::BusyWithName;
        let holder = tx.users().get(conflict.holder).await?.filter(|_| names);
        return Ok(holder.map(|user| user.name));
    }
    let Some(reservation) = tx.reservations().get(conflict.reservation).await? else { return Ok(None) };
    if !rooms.contains_key(&reservation.room) {
        rooms.extend(room_state(tx, reservation.room, actor).await?.map(|room| (reservation.room, room)));
    }
    let Some(room) = rooms.get(&reservation.room) else { return Ok(None) };
    let is_shown = match room.level {
        ViewerLevel::None | ViewerLevel::FreeBusy => actor.is(conflict.holder),
        ViewerLevel::BusyWithName | ViewerLevel::Manage => true,
        // CLASS decides.
        ViewerLevel::Details => {
            let shown = tx.resources().showing(room.calendar, reservation.id).await?;
            let view = shown.and_then(|shown| view_of(&shown, Some(room), actor));
            view.is_some_and(|view| view != View::Busy)
        }
    };
    if !is_shown {
        return Ok(None);
    }
    Ok(tx.users().get(conflict.holder).await?.map(|user| user.name))
}
