//! Passkeys (WebAuthn): a sign-in without a password and without a name.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Webauthn, WebauthnBuilder, WebauthnError,
};
use webauthn_rs_proto::ResidentKeyRequirement;

/// How long the browser asks the person. Keep a state no longer than this, and use it once.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(300);

/// No answer of a browser is longer.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// Registers passkeys and checks them.
#[derive(Debug, Clone)]
pub struct Passkeys {
    webauthn: Webauthn,
}

/// Browsers make no passkeys for this address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("passkeys need a public address with https and a name, not `{0}`")]
pub struct NoPasskeys(String);

/// Who registers a passkey.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// The account. The passkey keeps it and tells it at sign-in.
    pub id: Uuid,
    /// The address that one signs in with.
    pub name: &'a str,
    /// What the person is called.
    pub display_name: &'a str,
}

/// The first step of a registration or a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// JSON for the browser: `{"publicKey": {...}}`, with bytes as base64url, for
    /// `PublicKeyCredential.parseCreationOptionsFromJSON` and `parseRequestOptionsFromJSON`.
    pub options: String,
    /// What the second step needs, as JSON. The person must not be able to change it.
    pub state: String,
}

impl Begun {
    /// The challenge in the options, as base64url: the same as [`challenge_of`] finds in the answer.
    #[must_use]
    pub fn challenge(&self) -> Option<String> {
        let options: serde_json::Value = serde_json::from_str(&self.options).ok()?;
        Some(options["publicKey"]["challenge"].as_str()?.to_owned())
    }
}

/// The challenge that a browser's answer says it is for, as base64url, before anything is checked: it
/// tells which first step the answer belongs to.
#[must_use]
pub fn challenge_of(response: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct ClientData {
        challenge: String,
    }
    if response.len() > MAX_RESPONSE_BYTES {
        return None;
    }
    let response: serde_json::Value = serde_json::from_str(response).ok()?;
    let client_data = response["response"]["clientDataJSON"].as_str()?;
    let client_data = URL_SAFE_NO_PAD.decode(client_data.trim_end_matches('=')).ok()?;
    let ClientData { challenge } = serde_json::from_slice(&client_data).ok()?;
    Some(challenge.trim_end_matches('=').to_owned())
}

/// A passkey to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// What the passkey is found by: up to 1,023 bytes. No two accounts may have the same.
    pub credential_id: Vec<u8>,
    /// The passkey's public half, as JSON. It is no secret.
    pub credential: String,
}

/// What a browser's answer says of itself, before it is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The account.
    pub owner: Uuid,
    /// The passkey.
    pub credential_id: Vec<u8>,
}

/// A sign-in that was proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The passkey with its new counter, to be kept in place of the old one; none where nothing
    /// changed.
    pub changed_credential: Option<String>,
}

/// Why a passkey was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PasskeyProblem {
    /// What was kept from the first step, or the kept passkey, cannot be read.
    #[error("what was kept cannot be read")]
    UnreadableState,
    /// The browser's answer cannot be read.
    #[error("the browser's answer cannot be read")]
    UnreadableResponse,
    /// The answer names another account than the passkey's.
    #[error("the passkey is not of the account that the answer names")]
    OtherOwner,
    /// A passkey that counts its uses counted backwards: there may be two of it.
    #[error("the passkey may have been copied: its counter went back")]
    Copied,
    /// The answer proves nothing: it is for another challenge or address, is not signed by this
    /// passkey, or the person did not unlock it.
    #[error("the answer was not taken: {0}")]
    Refused(String),
}

impl Passkeys {
    /// Sets up passkeys for this installation. They belong to the host of the public address, and are
    /// lost when it changes. `name` is shown by the browser.
    ///
    /// # Errors
    /// When the address has no name or is not https. `http://localhost` works, for trying.
    pub fn new(public_url: &Url, name: &str) -> Result<Self, NoPasskeys> {
        let refused = || NoPasskeys(public_url.to_string());
        let host = public_url.domain().ok_or_else(refused)?;
        let is_safe = public_url.scheme() == "https" || host == "localhost";
        let origin = public_url.origin().ascii_serialization();
        let origin = Url::parse(&origin).ok().filter(|_| is_safe).ok_or_else(refused)?;
        Self::build(host, &origin, name, false).ok_or_else(refused)
    }

    /// Sets up passkeys for trying on the machine itself, which is reached as `http://localhost` on
    /// whatever port.
    ///
    /// # Errors
    /// None that is known; the library's type has one.
    pub fn on_this_machine(name: &str) -> Result<Self, NoPasskeys> {
        let refused = || NoPasskeys("http://localhost".to_owned());
        let origin = Url::parse("http://localhost").map_err(|_| refused())?;
        Self::build("localhost", &origin, name, true).ok_or_else(refused)
    }

    fn build(host: &str, origin: &Url, name: &str, any_port: bool) -> Option<Self> {
        let builder = WebauthnBuilder::new(host, origin).ok()?.allow_any_port(any_port);
        let webauthn = builder.rp_name(name).timeout(ANSWER_WITHIN).build().ok()?;
        Some(Self { webauthn })
    }

    /// Begins to register a passkey that can be found without a name and is unlocked by a PIN, a
    /// finger or a face: it is a full sign-in. `existing` are the ids of those that the person has; an
    /// authenticator that holds one of them makes no second.
    ///
    /// # Errors
    /// When the owner has no name.
    pub fn begin_registration(
        &self,
        owner: Owner<'_>,
        existing: &[Vec<u8>],
    ) -> Result<Begun, PasskeyProblem> {
        let exclude: Vec<CredentialID> = existing.to_vec();
        let (mut options, state) = self
            .webauthn
            .start_passkey_registration(owner.id, owner.name, owner.display_name, Some(exclude))
            .map_err(problem)?;
        // The library leaves it to the authenticator whether the passkey can be found without a name.
        if let Some(selection) = &mut options.public_key.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Required);
            selection.require_resident_key = true;
        }
        Ok(Begun { options: to_json(&options), state: to_json(&state) })
    }

    /// Takes what the browser made: the JSON of `PublicKeyCredential.toJSON()`.
    ///
    /// # Errors
    /// When it does not answer this challenge for this address.
    pub fn finish_registration(
        &self,
        state: &str,
        response: &str,
    ) -> Result<Registered, PasskeyProblem> {
        let state: PasskeyRegistration = read_state(state)?;
        let response: RegisterPublicKeyCredential = read_response(response)?;
        let passkey =
            self.webauthn.finish_passkey_registration(&response, &state).map_err(problem)?;
        Ok(Registered { credential_id: passkey.cred_id().to_vec(), credential: to_json(&passkey) })
    }

    /// What a passkey is found by, read from what was kept of it; none where that cannot be read.
    #[must_use]
    pub fn credential_id(credential: &str) -> Option<Vec<u8>> {
        let passkey: Passkey = read_state(credential).ok()?;
        Some(passkey.cred_id().to_vec())
    }

    /// Begins a sign-in without a name.
    ///
    /// # Errors
    /// None that is known; the library's type has one.
    pub fn begin_sign_in(&self) -> Result<Begun, PasskeyProblem> {
        let (mut options, state) =
            self.webauthn.start_discoverable_authentication().map_err(problem)?;
        // Whether the browser offers passkeys among the suggestions of a field or asks at once is the
        // page's choice.
        options.mediation = None;
        Ok(Begun { options: to_json(&options), state: to_json(&state) })
    }

    /// Says which passkey and account an answer names, so that they can be loaded. It is proved by
    /// [`finish_sign_in`](Self::finish_sign_in) only.
    ///
    /// # Errors
    /// When the answer cannot be read or names nobody.
    pub fn claimed(&self, response: &str) -> Result<Claimed, PasskeyProblem> {
        let response: PublicKeyCredential = read_response(response)?;
        let (owner, credential_id) = self
            .webauthn
            .identify_discoverable_authentication(&response)
            .map_err(|_| PasskeyProblem::UnreadableResponse)?;
        Ok(Claimed { owner, credential_id: credential_id.to_vec() })
    }

    /// Checks an answer by the passkey that was kept under its credential id, and by that passkey's
    /// owner.
    ///
    /// # Errors
    /// When it does not answer this challenge for this address with this passkey of this owner.
    pub fn finish_sign_in(
        &self,
        state: &str,
        response: &str,
        owner: Uuid,
        credential: &str,
    ) -> Result<SignedIn, PasskeyProblem> {
        if self.claimed(response)?.owner != owner {
            return Err(PasskeyProblem::OtherOwner);
        }
        let state: DiscoverableAuthentication = read_state(state)?;
        let mut passkey: Passkey = read_state(credential)?;
        let response: PublicKeyCredential = read_response(response)?;
        let result = self
            .webauthn
            .finish_discoverable_authentication_v2(&response, state, &passkey)
            .map_err(problem)?;
        let changed = passkey.update_credential(&result) == Some(true);
        Ok(SignedIn { changed_credential: changed.then(|| to_json(&passkey)) })
    }
}

fn problem(error: WebauthnError) -> PasskeyProblem {
    match error {
        WebauthnError::CredentialPossibleCompromise => PasskeyProblem::Copied,
        other => PasskeyProblem::Refused(other.to_string()),
    }
}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the library's types have no keys but text")
}

fn read_state<T: DeserializeOwned>(text: &str) -> Result<T, PasskeyProblem> {
    serde_json::from_str(text).map_err(|_| PasskeyProblem::UnreadableState)
}

fn read_response<T: DeserializeOwned>(text: &str) -> Result<T, PasskeyProblem> {
    if text.len() > MAX_RESPONSE_BYTES {
        return Err(PasskeyProblem::UnreadableResponse);
    }
    serde_json::from_str(text).map_err(|_| PasskeyProblem::UnreadableResponse)
}
