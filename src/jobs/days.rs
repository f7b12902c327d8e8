//! When the next day begins in the zone of a room: series are extended then (R65).

use crate::booking::Bookings;
use crate::domain::time::{Instant, Zone};
use crate::store::StoreError;

/// The next midnight in any of the house's zones; `None` where there is no room.
pub(super) async fn next(bookings: &Bookings) -> Result<Option<Instant>, StoreError> {
    let now = bookings.now();
    let rooms = bookings.store().snapshot().await?.tx().rooms().list().await?;
    Ok(rooms.iter().filter_map(|room| midnight(&room.zone, now)).min())
}

fn midnight(zone: &Zone, now: Instant) -> Option<Instant> {
    let tomorrow = zone.to_local(now).date().tomorrow().ok()?;
    Some(zone.to_instant(tomorrow.to_datetime(jiff::civil::Time::midnight())))
}
