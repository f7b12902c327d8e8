//! `serve` and `migrate`.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use crate::app::{self, Reached};
use crate::config::Config;
use crate::server::start_log;
use crate::store::{Safety, upgrade};

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
    let bookings = app::open(&config, clock).await?;
    app::begin(&config, &bookings).await?;
    Ok(app::serve(&config, bookings, greet).await?)
}

/// The one line that says where the server is.
pub(super) fn greet(reached: &Reached) {
    let Reached { local, public } = reached;
    let name = if public == local { String::new() } else { format!(" as {public}") };
    say(&format!("roomdav serves {local}{name}"));
}

#[derive(Debug, Args)]
pub(super) struct Migrate {
    /// Write a backup into this file first; without it one is made beside an SQLite file
    #[arg(long, value_name = "FILE", conflicts_with = "no_backup")]
    backup: Option<PathBuf>,
    /// Make no backup
    #[arg(long)]
    no_backup: bool,
}

/// Brings the schema up to date.
pub(super) async fn migrate(common: &Common, asked: Migrate) -> Result<(), Failure> {
    let config = Config::load(common.config.as_deref())?;
    let safety = match asked.backup {
        Some(file) => Safety::At(file),
        None if asked.no_backup => Safety::None,
        None => Safety::Usual,
    };
    let done = upgrade(&config.database.url, &safety, clock(common)?.now()).await?;
    if let Some(file) = &done.backup {
        say(&format!("what was there is in {}", file.display()));
    }
    let (from, to) = (done.from, done.to);
    let step =
        if from == to { format!("is schema {to}") } else { format!("went from schema {from} to {to}") };
    say(&format!("the schema is up to date in {}: it {step}", config.database.shown()));
    Ok(())
}

/// Prints a line; a reader that has gone is no reason to stop serving.
pub(super) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
