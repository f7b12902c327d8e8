//! Accounts as the wall asks for them, from the store.
//! RFC 6764, section 7.

use crate::domain::attendee::Address;
use crate::domain::id::{Slug, UserId};
use crate::domain::user::Refusals;
use crate::server::{Account, Accounts, AppPassword, Unavailable};
use crate::store::{Credentials, Store, StoreError, Tx};

/// The people of the database.
pub(super) struct StoredAccounts(Store);

impl StoredAccounts {
    pub(super) fn new(store: Store) -> Self {
        Self(store)
    }

    async fn find(&self, name: &str) -> Result<Option<Account>, StoreError> {
        let mut snapshot = self.0.snapshot().await?;
        let mut tx = snapshot.tx();
        if let Ok(login) = Slug::parse(name) {
            return of_login(&mut tx, &login).await;
        }
        match tx.users().by_address(&Address::new(name)).await? {
            // Only a mail address signs in: the others are no secret, but nobody types them.
            Some(user) if name.contains('@') => of_login(&mut tx, &user.login).await,
            _ => Ok(None),
        }
    }

    async fn find_app_password(&self, public_id: &str) -> Result<Option<AppPassword>, StoreError> {
        let mut snapshot = self.0.snapshot().await?;
        let mut tx = snapshot.tx();
        let Some((known, secret_hash)) = tx.credentials().by_public_id(public_id).await? else {
            return Ok(None);
        };
        let Some(account) = of_user(&mut tx, known.user).await? else { return Ok(None) };
        let mode = known.mode.map(|mode| Refusals::as_str(mode).to_owned());
        Ok(Some(AppPassword { id: known.id, account, secret_hash, mode }))
    }
}

impl Accounts for StoredAccounts {
    async fn account(&self, name: &str) -> Result<Option<Account>, Unavailable> {
        self.find(name).await.map_err(unavailable)
    }

    async fn app_password(&self, public_id: &str) -> Result<Option<AppPassword>, Unavailable> {
        self.find_app_password(public_id).await.map_err(unavailable)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed over by map_err")]
fn unavailable(error: StoreError) -> Unavailable {
    tracing::warn!(%error, "accounts cannot be read");
    Unavailable
}

async fn of_user(tx: &mut Tx<'_>, user: UserId) -> Result<Option<Account>, StoreError> {
    match tx.users().get(user).await? {
        Some(user) => of_login(tx, &user.login).await,
        None => Ok(None),
    }
}

async fn of_login(tx: &mut Tx<'_>, login: &Slug) -> Result<Option<Account>, StoreError> {
    let found = tx.credentials().of_login(login).await?;
    Ok(found.map(|Credentials { user, password_hash, disabled, version }| Account {
        user,
        login: login.to_string(),
        password_hash,
        credential_version: version,
        disabled,
    }))
}
