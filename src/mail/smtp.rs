//! The conversation with the SMTP server, and what each of its answers means for a mail.
//!
//! Command by command, since the same code means another thing at another place: 5xx to RCPT is about one
//! address, 5xx to MAIL about ourselves. RFC 5321, sections 3.3 and 4.2; RFC 3207; RFC 4954.

use std::time::Duration;

use lettre::address::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};

use crate::config::{self, MailSecurity};

use super::MailError;
use super::compose::Composed;

/// How long connecting, TLS and login may take together, and how long one mail may.
const CONNECT_TIME: Duration = Duration::from_secs(30);
const SEND_TIME: Duration = Duration::from_mins(2);
const QUIT_TIME: Duration = Duration::from_secs(2);

/// How to reach the server.
pub(super) struct Server {
    host: String,
    port: u16,
    security: MailSecurity,
    tls: Option<TlsParameters>,
    login: Option<Credentials>,
    hello: ClientId,
}

/// Why a mail was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// The server will never take it.
    Refused(String),
    /// It may take it later.
    NotNow(String),
    /// The connection is gone: it may have been taken.
    Lost(String),
    /// The server takes nothing from this sender.
    Sender(String),
}

type Error = lettre::transport::smtp::Error;

impl Server {
    pub(super) fn new(config: &config::Mail) -> Result<Self, MailError> {
        let tls = match config.security {
            MailSecurity::None => None,
            MailSecurity::Tls | MailSecurity::StartTls => Some(parameters(config)?),
        };
        let login = config.login.as_ref();
        let login =
            login.map(|(name, password)| Credentials::new(name.clone(), password.reveal().to_owned()));
        let domain = config.from.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        let (host, port, security) = (config.server.clone(), config.port, config.security);
        Ok(Self { host, port, security, tls, login, hello: ClientId::Domain(domain.to_owned()) })
    }

    /// A connection on which mails can be sent, or why there is none.
    pub(super) async fn connect(&self) -> Result<Connection, String> {
        match tokio::time::timeout(CONNECT_TIME, self.greet()).await {
            Ok(Ok(connection)) => Ok(Connection(connection)),
            Ok(Err(error)) => Err(said(&error)),
            Err(_) => Err("the mail server does not answer".to_owned()),
        }
    }

    async fn greet(&self) -> Result<AsyncSmtpConnection, Error> {
        let at_once = self.tls.clone().filter(|_| self.security == MailSecurity::Tls);
        let address = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT_TIME), &self.hello, at_once, None)
                .await?;
        if let (MailSecurity::StartTls, Some(tls)) = (self.security, &self.tls) {
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some(login) = &self.login {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], login).await?;
        }
        Ok(connection)
    }
}

fn parameters(config: &config::Mail) -> Result<TlsParameters, MailError> {
    let bad = |cause: String| MailError::Certificates(cause);
    let mut tls = TlsParameters::builder(config.server.clone());
    if let Some(file) = &config.certificates {
        let pem = std::fs::read(file).map_err(|cause| bad(format!("{}: {cause}", file.display())))?;
        tls = tls.add_root_certificate(Certificate::from_pem(&pem).map_err(|cause| bad(said(&cause)))?);
    }
    tls.build_rustls().map_err(|cause| bad(said(&cause)))
}

/// A connection that has been greeted.
pub(super) struct Connection(AsyncSmtpConnection);

impl Connection {
    /// Hands over one mail; `Ok` when the server has it.
    pub(super) async fn send(&mut self, from: &Address, mail: &Composed) -> Result<(), Failed> {
        let sent = tokio::time::timeout(SEND_TIME, self.hand_over(from, mail)).await;
        let failed = match sent {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(failed)) => failed,
            Err(_) => Failed::Lost("the mail server does not answer".to_owned()),
        };
        match failed {
            // What was begun is not to be taken for the beginning of the next.
            Failed::Refused(_) | Failed::NotNow(_) => {
                let _ = tokio::time::timeout(QUIT_TIME, self.0.command(Rset)).await;
            }
            Failed::Lost(_) | Failed::Sender(_) => {}
        }
        Err(failed)
    }

    async fn hand_over(&mut self, from: &Address, mail: &Composed) -> Result<(), Failed> {
        let mut parameters = Vec::new();
        if mail.to.to_string().is_ascii() {
            // Nothing but ASCII is in it.
        } else if self.0.server_info().supports_feature(Extension::SmtpUtfEight) {
            parameters.push(MailParameter::SmtpUtfEight);
        } else {
            return Err(Failed::Refused("the mail server takes no such address (SMTPUTF8)".to_owned()));
        }
        let begun = self.0.command(Mail::new(Some(from.clone()), parameters)).await;
        begun.map_err(|error| if is_answer(&error) { Failed::Sender(said(&error)) } else { lost(&error) })?;
        self.0.command(Rcpt::new(mail.to.clone(), Vec::new())).await.map_err(|error| about_mail(&error))?;
        self.0.command(Data).await.map_err(|error| about_mail(&error))?;
        self.0.message(&mail.text).await.map(drop).map_err(|error| about_mail(&error))
    }

    /// Says good-bye; whether the server hears it makes no difference.
    pub(super) async fn quit(mut self) {
        let _ = tokio::time::timeout(QUIT_TIME, self.0.quit()).await;
    }
}

/// Whether the server said so, in an answer with a code; anything else is a lost connection.
fn is_answer(error: &Error) -> bool {
    error.status().is_some()
}

fn lost(error: &Error) -> Failed {
    Failed::Lost(said(error))
}

fn about_mail(error: &Error) -> Failed {
    match error.status().map(|code| code.to_string()) {
        // The service closes (RFC 5321, section 3.8).
        Some(code) if code == "421" => lost(error),
        Some(_) if error.is_permanent() => Failed::Refused(said(error)),
        Some(_) => Failed::NotNow(said(error)),
        None => lost(error),
    }
}

/// An error with its causes, on one line that is not too long.
fn said(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(256).collect()
}
