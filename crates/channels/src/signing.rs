//! Signatures of webhooks, as Standard Webhooks says:
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use formhold_domain::Ids;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What the text of a secret begins with.
const PREFIX: &str = "whsec_";

/// What signs webhooks: 24 to 64 bytes, that receivers know as `whsec_` and base64.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(Vec<u8>);

impl SigningSecret {
    /// A new one of 32 bytes.
    #[must_use]
    pub fn new(ids: &dyn Ids) -> Self {
        Self(ids.secret().to_vec())
    }

    /// The one that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        (24..=64).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// The text, for who is meant to hold it.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    fn sign(&self, id: &str, timestamp_s: i64, body: &[u8]) -> String {
        let mut code =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        code.update(format!("{id}.{timestamp_s}.").as_bytes());
        code.update(body);
        format!("v1,{}", STANDARD.encode(code.finalize().into_bytes()))
    }
}

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningSecret(***)")
    }
}

/// The header `webhook-signature`: one signature for each secret that is alive.
#[must_use]
pub fn signatures(secrets: &[SigningSecret], id: &str, timestamp_s: i64, body: &[u8]) -> String {
    let signed: Vec<_> = secrets.iter().map(|secret| secret.sign(id, timestamp_s, body)).collect();
    signed.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_example_in_the_libraries() {
        // https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/rust/src/lib.rs
        let secret = SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let header = signatures(
            &[secret.expect("a secret")],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(header, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_has_24_to_64_bytes_and_one_spelling() {
        let text = |bytes| format!("whsec_{}", STANDARD.encode(vec![7_u8; bytes]));
        for (bytes, good) in [(0, false), (23, false), (24, true), (64, true), (65, false)] {
            let secret = SigningSecret::parse(&text(bytes));
            assert_eq!(secret.is_some(), good, "{bytes}");
            assert!(secret.is_none_or(|secret| secret.expose() == text(bytes)));
        }
        assert_eq!(SigningSecret::parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), None);
    }
}
