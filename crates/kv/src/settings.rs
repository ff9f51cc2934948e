//! The section `[redis]`, and how long things may take.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::address::Address;

/// The section `[redis]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Empty: memory. Else `redis://user:password@host:port/database`, `rediss://` for TLS,
    /// `redis+cluster://host:port,host:port`, or `redis+sentinel://host:port,host:port/service`.
    /// After a question mark: `db=` (sentinel), `prefix=` of all keys, `ca_file=` with the
    /// certificates to trust instead of the usual ones (TLS), `sentinel_password=`.
    pub url: String,
}

impl Settings {
    /// What is wrong with the settings, in words; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        if self.url.is_empty() {
            return Vec::new();
        }
        Address::parse(&self.url).err().map(|it| ("url", it.to_string())).into_iter().collect()
    }

    /// The address without passwords, for people; empty where it is none.
    #[must_use]
    pub fn shown_url(&self) -> String {
        Address::parse(&self.url).map(|address| address.shown()).unwrap_or_default()
    }
}

/// How long things may take. Nobody needs to change it but tests, and measurements of Redis itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// What a caller waits for Redis at most; then the node decides alone.
    pub budget: Duration,
    /// Between two attempts to reach a Redis that does not answer.
    pub retry_every: Duration,
    /// Between two signs of life of this node.
    pub beat_every: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            budget: Duration::from_millis(50),
            retry_every: Duration::from_millis(500),
            beat_every: Duration::from_secs(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_means_memory_and_a_wrong_one_is_a_problem_of_the_key_url() {
        assert!(Settings::default().problems().is_empty());
        let wrong = Settings { url: "http://localhost".to_owned() };
        assert_eq!(wrong.problems()[0].0, "url");
    }
}
