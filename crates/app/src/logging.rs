//! Log lines: for people or as JSON, on standard error.

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

/// The section `[telemetry]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How lines look.
    pub log_format: Format,
    /// Which lines are written, as a filter of `tracing`.
    pub log_level: String,
}

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
}

impl Settings {
    /// What is wrong with the settings, in words; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        match EnvFilter::try_new(&self.log_level) {
            Ok(_) => Vec::new(),
            Err(error) => vec![("log_level", format!("must be a level such as `info`: {error}"))],
        }
    }
}

/// Starts logging. A second call changes nothing.
pub(crate) fn start(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log_level).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = match settings.log_format {
        Format::Text => {
            lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init()
        }
        Format::Json => lines.json().flatten_event(true).try_init(),
    };
}
