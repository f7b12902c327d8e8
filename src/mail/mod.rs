//! Sending messages to people: which are due is `booking`'s business, here they are wrapped and handed to
//! one SMTP server.
//!
//! One round opens one connection and sends what is due, mail by mail; how each went is noted at once.
//! Where no connection can be had, or the server takes nothing from us, that is one try of everything
//! that is due, and the round ends. A connection that is lost in the middle leaves the one mail open that
//! was on its way: it goes out again under the same Message-ID. Knows no rooms and no rules.
//! RFC 5321; RFC 5322; RFC 6047; RFC 3834; D-60, L-68.

mod compose;
mod smtp;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::booking::{Bookings, Mail, Sending};
use crate::config;
use crate::store::StoreError;

use compose::Composer;
use smtp::{Connection, Failed, Server};

/// Why mails cannot be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The configured sender is no address.
    #[error("mail.from: {0}")]
    From(String),
    /// The configured certificates cannot be read, or the name cannot be that of a server.
    #[error("mail.certificates: {0}")]
    Certificates(String),
}

/// Sends mails. Cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    server: Server,
    composer: Composer,
}

impl Mailer {
    /// Reads what is configured; nothing is connected. `base_url` begins the addresses of links.
    ///
    /// # Errors
    /// When certificates or addresses cannot be read.
    pub fn open(config: &config::Mail, base_url: &str) -> Result<Self, MailError> {
        let composer = Composer::new(config, base_url)?;
        let server = Server::new(config)?;
        Ok(Self(Arc::new(Inner { server, composer })))
    }

    /// Sends what is due now; gives how many mails were tried. From `stop` on what is on its way has a few
    /// seconds, and nothing more is begun.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn round(&self, bookings: &Bookings, stop: &CancellationToken) -> Result<usize, StoreError> {
        let mut count = 0;
        // A mail is taken only when there is a connection for it.
        if stop.is_cancelled() || !bookings.is_mail_due().await? {
            return Ok(count);
        }
        let connected = tokio::select! {
            connected = self.0.server.connect() => connected,
            () = stop.cancelled() => return Ok(count),
        };
        let mut connection = match connected {
            Ok(connection) => connection,
            Err(error) => {
                tracing::warn!(error, "cannot reach the mail server");
                bookings.postpone_mails(error).await?;
                return Ok(count);
            }
        };
        while !stop.is_cancelled() {
            let Some(mail) = bookings.take_mail().await? else { break };
            count += 1;
            let sent = tokio::select! {
                sent = self.send(&mut connection, &mail) => sent,
                () = hurried(stop) => Err(Failed::Lost("the server stopped".to_owned())),
            };
            let is_over = matches!(sent, Err(Failed::Sender(_) | Failed::Lost(_)));
            note(bookings, &mail, sent).await?;
            if is_over {
                return Ok(count);
            }
        }
        connection.quit().await;
        Ok(count)
    }

    async fn send(&self, connection: &mut Connection, mail: &Mail) -> Result<(), Failed> {
        let message = self.0.composer.compose(mail).map_err(Failed::Refused)?;
        connection.send(&self.0.composer.from, &message).await
    }
}

/// How long a mail on its way may take once the server is to stop.
const LAST_WORDS: Duration = Duration::from_secs(5);

async fn hurried(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(LAST_WORDS).await;
}

/// Notes how a mail fared.
async fn note(bookings: &Bookings, mail: &Mail, sent: Result<(), Failed>) -> Result<(), StoreError> {
    let sending = match sent {
        Ok(()) => Sending::Sent,
        Err(Failed::Refused(error)) => Sending::Never(error),
        Err(Failed::NotNow(error)) => Sending::Later(error),
        Err(Failed::Lost(error)) => {
            tracing::warn!(error, "lost the connection to the mail server");
            Sending::Later(error)
        }
        Err(Failed::Sender(error)) => {
            tracing::warn!(error, "the mail server takes nothing from us");
            return bookings.postpone_mails(error).await;
        }
    };
    bookings.mailed(mail, sending).await
}
