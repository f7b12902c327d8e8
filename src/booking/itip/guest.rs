//! Organizers without an account: where a room takes their invitations (`external`), each is a guest, who
//! owns reservations, cannot sign in and is found by nobody. Of their events only so much is stored as
//! `keep` says (R106).

use crate::domain::attendee::Address;
use crate::domain::id::Slug;
use crate::domain::settings::{External, Keep, Settings};
use crate::domain::space::Room;
use crate::domain::time::Instant;
use crate::ical::scheduling::{Kept, reduced};
use crate::ical::{CalendarObject, Limits};
use crate::store::{CalendarOwner, INBOX, StoreError, Tx, Work};

use super::super::access::RoomState;
use super::super::error::Error;
use super::super::mask;
use super::super::scene::RESERVATIONS;
use super::letter::Letter;

/// Whether any of these rooms takes invitations from outside.
pub(super) fn is_taken(rooms: &[RoomState]) -> bool {
    rooms.iter().any(|room| room.rules.settings.external != External::Refuse)
}

/// Somebody without an account who is to own something.
pub(super) struct NewGuest {
    address: Address,
    name: String,
    now: Instant,
}

impl NewGuest {
    pub(super) fn of(letter: &Letter, rooms: &[RoomState], now: Instant) -> Self {
        let address = letter.reply_to().clone();
        let mail = address.mail().unwrap_or(address.as_str()).to_owned();
        let keep = kept(rooms.iter().map(|room| &room.rules.settings));
        let name = letter.speaker.name.clone().filter(|name| keep.organizer && !name.trim().is_empty());
        let name = name.unwrap_or(if keep.organizer { mail } else { "Guest".to_owned() });
        Self { address, name: name.chars().take(200).collect(), now }
    }
}

impl Work for NewGuest {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        if tx.users().guest_at(&self.address).await?.is_some() {
            return Ok(());
        }
        let login = Slug::parse(&format!("guest-{}", mask::new_key()));
        let login = login.map_err(|bad| StoreError::Inconsistent(bad.to_string()))?;
        let guest = tx.users().add_guest(&login, &self.name, &self.address, self.now).await?;
        for (name, kinds) in [(RESERVATIONS, "VEVENT"), (INBOX, "")] {
            tx.calendars().create(CalendarOwner::Person(guest), name, kinds, self.now).await?;
        }
        Ok(())
    }
}

/// The least that any of the rooms keeps.
fn kept<'a>(rooms: impl Iterator<Item = &'a Settings>) -> Kept {
    let all: Vec<&Keep> = rooms.map(|settings| &settings.keep).collect();
    let every = |test: fn(&Keep) -> bool| all.iter().all(|keep| test(keep));
    Kept {
        title: every(|keep| keep.title),
        organizer: every(|keep| keep.organizer),
        attendee_count: every(|keep| keep.attendee_count),
        description: every(|keep| keep.description),
        attachments: every(|keep| keep.attachments),
    }
}

/// A guest's event as it is stored: with the lines of all its rooms, and of the pools at these addresses.
pub(super) fn stored(
    object: &CalendarObject,
    (rooms, pools): (&[RoomState], &[Address]),
    limits: &Limits,
) -> Result<CalendarObject, Error> {
    let mut addresses: Vec<Address> = rooms.iter().flat_map(|room| Room::addresses(&room.room)).collect();
    addresses.extend_from_slice(pools);
    let text = reduced(object, kept(rooms.iter().map(|room| &room.rules.settings)), &addresses);
    Ok(CalendarObject::parse(text, limits)?)
}
