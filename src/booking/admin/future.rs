//! Reservations with something to come: what stands in the way of changes of a room.

use crate::domain::id::{ReservationId, RoomId};
use crate::domain::time::{Instant, Period, Zone};
use crate::store::{ReservationFilter, Tx};
use crate::text;

use super::AdminError;

/// One of them, with a line for people.
pub(super) struct Future {
    pub(super) id: ReservationId,
    pub(super) line: String,
}

/// The reservations of a room that hold it now or later.
pub(super) async fn reservations(
    tx: &mut Tx<'_>,
    room: RoomId,
    zone: &Zone,
    now: Instant,
) -> Result<Vec<Future>, AdminError> {
    let window = Some(Period { start: now, end: Instant::END_OF_TIME });
    let filter = ReservationFilter { room: Some(room), window, ..ReservationFilter::default() };
    let mut found = Vec::new();
    for reservation in tx.reservations().list(filter).await? {
        let all = tx.occurrences().of(reservation.id).await?;
        let mut holding = all
            .iter()
            .map(|stored| &stored.facts)
            .filter(|facts| facts.claim.is_some() && facts.period.end > now);
        let Some(first) = holding.next() else { continue };
        let owner = tx.users().get(reservation.owner).await?;
        let owner = owner.map(|user| user.login.to_string()).unwrap_or_default();
        let more = match holding.count() {
            0 => String::new(),
            more => format!(" and {more} more dates"),
        };
        let when = text::when(text::Language::English, &first.period, first.all_day, zone);
        let line = format!("{}: {:?} of {owner}, {when}{more}", reservation.id, reservation.summary);
        found.push(Future { id: reservation.id, line });
    }
    Ok(found)
}
