//! The one place where the parts are put together, for the program and for its tests.

use std::sync::Arc;

use anyhow::Context as _;
use formhold_domain::{Clock, Ids, RandomIds, SystemClock};
use formhold_files::Files;
use formhold_service::{App, uploads::FileLimits};
use formhold_store::Store;
use formhold_web::WebState;

use crate::settings::Settings;

/// Opens the database and the files, and makes the app of them.
///
/// # Errors
/// When one of them cannot be opened; the text says what to do.
pub async fn app(settings: &Settings) -> anyhow::Result<App> {
    app_with(settings, Arc::new(SystemClock), Arc::new(RandomIds)).await
}

/// As [`app`], with a clock and ids of the caller's.
///
/// # Errors
/// As [`app`].
pub async fn app_with(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
) -> anyhow::Result<App> {
    let store = Store::open(&settings.database).await.context("the database cannot be opened")?;
    let files = Files::open(&settings.files)
        .with_context(|| format!("the folder of `{}` cannot be opened", settings.files.url))?;
    let limits = FileLimits {
        max_files: settings.files.max_files,
        max_file_bytes: settings.files.max_file_bytes,
    };
    Ok(App::new(store, files, limits, clock, ids))
}

/// The state of the HTTP side.
#[must_use]
pub fn web(app: App, settings: &Settings) -> WebState {
    WebState::new(app, settings.server.clone(), settings.limits.clone())
}
