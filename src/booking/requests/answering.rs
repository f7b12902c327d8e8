//! Commands that are carried out for a row: what becomes of it is written back in the transaction that
//! decides, so that a row is decided once, whatever dies in between and however many servers there are.

use crate::booking::Bookings;
use crate::booking::access::room_state;
use crate::booking::actor::Actor;
use crate::booking::delete::Removal;
use crate::booking::error::Error;
use crate::booking::outcome::{Outcome, Refusal};
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::{Failure, Reason};
use crate::domain::request::{Fault, RequestState};
use crate::domain::state::OccurrenceState;
use crate::domain::time::Instant;
use crate::store::{Answered, Asked, Reservation, StoreError, Taking, Tx, Work};
use crate::text::{self, Told};

use super::asking::Asking;

/// What a work comes to, as far as a row is concerned.
pub(in crate::booking) trait Decides {
    /// What was decided; `None`: nothing yet, another command follows.
    fn decided(&self) -> Option<&Outcome>;
}

impl Decides for Outcome {
    fn decided(&self) -> Option<&Outcome> {
        Some(self)
    }
}

impl Decides for Removal {
    fn decided(&self) -> Option<&Outcome> {
        match self {
            Self::Done(outcome) => Some(outcome),
            Self::OfInvitation(_) | Self::Declined(..) => None,
        }
    }
}

impl Bookings {
    /// Runs the work of a command of this actor; where he asks by a row, that is answered with it.
    ///
    /// # Errors
    /// The work's own, and `Elsewhere` where another server has the row, or it was decided.
    pub(in crate::booking) async fn carry_out<W>(&self, actor: &Actor, work: W) -> Result<W::Done, Error>
    where
        W: Work<Error = Error>,
        W::Done: Decides + Sync,
    {
        if actor.request.is_none() {
            return self.store.write(work).await;
        }
        self.store.write(Answering { work, actor: actor.clone(), now: self.now() }).await
    }
}

struct Answering<W> {
    work: W,
    actor: Actor,
    now: Instant,
}

impl<W> Work for Answering<W>
where
    W: Work<Error = Error>,
    W::Done: Decides + Sync,
{
    type Done = W::Done;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<W::Done, Error> {
        let Some(asking) = &self.actor.request else { return self.work.run(tx).await };
        if tx.requests().take(&asking.row).await? != Taking::Ours {
            return Err(Error::Elsewhere);
        }
        let done = self.work.run(tx).await?;
        if let Some(outcome) = done.decided() {
            let answered = Box::pin(answered(tx, &self.actor, asking, outcome)).await?;
            tx.requests().answer(asking.row.id, &answered, self.now).await?;
        }
        Ok(done)
    }
}

async fn answered(
    tx: &mut Tx<'_>,
    actor: &Actor,
    asking: &Asking,
    outcome: &Outcome,
) -> Result<Answered, StoreError> {
    match (outcome, &asking.row.asked) {
        (Outcome::Refused(refusal), _) => Ok(refused(refusal)),
        (Outcome::Stored { .. } | Outcome::Removed, Asked::Cancel { reservation, .. }) => {
            let reservation = Some((*reservation, asking.uid.clone()));
            Ok(Answered { reservation, ..plain(RequestState::Cancelled) })
        }
        (Outcome::Stored { .. } | Outcome::Removed, Asked::Book { .. }) => {
            let stored = tx.reservations().in_room(asking.room, &asking.uid).await?;
            let lost = || StoreError::Inconsistent(format!("request {} has no reservation", asking.row.id));
            booked(tx, actor, &stored.ok_or_else(lost)?).await
        }
    }
}

/// What the room gave, by the dates that are stored now.
async fn booked(tx: &mut Tx<'_>, actor: &Actor, stored: &Reservation) -> Result<Answered, StoreError> {
    let dates = tx.occurrences().of(stored.id).await?.into_iter().map(|date| date.facts);
    let dates: Vec<OccurrenceFacts> = dates.collect();
    let waits = dates.iter().any(|date| date.state == OccurrenceState::Held);
    let lost: Vec<Failure> = dates.iter().filter_map(failure).collect();
    let state = match (waits, lost.is_empty()) {
        (true, _) => RequestState::Held,
        (false, true) => RequestState::Booked,
        (false, false) => RequestState::PartlyBooked,
    };
    let sentence = match room_state(tx, stored.room, actor).await? {
        Some(room) if !lost.is_empty() => {
            let told: Vec<Told<'_>> = lost.iter().map(|failure| Told { failure, holder: None }).collect();
            Some(text::refusal(actor.language, &room.about(), &told))
        }
        _ => waits.then(|| text::link::waits(actor.language).to_owned()),
    };
    let reservation = Some((stored.id, stored.uid.clone()));
    let reason = lost.first().map(|failure| failure.reason);
    Ok(Answered { reason, sentence, reservation, ..plain(state) })
}

/// A date that was not given.
fn failure(date: &OccurrenceFacts) -> Option<Failure> {
    (date.state == OccurrenceState::Declined).then(|| Failure {
        reason: date.reason.unwrap_or(Reason::Busy),
        id: date.id,
        period: date.period,
        all_day: date.all_day,
        conflict: None,
        bound: None,
    })
}

fn refused(refusal: &Refusal) -> Answered {
    let mut conflicts = refusal.failures.iter().filter_map(|failure| failure.conflict.as_ref());
    Answered {
        reason: Some(refusal.reason),
        sentence: Some(refusal.sentence.clone()),
        conflict: conflicts.next().map(|conflict| conflict.occurrence),
        ..plain(RequestState::Refused)
    }
}

const fn plain(state: RequestState) -> Answered {
    Answered { state, reason: None, sentence: None, conflict: None, reservation: None }
}

impl Answered {
    /// Refused before any rule was asked.
    pub(super) fn refused(fault: &Fault, sentence: String) -> Self {
        Self { reason: Some(fault.reason()), sentence: Some(sentence), ..plain(RequestState::Refused) }
    }
}
