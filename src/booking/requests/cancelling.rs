//! A row that cancels: as a DELETE in the calendar of the room by its organizer, or as that person's
//! cancellation of one date (section 11; R57, R87 to R89).

use crate::booking::access::{RoomState, room_state};
use crate::booking::actor::Actor;
use crate::booking::error::Error;
use crate::booking::mask::name_in;
use crate::booking::outcome::{About, Outcome};
use crate::booking::record::Cause;
use crate::booking::refuse;
use crate::booking::scene::{Target, view_of};
use crate::booking::{Bookings, Cancel, Delete};
use crate::domain::id::ReservationId;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::{Failure, Reason};
use crate::domain::request::{Fault, moment};
use crate::domain::time::Instant;
use crate::store::{Request, Tx, Work};

use super::{Asking, Failed};

/// What is to be cancelled, as the organizer finds it.
struct Matter {
    room: RoomState,
    uid: String,
    /// The name of the member in the room's calendar.
    name: String,
    is_entitled: bool,
    dates: Vec<OccurrenceFacts>,
}

impl Bookings {
    pub(super) async fn cancel_for_request(
        &self,
        row: &Request,
        actor: Actor,
        reservation: ReservationId,
        occurrence: Option<&str>,
    ) -> Result<Outcome, Failed> {
        let at = occurrence.map(|text| moment(text, row.zone.as_deref())).transpose()?;
        let mut snapshot = self.store.snapshot().await?;
        let found = Matter::find(&mut snapshot.tx(), &actor, reservation).await?;
        drop(snapshot);
        let matter = found.ok_or_else(|| Fault::NoReservation(reservation.get()))?;
        let asking = Asking { row: row.clone(), room: matter.room.room.id, uid: matter.uid.clone() };
        let actor = actor.asking(asking);
        let Some(at) = at.filter(|at| !matter.is_single_at(*at)) else {
            let delete = Delete::new(actor, Target::Room(matter.room.room.id), &matter.name);
            return Ok(Box::pin(self.delete(delete)).await?);
        };
        let now = self.now();
        let is_meant = |date: &&OccurrenceFacts| {
            date.id.instant() == Some(at) && date.state.claims() && date.period.end > now
        };
        let date = matter.dates.iter().find(is_meant);
        let date = date.ok_or_else(|| Fault::NoDate(occurrence.unwrap_or_default().to_owned()))?;
        if matter.is_entitled {
            let cancel = Cancel { actor, reservation, occurrence: Some(at) };
            return Ok(Box::pin(self.cancel(cancel)).await?);
        }
        let foreign =
            Foreign { actor: actor.clone(), room: matter.room, uid: matter.uid, date: date.clone(), now };
        Ok(self.carry_out(&actor, foreign).await?)
    }
}

impl Matter {
    /// `None` where there is no such reservation, or no member that the actor may see shows it.
    async fn find(tx: &mut Tx<'_>, actor: &Actor, id: ReservationId) -> Result<Option<Self>, Error> {
        let Some(reservation) = tx.reservations().get(id).await? else { return Ok(None) };
        let room = room_state(tx, reservation.room, actor).await?;
        let Some(room) = room.filter(RoomState::is_visible) else { return Ok(None) };
        let Some(member) = tx.resources().showing(room.calendar, id).await? else { return Ok(None) };
        let Some(view) = view_of(&member, Some(&room), actor) else { return Ok(None) };
        let dates = tx.occurrences().of(id).await?.into_iter().map(|date| date.facts).collect();
        Ok(Some(Self {
            is_entitled: actor.is(reservation.owner) || actor.admin || room.asker.manager,
            name: name_in(view, &member.name, &member.mask_key),
            uid: reservation.uid,
            room,
            dates,
        }))
    }

    /// A single event has no RECURRENCE-ID; its start names it all the same.
    fn is_single_at(&self, at: Instant) -> bool {
        let is_single = self.dates.iter().all(|date| date.id.instant().is_none());
        is_single && self.dates.iter().any(|date| date.period.start == at)
    }
}

/// One date of somebody else's reservation: refused as the removal of all of it would be.
struct Foreign {
    actor: Actor,
    room: RoomState,
    uid: String,
    date: OccurrenceFacts,
    now: Instant,
}

impl Work for Foreign {
    type Done = Outcome;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Outcome, Error> {
        let cause = Cause { actor: &self.actor, channel: "direct", now: self.now };
        let failure = Failure {
            reason: Reason::NotAllowed,
            id: self.date.id,
            period: self.date.period,
            all_day: self.date.all_day,
            conflict: None,
            bound: None,
        };
        cause.failed(tx, "refused", self.room.room.id, &self.uid, &failure).await?;
        let refusal = refuse::refusal(tx, cause, &self.room, About::ForeignDelete, vec![failure]).await?;
        Ok(Outcome::Refused(Box::new(refusal)))
    }
}
