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

use tokio_util::sync::CancellationToken;

use crate::booking::{Bookings, Sending};
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

    /// Sends what is due now; gives how many mails were tried. Looks at `stop` between two of them.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn round(&self, bookings: &Bookings, stop: &CancellationToken) -> Result<usize, StoreError> {
        let mut connection: Option<Connection> = None;
        let mut count = 0;
        // A mail is taken only when there is a connection for it.
        while !stop.is_cancelled() && bookings.is_mail_due().await? {
            let mut open = match connection.take() {
                Some(open) => open,
                None => match self.0.server.connect().await {
                    Ok(open) => open,
                    Err(error) => {
                        tracing::warn!(error, "cannot reach the mail server");
                        bookings.postpone_mails(error).await?;
                        return Ok(count);
                    }
                },
            };
            let Some(mail) = bookings.take_mail().await? else {
                connection = Some(open);
                break;
            };
            count += 1;
            let sent = match self.0.composer.compose(&mail) {
                Ok(message) => open.send(&self.0.composer.from, &message).await,
                Err(error) => Err(Failed::Refused(error)),
            };
            let is_over = matches!(sent, Err(Failed::Sender(_) | Failed::Lost(_)));
            match sent {
                Ok(()) => bookings.mailed(&mail, Sending::Sent).await?,
                Err(Failed::Refused(error)) => bookings.mailed(&mail, Sending::Never(error)).await?,
                Err(Failed::NotNow(error)) => bookings.mailed(&mail, Sending::Later(error)).await?,
                Err(Failed::Lost(error)) => {
                    tracing::warn!(error, "lost the connection to the mail server");
                    bookings.mailed(&mail, Sending::Later(error)).await?;
                }
                Err(Failed::Sender(error)) => {
                    tracing::warn!(error, "the mail server takes nothing from us");
                    bookings.postpone_mails(error).await?;
                }
            }
            if is_over {
                return Ok(count);
            }
            connection = Some(open);
        }
        if let Some(open) = connection {
            open.quit().await;
        }
        Ok(count)
    }
}
