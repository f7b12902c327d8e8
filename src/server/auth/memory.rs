//! Remembers good sign-ins for minutes and wrong passwords for seconds (L-64).
//!
//! Keys are HMAC-SHA-256 of user and password under a key made for this process, so that
//! nothing kept here says what the password was.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit as _, Mac as _};
use quick_cache::sync::Cache;
use sha2::Sha256;

use super::basic::Credentials;
use super::{Account, AppPassword, Identity};
use crate::limits::Limits;

type Key = [u8; 32];

/// What a sign-in rested on; a remembered one holds as long as this stays the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proof {
    identity: Identity,
    stored: String,
    credential_version: Option<i64>,
}

impl Proof {
    /// What a good password of this account rests on; `None` if it may not sign in with one.
    pub(super) fn of_account(account: Account) -> Option<Self> {
        let stored = account.password_hash.filter(|_| !account.disabled)?;
        let identity = Identity { user: account.user, login: account.login, app_password: None, mode: None };
        Some(Self { identity, stored, credential_version: Some(account.credential_version) })
    }

    /// What a good app password rests on; `None` if its owner may not sign in. A change of the
    /// owner's password leaves it good.
    pub(super) fn of_app_password(known: AppPassword) -> Option<Self> {
        let AppPassword { id, account, secret_hash: stored, mode } = known;
        let identity = Identity { user: account.user, login: account.login, app_password: Some(id), mode };
        (!account.disabled).then_some(Self { identity, stored, credential_version: None })
    }
}

/// A good sign-in.
pub(super) struct Good {
    proof: Proof,
    limits: Arc<Limits>,
    since: Instant,
    /// Milliseconds after `since`.
    used: AtomicU64,
    checked: AtomicU64,
}

impl Good {
    pub(super) fn identity(&self) -> &Identity {
        &self.proof.identity
    }

    pub(super) fn proof(&self) -> &Proof {
        &self.proof
    }

    /// Whether the account need not be looked at again yet.
    pub(super) fn is_fresh(&self) -> bool {
        let recheck = self.limits.login_recheck_time;
        self.age().saturating_sub(Duration::from_millis(self.checked.load(Ordering::Relaxed))) < recheck
    }

    /// The account was looked at and is as before.
    pub(super) fn confirm(&self) {
        self.checked.store(millis(self.age()), Ordering::Relaxed);
    }

    fn age(&self) -> Duration {
        self.since.elapsed()
    }

    /// Whether it is still remembered; counts as a use if so.
    fn touch(&self) -> bool {
        let age = self.age();
        let idle = age.saturating_sub(Duration::from_millis(self.used.load(Ordering::Relaxed)));
        let holds = age < self.limits.login_time && idle < self.limits.login_idle_time;
        if holds {
            self.used.store(millis(age), Ordering::Relaxed);
        }
        holds
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Good and wrong sign-ins of late.
pub(super) struct Memory {
    secret: Hmac<Sha256>,
    good: Cache<Key, Arc<Good>>,
    wrong: Cache<Key, (Option<i64>, Instant)>,
    limits: Arc<Limits>,
}

impl Memory {
    pub(super) fn new(limits: &Arc<Limits>) -> Self {
        let mut key = [0; 32];
        getrandom::fill(&mut key).expect("without random bytes no server can start");
        Self {
            secret: Hmac::new_from_slice(&key).expect("HMAC takes keys of any length"),
            good: Cache::new(limits.logins_remembered),
            wrong: Cache::new(limits.logins_remembered),
            limits: Arc::clone(limits),
        }
    }

    fn key(&self, credentials: &Credentials) -> Key {
        let mut mac = self.secret.clone();
        mac.update(credentials.user.as_bytes());
        mac.update(&[0]);
        mac.update(credentials.password.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// A good sign-in with exactly these, still remembered.
    pub(super) fn good(&self, credentials: &Credentials) -> Option<Arc<Good>> {
        let key = self.key(credentials);
        let good = self.good.get(&key)?;
        if good.touch() {
            return Some(good);
        }
        self.good.remove(&key);
        None
    }

    /// Remembers a good sign-in, just proved.
    pub(super) fn keep(&self, credentials: &Credentials, proof: Proof) -> Identity {
        let identity = proof.identity.clone();
        let (limits, since) = (Arc::clone(&self.limits), Instant::now());
        let good = Good { proof, limits, since, used: AtomicU64::new(0), checked: AtomicU64::new(0) };
        self.good.insert(self.key(credentials), Arc::new(good));
        identity
    }

    pub(super) fn forget(&self, credentials: &Credentials) {
        self.good.remove(&self.key(credentials));
    }

    /// Whether these were found wrong a moment ago, and the account is as it was then.
    pub(super) fn is_wrong(&self, credentials: &Credentials, version: Option<i64>) -> bool {
        let found = self.wrong.get(&self.key(credentials));
        found.is_some_and(|(then, at)| then == version && at.elapsed() < self.limits.wrong_login_time)
    }

    pub(super) fn keep_wrong(&self, credentials: &Credentials, version: Option<i64>) {
        self.wrong.insert(self.key(credentials), (version, Instant::now()));
    }
}
