//! Claims: "this occurrence has these spaces for this range" (R140), and whether one more fits (R80).

use super::id::{OccurrenceId, ReservationId, SpaceId, UserId};
use super::time::Period;

/// A stored claim, with what judging a neighbour of it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The space it holds.
    pub space: SpaceId,
    /// Buffers included.
    pub occupied: Period,
    /// How many units of the space it takes.
    pub units: i64,
    /// Whose it is.
    pub occurrence: OccurrenceId,
    /// The reservation of that occurrence.
    pub reservation: ReservationId,
    /// The owner of that reservation.
    pub holder: UserId,
}

/// The first claim because of which `units` more do not fit into `occupied` of a space that has
/// `capacity` units: the peak of simultaneous claims counts, not their number (R80).
/// `claims` are those of one space, in any order; those outside the range do no harm.
#[must_use]
pub fn in_the_way<'a>(
    claims: &[&'a Claim],
    occupied: &Period,
    units: i64,
    capacity: i64,
) -> Option<&'a Claim> {
    let touching = || claims.iter().copied().filter(|claim| claim.occupied.overlaps(occupied));
    // The number in use can only rise where a claim starts, or at the start of the range.
    let moments = std::iter::once(occupied.start).chain(touching().map(|claim| claim.occupied.start));
    moments.filter(|at| occupied.start <= *at && *at < occupied.end).find_map(|at| {
        let running =
            || touching().filter(move |claim| claim.occupied.start <= at && at < claim.occupied.end);
        let used: i64 = running().map(|claim| claim.units).sum();
        (used + units > capacity).then(|| running().min_by_key(|claim| claim.occupied.start)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Instant;

    fn claim(start: i64, end: i64) -> Claim {
        Claim {
            space: SpaceId::new(1),
            occupied: span(start, end),
            units: 1,
            occurrence: OccurrenceId::new(start),
            reservation: ReservationId::new(start),
            holder: UserId::new(1),
        }
    }

    fn span(start: i64, end: i64) -> Period {
        Period::new(Instant::from_secs(start), Instant::from_secs(end)).expect("in order")
    }

    #[test]
    fn the_peak_counts_and_not_the_number_of_claims() {
        let stored = [claim(9, 10), claim(10, 11)];
        let stored: Vec<_> = stored.iter().collect();
        assert_eq!(in_the_way(&stored, &span(9, 11), 1, 2), None);
        let third = claim(9, 11);
        let stored = [stored[0], stored[1], &third];
        assert_eq!(in_the_way(&stored, &span(9, 10), 1, 2).map(|claim| claim.occupied.start.secs()), Some(9));
        assert_eq!(in_the_way(&stored, &span(11, 12), 2, 2), None);
    }

    #[test]
    fn neighbours_that_touch_do_not_overlap() {
        let stored = claim(9, 10);
        assert_eq!(in_the_way(&[&stored], &span(10, 11), 1, 1), None);
        assert_eq!(in_the_way(&[&stored], &span(8, 9), 1, 1), None);
        assert_eq!(in_the_way(&[&stored], &span(8, 11), 1, 1), Some(&stored));
    }
}
