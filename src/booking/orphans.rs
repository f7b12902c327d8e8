//! Reservations whose owner is gone (R90): claims stay, series are extended no further, and whoever manages
//! the rooms gets one list, which does not tell what is private (R102). They are handed over
//! ([`super::transfer`]), cancelled, or released by the clock where a room is set so.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::domain::event::Class;
use crate::domain::id::{ReservationId, RoomId, SpaceId, UserId};
use crate::domain::reason::Reason;
use crate::domain::space::Grantee;
use crate::domain::state::OccurrenceState;
use crate::domain::time::Instant;
use crate::domain::user::User;
use crate::store::{Reservation, StoreError, Tx};
use crate::text::{self, Language, Message, Why};

use super::Bookings;
use super::access::room_state;
use super::actor::{Actor, language_of};
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
    let mut managers: BTreeMap<RoomId, BTreeSet<UserId>> = BTreeMap::new();
    let mut lists: BTreeMap<UserId, Vec<Reservation>> = BTreeMap::new();
    for id in tx.reservations().orphan(user.id, now).await? {
        let Some(reservation) = tx.reservations().get(id).await? else { continue };
        let about = (reservation.room, reservation.uid.as_str());
        cause.noted(tx, "occurrence", about, Reason::Orphaned, &user.login.to_string()).await?;
        let all = match managers.entry(reservation.room) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(managers_of(tx, reservation.room, user.id).await?),
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

/// Those who were granted it, alone or in a group; where nobody was, the administrators.
async fn managers_of(tx: &mut Tx<'_>, room: RoomId, but: UserId) -> Result<BTreeSet<UserId>, StoreError> {
    let mut all = BTreeSet::new();
    for grant in tx.grants().on_room(room).await?.into_iter().filter(|grant| grant.level == "manage") {
        match grant.to {
            Grantee::User(user) => all.extend([user]),
            Grantee::Group(group) => all.extend(tx.groups().members(group).await?),
        }
    }
    let users = tx.users().list().await?;
    let is_here = |id: UserId| id != but && users.iter().any(|user| user.id == id && !user.disabled);
    all.retain(|id| is_here(*id));
    if all.is_empty() {
        all.extend(users.iter().filter(|user| user.admin && is_here(user.id)).map(|user| user.id));
    }
    Ok(all)
}

async fn line(
    tx: &mut Tx<'_>,
    language: Language,
    reservation: &Reservation,
    now: Instant,
) -> Result<String, StoreError> {
    let Some(room) = tx.rooms().get(reservation.room).await? else { return Ok(reservation.id.to_string()) };
    let all = tx.occurrences().of(reservation.id).await?;
    let mut coming =
        all.iter().map(|it| &it.facts).filter(|facts| facts.claim.is_some() && facts.period.end > now);
    let first = coming.next().map(|facts| text::when(language, &facts.period, facts.all_day, &room.zone));
    let more = match coming.count() {
        0 => String::new(),
        more => format!(" (+{more})"),
    };
    let title =
        if sees_title(tx, reservation).await? { format!(", {}", reservation.summary) } else { String::new() };
    Ok(format!("{}: {}{title}, {}{more}", reservation.id, room.name, first.unwrap_or_default()))
}

/// Whether managers may read what a reservation is called (R102).
async fn sees_title(tx: &mut Tx<'_>, reservation: &Reservation) -> Result<bool, StoreError> {
    let source = tx.resources().get(reservation.source).await?;
    if source.map(|source| source.class).unwrap_or_default() == Class::Public {
        return Ok(true);
    }
    let room = room_state(tx, reservation.room, &Actor::operator()).await?;
    Ok(room.is_some_and(|room| room.rules.settings.managers_see_private))
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
                due.push(Release { reservation, spaces: room.spaces() });
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
        ("R90", Why::Words(""))
    }

    fn becomes(&self) -> (OccurrenceState, Reason) {
        (OccurrenceState::Released, Reason::Orphaned)
    }

    async fn hits(&self, tx: &mut Tx<'_>, now: Instant) -> Result<Vec<Hit>, Error> {
        let all = tx.occurrences().of(self.reservation).await?;
        let held = all.iter().map(|it| &it.facts).filter(|it| it.claim.is_some() && it.period.end > now);
        let occurrences: Vec<_> = held.map(|facts| (facts.id, facts.state)).collect();
        let hit = Hit { reservation: self.reservation, occurrences };
        Ok(if hit.occurrences.is_empty() { Vec::new() } else { vec![hit] })
    }

    async fn take(&self, _: &mut Tx<'_>, _: Instant) -> Result<(), Error> {
        Ok(())
    }
}
