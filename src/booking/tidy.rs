//! What happens by the clock: series that go on are claimed further (R65), grace claims and
//! declined copies end, second nudges are given (R3.7), recurring blocks are laid out further.
//!
//! Each step is a transaction of its own and may be repeated; `jobs` says when.

use crate::domain::id::{BlockId, ReservationId, UserId};
use crate::domain::time::Instant;
use crate::ical::CalendarObject;
use crate::store::{StoreError, Tx, Work};
use crate::text::Language;

use super::Bookings;
use super::actor::Actor;
use super::block;
use super::cancel::source;
use super::error::Error;
use super::put::{Purpose, Put};

/// Refusals are remembered this long: as long as a program may repeat them.
const REFUSAL_SECS: i64 = 90 * 86_400;

impl Bookings {
    /// Everything that is due within minutes.
    ///
    /// # Errors
    /// When the database cannot do it; what was done stays done.
    pub async fn tidy(&self) -> Result<(), Error> {
        let now = self.now();
        self.store.write(Tidy(now)).await
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
        let object = CalendarObject::parse(text.into(), &self.bounds.ical)?;
        let put = Put { purpose: Purpose::Extend, ..Put::new(actor, target, &source.name, object) };
        // What its owner writes meanwhile is claimed up to the same day by itself.
        self.put(Put { based_on: Some(source.etag), ..put }).await.map(|_| true)
    }
}

/// The person as an actor; `None` if the account is off (R66) or gone.
///
/// # Errors
/// When the database cannot answer.
pub(super) async fn person(tx: &mut Tx<'_>, id: UserId) -> Result<Option<Actor>, StoreError> {
    let Some(user) = tx.users().get(id).await?.filter(|user| !user.disabled) else { return Ok(None) };
    actor(tx, &user, Language::default()).await.map(Some)
}

/// An account as an actor, answered in its own language, else in `language`.
///
/// # Errors
/// When the database cannot answer.
pub async fn actor(
    tx: &mut Tx<'_>,
    user: &crate::domain::user::User,
    language: Language,
) -> Result<Actor, StoreError> {
    let groups = tx.groups().of_user(user.id).await?;
    let group_names = if groups.is_empty() {
        Vec::new()
    } else {
        let all = tx.groups().list().await?;
        all.into_iter()
            .filter(|group| groups.contains(&group.id))
            .map(|group| group.name.to_string())
            .collect()
    };
    Ok(Actor {
        user: Some(user.id),
        login: user.login.to_string(),
        name: user.name.clone(),
        admin: user.admin,
        groups,
        group_names,
        language: user.language.as_deref().and_then(Language::from_tag).unwrap_or(language),
    })
}

struct Tidy(Instant);

impl Work for Tidy {
    type Done = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let now = self.0;
        tx.occurrences().expire(now).await?;
        for copy in tx.resources().due_for_purge(now).await? {
            tx.resources().delete(copy.id).await?;
            if let Some(reader) = copy.reader {
                tx.lock_in_order(&[], &[copy.calendar]).await?;
                tx.nudges().nudge(reader, copy.calendar, &copy.name, now, None).await?;
            }
        }
        for (reader, calendar, name) in tx.nudges().due(now).await? {
            tx.lock_in_order(&[], &[calendar]).await?;
            tx.nudges().nudge(reader, calendar, &name, now, None).await?;
        }
        Ok(tx.refusals().prune(now.plus(-REFUSAL_SECS)).await?)
    }
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
