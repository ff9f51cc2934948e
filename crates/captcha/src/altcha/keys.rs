//! What challenges are signed with, all of it derived from one key.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// One key for each purpose, so that a signature for one thing never passes for another.
pub(super) struct Keys {
    /// Signs challenges of version 1.
    pub(super) version_1: String,
    /// Signs challenges of version 2.
    pub(super) version_2: String,
    /// Signs the solutions of version 2, so that checking one takes a hash and not a derivation.
    pub(super) solution: String,
    /// Draws solutions.
    draw: String,
}

/// The secrets under the names that the vendor's libraries have for them.
#[doc(hidden)]
pub struct SigningSecrets {
    /// `hmacKey` of version 1.
    pub version_1: String,
    /// `hmacSignatureSecret` of version 2.
    pub version_2: String,
    /// `hmacKeySignatureSecret` of version 2.
    pub solution: String,
}

impl Keys {
    pub(super) fn derive(key: &[u8; 32]) -> Self {
        let derived = |purpose: &str| hex(&hmac(key, &["formhold altcha ", purpose]));
        Self {
            version_1: derived("version 1"),
            version_2: derived("version 2"),
            solution: derived("solution"),
            draw: derived("draw"),
        }
    }

    /// A number below `bound` that nobody can tell from `unique` without the key.
    pub(super) fn draw(&self, unique: &str, bound: u32) -> u32 {
        let bytes = hmac(self.draw.as_bytes(), &[unique]);
        let wide = bytes[..8].iter().fold(0, |wide, byte| (wide << 8) | u64::from(*byte));
        // Eight bytes for a bound of four: the lower numbers are not noticeably more likely.
        u32::try_from(wide % u64::from(bound)).unwrap_or_default()
    }

    pub(super) fn signing_secrets(&self) -> SigningSecrets {
        SigningSecrets {
            version_1: self.version_1.clone(),
            version_2: self.version_2.clone(),
            solution: self.solution.clone(),
        }
    }
}

/// HMAC-SHA-256 over the parts, one after the other.
pub(super) fn hmac(key: &[u8], parts: &[&str]) -> [u8; 32] {
    mac(key, parts).finalize().into_bytes().into()
}

/// Whether `signature`, in hex, is the HMAC-SHA-256 of the data; takes the same time whatever is
/// wrong with it.
pub(super) fn is_signed(key: &str, data: &[u8], signature: &str) -> bool {
    let mut mac = mac(key.as_bytes(), &[]);
    mac.update(data);
    unhex(signature).is_some_and(|signature| mac.verify_slice(&signature).is_ok())
}

fn mac(key: &[u8], parts: &[&str]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    parts.iter().for_each(|part| mac.update(part.as_bytes()));
    mac
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    // Digits only: the parser below would also take a sign.
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
