//! Closing a room for a time (R91): soft blocks, which only new requests meet, and hard ones, which take the
//! room from whoever has it (R92).

use crate::domain::event::{Event, Part};
use crate::domain::id::{BlockId, RoomId, SpaceId, Uid};
use crate::domain::judge::RoomRules;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::recurrence::{self, Budget, Rule};
use crate::domain::time::{EventTime, Instant, Length, Period, Zone, wall_secs};
use crate::ical::{IcalError, IcalErrorKind};
use crate::store::{Block, StoreError, Tx, Work};
use crate::text::Why;

use super::Bookings;
use super::access::{RoomState, room_state};
use super::actor::Actor;
use super::ask::too_much;
use super::displace::{Displacing, Hit, Taking, hits_of};
use super::error::Error;
use super::old_slots;

/// A block to be made. Times are local to the room's zone.
#[derive(Clone, Debug)]
pub struct NewBlock {
    /// Which room.
    pub room: RoomId,
    /// From this wall-clock time.
    pub from: jiff::civil::DateTime,
    /// To this one, exclusive.
    pub to: jiff::civil::DateTime,
    /// An RRULE value.
    pub rrule: Option<String>,
    /// What people are told.
    pub reason: String,
}

impl NewBlock {
    fn to_store(&self, actor: &Actor, hard: bool) -> Block {
        Block {
            id: BlockId::new(0),
            room: self.room,
            start_local: self.from.to_string(),
            end_local: self.to.to_string(),
            rrule: self.rrule.clone(),
            hard,
            reason: self.reason.clone(),
            created_by: actor.login.clone(),
            horizon: None,
        }
    }
}

impl Bookings {
    /// Closes a room. Existing reservations stay (soft, R91).
    ///
    /// # Errors
    /// `Missing` if there is no such room; `Invalid` for times or a rule that mean nothing.
    pub async fn add_block(&self, actor: Actor, block: NewBlock) -> Result<BlockId, Error> {
        let now = self.now();
        self.store.write(AddBlock { actor, block, now }).await
    }

    /// Closes a room and takes it from whoever has it then, of every reservation only the dates that are in
    /// the way (hard, R92). Where somebody would lose one, nothing is done unless that is `confirmed`.
    ///
    /// # Errors
    /// As [`Bookings::add_block`].
    pub async fn add_hard_block(
        &self,
        actor: Actor,
        block: NewBlock,
        confirmed: bool,
    ) -> Result<Displacing<BlockId>, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let room = room_state(&mut snapshot.tx(), block.room, &actor).await?.ok_or(Error::Missing)?;
        drop(snapshot);
        let hard = HardBlock { spaces: room.spaces(), actor: actor.clone(), block };
        self.displace(&actor, hard, confirmed).await
    }

    /// Opens it again. `false` if there was no such block.
    ///
    /// # Errors
    /// When the database cannot do it.
    pub async fn remove_block(&self, id: BlockId) -> Result<bool, Error> {
        self.store.write(RemoveBlock(id)).await
    }
}

struct RemoveBlock(BlockId);

impl Work for RemoveBlock {
    type Done = bool;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, Error> {
        Ok(tx.blocks().delete(self.0).await?)
    }
}

struct AddBlock {
    actor: Actor,
    block: NewBlock,
    now: Instant,
}

impl Work for AddBlock {
    type Done = BlockId;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<BlockId, Error> {
        let room = room_state(tx, self.block.room, &self.actor).await?.ok_or(Error::Missing)?;
        tx.lock_in_order(&room.spaces(), &[]).await?;
        add(tx, &self.block.to_store(&self.actor, false), &self.actor, self.now).await
    }
}

/// A block that takes the room (R92).
struct HardBlock {
    actor: Actor,
    block: NewBlock,
    spaces: Vec<SpaceId>,
}

impl Taking for HardBlock {
    type Done = BlockId;
    type Error = Error;

    fn is_moved(error: &Error) -> bool {
        *error == Error::Moved
    }

    fn spaces(&self) -> &[SpaceId] {
        &self.spaces
    }

    fn why(&self) -> (&'static str, Why<'_>) {
        ("R92", Why::Words(&self.block.reason))
    }

    async fn hits(&self, tx: &mut Tx<'_>, now: Instant) -> Result<Vec<Hit>, Error> {
        let room = room_state(tx, self.block.room, &self.actor).await?.ok_or(Error::Missing)?;
        let (periods, _) = periods(&self.block.to_store(&self.actor, true), &room.rules, now)?;
        let mut claims = tx.occurrences().neighbours(&self.spaces, &periods, &[]).await?;
        claims.retain(|claim| claim.occupied.end > now);
        let mut hits = hits_of(tx, &claims).await?;
        for hit in &mut hits {
            let is_closed = |_: &OccurrenceFacts, back: &OccurrenceFacts| {
                back.claim.is_some_and(|(claim, _)| periods.iter().any(|closed| closed.overlaps(&claim)))
            };
            Box::pin(old_slots::go_too(tx, hit, now, is_closed)).await?;
        }
        Ok(hits)
    }

    async fn take(&self, tx: &mut Tx<'_>, now: Instant) -> Result<BlockId, Error> {
        add(tx, &self.block.to_store(&self.actor, true), &self.actor, now).await
    }
}

/// Stores a block and lays it out.
async fn add(tx: &mut Tx<'_>, block: &Block, actor: &Actor, now: Instant) -> Result<BlockId, Error> {
    let room = room_state(tx, block.room, actor).await?.ok_or(Error::Missing)?;
    // Before anything is written: it must mean something.
    let _ = periods(block, &room.rules, now)?;
    let id = tx.blocks().insert(block, now).await?;
    lay_out(tx, &Block { id, ..block.clone() }, actor, now).await?;
    Ok(id)
}

/// Lays a block out on its room's spaces, up to a year beyond the room's window.
pub(super) async fn lay_out(
    tx: &mut Tx<'_>,
    block: &Block,
    actor: &Actor,
    now: Instant,
) -> Result<(), Error> {
    let Some(room) = room_state(tx, block.room, actor).await? else { return Ok(()) };
    let (periods, horizon) = periods(block, &room.rules, now)?;
    Ok(tx.blocks().lay_out(block.id, &room.spaces(), &periods, horizon).await?)
}

/// The times to come at which hard blocks close a room, on a clock that it has or gets.
pub(super) async fn hard_periods(
    tx: &mut Tx<'_>,
    room: &RoomState,
    zone: &Zone,
    now: Instant,
) -> Result<Vec<Period>, Error> {
    let rules = RoomRules { zone: zone.clone(), ..room.rules.clone() };
    let mut all = Vec::new();
    for block in tx.blocks().list(Some(room.room.id)).await?.iter().filter(|block| block.hard) {
        all.extend(periods(block, &rules, now)?.0);
    }
    Ok(all)
}

/// Lays all blocks of a room out anew, on the clock that it has now.
pub(super) async fn lay_out_anew(
    tx: &mut Tx<'_>,
    room: RoomId,
    actor: &Actor,
    now: Instant,
) -> Result<(), Error> {
    for block in tx.blocks().list(Some(room)).await? {
        tx.blocks().take_up(block.id, now).await?;
        lay_out(tx, &block, actor, now).await?;
    }
    Ok(())
}

fn periods(block: &Block, rules: &RoomRules, now: Instant) -> Result<(Vec<Period>, Option<Instant>), Error> {
    let invalid = |message: &str| Error::Invalid(IcalError::new(IcalErrorKind::NotCalendarData, message));
    let read = |text: &str| text.parse::<jiff::civil::DateTime>();
    let (Ok(from), Ok(to)) = (read(&block.start_local), read(&block.end_local)) else {
        return Err(Error::Store(StoreError::Inconsistent(format!("block {} has no times", block.id))));
    };
    let secs = wall_secs(to) - wall_secs(from);
    if secs <= 0 {
        return Err(invalid("a block ends after it begins"));
    }
    let rule =
        block.rrule.as_deref().map(Rule::parse).transpose().map_err(|bad| invalid(&bad.to_string()))?;
    let recurs = rule.is_some();
    let master = Part {
        rules: rule.into_iter().collect(),
        ..Part::plain(
            EventTime::Zoned(from, rules.zone.clone()),
            Length::Nominal { days: secs / DAY, secs: secs % DAY },
        )
    };
    let event = Event { uid: Uid::new("block"), master: Some(master), overrides: Vec::new() };
    let horizon = rules.horizon(now).plus(366 * DAY);
    let end = if recurs { horizon } else { Instant::END_OF_TIME };
    let window = Period { start: now.plus(-DAY), end };
    let budget = Budget { max_instances: 5_000, ..Budget::default() };
    let found = recurrence::occurrences(&event, &rules.zone, window, &budget).map_err(too_much)?;
    Ok((found.into_iter().map(|occurrence| occurrence.period).collect(), recurs.then_some(horizon)))
}

const DAY: i64 = 86_400;
