//! Secrets people sign in with: passwords, and app passwords made by the server.
//!
//! A password is kept as an Argon2id hash (L-61). An app password has a public part by which
//! it is found and a secret part of 140 random bits, of which SHA-256 is kept (D-23): nothing
//! that long needs a slow hash. All comparisons take constant time (D-25).
//! Knows no accounts and no HTTP; the server and the command line use it alike.

use std::fmt;
use std::sync::{LazyLock, Mutex, PoisonError};

use argon2::{
    ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, PasswordHash, PasswordHasher as _,
    PasswordVerifier as _, Version,
};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use unicode_normalization::UnicodeNormalization as _;

use crate::limits::Limits;

/// A secret could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The operating system gave no random bytes.
    #[error("the operating system gives no random bytes")]
    Random,
    /// A password of no bytes is no password.
    #[error("the password is empty")]
    Empty,
    /// Longer than L-60 lets anybody sign in with.
    #[error("the password is longer than {0} bytes")]
    Long(usize),
    /// The hash could not be computed, for want of memory.
    #[error("the password cannot be hashed")]
    Hash,
}

/// Hashes a password for keeping: a PHC string of Argon2id with a fresh salt.
///
/// Blocks for about 20 ms and takes 19 MiB; asynchronous callers hand it to a blocking thread.
/// The password is brought to NFC first (RFC 8265, section 4.2), as [`verify_password`] does.
///
/// # Errors
/// [`CredentialError`] if the password is empty or too long (L-60), or the machine is out of
/// random bytes or memory.
pub fn hash_password(password: &str) -> Result<String, CredentialError> {
    let limits = Limits::default();
    let password: String = password.nfc().collect();
    if password.is_empty() {
        return Err(CredentialError::Empty);
    }
    if password.len() > limits.password_bytes {
        return Err(CredentialError::Long(limits.password_bytes));
    }
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| CredentialError::Random)?;
    let hash = hasher(&limits).hash_password_with_salt(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|_| CredentialError::Hash)
}

/// Whether this is the password that was hashed. Blocks as long as [`hash_password`].
///
/// `false` also for a stored text that is no PHC string.
#[must_use]
pub fn verify_password(password: &str, stored: &str) -> bool {
    let password: String = password.nfc().collect();
    let Ok(stored) = PasswordHash::new(stored) else { return false };
    let ours = hasher(&Limits::default());
    let is_like_ours = |params: &Params| {
        let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        stored.algorithm == ARGON2ID_IDENT
            && stored.version == Some(19)
            && cost(params) == cost(ours.params())
    };
    match (Params::try_from(&stored).ok().filter(is_like_ours), &stored.salt, &stored.hash) {
        (Some(params), Some(salt), Some(hash)) => {
            let mut found = vec![0; hash.len()];
            let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let made = in_spare_memory(|memory| {
                hasher.hash_password_into_with_memory(password.as_bytes(), salt, &mut found, memory)
            });
            made.is_ok() && found.ct_eq(hash.as_bytes()).into()
        }
        _ => ours.verify_password(password.as_bytes(), &stored).is_ok(),
    }
}

/// Memory that was hashed in before: given back to the allocator each time, every thread that ever
/// hashed would keep 19 MiB of it.
static SPARE: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

fn in_spare_memory<T>(hash: impl FnOnce(&mut [Block]) -> T) -> T {
    // Nothing in there can be half done.
    let spare = || SPARE.lock().unwrap_or_else(PoisonError::into_inner);
    let taken = spare().pop();
    let mut memory =
        taken.unwrap_or_else(|| vec![Block::default(); hasher(&Limits::default()).params().block_count()]);
    let done = hash(&mut memory);
    spare().push(memory);
    done
}

/// A hash that no password matches in practice, for accounts that do not exist or have no
/// password: verifying against it costs what a real one costs (D-22).
#[must_use]
pub fn dummy_hash() -> &'static str {
    static DUMMY: LazyLock<String> = LazyLock::new(|| {
        let secret = random_text(SECRET_CHARS).unwrap_or_else(|_| "no random bytes".to_owned());
        hash_password(&secret).unwrap_or_default()
    });
    &DUMMY
}

fn hasher(limits: &Limits) -> Argon2<'static> {
    let memory = u32::try_from(limits.hash_memory_kib).expect("L-61 is fixed and fits");
    let passes = u32::try_from(limits.hash_passes).expect("L-61 is fixed and fits");
    let params = Params::new(memory, passes, 1, None).expect("L-61 is fixed and Argon2 takes it");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// An app password just made; [`NewAppPassword::password`] is shown once and never kept.
#[derive(Clone, PartialEq, Eq)]
pub struct NewAppPassword {
    /// Finds the row; no secret. Unique with good odds only: the database decides.
    pub public_id: String,
    /// What is kept of the secret: SHA-256 as hexadecimal digits.
    pub secret_hash: String,
    /// What the person types into the device.
    pub password: String,
}

impl fmt::Debug for NewAppPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewAppPassword").field("public_id", &self.public_id).finish_non_exhaustive()
    }
}

/// Letters and digits that cannot be mistaken for each other; 32 of them, so that each random
/// byte gives one without bias.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
const PUBLIC_CHARS: usize = 8;
const SECRET_CHARS: usize = 28;
const GROUP_CHARS: usize = 7;

/// Makes an app password: `public-secret`, the secret in groups of seven for the eye.
///
/// # Errors
/// [`CredentialError::Random`] if the operating system gives no random bytes.
pub fn new_app_password() -> Result<NewAppPassword, CredentialError> {
    let public_id = random_text(PUBLIC_CHARS)?;
    let secret = random_password()?;
    let password = format!("{public_id}-{secret}");
    Ok(NewAppPassword { public_id, secret_hash: hash_secret(&secret), password })
}

/// A random password of 140 bits, for accounts that get one made (`demo`).
///
/// # Errors
/// [`CredentialError::Random`] if the operating system gives no random bytes.
pub fn random_password() -> Result<String, CredentialError> {
    let groups = (0..SECRET_CHARS / GROUP_CHARS).map(|_| random_text(GROUP_CHARS));
    Ok(groups.collect::<Result<Vec<_>, _>>()?.join("-"))
}

fn random_text(chars: usize) -> Result<String, CredentialError> {
    let mut bytes = vec![0; chars];
    getrandom::fill(&mut bytes).map_err(|_| CredentialError::Random)?;
    Ok(bytes.into_iter().map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()])).collect())
}

/// The public and the secret part, if the text has the form of an app password.
#[must_use]
pub fn split_app_password(password: &str) -> Option<(&str, &str)> {
    let (public, secret) = password.split_once('-')?;
    let made_of_ours = |text: &str| text.bytes().all(|byte| ALPHABET.contains(&byte));
    let groups_fit = secret.split('-').all(|group| group.len() == GROUP_CHARS && made_of_ours(group));
    let whole = secret.len() == SECRET_CHARS + SECRET_CHARS / GROUP_CHARS - 1;
    (public.len() == PUBLIC_CHARS && made_of_ours(public) && whole && groups_fit).then_some((public, secret))
}

/// Whether the secret part is the one of which `stored` was kept; in constant time (D-25).
#[must_use]
pub fn verify_secret(secret: &str, stored: &str) -> bool {
    hash_secret(secret).as_bytes().ct_eq(stored.as_bytes()).into()
}

/// What is kept of a secret of the server's own making: SHA-256 as hexadecimal digits.
#[must_use]
pub fn hash_secret(secret: &str) -> String {
    use fmt::Write as _;
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(secret.as_bytes()) {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_verifies_against_its_own_hash_only() {
        let stored = hash_password("Grüße:123").expect("hashes");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "L-61: {stored}");
        assert!(verify_password("Gru\u{308}ße:123", &stored), "the decomposed spelling is the same password");
        assert!(!verify_password("Grüße:124", &stored));
        assert!(!verify_password("Grüße:123", "not a hash"));
        assert!(!verify_password("", dummy_hash()));
        // Of another cost, as a former release may have made it, or another program.
        let other = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$";
        let params = Params::new(8 * 1024, 1, 1, None).expect("less, and allowed");
        let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let cheap =
            cheap.hash_password_with_salt(b"secret", b"sixteen bytes...").expect("hashes").to_string();
        assert!(verify_password("secret", &cheap) && !verify_password("Secret", &cheap));
        assert!(!verify_password("secret", other), "a hash that was cut off");
        assert!(dummy_hash().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "D-22");
    }

    #[test]
    fn a_password_nobody_could_sign_in_with_is_not_hashed() {
        assert_eq!(hash_password(""), Err(CredentialError::Empty));
        assert_eq!(hash_password(&"x".repeat(1025)), Err(CredentialError::Long(1024)), "L-60");
    }

    #[test]
    fn an_app_password_is_found_by_its_public_part_and_proved_by_its_secret() {
        let made = new_app_password().expect("random bytes");
        let (public, secret) = split_app_password(&made.password).expect("has the form");
        assert_eq!(public, made.public_id);
        assert!(verify_secret(secret, &made.secret_hash));
        let other = new_app_password().expect("random bytes");
        assert_ne!(other.password, made.password);
        assert!(!verify_secret(secret, &other.secret_hash));
        assert!(!format!("{made:?}").contains(secret), "a secret is never printed");
    }

    #[test]
    fn other_texts_have_not_the_form_of_an_app_password() {
        for text in
            ["", "-", "secret", "abcdefgh-", "abcdefgh-abc", "abcdefgh-abcdefg-abcdefg-abcdefg-abcdef1"]
        {
            assert_eq!(split_app_password(text), None, "{text}");
        }
        assert!(split_app_password("abcdefgh-abcdefg-abcdefg-abcdefg-abcdefg").is_some());
    }

    #[test]
    fn a_known_secret_has_the_known_hash() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash_secret("abc"), abc);
    }
}
