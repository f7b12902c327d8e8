//! Which claims still fit after the data of a room has changed: its zone, the rules of zones, its units
//! (R131, R132). Whoever asked first stays.
//!
//! Pure: what stands, and where it would stand now, the caller has found out.

use std::collections::{BTreeMap, HashMap};

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
    let mut kept: HashMap<SpaceId, Kept> = HashMap::new();
    let mut lost = Vec::new();
    for at in order {
        let one = &standing[at];
        let spaces = capacity.iter().filter(|(space, _)| one.spaces.contains(space));
        let is_closed = one.moved && closed.iter().any(|closed| closed.overlaps(&one.occupied));
        let fits = |(space, units): &(SpaceId, i64)| {
            let here: Vec<&Claim> =
                kept.get(space).into_iter().flat_map(|kept| kept.near(&one.occupied)).collect();
            one.units <= *units && in_the_way(&here, &one.occupied, one.units, *units).is_none()
        };
        if is_closed || !spaces.clone().all(fits) {
            lost.push(at);
            continue;
        }
        for (space, _) in spaces {
            kept.entry(*space).or_default().keep(at, one.on(*space));
        }
    }
    lost.sort_unstable();
    lost
}

/// What keeps its place on one space, by start. Long ones stand apart, so that among short ones few are
/// looked at.
#[derive(Default)]
struct Kept {
    short: BTreeMap<(Instant, usize), Claim>,
    long: BTreeMap<(Instant, usize), Claim>,
    longest: i64,
}

/// The most seconds that a short one lasts.
const SHORT_SECS: i64 = 2 * 86_400;

impl Kept {
    fn keep(&mut self, at: usize, claim: Claim) {
        let secs = claim.occupied.end.secs() - claim.occupied.start.secs();
        self.longest = self.longest.max(secs);
        let place = if secs <= SHORT_SECS { &mut self.short } else { &mut self.long };
        place.insert((claim.occupied.start, at), claim);
    }

    /// Everything that may touch this range.
    fn near(&self, range: &Period) -> impl Iterator<Item = &Claim> {
        let from = |secs: i64| (range.start.plus(-secs), 0);
        let until = (range.end, 0);
        let short = self.short.range(from(SHORT_SECS)..until);
        short.chain(self.long.range(from(self.longest)..until)).map(|(_, claim)| claim)
    }
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

    /// The same, holding everything against everything.
    fn plainly(standing: &[Standing], units: i64) -> Vec<usize> {
        let mut order: Vec<usize> = (0..standing.len()).collect();
        order.sort_by_key(|at| (standing[*at].claimed_at, standing[*at].reservation, standing[*at].occupied));
        let (mut kept, mut lost): (Vec<Claim>, Vec<usize>) = (Vec::new(), Vec::new());
        for at in order {
            let here: Vec<&Claim> = kept.iter().collect();
            match in_the_way(&here, &standing[at].occupied, 1, units) {
                Some(_) => lost.push(at),
                None => kept.push(standing[at].on(SPACE)),
            }
        }
        lost.sort_unstable();
        lost
    }

    proptest::proptest! {
        #[test]
        fn long_ones_among_short_ones_are_seen(
            given in proptest::collection::vec((0i64..20, 0i64..40 * 86_400, 1i64..33 * 86_400, 1i64..5), 0..60),
            units in 1i64..3,
        ) {
            // Short ones are as common as long ones.
            let make = |(at, (claimed, from, secs, short)): (usize, (i64, i64, i64, i64))| {
                let secs = if short > 2 { secs % (3 * 86_400) + 1 } else { secs };
                standing(i64::try_from(at).unwrap(), claimed, from, from + secs)
            };
            let all: Vec<Standing> = given.into_iter().enumerate().map(make).collect();
            proptest::prop_assert_eq!(displaced(&all, &[(SPACE, units)], &[]), plainly(&all, units));
        }
    }
}
