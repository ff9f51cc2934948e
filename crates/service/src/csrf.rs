//! Tokens that show a form to be one of ours, handed out to this very browser.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::App;

/// The token for what a browser holds: its session, or its visit.
#[must_use]
pub fn token(app: &App, basis: &str) -> String {
    URL_SAFE_NO_PAD.encode(signature(app, basis).finalize().into_bytes())
}

/// Whether this is the token for that.
#[must_use]
pub fn is_valid(app: &App, basis: &str, token: &str) -> bool {
    let signed = URL_SAFE_NO_PAD.decode(token);
    signed.is_ok_and(|signed| signature(app, basis).verify_slice(&signed).is_ok())
}

fn signature(app: &App, basis: &str) -> Hmac<Sha256> {
    let mut signature =
        Hmac::<Sha256>::new_from_slice(&app.secrets.tickets).expect("any length makes a key");
    signature.update(b"form token");
    signature.update(basis.as_bytes());
    signature
}
