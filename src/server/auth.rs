//! Who is asking: Basic authentication (RFC 7617).
//!
//! A sign-in is proved once by a password hash (D-22, L-61) or an app password (D-23), then
//! remembered for minutes under a keyed hash (L-64). Failures are slowed (L-63).
//! Knows no tables: accounts are asked of an [`Accounts`]. R7.1, R7.3, R7.4.
//! RFC 3744, section 13; RFC 4918, section 20.1.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use http::HeaderMap;

use self::basic::{BadCredentials, Credentials};
use self::hashing::Hashing;
use self::memory::{Memory, Proof};
use self::throttle::{Account as Counted, Throttle};
use crate::credentials::{dummy_hash, split_app_password, verify_secret};
use crate::domain::id::UserId;
use crate::limits::Limits;
use crate::metrics::Metrics;

mod basic;
mod hashing;
mod memory;
#[cfg(test)]
mod tests;
mod throttle;

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
    /// Whether it may not sign in.
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

/// Why a request has no sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// No credentials, or wrong ones, or an account that may not: which, nobody learns (D-22).
    Unauthorized,
    /// More than one Authorization field.
    Ambiguous,
    /// Too many failures; seconds until the next try is looked at (L-63).
    Throttled(u64),
    /// Too many passwords wait to be hashed (L-62).
    Busy,
    /// Accounts cannot be read.
    Unavailable,
}

impl Denied {
    /// How it is counted; not at all where it says nothing about a password.
    fn label(self) -> Option<&'static str> {
        match self {
            Self::Unauthorized => Some("wrong"),
            Self::Throttled(_) => Some("throttled"),
            Self::Busy => Some("busy"),
            Self::Unavailable => Some("unavailable"),
            Self::Ambiguous => None,
        }
    }
}

impl From<Unavailable> for Denied {
    fn from(_: Unavailable) -> Self {
        Self::Unavailable
    }
}

impl From<BadCredentials> for Denied {
    fn from(bad: BadCredentials) -> Self {
        match bad {
            BadCredentials::Several => Self::Ambiguous,
            BadCredentials::None | BadCredentials::Malformed => Self::Unauthorized,
        }
    }
}

/// Signs people in.
pub(super) struct SignIn<A> {
    accounts: A,
    memory: Memory,
    throttle: Throttle,
    hashing: Hashing,
    metrics: Arc<Metrics>,
}

impl<A: Accounts> SignIn<A> {
    pub(super) fn new(accounts: A, limits: &Arc<Limits>, metrics: &Arc<Metrics>) -> Self {
        let (memory, throttle) = (Memory::new(limits), Throttle::new(limits));
        // Made now, so that the first unknown user costs what every other costs (D-22).
        let _ = dummy_hash();
        for why in [Denied::Unauthorized, Denied::Throttled(0), Denied::Busy, Denied::Unavailable] {
            metrics.sign_ins_refused.expect(why.label().map(|label| [label]));
        }
        Self { accounts, memory, throttle, hashing: Hashing::new(limits), metrics: Arc::clone(metrics) }
    }

    /// Who sent these headers from that address.
    pub(super) async fn identify(
        &self,
        headers: &HeaderMap,
        address: IpAddr,
        limits: &Limits,
    ) -> Result<Identity, Denied> {
        // Who sends none is asked for some: that is how it begins, and not counted.
        let credentials = basic::read(headers, limits)?;
        let found = self.prove(&credentials, address).await;
        if let Some(why) = found.as_ref().err().and_then(|denied| denied.label()) {
            self.metrics.sign_ins_refused.count([why]);
        }
        found
    }

    async fn prove(&self, credentials: &Credentials, address: IpAddr) -> Result<Identity, Denied> {
        if let Some(identity) = self.remembered(credentials).await? {
            return Ok(identity);
        }
        if let Some(proof) = self.by_app_password(credentials).await? {
            return Ok(self.memory.keep(credentials, proof));
        }
        self.by_password(credentials, address).await
    }

    /// A good sign-in that is still remembered, and still true (L-64).
    async fn remembered(&self, credentials: &Credentials) -> Result<Option<Identity>, Denied> {
        let Some(good) = self.memory.good(credentials) else { return Ok(None) };
        if good.is_fresh() {
            return Ok(Some(good.identity().clone()));
        }
        let now = match good.identity().app_password {
            Some(_) => self.by_app_password(credentials).await?,
            None => self.accounts.account(&credentials.user).await?.and_then(Proof::of_account),
        };
        if now.as_ref() == Some(good.proof()) {
            good.confirm();
            return Ok(Some(good.identity().clone()));
        }
        self.memory.forget(credentials);
        Ok(None)
    }

    /// What an app password proves, if this is one of this user.
    async fn by_app_password(&self, credentials: &Credentials) -> Result<Option<Proof>, Denied> {
        let Some((public_id, secret)) = split_app_password(&credentials.password) else { return Ok(None) };
        let Some(known) = self.accounts.app_password(public_id).await? else { return Ok(None) };
        if !verify_secret(secret, &known.secret_hash) {
            return Ok(None);
        }
        let named = self.accounts.account(&credentials.user).await?;
        let is_theirs = named.is_some_and(|account| account.user == known.account.user);
        Ok(if is_theirs { Proof::of_app_password(known) } else { None })
    }

    async fn by_password(&self, credentials: &Credentials, address: IpAddr) -> Result<Identity, Denied> {
        let account = self.accounts.account(&credentials.user).await?;
        let version = account.as_ref().map(|account| account.credential_version);
        let counted = match &account {
            Some(account) => Counted::Known(account.user),
            None => Counted::Unknown(credentials.user.clone()),
        };
        self.may_try(credentials, version, &counted, address)?;
        let turn = self.hashing.turn().await.ok_or(Denied::Busy)?;
        // Others with the same password, or the same address, may have come first.
        if let Some(good) = self.memory.good(credentials).filter(|good| good.is_fresh()) {
            return Ok(good.identity().clone());
        }
        self.may_try(credentials, version, &counted, address)?;
        let stored = account.as_ref().and_then(|account| account.password_hash.clone());
        let stored = stored.unwrap_or_else(|| dummy_hash().to_owned());
        let matches = turn.verify(credentials.password.clone(), stored).await;
        let Some(proof) = account.and_then(Proof::of_account).filter(|_| matches) else {
            self.throttle.failed(counted, address, Instant::now());
            self.memory.keep_wrong(credentials, version);
            return Err(Denied::Unauthorized);
        };
        self.throttle.succeeded(counted, address, Instant::now());
        Ok(self.memory.keep(credentials, proof))
    }

    /// Refuses a try that was just found wrong, or comes too soon after too many.
    fn may_try(
        &self,
        credentials: &Credentials,
        version: Option<i64>,
        counted: &Counted,
        address: IpAddr,
    ) -> Result<(), Denied> {
        if self.memory.is_wrong(credentials, version) {
            return Err(Denied::Unauthorized);
        }
        self.throttle.admit(counted, address, Instant::now()).map_err(|wait| {
            let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            Denied::Throttled(millis.div_ceil(1000).max(1))
        })
    }
}
