//! Create or replace a member of a calendar: a direct booking in a room's calendar, an event of
//! one's own that may invite rooms, or text that asks for nothing. RFC 6638, sections 3.2.1 and 3.2.10.1.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::channel::Channel;
use crate::domain::event::Event;
use crate::domain::expected::Expected;
use crate::domain::id::{ReservationId, ResourceId, RoomId, UserId};
use crate::domain::reason::{Failure, Reason};
use crate::domain::recurrence::RecurrenceId;
use crate::domain::time::{Instant, Period};
use crate::domain::visibility::View;
use crate::ical::{self, CalendarObject, alarms, edit};
use crate::store::{Overlay, StoreError, Tx, Work};
use crate::text;

use super::access::RoomState;
use super::actor::Actor;
use super::apply;
use super::approval::{self, Decide};
use super::ask::{self, Ask};
use super::attach::{self, Links};
use super::cancel::Cancelled;
use super::check_in;
use super::compose;
use super::error::Error;
use super::import::Imagined;
use super::itip::Heard;
use super::outcome::{About, OnRefusal, Outcome};
pub(super) use super::purpose::{Purpose, Waiting};
use super::record::Cause;
use super::refuse;
use super::scene::{Home, Locks, Lookup, Scene, Target, view_of};
use super::schedule::{self, Reply, Told};
use super::{Bookings, Bounds, MAX_TRIES};

/// Create or replace one member.
#[derive(Clone, Debug)]
pub struct Put {
    /// Who writes.
    pub actor: Actor,
    /// Into which calendar.
    pub target: Target,
    /// Under which name, as the actor knows it.
    pub name: String,
    /// What.
    pub object: CalendarObject,
    /// What the writer believes about the member.
    pub expected: Expected,
    /// What a refused new booking leaves.
    pub on_refusal: OnRefusal,
    /// It is an import: events that are over are taken as history, of a series the dates that are not
    /// free are left out, and nobody but a manager who is asked gets a message.
    pub history: bool,
    /// Whose it becomes where it is new in a room's calendar and not the actor's; who gives it must be
    /// entitled, which is not asked again.
    pub(super) owner: Option<UserId>,
    /// What a rehearsal has imagined before this one.
    pub(super) imagined: Option<Arc<Imagined>>,
    /// A new event that is there already, word for word, is the same request once more (R3.9).
    pub tolerate_repeat: bool,
    /// The etag of the text that the server itself writes again: another one by now is not to be
    /// overwritten.
    pub(super) based_on: Option<String>,
    /// Why it is written: by a client, or by the server itself.
    pub(super) purpose: Purpose,
    /// Reservations that the same command gives up: they are in nobody's way (R84).
    pub(super) gives_up: Vec<ReservationId>,
    /// The writer's program keeps its own text after a write: where another one was stored, the
    /// member changes its version once more a little later (R3.7).
    pub keeps_own_text: bool,
    /// The member that this is moved from: nobody is told that it goes.
    pub(super) moves: Option<ResourceId>,
    /// SCHEDULE-STATUS in it is the server's.
    pub(super) is_marked: bool,
    /// The object is not, byte for byte, what was sent.
    pub(super) was_altered: bool,
    /// By which hash a refusal is remembered, where it is not that of the object.
    pub(super) refused_as: Option<String>,
    /// Where attachments are got, for a text that a client wrote: what it says of them is checked.
    pub links: Option<Links>,
    /// As whom it is recorded, where the server writes by itself what somebody decided.
    pub(super) by: Option<Box<Actor>>,
    /// Readers are shown something else by now, although the text stays (R70).
    pub(super) shows_anew: bool,
    /// It changes what the event carries along, and nothing that only concerns the writer.
    pub(super) attaches: bool,
    /// Rooms that were chosen because they were free: where one is not any more another is looked for (R79).
    pub(super) hopes_for: Vec<RoomId>,
    /// The message that it comes from: its sender tells the people in it, and the rooms answer it.
    pub(super) message: Option<Arc<Heard>>,
}

impl Put {
    /// An unconditional write as a client sends it; the fields say what else there is.
    #[must_use]
    pub fn new(actor: Actor, target: Target, name: &str, object: CalendarObject) -> Self {
        Self {
            actor,
            target,
            name: name.to_owned(),
            object,
            expected: Expected::default(),
            on_refusal: OnRefusal::default(),
            history: false,
            owner: None,
            imagined: None,
            tolerate_repeat: false,
            keeps_own_text: false,
            was_altered: false,
            refused_as: None,
            based_on: None,
            purpose: Purpose::Write,
            gives_up: Vec::new(),
            moves: None,
            is_marked: false,
            links: None,
            by: None,
            shows_anew: false,
            attaches: false,
            hopes_for: Vec::new(),
            message: None,
        }
    }

    /// With every time zone explained that is only named: what is stored stands for itself, for
    /// programs and people that never heard of names alone (RFC 7809, sections 3 and 3.1.4). It must
    /// be as small as what is sent: whoever gets it may write it as it is.
    pub(super) fn explained(self, bounds: &Bounds) -> Result<Self, Error> {
        match ical::explained(&self.object, &bounds.ical) {
            Ok(Some(object)) => Ok(Self { object, was_altered: true, ..self }),
            Ok(None) => Ok(self),
            // What is stored already stays as it was when it was taken.
            Err(_) if self.purpose != Purpose::Write => Ok(self),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Whether the client holds these bytes, because it sent them.
    pub(super) fn was_sent_as(&self, etag: &str) -> bool {
        !self.was_altered && refuse::digest(self.object.bytes()) == etag
    }

    /// When the second change is due.
    pub(super) fn again_at(&self, now: Instant) -> Option<Instant> {
        self.keeps_own_text.then(|| now.plus(60))
    }

    /// Whether the people in it are told: not of history, nor of what came by a message, and of what is
    /// moved only what changes.
    pub(super) fn told(&self) -> Told {
        match self.moves {
            _ if self.history || self.message.is_some() => Told::Nothing,
            Some(_) => Told::Already,
            None => Told::Changes,
        }
    }

    pub(super) fn event(&self) -> Option<&Event> {
        self.object.event().ok()
    }

    pub(super) fn lookup<'a>(&'a self, bounds: &'a Bounds) -> Lookup<'a> {
        Lookup {
            actor: &self.actor,
            target: self.target,
            name: &self.name,
            object: Some(&self.object),
            owner: self.owner,
            told: self.told(),
            limits: &bounds.ical,
        }
    }
}

impl Bookings {
    /// Carries out a [`Put`].
    ///
    /// # Errors
    /// [`Error`] where nothing was decided; a refusal by the rules is an [`Outcome`].
    pub async fn put(&self, put: Put) -> Result<Outcome, Error> {
        put.actor.check_writes()?;
        let put = put.explained(&self.bounds)?;
        for tries in 1..=MAX_TRIES {
            match Box::pin(self.try_put(&put, tries == MAX_TRIES)).await {
                Err(Error::Moved) => {}
                Err(Error::Decides(decision)) => {
                    let (reservation, decisions, etag) = *decision;
                    let decide = Decide::new(put.actor, reservation, decisions);
                    return Box::pin(self.decide(Decide { based_on: Some(etag), ..decide })).await;
                }
                done => return done,
            }
        }
        Err(Error::Store(StoreError::Retry("it kept changing".to_owned())))
    }

    async fn try_put(&self, put: &Put, is_last: bool) -> Result<Outcome, Error> {
        let work = Box::pin(self.work_of(put, is_last)).await?;
        self.carry_out(&put.actor, work).await
    }

    /// The write with everything that is found out before its transaction.
    pub(super) async fn work_of(&self, put: &Put, is_last: bool) -> Result<PutWork, Error> {
        let now = self.now();
        let mut put = Box::pin(self.pooled(put.clone(), now)).await?;
        if is_last {
            // Something else than somebody faster is in the way.
            put.hopes_for.clear();
        }
        let prepared = self.prepare(&put, now).await?;
        Ok(PutWork { put, prepared, bounds: self.bounds.clone(), now, cancels: None })
    }

    pub(super) async fn prepare(&self, put: &Put, now: Instant) -> Result<Prepared, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let scene = Box::pin(Scene::load(&mut tx, put.lookup(&self.bounds))).await?;
        let mut held_until: HashMap<RoomId, Instant> = HashMap::new();
        for room in &scene.rooms {
            let uid = put.object.uid().as_str();
            let Some(existing) = tx.reservations().in_room(room.room.id, uid).await? else { continue };
            if let Some(end) = tx.occurrences().last_held(existing.id).await? {
                held_until.insert(room.room.id, end);
            }
        }
        drop(snapshot);
        let mut prepared = Prepared { locks: scene.locks(), asks: Vec::new(), disagreement: None };
        prepared.disagreement = put.object.zone_disagreements().first().map(ToString::to_string);
        let Some(event) = put.event().cloned() else { return Ok(prepared) };
        let rooms = scene.rooms.clone();
        let expanded = tokio::task::spawn_blocking(move || {
            rooms
                .iter()
                .map(|room| {
                    ask::check(&event, room)?;
                    Ask::expand(&event, room, &rooms, held_until.get(&room.room.id).copied(), now)
                })
                .collect::<Result<Vec<_>, _>>()
        });
        let expanded = expanded.await.map_err(|cause| StoreError::Inconsistent(cause.to_string()))?;
        prepared.asks = expanded?;
        Ok(prepared)
    }
}

/// What was found out before the transaction.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) locks: Locks,
    pub(super) asks: Vec<Ask>,
    /// Where a supplied VTIMEZONE says something else than our zone data, which decides (R14).
    pub(super) disagreement: Option<String>,
}

/// A [`Put`] on its way through the transaction.
pub(super) struct PutWork {
    pub(super) put: Put,
    pub(super) prepared: Prepared,
    pub(super) bounds: Arc<Bounds>,
    pub(super) now: Instant,
    /// Occurrences that are cancelled first.
    pub(super) cancels: Option<Cancelled>,
}

impl Work for PutWork {
    type Done = Outcome;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Outcome, Error> {
        self.lock(tx).await?;
        self.run_locked(tx).await
    }
}

impl PutWork {
    /// Locks what it was prepared for.
    pub(super) async fn lock(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let Locks { spaces, calendars } = &self.prepared.locks;
        Ok(tx.lock_in_order(spaces, calendars).await?)
    }

    /// The whole, with everything locked that it was prepared for.
    pub(super) async fn run_locked(&self, tx: &mut Tx<'_>) -> Result<Outcome, Error> {
        if let Some(cancels) = &self.cancels {
            Box::pin(cancels.run(tx, self.now)).await?;
        }
        let scene = Box::pin(Scene::load(tx, self.put.lookup(&self.bounds))).await?;
        if !self.prepared.locks.cover(&scene.locks()) {
            return Err(Error::Moved);
        }
        match self.without_decline(tx, &scene).await? {
            Some(again) => Box::pin(again.decide(tx, scene)).await,
            None => Box::pin(self.decide(tx, scene)).await,
        }
    }

    /// The same write with the delegate named on the lines of the person, if there is one; of
    /// somebody else's event, and by the server itself, nothing is signed.
    async fn signed(&self, tx: &mut Tx<'_>, scene: &Scene) -> Result<Option<Self>, Error> {
        let Put { actor, object, .. } = &self.put;
        if self.put.purpose != Purpose::Write || !actor.is(scene.owner) {
            return Ok(None);
        }
        let signed = schedule::signed(tx, actor, object, &scene.people.owner, &self.bounds).await?;
        Ok(signed.map(|object| self.instead(object)))
    }

    /// The same write of another text.
    fn instead(&self, object: CalendarObject) -> Self {
        let put = Put { object, was_altered: true, ..self.put.clone() };
        let (prepared, bounds) = (self.prepared.clone(), self.bounds.clone());
        Self { put, prepared, bounds, now: self.now, cancels: None }
    }

    /// The same write without what a decline had put into the text, if the person has edited a
    /// declined copy: what is booked has its own title again.
    async fn without_decline(&self, tx: &mut Tx<'_>, scene: &Scene) -> Result<Option<Self>, Error> {
        let Some(copy) = scene.current.as_ref().filter(|current| current.reader.is_some()) else {
            return Ok(None);
        };
        let text = tx.resources().text(copy.id).await?;
        let object = compose::stored(text.into(), &self.bounds.ical)?;
        let own = edit::undo_declined(&self.put.object, &object, &text::declined_prefixes());
        if own == *self.put.object.bytes() {
            return Ok(None);
        }
        Ok(Some(self.instead(compose::reparse(own, &self.put.object, &self.bounds.ical)?)))
    }

    pub(super) fn cause<'a>(&'a self, scene: &Scene) -> Cause<'a> {
        let channel = match scene.home {
            Home::Room(_) => Channel::Direct.as_str(),
            Home::Person => Channel::Invite.as_str(),
        };
        let actor = self.put.by.as_deref().unwrap_or(&self.put.actor);
        let actor = self.cancels.as_ref().map_or(actor, |cancels| &cancels.actor);
        Cause { actor, channel, now: self.now }
    }

    async fn decide(&self, tx: &mut Tx<'_>, scene: Scene) -> Result<Outcome, Error> {
        let etag = scene.source.as_ref().map(|source| &source.etag);
        if self.put.based_on.is_some() && self.put.based_on.as_ref() != etag {
            return Err(Error::Moved);
        }
        if let Some(done) = self.judge_condition(tx, &scene).await? {
            return Ok(done);
        }
        if let (Some((reservation, said)), Some(etag)) =
            (approval::decided(tx, &self.put, &scene, &self.bounds).await?, etag)
        {
            // R73: nothing is written here.
            return Err(Error::Decides(Box::new((reservation, said, etag.clone()))));
        }
        if !scene.may_change(&self.put.actor) || scene.shows_less() {
            return self.foreign(tx, &scene).await;
        }
        if let Some(object) = approval::unmarked(tx, &self.put, &scene, &self.bounds).await? {
            return Box::pin(self.instead(object).sign_and_carry_out(tx, scene)).await;
        }
        Box::pin(self.sign_and_carry_out(tx, scene)).await
    }

    async fn sign_and_carry_out(&self, tx: &mut Tx<'_>, scene: Scene) -> Result<Outcome, Error> {
        let signed = self.signed(tx, &scene).await?;
        let settled = attach::settle(tx, &signed.as_ref().unwrap_or(self).put, &scene, &self.bounds).await?;
        let settled = settled.map(|object| self.instead(object));
        match settled.or(signed) {
            Some(mut work) => {
                // A refusal is remembered by what was sent, which is what comes again.
                work.put.refused_as = Some(refuse::content_hash(&self.put.object));
                Box::pin(work.carry_out(tx, scene)).await
            }
            None => Box::pin(self.carry_out(tx, scene)).await,
        }
    }

    /// What may be written is held against the rules, and written.
    async fn carry_out(&self, tx: &mut Tx<'_>, scene: Scene) -> Result<Outcome, Error> {
        self.check_object(tx, &scene).await?;
        let asks_for_rooms = !self.is_attendees_copy(tx, &scene).await?;
        // What the server writes by itself answers nobody.
        let cause = self.cause(&scene);
        if self.put.purpose == Purpose::Write
            && let Some(reply) = schedule::attend(tx, cause, &scene, &self.put.object, &self.bounds).await?
        {
            return Box::pin(self.attend(tx, &scene, reply, asks_for_rooms)).await;
        }
        let mut answers = Box::pin(self.consult(tx, &scene, asks_for_rooms)).await?;
        let is_lost = |answer: &compose::Answer| !answer.decision.failures.is_empty();
        if answers.iter().any(|answer| self.put.hopes_for.contains(&answer.id()) && is_lost(answer)) {
            return Err(Error::Moved);
        }
        if let (Some(direct), Some(first)) = (scene.direct_room(), answers.first())
            && first.id() == direct.room.id
            && first.decision.refused
        {
            let about = if scene.source.is_some() { About::Change } else { About::New };
            let answer = answers.swap_remove(0);
            let refusal = refuse::refusal_of(tx, cause, direct, about, answer).await?;
            return Box::pin(refuse::leave(tx, cause, &self.put, &scene, refusal)).await;
        }
        if let Some(refused) = Box::pin(self.refused_by_a_room(tx, &scene, &answers)).await? {
            return Ok(refused);
        }
        if let (Some(disagreement), Some(answer)) = (&self.prepared.disagreement, answers.first()) {
            let about = (answer.id(), self.put.object.uid().as_str());
            cause.remarked(tx, about, "R14", disagreement).await?;
        }
        let outcome = Box::pin(apply::apply(tx, cause, &self.put, &scene, answers, &self.bounds)).await?;
        if self.put.purpose == Purpose::Write {
            Box::pin(check_in::changed(tx, cause, &scene, &self.bounds)).await?;
        }
        Ok(outcome)
    }

    /// An attendee's own copy: it is kept, and the organizer is told. It asks for rooms only where
    /// nobody here knows the organizer (D-36).
    async fn attend(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        reply: Reply,
        asks_for_rooms: bool,
    ) -> Result<Outcome, Error> {
        let answers = Box::pin(self.consult(tx, scene, asks_for_rooms)).await?;
        let object = compose::reparse(reply.text.clone(), &self.put.object, &self.bounds.ical)?;
        let was_altered = self.put.was_altered || object.bytes() != self.put.object.bytes();
        let put = Put { object, was_altered, is_marked: true, ..self.put.clone() };
        let cause = self.cause(scene);
        let outcome = Box::pin(apply::apply(tx, cause, &put, scene, answers, &self.bounds)).await?;
        Box::pin(reply.deliver(tx, cause, scene, &put.object, &self.bounds)).await?;
        let shown = scene.people.shown_by_host();
        Box::pin(check_in::answered(tx, cause, shown, !reply.declines(), &self.bounds)).await?;
        Ok(outcome)
    }

    /// A write over somebody else's event, or over a copy that is not the whole of one's own: alarms
    /// of one's own are kept (R107), the rest is refused.
    async fn foreign(&self, tx: &mut Tx<'_>, scene: &Scene) -> Result<Outcome, Error> {
        let (Some(current), Some(room)) = (&scene.current, &scene.room) else { return Err(Error::Missing) };
        let actor = &self.put.actor;
        if !self.put.attaches
            && let (Some(View::Whole), Some(user)) = (view_of(current, Some(room), actor), actor.user)
        {
            let text = tx.resources().text(current.id).await?;
            let stored = compose::stored(text.into(), &self.bounds.ical)?;
            let shown = approval::shown(tx, &self.put, (current, room), &stored, &self.bounds).await?;
            if alarms::only_alarms_differ(&shown, &self.put.object) {
                let own = alarms::alarms_of(&self.put.object);
                let text = own.map_or_else(Vec::new, |alarms| alarms.bytes().to_vec());
                let etag = refuse::digest(&text);
                tx.overlays().set(user, &Overlay { resource: current.id, text, etag }).await?;
                tx.nudges().nudge(user, current.calendar, &current.name, self.now, None).await?;
                return Ok(Outcome::stored(false, None, None));
            }
        }
        let cause = self.cause(scene);
        let failures = self.not_allowed(room);
        let refusal = refuse::refusal(tx, cause, room, About::ForeignChange, failures).await?;
        refuse::leave(tx, cause, &self.put, scene, refusal).await
    }

    /// One failure for the first occurrence, so that the sentence names a time.
    fn not_allowed(&self, room: &RoomState) -> Vec<Failure> {
        let Some(part) = self.put.event().and_then(Event::first) else { return Vec::new() };
        let zone = &room.rules.zone;
        let start = part.start.instant(zone);
        let end = part.length.end_from(&part.start, zone).max(start);
        vec![Failure {
            reason: Reason::NotAllowed,
            id: RecurrenceId::SINGLE,
            period: Period { start, end },
            all_day: part.start.is_date(),
            conflict: None,
            bound: None,
        }]
    }
}
