//! A device: its keys, its registration, and reading what was sent to it. RFC 8291; RFC 8188.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use p256::{PublicKey, SecretKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sha2::Sha256;

pub(super) struct Device {
    secret: SecretKey,
    auth: [u8; 16],
    resource: String,
}

impl Device {
    /// A device that a message to `resource` reaches; `number` tells its keys from those of others.
    pub(super) fn new(number: u8, resource: &str) -> Self {
        let secret = SecretKey::from_slice(&[number; 32]).unwrap();
        Self { secret, auth: [number; 16], resource: resource.to_owned() }
    }

    fn key(&self) -> Vec<u8> {
        let key = self.secret.public_key().to_sec1_bytes().to_vec();
        assert_eq!(key.len(), 65, "an uncompressed point");
        key
    }

    /// The body of a registration as DAVx5 sends it, with `more` at the end.
    pub(super) fn registration(&self, more: &str) -> String {
        format!(
            "<push-register xmlns=\"https://bitfire.at/webdav-push\"><subscription><web-push-subscription>\
             <push-resource>{}</push-resource>\
             <subscription-public-key type=\"p256dh\">{}</subscription-public-key>\
             <auth-secret>{}</auth-secret></web-push-subscription></subscription>{more}</push-register>",
            self.resource,
            URL_SAFE_NO_PAD.encode(self.key()),
            URL_SAFE_NO_PAD.encode(self.auth)
        )
    }

    /// The text of a message in `aes128gcm`.
    pub(super) fn open(&self, body: &[u8]) -> String {
        let (salt, rest) = body.split_at(16);
        let (record, rest) = rest.split_at(4);
        let (length, rest) = rest.split_first().unwrap();
        let (sender, sealed) = rest.split_at(usize::from(*length));
        assert!(u32::from_be_bytes(record.try_into().unwrap()) as usize >= sealed.len(), "one record");
        let shared = self.secret.diffie_hellman(&PublicKey::from_sec1_bytes(sender).unwrap());
        let combined = extract(&self.auth, shared.raw_secret_bytes());
        let about = [b"WebPush: info\0".as_slice(), &self.key(), sender].concat();
        let keys = extract(salt, &expand(&combined, &about, 32));
        let key = expand(&keys, b"Content-Encoding: aes128gcm\0", 16);
        let nonce = expand(&keys, b"Content-Encoding: nonce\0", 12);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
        let mut text = sealed.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(&nonce).unwrap();
        let text = key.open_in_place(nonce, Aad::empty(), &mut text).expect("sealed for this device");
        // The delimiter of the last record, perhaps with padding behind it.
        let end = text.iter().rposition(|byte| *byte != 0).unwrap();
        assert_eq!(text[end], 2);
        String::from_utf8(text[..end].to_vec()).unwrap()
    }
}

/// RFC 5869, section 2.2.
fn extract(salt: &[u8], material: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt).unwrap();
    mac.update(material);
    mac.finalize().into_bytes().to_vec()
}

/// RFC 5869, section 2.3, of one block.
fn expand(key: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(info);
    mac.update(&[1]);
    mac.finalize().into_bytes()[..length].to_vec()
}
