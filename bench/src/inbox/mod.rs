//! How fast the inbox is where a form has a million submissions: pages, filters, search, counters.

mod fill;
mod measure;

use std::{fmt::Write as _, time::Instant};

use anyhow::Context as _;
use clap::Args;
use formhold::{compose, settings};
use formhold_domain::access::Caller;
use formhold_service::{App, forms, submissions::search};

use self::measure::Measured;
use crate::{database::Place, mariadb::MariaDb};

/// Measure the inbox of a form with many submissions, on both databases.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// How many submissions the form has
    #[arg(long, default_value_t = 1_000_000)]
    rows: usize,
    /// How often each thing is asked
    #[arg(long, default_value_t = 100)]
    times: usize,
    /// Measure one database alone: sqlite or mariadb
    #[arg(long)]
    only: Option<String>,
}

/// Fills throw-away databases and asks for pages; gives a report.
///
/// # Errors
/// When a database does not do what it is asked, or finds something else than was put in.
pub(crate) async fn measure(arguments: &Arguments) -> anyhow::Result<String> {
    let folder = tempfile::Builder::new().prefix("formhold_inbox_").tempdir()?;
    let mut report = String::new();
    let wanted = |name: &str| arguments.only.as_deref().is_none_or(|only| only == name);
    if wanted("sqlite") {
        let place = Place::Sqlite { folder: folder.path().to_path_buf() };
        measure_in(arguments, &place, 30.0, &mut report).await?;
    }
    if wanted("mariadb") {
        let server = MariaDb::start(folder.path())?;
        let place =
            Place::MySql { folder: folder.path().to_path_buf(), server: server.url.clone() };
        let measured = measure_in(arguments, &place, 50.0, &mut report).await;
        server.stop()?;
        measured?;
    }
    Ok(report)
}

async fn measure_in(
    arguments: &Arguments,
    place: &Place,
    goal_ms: f64,
    report: &mut String,
) -> anyhow::Result<()> {
    let (version, _) = place.version().await?;
    let database = place.make().await?;
    let mut settings = settings::load(None, &settings::Environment::new())?.settings;
    settings.database.url.clone_from(&database.url);
    settings.files.url = format!("file://{}/files", database.folder().display());
    let app = compose::app(&settings).await?;
    let start = Instant::now();
    let filled = fill::fill(&app, arguments.rows).await?;
    let stored = start.elapsed();
    let start = Instant::now();
    let indexed = search::index_all(&app).await?;
    let took = start.elapsed();
    anyhow::ensure!(indexed >= arguments.rows as u64, "{indexed} submissions were indexed");
    let all = measure::all(&app, &filled, arguments.times).await?;
    let rate = |seconds: f64| arguments.rows as f64 / seconds;
    writeln!(
        report,
        "## {version}: {} submissions in one form\n\nStored in {stored:.0?} ({:.0} a second), indexed in \
         {took:.0?} ({:.0} a second).\n\n| asked for | found | p50 ms | p95 ms | at most | |\n\
         | --- | ---: | ---: | ---: | ---: | --- |",
        arguments.rows,
        rate(stored.as_secs_f64()),
        rate(took.as_secs_f64()),
    )?;
    for Measured { name, found, p50_ms, p95_ms, goal } in all {
        let most = goal.unwrap_or(goal_ms);
        let verdict = if p95_ms <= most { "reached" } else { "missed" };
        writeln!(
            report,
            "| {name} | {found} | {p50_ms:.1} | {p95_ms:.1} | {most:.0} | {verdict} |"
        )?;
    }
    report.push('\n');
    app.store.close().await;
    Ok(())
}

/// The form that is filled.
async fn form(app: &App) -> anyhow::Result<formhold_domain::CompiledForm> {
    let definition = serde_json::json!({
        "name": "Orders", "slug": "orders", "fields": [
            { "name": "name", "type": "text" },
            { "name": "email", "type": "email" },
            { "name": "amount", "type": "integer" },
            { "name": "day", "type": "date" },
            { "name": "message", "type": "textarea" },
        ],
    });
    let definition = serde_json::from_value(definition)?;
    let caller = Caller::system("benchmark");
    let made = forms::import_form(app, &caller, None, definition).await;
    Ok(made.context("the form cannot be made")?.0)
}
