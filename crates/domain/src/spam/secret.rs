//! A key of each form for hashing what was submitted, so that only hashes need to be kept.

use std::hash::Hasher as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use siphasher::sip::SipHasher24;

use crate::FormId;

/// HMAC-SHA256 under the server's secret, for one purpose and one form.
pub(super) fn mac_of_form(secret: &[u8; 32], purpose: &[u8], form: FormId) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(secret)
        .expect("HMAC takes keys of every length")
        .chain_update(purpose)
        .chain_update(form.0.as_bytes())
}

/// Hashes words of one form to 64 bits.
///
/// Under another secret or for another form the same word has another hash, so that hashes neither
/// tell the words to someone without the secret nor can be compared between forms. What was
/// learnt under a secret is worthless under a new one.
#[derive(Clone)]
pub struct TokenKey(SipHasher24);

impl TokenKey {
    /// The key of a form, under the server's secret.
    #[must_use]
    pub fn new(secret: &[u8; 32], form: FormId) -> Self {
        let mac = mac_of_form(secret, b"formhold spam tokens 1\0", form);
        let mut key = [0; 16];
        key.copy_from_slice(&mac.finalize().as_bytes()[..16]);
        Self(SipHasher24::new_with_key(&key))
    }

    /// The hash of a text of some kind and, where it has one, the field that it came in.
    pub(super) fn hash(&self, kind: u8, field: &str, text: &str) -> u64 {
        let mut hasher = self.0;
        hasher.write(&[kind]);
        hasher.write(field.as_bytes());
        hasher.write(&[0]);
        hasher.write(text.as_bytes());
        hasher.finish()
    }
}
