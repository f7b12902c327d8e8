//! Reservations whose owner is gone (R90): claims stay, series are extended no further, and whoever manages
//! the rooms gets one list, which does not tell what is private (R102). They are handed over
//! ([`super::transfer`]), cancelled, or released by the clock where a room is set so.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::domain::event::Class;
use crate::domain::id::{ReservationId, RoomId, SpaceId, UserId};
use crate::domain::reason::Reason;
use crate::domain::state::OccurrenceState;
use crate::domain::time::Instant;
use crate::domain::user::User;
use crate::store::{Reservation, StoreError, Tx};
use crate::text::{self, Language, Message, Why};

use super::Bookings;
use super::access::room_state;
use super::actor::{Actor, language_of};
use super::approval::managers;
use super::displace::{Displacing, Hit, Taking};
use super::error::Error;
use super::record::Cause;

/// Notes that everything a person has to come has no owner any more, and tells whoever manages the rooms;
/// nothing of what was noted before is told again.
pub(super) async fn orphan(
    tx: &mut Tx<'_>,
    actor: &Actor,
    user: &User,
    now: Instant,
) -> Result<(), StoreError> {
    let cause = Cause { actor, channel: "direct", now };
    let mut known: BTreeMap<RoomId, Vec<UserId>> = BTreeMap::new();
    let mut lists: BTreeMap<UserId, Vec<Reservation>> = BTreeMap::new();
    for id in tx.reservations().orphan(user.id, now).await? {
        let Some(reservation) = tx.reservations().get(id).await? else { continue };
        let about = (reservation.room, reservation.uid.as_str());
        cause.noted(tx, "occurrence", about, Reason::Orphaned, &user.login.to_string()).await?;
        let all = match known.entry(reservation.room) {
            Entry::Occupied(of_room) => of_room.into_mut(),
            Entry::Vacant(new) => new.insert(managers(tx, reservation.room).await?),
        };
        for manager in all.iter() {
            lists.entry(*manager).or_default().push(reservation.clone());
        }
    }
    for (manager, reservations) in lists {
        let Some(told) = tx.users().get(manager).await? else { continue };
        let language = language_of(tx, &told).await?;
        let mut lines = Vec::with_capacity(reservations.len());
        for reservation in &reservations {
            lines.push(line(tx, language, reservation, now).await?);
        }
        let about = (Some(reservations[0].room), reservations[0].uid.as_str());
        let message = Message::Orphaned { person: &user.name, list: &lines.join("\n") };
        let key = format!("orphaned/{}/{manager}/{}", user.id, uuid::Uuid::new_v4().simple());
        cause.tell(tx, manager, about, key, &message).await?;
    }
    Ok(())
}

/// What those who manage its room may be told that a reservation is called: nothing where that is private and
/// they do not see it (R102).
pub(super) async fn title_for_managers(
    tx: &mut Tx<'_>,
    reservation: &Reservation,
) -> Result<String, StoreError> {
    let class = tx.resources().get(reservation.source).await?.map_or(Class::Public, |source| source.class);
    let room = match class {
        Class::Public => None,
        _ => room_state(tx, reservation.room, &Actor::operator()).await?,
    };
    let sees = class == Class::Public || room.is_some_and(|room| room.rules.settings.managers_see_private);
    Ok(if sees { reservation.summary.clone() } else { String::new() })
}

async fn line(
    tx: &mut Tx<'_>,
    language: Language,
    reservation: &Reservation,
    now: Instant,
) -> Result<String, StoreError> {
    let title = title_for_managers(tx, reservation).await?;
    let Some(room) = tx.rooms().get(reservation.room).await? else { return Ok(title) };
    let all = tx.occurrences().of(reservation.id).await?;
    let mut coming =
        all.iter().map(|it| &it.facts).filter(|facts| facts.claim.is_some() && facts.period.end > now);
    let first = coming.next().map(|facts| text::when(language, &facts.period, facts.all_day, &room.zone));
    let more = match coming.count() {
        0 => String::new(),
        more => format!(" (+{more})"),
    };
    let title = if title.is_empty() { title } else { format!("{title}, ") };
    Ok(format!("{}: {}, {title}{}{more}", reservation.id, room.name, first.unwrap_or_default()))
}

impl Bookings {
    /// Releases what has had no owner for as long as its room waits (`orphan_release`); gives how many
    /// reservations that were. One that fails does not stop the others.
    ///
    /// # Errors
    /// When the database cannot say which are due.
    pub async fn release_orphans(&self) -> Result<usize, Error> {
        let (now, actor) = (self.now(), Actor::operator());
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let mut due = Vec::new();
        for (reservation, room, since) in tx.reservations().orphans().await? {
            let Some(room) = room_state(&mut tx, room, &actor).await? else { continue };
            let waits = room.rules.settings.orphan_release;
            if waits.is_some_and(|waits| since.plus(waits) <= now) {
                due.push(Release { reservation, since, spaces: room.spaces() });
            }
        }
        drop(snapshot);
        let mut released = 0;
        for release in due {
            let reservation = release.reservation;
            match self.displace(&actor, release, true).await {
                Ok(Displacing::Done((), lost)) => released += usize::from(!lost.is_empty()),
                Ok(Displacing::Needs(_)) => {}
                Err(error) => tracing::warn!(%reservation, %error, "cannot release what has no owner"),
            }
        }
        Ok(released)
    }
}

/// Everything that one of them has to come.
struct Release {
    reservation: ReservationId,
    /// Since when it has no owner.
    since: Instant,
    spaces: Vec<SpaceId>,
}

impl Taking for Release {
    type Done = ();
    type Error = Error;

    fn is_moved(error: &Error) -> bool {
        *error == Error::Moved
    }

    fn spaces(&self) -> &[SpaceId] {
        &self.spaces
    }

    fn why(&self) -> (&'static str, Why<'_>) {
        ("R90", Why::Left)
    }

    fn becomes(&self) -> (OccurrenceState, Reason) {
        (OccurrenceState::Released, Reason::Orphaned)
    }

    async fn hits(&self, tx: &mut Tx<'_>, now: Instant) -> Result<Vec<Hit>, Error> {
        if tx.reservations().orphaned_at(self.reservation).await? != Some(self.since) {
            // Its owner is back, or it is somebody else's.
            return Ok(Vec::new());
        }
        let all = tx.occurrences().of(self.reservation).await?;
        // What waits in a queue claims nothing (R72), nor may an old slot beside what waits in its place (R74).
        let held = all.iter().map(|it| &it.facts).filter(|it| it.state.claims() && it.period.end > now);
        let occurrences: Vec<_> = held.map(|facts| (facts.id, facts.state)).collect();
        let hit = Hit { reservation: self.reservation, occurrences };
        Ok(if hit.occurrences.is_empty() { Vec::new() } else { vec![hit] })
    }

    async fn take(&self, _: &mut Tx<'_>, _: Instant) -> Result<(), Error> {
        Ok(())
    }
}
