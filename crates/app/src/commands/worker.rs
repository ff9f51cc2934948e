//! `formhold worker`.

use std::process::ExitCode;

use clap::Args;
use formhold_jobs::Worker;
use formhold_service::jobs;

use super::serve::{End, wait_for_end, wait_for_signal};
use crate::{compose, settings::Settings};

/// Do jobs and schedules, and serve nothing.
///
/// For nodes that only work beside others that run `serve --no-worker`. Stops on SIGTERM and SIGINT:
/// jobs under way get `jobs.drain_seconds`, others do the rest. A second signal stops at once.
#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) async fn run(_: Arguments, settings: Settings) -> anyhow::Result<ExitCode> {
    let app = compose::app(&settings).await?;
    let announcing = tokio::spawn(jobs::announce(app.clone()));
    let moving = tokio::spawn({
        let app = app.clone();
        async move { app.files.keep_moving().await }
    });
    let worker = Worker::start(app.clone(), settings.jobs.clone());
    tracing::info!("working");
    if let End::Broken(reason) = wait_for_end(&app).await? {
        tracing::error!(reason, "stopping at once: what would be written cannot be relied on");
        return Ok(ExitCode::FAILURE);
    }
    tracing::info!("stopping: finishing what is under way");
    tokio::select! {
        () = worker.stop() => {}
        _ = wait_for_signal() => tracing::warn!("stopping at once"),
    }
    announcing.abort();
    moving.abort();
    app.kv.leave().await;
    app.store.close().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}
