//! What the earlier parts of a rehearsal would have stored: the later ones meet it as if it were there.

use std::collections::BTreeMap;

use crate::booking::outcome::Outcome;
use crate::domain::claim::Claim;
use crate::domain::id::{ReservationId, RoomId, SpaceId, UserId};
use crate::domain::time::Period;

use super::trial::{Change, Tried};

/// What earlier parts of a rehearsal would have stored, which nobody finds in the database.
#[derive(Clone, Debug, Default)]
pub(in crate::booking) struct Imagined {
    /// New members of the room's calendar.
    pub(in crate::booking) members: i64,
    /// Reservations that stand in the database as they were before.
    pub(in crate::booking) rewritten: Vec<ReservationId>,
    /// By the start of the occupied range in seconds.
    claims: BTreeMap<i64, Vec<Claim>>,
    /// The longest occupied range, in seconds.
    longest: i64,
    held: Vec<(UserId, RoomId, Period)>,
    count: i64,
}

impl Imagined {
    /// Whether a reservation is one of these.
    pub(in crate::booking) fn is(reservation: ReservationId) -> bool {
        reservation.get() < 0
    }

    /// Adds what one write came to, unless it changed nothing.
    pub(super) fn add(&mut self, tried: Tried) {
        let Outcome::Stored { created, .. } = tried.outcome else { return };
        if tried.change != Change::Some {
            return;
        }
        self.members += i64::from(created);
        self.count += 1;
        let reservation = ReservationId::new(-self.count);
        for claim in tried.claims {
            let Period { start, end } = claim.occupied;
            self.longest = self.longest.max(end.secs() - start.secs());
            self.claims.entry(start.secs()).or_default().push(Claim { reservation, ..claim });
        }
        self.held.extend(tried.held);
        if !created {
            self.rewritten.extend(tried.reservations);
        }
    }

    /// The claims on these spaces that touch one of `ranges`.
    pub(in crate::booking) fn near(&self, spaces: &[SpaceId], ranges: &[Period]) -> Vec<Claim> {
        let mut near: Vec<Claim> = Vec::new();
        for range in ranges {
            let starts = (range.start.secs() - self.longest)..range.end.secs();
            let touching = self.claims.range(starts).flat_map(|(_, claims)| claims);
            for claim in touching.filter(|claim| claim.occupied.overlaps(range)) {
                if spaces.contains(&claim.space) && !near.contains(claim) {
                    near.push(claim.clone());
                }
            }
        }
        near
    }

    /// What one person would hold.
    pub(in crate::booking) fn held_by(&self, owner: UserId) -> impl Iterator<Item = (RoomId, Period)> {
        self.held.iter().filter(move |held| held.0 == owner).map(|(_, room, period)| (*room, *period))
    }
}
