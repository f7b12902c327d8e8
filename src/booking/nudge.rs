//! A nudge for a write that was refused before it became a command: text that is no event, a
//! calendar that may not be written (R4.2). Nothing else is left behind.

use crate::domain::id::UserId;
use crate::domain::time::Instant;
use crate::store::{Tx, Work};

use super::Bookings;
use super::actor::Actor;
use super::error::Error;
use super::scene::{self, Target};

impl Bookings {
    /// Gives the member that `actor` knows by `name` a new version for `actor` alone; nothing
    /// happens where there is none.
    ///
    /// # Errors
    /// When the database cannot do it.
    pub async fn nudge(&self, actor: &Actor, target: Target, name: &str) -> Result<(), Error> {
        let Some(user) = actor.user.filter(|_| actor.may_write()) else { return Ok(()) };
        let (actor, name, now) = (actor.clone(), name.to_owned(), self.now());
        self.store.write(Nudge { actor, user, target, name, now }).await
    }
}

struct Nudge {
    actor: Actor,
    user: UserId,
    target: Target,
    name: String,
    now: Instant,
}

impl Work for Nudge {
    type Done = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let (calendar, room) = scene::calendar(tx, self.target, &self.actor).await?;
        tx.lock_in_order(&[], &[calendar.id]).await?;
        let member = scene::find_member(tx, &calendar, room.as_ref(), &self.actor, &self.name).await?;
        if let Some(member) = member {
            tx.nudges().nudge(self.user, calendar.id, &member.name, self.now, None).await?;
        }
        Ok(())
    }
}
