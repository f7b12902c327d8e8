//! What every command needs: the configuration, the clock and the open database.

use crate::app;
use crate::booking::Bookings;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::id::Slug;
use crate::store::{Snapshot, Store};

use super::Common;
use super::failure::Failure;

/// An open house.
pub(super) struct Context {
    pub(super) bookings: Bookings,
}

impl Context {
    pub(super) async fn open(common: &Common) -> Result<Self, Failure> {
        let config = Config::load(common.config.as_deref())?;
        let bookings = app::open(&config, clock(common)?, false).await?;
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
