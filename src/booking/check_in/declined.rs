//! Meetings to which nobody comes: where all whom the organizer invited have declined, he is offered to give
//! the room back; by itself it is only given back where the room says so (R98).

use crate::domain::attendee::{Address, Attendee, PartStat};
use crate::domain::event::{Event, Part};
use crate::domain::link::Purpose;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::recurrence::{RecurrenceId, original_start};
use crate::domain::state::OccurrenceState;
use crate::domain::time::{Instant, Zone};
use crate::domain::user::User;
use crate::store::{self, Reservation, Tx};
use crate::text::{self, Attendance, Message};

use super::super::access::{RoomState, visible_rooms};
use super::super::actor::Actor;
use super::super::cancel::Cancel;
use super::super::compose;
use super::super::error::Error;
use super::super::link;
use super::super::record::Cause;
use super::super::{Bookings, Bounds};
use super::{about, known};

/// Nearer to its start nobody is asked any more: somebody may be on the way.
const AHEAD_SECS: i64 = 10 * 60;

/// Offers the dates of a reservation to be given back of which everybody has declined.
pub(in crate::booking) async fn offer(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    reservation: &Reservation,
    room: &RoomState,
    bounds: &Bounds,
) -> Result<(), Error> {
    let Some(facts) = next_declined(tx, reservation, room, cause.now, bounds).await? else { return Ok(()) };
    let row = known(tx, reservation.id, &facts).await?;
    if row.declined_at.is_some() {
        return Ok(());
    }
    tx.check_ins().set(&store::CheckIn { declined_at: Some(cause.now), ..row }).await?;
    let language = cause.language_for(tx, reservation.owner).await?;
    let when = text::when(language, &facts.period, facts.all_day, &room.rules.zone);
    let message = Attendance::AllDeclined { room: &room.room.name, title: &reservation.summary, when: &when };
    let link = link::of_owner(reservation, Purpose::GiveBack, facts.id, facts.period.end);
    let (about, key) = about(reservation, &facts, "all-declined");
    Ok(cause.tell_with(tx, reservation.owner, about, key, &Message::Attendance(message), vec![link]).await?)
}

/// The next date that is far enough ahead, if everybody has declined it.
async fn next_declined(
    tx: &mut Tx<'_>,
    reservation: &Reservation,
    room: &RoomState,
    now: Instant,
    bounds: &Bounds,
) -> Result<Option<OccurrenceFacts>, Error> {
    if tx.resources().get(reservation.source).await?.is_none() {
        return Ok(None);
    }
    let text = tx.resources().text(reservation.source).await?;
    let object = compose::stored(text.into(), &bounds.ical)?;
    let Ok(event) = object.event() else { return Ok(None) };
    if !event.parts().flat_map(|part| &part.attendees).any(|attendee| attendee.partstat == PartStat::Declined)
    {
        return Ok(None);
    }
    let mut hosts = room.room.addresses();
    hosts.extend(tx.users().get(reservation.owner).await?.iter().flat_map(User::all_addresses));
    let all = tx.occurrences().of(reservation.id).await?.into_iter().map(|stored| stored.facts);
    let is_ahead = |facts: &OccurrenceFacts| {
        facts.state == OccurrenceState::Confirmed && facts.period.start > now.plus(AHEAD_SECS)
    };
    let is_declined = |facts: &OccurrenceFacts| {
        part_of(event, facts.id, &room.rules.zone).is_some_and(|part| all_declined(part, &hosts))
    };
    Ok(all.into_iter().find(|facts| is_ahead(facts) && is_declined(facts)))
}

/// The part that describes an occurrence, as far as it has one of its own.
fn part_of<'a>(event: &'a Event, occurrence: RecurrenceId, zone: &Zone) -> Option<&'a Part> {
    let own = event.overrides.iter().find(|part| {
        let id = part.recurrence_id.as_ref();
        !part.this_and_future && id.map(|id| original_start(event, id, zone)) == occurrence.instant()
    });
    own.or(event.master.as_ref())
}

/// Whether somebody was invited, and all of them have declined. `hosts`: the organizer and the room.
fn all_declined(part: &Part, hosts: &[Address]) -> bool {
    let is_host = |attendee: &Attendee| {
        let is = |address: &Address| hosts.contains(address) || Some(address) == part.organizer.as_ref();
        attendee.addresses().any(is)
    };
    let mut invited = part.attendees.iter().filter(|it| it.individual && !is_host(it)).peekable();
    invited.peek().is_some() && invited.all(|attendee| attendee.partstat == PartStat::Declined)
}

impl Bookings {
    /// Gives back what everybody has declined, in rooms that say so (R98).
    pub(super) async fn release_declined(&self) -> Result<(), Error> {
        let now = self.now();
        let operator = Actor::operator();
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let mut due = Vec::new();
        let rooms = visible_rooms(&mut tx, &operator).await?;
        for room in rooms.iter().filter(|room| room.rules.settings.declined_release) {
            for id in tx.check_ins().declined(room.room.id, now.plus(AHEAD_SECS)).await? {
                let Some(reservation) = tx.reservations().get(id).await? else { continue };
                // Somebody may have changed his mind.
                let found = next_declined(&mut tx, &reservation, room, now, &self.bounds).await?;
                due.extend(found.map(|facts| (id, facts.id)));
            }
        }
        drop(snapshot);
        for (reservation, occurrence) in due {
            let actor = Actor { name: "roomdav".to_owned(), ..operator.clone() };
            let cancel = Cancel { actor, reservation, occurrence: occurrence.instant() };
            super::missed::skip_missing(reservation, self.cancel(cancel).await.map(drop));
        }
        Ok(())
    }
}
