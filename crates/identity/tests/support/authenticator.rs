//! A browser and an authenticator in a hundred lines: it makes and uses passkeys as the standard says,
//! <https://www.w3.org/TR/webauthn-3/>, and cheats where a test asks it to.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use ring::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const HAS_CREDENTIAL: u8 = 0x40;

/// An authenticator with one passkey.
pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    /// The passkey's id.
    pub(crate) credential_id: Vec<u8>,
    /// The account that it tells, as base64url.
    pub(crate) user_handle: String,
    /// The page that the person is on.
    pub(crate) origin: String,
    /// The host that the passkey is for.
    pub(crate) host: String,
    /// How often it was used.
    pub(crate) counter: u32,
    /// Whether it counts at all. Those that live on several devices do not.
    pub(crate) counts: bool,
    /// Whether the person unlocked it.
    pub(crate) unlocked: bool,
}

impl Authenticator {
    /// A new one, on this page.
    pub(crate) fn on(origin: &str, host: &str) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key");
        let credential_id = digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec();
        Self {
            key,
            credential_id,
            user_handle: String::new(),
            origin: origin.to_owned(),
            host: host.to_owned(),
            counter: 1,
            counts: true,
            unlocked: true,
        }
    }

    /// `navigator.credentials.create(options)`, as JSON.
    pub(crate) fn create(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("JSON");
        let options = &options["publicKey"];
        self.user_handle = options["user"]["id"].as_str().expect("base64url").to_owned();
        let client_data = self.client_data("webauthn.create", &options["challenge"]);
        let mut data = self.authenticator_data(HAS_CREDENTIAL);
        // The attested credential: who made it (not told), its id, its key as a COSE map.
        data.extend([0; 16]);
        data.extend(u16::try_from(self.credential_id.len()).expect("short").to_be_bytes());
        data.extend(&self.credential_id);
        let point = &self.key.public_key().as_ref()[1..];
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01]);
        for (label, coordinate) in [(0x21, &point[..32]), (0x22, &point[32..])] {
            data.extend([label, 0x58, 32]);
            data.extend(coordinate);
        }
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        attestation.extend(u16::try_from(data.len()).expect("short").to_be_bytes());
        attestation.extend(&data);
        self.answer(json!({
            "attestationObject": BASE64URL.encode(attestation),
            "clientDataJSON": BASE64URL.encode(client_data),
            "transports": ["internal"],
        }))
    }

    /// `navigator.credentials.get(options)`, as JSON.
    pub(crate) fn get(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("JSON");
        self.counter += u32::from(self.counts);
        let client_data = self.client_data("webauthn.get", &options["publicKey"]["challenge"]);
        let data = self.authenticator_data(0);
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, &client_data).as_ref());
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("signed");
        self.answer(json!({
            "authenticatorData": BASE64URL.encode(data),
            "clientDataJSON": BASE64URL.encode(client_data),
            "signature": BASE64URL.encode(signature),
            "userHandle": self.user_handle,
        }))
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> Vec<u8> {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    fn authenticator_data(&self, further: u8) -> Vec<u8> {
        let verified = if self.unlocked { USER_VERIFIED } else { 0 };
        let mut data = digest(&SHA256, self.host.as_bytes()).as_ref().to_vec();
        data.push(USER_PRESENT | verified | further);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn answer(&self, response: Value) -> String {
        let id = BASE64URL.encode(&self.credential_id);
        json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        })
        .to_string()
    }
}
