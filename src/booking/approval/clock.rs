//! What happens to requests by the clock: they end when nobody decides, managers are reminded once, and
//! a queue gives way to those who got the room (R71, R72, R75).

use crate::domain::event::Class;
use crate::domain::id::ReservationId;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::state::OccurrenceState;
use crate::domain::time::Instant;
use crate::store::{Tx, Work};

use super::super::access::room_state;
use super::super::actor::Actor;
use super::super::error::Error;
use super::super::record::Cause;
use super::super::{Bookings, Outcome};
use super::managers::{Request, ask};
use super::settle::{around, overtaken};
use super::{Matter, Order, Why};

impl Bookings {
    /// Ends what nobody decided about in time: held requests (R71), and bookings that stayed tentative
    /// where that ends them (R75). One that fails does not stop the others.
    ///
    /// # Errors
    /// When the database cannot say which are due.
    pub async fn expire_holds(&self) -> Result<usize, Error> {
        let now = self.now();
        let mut snapshot = self.store.snapshot().await?;
        let due = snapshot.tx().occurrences().undecided(now).await?;
        drop(snapshot);
        let mut ended = 0;
        for reservation in due {
            match self.settle(&by_itself(reservation, Why::Time)).await {
                Ok(_) => ended += 1,
                // Decided, or taken away, a moment ago.
                Err(Error::Missing) => {}
                Err(error) => tracing::warn!(%reservation, %error, "cannot end a request"),
            }
        }
        Ok(ended)
    }

    /// Declines what waits in a queue and cannot be given any more (R72).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn decline_overtaken(&self) -> Result<usize, Error> {
        let now = self.now();
        let mut declined = 0;
        let mut snapshot = self.store.snapshot().await?;
        let queued = snapshot.tx().occurrences().queued().await?;
        drop(snapshot);
        for reservation in queued {
            let mut snapshot = self.store.snapshot().await?;
            let mut tx = snapshot.tx();
            let order = by_itself(reservation, Why::Time);
            let dates = match Matter::load(&mut tx, &order).await {
                Ok(matter) => {
                    let neighbours =
                        around(&mut tx, &matter.room, matter.reservation.id, &matter.all).await?;
                    overtaken(&matter, &neighbours, now)
                }
                Err(Error::Missing) => Vec::new(),
                Err(error) => return Err(error),
            };
            drop(snapshot);
            if dates.is_empty() {
                continue;
            }
            match self.settle(&by_itself(reservation, Why::Overtaken(dates))).await {
                Ok(Outcome::Stored { .. }) => declined += 1,
                Ok(_) | Err(Error::Missing) => {}
                Err(error) => tracing::warn!(%reservation, %error, "cannot decline a request"),
            }
        }
        Ok(declined)
    }

    /// Reminds managers of what has waited for half of its time, once (R71).
    ///
    /// # Errors
    /// When the database cannot say which are due.
    pub async fn remind_managers(&self) -> Result<usize, Error> {
        let now = self.now();
        let mut snapshot = self.store.snapshot().await?;
        let due = snapshot.tx().reservations().to_remind(now).await?;
        drop(snapshot);
        let mut reminded = 0;
        for reservation in due {
            match self.store.write(Remind { reservation, now }).await {
                Ok(true) => reminded += 1,
                Ok(false) => {}
                Err(error) => tracing::warn!(%reservation, %error, "cannot remind managers"),
            }
        }
        Ok(reminded)
    }
}

fn by_itself(reservation: ReservationId, why: Why) -> Order {
    let actor = Actor::operator();
    Order { actor, reservation, why, remark: String::new(), based_on: None, is_checked: false }
}

struct Remind {
    reservation: ReservationId,
    now: Instant,
}

impl Work for Remind {
    type Done = bool;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, Error> {
        let actor = Actor::operator();
        let Some(reservation) = tx.reservations().get(self.reservation).await? else { return Ok(false) };
        tx.reservations().remind(reservation.id, None).await?;
        let Some(room) = room_state(tx, reservation.room, &actor).await? else { return Ok(false) };
        let all = tx.occurrences().of(reservation.id).await?.into_iter().map(|stored| stored.facts);
        let held: Vec<OccurrenceFacts> =
            all.filter(|facts| facts.state == OccurrenceState::Held && facts.period.end > self.now).collect();
        if held.is_empty() {
            return Ok(false);
        }
        let source = tx.resources().get(reservation.source).await?;
        let class = source.map_or(Class::Public, |source| source.class);
        let cause = Cause { actor: &actor, channel: reservation.channel.as_str(), now: self.now };
        let request = Request {
            room: &room,
            uid: &reservation.uid,
            owner: reservation.owner,
            title: (&reservation.summary, class),
            held: &held,
            beyond: &[],
            reminds: true,
        };
        ask(tx, cause, &request).await?;
        Ok(true)
    }
}
