//! Settings of passwords and of other providers.

use std::collections::BTreeMap;

use formhold_domain::Secret;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    address::is_safe_address,
    passwords::{Concurrency, Parameters},
};

/// What the section `[auth]` says of proofs of identity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The memory that hashing one password takes.
    pub password_memory_kib: u32,
    /// How often hashing goes through that memory.
    pub password_passes: u32,
    /// How many lanes the memory has.
    pub password_lanes: u32,
    /// How many passwords are hashed at once; 0 is one for each processor, and at most 4.
    pub password_hashing_at_once: usize,
    /// How long a step of a sign-in by another provider may take, all calls to it together.
    pub oidc_timeout_ms: u64,
    /// The providers that one can sign in by, under ids of their own: `[auth.oidc.example]`.
    pub oidc: BTreeMap<String, ProviderSettings>,
}

/// A provider that speaks OpenID Connect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// What people call it; its id where this is empty.
    #[serde(default)]
    pub name: String,
    /// Its address, exactly as it calls itself, also with or without a slash at the end.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// What proves to it that it is us; empty for a public client.
    #[serde(default)]
    pub client_secret: Secret,
    /// What is asked for beside `openid`.
    #[serde(default = "usual_scopes")]
    pub scopes: Vec<String>,
}

fn usual_scopes() -> Vec<String> {
    ["email", "profile"].map(str::to_owned).to_vec()
}

impl Default for ProviderSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            issuer: String::new(),
            client_id: String::new(),
            client_secret: Secret::default(),
            scopes: usual_scopes(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let Parameters { memory_kib, passes, lanes } = Parameters::default();
        Self {
            password_memory_kib: memory_kib,
            password_passes: passes,
            password_lanes: lanes,
            password_hashing_at_once: 0,
            oidc_timeout_ms: 10_000,
            oidc: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// What one hash of a password costs.
    #[must_use]
    pub fn password_parameters(&self) -> Parameters {
        Parameters {
            memory_kib: self.password_memory_kib,
            passes: self.password_passes,
            lanes: self.password_lanes,
        }
    }

    /// How many passwords are hashed at a time.
    #[must_use]
    pub fn password_concurrency(&self) -> Concurrency {
        match self.password_hashing_at_once {
            0 => Concurrency::default(),
            at_once => Concurrency { at_once, ..Concurrency::default() },
        }
    }

    /// What is wrong with the settings, in words; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        let mut add = |key, message: &str| problems.push((key, message.to_owned()));
        // Below 7 MiB even many passes do not make up for it; above 1 GiB it is a slip.
        if !(7 * 1024..=1024 * 1024).contains(&self.password_memory_kib) {
            add("password_memory_kib", "must be between 7168 and 1048576");
        }
        if !(1..=20).contains(&self.password_passes) {
            add("password_passes", "must be between 1 and 20");
        }
        if !(1..=16).contains(&self.password_lanes) {
            add("password_lanes", "must be between 1 and 16");
        }
        if self.password_hashing_at_once > 256 {
            add("password_hashing_at_once", "must be between 0 and 256");
        }
        if !(500..=60_000).contains(&self.oidc_timeout_ms) {
            add("oidc_timeout_ms", "must be between 500 and 60000");
        }
        for (id, provider) in &self.oidc {
            if !ProviderSettings::is_id(id) {
                let what = ProviderSettings::ID_RULE;
                add("oidc", &format!("the id `{id}` {what}"));
            }
            for (key, problem) in provider.problems() {
                add("oidc", &format!("of `{id}`: {key} {problem}"));
            }
        }
        problems
    }
}

impl ProviderSettings {
    /// What ids of providers look like, after "the id `x`".
    pub const ID_RULE: &str = "must be up to 32 small letters, digits and hyphens";

    /// Whether a provider may have this id.
    #[must_use]
    pub fn is_id(text: &str) -> bool {
        let in_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=32).contains(&text.len()) && text.bytes().all(in_id)
    }

    /// What is wrong, as keys and what follows them in a sentence; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let is_issuer = Url::parse(&self.issuer)
            .is_ok_and(|url| url.query().is_none() && url.fragment().is_none());
        // https://www.rfc-editor.org/rfc/rfc6749#section-3.3
        let in_scope = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        let is_scope = |scope: &String| !scope.is_empty() && scope.bytes().all(in_scope);
        [
            (
                !is_issuer || !is_safe_address(&self.issuer),
                "issuer",
                "must be an https address without a query; http is for this machine only",
            ),
            (self.client_id.is_empty(), "client_id", "is missing"),
            (
                self.client_secret.expose() == Secret::MASK,
                "client_secret",
                "is what stands for a secret in `config show`; write the secret itself",
            ),
            (
                !self.scopes.iter().all(is_scope),
                "scopes",
                "must be words without spaces, quotes and backslashes",
            ),
        ]
        .into_iter()
        .filter_map(|(is_wrong, key, message)| is_wrong.then_some((key, message)))
        .collect()
    }
}
