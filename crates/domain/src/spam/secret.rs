//! A key of each form for hashing what was submitted, so that only hashes need to be kept.

use std::{fmt, hash::Hasher as _};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use siphasher::sip::SipHasher24;

use super::{PageStamps, TOKENIZER_VERSION};
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
/// Under another secret, for another form or by another version of the tokenizer the same word has
/// another hash, so that hashes neither tell the words to someone without the secret nor can be
/// compared between forms, and what was learnt from other tokens is not mixed with these. What was
/// learnt under a secret is worthless under a new one.
#[derive(Clone)]
pub struct TokenKey(SipHasher24);

impl TokenKey {
    /// The key of a form, under the server's secret.
    #[must_use]
    pub fn new(secret: &[u8; 32], form: FormId) -> Self {
        let purpose = format!("formhold spam tokens {TOKENIZER_VERSION}\0");
        let mac = mac_of_form(secret, purpose.as_bytes(), form);
        let mut key = [0; 16];
        key.copy_from_slice(&mac.finalize().as_bytes()[..16]);
        Self(SipHasher24::new_with_key(&key))
    }

    /// The token that every submission has: how often it was learnt is how often any was.
    #[must_use]
    pub fn of_every_submission(&self) -> u64 {
        self.hash(b'E', "", "")
    }

    /// The hash of a text of some kind and, where it has one, the field that it came in.
    pub(super) fn hash(&self, kind: u8, field: &str, text: &str) -> u64 {
        self.of(kind, field).hash(text)
    }

    /// Hashes many texts of one kind and field.
    pub(super) fn of(&self, kind: u8, field: &str) -> KindKey {
        let mut hasher = self.0;
        hasher.write(&[kind]);
        hasher.write(field.as_bytes());
        hasher.write(&[0]);
        KindKey(hasher)
    }
}

/// A [`TokenKey`] for texts of one kind and field.
pub(super) struct KindKey(SipHasher24);

impl KindKey {
    pub(super) fn hash(&self, text: &str) -> u64 {
        let mut hasher = self.0;
        hasher.write(text.as_bytes());
        hasher.finish()
    }
}

/// What a form's submissions are hashed and its pages stamped with: costly to make, cheap to use.
#[derive(Clone)]
pub struct FormKeys {
    /// Hashes what was submitted.
    pub tokens: TokenKey,
    /// Signs when a page was handed out.
    pub stamps: PageStamps,
}

impl fmt::Debug for FormKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormKeys")
    }
}
