//! The section `[auth]`: who may register, how long one stays signed in, what hashing a password costs,
//! and which other providers one can sign in by.

use std::collections::BTreeMap;

use formhold_domain::accounts::Registration;
use formhold_identity::ProviderSettings;
use serde::{Deserialize, Serialize};

/// The section `[auth]`, as far as it is about accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSettings {
    /// Who may make an account for themselves.
    pub registration: Registration,
    /// How long a session lasts when it is not used.
    pub session_idle_hours: u32,
    /// How long a session lasts whatever happens.
    pub session_days: u32,
    /// How long entries of the audit trail are kept; 0: for ever.
    pub audit_days: u32,
    /// Memory that hashing a password takes, in KiB.
    pub password_memory_kib: u32,
    /// How often that memory is gone through.
    pub password_passes: u32,
    /// How long a step of a sign-in by another provider may take, all calls to it together.
    pub oidc_timeout_ms: u64,
    /// The providers that one can sign in by, under ids of their own: `[auth.oidc.example]`.
    pub oidc: BTreeMap<String, ProviderSettings>,
}

impl AuthSettings {
    /// What is wrong with the settings, in words; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if !(1..=24 * 365).contains(&self.session_idle_hours) {
            problems.push(("session_idle_hours", "must be between 1 and 8760".to_owned()));
        }
        if !(1..=365).contains(&self.session_days) {
            problems.push(("session_days", "must be between 1 and 365".to_owned()));
        }
        if self.audit_days != 0 && self.audit_days < 30 {
            problems.push(("audit_days", "must be 0 or at least 30".to_owned()));
        }
        if !(7 * 1024..=1024 * 1024).contains(&self.password_memory_kib) {
            let text = "must be between 7168 and 1048576: less is no protection";
            problems.push(("password_memory_kib", text.to_owned()));
        }
        if !(1..=20).contains(&self.password_passes) {
            problems.push(("password_passes", "must be between 1 and 20".to_owned()));
        }
        if !(500..=60_000).contains(&self.oidc_timeout_ms) {
            problems.push(("oidc_timeout_ms", "must be between 500 and 60000".to_owned()));
        }
        problems
    }

    /// What is wrong with the providers, as keys like `oidc.example.issuer` and what follows them in a
    /// sentence.
    #[must_use]
    pub fn provider_problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        for (id, provider) in &self.oidc {
            if !ProviderSettings::is_id(id) {
                let rule = ProviderSettings::ID_RULE;
                problems.push((format!("oidc.{id}"), format!("has an id that {rule}")));
            }
            let of = |(key, problem)| (format!("oidc.{id}.{key}"), str::to_owned(problem));
            problems.extend(provider.problems().into_iter().map(of));
        }
        problems
    }

    /// The same for the crate that speaks with the providers.
    #[must_use]
    pub fn providers(&self) -> formhold_identity::Settings {
        formhold_identity::Settings {
            oidc_timeout_ms: self.oidc_timeout_ms,
            oidc: self.oidc.clone(),
            ..formhold_identity::Settings::default()
        }
    }

    pub(crate) fn idle_ms(&self) -> i64 {
        i64::from(self.session_idle_hours) * 60 * 60 * 1000
    }

    pub(crate) fn lifetime_ms(&self) -> i64 {
        i64::from(self.session_days) * 24 * 60 * 60 * 1000
    }
}
