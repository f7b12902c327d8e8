//! Who reads and writes: the account behind a request as `booking` knows it, and how its program
//! wants refusals.

use std::net::IpAddr;

use http::HeaderMap;

use crate::booking::{self, Actor};
use crate::caldav::zone_form::ZoneForm;
use crate::dav::{DavError, Href, Privilege, PrivilegeSet, Viewer};
use crate::domain::id::UserId;
use crate::domain::user::{Refusals, User};
use crate::store::{StoreError, Tx};
use crate::text::Language;

use super::Site;
use super::people;
use super::place::{Place, Who};
use super::profile::Profile;
use super::refusal;
use super::zone_form;

/// How an account or one of its app passwords pins the way of refusing.
pub type Mode = Refusals;

/// What a delegate who reads may do.
pub(super) const READS: PrivilegeSet = PrivilegeSet::READ.with(Privilege::ReadNames);

/// What a viewer is beyond WebDAV.
#[derive(Clone, Debug)]
pub struct Reader {
    /// For commands.
    pub actor: Actor,
    /// The person whose rights and settings count: the account itself, or in the home of somebody
    /// whose delegate it is, that one.
    pub user: UserId,
    /// How refusals are answered.
    pub profile: Profile,
    /// Whether texts explain the time zones that they name.
    pub zones: ZoneForm,
}

impl Reader {
    /// The account that signed in, whose devices are told and counted.
    pub(super) fn account(&self) -> UserId {
        self.actor.account().unwrap_or(self.user)
    }

    /// What of these privileges is left: to a delegate who reads, no change of anything.
    pub(super) fn left_of(&self, privileges: PrivilegeSet) -> PrivilegeSet {
        if self.actor.may_write() { privileges } else { privileges.only(READS) }
    }
}

impl Site {
    /// The viewer of an authenticated request for `path`. `mode` is what the app password pins, if it
    /// pins anything; it goes before the account's own setting. In the home of a person who made the
    /// account a delegate, it is as that person that it reads and writes.
    ///
    /// # Errors
    /// 404 if the account is gone, 503 if the database is.
    pub async fn viewer(&self, user: UserId, visit: Visit<'_>) -> Result<Viewer, DavError> {
        let Visit { mode, user_agent, accept_language, path, peer } = visit;
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let language = Language::from_accept(accept_language).unwrap_or_default();
        let account = account(&mut tx, user).await?;
        let own = Place::Principal(Who::User(account.login.to_string())).href();
        let actor = booking::actor(&mut tx, &account, language).await.map_err(refusal::store)?;
        let actor = Actor { peer, ..actor };
        let actor = in_whose_name(&mut tx, actor, &account, path).await.map_err(refusal::store)?;
        self.load_push(&mut tx).await.map_err(refusal::store)?;
        let profile = Profile::of(user_agent, mode.unwrap_or(account.refusals));
        let viewer = Viewer::new(user.get(), account.login.as_str(), own).with_user_agent(user_agent);
        let user = actor.user.unwrap_or(user);
        Ok(viewer.with_extra(Reader { actor, user, profile, zones: ZoneForm::Unsaid }))
    }

    /// The viewer with what the header fields of the request say beyond WebDAV.
    #[must_use]
    pub fn with_wishes(&self, viewer: Viewer, headers: &HeaderMap) -> Viewer {
        zone_form::remembered(self.quietly(viewer, headers), headers)
    }
}

/// What is known of a request beside who asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visit<'a> {
    /// How an app password wants refusals answered; `None`: as the account's setting says.
    pub mode: Option<Mode>,
    /// The field `User-Agent`.
    pub user_agent: &'a str,
    /// The field `Accept-Language`.
    pub accept_language: &'a str,
    /// The path of the target.
    pub path: &'a str,
    /// The client's address.
    pub peer: Option<IpAddr>,
}

async fn account(tx: &mut Tx<'_>, user: UserId) -> Result<User, DavError> {
    tx.users().get(user).await.map_err(refusal::store)?.ok_or_else(DavError::not_found)
}

/// The account itself, or the person in whose home the path lies if the account is a delegate of
/// that one. Of somebody who is locked out nobody is.
async fn in_whose_name(
    tx: &mut Tx<'_>,
    actor: Actor,
    account: &User,
    path: &str,
) -> Result<Actor, StoreError> {
    if actor.acts_for.is_empty() {
        return Ok(actor);
    }
    let place = Href::parse(path).ok().and_then(|href| Place::of(&href));
    let Some(name) = place.as_ref().and_then(Place::home) else { return Ok(actor) };
    let Some(person) = people::user_named(tx, name).await?.filter(|person| !person.disabled) else {
        return Ok(actor);
    };
    let Some(access) = actor.access_for(person.id) else { return Ok(actor) };
    let as_person = booking::actor(tx, &person, actor.language).await?;
    // Without a mail address it is the UUID.
    Ok(as_person.through(&actor, account.all_addresses().into_iter().next(), access))
}

/// The reader in a viewer, which [`Site::viewer`] put there.
pub(super) fn reader(viewer: &Viewer) -> Result<&Reader, DavError> {
    viewer.extra::<Reader>().ok_or_else(|| DavError::internal("a viewer without its account"))
}
