//! `user`: people.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::booking::admin::UserChange;
use crate::domain::attendee::Address;
use crate::domain::id::{GroupId, Slug};
use crate::domain::user::{Access, Group, Refusals, User};
use crate::store::NewUser;
use crate::text::Language;

use super::app_password;
use super::context::{Context, name, pair, user};
use super::failure::Failure;
use super::output::Output;
use super::secret;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a person; at a terminal the password is asked
    Add(Add),
    /// Everybody
    List,
    /// One person
    Show {
        #[arg(value_parser = name)]
        login: Slug,
    },
    /// Set name=, email= (repeatable, the first is preferred), language=, refusals=, admin=,
    /// `write_delegates=` or `read_delegates=` (logins with commas, or none)
    Set {
        #[arg(value_parser = name)]
        login: Slug,
        #[arg(required = true, value_parser = pair, value_name = "KEY=VALUE")]
        pairs: Vec<(String, String)>,
    },
    /// Replace the password
    Password {
        #[arg(value_parser = name)]
        login: Slug,
        /// Read it from one line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Lock a person out; reservations stay
    Disable {
        #[arg(value_parser = name)]
        login: Slug,
    },
    /// Let a person in again
    Enable {
        #[arg(value_parser = name)]
        login: Slug,
    },
    /// One password per device
    #[command(subcommand)]
    AppPassword(app_password::Command),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// What is typed to sign in
    #[arg(value_parser = name)]
    login: Slug,
    /// Mail address; repeatable, the first is the preferred one
    #[arg(long, required = true, value_parser = address)]
    email: Vec<Address>,
    /// Full name; without it the login
    #[arg(long)]
    name: Option<String>,
    /// May do everything
    #[arg(long)]
    admin: bool,
    /// Read the password from one line of standard input
    #[arg(long)]
    password_stdin: bool,
}

/// Reads a mail address as an argument.
pub(super) fn address(text: &str) -> Result<Address, String> {
    let address = Address::new(text);
    if address.mail().is_some_and(|mail| mail.contains('@')) {
        Ok(address)
    } else {
        Err(format!("{text:?} is no mail address"))
    }
}

pub(super) async fn run(context: &Context, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Add(new) => add(context, new).await,
        Command::List => list(context).await,
        Command::Show { login } => show(context, &login).await,
        Command::Set { login, pairs } => {
            context.bookings.set_user(login.clone(), changes(pairs)?).await?;
            Ok(done("changed", &login))
        }
        Command::Password { login, password_stdin } => {
            let typed = secret::password(password_stdin)?;
            let typed = typed.ok_or_else(|| Failure::new("no password was given; use --password-stdin"))?;
            context.bookings.set_password(login.clone(), Some(secret::hash(&typed)?)).await?;
            Ok(done("changed the password of", &login))
        }
        Command::Disable { login } => {
            context.bookings.set_disabled(login.clone(), true).await?;
            Ok(done("disabled", &login))
        }
        Command::Enable { login } => {
            context.bookings.set_disabled(login.clone(), false).await?;
            Ok(done("enabled", &login))
        }
        Command::AppPassword(command) => app_password::run(context, command).await,
    }
}

fn done(what: &str, login: &Slug) -> Output {
    Output::done(&format!("{what} {login}"), json!({"login": login.as_str()}))
}

async fn add(context: &Context, add: Add) -> Result<Output, Failure> {
    let Add { login, email, name, admin, password_stdin } = add;
    let password = secret::password(password_stdin)?;
    let text = login.to_string();
    let sentence = match password {
        Some(_) => format!("added {text}"),
        None => format!("added {text}, without a password"),
    };
    let new = NewUser {
        name: name.unwrap_or_else(|| text.clone()),
        login,
        addresses: email,
        language: None,
        admin,
        password_hash: password.as_deref().map(secret::hash).transpose()?,
    };
    let id = context.bookings.add_user(new).await?;
    Ok(Output::done(&sentence, json!({"id": id.get(), "login": text})))
}

async fn list(context: &Context) -> Result<Output, Failure> {
    let mut snapshot = context.snapshot().await?;
    let mut tx = snapshot.tx();
    let groups = tx.groups().list().await?;
    let mut rows = Vec::new();
    for user in tx.users().list().await? {
        let of_user = tx.groups().of_user(user.id).await?;
        rows.push(row(&user, &groups, &of_user));
    }
    Ok(Output::listing(&["id", "login", "name", "email", "groups", "admin", "disabled"], rows))
}

/// What `user show` prints, in this order.
const SHOWN: [&str; 12] = [
    "id",
    "login",
    "name",
    "email",
    "groups",
    "language",
    "refusals",
    "admin",
    "disabled",
    "write_delegates",
    "read_delegates",
    "uuid",
];

async fn show(context: &Context, login: &Slug) -> Result<Output, Failure> {
    let mut snapshot = context.snapshot().await?;
    let mut tx = snapshot.tx();
    let user = user(&mut tx, login).await?;
    let groups = tx.groups().list().await?;
    let of_user = tx.groups().of_user(user.id).await?;
    let mut shown = row(&user, &groups, &of_user);
    let delegates = tx.delegates().of(user.id).await?;
    for (key, access) in [("write_delegates", Access::Write), ("read_delegates", Access::Read)] {
        let mut logins = Vec::new();
        for (delegate, _) in delegates.iter().filter(|(_, of)| *of == access) {
            logins.extend(tx.users().get(*delegate).await?.map(|user| user.login.to_string()));
        }
        shown[key] = json!(logins);
    }
    Ok(Output::object(&SHOWN, shown))
}

fn row(user: &User, groups: &[Group], of_user: &[GroupId]) -> Value {
    let groups = groups.iter().filter(|group| of_user.contains(&group.id));
    json!({
        "id": user.id.get(),
        "login": user.login.as_str(),
        "name": user.name,
        "email": user.addresses.iter().map(plain).collect::<Vec<_>>(),
        "groups": groups.map(|group| group.name.as_str()).collect::<Vec<_>>(),
        "language": user.language,
        "refusals": user.refusals.as_str(),
        "admin": user.admin,
        "disabled": user.disabled,
        "uuid": user.uuid,
    })
}

/// An address as people write it.
pub(super) fn plain(address: &Address) -> &str {
    address.mail().unwrap_or(address.as_str())
}

/// Logins with commas between them; `none` is nobody.
fn logins(text: &str) -> Result<Vec<Slug>, Failure> {
    let given = text.split(',').map(str::trim).filter(|login| !login.is_empty() && *login != "none");
    given.map(|login| Slug::parse(login).map_err(|bad| Failure::new(format!("{login:?}: {bad}")))).collect()
}

fn changes(pairs: Vec<(String, String)>) -> Result<Vec<UserChange>, Failure> {
    const KEYS: &str = "name, email, language, refusals, admin, write_delegates, read_delegates";
    let mut changes = Vec::new();
    let mut addresses = Vec::new();
    for (key, value) in pairs {
        let value = value.trim().to_owned();
        let impossible =
            |possible: &str| Failure::new(format!("{key} cannot be {value:?}; possible: {possible}"));
        match key.as_str() {
            "name" if value.is_empty() => return Err(impossible("any text")),
            "name" => changes.push(UserChange::Name(value)),
            "email" => addresses.push(address(&value).map_err(Failure::new)?),
            "language" if value == "none" => changes.push(UserChange::Language(None)),
            "language" => {
                let language = Language::from_tag(&value).ok_or_else(|| impossible("en, de, none"))?;
                changes.push(UserChange::Language(Some(language.tag().to_owned())));
            }
            "refusals" => {
                let mode = Refusals::parse(&value).ok_or_else(|| impossible("auto, strict, friendly"))?;
                changes.push(UserChange::Refusals(mode));
            }
            "write_delegates" => changes.push(UserChange::Delegates(Access::Write, logins(&value)?)),
            "read_delegates" => changes.push(UserChange::Delegates(Access::Read, logins(&value)?)),
            "admin" => match value.as_str() {
                "on" => changes.push(UserChange::Admin(true)),
                "off" => changes.push(UserChange::Admin(false)),
                _ => return Err(impossible("on, off")),
            },
            _ => return Err(Failure::new(format!("there is no key {key:?}; there are {KEYS}"))),
        }
    }
    if !addresses.is_empty() {
        changes.push(UserChange::Addresses(addresses));
    }
    Ok(changes)
}
