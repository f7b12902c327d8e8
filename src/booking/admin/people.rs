//! Accounts: made with a default calendar each, changed, locked out.

use crate::booking::{Bookings, RESERVATIONS};
use crate::domain::attendee::Address;
use crate::domain::id::{Slug, UserId};
use crate::domain::time::Instant;
use crate::domain::user::User;
use crate::store::{CalendarOwner, NewUser, Tx};

use super::{AdminError, Change};

impl Bookings {
    /// Adds a person with the calendar that shows all reservations of that person.
    ///
    /// # Errors
    /// `Refused` if the login is taken, or an address is somebody's.
    pub async fn add_user(&self, new: NewUser) -> Result<UserId, AdminError> {
        self.make(AddUser(new)).await
    }
}

struct AddUser(NewUser);

impl Change for AddUser {
    type Done = UserId;

    async fn make(&self, tx: &mut Tx<'_>, now: Instant) -> Result<UserId, AdminError> {
        let new = &self.0;
        if tx.users().by_login(&new.login).await?.is_some() {
            return Err(AdminError::refused(format!("there is a user {} already", new.login)));
        }
        addresses_are_free(tx, None, &new.addresses).await?;
        let user = tx.users().add(new, now).await?;
        tx.calendars().create(CalendarOwner::Person(user), RESERVATIONS, now).await?;
        Ok(user)
    }
}

/// The person with this login, or a sentence.
pub(super) async fn user(tx: &mut Tx<'_>, login: &Slug) -> Result<User, AdminError> {
    let found = tx.users().by_login(login).await?;
    found.ok_or_else(|| AdminError::refused(format!("there is no user {login}")))
}

/// Refuses addresses that are another person's or a room's: an address means one of them (R25).
pub(super) async fn addresses_are_free(
    tx: &mut Tx<'_>,
    but: Option<UserId>,
    addresses: &[Address],
) -> Result<(), AdminError> {
    for (address, owner) in tx.users().by_addresses(addresses).await? {
        if Some(owner) != but {
            let login = tx.users().get(owner).await?.map(|user| user.login.to_string()).unwrap_or_default();
            return Err(AdminError::refused(format!("{} is the address of {login}", plain(&address))));
        }
    }
    if let Some((address, _)) = tx.rooms().by_addresses(addresses).await?.first() {
        return Err(AdminError::refused(format!("{} is the address of a room", plain(address))));
    }
    Ok(())
}

/// An address as people write it.
pub(super) fn plain(address: &Address) -> &str {
    address.mail().unwrap_or(address.as_str())
}
