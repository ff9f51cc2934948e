//! Many who sign in at the same time, and somebody else meanwhile.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::ensure;
use tokio::{sync::Barrier, task::JoinSet};

use super::visitor::Visitor;
use crate::{
    load::{Connection, Outcome},
    process::memory_mib,
    request,
    stats::Latency,
};

/// How often somebody else looks whether the server lives.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// What they must not wait longer for, in milliseconds, in 99 of 100 cases.
const MOST_MS: f64 = 100.0;
/// Far less than the crowd's passwords would take if all were hashed at once.
const MOST_MIB: f64 = 160.0;

/// Many who sign in at the same time.
pub(super) struct Crowd {
    pub(super) address: SocketAddr,
    pub(super) pid: u32,
    pub(super) size: usize,
}

impl Crowd {
    /// Lets all sign in; a line of Markdown.
    pub(super) async fn run(&self, email: &str, password: &str) -> anyhow::Result<String> {
        let start = Arc::new(Barrier::new(self.size + 1));
        let mut crowd = JoinSet::new();
        for _ in 0..self.size {
            let mut visitor = Visitor::open(self.address, "/login").await?;
            let fields = [("email", email.to_owned()), ("password", password.to_owned())];
            let start = Arc::clone(&start);
            crowd.spawn(async move {
                start.wait().await;
                visitor.post("/login", &fields).await
            });
        }
        let is_over = Arc::new(AtomicBool::new(false));
        let looking = tokio::spawn(look(self.address, Arc::clone(&is_over)));
        start.wait().await;
        let begun = Instant::now();
        let mut statuses = BTreeMap::<u16, usize>::new();
        while let Some(reply) = crowd.join_next().await {
            *statuses.entry(reply??.0.status).or_default() += 1;
        }
        let took = begun.elapsed();
        is_over.store(true, Ordering::Relaxed);
        let livez = Latency::of(&looking.await??);
        let (peak_mib, _) = memory_mib(self.pid)?;
        let line = format!(
            "- {} sign-ins at once: {statuses:?} in {took:.2?}; /livez meanwhile p50 {:.1} ms, \
             p99 {:.1} ms; at most {peak_mib:.0} MiB",
            self.size, livez.p50, livez.p99
        );
        ensure!(statuses.keys().all(|status| matches!(status, 303 | 503)), "{line}");
        ensure!(statuses.contains_key(&303), "nobody got in: {line}");
        ensure!(livez.p99 < MOST_MS, "others had to wait: {line}");
        ensure!(peak_mib < MOST_MIB, "too much memory: {line}");
        Ok(line)
    }
}

async fn look(address: SocketAddr, is_over: Arc<AtomicBool>) -> anyhow::Result<Outcome> {
    let mut connection = Connection::open(address).await?;
    let mut latencies_us = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let start = Instant::now();
        let status = connection.exchange(&request::livez()).await?;
        ensure!(status == 200, "/livez is answered with {status}");
        latencies_us.push(u32::try_from(start.elapsed().as_micros())?);
        tokio::time::sleep(LOOK_EVERY).await;
    }
    latencies_us.sort_unstable();
    Ok(Outcome { latencies_us, ..Outcome::default() })
}
