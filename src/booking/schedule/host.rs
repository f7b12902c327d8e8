//! The organizer's side of an attendee's copy: the text that decides, and wherever else it is shown.
//! RFC 6638, section 4.2.

use crate::domain::attendee::Address;
use crate::domain::channel::Channel;
use crate::domain::id::{CalendarId, ResourceId, RoomId, UserId};
use crate::ical::attach::managed_ids;
use crate::ical::scheduling::view;
use crate::ical::{CalendarObject, Limits};
use crate::store::{CalendarOwner, Resource, StoreError, Tx};

use super::super::access::user_at;
use super::super::compose;
use super::super::error::Error;
use super::super::scene::RESERVATIONS;
use super::common;
use super::people::{of, organizer};

/// The organizer of an attendee's copy, who invited the attendee.
#[derive(Clone, Debug)]
pub(in crate::booking) struct Host {
    pub(super) person: UserId,
    pub(super) inbox: CalendarId,
    /// The text that decides.
    pub(super) object: CalendarObject,
    /// The member with that text, then others that show it: in rooms, and in the organizer's own
    /// calendar. Each with the room whose calendar it is in.
    pub(super) shown: Vec<(Resource, Option<RoomId>)>,
}

impl Host {
    pub(super) fn calendars(&self) -> impl Iterator<Item = CalendarId> {
        self.shown.iter().map(|(shown, _)| shown.calendar).chain([self.inbox])
    }

    /// The members that show the event at its organizer's, the deciding one among them.
    pub(super) fn shown(&self) -> impl Iterator<Item = ResourceId> {
        self.shown.iter().map(|(shown, _)| shown.id)
    }

    /// The attachments that this attendee is shown.
    pub(super) fn attachments_for(&self, attendee: &[Address]) -> Result<Vec<String>, Error> {
        let Some(text) = view(&self.object, attendee, &common()) else { return Ok(Vec::new()) };
        Ok(managed_ids(&CalendarObject::parse(text, &Limits::none())?))
    }
}

/// `None` if nobody here has this address, or has no event with this UID, or did not invite
/// `attendee`: whoever asks learns no difference.
pub(super) async fn find(
    tx: &mut Tx<'_>,
    address: &Address,
    attendee: &[Address],
    uid: &str,
    limits: &Limits,
) -> Result<Option<Host>, Error> {
    let Some(user) = user_at(tx, address).await? else { return Ok(None) };
    let Some(mailbox) = tx.scheduling().mailboxes(&[user.id]).await?.pop() else { return Ok(None) };
    let own = tx.resources().of_people(&[user.id], uid).await?;
    let mut source = own
        .into_iter()
        .map(|(_, own)| own)
        .find(|own| own.reservation.is_none() && own.schedule_tag.is_some());
    for reservation in tx.reservations().of_owner(user.id, uid).await? {
        // What is booked directly decides, and is mirrored.
        if source.is_none() && reservation.channel == Channel::Direct {
            source = tx.resources().get(reservation.source).await?;
        }
    }
    let Some(source) = source.filter(|source| source.schedule_tag.is_some() && source.component == "VEVENT")
    else {
        return Ok(None);
    };
    let text = tx.resources().text(source.id).await?;
    let object = compose::stored(text.into(), limits)?;
    let is_organized = organizer(&object)
        .is_some_and(|organizer| of(&user, std::slice::from_ref(&organizer)).contains(&organizer));
    if !is_organized || view(&object, attendee, &common()).is_none() {
        return Ok(None);
    }
    let shown = shown(tx, user.id, source).await?;
    Ok(Some(Host { person: user.id, inbox: mailbox.inbox, object, shown }))
}

async fn shown(
    tx: &mut Tx<'_>,
    person: UserId,
    source: Resource,
) -> Result<Vec<(Resource, Option<RoomId>)>, StoreError> {
    let own_calendar = tx.calendars().named(person, RESERVATIONS).await?.map(|calendar| calendar.id);
    let home = tx.calendars().get(source.calendar).await?.map(|calendar| calendar.owner);
    let room = match home {
        Some(CalendarOwner::Room(room)) => Some(room),
        _ => None,
    };
    let mut shown = vec![(source, room)];
    for reservation in tx.reservations().decided_by(shown[0].0.id).await? {
        let calendar = tx.calendars().of_room(reservation.room).await?.map(|calendar| calendar.id);
        for (calendar, room) in [(calendar, Some(reservation.room)), (own_calendar, None)] {
            let Some(calendar) = calendar else { continue };
            let member = tx.resources().showing(calendar, reservation.id).await?;
            if let Some(member) = member.filter(|member| shown.iter().all(|(known, _)| known.id != member.id))
            {
                shown.push((member, room));
            }
        }
    }
    Ok(shown)
}
