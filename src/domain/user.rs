//! People: accounts, what they are called, how they want to be answered.
//!
//! Knows no passwords; those stay in the store.

use super::attendee::Address;
use super::id::{GroupId, Slug, UserId};

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The key.
    pub id: UserId,
    /// What is typed to sign in, and the name in URLs.
    pub login: Slug,
    /// The full name; never empty.
    pub name: String,
    /// A stable identity, in lower case, for `urn:uuid:` addresses.
    pub uuid: String,
    /// `en` or `de`; `None` leaves it to the client.
    pub language: Option<String>,
    /// How refusals are answered.
    pub refusals: Refusals,
    /// May do everything.
    pub admin: bool,
    /// Cannot sign in.
    pub disabled: bool,
    /// Goes up with every change of a password, of `disabled` or of an app password.
    pub credential_version: i64,
    /// Without an account: owns what was booked by messages, is found by nobody and cannot sign in.
    pub guest: bool,
    /// Addresses, the preferred one first.
    pub addresses: Vec<Address>,
}

/// Where the principals of people are, before their logins.
pub const USER_PRINCIPALS: &str = "/principals/users/";

impl User {
    /// Every address of this person: mail, `urn:uuid:`, and the principal's path (RFC 6638, section 2.4.1).
    #[must_use]
    pub fn all_addresses(&self) -> Vec<Address> {
        let path = Address::new(&format!("{USER_PRINCIPALS}{}/", self.login));
        let uuid = Address::new(&format!("urn:uuid:{}", self.uuid));
        self.addresses.iter().cloned().chain([uuid, path]).collect()
    }

    /// The login in an address that is the path (or the whole URL) of a person's principal.
    #[must_use]
    pub fn login_in(address: &Address) -> Option<Slug> {
        let (_, after) = address.as_str().split_once(USER_PRINCIPALS)?;
        Slug::parse(after.strip_suffix('/').unwrap_or(after)).ok()
    }
}

/// What a delegate may do in the home of the person who made him one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Read everything there.
    Read,
    /// Write too, in that person's name.
    Write,
}

impl Access {
    /// As it stands in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// How a refused write is answered to the programs of one person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refusals {
    /// By the program that asks.
    #[default]
    Auto,
    /// Always an error.
    Strict,
    /// Always accept and decline, where that is possible.
    Friendly,
}

impl Refusals {
    /// As it is written on the command line and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Strict => "strict",
            Self::Friendly => "friendly",
        }
    }

    /// The inverse of [`Refusals::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Auto, Self::Strict, Self::Friendly].into_iter().find(|mode| mode.as_str() == text)
    }
}

/// A named set of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The key.
    pub id: GroupId,
    /// Its name, unique, as in `group:NAME` and in URLs.
    pub name: Slug,
    /// A stable identity, in lower case.
    pub uuid: String,
}
