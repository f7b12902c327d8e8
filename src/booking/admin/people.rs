//! Accounts: made with a default calendar each, changed, locked out; and what they sign in with.

use crate::booking::{Actor, Bookings, RESERVATIONS, orphans};
use crate::domain::attendee::Address;
use crate::domain::id::{Slug, UserId};
use crate::domain::time::Instant;
use crate::domain::user::{Access, Refusals, User};
use crate::store::{CalendarOwner, INBOX, NewAppPassword, NewUser, Tx};

use super::room_groups::is_no_groups;
use super::{AdminError, Change, delegates};

/// One thing that is set about a person.
#[derive(Clone, Debug)]
pub enum UserChange {
    /// The full name.
    Name(String),
    /// All addresses, the preferred one first.
    Addresses(Vec<Address>),
    /// `en`, `de`, or whatever the client prefers.
    Language(Option<String>),
    /// How refusals are answered.
    Refusals(Refusals),
    /// May do everything.
    Admin(bool),
    /// Who may read, or write, in that person's name.
    Delegates(Access, Vec<Slug>),
}

/// A device that gets a password of its own; the secret is made by the caller.
#[derive(Clone)]
pub struct NewDevice {
    /// The part of the password by which it is found.
    pub public_id: String,
    /// SHA-256 of the secret part, in hexadecimal.
    pub secret_hash: String,
    /// What its owner calls it.
    pub label: String,
    /// How refusals are answered to it, if that was said.
    pub mode: Option<Refusals>,
}

impl Bookings {
    /// Adds a person with an inbox, and the calendar that shows all reservations of that person.
    ///
    /// # Errors
    /// `Refused` if the login is taken, or an address is somebody's.
    pub async fn add_user(&self, new: NewUser) -> Result<UserId, AdminError> {
        self.make(AddUser(new)).await
    }

    /// Sets several things about a person at once, or none of them.
    ///
    /// # Errors
    /// `Refused` if there is no such person, or an address is somebody else's.
    pub async fn set_user(&self, login: Slug, changes: Vec<UserChange>) -> Result<(), AdminError> {
        self.make(SetUser { login, changes }).await
    }

    /// Replaces the hash of a person's password and ends sign-ins that are remembered; `None`
    /// leaves only app passwords.
    ///
    /// # Errors
    /// `Refused` if there is no such person.
    pub async fn set_password(&self, login: Slug, hash: Option<String>) -> Result<(), AdminError> {
        self.make(SetPassword { login, hash }).await
    }

    /// Locks a person out, or lets one in again.
    ///
    /// # Errors
    /// `Refused` if there is no such person.
    pub async fn set_disabled(&self, login: Slug, disabled: bool) -> Result<(), AdminError> {
        self.make(SetDisabled { login, disabled }).await
    }

    /// Adds a password for one device, and gives the key by which it can be revoked.
    ///
    /// # Errors
    /// `Refused` if there is no such person.
    pub async fn add_app_password(&self, login: Slug, device: NewDevice) -> Result<i64, AdminError> {
        self.make(AddAppPassword { login, device }).await
    }

    /// Ends the password of one device.
    ///
    /// # Errors
    /// `Refused` if the person has no such one.
    pub async fn revoke_app_password(&self, login: Slug, id: i64) -> Result<(), AdminError> {
        self.make(Revoke { login, id }).await
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
        tx.calendars().create(CalendarOwner::Person(user), RESERVATIONS, "VEVENT", now).await?;
        tx.calendars().create(CalendarOwner::Person(user), INBOX, "", now).await?;
        Ok(user)
    }
}

struct SetUser {
    login: Slug,
    changes: Vec<UserChange>,
}

impl Change for SetUser {
    type Done = ();

    async fn make(&self, tx: &mut Tx<'_>, now: Instant) -> Result<(), AdminError> {
        let mut user = user_to_change(tx, &self.login).await?;
        for change in self.changes.clone() {
            match change {
                UserChange::Name(name) => user.name = name,
                UserChange::Addresses(addresses) => user.addresses = addresses,
                UserChange::Language(language) => user.language = language,
                UserChange::Refusals(refusals) => user.refusals = refusals,
                UserChange::Admin(admin) => user.admin = admin,
                UserChange::Delegates(access, logins) => {
                    let mut people = Vec::with_capacity(logins.len());
                    for login in &logins {
                        people.push(self::user(tx, login).await?.id);
                    }
                    delegates::set(tx, &Actor::operator(), &user, (access, &people), now).await?;
                }
            }
        }
        addresses_are_free(tx, Some(user.id), &user.addresses).await?;
        Ok(tx.users().update(&user).await?)
    }
}

struct SetPassword {
    login: Slug,
    hash: Option<String>,
}

impl Change for SetPassword {
    type Done = ();

    async fn make(&self, tx: &mut Tx<'_>, _: Instant) -> Result<(), AdminError> {
        let user = user(tx, &self.login).await?;
        Ok(tx.credentials().set_password(user.id, self.hash.as_deref()).await?)
    }
}

struct SetDisabled {
    login: Slug,
    disabled: bool,
}

impl Change for SetDisabled {
    type Done = ();

    async fn make(&self, tx: &mut Tx<'_>, now: Instant) -> Result<(), AdminError> {
        let user = user(tx, &self.login).await?;
        tx.credentials().set_disabled(user.id, self.disabled).await?;
        if self.disabled {
            Ok(orphans::orphan(tx, &Actor::operator(), &user, now).await?)
        } else {
            Ok(tx.reservations().adopt(user.id).await?)
        }
    }
}

struct AddAppPassword {
    login: Slug,
    device: NewDevice,
}

impl Change for AddAppPassword {
    type Done = i64;

    async fn make(&self, tx: &mut Tx<'_>, now: Instant) -> Result<i64, AdminError> {
        let user = user(tx, &self.login).await?.id;
        let NewDevice { public_id, secret_hash, label, mode } = self.device.clone();
        let new = NewAppPassword { user, public_id, secret_hash, label, mode };
        Ok(tx.credentials().add_app_password(&new, now).await?)
    }
}

struct Revoke {
    login: Slug,
    id: i64,
}

impl Change for Revoke {
    type Done = ();

    async fn make(&self, tx: &mut Tx<'_>, _: Instant) -> Result<(), AdminError> {
        let user = user(tx, &self.login).await?;
        if tx.credentials().revoke(user.id, self.id).await? {
            return Ok(());
        }
        Err(AdminError::refused(format!("{} has no app password {}", self.login, self.id)))
    }
}

/// The same for a change: changes of one person wait for each other at the calendar that everybody has.
pub(super) async fn user_to_change(tx: &mut Tx<'_>, login: &Slug) -> Result<User, AdminError> {
    let before = user(tx, login).await?;
    if let Some(own) = tx.calendars().named(before.id, RESERVATIONS).await? {
        tx.lock_in_order(&[], &[own.id]).await?;
    }
    user(tx, login).await
}

/// The person with this login, or a sentence.
pub(super) async fn user(tx: &mut Tx<'_>, login: &Slug) -> Result<User, AdminError> {
    let found = tx.users().by_login(login).await?;
    found.ok_or_else(|| AdminError::refused(format!("there is no user {login}")))
}

/// Refuses addresses that are another person's, a room's or a room group's: an address means one of them (R25).
async fn addresses_are_free(
    tx: &mut Tx<'_>,
    but: Option<UserId>,
    addresses: &[Address],
) -> Result<(), AdminError> {
    for (position, address) in addresses.iter().enumerate() {
        if addresses[..position].contains(address) {
            return Err(AdminError::refused(format!("{} is given twice", plain(address))));
        }
        is_no_groups(tx, address).await?;
    }
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
