//! Settings of the database.

use serde::{Deserialize, Serialize};

/// The section `[database]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `sqlite://path/to/file.db` or `mysql://user:password@host:3306/database`.
    pub url: String,
    /// How many connections read at the same time; writing takes three more.
    pub max_connections: u32,
}

impl Settings {
    /// What is wrong with the settings, in words; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if !self.url.starts_with("sqlite://")
            && !self.url.starts_with("mysql://")
            && !self.url.starts_with("mariadb://")
        {
            problems.push(("url", "must start with sqlite:// or mysql://".to_owned()));
        }
        if !(1..=1000).contains(&self.max_connections) {
            problems.push(("max_connections", "must be between 1 and 1000".to_owned()));
        }
        problems
    }

    /// The path of the SQLite file, where it is one.
    #[must_use]
    pub fn sqlite_path(&self) -> Option<&str> {
        self.url.strip_prefix("sqlite://")
    }
}
