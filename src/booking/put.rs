//! Create or replace a member of a calendar: a direct booking in a room's calendar, an event of
//! one's own that may invite rooms, or text that asks for nothing. RFC 6638, section 3.2.1.

use std::collections::HashMap;

use crate::domain::channel::Channel;
use crate::domain::event::Event;
use crate::domain::expected::Expected;
use crate::domain::id::{ReservationId, RoomId};
use crate::domain::reason::{Failure, Reason};
use crate::domain::time::{Instant, Period};
use crate::domain::visibility::View;
use crate::ical::{CalendarObject, alarms, edit};
use crate::store::{Overlay, Resource, StoreError, Tx, Work};
use crate::text;

use super::access::RoomState;
use super::actor::Actor;
use super::apply;
use super::ask::{self, Ask};
use super::cancel::Cancelled;
use super::compose;
use super::error::Error;
use super::outcome::{About, OnRefusal, Outcome};
use super::record::Cause;
use super::refuse;
use super::scene::{Home, Locks, Lookup, Scene, Target, version_for, view_of};
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
    /// Events that are over are taken as history.
    pub history: bool,
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
    /// The object is not, byte for byte, what was sent.
    pub(super) was_altered: bool,
}

/// Why a member is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A person wants it so.
    Write,
    /// A series that goes on is claimed further (R65).
    Extend,
    /// What became of its occurrences is to be shown.
    Refresh,
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
            tolerate_repeat: false,
            keeps_own_text: false,
            was_altered: false,
            based_on: None,
            purpose: Purpose::Write,
            gives_up: Vec::new(),
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

    pub(super) fn event(&self) -> Option<&Event> {
        self.object.event().ok()
    }

    fn lookup(&self) -> Lookup<'_> {
        Lookup { actor: &self.actor, target: self.target, name: &self.name, event: self.event() }
    }
}

impl Bookings {
    /// Carries out a [`Put`].
    ///
    /// # Errors
    /// [`Error`] where nothing was decided; a refusal by the rules is an [`Outcome`].
    pub async fn put(&self, put: Put) -> Result<Outcome, Error> {
        for _ in 0..MAX_TRIES {
            let now = self.now();
            let prepared = self.prepare(&put, now).await?;
            let work =
                PutWork { put: put.clone(), prepared, bounds: self.bounds.clone(), now, cancels: None };
            match self.store.write(work).await {
                Err(Error::Moved) => {}
                done => return done,
            }
        }
        Err(Error::Store(StoreError::Retry("it kept changing".to_owned())))
    }

    pub(super) async fn prepare(&self, put: &Put, now: Instant) -> Result<Prepared, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let scene = Scene::load(&mut tx, put.lookup()).await?;
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
                    Ask::expand(&event, room, held_until.get(&room.room.id).copied(), now)
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
    pub(super) bounds: std::sync::Arc<Bounds>,
    pub(super) now: Instant,
    /// Occurrences that are cancelled first.
    pub(super) cancels: Option<Cancelled>,
}

impl Work for PutWork {
    type Done = Outcome;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Outcome, Error> {
        let Locks { spaces, calendars } = &self.prepared.locks;
        tx.lock_in_order(spaces, calendars).await?;
        self.run_locked(tx).await
    }
}

impl PutWork {
    /// The whole, with everything locked that it was prepared for.
    pub(super) async fn run_locked(&self, tx: &mut Tx<'_>) -> Result<Outcome, Error> {
        if let Some(cancels) = &self.cancels {
            cancels.run(tx, self.now).await?;
        }
        let scene = Scene::load(tx, self.put.lookup()).await?;
        if !self.prepared.locks.cover(&scene.locks()) {
            return Err(Error::Moved);
        }
        match self.without_decline(tx, &scene).await? {
            Some(again) => again.decide(tx, scene).await,
            None => self.decide(tx, scene).await,
        }
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
        let object = compose::reparse(own, &self.put.object, &self.bounds.ical)?;
        let put = Put { object, was_altered: true, ..self.put.clone() };
        let (prepared, bounds) = (self.prepared.clone(), self.bounds.clone());
        Ok(Some(Self { put, prepared, bounds, now: self.now, cancels: None }))
    }

    fn cause<'a>(&'a self, scene: &Scene) -> Cause<'a> {
        let channel = match scene.home {
            Home::Room(_) => Channel::Direct.as_str(),
            Home::Person => Channel::Invite.as_str(),
        };
        let actor = self.cancels.as_ref().map_or(&self.put.actor, |cancels| &cancels.actor);
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
        if !scene.may_change(&self.put.actor) || scene.shows_less() {
            return self.foreign(tx, &scene).await;
        }
        self.check_object(tx, &scene).await?;
        let asks_for_rooms = !self.is_attendees_copy(tx, &scene).await?;
        let cause = self.cause(&scene);
        let mut answers = self.consult(tx, &scene, asks_for_rooms).await?;
        if let (Some(direct), Some(first)) = (scene.direct_room(), answers.first())
            && first.id() == direct.room.id
            && first.decision.refused
        {
            let about = if scene.source.is_some() { About::Change } else { About::New };
            let failures = answers.swap_remove(0).decision.failures;
            let refusal = refuse::refusal(tx, cause, direct, about, failures).await?;
            return refuse::leave(tx, cause, &self.put, &scene, refusal).await;
        }
        if let (Some(disagreement), Some(answer)) = (&self.prepared.disagreement, answers.first()) {
            let about = (answer.id(), self.put.object.uid().as_str());
            cause.remarked(tx, about, "R14", disagreement).await?;
        }
        apply::apply(tx, cause, &self.put, &scene, answers, &self.bounds).await
    }

    /// `Some` if the request ends here: the same bytes again (P-9), or the same request once more.
    async fn judge_condition(&self, tx: &mut Tx<'_>, scene: &Scene) -> Result<Option<Outcome>, Error> {
        let actor = &self.put.actor;
        let Some(current) = &scene.current else {
            return if self.put.expected.is_met(None, None) { Ok(None) } else { Err(Error::Stale) };
        };
        let version = version_for(tx, current, scene.room.as_ref(), actor).await?;
        let schedule_tag = current.schedule_tag.as_deref();
        let met = self.put.expected.is_met(version.as_deref(), schedule_tag);
        let is_repeat = self.put.tolerate_repeat
            && self.put.expected == Expected::absent()
            && actor.is(current.owner)
            && current.reader.is_none();
        if !met && self.put.tolerate_repeat && current.reader.is_some() {
            // The answer to a declined try got lost; it is decided once more.
            let is_again = self.put.expected == Expected::absent() && self.was_refused(tx, current).await?;
            return if is_again { Ok(None) } else { Err(Error::Stale) };
        }
        if !met && !is_repeat {
            return Err(Error::Stale);
        }
        if current.reader.is_some() || !actor.is(current.owner) {
            return if met { Ok(None) } else { Err(Error::Stale) };
        }
        let text = tx.resources().text(current.id).await?;
        if met && text == *self.put.object.bytes() && self.put.purpose == Purpose::Write {
            let schedule_tag = current.schedule_tag.clone();
            return Ok(Some(Outcome::Stored { created: false, version, schedule_tag }));
        }
        if is_repeat && self.says_the_same(&text) {
            let schedule_tag = current.schedule_tag.clone();
            return Ok(Some(Outcome::Stored { created: true, version: None, schedule_tag }));
        }
        if met { Ok(None) } else { Err(Error::Stale) }
    }

    async fn was_refused(&self, tx: &mut Tx<'_>, copy: &Resource) -> Result<bool, Error> {
        let Some(user) = self.put.actor.user else { return Ok(false) };
        let (uid, hash) = (self.put.object.uid().as_str(), refuse::content_hash(&self.put.object));
        Ok(tx.refusals().has(user, copy.calendar, uid, &hash).await?)
    }

    fn says_the_same(&self, stored: &[u8]) -> bool {
        CalendarObject::parse(stored.to_vec().into(), &self.bounds.ical)
            .is_ok_and(|stored| refuse::content_hash(&stored) == refuse::content_hash(&self.put.object))
    }

    /// A write over somebody else's event, or over a copy that is not the whole of one's own: alarms
    /// of one's own are kept (R107), the rest is refused.
    async fn foreign(&self, tx: &mut Tx<'_>, scene: &Scene) -> Result<Outcome, Error> {
        let (Some(current), Some(room)) = (&scene.current, &scene.room) else { return Err(Error::Missing) };
        let actor = &self.put.actor;
        if let (Some(View::Whole), Some(user)) = (view_of(current, Some(room), actor), actor.user) {
            let text = tx.resources().text(current.id).await?;
            let stored = CalendarObject::parse(text.into(), &self.bounds.ical)?;
            if alarms::only_alarms_differ(&stored, &self.put.object) {
                let own = alarms::alarms_of(&self.put.object);
                let text = own.map_or_else(Vec::new, |alarms| alarms.bytes().to_vec());
                let etag = refuse::digest(&text);
                tx.overlays().set(user, &Overlay { resource: current.id, text, etag }).await?;
                tx.nudges().nudge(user, current.calendar, &current.name, self.now, None).await?;
                return Ok(Outcome::Stored { created: false, version: None, schedule_tag: None });
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
        let end = part.length.end(part.start.wall(), &part.start.zone(zone)).max(start);
        vec![Failure {
            reason: Reason::NotAllowed,
            id: crate::domain::recurrence::RecurrenceId::SINGLE,
            period: Period { start, end },
            all_day: part.start.is_date(),
            conflict: None,
            bound: None,
        }]
    }
}
