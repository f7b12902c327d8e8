//! `[mail]`: all or nothing. What is missing is told with each key that is.

use std::net::IpAddr;
use std::path::PathBuf;

use super::read::{SWITCH, Section, switch};
use super::{Mail, MailSecurity, Secret};

const FROM: &str = "a mail address, such as Rooms <rooms@example.org>";

/// The section, if it configures a server, and the language of messages.
pub(super) fn read(section: &mut Section) -> (Option<Mail>, Option<String>) {
    let language =
        section.read("language", "en or de", |text| matches!(text, "en" | "de").then(|| text.to_owned()));
    let is_empty = section.is_empty();
    let server = section.read("server", "a host name or an address", host);
    let security = section.read("security", "starttls, tls or none", security);
    let port =
        section.read("port", "a number from 1 to 65535", |text| text.parse().ok().filter(|port| *port > 0));
    let from = section.read("from", FROM, address);
    let login = section.read("login", "a user name", |text| (!text.is_empty()).then(|| text.to_owned()));
    let password = section.read("password", "a text", |text| Some(Secret::new(text)));
    let file = section.read("password_file", "the name of a file", |text| Some(PathBuf::from(text)));
    let certificates = section.read("certificates", "the name of a file", |text| Some(PathBuf::from(text)));
    let allow_plain = section.read("allow_plain", SWITCH, switch).unwrap_or(false);
    if is_empty {
        return (None, language);
    }
    let password = kept(section, password, file);
    let security = security.unwrap_or(MailSecurity::StartTls);
    if security == MailSecurity::None
        && !allow_plain
        && server.as_deref().is_some_and(|server| !is_loopback(server))
    {
        section.mistake("security", "cannot be none beyond this machine; that needs allow_plain");
    }
    for (key, is_there) in [("server", server.is_some()), ("from", from.is_some())] {
        if !is_there && !section.is_wrong(key) {
            section.mistake(key, "must be there, since this section is not empty");
        }
    }
    let login = match (login, password) {
        (Some(login), Some(password)) => Some((login, password)),
        (None, None) => None,
        (Some(_), None) => missing(section, "password", "login"),
        (None, Some(_)) => missing(section, "login", "password"),
    };
    let (Some(server), Some((from_name, from))) = (server, from) else { return (None, language) };
    let port = port.unwrap_or(match security {
        MailSecurity::Tls => 465,
        MailSecurity::StartTls => 587,
        MailSecurity::None => 25,
    });
    (Some(Mail { server, port, security, login, from, from_name, certificates }), language)
}

/// The password itself, or the first line of the file that has it.
fn kept(section: &mut Section, password: Option<Secret>, file: Option<PathBuf>) -> Option<Secret> {
    let Some(file) = file else { return password };
    if password.is_some() {
        section.mistake("password_file", "cannot be there beside password");
        return password;
    }
    match std::fs::read_to_string(&file) {
        Ok(text) => Some(Secret::new(text.lines().next().unwrap_or_default())),
        Err(cause) => {
            section.mistake("password_file", format!("cannot be read: {cause}"));
            // Only one thing is wrong.
            Some(Secret::new(""))
        }
    }
}

fn missing<T>(section: &mut Section, key: &str, other: &str) -> Option<T> {
    if !section.is_wrong(key) {
        section.mistake(key, format!("must be there too, since {other} is"));
    }
    None
}

fn security(text: &str) -> Option<MailSecurity> {
    match text {
        "starttls" => Some(MailSecurity::StartTls),
        "tls" => Some(MailSecurity::Tls),
        "none" => Some(MailSecurity::None),
        _ => None,
    }
}

fn host(text: &str) -> Option<String> {
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_');
    (!text.is_empty() && text.chars().all(is_host)).then(|| text.to_ascii_lowercase())
}

fn is_loopback(server: &str) -> bool {
    server == "localhost"
        || server.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// `a@b`, or a name with the address in angle brackets.
fn address(text: &str) -> Option<(Option<String>, String)> {
    let (name, address) = match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (Some(name.trim().trim_matches('"').to_owned()), address),
        None => (None, text.trim()),
    };
    let (local, domain) = address.split_once('@')?;
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || !c.is_ascii() || "?,;<>\"%\\@".contains(c);
    let is_plain = !local.is_empty() && domain.contains(|c: char| c.is_ascii_alphanumeric());
    let is_named = name.as_deref().is_none_or(|name| !name.contains(char::is_control));
    if !is_plain || local.contains(is_odd) || domain.contains(is_odd) || !is_named {
        return None;
    }
    Some((name.filter(|name| !name.is_empty()), address.to_owned()))
}
