//! New rules of time zones (R131): ranges are derived from texts (R11), so they are derived anew when the
//! program brings other zone data than the one they were derived with. It needs no confirmation, and where
//! nothing moves nothing is written and nobody is told (R133).

use crate::domain::id::{RoomId, SpaceId};
use crate::domain::time::Instant;
use crate::domain::zone_names;
use crate::store::{StoreError, Tx, Work};
use crate::text::Why;

use super::Bookings;
use super::access::{RoomState, room_state};
use super::actor::Actor;
use super::block;
use super::displace::{Displaced, Displacing, Hit, Taking};
use super::error::Error;
use super::rebuild::{Becoming, rebuild};

/// The key in `meta` for the release of the zone data that all ranges were derived with.
const KEY: &str = "zone_data";

impl Bookings {
    /// Puts all claims to come where the zone data of this program puts them, if the database was filled
    /// with another release; gives what lost its place. A room at a time: after a crash it goes on.
    ///
    /// # Errors
    /// When the database cannot do it; then the next start tries again.
    pub async fn follow_zone_data(&self) -> Result<Vec<Displaced>, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let known = tx.meta().get(KEY).await?;
        if known.as_deref() == Some(zone_names::release()) {
            return Ok(Vec::new());
        }
        let rooms = tx.rooms().list().await?;
        drop(snapshot);
        let mut all = Vec::new();
        for room in rooms {
            let taking = FollowZones { room: room.id, spaces: room.spaces };
            if let Displacing::Done((), lost) = self.displace(&Actor::operator(), taking, true).await? {
                all.extend(lost);
            }
        }
        self.store.write(Followed).await?;
        if known.is_some() {
            tracing::info!(release = zone_names::release(), displaced = all.len(), "new time zone data");
        }
        Ok(all)
    }
}

struct Followed;

impl Work for Followed {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.meta().set(KEY, zone_names::release()).await
    }
}

struct FollowZones {
    room: RoomId,
    spaces: Vec<SpaceId>,
}

impl FollowZones {
    async fn state(&self, tx: &mut Tx<'_>) -> Result<RoomState, Error> {
        room_state(tx, self.room, &Actor::operator()).await?.ok_or(Error::Missing)
    }
}

impl Taking for FollowZones {
    type Done = ();
    type Error = Error;

    fn is_moved(error: &Error) -> bool {
        *error == Error::Moved
    }

    fn spaces(&self) -> &[SpaceId] {
        &self.spaces
    }

    fn why(&self) -> (&'static str, Why<'_>) {
        ("R131", Why::ZoneData)
    }

    async fn hits(&self, tx: &mut Tx<'_>, now: Instant) -> Result<Vec<Hit>, Error> {
        let room = self.state(tx).await?;
        let becoming = Becoming { room: &room, zone: &room.room.zone, capacity: room.rules.spaces.clone() };
        Ok(rebuild(tx, &becoming, now).await?.lost)
    }

    async fn take(&self, tx: &mut Tx<'_>, now: Instant) -> Result<(), Error> {
        let room = self.state(tx).await?;
        let becoming = Becoming { room: &room, zone: &room.room.zone, capacity: room.rules.spaces.clone() };
        rebuild(tx, &becoming, now).await?.write(tx, &room.rules.spaces, now).await?;
        block::lay_out_anew(tx, self.room, &Actor::operator(), now).await
    }
}
