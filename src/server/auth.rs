//! Who is asking: Basic authentication (RFC 7617).

use std::future::Future;

use crate::domain::id::UserId;

/// Who sent a request; made for each request from that request alone (D-21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub user: UserId,
    /// Its login, also where the client signed in with a mail address.
    pub login: String,
    /// The app password's key, if one was used.
    pub app_password: Option<i64>,
    /// The way of refusing that the app password pins, as stored; `None` without one.
    pub mode: Option<String>,
}

/// What is known of an account for signing in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub user: UserId,
    /// Its login.
    pub login: String,
    /// The hash of its password; `None`: it has none.
    pub password_hash: Option<String>,
    /// Rises with every change of password or state; ends what is remembered of a sign-in.
    pub credential_version: i64,
    /// Whether it may sign in.
    pub disabled: bool,
}

/// What is known of an app password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppPassword {
    /// The row's key.
    pub id: i64,
    /// Whose it is.
    pub account: Account,
    /// What is kept of its secret.
    pub secret_hash: String,
    /// The way of refusing that it pins, as stored.
    pub mode: Option<String>,
}

/// Accounts cannot be read at present; the request is answered 503.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("accounts cannot be read at present")]
pub struct Unavailable;

/// Where accounts are kept.
pub trait Accounts: Send + Sync + 'static {
    /// The account with this login or mail address, both compared in lower case; `name` is in
    /// lower case and NFC already. Also a disabled one.
    fn account(&self, name: &str) -> impl Future<Output = Result<Option<Account>, Unavailable>> + Send;

    /// The app password with this public part, with its account. Also of a disabled one.
    fn app_password(
        &self,
        public_id: &str,
    ) -> impl Future<Output = Result<Option<AppPassword>, Unavailable>> + Send;
}
