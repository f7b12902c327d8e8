//! How many bookings fit side by side (R80), and which would not fit any more (R132).

use crate::domain::claim::{Claim, in_the_way};
use crate::domain::space::Room;
use crate::domain::time::{Instant, Period};
use crate::store::Tx;
use crate::text;

use super::future::END_OF_TIME;
use super::{AdminError, listed};

/// Sets the units of a room's own space.
pub(super) async fn set(tx: &mut Tx<'_>, room: &Room, units: i64, now: Instant) -> Result<(), AdminError> {
    let spaces = tx.spaces().of_room(room.id).await?;
    let own = spaces.iter().find(|space| space.name == room.slug.as_str());
    let Some(own) = own.filter(|_| spaces.len() == 1) else {
        return Err(AdminError::refused(format!(
            "room {} is made of other rooms; set the units of its parts",
            room.slug
        )));
    };
    let window = Period { start: now, end: END_OF_TIME };
    let claims = tx.occurrences().neighbours(&[own.id], &[window], &[]).await?;
    let beyond = beyond(&claims, units);
    if beyond.is_empty() {
        return Ok(tx.spaces().set_units(own.id, units, now).await?);
    }
    let mut lines = Vec::with_capacity(beyond.len());
    for claim in beyond {
        let reservation = tx.reservations().get(claim.reservation).await?;
        let summary = reservation.map(|reservation| reservation.summary).unwrap_or_default();
        let when = text::when(text::Language::English, &claim.occupied, false, &room.zone);
        lines.push(format!("{}: {summary:?}, {when}", claim.reservation));
    }
    Err(listed(&format!("with units={units} these bookings would have no place"), lines))
}

/// The claims that do not fit beside those that start earlier.
fn beyond(claims: &[Claim], units: i64) -> Vec<&Claim> {
    let mut kept: Vec<&Claim> = Vec::with_capacity(claims.len());
    let mut beyond = Vec::new();
    for claim in claims {
        // What ended before this one begins can be in nobody's way any more.
        kept.retain(|earlier| earlier.occupied.end > claim.occupied.start);
        if claim.units > units || in_the_way(&kept, &claim.occupied, claim.units, units).is_some() {
            beyond.push(claim);
        } else {
            kept.push(claim);
        }
    }
    beyond
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{OccurrenceId, ReservationId, SpaceId, UserId};

    fn claim(start: i64, end: i64, units: i64) -> Claim {
        Claim {
            space: SpaceId::new(1),
            occupied: Period { start: Instant::from_secs(start), end: Instant::from_secs(end) },
            units,
            occurrence: OccurrenceId::new(start),
            reservation: ReservationId::new(start),
            holder: UserId::new(1),
        }
    }

    #[test]
    fn the_bookings_that_would_have_no_place_are_the_later_ones() {
        let claims = [claim(9, 12, 1), claim(10, 11, 1), claim(11, 13, 1), claim(12, 14, 2)];
        let starts = |units| -> Vec<i64> {
            beyond(&claims, units).iter().map(|claim| claim.occupied.start.secs()).collect()
        };
        assert_eq!(starts(3), Vec::<i64>::new(), "R80");
        assert_eq!(starts(2), [12], "R132");
        assert_eq!(starts(1), [10, 11, 12], "R132");
    }
}
