//! `formhold healthcheck`.

use std::{net::IpAddr, process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::print;
use crate::settings::Settings;

/// Ask the Formhold that listens on this machine, by the same settings, whether it is ready.
///
/// For containers without curl. Exit status 0 when it is ready, 1 when not.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How long to wait
    #[arg(long, default_value_t = 3, value_name = "SECONDS")]
    timeout_seconds: u64,
}

pub(super) async fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<ExitCode> {
    let limit = Duration::from_secs(arguments.timeout_seconds);
    let reply = timeout(limit, ask(settings)).await.context("no answer in time")??;
    print(reply.split("\r\n\r\n").nth(1).unwrap_or_default().trim());
    if reply.starts_with("HTTP/1.1 200 ") { Ok(ExitCode::SUCCESS) } else { Ok(ExitCode::FAILURE) }
}

async fn ask(settings: &Settings) -> anyhow::Result<String> {
    let mut address = settings.server.listen;
    if address.ip().is_unspecified() {
        let loopback = |ip: IpAddr| {
            if ip.is_ipv4() {
                IpAddr::from([127, 0, 0, 1])
            } else {
                IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])
            }
        };
        address.set_ip(loopback(address.ip()));
    }
    if address.port() == 0 {
        bail!("server.listen has port 0, so where it listens is not known");
    }
    let mut stream = TcpStream::connect(address)
        .await
        .with_context(|| format!("nothing listens on {address}"))?;
    stream
        .write_all(
            format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
                .as_bytes(),
        )
        .await?;
    let mut reply = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut reply).await?;
    Ok(String::from_utf8_lossy(&reply).into_owned())
}
