//! `demo`: a throw-away building to try a calendar program with.
//!
//! Only an empty database becomes one, and it is marked as such; another one that is filled is
//! left alone. Each start gives everybody a new password, and the former ones end.

mod house;
mod week;

use std::fmt::Write as _;

use crate::app::{self, Reached};
use crate::booking::Bookings;
use crate::config::{Config, Log, LogFormat};
use crate::credentials::{hash_password, random_password};
use crate::server::start_log;
use crate::store::{StoreError, Tx, Work};

use super::Common;
use super::context::clock;
use super::failure::Failure;
use super::serve::{greet, say};

/// Makes the building where there is none, and serves.
pub(super) async fn run(common: &Common) -> Result<(), Failure> {
    let config = Config::load(common.config.as_deref())?;
    start_log(&log(&config.log)).map_err(Failure::new)?;
    let bookings = app::open(&config, clock(common)?).await?;
    // Before anything is set in it: it may be somebody's.
    if !own(&bookings).await? {
        return Err(Failure::new(format!(
            "{} is in use and was not made by \"demo\"; set database.url to another one",
            config.database.shown()
        )));
    }
    app::begin(&config, &bookings).await?;
    house::make(&bookings).await?;
    week::make(&bookings).await?;
    let passwords = new_passwords(&bookings).await?;
    let tell = |reached: &Reached| {
        say(&guide(&reached.public, &passwords));
        greet(reached);
    };
    Ok(app::serve(&config, bookings, tell).await?)
}

/// A person at a terminal wants to see the passwords, and of the log only what is wrong.
fn log(configured: &Log) -> Log {
    if *configured == Log::default() {
        return Log { format: LogFormat::Text, level: "warn".to_owned() };
    }
    configured.clone()
}

/// The key in `meta` that marks a database made by `demo`.
const MARK: &str = "demo";

/// Whether the database is ours: marked, or empty and marked now.
async fn own(bookings: &Bookings) -> Result<bool, StoreError> {
    bookings.store().write(Own).await
}

struct Own;

impl Work for Own {
    type Done = bool;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        if tx.meta().get(MARK).await?.is_some() {
            return Ok(true);
        }
        let is_empty = tx.users().list().await?.is_empty() && tx.rooms().list().await?.is_empty();
        if is_empty {
            tx.meta().set(MARK, "made").await?;
        }
        Ok(is_empty)
    }
}

/// One password made anew.
struct Fresh {
    login: String,
    name: String,
    password: String,
}

async fn new_passwords(bookings: &Bookings) -> Result<Vec<Fresh>, Failure> {
    let users = bookings.store().snapshot().await?.tx().users().list().await?;
    let mut hashing = Vec::new();
    for user in users {
        let password = random_password()?;
        let secret = password.clone();
        // Each takes some twenty milliseconds of a processor.
        hashing.push((user, password, tokio::task::spawn_blocking(move || hash_password(&secret))));
    }
    let mut fresh = Vec::new();
    for (user, password, hash) in hashing {
        bookings.set_password(user.login.clone(), Some(hash.await??)).await?;
        fresh.push(Fresh { login: user.login.to_string(), name: user.name, password });
    }
    Ok(fresh)
}

/// What to type into which program.
fn guide(address: &str, passwords: &[Fresh]) -> String {
    let mut text = String::from("A throw-away building with six rooms. Everybody has a new password:\n\n");
    for Fresh { login, name, password } in passwords {
        writeln!(text, "  {login:<8} {password:<33} {name}").expect("writing to a string cannot fail");
    }
    let login = passwords.first().map_or("", |fresh| fresh.login.as_str());
    let host = address.split_once("://").map_or(address, |(_, host)| host);
    write!(
        text,
        "
Address: {address}/   (open it in a browser for more)

  Thunderbird  New Calendar > On the Network; user name {login}, location {address}/
  iOS, macOS   Calendar accounts > Add > Other > CalDAV; server {host}, user name {login}
  DAVx5        Login with URL and user name; base URL {address}/, user name {login}

Each room is a calendar there: put an event into one, and the room is yours. Phones reach this
machine only if server.listen is an address of your network.
"
    )
    .expect("writing to a string cannot fail");
    text
}
