//! The command line: one file per family of commands. They read arguments, ask `booking` and
//! `store`, and print; what may be done and what may not is decided there.
//!
//! Exit code 0: done; 1: refused or failed, with one clear line on standard error; 2: wrong usage.

mod app_password;
mod audit;
mod backup;
mod block;
mod check;
mod context;
mod demo;
mod displaced;
mod failure;
mod group;
mod import;
mod notices;
mod output;
mod reservation;
mod room;
mod room_find;
mod room_group;
mod secret;
mod serve;
mod times;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use context::Context;
use failure::Failure;
use output::Output;

/// A `CalDAV` server that exposes a room-reservation database as calendars.
#[derive(Debug, Parser)]
#[command(name = "roomdav", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Common {
    /// The configuration; without it config.toml in the working directory, if there is one
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    json: bool,
    /// For tests: the time is the RFC 3339 instant in this file, read again whenever it is asked
    #[arg(long, global = true, value_name = "FILE")]
    test_clock: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve,
    /// Make a throw-away building on an empty database, and serve it
    Demo,
    /// Bring the schema of the database up to date
    Migrate(serve::Migrate),
    /// Put a backup in the place of the database, or say what one holds
    Restore(backup::Restore),
    #[command(flatten)]
    Beside(Beside),
}

/// What runs beside a server.
#[derive(Debug, Subcommand)]
enum Beside {
    /// People
    #[command(subcommand)]
    User(user::Command),
    /// Groups of people
    #[command(subcommand)]
    Group(group::Command),
    /// Rooms
    #[command(subcommand)]
    Room(room::Command),
    /// Closed times of rooms
    #[command(subcommand)]
    Block(block::Command),
    /// Reservations
    #[command(subcommand)]
    Reservation(reservation::Command),
    /// Messages to people
    #[command(subcommand)]
    Notices(notices::Command),
    /// Take an iCalendar file into a room
    Import(import::Import),
    /// A room's calendar as one iCalendar file
    Export(import::Export),
    /// Decisions
    Audit(audit::Audit),
    /// Whether the whole database keeps what it promises
    Check,
    /// Write the whole database into a new file, beside a running server
    Backup(backup::Backup),
}

/// Runs the command of the process's arguments, and says with which code the process ends.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => {
            // Nobody is left to be told where even this cannot be printed.
            let _ = usage.print();
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2));
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => return Failure::from(cause).tell(),
    };
    match runtime.block_on(carry_out(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

async fn carry_out(cli: Cli) -> Result<(), Failure> {
    let Cli { common, command } = cli;
    let beside = match command {
        Command::Serve => return serve::serve(&common).await,
        Command::Demo => return Box::pin(demo::run(&common)).await,
        Command::Migrate(asked) => return serve::migrate(&common, asked).await,
        Command::Restore(asked) => return backup::run_restore(&common, asked).await?.print(common.json),
        Command::Beside(command) => command,
    };
    let context = Context::open(&common).await?;
    let done = look_after(&context, beside).await;
    context.close().await;
    done?.print(common.json)
}

async fn look_after(context: &Context, command: Beside) -> Result<Output, Failure> {
    match command {
        Beside::User(command) => user::run(context, command).await,
        Beside::Group(command) => group::run(context, command).await,
        Beside::Room(command) => room::run(context, command).await,
        Beside::Block(command) => block::run(context, command).await,
        Beside::Reservation(command) => reservation::run(context, command).await,
        Beside::Notices(command) => notices::run(context, command).await,
        Beside::Import(asked) => import::import(context, asked).await,
        Beside::Export(asked) => import::export(context, asked).await,
        Beside::Check => check::run(context).await,
        Beside::Backup(asked) => backup::backup(context, asked).await,
        Beside::Audit(asked) => audit::run(context, asked).await,
    }
}
