//! Remove a member: a reservation ends, rooms are free, every calendar that showed it forgets it
//! (R57, R87, R88). RFC 6638, section 3.2.3.2.

use std::sync::Arc;

use crate::domain::approval::{Waiting, cut};
use crate::domain::channel::Channel;
use crate::domain::expected::Expected;
use crate::domain::id::ReservationId;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::{Failure, Reason};
use crate::domain::state::OccurrenceState;
use crate::domain::time::Instant;
use crate::ical::approval::Decisions;
use crate::store::{Reservation, Resource, StoreError, Tx, Work};
use crate::text::{self, Message};

use super::access::RoomState;
use super::actor::Actor;
use super::approval::Decide;
use super::compose;
use super::copies;
use super::error::Error;
use super::outcome::{About, Outcome};
use super::record::{Cause, Effect, Member};
use super::refuse;
use super::scene::{Home, Locks, Lookup, Scene, Target, version_for};
use super::schedule::{self, Told};
use super::{Bookings, Bounds, Cancel, MAX_TRIES};

/// Remove one member.
#[derive(Clone, Debug)]
pub struct Delete {
    /// Who removes.
    pub actor: Actor,
    /// From which calendar.
    pub target: Target,
    /// Which member, by the name the actor knows.
    pub name: String,
    /// What the caller believes about it.
    pub expected: Expected,
    /// A decision by name (command line), which no deadline holds up.
    pub(super) by_command: bool,
    /// Whether an attendee who removes a copy declines by it (RFC 6638, section 8.1).
    pub replies: bool,
    /// It is only moved elsewhere: nobody is told that it goes.
    pub(super) moves: bool,
    /// As whom it is recorded, where the server removes what somebody decided about.
    pub(super) by: Option<Box<Actor>>,
    /// What it does to the reservation, where that was decided and told already.
    pub(super) ends: Option<Effect<'static>>,
    /// All that was left of it has lost its place already for this reason, and stays on record (R90, R92).
    pub(super) lost: Option<Reason>,
    /// A message takes it away: its sender tells the people in it.
    pub(super) silent: bool,
}

impl Delete {
    /// Without a condition.
    #[must_use]
    pub fn new(actor: Actor, target: Target, name: &str) -> Self {
        Self {
            actor,
            target,
            name: name.to_owned(),
            expected: Expected::default(),
            by_command: false,
            replies: true,
            moves: false,
            by: None,
            ends: None,
            lost: None,
            silent: false,
        }
    }

    pub(super) fn lookup<'a>(&'a self, bounds: &'a Bounds) -> Lookup<'a> {
        Lookup {
            actor: &self.actor,
            target: self.target,
            name: &self.name,
            object: None,
            owner: None,
            told: if self.moves || self.silent { Told::Nothing } else { Told::Changes },
            limits: &bounds.ical,
        }
    }
}

impl Bookings {
    /// Carries out a [`Delete`].
    ///
    /// # Errors
    /// `Missing` if there is no such member, `Stale` if it is another one; a refusal by the rules
    /// is an [`Outcome`].
    pub async fn delete(&self, delete: Delete) -> Result<Outcome, Error> {
        delete.actor.check_writes()?;
        for _ in 0..MAX_TRIES {
            let mut snapshot = self.store.snapshot().await?;
            let scene = Box::pin(Scene::load(&mut snapshot.tx(), delete.lookup(&self.bounds))).await?;
            drop(snapshot);
            let now = self.now();
            let work =
                DeleteWork { delete: delete.clone(), locks: scene.locks(), bounds: self.bounds.clone(), now };
            match Box::pin(self.carry_out(&delete.actor, work)).await {
                // A copy of an invitation: the room's side of it is cancelled.
                Ok(Removal::OfInvitation(reservation)) => {
                    let actor = delete.actor.clone();
                    let cancel = Cancel { actor, reservation: reservation.id, occurrence: None };
                    return Box::pin(self.cancel(cancel)).await;
                }
                // R73: what waits is declined by it.
                Ok(Removal::Declined(reservation, etag)) => {
                    let decide = Decide::new(delete.actor, reservation, Decisions::whole(false));
                    return Box::pin(self.decide(Decide { based_on: Some(etag), ..decide })).await;
                }
                Ok(Removal::Done(outcome)) => return Ok(*outcome),
                Err(Error::Moved) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::Store(StoreError::Retry("it kept changing".to_owned())))
    }
}

/// What a removal came to.
pub(super) enum Removal {
    Done(Box<Outcome>),
    OfInvitation(Box<Reservation>),
    /// A manager's removal of what waits for approval, with the tag of its text.
    Declined(ReservationId, String),
}

/// A [`Delete`] on its way through the transaction.
pub(super) struct DeleteWork {
    pub(super) delete: Delete,
    pub(super) locks: Locks,
    pub(super) bounds: Arc<Bounds>,
    pub(super) now: Instant,
}

impl Work for DeleteWork {
    type Done = Removal;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Removal, Error> {
        tx.lock_in_order(&self.locks.spaces, &self.locks.calendars).await?;
        self.run_locked(tx).await
    }
}

impl DeleteWork {
    /// The whole, with everything locked that it was prepared for.
    pub(super) async fn run_locked(&self, tx: &mut Tx<'_>) -> Result<Removal, Error> {
        let scene = Box::pin(Scene::load(tx, self.delete.lookup(&self.bounds))).await?;
        if !self.locks.cover(&scene.locks()) {
            return Err(Error::Moved);
        }
        let current = scene.current.clone().ok_or(Error::Missing)?;
        let actor = &self.delete.actor;
        let version = version_for(tx, &current, scene.room.as_ref(), actor).await?;
        if !self.delete.expected.is_met(version.as_deref(), current.schedule_tag.as_deref()) {
            return Err(Error::Stale);
        }
        if let Some(reader) = current.reader {
            tx.resources().delete(current.id).await?;
            tx.nudges().nudge(reader, current.calendar, &current.name, self.now, None).await?;
            return Ok(Removal::Done(Box::new(Outcome::Removed)));
        }
        if !self.may_cancel(&scene, &current) {
            let room = scene.room.clone().ok_or(Error::Missing)?;
            let refused = self.refuse(tx, &scene, &current, &room, About::ForeignDelete, Vec::new());
            return Box::pin(refused).await;
        }
        if let Some((room, failures)) = self.too_late(tx, &scene).await? {
            return Box::pin(self.refuse(tx, &scene, &current, &room, About::Delete, failures)).await;
        }
        if let Some(declined) = self.declined(tx, &scene, &current).await? {
            return Ok(declined);
        }
        if scene.is_copy_of_invitation() {
            let reservation = current.reservation.ok_or(Error::Missing)?;
            let reservation = tx.reservations().get(reservation).await?.ok_or(Error::Missing)?;
            return Ok(Removal::OfInvitation(Box::new(reservation)));
        }
        Box::pin(self.remove(tx, &scene)).await?;
        Ok(Removal::Done(Box::new(Outcome::Removed)))
    }

    fn cause(&self, scene: &Scene) -> Cause<'_> {
        let channel = match scene.home {
            Home::Room(_) => Channel::Direct.as_str(),
            Home::Person => Channel::Invite.as_str(),
        };
        let actor = self.delete.by.as_deref().unwrap_or(&self.delete.actor);
        Cause { actor, channel, now: self.now }
    }

    /// R73: a manager removes somebody else's request.
    async fn declined(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        current: &Resource,
    ) -> Result<Option<Removal>, Error> {
        let manages = scene.room.as_ref().is_some_and(|room| room.asker.manager);
        let actor = &self.delete.actor;
        let (Some(reservation), Some(source)) = (current.reservation, &scene.source) else { return Ok(None) };
        if !manages || actor.is(current.owner) || self.delete.by_command {
            return Ok(None);
        }
        let waits = tx.occurrences().waiting_of(reservation).await? != Waiting::Nothing;
        Ok(waits.then(|| Removal::Declined(reservation, source.etag.clone())))
    }

    /// What it does to a reservation as a whole.
    fn effect(&self) -> Effect<'static> {
        let Delete { ends, lost, .. } = &self.delete;
        ends.or(lost.map(Effect::lost)).unwrap_or(Effect::given_up("R57"))
    }

    /// Owner, manager of the room whose calendar it is seen in, administrator (section 11).
    fn may_cancel(&self, scene: &Scene, current: &Resource) -> bool {
        let actor = &self.delete.actor;
        let manages = scene.room.as_ref().is_some_and(|room| room.asker.manager);
        actor.is(current.owner) || manages || actor.admin
    }

    /// R88: a late cancellation that the room refuses on this channel.
    async fn too_late(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
    ) -> Result<Option<(RoomState, Vec<Failure>)>, Error> {
        for reservation in &scene.reservations {
            let Some(room) = scene.room(reservation.room) else { continue };
            let settings = &room.rules.settings;
            let Some(deadline) = settings.cancel_deadline.filter(|_| settings.lock_after_deadline) else {
                continue;
            };
            if room.asker.manager || self.delete.by_command || reservation.channel != Channel::Direct {
                continue;
            }
            let late = self.late(tx, reservation, deadline).await?;
            if !late.is_empty() {
                return Ok(Some((room.clone(), late)));
            }
        }
        Ok(None)
    }

    async fn late(
        &self,
        tx: &mut Tx<'_>,
        reservation: &Reservation,
        deadline: i64,
    ) -> Result<Vec<Failure>, Error> {
        let all = tx.occurrences().of(reservation.id).await?;
        let is_late = |facts: &OccurrenceFacts| {
            facts.state.claims()
                && facts.period.end > self.now
                && facts.period.start < self.now.plus(deadline)
        };
        Ok(all
            .into_iter()
            .map(|stored| stored.facts)
            .filter(is_late)
            .map(|facts| Failure {
                reason: Reason::LateCancel,
                id: facts.id,
                period: facts.period,
                all_day: facts.all_day,
                conflict: None,
                bound: Some(deadline),
            })
            .collect())
    }

    async fn refuse(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        current: &Resource,
        room: &RoomState,
        about: About,
        mut failures: Vec<Failure>,
    ) -> Result<Removal, Error> {
        let cause = self.cause(scene);
        if failures.is_empty() {
            failures.extend(self.first_occurrence(tx, current).await?);
        }
        let refusal = refuse::refusal(tx, cause, room, about, failures).await?;
        if let Some(user) = cause.actor.user {
            let key = format!("delete/{}", current.id);
            if tx.refusals().remember(user, scene.calendar.id, &current.uid, &key, self.now).await? {
                cause.noted(tx, "refused", (room.room.id, &current.uid), refusal.reason, "DELETE").await?;
                let view = super::scene::view_of(current, scene.room.as_ref(), cause.actor);
                let title = if view.is_some_and(|view| !view.is_masked()) {
                    self.title(tx, current).await?
                } else {
                    String::new()
                };
                let message =
                    Message::Refused { title: &title, sentence: &refusal.sentence, alternatives: "" };
                let about = (Some(room.room.id), current.uid.as_str());
                cause.tell(tx, user, about, format!("refused/{user}/{key}"), &message).await?;
            }
            tx.nudges().nudge(user, current.calendar, &current.name, self.now, None).await?;
        }
        Ok(Removal::Done(Box::new(Outcome::Refused(Box::new(refusal)))))
    }

    async fn first_occurrence(&self, tx: &mut Tx<'_>, current: &Resource) -> Result<Option<Failure>, Error> {
        let Some(reservation) = current.reservation else { return Ok(None) };
        let all = tx.occurrences().of(reservation).await?;
        let first = all.iter().find(|stored| stored.facts.period.end > self.now).or(all.first());
        Ok(first.map(|stored| Failure {
            reason: Reason::NotAllowed,
            id: stored.facts.id,
            period: stored.facts.period,
            all_day: stored.facts.all_day,
            conflict: None,
            bound: None,
        }))
    }

    async fn title(&self, tx: &mut Tx<'_>, current: &Resource) -> Result<String, Error> {
        let text = tx.resources().text(current.id).await?;
        let object = compose::stored(text.into(), &self.bounds.ical)?;
        Ok(refuse::title(&object))
    }

    /// Takes the deciding member away, and with it everything it has.
    async fn remove(&self, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), Error> {
        let cause = self.cause(scene);
        let source = scene.source.clone().ok_or(Error::Missing)?;
        for reservation in &scene.reservations {
            let Some(room) = scene.room(reservation.room) else { continue };
            Box::pin(self.end_reservation(tx, scene, &source, reservation, room)).await?;
        }
        let room = scene.direct_room().map(|room| room.room.id);
        let had_a_room = !scene.reservations.is_empty();
        let effect = if had_a_room { self.effect() } else { Effect::TEXT };
        tx.resources().delete(source.id).await?;
        cause.changed(tx, Member::of(&source, room).removed(), effect).await?;
        self.show_another(tx, scene, &source).await?;
        Box::pin(schedule::removed(tx, cause, scene, self.delete.replies, &self.bounds)).await
    }

    async fn end_reservation(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        source: &Resource,
        reservation: &Reservation,
        room: &RoomState,
    ) -> Result<(), Error> {
        let cause = self.cause(scene);
        if let Some(shown) = tx.resources().showing(room.calendar, reservation.id).await?
            && shown.id != source.id
        {
            tx.resources().delete(shown.id).await?;
            let member = Member::of(&shown, Some(reservation.room)).removed();
            cause.changed(tx, member, self.effect()).await?;
        }
        if let Some(mirror) = tx.resources().showing(scene.own_calendar, reservation.id).await?
            && mirror.id != source.id
        {
            tx.resources().delete(mirror.id).await?;
            cause.changed(tx, Member::of(&mirror, None).removed(), Effect::TEXT).await?;
        }
        let all: Vec<OccurrenceFacts> =
            tx.occurrences().of(reservation.id).await?.into_iter().map(|stored| stored.facts).collect();
        self.note_late(tx, cause, reservation, room, &all).await?;
        if !self.delete.moves {
            super::itip::bury(tx, reservation, self.now).await?;
        }
        if self.delete.ends.is_none() {
            self.tell_owner(tx, cause, reservation, room, &all).await?;
        }
        let Effect { rule, reason, .. } = self.effect();
        let rule = if self.delete.moves { "R84" } else { rule };
        let because = cause.because((reservation.room, &reservation.uid), rule, reason);
        if self.delete.lost.is_some() {
            let is_lost = |facts: &OccurrenceFacts| facts.reason == self.delete.lost;
            let lost: Vec<OccurrenceFacts> = all.into_iter().filter(is_lost).collect();
            tx.resources().link(source.id, None).await?;
            tx.occurrences()
                .replace(reservation.id, reservation.room, &room.rules.spaces, &lost, &because)
                .await?;
            return Ok(());
        }
        let mut running: Vec<OccurrenceFacts> = all
            .into_iter()
            .filter(|facts| facts.state == OccurrenceState::Confirmed)
            .filter(|facts| facts.period.start < self.now && self.now < facts.period.end)
            .collect();
        if running.is_empty() {
            tx.reservations().delete(reservation.id, &because).await?;
            return Ok(());
        }
        // R87: what has begun stays on record, cut to now; no member shows it any more.
        tx.resources().link(source.id, None).await?;
        for facts in &mut running {
            cut(facts, self.now);
        }
        let because = cause.because((reservation.room, &reservation.uid), "R87", reason);
        tx.occurrences()
            .replace(reservation.id, reservation.room, &room.rules.spaces, &running, &because)
            .await?;
        for facts in &running {
            cause.released(tx, reservation.room, &reservation.uid, facts, Reason::Released, "R87").await?;
        }
        Ok(())
    }

    /// R88: freed all the same, and recorded as late.
    async fn note_late(
        &self,
        tx: &mut Tx<'_>,
        cause: Cause<'_>,
        reservation: &Reservation,
        room: &RoomState,
        all: &[OccurrenceFacts],
    ) -> Result<(), Error> {
        let Some(deadline) = room.rules.settings.cancel_deadline else { return Ok(()) };
        let is_late = |facts: &&OccurrenceFacts| {
            facts.state.claims()
                && facts.period.end > self.now
                && facts.period.start < self.now.plus(deadline)
        };
        if all.iter().any(|facts| is_late(&facts)) {
            cause
                .noted(tx, "occurrence", (reservation.room, &reservation.uid), Reason::LateCancel, "")
                .await?;
        }
        Ok(())
    }

    async fn tell_owner(
        &self,
        tx: &mut Tx<'_>,
        cause: Cause<'_>,
        reservation: &Reservation,
        room: &RoomState,
        all: &[OccurrenceFacts],
    ) -> Result<(), Error> {
        let next = all.iter().find(|facts| facts.state.claims() && facts.period.end > self.now);
        let (Some(next), false) = (next, cause.actor.is(reservation.owner)) else { return Ok(()) };
        let language = cause.language_for(tx, reservation.owner).await?;
        let when = text::when(language, &next.period, next.all_day, &room.rules.zone);
        let message = Message::CancelledBy {
            room: &room.room.name,
            title: &reservation.summary,
            when: &when,
            actor: &cause.actor.name,
        };
        let about = (Some(reservation.room), reservation.uid.as_str());
        let key = format!("cancelled/{}/{}", reservation.id, uuid::Uuid::new_v4().simple());
        Ok(cause.tell(tx, reservation.owner, about, key, &message).await?)
    }

    /// Of several direct bookings of one UID the owner's calendar shows the one written last; when
    /// that goes, another takes its place.
    async fn show_another(&self, tx: &mut Tx<'_>, scene: &Scene, gone: &Resource) -> Result<(), Error> {
        let others = tx.reservations().of_owner(scene.owner, &gone.uid).await?;
        let Some(other) =
            others.iter().find(|other| other.channel == Channel::Direct && other.source != gone.id)
        else {
            return Ok(());
        };
        let Some(source) = tx.resources().get(other.source).await? else { return Ok(()) };
        let Some(room) = tx.rooms().get(other.room).await? else { return Ok(()) };
        let text = tx.resources().text(source.id).await?;
        let object = compose::stored(text.into(), &self.bounds.ical)?;
        copies::mirror(tx, self.cause(scene), scene, &source, &object, other.id, &room.name).await
    }
}
