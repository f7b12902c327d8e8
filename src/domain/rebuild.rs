//! Which claims still fit after the data of a room has changed: its zone, the rules of zones, its units
//! (R131, R132). Whoever asked first stays.
//!
//! Pure: what stands, and where it would stand now, the caller has found out.

use std::collections::HashMap;

use super::claim::{Claim, in_the_way};
use super::id::{OccurrenceId, ReservationId, SpaceId, UserId};
use super::time::{Instant, Period};

/// One claim as it would stand.
#[derive(Clone, Debug)]
pub struct Standing {
    /// On these spaces.
    pub spaces: Vec<SpaceId>,
    /// For this range, buffers included.
    pub occupied: Period,
    /// With so many units.
    pub units: i64,
    /// Since when it has its place in the order of claims.
    pub claimed_at: Instant,
    /// Whose it is: decides between two of the same moment.
    pub reservation: ReservationId,
    /// It stood elsewhere before: only then a closed time is in its way.
    pub moved: bool,
}

/// Those that have no place any more, by their position: in the order of their claims each takes what is
/// left. `capacity` has the spaces that are looked at; `closed` are times that nobody may move into.
#[must_use]
pub fn displaced(standing: &[Standing], capacity: &[(SpaceId, i64)], closed: &[Period]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..standing.len()).collect();
    order.sort_by_key(|at| {
        let one = &standing[*at];
        (one.claimed_at, one.reservation, one.occupied)
    });
    let mut kept: HashMap<SpaceId, Vec<Claim>> = HashMap::new();
    let mut lost = Vec::new();
    for at in order {
        let one = &standing[at];
        let spaces = capacity.iter().filter(|(space, _)| one.spaces.contains(space));
        let is_closed = one.moved && closed.iter().any(|closed| closed.overlaps(&one.occupied));
        let fits = |(space, units): &(SpaceId, i64)| {
            let here: Vec<&Claim> = kept.get(space).into_iter().flatten().collect();
            one.units <= *units && in_the_way(&here, &one.occupied, one.units, *units).is_none()
        };
        if is_closed || !spaces.clone().all(fits) {
            lost.push(at);
            continue;
        }
        for (space, _) in spaces {
            kept.entry(*space).or_default().push(one.on(*space));
        }
    }
    lost.sort_unstable();
    lost
}

impl Standing {
    fn on(&self, space: SpaceId) -> Claim {
        Claim {
            space,
            occupied: self.occupied,
            units: self.units,
            occurrence: OccurrenceId::new(0),
            reservation: self.reservation,
            holder: UserId::new(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACE: SpaceId = SpaceId::new(1);

    fn standing(reservation: i64, claimed_at: i64, from: i64, to: i64) -> Standing {
        Standing {
            spaces: vec![SPACE],
            occupied: Period { start: Instant::from_secs(from), end: Instant::from_secs(to) },
            units: 1,
            claimed_at: Instant::from_secs(claimed_at),
            reservation: ReservationId::new(reservation),
            moved: true,
        }
    }

    #[test]
    fn whoever_claimed_first_stays_whenever_he_comes() {
        let all = [standing(1, 50, 9, 11), standing(2, 10, 10, 12), standing(3, 99, 12, 13)];
        assert_eq!(displaced(&all, &[(SPACE, 1)], &[]), [0], "R131");
        assert_eq!(displaced(&all, &[(SPACE, 2)], &[]), Vec::<usize>::new(), "R80");
    }

    #[test]
    fn with_fewer_units_the_latest_claims_lose() {
        let all = [standing(1, 1, 9, 12), standing(2, 2, 9, 12), standing(3, 3, 9, 12)];
        assert_eq!(displaced(&all, &[(SPACE, 2)], &[]), [2], "R132");
        assert_eq!(displaced(&all, &[(SPACE, 1)], &[]), [1, 2], "R132");
    }

    #[test]
    fn only_what_moves_meets_a_closed_time() {
        let stays = Standing { moved: false, ..standing(1, 1, 9, 10) };
        let all = [stays, standing(2, 2, 10, 11)];
        let closed = [Period { start: Instant::from_secs(9), end: Instant::from_secs(11) }];
        assert_eq!(displaced(&all, &[(SPACE, 1)], &closed), [1]);
    }
}
