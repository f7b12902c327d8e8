//! What happens by the clock: series that go on are claimed further (R65), what has become free is
//! offered (R53), what passed on to a continuation is cancelled (R62), requests that nobody decided about,
//! grace claims, declined copies and scheduling messages end, second nudges are given (R3.7), recurring
//! blocks are laid out further.
//!
//! Each step is a transaction of its own and may be repeated; `jobs` says when.

use crate::domain::id::{BlockId, CalendarId, ReservationId};
use crate::domain::reason::Reason;
use crate::domain::time::Instant;
use crate::store::{Decision, StoreError, Tx, Work};

use super::Bookings;
use super::actor::{Actor, person};
use super::block;
use super::cancel::source;
use super::compose;
use super::error::Error;
use super::put::{Purpose, Put};
use super::record::{Cause, Effect, Member};

/// Refusals are remembered this long: as long as a program may repeat them.
const REFUSAL_SECS: i64 = 90 * 86_400;

/// Messages about what was cancelled, or never booked, are remembered this long (R85).
const TOMBSTONE_SECS: i64 = 90 * 86_400;

impl Bookings {
    /// Everything that is due within minutes.
    ///
    /// # Errors
    /// When the database cannot do it; what was done stays done.
    pub async fn tidy(&self) -> Result<(), Error> {
        let now = self.now();
        // Before old slots end: a decision says how long they still stay (R74).
        self.expire_holds().await?;
        self.decline_overtaken().await?;
        self.remind_managers().await?;
        self.store.write(Expire(now)).await?;
        self.store.write(Tidy(now)).await?;
        Box::pin(self.end_splits()).await?;
        Box::pin(self.offer_freed()).await.map(drop)
    }

    /// Claims the next days of series that go on, in order of their creation (R65), and lays out
    /// recurring blocks. One of them that fails does not stop the others.
    ///
    /// # Errors
    /// When the database cannot say which are due.
    pub async fn extend(&self) -> Result<usize, Error> {
        let now = self.now();
        let mut snapshot = self.store.snapshot().await?;
        let blocks = snapshot.tx().blocks().list(None).await?;
        drop(snapshot);
        for block in blocks.into_iter().filter(|block| block.horizon.is_some()) {
            let id = block.id;
            if let Err(error) = self.store.write(ExtendBlock(block.id, now)).await {
                tracing::warn!(%id, %error, "cannot extend a block");
            }
        }
        if let Err(error) = self.release_orphans().await {
            tracing::warn!(%error, "cannot release what has no owner");
        }
        // Each room has its own window: ask with the widest and let the room say.
        let mut snapshot = self.store.snapshot().await?;
        let due = snapshot.tx().reservations().due_for_extension(now.plus(3_652 * 86_400)).await?;
        drop(snapshot);
        let mut extended = 0;
        for reservation in due {
            match self.extend_one(reservation, now).await {
                Ok(true) => extended += 1,
                Ok(false) => {}
                Err(error) => tracing::warn!(%reservation, %error, "cannot extend a series"),
            }
        }
        Ok(extended)
    }

    async fn extend_one(&self, id: ReservationId, now: Instant) -> Result<bool, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let Some(reservation) = tx.reservations().get(id).await? else { return Ok(false) };
        let Some(actor) = person(&mut tx, reservation.owner).await? else { return Ok(false) };
        let Some(room) = super::access::room_state(&mut tx, reservation.room, &actor).await? else {
            return Ok(false);
        };
        let horizon = room.rules.horizon(now);
        if reservation.horizon.is_some_and(|claimed| claimed >= horizon) {
            return Ok(false);
        }
        let (source, target) = source(&mut tx, &reservation).await?;
        let text = tx.resources().text(source.id).await?;
        drop(snapshot);
        let object = compose::stored(text.into(), &self.bounds.ical)?;
        let put = Put { purpose: Purpose::Extend, ..Put::new(actor, target, &source.name, object) };
        // What its owner writes meanwhile is claimed up to the same day by itself.
        self.put(Put { based_on: Some(source.etag), ..put }).await.map(|_| true)
    }
}

struct Tidy(Instant);

impl Work for Tidy {
    type Done = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let now = self.0;
        let actor = Actor::operator();
        let cause = Cause { actor: &actor, channel: "direct", now };
        let calendars = due(tx, now).await?;
        tx.lock_in_order(&[], &calendars).await?;
        // Once they are locked: somebody may have been faster, and what came up since waits.
        let is_locked = |calendar: &CalendarId| calendars.binary_search(calendar).is_ok();
        for copy in tx.resources().due_for_purge(now).await?.into_iter().filter(|it| is_locked(&it.calendar))
        {
            tx.resources().delete(copy.id).await?;
            match copy.reader {
                Some(reader) => tx.nudges().nudge(reader, copy.calendar, &copy.name, now, None).await?,
                None => cause.changed(tx, Member::of(&copy, None).removed(), Effect::TEXT).await?,
            }
        }
        for (reader, calendar, name) in tx.nudges().due(now).await?.into_iter().filter(|it| is_locked(&it.1))
        {
            tx.nudges().nudge(reader, calendar, &name, now, None).await?;
        }
        Ok(())
    }
}

/// Rows that nobody is shown: none of them is held while a calendar is waited for.
struct Expire(Instant);

impl Work for Expire {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let actor = Actor::operator();
        let because = Decision {
            rule: "R58".to_owned(),
            reason: Some(Reason::Released.code().to_owned()),
            ..actor.row(self.0)
        };
        tx.occurrences().expire(self.0, &because).await?;
        tx.received().prune(self.0.plus(-TOMBSTONE_SECS)).await?;
        tx.refusals().prune(self.0.plus(-REFUSAL_SECS)).await
    }
}

/// The calendars of which something is due, ascending: a transaction locks all of its own at once.
async fn due(tx: &mut Tx<'_>, now: Instant) -> Result<Vec<CalendarId>, StoreError> {
    let copies = tx.resources().due_for_purge(now).await?;
    let nudges = tx.nudges().due(now).await?;
    let calendars = copies.iter().map(|copy| copy.calendar).chain(nudges.iter().map(|nudge| nudge.1));
    let mut calendars: Vec<_> = calendars.collect();
    calendars.sort_unstable();
    calendars.dedup();
    Ok(calendars)
}

struct ExtendBlock(BlockId, Instant);

impl Work for ExtendBlock {
    type Done = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        // Removed meanwhile, it is not laid out.
        let all = tx.blocks().list(None).await?;
        let Some(block) = all.iter().find(|block| block.id == self.0) else { return Ok(()) };
        block::lay_out(tx, block, &Actor::operator(), self.1).await
    }
}
