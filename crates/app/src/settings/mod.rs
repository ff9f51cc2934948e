//! All settings: each part declares its own, here they are put together, read and explained.

mod layers;
mod problem;
mod schema;

use std::collections::BTreeMap;

use formhold_web::{LimitSettings, ServerSettings};
use serde::{Deserialize, Serialize};
use url::Url;

pub use layers::{Environment, Loaded, find_file, load};
pub use problem::{Problem, Problems};

/// The commented defaults, which are also the reference.
pub const DEFAULTS: &str = include_str!("../../config.default.toml");

/// The settings in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Listening, proxies, time limits.
    pub server: ServerSettings,
    /// The database.
    pub database: formhold_store::Settings,
    /// State that nodes share for a while.
    pub redis: formhold_kv::Settings,
    /// Uploaded files.
    pub files: formhold_files::Settings,
    /// Limits of requests.
    pub limits: LimitSettings,
    /// Captchas.
    pub captcha: formhold_captcha::Settings,
    /// Work that is done later.
    pub jobs: formhold_jobs::Settings,
    /// Accounts.
    pub auth: formhold_service::AuthSettings,
    /// How long submissions are kept.
    pub retention: formhold_service::retention::Settings,
    /// Mails.
    pub mail: formhold_channels::mail::Settings,
    /// Calls to addresses that users typed.
    pub outbound: formhold_outbound::Settings,
    /// The first administrator.
    pub setup: crate::first_run::Settings,
    /// Logs and metrics.
    pub telemetry: formhold_telemetry::Settings,
}

impl Settings {
    /// The settings as texts by key, as `limits.login`; secrets and passwords are left out.
    ///
    /// # Errors
    /// Never, as a test proves: all settings can be written.
    pub fn flat(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let mut settings = self.clone();
        settings.database.url = without_password(&settings.database.url);
        settings.redis.url = settings.redis.shown_url();
        let mut flat = BTreeMap::new();
        for (section, values) in toml::Table::try_from(settings)? {
            for (key, value) in values.as_table().into_iter().flatten() {
                flat.insert(format!("{section}.{key}"), value.to_string());
            }
        }
        Ok(flat)
    }

    /// What is wrong beyond single values, as keys and sentences.
    fn problems(&self) -> Vec<(String, String)> {
        let sections = [
            ("server", self.server.problems()),
            ("database", self.database.problems()),
            ("redis", self.redis.problems()),
            ("files", self.files.problems()),
            ("limits", self.limits.problems()),
            ("captcha", self.captcha.problems()),
            ("jobs", self.jobs.problems()),
            ("auth", self.auth.problems()),
            ("mail", self.mail.problems()),
            ("retention", self.retention.problems()),
            ("setup", self.setup.problems()),
            ("telemetry", self.telemetry.problems()),
        ];
        let named = |(section, problems): (&str, Vec<(&'static str, String)>)| {
            problems
                .into_iter()
                .map(move |(key, message)| (format!("{section}.{key}"), message))
                .collect::<Vec<_>>()
        };
        let providers = self.auth.provider_problems();
        let providers = providers.into_iter().map(|(key, text)| (format!("auth.{key}"), text));
        sections.into_iter().flat_map(named).chain(providers).collect()
    }
}

/// An address as it may be shown.
pub(crate) fn without_password(address: &str) -> String {
    match Url::parse(address) {
        Ok(mut url) if url.password().is_some() => {
            let _ = url.set_password(Some("***"));
            url.to_string()
        }
        _ => address.to_owned(),
    }
}
