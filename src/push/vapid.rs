//! The server's own key pair, which tells push services who sends. RFC 8292, sections 2 and 3.
//!
//! It is made once and lives in the database, so that it travels with a backup and all servers of
//! one house have the same: devices register with a push service for this key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

use crate::booking::PUSH_KEY;
use crate::domain::time::Instant;
use crate::store::{Store, StoreError, Tx, Work};

use super::PushError;

/// The key in `meta` for the key pair, as PKCS #8 in base64url.
const PRIVATE: &str = "vapid";

/// How long a signature holds, in seconds; RFC 8292, section 2 allows a day.
const VALID_SECS: i64 = 12 * 3_600;

pub(super) struct Vapid {
    pair: EcdsaKeyPair,
    public: String,
    contact: String,
    random: SystemRandom,
}

impl Vapid {
    pub(super) async fn open(store: &Store, contact: String) -> Result<Self, PushError> {
        let random = SystemRandom::new();
        let alg = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let fresh = EcdsaKeyPair::generate_pkcs8(alg, &random).map_err(|_| PushError::Key)?;
        let kept = store.write(Keep(URL_SAFE_NO_PAD.encode(fresh.as_ref()))).await?;
        let pkcs8 = URL_SAFE_NO_PAD.decode(kept).map_err(|_| PushError::Key)?;
        let pair = EcdsaKeyPair::from_pkcs8(alg, &pkcs8, &random).map_err(|_| PushError::Key)?;
        let public = URL_SAFE_NO_PAD.encode(pair.public_key());
        announce(store, Some(public.clone())).await?;
        Ok(Self { pair, public, contact, random })
    }

    /// The value of Authorization for a message to `origin`.
    pub(super) fn authorization(&self, origin: &str, now: Instant) -> Option<String> {
        let json = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = json(serde_json::json!({ "typ": "JWT", "alg": "ES256" }));
        let expires = now.plus(VALID_SECS).secs();
        let claims = json(serde_json::json!({ "aud": origin, "exp": expires, "sub": self.contact }));
        let signed = format!("{head}.{claims}");
        let signature = self.pair.sign(&self.random, signed.as_bytes()).ok()?;
        Some(format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature), self.public))
    }
}

/// Lets calendars announce this key; with `None` they announce nothing.
pub(super) async fn announce(store: &Store, public: Option<String>) -> Result<(), StoreError> {
    store.write(Announce(public)).await
}

/// Keeps a key pair, unless there is one; gives the one that is kept.
struct Keep(String);

impl Work for Keep {
    type Done = String;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<String, StoreError> {
        tx.meta().keep(PRIVATE, &self.0).await
    }
}

struct Announce(Option<String>);

impl Work for Announce {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        match &self.0 {
            Some(public) => tx.meta().set(PUSH_KEY, public).await,
            None => tx.meta().remove(PUSH_KEY).await,
        }
    }
}
