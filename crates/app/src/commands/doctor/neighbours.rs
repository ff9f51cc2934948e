//! What Formhold works with: Redis, S3, the scanner, captcha services, proxies in front.

use std::time::Duration;

use formhold_kv::RedisState;
use formhold_outbound::{MAX_ANSWER_BYTES, ServiceSettings, read_capped, service_client};
use formhold_service::App;
use serde::Deserialize;

use super::{Findings, Verdict};
use crate::settings::Settings;

const PATIENCE: Duration = Duration::from_secs(3);

pub(super) async fn redis(app: &App, findings: &mut Findings) {
    app.kv.connected(PATIENCE).await;
    match app.kv.redis_state() {
        RedisState::Memory => findings.add(
            Verdict::Good,
            "redis",
            "none: limits and single uses are kept by this process; right for one node",
        ),
        RedisState::Connected { url, nodes, .. } => findings.add(
            Verdict::Good,
            "redis",
            // This command is one of them.
            format!("{url} answers; {} nodes share it", nodes.saturating_sub(1)),
        ),
        RedisState::Degraded { url, reason, .. } => findings.add(
            Verdict::Bad,
            "redis",
            format!("{url} does not answer ({reason}): until it does, each node counts its share of the limits"),
        ),
    }
    app.kv.leave().await;
}

pub(super) async fn remote_files(app: &App, findings: &mut Findings) {
    let Some(usage) = app.files.spool_usage() else { return };
    match app.files.check_remote().await {
        Ok(()) => findings.add(Verdict::Good, "files", "S3 takes, shows and removes a file"),
        Err(error) => findings.add(
            Verdict::Bad,
            "files",
            format!("S3 cannot be used ({error}): new files wait in the spool"),
        ),
    }
    let text = format!("{} files with {} bytes wait in the spool for S3", usage.files, usage.bytes);
    let verdict = if usage.files == 0 { Verdict::Good } else { Verdict::Warning };
    findings.add(verdict, "files", text);
}

pub(super) async fn scanner(app: &App, findings: &mut Findings) {
    match &app.scanner {
        None => findings.add(
            Verdict::Good,
            "scanner",
            "none is set (files.clamd): forms that ask for scans lock or refuse files",
        ),
        Some(scanner) => match scanner.check().await {
            Ok(()) => findings.add(Verdict::Good, "scanner", "answers"),
            Err(reason) => findings.add(
                Verdict::Bad,
                "scanner",
                format!(
                    "does not answer ({reason}): forms that ask for scans lock or refuse files"
                ),
            ),
        },
    }
}

pub(super) fn captchas(app: &App, findings: &mut Findings) {
    let names: Vec<_> = app.captchas.providers().map(|provider| provider.kind().name).collect();
    findings.add(Verdict::Good, "captcha", format!("forms can ask for {}", names.join(", ")));
}

#[derive(Deserialize)]
struct Hops {
    client: std::net::IpAddr,
    forwarded: usize,
    trusted: usize,
}

/// Asks the running server, by its public address, what it makes of the way there.
pub(super) async fn proxy_hops(settings: &Settings, findings: &mut Findings) {
    let listen = settings.server.listen;
    let public = settings.server.public_address();
    let address = match &public {
        Some(url) => url.join("/hops").map(String::from).unwrap_or_default(),
        None => format!("http://{listen}/hops"),
    };
    match ask(&address).await {
        Ok(hops) => {
            let Hops { client, forwarded, trusted } = hops;
            let seen = format!(
                "a request to {address} passes {forwarded} proxies that state an address; {trusted} are trusted, and the client counts as {client}"
            );
            // Behind proxies that all are trusted there is one statement for each.
            let verdict = if forwarded > trusted { Verdict::Warning } else { Verdict::Good };
            let cure = if forwarded > trusted {
                ": add the others to server.trusted_proxies, or all their clients share one limit"
            } else {
                ""
            };
            findings.add(verdict, "proxies", format!("{seen}{cure}"));
        }
        Err(reason) => findings.add(
            Verdict::Warning,
            "proxies",
            format!("how many are in front is not known: {address} does not answer ({reason})"),
        ),
    }
}

async fn ask(address: &str) -> anyhow::Result<Hops> {
    let client =
        service_client(ServiceSettings { connect_timeout: PATIENCE, total_timeout: PATIENCE })?;
    let response = client.get(address).send().await?.error_for_status()?;
    Ok(serde_json::from_slice(&read_capped(response, MAX_ANSWER_BYTES).await?)?)
}
