//! Who does something, with what decides about it; and delegates, who do it in another's name.

use std::net::IpAddr;
use std::sync::Arc;

use crate::domain::attendee::Address;
use crate::domain::id::{GroupId, UserId};
use crate::domain::time::Instant;
use crate::domain::user::{Access, User};
use crate::store::{Decision, StoreError, Tx};
use crate::text::Language;

use super::LANGUAGE_KEY;
use super::error::Error;
use super::requests::Asking;

/// Somebody who books, changes or cancels.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The account; `None` for the command line, which may do everything.
    pub user: Option<UserId>,
    /// The login, for audit rows and audiences; `command line` without an account.
    pub login: String,
    /// The full name, as others may be told it.
    pub name: String,
    /// May do everything.
    pub admin: bool,
    /// Without an account here: asks by messages alone, where `external` lets it.
    pub guest: bool,
    /// The groups it is in.
    pub groups: Vec<GroupId>,
    /// The names of those groups, for audiences.
    pub group_names: Vec<String>,
    /// In which language it is answered.
    pub language: Language,
    /// From which address it asks; `None` for the command line and the server itself.
    pub peer: Option<IpAddr>,
    /// Registrations of the signed-in account that are not told of what it changes.
    pub quiet: Vec<String>,
    /// The people who made this one a delegate, by key, and what he may do for them.
    pub acts_for: Vec<(UserId, Access)>,
    /// Who really signed in, where it is a delegate of this person.
    pub delegate: Option<Box<Delegate>>,
    /// The row by which it asks, if it does: what becomes of that is written back with what is decided.
    pub request: Option<Arc<Asking>>,
}

/// Somebody who acts in another's name.
#[derive(Clone, Debug)]
pub struct Delegate {
    /// The account.
    pub user: UserId,
    /// The login.
    pub login: String,
    /// The preferred address, which is told as SENT-BY; `None` where he only looks.
    pub address: Option<Address>,
    /// What was allowed.
    pub access: Access,
}

impl Actor {
    /// The command line.
    #[must_use]
    pub fn operator() -> Self {
        Self {
            user: None,
            login: "command line".to_owned(),
            name: "An administrator".to_owned(),
            admin: true,
            guest: false,
            groups: Vec::new(),
            group_names: Vec::new(),
            language: Language::English,
            peer: None,
            quiet: Vec::new(),
            acts_for: Vec::new(),
            delegate: None,
            request: None,
        }
    }

    /// The same, asking by a row.
    pub(super) fn asking(self, asking: Asking) -> Self {
        Self { request: Some(Arc::new(asking)), ..self }
    }

    /// Whether this is the account `user`.
    #[must_use]
    pub fn is(&self, user: UserId) -> bool {
        self.user == Some(user)
    }

    /// The person as whom `delegate`, with this address, acts: with that person's rights, but never
    /// as an administrator, and answered in the delegate's language.
    #[must_use]
    pub fn through(self, delegate: &Self, address: Option<Address>, access: Access) -> Self {
        let login = delegate.login.clone();
        let by = delegate.user.map(|user| Box::new(Delegate { user, login, address, access }));
        Self {
            admin: false,
            language: delegate.language,
            peer: delegate.peer,
            quiet: delegate.quiet.clone(),
            acts_for: Vec::new(),
            delegate: by,
            ..self
        }
    }

    /// What it may do for `person`, who is somebody else; `None` if nothing.
    #[must_use]
    pub fn access_for(&self, person: UserId) -> Option<Access> {
        self.acts_for.iter().filter(|(of, _)| *of == person).map(|(_, access)| *access).max()
    }

    /// Whether it may change anything: a delegate who reads may not.
    #[must_use]
    pub fn may_write(&self) -> bool {
        self.delegate.as_ref().is_none_or(|delegate| delegate.access == Access::Write)
    }

    /// [`Actor::may_write`], or an error.
    pub(super) fn check_writes(&self) -> Result<(), Error> {
        if self.may_write() { Ok(()) } else { Err(Error::OnlyReads) }
    }

    /// The account that signed in: the delegate's, or its own; `None` for the command line.
    #[must_use]
    pub fn account(&self) -> Option<UserId> {
        self.delegate.as_ref().map(|delegate| delegate.user).or(self.user)
    }

    /// An audit row that says who, from where and when, and nothing yet of what (D-65).
    pub(super) fn row(&self, now: Instant) -> Decision {
        Decision {
            actor: self.account(),
            actor_name: self.signature(),
            peer: self.origin(),
            ..Decision::at(now)
        }
    }

    /// Whence it asks, for audit rows: an address, or the number of a row.
    fn origin(&self) -> Option<String> {
        let request = || self.request.as_ref().map(|asking| format!("request {}", asking.row.id));
        self.peer.map(|peer| peer.to_string()).or_else(request)
    }

    /// Who it was, for audit rows: a login, or two.
    #[must_use]
    pub fn signature(&self) -> String {
        match &self.delegate {
            Some(delegate) => format!("{} for {}", delegate.login, self.login),
            None => self.login.clone(),
        }
    }
}

/// The person as an actor; `None` if the account is off (R66) or gone.
///
/// # Errors
/// When the database cannot answer.
pub(super) async fn person(tx: &mut Tx<'_>, id: UserId) -> Result<Option<Actor>, StoreError> {
    let Some(user) = tx.users().get(id).await?.filter(|user| !user.disabled) else { return Ok(None) };
    let language = language_of(tx, &user).await?;
    actor(tx, &user, language).await.map(Some)
}

/// In which language somebody is written to who is not asking right now: the own setting, else the
/// configured one (R124).
///
/// # Errors
/// When the database cannot answer.
pub(super) async fn language_of(tx: &mut Tx<'_>, user: &User) -> Result<Language, StoreError> {
    match user.language.as_deref().and_then(Language::from_tag) {
        Some(own) => Ok(own),
        None => configured_language(tx).await,
    }
}

/// The language of the house: of everybody who has no setting, and of those without an account.
///
/// # Errors
/// When the database cannot answer.
pub(super) async fn configured_language(tx: &mut Tx<'_>) -> Result<Language, StoreError> {
    let configured = tx.meta().get(LANGUAGE_KEY).await?;
    Ok(configured.as_deref().and_then(Language::from_tag).unwrap_or_default())
}

/// As whom an actor may read: the people for whom he acts, as they are through him. Of somebody who is
/// locked out nobody is.
///
/// # Errors
/// When the database cannot answer.
pub async fn persons_of(tx: &mut Tx<'_>, delegate: &Actor) -> Result<Vec<Actor>, StoreError> {
    let mut persons = Vec::with_capacity(delegate.acts_for.len());
    for (of, access) in &delegate.acts_for {
        let person = person(tx, *of).await?;
        persons.extend(person.map(|person| person.through(delegate, None, *access)));
    }
    Ok(persons)
}

/// An account as an actor, answered in its own language, else in `language`.
///
/// # Errors
/// When the database cannot answer.
pub async fn actor(tx: &mut Tx<'_>, user: &User, language: Language) -> Result<Actor, StoreError> {
    let groups = tx.groups().of_user(user.id).await?;
    let group_names = if groups.is_empty() {
        Vec::new()
    } else {
        let all = tx.groups().list().await?;
        all.into_iter()
            .filter(|group| groups.contains(&group.id))
            .map(|group| group.name.to_string())
            .collect()
    };
    Ok(Actor {
        user: Some(user.id),
        login: user.login.to_string(),
        name: user.name.clone(),
        admin: user.admin,
        guest: user.guest,
        groups,
        group_names,
        language: user.language.as_deref().and_then(Language::from_tag).unwrap_or(language),
        peer: None,
        quiet: Vec::new(),
        acts_for: tx.delegates().for_whom(user.id).await?,
        delegate: None,
        request: None,
    })
}
