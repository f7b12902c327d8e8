//! Encryption of a message for one device. RFC 8291, section 3; RFC 8188, section 2.
//!
//! Each message has a key pair and a salt of its own, so nothing is ever used twice.

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::rand::{SecureRandom as _, SystemRandom};

/// The length of an uncompressed point of P-256.
pub(super) const POINT: usize = 65;

/// The size of a record, which holds all of a message.
const RECORD: u32 = 4_096;

/// The body of a message in `aes128gcm`; `None` if `device_key` is no point of the curve.
pub(super) fn seal(text: &[u8], device_key: &[u8], auth: &[u8]) -> Option<Vec<u8>> {
    let random = SystemRandom::new();
    let mut salt = [0; 16];
    random.fill(&mut salt).ok()?;
    let ours = EphemeralPrivateKey::generate(&ECDH_P256, &random).ok()?;
    let our_key = ours.compute_public_key().ok()?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, device_key);
    // RFC 8291, section 3.4: both public keys and the shared secret of the registration go in.
    let about = [b"WebPush: info\0".as_slice(), device_key, our_key.as_ref()];
    let material = agree_ephemeral(ours, &theirs, |secret| {
        expand::<32>(&Salt::new(HKDF_SHA256, auth).extract(secret), &about)
    })
    .ok()??;
    let keys = Salt::new(HKDF_SHA256, &salt).extract(&material);
    let key: [u8; 16] = expand(&keys, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = expand(&keys, &[b"Content-Encoding: nonce\0"])?;
    // One record, which is the last: RFC 8188, section 2.
    let mut sealed = text.to_vec();
    sealed.push(2);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed).ok()?;
    let length = u8::try_from(our_key.as_ref().len()).ok()?;
    Some([&salt, RECORD.to_be_bytes().as_slice(), &[length], our_key.as_ref(), &sealed].concat())
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(from: &Prk, info: &[&[u8]]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    from.expand(info, Length(N)).ok()?.fill(&mut bytes).ok()?;
    Some(bytes)
}
