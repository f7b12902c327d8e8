//! Whose the events of an import become: their organizers', where these have an account here and
//! whoever imports may give events to others; else that one's. D-36.

use std::collections::HashMap;

use crate::domain::attendee::Address;
use crate::domain::event::Event;
use crate::domain::id::UserId;
use crate::domain::space::Room;
use crate::domain::user::User;
use crate::store::{StoreError, Tx};
use crate::text::Language;

use super::note::Note;
use super::{Import, OwnerFrom};
use crate::booking::access::{room_state, user_at};
use crate::booking::actor::actor;

/// What is known of the organizers so far.
pub(super) struct Owners {
    /// Whether events may be given to others: by a manager of the room, or an administrator.
    may_give: bool,
    found: HashMap<Address, Found>,
}

/// What an address is here.
#[derive(Clone)]
enum Found {
    Nobody,
    /// The room itself, which organizes nothing.
    Room,
    Person {
        id: UserId,
        login: String,
        /// Why it cannot have events of the room.
        why_not: Option<&'static str>,
    },
}

impl Owners {
    /// # Errors
    /// When the database cannot answer.
    pub(super) async fn new(tx: &mut Tx<'_>, import: &Import) -> Result<Self, StoreError> {
        let room = room_state(tx, import.room.id, &import.actor).await?;
        let may_give = import.actor.user.is_some() && room.is_some_and(|room| room.asker.manager);
        Ok(Self { may_give, found: HashMap::new() })
    }

    /// Whose an event becomes, where that is for whoever imports to say, and what there is to say about it.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub(super) async fn of(
        &mut self,
        tx: &mut Tx<'_>,
        import: &Import,
        event: &Event,
    ) -> Result<(Option<UserId>, Option<Note>), StoreError> {
        let own = import.actor.user.filter(|_| self.may_give);
        let Some(organizer) = event.first().and_then(|part| part.organizer.clone()) else {
            return Ok((own, None));
        };
        let owner = || import.actor.login.clone();
        Ok(match self.find(tx, &import.room, &organizer).await? {
            Found::Room => (own, None),
            Found::Nobody => {
                let organizer = organizer.mail().unwrap_or(organizer.as_str()).to_owned();
                (own, Some(Note::Nobody { organizer, owner: owner() }))
            }
            Found::Person { id, .. } if import.actor.is(id) => (own, None),
            // It is refused, or not, like any event that names somebody else.
            Found::Person { .. } if !self.may_give => (None, None),
            Found::Person { login, .. } if import.owner_from == OwnerFrom::Importer => {
                (own, Some(Note::Cannot { organizer: login, why: "is not asked for", owner: owner() }))
            }
            Found::Person { login, why_not: Some(why), .. } => {
                (own, Some(Note::Cannot { organizer: login, why, owner: owner() }))
            }
            Found::Person { id, login, why_not: None } => (Some(id), Some(Note::Organizers(login))),
        })
    }

    async fn find(&mut self, tx: &mut Tx<'_>, room: &Room, address: &Address) -> Result<Found, StoreError> {
        if let Some(found) = self.found.get(address) {
            return Ok(found.clone());
        }
        let found = if room.addresses().contains(address) {
            Found::Room
        } else {
            match person_at(tx, address).await?.filter(|user| !user.guest) {
                Some(user) => {
                    let (id, login) = (user.id, user.login.to_string());
                    Found::Person { id, login, why_not: why_not(tx, room, &user).await? }
                }
                None => Found::Nobody,
            }
        };
        self.found.insert(address.clone(), found.clone());
        Ok(found)
    }
}

/// `LibreBooking` writes the address of whoever exports with `-noreply` in it (seen in 2.8).
async fn person_at(tx: &mut Tx<'_>, address: &Address) -> Result<Option<User>, StoreError> {
    if let Some(user) = user_at(tx, address).await? {
        return Ok(Some(user));
    }
    match address.as_str().split_once("-noreply@") {
        Some((name, host)) => user_at(tx, &Address::new(&format!("{name}@{host}"))).await,
        None => Ok(None),
    }
}

async fn why_not(tx: &mut Tx<'_>, room: &Room, user: &User) -> Result<Option<&'static str>, StoreError> {
    if user.disabled {
        return Ok(Some("has an account that is off"));
    }
    let person = actor(tx, user, Language::default()).await?;
    let sees = room_state(tx, room.id, &person).await?.is_some_and(|room| room.is_visible());
    Ok((!sees).then_some("may not know the room"))
}
