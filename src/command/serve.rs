//! `serve` and `migrate`.

use std::io::Write as _;

use crate::app::{self, Reached};
use crate::config::Config;
use crate::server::start_log;

use super::Common;
use super::context::clock;
use super::failure::Failure;

/// Runs the server until it is told to stop.
pub(super) async fn serve(common: &Common) -> Result<(), Failure> {
    let config = Config::load(common.config.as_deref())?;
    let clock = clock(common)?;
    start_log(&config.log).map_err(Failure::new)?;
    if let Some(path) = &common.test_clock {
        tracing::warn!(path = %path.display(), "the time is read from a file; this is for tests only");
    }
    let bookings = app::open(&config, clock, false).await?;
    app::begin(&config, &bookings).await?;
    Ok(app::serve(&config, bookings, greet).await?)
}

/// The one line that says where the server is.
pub(super) fn greet(reached: &Reached) {
    let Reached { local, public } = reached;
    let name = if public == local { String::new() } else { format!(" as {public}") };
    say(&format!("roomdav serves {local}{name}"));
}

/// Brings the schema up to date.
pub(super) async fn migrate(common: &Common) -> Result<(), Failure> {
    let config = Config::load(common.config.as_deref())?;
    let bookings = app::open(&config, clock(common)?, true).await?;
    bookings.store().close().await;
    say(&format!("the schema is up to date in {}", config.database.shown()));
    Ok(())
}

/// Prints a line; a reader that has gone is no reason to stop serving.
pub(super) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
