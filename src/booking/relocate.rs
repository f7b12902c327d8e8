//! Move a member to another calendar, or give it another name: take, then free; if the new place
//! refuses, nothing changes (R84).
//! RFC 6638, section 3.2.3.4.

use crate::domain::expected::Expected;
use crate::ical::{CalendarObject, Limits};
use crate::store::{Resource, StoreError, Tx, Work};

use super::actor::Actor;
use super::compose;
use super::delete::{DeleteWork, Removal};
use super::error::Error;
use super::outcome::{About, Outcome};
use super::put::{Put, PutWork};
use super::record::{Cause, Effect, Member};
use super::scene::{Home, Locks, Lookup, Scene, Target, find_member, version_for};
use super::schedule::Told;
use super::{Bookings, Delete, MAX_TRIES};

/// Move one member.
#[derive(Clone, Debug)]
pub struct Move {
    /// Who moves.
    pub actor: Actor,
    /// From which calendar and name.
    pub from: (Target, String),
    /// Into which calendar and name.
    pub to: (Target, String),
    /// What the caller believes about the member.
    pub expected: Expected,
    /// Whether a member that is already there may be replaced.
    pub overwrite: bool,
}

impl Move {
    fn lookup<'a>(&'a self, limits: &'a Limits) -> Lookup<'a> {
        let (target, name) = (self.from.0, self.from.1.as_str());
        Lookup { actor: &self.actor, target, name, object: None, owner: None, told: Told::Nothing, limits }
    }

    fn put(&self, object: CalendarObject) -> Put {
        let expected = if self.overwrite { Expected::default() } else { Expected::absent() };
        Put { expected, ..Put::new(self.actor.clone(), self.to.0, &self.to.1, object) }
    }
}

impl Bookings {
    /// Carries out a [`Move`].
    ///
    /// # Errors
    /// `Missing` if there is no such member, `Stale` if it is another one, or if something is in
    /// the way that may not be replaced.
    pub async fn relocate(&self, command: Move) -> Result<Outcome, Error> {
        command.actor.check_writes()?;
        for _ in 0..MAX_TRIES {
            let now = self.now();
            let mut snapshot = self.store.snapshot().await?;
            let mut tx = snapshot.tx();
            let scene = Box::pin(Scene::load(&mut tx, command.lookup(&self.bounds.ical))).await?;
            let (origin, from) = origin(&scene, &command)?;
            let text = tx.resources().text(origin.id).await?;
            drop(snapshot);
            let object = compose::stored(text.into(), &self.bounds.ical)?;
            let mut put = command.put(object);
            put.moves = Some(origin.id);
            put.gives_up = scene.reservations.iter().map(|reservation| reservation.id).collect();
            let prepared = Box::pin(self.prepare(&put, now)).await?;
            let locks = scene.locks().and(&prepared.locks);
            let bounds = self.bounds.clone();
            let delete = Delete { moves: true, ..Delete::new(command.actor.clone(), from, &origin.name) };
            let delete = DeleteWork { delete, locks: locks.clone(), bounds: bounds.clone(), now };
            let put = PutWork { put, prepared, bounds, now, cancels: None };
            let work = MoveWork { command: command.clone(), origin, locks, put, delete };
            match Box::pin(self.store.write(work)).await {
                Err(Error::Moved) => {}
                done => return done,
            }
        }
        Err(Error::Store(StoreError::Retry("it kept changing".to_owned())))
    }
}

/// The member that is given up, and the calendar it is in: of a mirror the booking itself, which is
/// in a room's calendar.
fn origin(scene: &Scene, command: &Move) -> Result<(Resource, Target), Error> {
    let current = scene.current.clone().ok_or(Error::Missing)?;
    match (&scene.home, &scene.source) {
        (Home::Room(room), Some(source)) if source.id != current.id && scene.room.is_none() => {
            Ok((source.clone(), Target::Room(room.room.id)))
        }
        // Hidden names stay what the actor knows them by.
        _ => Ok((Resource { name: command.from.1.clone(), ..current }, command.from.0)),
    }
}

struct MoveWork {
    command: Move,
    /// As it was when its text was read.
    origin: Resource,
    locks: Locks,
    put: PutWork,
    delete: DeleteWork,
}

impl Work for MoveWork {
    type Done = Outcome;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Outcome, Error> {
        tx.lock_in_order(&self.locks.spaces, &self.locks.calendars).await?;
        let scene = Box::pin(Scene::load(tx, self.command.lookup(&self.put.bounds.ical))).await?;
        let current = scene.current.clone().ok_or(Error::Missing)?;
        let actor = &self.command.actor;
        let version = version_for(tx, &current, scene.room.as_ref(), actor).await?;
        if !self.command.expected.is_met(version.as_deref(), current.schedule_tag.as_deref()) {
            return Err(Error::Stale);
        }
        let (origin, _) = origin(&scene, &self.command)?;
        if (origin.id, &origin.etag) != (self.origin.id, &self.origin.etag) {
            return Err(Error::Moved);
        }
        if !scene.may_change(actor) {
            // Refused as the cancellation that it contains.
            return Box::pin(self.delete.run_locked(tx)).await.and_then(outcome);
        }
        if actor.user.is_some() && !actor.is(current.owner) {
            // It would become the mover's, with everything that he may not see of it (R84, R101).
            return Err(Error::ReadOnlySource);
        }
        if scene.is_copy_of_invitation() {
            // The room is changed where the event is.
            return Err(Error::ReadOnlySource);
        }
        if self.command.from.0 == self.command.to.0 {
            return Box::pin(self.rename(tx, &scene)).await;
        }
        let there = Box::pin(Scene::load(tx, self.put_lookup())).await?;
        let same = |a: &Scene, b: &Scene| match (&a.source, &b.source) {
            (Some(a), Some(b)) => a.id == b.id,
            _ => false,
        };
        if same(&scene, &there) {
            if matches!(self.command.to.0, Target::Room(_)) {
                // It is there already.
                return Err(Error::NameTaken);
            }
            return Box::pin(self.take_home(tx)).await;
        }
        shows_no_other(&there)?;
        match Box::pin(self.put.run_locked(tx)).await? {
            Outcome::Refused(mut refusal) => {
                refusal.about = About::Move;
                if let Some(user) = actor.user {
                    tx.nudges().nudge(user, current.calendar, &current.name, self.put.now, None).await?;
                }
                Ok(Outcome::Refused(refusal))
            }
            stored => match outcome(Box::pin(self.delete.run_locked(tx)).await?)? {
                // The source may not be left: then nothing was taken either.
                Outcome::Refused(_) => Err(Error::ReadOnlySource),
                _ => Ok(created(stored, there.current.is_none())),
            },
        }
    }
}

impl MoveWork {
    fn put_lookup(&self) -> Lookup<'_> {
        self.put.put.lookup(&self.put.bounds)
    }

    /// Out of the room, into the owner's own calendar, which showed it already.
    async fn take_home(&self, tx: &mut Tx<'_>) -> Result<Outcome, Error> {
        let removed = outcome(Box::pin(self.delete.run_locked(tx)).await?)?;
        if matches!(removed, Outcome::Refused(_)) {
            return Ok(removed);
        }
        // Another booking with this UID is shown there by now.
        shows_no_other(&Box::pin(Scene::load(tx, self.put_lookup())).await?)?;
        Box::pin(self.put.run_locked(tx)).await.map(|outcome| created(outcome, false))
    }

    /// Another name in the same calendar.
    async fn rename(&self, tx: &mut Tx<'_>, scene: &Scene) -> Result<Outcome, Error> {
        let current = scene.current.clone().ok_or(Error::Missing)?;
        let (_, name) = &self.command.to;
        // Neither a name that is taken, nor one under which the actor knows somebody's member (D-35).
        let actor = &self.command.actor;
        let known = find_member(tx, &scene.calendar, scene.room.as_ref(), actor, name).await?;
        let is_taken = known.is_some() || tx.resources().named(current.calendar, name).await?.is_some();
        if is_taken || current.reader.is_some() {
            return Err(Error::NameTaken);
        }
        tx.resources().rename(current.id, name).await?;
        let cause = Cause { actor: &self.command.actor, channel: "direct", now: self.put.now };
        let room = scene.room.as_ref().map(|room| room.room.id);
        cause.changed(tx, Member::of(&current, room).removed(), Effect::TEXT).await?;
        let renamed = tx.resources().get(current.id).await?.ok_or(Error::Missing)?;
        cause.changed(tx, Member::of(&renamed, room), Effect::TEXT).await?;
        let version = version_for(tx, &renamed, scene.room.as_ref(), &self.command.actor).await?;
        Ok(Outcome::stored(true, version, renamed.schedule_tag))
    }
}

/// What shows a booking is not overwritten: that would give the booking up by the way.
fn shows_no_other(there: &Scene) -> Result<(), Error> {
    let is_elsewhere = there.source.as_ref().is_some_and(|source| source.calendar != there.calendar.id);
    if is_elsewhere { Err(Error::NameTaken) } else { Ok(()) }
}

/// What is shown of an invitation in a room's calendar cannot be taken out of it.
fn outcome(removal: Removal) -> Result<Outcome, Error> {
    match removal {
        Removal::Done(outcome) => Ok(*outcome),
        Removal::OfInvitation(_) | Removal::Declined(..) => Err(Error::ReadOnlySource),
    }
}

fn created(outcome: Outcome, created: bool) -> Outcome {
    match outcome {
        Outcome::Stored { version, schedule_tag, .. } => Outcome::stored(created, version, schedule_tag),
        other => other,
    }
}
