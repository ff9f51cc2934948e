//! Texts that a browser keeps for us between two steps: signed, so that nobody can change them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;

use crate::App;

const SIGNATURE_BYTES: usize = 32;

/// The content as text for a cookie. Whoever holds it can read it. What was sealed for one purpose is
/// worth nothing for another.
pub(crate) fn seal(app: &App, purpose: &str, content: &impl Serialize) -> String {
    let mut bytes = serde_json::to_vec(content).expect("texts, numbers and ids can be written");
    let signed = signature(app, purpose, &bytes).finalize().into_bytes();
    bytes.extend(signed);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The content of a text that was sealed here for this purpose.
pub(crate) fn open<T: DeserializeOwned>(app: &App, purpose: &str, text: &str) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (content, signed) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE_BYTES)?)?;
    signature(app, purpose, content).verify_slice(signed).ok()?;
    serde_json::from_slice(content).ok()
}

fn signature(app: &App, purpose: &str, content: &[u8]) -> Hmac<Sha256> {
    let mut signature =
        Hmac::<Sha256>::new_from_slice(&app.secrets.tickets).expect("any length makes a key");
    // Purposes are our own words, without this byte.
    signature.update(purpose.as_bytes());
    signature.update(&[0]);
    signature.update(content);
    signature
}
