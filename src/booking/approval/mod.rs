//! Requests that a manager decides about (R70 to R75): the decision itself, by whichever way it comes.
//!
//! `settle` carries a decision out inside the transaction, `managers` says who decides and tells them,
//! `calendar` reads a decision in what a manager writes, `clock` has what happens when nobody decides.
//! What a decision makes of the dates is [`crate::domain::approval`].

mod calendar;
mod clock;
mod managers;
mod settle;

use crate::domain::approval::{Ruling, Settlement, Terms};
use crate::domain::channel::Channel;
use crate::domain::id::{ReservationId, RoomId};
use crate::domain::judge::Neighbours;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::Reason;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::time::Instant;
use crate::ical::CalendarObject;
use crate::ical::approval::{Decisions, replied, retimed};
use crate::store::{Reservation, Resource, StoreError, Tx, Work};

use super::access::{RoomState, room_state};
use super::actor::Actor;
use super::cancel::source;
use super::compose;
use super::delete::DeleteWork;
use super::error::Error;
use super::old_slots::Restored;
use super::outcome::Outcome;
use super::put::{Purpose, Put, PutWork};
use super::record::Effect;
use super::scene::{Locks, Scene, Target};
use super::{Bookings, Delete, MAX_TRIES};

pub(super) use calendar::{decided, shown, unmarked};
pub(super) use managers::{Request, ask, managers};
use settle::{Settle, Settled};

/// Decide about a request (R73). The first decision counts, later ones change it.
#[derive(Clone, Debug)]
pub struct Decide {
    /// Who decides: a manager of the room, or the command line.
    pub actor: Actor,
    /// About which reservation.
    pub reservation: ReservationId,
    /// What.
    pub decisions: Decisions,
    /// What the organizer is told with it; may be empty.
    pub remark: String,
    /// The tag of the text that was decided about; another one by now is not what was meant.
    pub based_on: Option<String>,
}

impl Decide {
    /// About whatever the text says by now.
    #[must_use]
    pub fn new(actor: Actor, reservation: ReservationId, decisions: Decisions) -> Self {
        Self { actor, reservation, decisions, remark: String::new(), based_on: None }
    }
}

/// Why something is settled.
#[derive(Clone, Debug)]
enum Why {
    /// A manager said so.
    Said(Decisions),
    /// Nobody decided in time (R71, R75).
    Time,
    /// Others have the room by now (R72).
    Overtaken(Vec<RecurrenceId>),
}

impl Why {
    fn ruling(&self, facts: &OccurrenceFacts) -> Option<Ruling> {
        match self {
            Self::Said(decisions) => {
                let approves = decisions.about(facts.id)?;
                Some(if approves { Ruling::Approve } else { Ruling::Decline })
            }
            Self::Time => Some(Ruling::Expire),
            Self::Overtaken(dates) => dates.contains(&facts.id).then_some(Ruling::Overtake),
        }
    }

    const fn rule(&self) -> &'static str {
        match self {
            Self::Said(_) => "R73",
            Self::Time => "R71",
            Self::Overtaken(_) => "R72",
        }
    }

    /// What the removal of a text that nothing is left of says in the audit.
    fn effect(&self) -> Effect<'static> {
        let reason = match self {
            Self::Said(_) | Self::Time => Reason::NotApproved,
            Self::Overtaken(_) => Reason::Busy,
        };
        let (old, new) = (Some("held"), Some("declined"));
        Effect { old, new, range: None, rule: self.rule(), reason: Some(reason) }
    }
}

impl Bookings {
    /// Carries out a [`Decide`].
    ///
    /// # Errors
    /// `Missing` if there is no such reservation or date, or the actor does not manage its room;
    /// `Stale` if it is another text by now. What cannot be approved because others have the room is an
    /// [`Outcome`].
    pub async fn decide(&self, decide: Decide) -> Result<Outcome, Error> {
        decide.actor.check_writes()?;
        let Decide { actor, reservation, decisions, remark, based_on } = decide;
        let order =
            Order { actor, reservation, why: Why::Said(decisions), remark, based_on, is_checked: true };
        let outcome = self.settle(&order).await?;
        // R72: the rest of the queue. What fails now is done by the clock.
        if let Err(error) = self.decline_overtaken().await {
            tracing::warn!(%error, "cannot decline the rest of a queue");
        }
        Ok(outcome)
    }

    /// What a manager's answer for a room says that came as a message (RFC 5546, section 3.2.3): the
    /// room is the attendee that answers.
    ///
    /// # Errors
    /// As [`Bookings::decide`]; `Missing` too where the answer is about no reservation of the room,
    /// `Stale` where it is about an older version than the room has, and `Moved` where that changed meanwhile.
    pub async fn decide_by_reply(
        &self,
        actor: Actor,
        room: RoomId,
        message: &CalendarObject,
    ) -> Result<Outcome, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let uid = message.uid().as_str();
        let reservation = tx.reservations().in_room(room, uid).await?.ok_or(Error::Missing)?;
        let room = room_state(&mut tx, room, &actor).await?.ok_or(Error::Missing)?;
        let based_on = tx.resources().get(reservation.source).await?.map(|source| source.etag);
        drop(snapshot);
        let decisions = replied(message, &room.room.addresses(), &room.rules.zone);
        if decisions.is_empty() {
            return Err(Error::Missing);
        }
        let sequence = message.event()?.parts().map(|part| part.sequence).max().unwrap_or(0);
        if sequence < reservation.sequence {
            return Err(Error::Stale);
        }
        let remark = message.parts().find_map(|part| part.text("COMMENT")).unwrap_or_default();
        let decide = Decide { remark, based_on, ..Decide::new(actor, reservation.id, decisions) };
        match self.decide(decide).await {
            // It changed since its version was looked at.
            Err(Error::Stale) => Err(Error::Moved),
            done => done,
        }
    }

    async fn settle(&self, order: &Order) -> Result<Outcome, Error> {
        for _ in 0..MAX_TRIES {
            match Box::pin(self.try_settle(order)).await {
                Err(Error::Moved) => {}
                done => return done,
            }
        }
        Err(Error::Store(StoreError::Retry("it kept changing".to_owned())))
    }

    async fn try_settle(&self, order: &Order) -> Result<Outcome, Error> {
        let now = self.now();
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let matter = Matter::load(&mut tx, order).await?;
        let text = tx.resources().text(matter.source.id).await?;
        let object = compose::stored(text.into(), &self.bounds.ical)?;
        let back = matter.goes_back(order, &object, now, &self.bounds.ical)?;
        let delete = Delete {
            by: Some(Box::new(order.actor.clone())),
            ends: Some(order.why.effect()),
            by_command: true,
            ..Delete::new(Actor::operator(), matter.target, &matter.source.name)
        };
        let scene = Box::pin(Scene::load(&mut tx, delete.lookup(&self.bounds))).await?;
        drop(snapshot);
        let object = back.as_ref().map_or(object, |(object, _)| object.clone());
        let put = Put {
            purpose: Purpose::Refresh,
            based_on: Some(matter.source.etag.clone()),
            by: Some(Box::new(order.actor.clone())),
            shows_anew: true,
            ..Put::new(Actor::operator(), matter.target, &matter.source.name, object)
        };
        let prepared = self.prepare(&put, now).await?;
        let locks = scene.locks().and(&prepared.locks);
        let bounds = self.bounds.clone();
        let delete = DeleteWork { delete, locks: locks.clone(), bounds: bounds.clone(), now };
        let put = PutWork { put, prepared, bounds, now, cancels: None };
        let restored = back.map(|(_, dates)| dates);
        let settle = Settle { order: order.clone(), restored, now };
        self.carry_out(&order.actor, DecideWork { settle, put, delete, locks }).await
    }
}

/// A decision on its way.
#[derive(Clone, Debug)]
struct Order {
    actor: Actor,
    reservation: ReservationId,
    why: Why,
    remark: String,
    based_on: Option<String>,
    /// The actor must manage the room.
    is_checked: bool,
}

/// What is decided about.
struct Matter {
    reservation: Reservation,
    room: RoomState,
    source: Resource,
    target: Target,
    all: Vec<OccurrenceFacts>,
}

impl Matter {
    async fn load(tx: &mut Tx<'_>, order: &Order) -> Result<Self, Error> {
        let reservation = tx.reservations().get(order.reservation).await?.ok_or(Error::Missing)?;
        let room = room_state(tx, reservation.room, &order.actor).await?.ok_or(Error::Missing)?;
        if order.is_checked && !room.asker.manager {
            return Err(Error::Missing);
        }
        let (source, target) = source(tx, &reservation).await?;
        if order.based_on.as_ref().is_some_and(|etag| *etag != source.etag) {
            return Err(Error::Stale);
        }
        let stored = tx.occurrences().of(reservation.id).await?;
        let all = stored.into_iter().map(|stored| stored.facts).collect();
        Ok(Self { reservation, room, source, target, all })
    }

    fn terms(&self, units: i64, restores: bool, now: Instant) -> Terms<'_> {
        Terms { room: &self.room.rules, channel: self.reservation.channel, units, restores, now }
    }

    /// The text as it is once declined moves of a direct booking are taken back (R74), and these dates
    /// with their old times; `None` where there are none, or it cannot be said.
    fn goes_back(
        &self,
        order: &Order,
        object: &CalendarObject,
        now: Instant,
        limits: &crate::ical::Limits,
    ) -> Result<Option<(CalendarObject, Restored)>, Error> {
        if self.reservation.channel != Channel::Direct {
            return Ok(None);
        }
        let ruling = |facts: &OccurrenceFacts| order.why.ruling(facts);
        let terms = self.terms(1, true, now);
        let settlement = crate::domain::approval::settle(&self.all, &terms, ruling, &Neighbours::default());
        let dates = restored(&settlement);
        if dates.is_empty() {
            return Ok(None);
        }
        let Some(text) = retimed(object, &dates, &self.room.rules.zone) else { return Ok(None) };
        Ok(Some((compose::reparse(text, object, limits)?, dates)))
    }
}

/// The dates that are again where they were, with their times.
fn restored(settlement: &Settlement) -> Restored {
    let restored = settlement.settled.iter().filter(|settled| settled.is_restored());
    restored.map(|settled| (settled.after.id, settled.after.period)).collect()
}

/// A decision, and what every calendar shows of it.
struct DecideWork {
    settle: Settle,
    put: PutWork,
    delete: DeleteWork,
    locks: Locks,
}

impl Work for DecideWork {
    type Done = Outcome;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Outcome, Error> {
        tx.lock_in_order(&self.locks.spaces, &self.locks.calendars).await?;
        match self.settle.run(tx, &self.put).await? {
            Settled::Refused(refusal) => Ok(Outcome::Refused(refusal)),
            Settled::Unchanged => Ok(STORED),
            // A direct booking of which nothing is left has no text any more.
            Settled::Ended => Box::pin(self.delete.run_locked(tx)).await.map(|_| STORED),
            Settled::Changed => Box::pin(self.put.run_locked(tx)).await.map(|_| STORED),
        }
    }
}

const STORED: Outcome = Outcome::stored(false, None, None);
