//! The section `[auth]`: who may register, how long one stays signed in, and what hashing a password
//! costs.

use formhold_domain::accounts::Registration;
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
        problems
    }

    pub(crate) fn idle_ms(&self) -> i64 {
        i64::from(self.session_idle_hours) * 60 * 60 * 1000
    }

    pub(crate) fn lifetime_ms(&self) -> i64 {
        i64::from(self.session_days) * 24 * 60 * 60 * 1000
    }
}
