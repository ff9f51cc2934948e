//! `formhold doctor`.

mod neighbours;

use std::{process::ExitCode, time::Instant};

use clap::Args;
use formhold_service::{App, health};
use serde::Serialize;

use super::{print, print_json};
use crate::{compose, settings::Settings};

/// Examine this installation and say what to change.
///
/// Looks at settings, database, files, Redis, scanner, captchas, the proxies in front of the running
/// server, and limits of the system. Exit status 1 when something must be
/// changed.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Good,
    Warning,
    Bad,
}

#[derive(Debug, Serialize)]
struct Finding {
    verdict: Verdict,
    about: &'static str,
    finding: String,
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, verdict: Verdict, about: &'static str, finding: impl Into<String>) {
        self.0.push(Finding { verdict, about, finding: finding.into() });
    }
}

pub(super) async fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut findings = Findings::default();
    examine_settings(settings, &mut findings);
    examine_system(&mut findings);
    match compose::app(settings).await {
        Ok(app) => {
            examine_database(&app, &mut findings).await;
            examine_files(&app, &mut findings).await;
            neighbours::remote_files(&app, &mut findings).await;
            neighbours::scanner(&app, &mut findings).await;
            neighbours::captchas(&app, &mut findings);
            neighbours::redis(&app, &mut findings).await;
            app.store.close().await;
        }
        Err(error) => findings.add(Verdict::Bad, "database", format!("{error:#}")),
    }
    neighbours::proxy_hops(settings, &mut findings).await;
    let bad = findings.0.iter().any(|finding| finding.verdict == Verdict::Bad);
    if arguments.json {
        print_json(&findings.0)?;
    } else {
        for Finding { verdict, about, finding } in &findings.0 {
            let mark = match verdict {
                Verdict::Good => "good   ",
                Verdict::Warning => "warning",
                Verdict::Bad => "BAD    ",
            };
            print(&format!("{mark}  {about}: {finding}"));
        }
    }
    Ok(if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn examine_settings(settings: &Settings, findings: &mut Findings) {
    let server = &settings.server;
    findings.add(Verdict::Good, "settings", "readable and without mistakes");
    if server.public_url.is_empty() {
        let text = "server.public_url is empty: addresses in replies are taken from the Host header of each request";
        findings.add(Verdict::Warning, "address", text);
    } else {
        findings.add(
            Verdict::Good,
            "address",
            format!("people reach this under {}", server.public_url),
        );
    }
    if server.trusted_proxies.is_empty() {
        let text = "server.trusted_proxies is empty: right without a proxy in front; behind one, everybody has the proxy's address";
        let verdict =
            if server.listen.ip().is_loopback() { Verdict::Warning } else { Verdict::Good };
        findings.add(verdict, "proxies", text);
    } else {
        let networks: Vec<_> = server.trusted_proxies.iter().map(ToString::to_string).collect();
        findings.add(
            Verdict::Good,
            "proxies",
            format!("client addresses are believed from {}", networks.join(", ")),
        );
    }
}

fn examine_system(findings: &mut Findings) {
    match rlimit::getrlimit(rlimit::Resource::NOFILE) {
        Ok((_, hard)) if hard < 4096 => {
            findings.add(
                Verdict::Warning,
                "open files",
                format!(
                    "at most {hard} are allowed; raise LimitNOFILE to 65536 for many connections"
                ),
            );
        }
        Ok((_, hard)) => findings.add(Verdict::Good, "open files", format!("{hard} are allowed")),
        Err(error) => findings.add(
            Verdict::Warning,
            "open files",
            format!("the limit cannot be read: {error}"),
        ),
    }
}

async fn examine_database(app: &App, findings: &mut Findings) {
    findings.add(
        Verdict::Good,
        "database",
        format!("{}, schema up to date", app.store.description()),
    );
    for warning in app.store.warnings() {
        findings.add(Verdict::Warning, "database", warning.clone());
    }
    match app.store.check_integrity().await {
        Ok(None) => {}
        Ok(Some(damage)) => findings.add(
            Verdict::Bad,
            "database",
            format!("damaged: {damage}. Keep a copy and restore a backup"),
        ),
        Err(error) => {
            findings.add(Verdict::Bad, "database", format!("cannot be examined: {error}"))
        }
    }
    let start = Instant::now();
    match health::readiness(app).await {
        Ok(()) => findings.add(
            Verdict::Good,
            "database",
            format!("a commit takes {:.1} ms", start.elapsed().as_secs_f64() * 1000.0),
        ),
        Err(reason) => {
            findings.add(Verdict::Bad, "database", format!("does not take a commit: {reason}"))
        }
    }
}

async fn examine_files(app: &App, findings: &mut Findings) {
    match formhold_service::uploads::probe(app).await {
        Ok(()) => findings.add(Verdict::Good, "files", "can be written, synced and removed"),
        Err(error) => findings.add(Verdict::Bad, "files", error.to_string()),
    }
}
