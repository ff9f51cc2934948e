//! ALTCHA, the built-in proof of work: <https://altcha.org/docs/v2/>. No vendor, no cookies, no
//! pictures: the visitor's browser calculates for a moment, and spam in bulk becomes expensive.
//!
//! Challenges are signed and not stored. Both versions of the protocol are spoken; who asks for a
//! challenge chooses.

mod keys;
mod version_1;
mod version_2;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use formhold_domain::{Clock, FormId, Ids};
use serde::Deserialize;

use crate::{
    Answer, ContentSecurity, FailureCode, Kind, Provider, ReplayKey, Settings, Verdict, Widget,
};
use keys::Keys;

pub use keys::SigningSecrets;

pub(crate) static KIND: Kind = Kind {
    name: "altcha",
    description: "A built-in proof of work: nothing to click, no third party",
    fields: &["altcha"],
    is_proof_of_work: true,
    build: |parts| Some(Arc::clone(parts.altcha) as Arc<dyn Provider>),
};

/// Four times what an answer of ours has.
const MAX_TOKEN_BYTES: usize = 4096;

/// Padding may be left out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The built-in proof of work.
pub struct Altcha {
    keys: Keys,
    cost: u32,
    max_cost: u32,
    lifetime_ms: i64,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

/// What a challenge is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChallengeRequest {
    /// The form that the answer will be good for.
    pub form: FormId,
    /// The most tries that it may take; a browser makes about a thousand in a second. Kept between
    /// 1 and the settings' `altcha_max_cost`.
    pub cost: u32,
    /// Which format the client understands.
    pub version: Version,
}

/// A version of the protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Version {
    /// Hashes; for the widget before version 3.
    One,
    /// Derived keys, which graphics cards speed up less.
    #[default]
    Two,
}

/// What a challenge was signed with.
struct Terms {
    form: FormId,
    cost: u32,
    expires_at_s: i64,
    /// The same for every spelling of one challenge, and of no other one.
    unique: String,
}

/// An answer in either version; they differ in what `challenge` is.
#[derive(Deserialize)]
#[serde(untagged)]
enum Payload {
    Two(Box<::altcha::Payload>),
    One(version_1::Payload),
}

impl Altcha {
    pub(crate) fn new(
        settings: &Settings,
        key: &[u8; 32],
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self {
            keys: Keys::derive(key),
            cost: settings.altcha_cost,
            max_cost: settings.altcha_max_cost,
            lifetime_ms: i64::from(settings.altcha_lifetime_seconds) * 1000,
            clock,
            ids,
        }
    }

    /// The cost for networks that do nothing wrong.
    #[must_use]
    pub fn cost(&self) -> u32 {
        self.cost
    }

    /// The most that the cost may rise to.
    #[must_use]
    pub fn max_cost(&self) -> u32 {
        self.max_cost
    }

    /// Makes a challenge: the JSON to answer `GET /f/{form}/challenge` with. It must not be cached.
    ///
    /// Version 2 takes about as long as one of the client's tries.
    #[must_use]
    pub fn challenge(&self, request: &ChallengeRequest) -> String {
        let cost = request.cost.clamp(1, self.max_cost);
        let now_ms = self.clock.now_ms();
        let issue = Issue {
            form: request.form,
            cost,
            issued_at_s: now_ms.div_euclid(1000),
            expires_at_s: (now_ms + self.lifetime_ms).div_euclid(1000),
            unique: self.ids.uuid().simple().to_string(),
        };
        match request.version {
            Version::One => version_1::challenge(&self.keys, &issue),
            Version::Two => version_2::challenge(&self.keys, &issue),
        }
    }

    fn check(&self, answer: &Answer<'_>) -> Result<ReplayKey, (FailureCode, String)> {
        let terms = match decode(answer.token)? {
            Payload::One(payload) => version_1::prove(&self.keys, &payload)?,
            Payload::Two(payload) => version_2::prove(&self.keys, &payload)?,
        };
        let forget_at_ms = terms.expires_at_s.saturating_mul(1000);
        if self.clock.now_ms() >= forget_at_ms {
            return Err((FailureCode::Expired, "the proof of work came too late".to_owned()));
        }
        if terms.form != answer.form {
            let reason = "the proof of work was made for another form".to_owned();
            return Err((FailureCode::OtherForm, reason));
        }
        if terms.cost < answer.least_cost {
            let reason = format!(
                "the proof of work cost {}, and {} was asked of this network",
                terms.cost, answer.least_cost
            );
            return Err((FailureCode::TooCheap, reason));
        }
        Ok(ReplayKey { text: format!("altcha:{}", terms.unique), forget_at_ms })
    }

    /// What a tool of the vendor's needs to check our challenges, for tests against it.
    #[doc(hidden)]
    #[must_use]
    pub fn signing_secrets(&self) -> SigningSecrets {
        self.keys.signing_secrets()
    }
}

/// What goes into a challenge.
struct Issue {
    form: FormId,
    cost: u32,
    issued_at_s: i64,
    expires_at_s: i64,
    /// 32 hex digits that no other challenge has.
    unique: String,
}

fn decode(token: &str) -> Result<Payload, (FailureCode, String)> {
    if token.is_empty() {
        return Err((FailureCode::Missing, "the proof of work is missing".to_owned()));
    }
    if token.len() > MAX_TOKEN_BYTES {
        let reason = format!("the proof of work is longer than {MAX_TOKEN_BYTES} bytes");
        return Err((FailureCode::TooLong, reason));
    }
    let bytes = BASE64
        .decode(token)
        .map_err(|_| (FailureCode::Malformed, "the proof of work is not base64".to_owned()))?;
    serde_json::from_slice(&bytes).map_err(|_| {
        (FailureCode::Malformed, "the proof of work is of neither known format".to_owned())
    })
}

impl fmt::Debug for Altcha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Altcha")
            .field("cost", &self.cost)
            .field("max_cost", &self.max_cost)
            .field("lifetime_ms", &self.lifetime_ms)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Provider for Altcha {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn widget(&self, _form: FormId) -> Widget {
        Widget {
            script_url: None,
            own_script: Some("/static/altcha.js"),
            attributes: vec![("data-altcha", String::new())],
            site_key: None,
            content_security: ContentSecurity::default(),
        }
    }

    async fn verify(&self, answer: &Answer<'_>) -> Verdict {
        match self.check(answer) {
            Ok(replay_key) => Verdict::Passed { score: None, replay_key: Some(replay_key) },
            Err((code, reason)) => Verdict::Failed { code, reason },
        }
    }
}
