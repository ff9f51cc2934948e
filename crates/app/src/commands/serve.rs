//! `formhold serve`.

use std::{
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use clap::Args;
use formhold_jobs::Worker;
use formhold_service::{App, audit, demo, health, jobs, scanning, stats, submissions::search};
use formhold_telemetry::logs::Logs;
use formhold_web::{Listener, Stop};
use tokio::signal::unix::{SignalKind, signal};

use super::print;
use crate::{compose, first_run, metrics, settings::Settings};

/// How long a start waits for Redis, so that limits are exact from the first request on.
const REDIS_PATIENCE: Duration = Duration::from_millis(500);
const SCAN_EVERY: Duration = Duration::from_secs(5);
/// How often is looked for what is to be indexed, where nothing was.
const INDEX_EVERY: Duration = Duration::from_millis(500);
const INDEX_PAUSE: Duration = Duration::from_secs(5);

/// Serve forms; this is also what no command means.
///
/// Stops on SIGTERM and SIGINT: /readyz says no, requests under way are finished, what is queued
/// is committed. A second signal stops at once; what was acknowledged is safe all the same.
#[derive(Debug, Default, Args)]
pub(super) struct Arguments {
    /// Fill an empty database with a few forms and 2,000 submissions to look at
    #[arg(long)]
    demo: bool,
    /// Leave jobs and schedules to other nodes, or to `formhold worker`
    #[arg(long)]
    no_worker: bool,
}

pub(super) async fn run(
    arguments: Arguments,
    settings: Settings,
    logs: &Logs,
) -> anyhow::Result<ExitCode> {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
    // Before anything is opened: two of them on one address should fail for that reason.
    let listener = Listener::bind(&settings.server)
        .await
        .with_context(|| format!("cannot listen on {}", settings.server.listen))?;
    let address = listener.local_addr()?;
    let for_metrics = Listener::bind_metrics(&settings.server).await.with_context(|| {
        format!("cannot listen on {} for metrics", settings.server.metrics_listen)
    })?;
    let app = compose::app(&settings).await?;
    tracing::info!(database = app.store.description(), files = settings.files.url, "opened");
    for warning in app.store.warnings() {
        tracing::warn!("{warning}");
    }
    let public = settings
        .server
        .public_address()
        .map_or_else(|| format!("http://{address}"), |url| url.to_string());
    let public = public.trim_end_matches('/');
    if !app.kv.connected(REDIS_PATIENCE).await {
        tracing::warn!(
            "Redis does not answer: each node counts its share of the limits by itself until it does"
        );
    }
    let changed = audit::note_settings(&app, &settings.flat()?).await?;
    if !changed.is_empty() {
        tracing::info!(keys = changed.join(", "), "the settings are others than at the last start");
    }
    let demo_admin = match arguments.demo {
        true => demo::admin(&app).await?,
        false => None,
    };
    if let Some(admin) = demo_admin {
        print(&format!(
            "\nSign in to look at the demonstration; this is shown once:\n\n  \
             {public}/login\n  {}\n  {}\n",
            admin.email, admin.password
        ));
    }
    if let Some(link) = first_run::prepare(&app, &settings.setup).await? {
        // In the terminal as well: logs may go elsewhere.
        print(&format!(
            "\nNobody has an account here yet. Make the first administrator:\n\n  {link}\n\n\
             The link works once, until this process ends. Or: formhold user create --help\n"
        ));
        tracing::info!(
            "nobody has an account yet: the link to make the first one is on standard output"
        );
    }
    if arguments.demo {
        show_demo(&app, public).await?;
    }
    let background = [
        tokio::spawn(jobs::announce(app.clone())),
        tokio::spawn(scan(app.clone())),
        tokio::spawn(keep_moving(app.clone())),
        tokio::spawn(index(app.clone())),
    ];
    let worker = (!arguments.no_worker).then(|| Worker::start(app.clone(), settings.jobs.clone()));
    let stop = Stop::new();
    let web = compose::web(app.clone(), &settings);
    if let Some(listener) = for_metrics {
        tracing::info!("metrics are at http://{}/metrics", listener.local_addr()?);
        let metrics = Arc::new(metrics::of(&app, &web, logs, settings.telemetry.metrics_forms));
        // Until the process ends: how a stop goes is of interest, too.
        tokio::spawn(listener.serve(formhold_web::metrics_router(metrics), Stop::new()));
    }
    let router = formhold_web::router(web);
    let serving = tokio::spawn(listener.serve(router, stop.clone()));
    tracing::info!("listening on http://{address}");
    let reason = wait_for_end(&app).await?;
    let unready = Duration::from_secs(settings.server.unready_seconds);
    let code = match &reason {
        End::Asked => {
            tracing::info!("stopping: finishing what is under way");
            health::start_draining(&app);
            let again = wait_for_signal();
            tokio::select! {
                () = finish(serving, stop, unready, worker) => {}
                _ = again => tracing::warn!("stopping at once"),
            }
            ExitCode::SUCCESS
        }
        End::Broken(reason) => {
            tracing::error!(
                reason,
                "stopping at once: nothing that would be acknowledged from here on could be promised"
            );
            return Ok(ExitCode::FAILURE);
        }
    };
    background.iter().for_each(tokio::task::JoinHandle::abort);
    if let Err(error) = stats::write_refusals(&app).await {
        tracing::warn!(%error, "the last refused submissions could not be counted");
    }
    app.kv.leave().await;
    app.store.close().await;
    tracing::info!("stopped");
    Ok(code)
}

pub(super) enum End {
    Asked,
    Broken(String),
}

pub(super) async fn wait_for_end(app: &App) -> anyhow::Result<End> {
    tokio::select! {
        signal = wait_for_signal() => signal.map(|()| End::Asked),
        reason = app.store.broken() => Ok(End::Broken(reason)),
    }
}

pub(super) async fn wait_for_signal() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

async fn finish(
    serving: tokio::task::JoinHandle<()>,
    stop: Stop,
    unready: Duration,
    worker: Option<Worker>,
) {
    tokio::time::sleep(unready).await;
    stop.cancel();
    if let Err(error) = serving.await {
        tracing::error!(%error, "the accept loop failed");
    }
    // After the last request: what follows from it may still be begun.
    if let Some(worker) = worker {
        worker.stop().await;
    }
}

/// Files that wait for a scan are looked for often: their senders' owners wait for them.
async fn scan(app: App) {
    loop {
        match scanning::scan_waiting(&app).await {
            Ok(0) => {}
            Ok(scanned) => tracing::info!(scanned, "scanned files for malware"),
            Err(error) => tracing::warn!(%error, "files could not be scanned"),
        }
        tokio::time::sleep(SCAN_EVERY).await;
    }
}

/// Follows the commits: what is submitted is found soon after. Rests for twice as long as it worked,
/// because submissions that come in wait for it on SQLite.
async fn index(app: App) {
    if let Err(error) = search::look_for_missing(&app).await {
        tracing::warn!(%error, "submissions that are not indexed could not be looked for");
    }
    loop {
        let start = Instant::now();
        let rest = match search::index_some(&app).await {
            Ok(0) => INDEX_EVERY,
            Ok(_) => start.elapsed() * 2,
            Err(error) => {
                tracing::warn!(%error, "what was submitted could not be indexed");
                INDEX_PAUSE
            }
        };
        if let Err(error) = stats::write_refusals(&app).await {
            tracing::warn!(%error, "refused submissions could not be counted");
        }
        tokio::time::sleep(rest).await;
    }
}

/// Brings what waits in the spool to S3.
async fn keep_moving(app: App) {
    app.files.keep_moving().await;
}

async fn show_demo(app: &App, public: &str) -> anyhow::Result<()> {
    let demo = demo::fill(app).await?;
    let filled = match demo.submissions {
        0 => "The database has forms already, so the demonstration added nothing.".to_owned(),
        count => format!("Filled the database with {} forms and {count} submissions.", demo.forms),
    };
    let key = &demo.key;
    print(&format!(
        "\n{filled}\n\nA form to try:   {public}/f/{key}\nIn your own site:\n\n\
         <form action=\"{public}/f/{key}\" method=\"post\">\n  \
         <input type=\"email\" name=\"email\" required> <textarea name=\"message\" required></textarea>\n  \
         <button>Send</button></form>\n\n\
         What arrived:    formhold export --form {} --format csv -o submissions.csv\n",
        demo.slug
    ));
    Ok(())
}
