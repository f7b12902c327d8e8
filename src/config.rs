//! `config.toml` as types: defaults, overrides from the environment, and every mistake at once.
//!
//! Knows the form of each key, not the meaning of the booking settings: those stay text, held
//! against the list of settings that the rules read.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::limits::Limits;

pub use network::Network;

mod mail;
mod network;
mod read;
#[cfg(test)]
mod tests;

/// All that can be configured.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[database]`
    pub database: Database,
    /// `[booking]`: settings for every room, as written; numbers and switches as their text.
    pub booking: BTreeMap<String, String>,
    /// `[limits]`
    pub limits: Limits,
    /// `[log]`
    pub log: Log,
    /// `[push]`
    pub push: Push,
    /// `[mail]`; where nothing is configured messages stay in the outbox.
    pub mail: Option<Mail>,
    /// `mail.language`: that of messages to people who have no setting, as a tag; `None`: English.
    pub language: Option<String>,
}

/// `[mail]`: where messages to people are handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The host of the SMTP server; its certificate is for this name.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// Login and password, where the server asks for them.
    pub login: Option<(String, Secret)>,
    /// The address that mails come from, and that bounces go to.
    pub from: String,
    /// The name beside it.
    pub from_name: Option<String>,
    /// Certificates in a PEM file that are trusted beside the public ones.
    pub certificates: Option<PathBuf>,
}

/// How the connection to an SMTP server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailSecurity {
    /// TLS from the first byte (RFC 8314, section 3.3).
    Tls,
    /// TLS after STARTTLS (RFC 3207), or nothing is sent.
    StartTls,
    /// Not at all.
    None,
}

/// A text that no log and no message shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// What it is.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// `[push]`: messages that tell devices that a calendar changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// Whether messages are sent, and registrations taken.
    pub enabled: bool,
    /// A `mailto:` or `https:` address for those who run push services; `None`: the public URL.
    pub contact: Option<String>,
    /// Certificates in a PEM file that are trusted beside the public ones, for a push service of
    /// one's own.
    pub certificates: Option<PathBuf>,
    /// Whether messages may go to this very machine (D-50).
    pub allow_loopback: bool,
}

impl Default for Push {
    fn default() -> Self {
        Self { enabled: true, contact: None, certificates: None, allow_loopback: false }
    }
}

/// `[server]`: where to listen, and what to believe about those who connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The address to listen on; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Scheme, host and port people use, without a slash at the end. `None`: [`Server::base_url`]
    /// makes one from the address.
    pub public_url: Option<String>,
    /// Certificate chain and private key, both PEM files; present together or not at all.
    pub tls: Option<TlsFiles>,
    /// Peers whose forwarded headers count (D-05) and who may speak plain HTTP (D-20).
    pub behind_proxy: Vec<IpAddr>,
    /// Whether anybody may sign in over plain HTTP (D-20).
    pub allow_plain_http: bool,
    /// Whether HTTP/2 is offered in the TLS handshake (D-03); needs [`Server::tls`].
    pub http2: bool,
    /// The host names served, in lower case and without ports; empty: any (D-06).
    pub hosts: Vec<String>,
    /// Whether it may run as root (D-73).
    pub allow_root: bool,
    /// To whom `/metrics` is shown.
    pub metrics_from: Vec<Network>,
}

/// Where the certificate is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate chain, leaf first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8008)),
            public_url: None,
            tls: None,
            behind_proxy: Vec::new(),
            allow_plain_http: false,
            http2: false,
            hosts: Vec::new(),
            allow_root: false,
            metrics_from: ["127.0.0.0/8", "::1"].into_iter().filter_map(Network::parse).collect(),
        }
    }
}

impl Server {
    /// The URL that absolute addresses in answers begin with (D-06), without a slash at the end.
    ///
    /// `bound` is the address the listener got, which differs from `listen` for port 0.
    #[must_use]
    pub fn base_url(&self, bound: SocketAddr) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        self.public_url.clone().unwrap_or_else(|| format!("{scheme}://{bound}"))
    }
}

/// `[database]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// `sqlite://path` or `postgres://…`.
    pub url: String,
}

impl Database {
    /// The URL as it may be shown: without user and password, and without parameters.
    #[must_use]
    pub fn shown(&self) -> String {
        let url = self.url.split('?').next().unwrap_or_default();
        match url.split_once("://") {
            Some((scheme, rest)) => {
                format!("{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, host)| host))
            }
            None => String::new(),
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self { url: "sqlite://data/roomdav.sqlite".to_owned() }
    }
}

/// `[log]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// How a line looks.
    pub format: LogFormat,
    /// What is written: a level, or a list such as `info,sqlx=warn`.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Json, level: "info".to_owned() }
    }
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line (D-64).
    Json,
    /// For a person at a terminal.
    Text,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The key as `section.key`, or the name of the file.
    pub key: String,
    /// What must be different; completes a sentence that begins with the key.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key, self.what)
    }
}

/// All that is wrong with the configuration, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration has mistakes:")?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

impl std::error::Error for Mistakes {}

impl Config {
    /// The configuration of this process: the file, or without one `config.toml` in the working
    /// directory if it is there, and the environment over it.
    ///
    /// # Errors
    /// [`Mistakes`]; a file that cannot be read is one.
    pub fn load(file: Option<&Path>) -> Result<Self, Mistakes> {
        let path = file.unwrap_or(Path::new("config.toml"));
        let text = match std::fs::read_to_string(path) {
            Err(cause) if file.is_none() && cause.kind() == io::ErrorKind::NotFound => String::new(),
            Err(cause) => {
                let what = format!("cannot be read: {cause}");
                return Err(Mistakes(vec![Mistake { key: path.display().to_string(), what }]));
            }
            Ok(text) => text,
        };
        let environment = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()));
        read::read(&text, environment)
    }

    /// Reads the text of a `config.toml`, then the overrides.
    ///
    /// `environment` is the process's; of it only `ROOMDAV_SECTION_KEY` with a section of this
    /// file counts, and wins over the text.
    ///
    /// # Errors
    /// [`Mistakes`] with every mistake found, each with its key.
    pub fn read(
        text: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Mistakes> {
        read::read(text, environment)
    }
}
