//! Settings of logs and metrics.

use serde::{Deserialize, Serialize};

use crate::logs::parse_levels;

/// The section `[telemetry]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How lines look.
    pub log_format: Format,
    /// Which lines are written: a level, and others for single targets after it.
    pub log_level: String,
    /// How many forms have series of their own in the metrics.
    pub metrics_forms: usize,
}

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
    /// The same, with the names of the Elastic Common Schema.
    Ecs,
}

impl Settings {
    /// What is wrong with the settings, in words; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if let Err(problem) = parse_levels(&self.log_level) {
            problems.push(("log_level", problem));
        }
        if self.metrics_forms > 1000 {
            problems.push(("metrics_forms", "must be at most 1000".to_owned()));
        }
        problems
    }
}
