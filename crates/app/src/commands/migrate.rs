//! `formhold migrate`.

use std::process::ExitCode;

use clap::Args;
use formhold_store::Store;
use serde_json::json;

use super::{print, print_json};
use crate::settings::Settings;

/// Bring the database's schema up to date, under a lock.
///
/// `serve` does the same at its start; this is for deployments that want it as a step of its own.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Change nothing; exit 1 when something is missing
    #[arg(long)]
    check: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<ExitCode> {
    if !arguments.check {
        Store::open(&settings.database).await?.close().await;
    }
    let migrations = Store::migration_status(&settings.database).await?;
    let missing = migrations.iter().filter(|migration| !migration.applied).count();
    if arguments.json {
        let list: Vec<_> = migrations
            .iter()
            .map(|migration| json!({ "name": migration.name, "applied": migration.applied }))
            .collect();
        print_json(&json!({ "missing": missing, "migrations": list }))?;
    } else {
        for migration in &migrations {
            print(&format!(
                "{}  {}",
                if migration.applied { "applied" } else { "missing" },
                migration.name
            ));
        }
        print(&if missing == 0 {
            "The schema is up to date.".to_owned()
        } else {
            format!("{missing} missing; run `formhold migrate`.")
        });
    }
    Ok(if missing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
