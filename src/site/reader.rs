//! Who reads and writes: the account behind a request as `booking` knows it, and how its program
//! wants refusals.

use crate::booking::{self, Actor};
use crate::dav::{DavError, Viewer};
use crate::domain::id::UserId;
use crate::domain::user::Refusals;
use crate::store::Tx;
use crate::text::Language;

use super::Site;
use super::place::{Place, Who};
use super::profile::Profile;
use super::refusal;

/// How an account or one of its app passwords pins the way of refusing.
pub type Mode = Refusals;

/// What a viewer is beyond WebDAV.
#[derive(Clone, Debug)]
pub struct Reader {
    /// For commands.
    pub actor: Actor,
    /// The account.
    pub user: UserId,
    /// How refusals are answered.
    pub profile: Profile,
}

impl Site {
    /// The viewer of an authenticated request. `mode` is what the app password pins, if it pins
    /// anything; it goes before the account's own setting.
    ///
    /// # Errors
    /// 404 if the account is gone, 503 if the database is.
    pub async fn viewer(
        &self,
        user: UserId,
        mode: Option<Mode>,
        user_agent: &str,
        accept_language: &str,
    ) -> Result<Viewer, DavError> {
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let language = Language::from_accept(accept_language).unwrap_or_default();
        let (actor, refusals) = account(&mut tx, user, language).await?;
        let profile = Profile::of(user_agent, mode.unwrap_or(refusals));
        let principal = Place::Principal(Who::User(actor.login.clone())).href();
        let viewer = Viewer::new(user.get(), &actor.login, principal).with_user_agent(user_agent);
        Ok(viewer.with_extra(Reader { actor, user, profile }))
    }
}

async fn account(tx: &mut Tx<'_>, user: UserId, language: Language) -> Result<(Actor, Refusals), DavError> {
    let user = tx.users().get(user).await.map_err(refusal::store)?.ok_or_else(DavError::not_found)?;
    let actor = booking::actor(tx, &user, language).await.map_err(refusal::store)?;
    Ok((actor, user.refusals))
}

/// The reader in a viewer, which [`Site::viewer`] put there.
pub(super) fn reader(viewer: &Viewer) -> Result<&Reader, DavError> {
    viewer.extra::<Reader>().ok_or_else(|| DavError::internal("a viewer without its account"))
}
