//! Occurrences that lose their place to something stronger: a hard block, a change of data (R92, R131,
//! R132). Never without confirmation: what would be lost is told first, and what is told is what is lost,
//! because it is looked up again in the transaction that takes it.
//!
//! What is lost becomes `displaced`. The texts of all calendars follow as if a manager had cancelled it, and
//! each organizer gets one message with the reason and what could be booked instead.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::channel::Channel;
use crate::domain::id::{ReservationId, ResourceId, Slug, SpaceId, UserId};
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::Reason;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::state::OccurrenceState;
use crate::domain::time::{Instant, Period, Zone};
use crate::store::{Reservation, StoreError, Tx, Work};
use crate::text::Why;

use super::actor::Actor;
use super::cancel::source;
use super::compose;
use super::delete::{Delete, DeleteWork};
use super::error::Error;
use super::old_slots::{Restored, handed_back_to, has_waiting, restored, taken_back};
use super::orphans::title_for_managers;
use super::put::{Purpose, Put, PutWork};
use super::record::Cause;
use super::scene::{Locks, Lookup, Scene};
use super::schedule::Told;
use super::taken::{Lost, tell};
use super::{Bookings, Bounds, MAX_TRIES};

/// One occurrence that loses its place, for whoever has to confirm it.
#[derive(Clone, Debug)]
pub struct Displaced {
    /// Of which reservation.
    pub reservation: ReservationId,
    /// In which room.
    pub room: Slug,
    /// Where its clock stands.
    pub zone: Zone,
    /// The login of whose it is.
    pub owner: String,
    /// What the owner calls it.
    pub summary: String,
    /// When it would be.
    pub period: Period,
    /// Whether it is of whole days.
    pub all_day: bool,
}

/// What came of something that may displace.
#[derive(Clone, Debug)]
pub enum Displacing<T> {
    /// Nothing was changed: these would lose their places, and nobody has confirmed it.
    Needs(Vec<Displaced>),
    /// It was done, and these lost their places.
    Done(T, Vec<Displaced>),
}

/// The occurrences of one reservation that lose their place, each by key and state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) reservation: ReservationId,
    pub(super) occurrences: Vec<(RecurrenceId, OccurrenceState)>,
}

/// Something that takes rooms from occurrences.
pub(super) trait Taking: Send + Sync + 'static {
    /// What is made.
    type Done: Send + 'static;
    /// Why it was not.
    type Error: From<Error> + From<StoreError> + Send + 'static;

    /// Whether it is to be tried again because something changed meanwhile.
    fn is_moved(error: &Self::Error) -> bool;

    /// The spaces it is about.
    fn spaces(&self) -> &[SpaceId];

    /// The rule that lets it, and the reason as the organizers are told it.
    fn why(&self) -> (&'static str, Why<'_>);

    /// What becomes of the occurrences, and why.
    fn becomes(&self) -> (OccurrenceState, Reason) {
        (OccurrenceState::Displaced, Reason::Displaced)
    }

    /// Who loses what, by key of the reservation. Asked before the transaction and again in it.
    fn hits(
        &self,
        tx: &mut Tx<'_>,
        now: Instant,
    ) -> impl Future<Output = Result<Vec<Hit>, Self::Error>> + Send;

    /// Takes, once the claims of all hits are gone.
    fn take(
        &self,
        tx: &mut Tx<'_>,
        now: Instant,
    ) -> impl Future<Output = Result<Self::Done, Self::Error>> + Send;
}

impl Bookings {
    /// Takes, if nobody loses anything by it or that is `confirmed`.
    pub(super) async fn displace<T: Taking>(
        &self,
        actor: &Actor,
        taking: T,
        confirmed: bool,
    ) -> Result<Displacing<T::Done>, T::Error> {
        let taking = Arc::new(taking);
        for _ in 0..MAX_TRIES {
            let now = self.now();
            let mut snapshot = self.store.snapshot().await?;
            let mut tx = snapshot.tx();
            let hits = taking.hits(&mut tx, now).await?;
            let lost = describe(&mut tx, &hits).await?;
            drop(snapshot);
            if !lost.is_empty() && !confirmed {
                return Ok(Displacing::Needs(lost));
            }
            let (_, reason) = taking.becomes();
            let texts = Box::pin(self.texts(actor, (&hits, reason), now)).await?;
            let locks = texts
                .iter()
                .fold(Locks { spaces: taking.spaces().to_vec(), calendars: Vec::new() }, |locks, text| {
                    locks.and(text.locks())
                });
            let (actor, taking) = (actor.clone(), Arc::clone(&taking));
            match Box::pin(self.store.write(DisplaceWork { actor, taking, hits, texts, locks, now })).await {
                Err(error) if T::is_moved(&error) => {}
                Err(error) => return Err(error),
                Ok(done) => return Ok(Displacing::Done(done, lost)),
            }
        }
        Err(StoreError::Retry("it kept changing".to_owned()).into())
    }

    /// What must be written anew, each deciding text once.
    async fn texts(
        &self,
        actor: &Actor,
        (hits, reason): (&[Hit], Reason),
        now: Instant,
    ) -> Result<Vec<Text>, Error> {
        let mut seen: Vec<ResourceId> = Vec::new();
        let mut texts = Vec::new();
        for hit in hits {
            let mut snapshot = self.store.snapshot().await?;
            let mut tx = snapshot.tx();
            let Some(reservation) = tx.reservations().get(hit.reservation).await? else {
                return Err(Error::Moved);
            };
            if seen.contains(&reservation.source) || tx.resources().get(reservation.source).await?.is_none() {
                continue;
            }
            seen.push(reservation.source);
            let decided = tx.reservations().decided_by(reservation.source).await?;
            let booked = decided.into_iter().find(|one| one.channel == Channel::Direct);
            let reservation = booked.unwrap_or(reservation);
            let (source, target) = source(&mut tx, &reservation).await?;
            let actor = in_charge(actor);
            let text = tx.resources().text(source.id).await?;
            let object = compose::stored(text.into(), &self.bounds.ical)?;
            let terms = (now, &self.bounds.ical);
            let back = Box::pin(taken_back(&mut tx, &reservation, hits, &object, terms)).await?;
            if back.is_none() && is_gone(&mut tx, &reservation, hits).await? {
                let delete = Delete { lost: Some(reason), ..Delete::new(actor, target, &source.name) };
                let lookup = Lookup {
                    actor: &delete.actor,
                    target,
                    name: &source.name,
                    object: None,
                    owner: None,
                    told: Told::Changes,
                    limits: &self.bounds.ical,
                };
                let locks = Box::pin(Scene::load(&mut tx, lookup)).await?.locks();
                drop(snapshot);
                let work = DeleteWork { delete, locks, bounds: Arc::<Bounds>::clone(&self.bounds), now };
                texts.push(Text::Removed(source.id, source.etag, Box::new(work)));
                continue;
            }
            drop(snapshot);
            let (object, restored) = back.unwrap_or((object, Vec::new()));
            let put = Put { purpose: Purpose::Refresh, ..Put::new(actor, target, &source.name, object) };
            let put = Put { based_on: Some(source.etag), ..put };
            let prepared = self.prepare(&put, now).await?;
            let bounds = Arc::<Bounds>::clone(&self.bounds);
            let put = Box::new(PutWork { put, prepared, bounds, now, cancels: None });
            texts.push(Text::Refreshed(put, (reservation.id, restored)));
        }
        Ok(texts)
    }
}

/// Who sees every text as it is, under the name of whoever takes.
fn in_charge(actor: &Actor) -> Actor {
    Actor { login: actor.signature(), name: actor.name.clone(), peer: actor.peer, ..Actor::operator() }
}

/// How the calendars follow.
enum Text {
    /// The deciding text shows what is left, and the dates that a booking has again (R74).
    Refreshed(Box<PutWork>, (ReservationId, Restored)),
    /// Of a direct booking nothing is left: its member goes, as it was.
    Removed(ResourceId, String, Box<DeleteWork>),
}

impl Text {
    fn locks(&self) -> &Locks {
        match self {
            Self::Refreshed(put, _) => &put.prepared.locks,
            Self::Removed(.., delete) => &delete.locks,
        }
    }

    async fn write(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        match self {
            Self::Refreshed(put, _) => Box::pin(put.run_locked(tx)).await.map(drop),
            Self::Removed(source, etag, delete) => {
                let current = tx.resources().get(*source).await?;
                if current.is_none_or(|current| current.etag != *etag) {
                    return Err(Error::Moved);
                }
                Box::pin(delete.run_locked(tx)).await.map(drop)
            }
        }
    }
}

/// Whether a direct booking has nothing left, neither past dates nor some that are still to be claimed.
async fn is_gone(tx: &mut Tx<'_>, reservation: &Reservation, hits: &[Hit]) -> Result<bool, StoreError> {
    if reservation.channel != Channel::Direct || reservation.rolling {
        return Ok(false);
    }
    let hit = hits.iter().find(|hit| hit.reservation == reservation.id);
    let is_hit = |facts: &OccurrenceFacts| hit.is_some_and(|hit| hit.has(facts));
    let all = tx.occurrences().of(reservation.id).await?;
    let is_kept = |facts: &OccurrenceFacts| {
        matches!(facts.state, OccurrenceState::Confirmed | OccurrenceState::Held) && !is_hit(facts)
    };
    Ok(!all.iter().any(|stored| is_kept(&stored.facts)))
}

/// For whoever has to confirm it, by time.
pub(super) async fn describe(tx: &mut Tx<'_>, hits: &[Hit]) -> Result<Vec<Displaced>, StoreError> {
    let mut lost = Vec::new();
    for hit in hits {
        let Some(reservation) = tx.reservations().get(hit.reservation).await? else { continue };
        let Some(room) = tx.rooms().get(reservation.room).await? else { continue };
        let owner = tx.users().get(reservation.owner).await?;
        let owner = owner.map(|user| user.login.to_string()).unwrap_or_default();
        let all = tx.occurrences().of(reservation.id).await?;
        let all: Vec<OccurrenceFacts> = all.into_iter().map(|stored| stored.facts).collect();
        for facts in all.iter().filter(|facts| hit.has(facts) && is_somebodys(facts, &all)) {
            lost.push(Displaced {
                reservation: reservation.id,
                room: room.slug.clone(),
                zone: room.zone.clone(),
                owner: owner.clone(),
                summary: reservation.summary.clone(),
                period: facts.period,
                all_day: facts.all_day,
            });
        }
    }
    lost.sort_by_key(|lost| (lost.period, lost.reservation));
    Ok(lost)
}

/// An old slot is somebody's while what waits in its place is not decided (R74).
fn is_somebodys(facts: &OccurrenceFacts, all: &[OccurrenceFacts]) -> bool {
    facts.state != OccurrenceState::Grace || has_waiting(facts, all)
}

struct DisplaceWork<T> {
    actor: Actor,
    taking: Arc<T>,
    hits: Vec<Hit>,
    texts: Vec<Text>,
    locks: Locks,
    now: Instant,
}

impl<T: Taking> Work for DisplaceWork<T> {
    type Done = T::Done;
    type Error = T::Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<T::Done, T::Error> {
        tx.lock_in_order(&self.locks.spaces, &self.locks.calendars).await?;
        if self.taking.hits(tx, self.now).await? != self.hits {
            // Others than those that were looked at.
            return Err(Error::Moved.into());
        }
        let cause = Cause { actor: &self.actor, channel: "direct", now: self.now };
        let (rule, why) = self.taking.why();
        let mut lost: BTreeMap<UserId, Vec<Lost>> = BTreeMap::new();
        for hit in &self.hits {
            let becomes = (self.taking.becomes(), rule);
            let one = Box::pin(mark(tx, cause, hit, self.restored(hit), becomes)).await?;
            if !one.dates.is_empty() {
                lost.entry(one.reservation.owner).or_default().push(one);
            }
        }
        let done = self.taking.take(tx, self.now).await?;
        for text in &self.texts {
            text.write(tx).await?;
        }
        for (owner, lost) in lost {
            tell(tx, cause, owner, &lost, why).await?;
        }
        Ok(done)
    }
}

impl<T> DisplaceWork<T> {
    /// The dates that the text of a booking says again, as it was prepared.
    fn restored(&self, hit: &Hit) -> &[(RecurrenceId, Period)] {
        let of_hit = |text: &Text| match text {
            Text::Refreshed(_, (reservation, _)) => *reservation == hit.reservation,
            Text::Removed(..) => false,
        };
        match self.texts.iter().find(|text| of_hit(text)) {
            Some(Text::Refreshed(_, (_, restored))) => restored,
            _ => &[],
        }
    }
}

/// The claims go, the occurrences stay on record (R2, R150). What has begun is cut to now (R87). The old slot of
/// what waited is had again, or goes with it (R74).
async fn mark(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    hit: &Hit,
    prepared: &[(RecurrenceId, Period)],
    ((state, reason), rule): ((OccurrenceState, Reason), &str),
) -> Result<Lost, Error> {
    let reservation = tx.reservations().get(hit.reservation).await?.ok_or(Error::Moved)?;
    let spaces: Vec<(SpaceId, i64)> = tx
        .spaces()
        .of_room(reservation.room)
        .await?
        .into_iter()
        .map(|space| (space.id, space.units))
        .collect();
    let all: Vec<OccurrenceFacts> =
        tx.occurrences().of(reservation.id).await?.into_iter().map(|stored| stored.facts).collect();
    let mut backs = handed_back_to(tx, hit, cause.now).await?;
    let is_back = !prepared.is_empty();
    if is_back && restored(&backs) != prepared {
        return Err(Error::Moved);
    }
    backs.retain(|back| back.state == OccurrenceState::Grace || is_back);
    let dates: Vec<OccurrenceFacts> =
        all.iter().filter(|facts| hit.takes(facts, &backs) && is_somebodys(facts, &all)).cloned().collect();
    for facts in &dates {
        cause.released(tx, reservation.room, &reservation.uid, facts, reason, rule).await?;
    }
    let becomes = |facts: OccurrenceFacts| {
        let back = backs.iter().find(|back| back.id == facts.id).cloned();
        let is_booked = back.as_ref().is_some_and(|back| back.state == OccurrenceState::Confirmed);
        match facts.state {
            OccurrenceState::Grace if is_booked || hit.takes(&facts, &backs) => None,
            OccurrenceState::Grace => Some(back.unwrap_or(facts)),
            OccurrenceState::Held if is_booked => back,
            _ if hit.has(&facts) => Some(lost(&facts, (state, reason), cause.now)),
            _ => Some(facts),
        }
    };
    let left: Vec<OccurrenceFacts> = all.into_iter().filter_map(becomes).collect();
    let because = cause.because((reservation.room, &reservation.uid), rule, reason);
    tx.occurrences().replace(reservation.id, reservation.room, &spaces, &left, &because).await?;
    let title = title_for_managers(tx, &reservation).await?;
    Ok(Lost { reservation, title, dates, is_back })
}

fn lost(
    facts: &OccurrenceFacts,
    (state, reason): (OccurrenceState, Reason),
    now: Instant,
) -> OccurrenceFacts {
    let mut lost =
        OccurrenceFacts { claim: None, expires_at: None, reason: Some(reason), state, ..facts.clone() };
    if lost.period.start < now {
        lost.state = OccurrenceState::Released;
        lost.period.end = now;
    }
    lost
}

/// The occurrences that these claims belong to, by reservation.
pub(super) async fn hits_of(
    tx: &mut Tx<'_>,
    claims: impl IntoIterator<Item = &crate::domain::claim::Claim>,
) -> Result<Vec<Hit>, StoreError> {
    let mut wanted: BTreeMap<ReservationId, Vec<crate::domain::id::OccurrenceId>> = BTreeMap::new();
    for claim in claims {
        wanted.entry(claim.reservation).or_default().push(claim.occurrence);
    }
    let mut hits = Vec::with_capacity(wanted.len());
    for (reservation, keys) in wanted {
        let all = tx.occurrences().of(reservation).await?;
        let mut occurrences: Vec<_> = all
            .iter()
            .filter(|stored| keys.contains(&stored.id))
            .map(|stored| (stored.facts.id, stored.facts.state))
            .collect();
        occurrences.sort_unstable_by_key(|(id, state)| (*id, state.as_str()));
        hits.push(Hit { reservation, occurrences });
    }
    Ok(hits)
}
