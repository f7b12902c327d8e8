//! Closing a room for a time (R91): soft blocks, which only new requests meet.

use crate::domain::event::{Class, Event, Part, Status};
use crate::domain::id::{BlockId, RoomId, Uid};
use crate::domain::recurrence::{self, Budget, Rule};
use crate::domain::time::{EventTime, Instant, Length, Period, wall_secs};
use crate::ical::{IcalError, IcalErrorKind};
use crate::store::{Block, StoreError, Tx, Work};

use super::Bookings;
use super::access::room_state;
use super::actor::Actor;
use super::ask::too_much;
use super::error::Error;

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

impl Bookings {
    /// Closes a room. Existing reservations stay (soft, R91).
    ///
    /// # Errors
    /// `Missing` if there is no such room; `Invalid` for times or a rule that mean nothing.
    pub async fn add_block(&self, actor: Actor, block: NewBlock) -> Result<BlockId, Error> {
        let now = self.now();
        self.store.write(AddBlock { actor, block, now }).await
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
        let block = Block {
            id: BlockId::new(0),
            room: self.block.room,
            start_local: self.block.from.to_string(),
            end_local: self.block.to.to_string(),
            rrule: self.block.rrule.clone(),
            reason: self.block.reason.clone(),
            created_by: self.actor.login.clone(),
            horizon: None,
        };
        // Before anything is written: it must mean something.
        let _ = periods(&block, &room.rules, self.now)?;
        let id = tx.blocks().insert(&block, self.now).await?;
        lay_out(tx, &Block { id, ..block }, &self.actor, self.now).await?;
        Ok(id)
    }
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

fn periods(
    block: &Block,
    rules: &crate::domain::judge::RoomRules,
    now: Instant,
) -> Result<(Vec<Period>, Option<Instant>), Error> {
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
        ..plain(
            EventTime::Zoned(from, rules.zone.clone()),
            Length::Nominal { days: secs / DAY, secs: secs % DAY },
        )
    };
    let event = Event { uid: Uid::new("block"), master: Some(master), overrides: Vec::new() };
    let horizon = rules.horizon(now).plus(366 * DAY);
    let end = if recurs { horizon } else { Instant::from_secs(4_102_444_800) };
    let window = Period { start: now.plus(-DAY), end };
    let budget = Budget { max_instances: 5_000, ..Budget::default() };
    let found = recurrence::occurrences(&event, &rules.zone, window, &budget).map_err(too_much)?;
    Ok((found.into_iter().map(|occurrence| occurrence.period).collect(), recurs.then_some(horizon)))
}

const DAY: i64 = 86_400;

fn plain(start: EventTime, length: Length) -> Part {
    Part {
        recurrence_id: None,
        this_and_future: false,
        start,
        length,
        rules: Vec::new(),
        except_rules: Vec::new(),
        dates: Vec::new(),
        exceptions: Vec::new(),
        status: Status::Confirmed,
        class: Class::Public,
        transparent: false,
        note: false,
        sequence: 0,
        summary: String::new(),
        location: String::new(),
        organizer: None,
        attendees: Vec::new(),
        related_to: Vec::new(),
        units: 1,
        atomic: false,
    }
}
