//! Rooms that an event had and does not ask for any more: they are free at once, but for what a new
//! room did not give instead, which is kept for a while (R57, R58, R84).

use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::Reason;
use crate::domain::state::OccurrenceState;
use crate::store::{Reservation, StoreError, Tx};

use super::access::RoomState;
use super::apply::Writing;
use super::compose::Answer;
use super::error::Error;
use super::record::{Effect, Member};

/// A room that is left.
pub(super) struct Left<'a> {
    reservation: &'a Reservation,
    room: &'a RoomState,
    /// What another room declined instead.
    is_missed: bool,
    kept: Vec<OccurrenceFacts>,
}

impl Writing<'_> {
    /// The rooms that are left, with what is kept there; to be asked before their claims go.
    pub(super) async fn rooms_left<'a>(
        &'a self,
        tx: &mut Tx<'_>,
        answers: impl Iterator<Item = &'a Answer> + Clone,
    ) -> Result<Vec<Left<'a>>, StoreError> {
        let mut left = Vec::new();
        for reservation in &self.scene.reservations {
            let is_asked = answers.clone().any(|answer| answer.id() == reservation.room);
            let Some(room) = self.scene.room(reservation.room).filter(|_| !is_asked) else { continue };
            let is_missed =
                answers.clone().any(|answer| !answer.is_held() || answer.decision.denied().count() > 0);
            let kept = if is_missed {
                self.in_grace(tx, reservation, room, answers.clone()).await?
            } else {
                Vec::new()
            };
            left.push(Left { reservation, room, is_missed, kept });
        }
        Ok(left)
    }

    /// What stays in grace: dates that some other room was asked for and did not give.
    async fn in_grace<'a>(
        &self,
        tx: &mut Tx<'_>,
        reservation: &Reservation,
        room: &RoomState,
        answers: impl Iterator<Item = &'a Answer> + Clone,
    ) -> Result<Vec<OccurrenceFacts>, StoreError> {
        let now = self.cause.now;
        let grace = room.rules.settings.reschedule_grace;
        let is_missed = |facts: &OccurrenceFacts| {
            answers.clone().any(|answer| {
                !answer.is_held() || answer.decision.denied().any(|denied| denied.id == facts.id)
            })
        };
        let is_kept = |facts: &OccurrenceFacts| {
            let is_held = facts.state == OccurrenceState::Confirmed && facts.claim.is_some();
            is_held && facts.period.end > now && grace > 0 && is_missed(facts)
        };
        let old = tx.occurrences().of(reservation.id).await?.into_iter().map(|stored| stored.facts);
        let kept = old.filter(is_kept).map(|facts| OccurrenceFacts {
            state: OccurrenceState::Grace,
            expires_at: Some(now.plus(grace)),
            ..facts
        });
        Ok(kept.collect())
    }

    /// Frees them.
    pub(super) async fn leave_rooms(&self, tx: &mut Tx<'_>, left: Vec<Left<'_>>) -> Result<(), Error> {
        for Left { reservation, room, is_missed, kept } in left {
            let rule = if is_missed { "R84" } else { "R57" };
            if let Some(shown) = tx.resources().showing(room.calendar, reservation.id).await? {
                tx.resources().delete(shown.id).await?;
                let member = Member::of(&shown, Some(reservation.room)).removed();
                self.cause.changed(tx, member, Effect::given_up(rule)).await?;
            }
            let about = (reservation.room, reservation.uid.as_str());
            let because = self.cause.because(about, rule, Reason::Cancelled);
            if kept.is_empty() {
                tx.reservations().delete(reservation.id, &because).await?;
            } else {
                let spaces = &room.rules.spaces;
                tx.occurrences().replace(reservation.id, reservation.room, spaces, &kept, &because).await?;
            }
        }
        Ok(())
    }
}
