//! Text and environment to [`Config`].
//!
//! Read key by key from the TOML tree and not by derive, so that one mistake does not hide the
//! next. Each key is taken out of the tree when it is read; what is left at the end is unknown.

use std::net::IpAddr;
use std::path::PathBuf;

use toml::{Table, Value};

use crate::domain::settings::Settings;

use super::mail;
use super::{Config, Log, LogFormat, Mistake, Mistakes, Network, Push, Server, TlsFiles};

const SECTIONS: [&str; 7] = ["server", "database", "booking", "limits", "log", "push", "mail"];

pub(super) fn read(
    text: &str,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, Mistakes> {
    let mut mistakes = Vec::new();
    let mut tree = text.parse::<Table>().unwrap_or_else(|cause| {
        // Without the line itself, which may hold a password.
        let line =
            cause.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let what = format!("is not TOML: line {line}: {}", cause.message());
        mistakes.push(Mistake { key: "configuration".to_owned(), what });
        Table::new()
    });
    overrule(&mut tree, environment);
    let mut sections = SECTIONS.map(|name| Section::take(&mut tree, name, &mut mistakes));
    mistakes.extend(tree.keys().map(|key| Mistake {
        key: key.clone(),
        what: format!("is not a section; there are {}", SECTIONS.join(", ")),
    }));
    let [server, database, booking, limits, log, push, mail] = &mut sections;
    let mut config = Config { server: read_server(server), ..Config::default() };
    read_database(database, &mut config.database.url);
    config.booking = booking.rest();
    for (key, text) in &config.booking {
        if let Some(what) = bad_default(key, text) {
            booking.mistake(key, what);
        }
    }
    for (key, text) in limits.rest() {
        if let Err(bad) = config.limits.set(&key, &text) {
            limits.mistake(&key, bad.to_string());
        }
    }
    config.log = read_log(log);
    config.push = read_push(push);
    (config.mail, config.language) = mail::read(mail);
    mistakes.extend(sections.into_iter().flat_map(Section::finish));
    if mistakes.is_empty() { Ok(config) } else { Err(Mistakes(mistakes)) }
}

/// Why this key of `[booking]` cannot have this value; `None` if it can.
fn bad_default(key: &str, value: &str) -> Option<String> {
    if key == "units" {
        return Some("is set room by room, with \"room set SLUG units=\"".to_owned());
    }
    Settings::default().set(key, value).err().map(|bad| format!("cannot be: {bad}"))
}

/// Puts `ROOMDAV_SECTION_KEY` over the text. Other names are not ours.
fn overrule(tree: &mut Table, environment: impl IntoIterator<Item = (String, String)>) {
    for (name, value) in environment {
        let Some(name) = name.strip_prefix("ROOMDAV_") else { continue };
        let name = name.to_ascii_lowercase();
        let Some((section, key)) = name.split_once('_').filter(|(section, _)| SECTIONS.contains(section))
        else {
            continue;
        };
        let section = tree.entry(section).or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(section) = section {
            section.insert(key.to_owned(), Value::String(value));
        }
    }
}

/// The keys of one section that are not read yet, and what was wrong with the others.
pub(super) struct Section {
    name: &'static str,
    keys: Table,
    mistakes: Vec<Mistake>,
}

impl Section {
    fn take(tree: &mut Table, name: &'static str, mistakes: &mut Vec<Mistake>) -> Self {
        let keys = match tree.remove(name) {
            None => Table::new(),
            Some(Value::Table(keys)) => keys,
            Some(_) => {
                mistakes.push(Mistake { key: name.to_owned(), what: format!("must be a section: [{name}]") });
                Table::new()
            }
        };
        Self { name, keys, mistakes: Vec::new() }
    }

    pub(super) fn mistake(&mut self, key: &str, what: impl Into<String>) {
        self.mistakes.push(Mistake { key: format!("{}.{key}", self.name), what: what.into() });
    }

    /// Whether nothing is left to be read.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether something was wrong with this key.
    pub(super) fn is_wrong(&self, key: &str) -> bool {
        let name = format!("{}.{key}", self.name);
        self.mistakes.iter().any(|mistake| mistake.key == name)
    }

    /// The key's value as `parse` reads it; `None` if it is not there, or wrong.
    pub(super) fn read<T>(
        &mut self,
        key: &str,
        form: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.keys.remove(key)?;
        let parsed = scalar(&value).as_deref().and_then(parse);
        if parsed.is_none() {
            self.mistake(key, format!("must be {form}"));
        }
        parsed
    }

    /// A list, or one text with commas; each member as `parse` reads it.
    fn list<T>(&mut self, key: &str, form: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
        let texts = match self.keys.remove(key)? {
            Value::Array(members) => members.iter().map(scalar).collect(),
            other => scalar(&other).map(|text| text.split(',').map(str::to_owned).collect::<Vec<_>>()),
        };
        let members = texts.unwrap_or_else(|| vec![String::from("\0")]);
        let members = members.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
        let parsed = members.map(parse).collect::<Option<Vec<_>>>();
        if parsed.is_none() {
            self.mistake(key, format!("must be a list of {form}"));
        }
        parsed
    }

    /// All keys that are left, as text.
    fn rest(&mut self) -> std::collections::BTreeMap<String, String> {
        let mut texts = std::collections::BTreeMap::new();
        for (key, value) in std::mem::take(&mut self.keys) {
            match scalar(&value) {
                Some(text) => {
                    texts.insert(key, text);
                }
                None => self.mistake(&key, "must be a text, a number or a switch"),
            }
        }
        texts
    }

    fn finish(mut self) -> Vec<Mistake> {
        for key in std::mem::take(&mut self.keys).keys() {
            self.mistake(key, "is not a key of this section");
        }
        self.mistakes
    }
}

/// A value on one line as text; switches as settings write them.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Boolean(switch) => Some(if *switch { "on" } else { "off" }.to_owned()),
        Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
    }
}

pub(super) fn switch(text: &str) -> Option<bool> {
    match text {
        "on" | "true" => Some(true),
        "off" | "false" => Some(false),
        _ => None,
    }
}

pub(super) const SWITCH: &str = "true or false";

fn read_server(section: &mut Section) -> Server {
    let default = Server::default();
    let path = |text: &str| (!text.is_empty()).then(|| PathBuf::from(text));
    let listen =
        section.read("listen", "an address with a port, such as 127.0.0.1:8008", |text| text.parse().ok());
    let public_url = section.read("public_url", "http:// or https:// with a host and no path", base_url);
    let certificate = section.read("tls_certificate", "the name of a file", path);
    let key = section.read("tls_key", "the name of a file", path);
    let tls = match (certificate, key) {
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
        (None, None) => None,
        (Some(_), None) => missing(section, "tls_key", "tls_certificate"),
        (None, Some(_)) => missing(section, "tls_certificate", "tls_key"),
    };
    let address = |text: &str| text.parse::<IpAddr>().ok().map(|address| address.to_canonical());
    let behind_proxy = section.list("behind_proxy", "IP addresses", address).unwrap_or_default();
    let allow_plain_http = section.read("allow_plain_http", SWITCH, switch).unwrap_or(false);
    let hosts = section.list("hosts", "host names without ports", host_name).unwrap_or_default();
    let allow_root = section.read("allow_root", SWITCH, switch).unwrap_or(false);
    let form = "IP addresses or networks such as 10.0.0.0/8";
    let metrics_from = section.list("metrics_from", form, Network::parse).unwrap_or(default.metrics_from);
    let http2 = section.read("http2", SWITCH, switch).unwrap_or(false);
    if http2 && tls.is_none() {
        section.mistake("http2", "needs tls_certificate: HTTP/2 is agreed on in the TLS handshake");
    }
    let listen = listen.unwrap_or(default.listen);
    // D-20: passwords do not travel in the open unless somebody says so.
    if !(listen.ip().is_loopback() || tls.is_some() || allow_plain_http || !behind_proxy.is_empty()) {
        let what = "is not a loopback address; it needs tls_certificate, behind_proxy or allow_plain_http";
        section.mistake("listen", what);
    }
    Server { listen, public_url, tls, behind_proxy, allow_plain_http, http2, hosts, allow_root, metrics_from }
}

fn missing(section: &mut Section, key: &str, other: &str) -> Option<TlsFiles> {
    section.mistake(key, format!("must be there too, since {other} is"));
    None
}

/// Scheme and authority without a slash at the end; nothing else may be there.
fn base_url(text: &str) -> Option<String> {
    let url: http::Uri = text.parse().ok()?;
    let scheme = url.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
    let authority = url.authority().filter(|authority| !authority.as_str().contains('@'))?;
    let bare = url.path_and_query().is_none_or(|path| path.as_str() == "/");
    bare.then(|| format!("{scheme}://{authority}"))
}

fn host_name(text: &str) -> Option<String> {
    let authority: http::uri::Authority = text.parse().ok()?;
    (authority.host() == text).then(|| text.to_ascii_lowercase())
}

fn read_database(section: &mut Section, url: &mut String) {
    let form = "sqlite://path or postgres://user@host/name";
    let known = |text: &str| {
        ["sqlite://", "postgres://", "postgresql://"]
            .iter()
            .any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
            .then(|| text.to_owned())
    };
    if let Some(configured) = section.read("url", form, known) {
        *url = configured;
    }
}

fn read_log(section: &mut Section) -> Log {
    let default = Log::default();
    let format = |text: &str| match text {
        "json" => Some(LogFormat::Json),
        "text" => Some(LogFormat::Text),
        _ => None,
    };
    let targets = |text: &str| text.split(',').all(is_log_level).then(|| text.to_owned());
    let format = section.read("format", "json or text", format).unwrap_or(default.format);
    let form = "off, error, warn, info, debug or trace, or a list such as info,sqlx=warn";
    let level = section.read("level", form, targets).unwrap_or(default.level);
    Log { format, level }
}

fn read_push(section: &mut Section) -> Push {
    let contact = |text: &str| {
        let is_address = ["mailto:", "https://"].iter().any(|scheme| text.starts_with(scheme));
        (is_address && !text.contains(char::is_whitespace)).then(|| text.to_owned())
    };
    Push {
        enabled: section.read("enabled", SWITCH, switch).unwrap_or(true),
        contact: section.read("contact", "a mailto: or https: address", contact),
        certificates: section.read("certificates", "the name of a file", |text| Some(PathBuf::from(text))),
        allow_loopback: section.read("allow_loopback", SWITCH, switch).unwrap_or(false),
    }
}

/// A level, or a part of the program with one. The log's own reader takes any word for a part.
fn is_log_level(text: &str) -> bool {
    let level = text.rsplit_once('=').map_or(text, |(_, level)| level).trim();
    level.parse::<tracing_subscriber::filter::LevelFilter>().is_ok()
}
