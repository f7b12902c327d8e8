//! The composition root: everything that runs is made and joined here, once.
//!
//! Opens the database, puts the wall in front of the site, runs the jobs, and stops in order.
//! Knows no protocol and no rule; commands that run beside a server use [`open`] alone.

mod accounts;
mod bounds;
pub mod front;
mod last_used;
mod readings;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::booking::Bookings;
use crate::booking::admin::AdminError;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::jobs;
use crate::limits::Limits;
use crate::mail::{MailError, Mailer};
use crate::push::{PushError, Pusher};
use crate::server::{self, Accounts, Handler, ListenError, Listener, Wall};
use crate::store::{OpenError, Options, Store, StoreError};

use accounts::StoredAccounts;
pub use bounds::bounds;
use front::Front;
use last_used::NotesUse;

/// Why the server could not start, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The organisation's settings cannot be kept.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// The address cannot be listened on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Push messages cannot be sent.
    #[error(transparent)]
    Push(#[from] PushError),
    /// Mails cannot be sent.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The log cannot be written as configured.
    #[error("cannot start the log: {0}")]
    Log(String),
    /// Signals cannot be listened for.
    #[error("cannot listen for signals")]
    Signals(#[source] io::Error),
    /// What the disk holds is not known any more (F-4).
    #[error("the database cannot be trusted any more, a new start reads the disk: {0}")]
    Damaged(String),
}

/// Opens the configured database, making it where there is none, as the one door to it.
///
/// Works beside a running server. An older schema is left as it is.
///
/// # Errors
/// [`OpenError`] says what to do.
pub async fn open(config: &Config, clock: Clock) -> Result<Bookings, OpenError> {
    let store = Store::open(&config.database.url, &Options::default()).await?;
    Ok(Bookings::new(store, clock, bounds(&config.limits)))
}

/// How long jobs may go on after the last request.
const LAST_WORK: Duration = Duration::from_secs(10);

/// How long what is in hand may be answered once the database is lost.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// What a server does before anything else: keeps a second one away from a SQLite file, makes `[booking]`
/// the settings of the organisation and `mail.language` its language, and derives claims anew where the
/// zone data is another one.
///
/// # Errors
/// [`AppError`] names who has the file.
pub async fn begin(config: &Config, bookings: &Bookings) -> Result<(), AppError> {
    bookings.store().hold_exclusively()?;
    warn_of_root(config);
    bookings.set_language(config.language.as_deref()).await?;
    bookings.set_defaults(&config.booking, true).await?;
    bookings.follow_zone_data().await.map_err(AdminError::from)?;
    Ok(())
}

/// Where a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Scheme, address and port that it listens on.
    pub local: String,
    /// What people use; the same where no `public_url` is configured.
    pub public: String,
}

/// Serves until SIGTERM or SIGINT; `greet` is told the address when connections are accepted.
///
/// After [`begin`]. The store is closed at the end.
///
/// # Errors
/// [`AppError`] if it cannot start, or if the database was damaged meanwhile.
pub async fn serve(
    config: &Config,
    bookings: Bookings,
    greet: impl FnOnce(&Reached),
) -> Result<(), AppError> {
    let store = bookings.store().clone();
    let stop = server::on_signal().map_err(AppError::Signals)?;
    let listener = Listener::bind(&config.server).await?;
    let base_url = config.server.base_url(listener.address());
    let pushing = pushing(&bookings, config, &base_url, &stop).await?;
    let wall = wall(&bookings, &config.server, &config.limits, &base_url);
    let mailer = config.mail.as_ref().map(|mail| Mailer::open(mail, &base_url)).transpose()?;
    let limits = Arc::new(config.limits.clone());
    let deciding = tokio::spawn(jobs::work_off_requests(bookings.clone(), Arc::clone(&limits), stop.clone()));
    let working = tokio::spawn(jobs::run(bookings, limits, mailer, stop.clone()));
    let scheme = if config.server.tls.is_some() { "https" } else { "http" };
    greet(&Reached { local: format!("{scheme}://{}", listener.address()), public: base_url });
    let serving = tokio::spawn(listener.serve(wall, stop.clone()));
    if let Err(lost) = until_stopped(&store, stop, serving).await {
        // Whoever closes a SQLite file writes to it, and nothing may be written now (F-4).
        std::mem::forget(store);
        return Err(lost);
    }
    // Jobs end between two transactions, requests between two rows, and what is sent is given a few seconds.
    let ending = async {
        let _ = (deciding.await, working.await);
        if let Some(pushing) = pushing {
            let _ = pushing.await;
        }
    };
    if tokio::time::timeout(LAST_WORK, ending).await.is_err() {
        // Nothing is lost: what they had begun is taken up when their leases are over.
        tracing::warn!("jobs did not end in time");
    }
    store.close().await;
    // What went wrong while the log was written back.
    store.damage().map_or(Ok(()), |cause| Err(AppError::Damaged(cause.to_string())))
}

/// The task that sends push messages, where they are configured.
async fn pushing(
    bookings: &Bookings,
    config: &Config,
    base_url: &str,
    stop: &CancellationToken,
) -> Result<Option<tokio::task::JoinHandle<()>>, AppError> {
    if !config.push.enabled {
        Pusher::withdraw(bookings.store()).await?;
        return Ok(None);
    }
    let pusher = Pusher::open(bookings.clone(), &config.push, base_url).await?;
    Ok(Some(tokio::spawn(pusher.run(stop.clone()))))
}

/// The wall with the site and the accounts of these bookings behind it, as [`serve`] opens it.
///
/// `base_url` is the address that clients use: it begins absolute URLs, and tells other sites (D-44).
#[must_use]
pub fn wall(
    bookings: &Bookings,
    server: &config::Server,
    limits: &Limits,
    base_url: &str,
) -> Arc<Wall<impl Handler, impl Accounts>> {
    let front = Front::new(bookings, base_url, limits);
    let handler = NotesUse::new(front, bookings.clone());
    let accounts = StoredAccounts::new(bookings.store().clone());
    Wall::new(handler, accounts, server, limits, base_url, bookings.store().metrics())
}

/// Waits for the orderly end of the server, or for the database to be lost, which ends it too.
async fn until_stopped(
    store: &Store,
    stop: CancellationToken,
    mut serving: tokio::task::JoinHandle<()>,
) -> Result<(), AppError> {
    let cause = tokio::select! {
        ended = &mut serving => {
            if let Err(cause) = ended {
                tracing::error!(%cause, "the server broke off");
            }
            stop.cancel();
            return Ok(());
        }
        cause = store.damaged() => cause,
    };
    tracing::error!(cause, "the database cannot be trusted any more");
    stop.cancel();
    if tokio::time::timeout(LAST_ANSWERS, serving).await.is_err() {
        tracing::warn!("requests in hand were not answered");
    }
    Err(AppError::Damaged(cause))
}

/// Root is only warned of: in a container the only user often is root, with the container as its
/// wall, and a server that refuses to start there is run with worse flags instead (D-73).
fn warn_of_root(config: &Config) {
    if server::check_user(&config.server).is_err() {
        tracing::warn!("serving as root; a user of its own is safer (server.allow_root silences this)");
    }
}
