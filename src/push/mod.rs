//! Sending push messages: to whom is `booking`'s business, here they are encrypted, signed and
//! posted.
//!
//! One round goes through what is due: each message is taken, posted, and how it went is noted.
//! Several servers may run rounds at once; a lease in the database, taken for what is sent next,
//! keeps them off each other's messages. Knows no rooms.
//! RFC 8030, section 5; RFC 8291; RFC 8292; WebDAV-Push; D-50.

mod client;
mod encrypt;
mod guard;
mod message;
mod vapid;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::booking::{Bookings, Delivery, LEASE_SECS};
use crate::config;
use crate::store::{DuePush, Store, StoreError};

use client::{Client, PATIENCE};
use vapid::Vapid;

/// How often the task looks whether something is due.
const TICK: Duration = Duration::from_secs(2);

/// Messages of one round, those in flight at once, and those of them to one host: a service that is
/// slow holds up nobody else's.
const ROUND: i64 = 100;
const AT_ONCE: usize = 8;
const AT_ONE_HOST: usize = 2;

// What one server sends is done, well or badly, before another may take it.
const _: () = assert!(PATIENCE.as_secs() * 2 < LEASE_SECS.unsigned_abs());

/// Why push messages cannot be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key pair in the database is none.
    #[error("the key pair for push messages cannot be read")]
    Key,
    /// The configured certificates cannot be read.
    #[error("push.certificates: {0}")]
    Certificates(String),
}

/// Sends messages. Cheap to clone.
#[derive(Clone)]
pub struct Pusher(Arc<Inner>);

struct Inner {
    bookings: Bookings,
    vapid: Vapid,
    client: Client,
}

impl Pusher {
    /// Reads the server's key pair, or makes it the first time. `base_url` is told to push services
    /// as where to complain, unless a contact is configured.
    ///
    /// # Errors
    /// When keys or certificates cannot be had.
    pub async fn open(bookings: Bookings, config: &config::Push, base_url: &str) -> Result<Self, PushError> {
        let contact = config.contact.clone().unwrap_or_else(|| base_url.to_owned());
        let vapid = Vapid::open(bookings.store(), contact).await?;
        let client = Client::new(config)?;
        Ok(Self(Arc::new(Inner { bookings, vapid, client })))
    }

    /// Where nothing is sent nothing is announced.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn withdraw(store: &Store) -> Result<(), StoreError> {
        vapid::announce(store, None).await
    }

    /// Sends what is due now; gives how many messages were tried.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn round(&self) -> Result<usize, StoreError> {
        let mut waiting = self.0.bookings.due_pushes(ROUND).await?;
        let mut sending = JoinSet::new();
        // Where those in flight go.
        let mut hosts: HashMap<Id, String> = HashMap::new();
        let mut count = 0;
        loop {
            while sending.len() < AT_ONCE {
                let is_free = |due: &DuePush| {
                    let host = host(&due.resource);
                    hosts.values().filter(|busy| **busy == host).count() < AT_ONE_HOST
                };
                let Some(next) = waiting.iter().position(is_free) else { break };
                let due = waiting.remove(next);
                let (pusher, host) = (self.clone(), host(&due.resource));
                let task = sending.spawn(async move { pusher.send(due).await });
                hosts.insert(task.id(), host);
            }
            match sending.join_next_with_id().await {
                None => return Ok(count),
                Some(Ok((task, is_tried))) => {
                    hosts.remove(&task);
                    count += usize::from(is_tried?);
                }
                Some(Err(cause)) => {
                    hosts.remove(&cause.id());
                    // Nothing is lost: the lease runs out.
                    tracing::error!(%cause, "sending a push message broke off");
                }
            }
        }
    }

    /// Takes a message and sends it; false if there was nothing to send any more.
    async fn send(&self, due: DuePush) -> Result<bool, StoreError> {
        let Some(message) = self.0.bookings.take_push(due).await? else { return Ok(false) };
        let delivery = match message::request(&message, &self.0.vapid, self.0.bookings.now()) {
            Some(request) => self.0.client.post(request).await,
            // Its keys are none that a message could be encrypted for.
            None => Delivery::Gone,
        };
        if delivery != Delivery::Done {
            tracing::debug!(registration = message.due.id, ?delivery, "a push message did not arrive");
        }
        self.0.bookings.pushed(message.due, delivery).await?;
        Ok(true)
    }

    /// Rounds until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                done = self.round() => if let Err(error) = done {
                    tracing::warn!(%error, "push messages could not be sent");
                },
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }
}

/// Whose service this is, whatever the port.
fn host(resource: &str) -> String {
    let uri = resource.parse::<Uri>().ok();
    uri.as_ref().and_then(Uri::host).unwrap_or(resource).to_ascii_lowercase()
}
