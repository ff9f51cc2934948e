//! `formhold audit`: whether somebody changed the audit trail.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use formhold_service::audit::{self, Anchor, Report};
use serde_json::json;

use super::{print, print_json};
use crate::{compose, settings::Settings};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Verify(Verify),
}

/// Check that no entry of the audit trail was changed, removed or added behind Formhold's back
///
/// Each entry's hash covers the one before. Who can write the whole database could write a whole new
/// trail; note the end that this command shows somewhere else from time to time, and hand it back with
/// --expect: an entry with that number must still have that hash.
///
/// Exit status: 0 nothing was found, 1 something was.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// An end that was noted before, as NUMBER:HASH
    #[arg(long, value_name = "NUMBER:HASH")]
    expect: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: &Command, settings: &Settings) -> anyhow::Result<ExitCode> {
    let Command::Verify(arguments) = command;
    let expected = arguments.expect.as_deref().map(|text| {
        Anchor::parse(text).with_context(|| format!("`{text}` is no NUMBER:HASH of an audit trail"))
    });
    let expected = expected.transpose()?;
    let app = compose::app(settings).await?;
    let report = audit::verify(&app, expected.as_ref()).await;
    app.store.close().await;
    show(&report?, arguments.json)
}

fn show(report: &Report, as_json: bool) -> anyhow::Result<ExitCode> {
    if as_json {
        print_json(&json!({
            "entries": report.entries,
            "end": report.end.to_string(),
            "findings": report.findings,
        }))?;
    } else {
        for finding in &report.findings {
            print(finding);
        }
        let verdict = if report.findings.is_empty() { "unbroken" } else { "NOT unbroken" };
        print(&format!("{} entries, {verdict}; the end is {}", report.entries, report.end));
    }
    Ok(if report.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
