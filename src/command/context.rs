//! What every command needs: the configuration, the clock and the open database.

use crate::app;
use crate::booking::{Actor, Bookings};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::id::Slug;
use crate::domain::settings::Principal;
use crate::domain::space::Room;
use crate::domain::user::User;
use crate::store::{Snapshot, Store, Tx};

use super::Common;
use super::failure::Failure;

/// An open house.
pub(super) struct Context {
    pub(super) bookings: Bookings,
}

impl Context {
    pub(super) async fn open(common: &Common) -> Result<Self, Failure> {
        let config = Config::load(common.config.as_deref())?;
        let bookings = app::open(&config, clock(common)?).await?;
        if !config.booking.is_empty() {
            bookings.set_defaults(&config.booking, false).await?;
        }
        Ok(Self { bookings })
    }

    pub(super) fn store(&self) -> &Store {
        self.bookings.store()
    }

    /// One view of the whole database.
    pub(super) async fn snapshot(&self) -> Result<Snapshot, Failure> {
        Ok(self.store().snapshot().await?)
    }

    pub(super) async fn close(&self) {
        self.store().close().await;
    }

    /// The room with this slug, also one that was removed.
    pub(super) async fn room(&self, slug: &Slug) -> Result<Room, Failure> {
        room(&mut self.snapshot().await?.tx(), slug).await
    }

    /// The person with this login, as the one who does something. What is printed is in English, whatever
    /// language the person is written to in.
    pub(super) async fn actor(&self, login: &Slug) -> Result<Actor, Failure> {
        let mut snapshot = self.snapshot().await?;
        let mut tx = snapshot.tx();
        let user = user(&mut tx, login).await?;
        let english = crate::text::Language::English;
        Ok(Actor { language: english, ..crate::booking::actor(&mut tx, &user, english).await? })
    }
}

/// The room with this slug, also one that was removed.
pub(super) async fn room(tx: &mut Tx<'_>, slug: &Slug) -> Result<Room, Failure> {
    let found = tx.rooms().by_slug(slug).await?;
    found.ok_or_else(|| Failure::new(format!("there is no room {slug}")))
}

/// The person with this login.
pub(super) async fn user(tx: &mut Tx<'_>, login: &Slug) -> Result<User, Failure> {
    let found = tx.users().by_login(login).await?;
    found.ok_or_else(|| Failure::new(format!("there is no user {login}")))
}

/// The clock that was asked for. A test clock must be readable now: later only the log would tell.
pub(super) fn clock(common: &Common) -> Result<Clock, Failure> {
    let Some(path) = &common.test_clock else { return Ok(Clock::system()) };
    let bad = |cause: String| Failure::new(format!("cannot read the test clock {}: {cause}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|cause| bad(cause.to_string()))?;
    text.trim().parse::<jiff::Timestamp>().map_err(|cause| bad(cause.to_string()))?;
    Ok(Clock::file(path.clone()))
}

/// Reads a login, a slug or a group's name as an argument.
pub(super) fn name(text: &str) -> Result<Slug, String> {
    Slug::parse(text).map_err(|bad| bad.to_string())
}

/// Reads a login or `group:NAME` as an argument.
pub(super) fn principal(text: &str) -> Result<Principal, String> {
    Principal::parse(text).ok_or_else(|| "a principal is a login or group:NAME".to_owned())
}

/// Reads `key=value` as an argument; the value may be empty.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| "must be key=value".to_owned())?;
    Ok((key.trim().to_owned(), value.to_owned()))
}
