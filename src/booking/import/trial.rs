//! One write of an import, tried in a transaction: what it changes is kept, or only looked at.
//!
//! What comes to what is there already leaves no trace at all, so that a file can be taken twice.
//! R32, R133.

use crate::booking::compose;
use crate::booking::error::Error;
use crate::booking::outcome::Outcome;
use crate::booking::put::{Put, PutWork};
use crate::booking::{Bookings, MAX_TRIES};
use crate::domain::claim::Claim;
use crate::domain::id::{OccurrenceId, ReservationId, RoomId, UserId};
use crate::domain::state::OccurrenceState;
use crate::domain::time::{Instant, Period};
use crate::ical::{CalendarObject, content_hash};
use crate::store::{Resource, StoreError, Tx, Work};

/// What came of one write.
pub(super) struct Tried {
    pub(super) outcome: Outcome,
    /// Whether anything is different from before.
    pub(super) change: Change,
    /// Whose the event is.
    pub(super) owner: Option<UserId>,
    /// Some of it waits for a manager.
    pub(super) waits: bool,
    /// The reservations that it has, with what they claim.
    pub(super) reservations: Vec<ReservationId>,
    pub(super) claims: Vec<Claim>,
    /// What is confirmed or waits: whose, where and when.
    pub(super) held: Vec<(UserId, RoomId, Period)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Some,
    /// What is there says the same.
    None,
    /// What is there is newer.
    Newer,
    /// What is there shows an event of another calendar.
    Elsewhere,
}

/// A write with the room into whose calendar it goes.
struct Trial {
    work: PutWork,
    room: RoomId,
}

/// Why nothing of a write is kept.
enum Undone {
    Unchanged(Box<Tried>),
    Failed(Error),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Bookings {
    /// Carries out one write of an import.
    ///
    /// # Errors
    /// As of [`Bookings::put`].
    pub(super) async fn take(&self, put: Put, room: RoomId) -> Result<Tried, Error> {
        let put = put.explained(&self.bounds)?;
        for tries in 1..=MAX_TRIES {
            let work = Box::pin(self.work_of(&put, tries == MAX_TRIES)).await?;
            match self.store.write(Trial { work, room }).await {
                Ok(tried) => return Ok(tried),
                Err(Undone::Unchanged(tried)) => return Ok(*tried),
                Err(Undone::Failed(Error::Moved)) => {}
                Err(Undone::Failed(error)) => return Err(error),
            }
        }
        Err(Error::Store(StoreError::Retry("it kept changing".to_owned())))
    }
}

impl Work for Trial {
    type Done = Tried;
    type Error = Undone;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Tried, Undone> {
        self.work.lock(tx).await.map_err(Undone::Failed)?;
        let tried = Box::pin(tried(tx, &self.work, self.room)).await.map_err(Undone::Failed)?;
        match tried.change {
            Change::Some => Ok(tried),
            Change::None | Change::Newer | Change::Elsewhere => Err(Undone::Unchanged(Box::new(tried))),
        }
    }
}

/// Writes with everything locked, and says what that came to.
pub(super) async fn tried(tx: &mut Tx<'_>, work: &PutWork, room: RoomId) -> Result<Tried, Error> {
    let uid = work.put.object.uid().as_str();
    let before = shown(tx, room, uid).await?;
    if let Some((member, text)) = &before
        && let Some(change) = stands(tx, work, member, text).await?
    {
        return Ok(Tried {
            change,
            owner: Some(member.owner),
            ..Tried::of(Outcome::stored(false, None, None))
        });
    }
    let mut tried = Tried::of(Box::pin(work.run_locked(tx)).await?);
    if matches!(tried.outcome, Outcome::Refused(_)) {
        return Ok(tried);
    }
    let after = shown(tx, room, uid).await?;
    if let (Some((old, old_text)), Some((new, new_text))) = (before, &after) {
        let says_the_same = old.etag == new.etag || hash(work, old_text)? == hash(work, new_text.clone())?;
        tried.change = if says_the_same { Change::None } else { Change::Some };
    }
    if let Some((member, _)) = after {
        tried.look(tx, &member).await?;
    }
    Ok(tried)
}

/// Why what is there is not written over, if it is not.
async fn stands(
    tx: &mut Tx<'_>,
    work: &PutWork,
    member: &Resource,
    text: &[u8],
) -> Result<Option<Change>, Error> {
    if let Some(shown) = member.reservation
        && let Some(shown) = tx.reservations().get(shown).await?
        && shown.source != member.id
    {
        return Ok(Some(Change::Elsewhere));
    }
    let there = compose::stored(text.to_vec().into(), &work.bounds.ical)?;
    let new = &work.put.object;
    if age(&there) <= age(new) {
        return Ok(None);
    }
    Ok(Some(if content_hash(&there) == content_hash(new) { Change::None } else { Change::Newer }))
}

/// By which of two versions the newer is found (RFC 5546, section 2.1.5).
fn age(object: &CalendarObject) -> (Option<i64>, Option<Instant>) {
    let sequence = object.event().ok().and_then(|event| event.parts().map(|part| part.sequence).max());
    (sequence, object.stamp())
}

/// What a text says, without what programs write anew with each export.
fn hash(work: &PutWork, text: Vec<u8>) -> Result<[u8; 32], Error> {
    Ok(content_hash(&compose::stored(text.into(), &work.bounds.ical)?))
}

/// The member of a room's calendar with this UID, and its text.
async fn shown(tx: &mut Tx<'_>, room: RoomId, uid: &str) -> Result<Option<(Resource, Vec<u8>)>, StoreError> {
    let Some(calendar) = tx.calendars().of_room(room).await? else { return Ok(None) };
    let Some(member) = tx.resources().with_uid(calendar.id, uid).await? else { return Ok(None) };
    let text = tx.resources().text(member.id).await?;
    Ok(Some((member, text)))
}

impl Tried {
    fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            change: Change::Some,
            owner: None,
            waits: false,
            reservations: Vec::new(),
            claims: Vec::new(),
            held: Vec::new(),
        }
    }

    /// Notes what the event has now.
    async fn look(&mut self, tx: &mut Tx<'_>, member: &Resource) -> Result<(), StoreError> {
        self.owner = Some(member.owner);
        let Some(shown) = member.reservation else { return Ok(()) };
        let Some(shown) = tx.reservations().get(shown).await? else { return Ok(()) };
        for reservation in tx.reservations().decided_by(shown.source).await? {
            self.reservations.push(reservation.id);
            let spaces = tx.spaces().of_room(reservation.room).await?;
            for stored in tx.occurrences().of(reservation.id).await? {
                let facts = stored.facts;
                self.waits |= facts.state == OccurrenceState::Held;
                if matches!(facts.state, OccurrenceState::Confirmed | OccurrenceState::Held) {
                    self.held.push((reservation.owner, reservation.room, facts.period));
                }
                let Some((occupied, units)) = facts.claim else { continue };
                self.claims.extend(spaces.iter().map(|space| Claim {
                    space: space.id,
                    occupied,
                    units,
                    occurrence: OccurrenceId::new(0),
                    reservation: reservation.id,
                    holder: reservation.owner,
                }));
            }
        }
        Ok(())
    }
}
