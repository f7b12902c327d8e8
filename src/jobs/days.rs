//! Notices when a day begins in the zone of a room.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::booking::Bookings;
use crate::store::StoreError;

/// The local days of the house's zones when they were looked at last.
#[derive(Default)]
pub(super) struct Days {
    /// Days begin at whole quarters of an hour of UTC everywhere; between them nobody is asked.
    quarter: Option<i64>,
    days: BTreeMap<String, Date>,
}

impl Days {
    /// Whether a day began in some zone since it was asked last; `true` at first.
    pub(super) async fn have_changed(&mut self, bookings: &Bookings) -> bool {
        let quarter = bookings.now().secs().div_euclid(900);
        if self.quarter == Some(quarter) {
            return false;
        }
        match days(bookings).await {
            Ok(days) => {
                self.quarter = Some(quarter);
                std::mem::replace(&mut self.days, days) != self.days
            }
            // Asked again at the next tick.
            Err(error) => {
                tracing::warn!(%error, "cannot read the zones of the rooms");
                false
            }
        }
    }
}

async fn days(bookings: &Bookings) -> Result<BTreeMap<String, Date>, StoreError> {
    let now = bookings.now();
    let rooms = bookings.store().snapshot().await?.tx().rooms().list().await?;
    let day = |zone: &crate::domain::time::Zone| zone.to_local(now).date();
    Ok(rooms.iter().map(|room| (room.zone.name().to_owned(), day(&room.zone))).collect())
}
