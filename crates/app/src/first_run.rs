//! The first administrator: from the settings, or by a link that is shown at the start.

use std::path::Path;

use anyhow::Context as _;
use formhold_domain::access::Caller;
use formhold_service::{App, first_run};
use serde::{Deserialize, Serialize};

/// The section `[setup]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The address of the first administrator.
    pub admin_email: String,
    /// A file with the password.
    pub admin_password_file: String,
}

impl Settings {
    /// What is wrong with the settings, in words; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        if self.admin_email.is_empty() == self.admin_password_file.is_empty() {
            return Vec::new();
        }
        vec![("admin_password_file", "goes together with admin_email: set both or none".to_owned())]
    }
}

/// Makes the first administrator of the settings, or opens the set-up and gives its link. Does nothing
/// once the instance was set up.
///
/// # Errors
/// When the password cannot be read or used, or the database fails.
pub(crate) async fn prepare(app: &App, settings: &Settings) -> anyhow::Result<Option<String>> {
    if first_run::is_done(app).await? {
        return Ok(None);
    }
    if settings.admin_email.is_empty() {
        return Ok(Some(first_run::open(app)));
    }
    let file = Path::new(&settings.admin_password_file);
    let password = std::fs::read_to_string(file)
        .with_context(|| format!("setup.admin_password_file {} cannot be read", file.display()))?;
    let admin = first_run::FirstAdmin {
        name: settings.admin_email.split('@').next().unwrap_or_default(),
        email: &settings.admin_email,
        password: password.trim_end_matches(['\r', '\n']),
        workspace: None,
    };
    match first_run::create_admin(app, &Caller::system("settings"), &admin).await {
        // Another node was first.
        Err(formhold_service::ServiceError::DeadLink) => {}
        other => {
            other.context("the first administrator of [setup] cannot be made")?;
            tracing::info!("made the first administrator of the settings");
        }
    }
    Ok(None)
}
