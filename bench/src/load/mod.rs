//! The load: many connections that submit as fast as they are answered, or at a fixed pace.
//!
//! It runs in one thread, because it shares the machine with what it measures.

mod connection;
mod pace;

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use tokio::task::JoinSet;

pub(crate) use self::connection::Connection;
use self::pace::Pace;
use crate::request;

/// How hard, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Where the server listens.
    pub(crate) address: SocketAddr,
    /// How many connections.
    pub(crate) connections: usize,
    /// For how long requests are sent.
    pub(crate) duration: Duration,
    /// How many are sent each second, whatever becomes of them; none: as fast as they are answered.
    pub(crate) rate: Option<f64>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// How many submissions were answered with a redirect or 200.
    pub(crate) acknowledged: u64,
    /// How many were answered otherwise, or not at all.
    pub(crate) failed: u64,
    /// What one of the failed was answered.
    pub(crate) failure: Option<String>,
    /// The times to the acknowledgements in microseconds, sorted. At a fixed pace each counts from
    /// the moment at which it should have been sent, so that a server that stands still is not
    /// excused from those that it kept from being sent.
    pub(crate) latencies_us: Vec<u32>,
    /// From the first request to the last reply.
    pub(crate) elapsed: Duration,
}

impl Load {
    /// Sends, and waits for every reply.
    ///
    /// # Errors
    /// When the server cannot be reached, or cannot keep the pace.
    pub(crate) async fn run(self) -> anyhow::Result<Outcome> {
        let task = tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(self.send())
        });
        task.await.context("the load was aborted")?
    }

    async fn send(self) -> anyhow::Result<Outcome> {
        let mut connections = Vec::with_capacity(self.connections);
        for _ in 0..self.connections {
            connections.push(Connection::open(self.address).await?);
        }
        let start = Instant::now();
        let pace = self.rate.map(|rate| Arc::new(Pace::new(start, rate, self.duration)));
        let ticker = pace.clone().map(Pace::tick);
        let mut tasks = JoinSet::new();
        for connection in connections {
            match pace.clone() {
                Some(pace) => tasks.spawn(paced(connection, pace)),
                None => tasks.spawn(closed(connection, start + self.duration)),
            };
        }
        let mut all = Outcome::default();
        while let Some(one) = tasks.join_next().await {
            let one = one?;
            all.acknowledged += one.acknowledged;
            all.failed += one.failed;
            all.failure = all.failure.or(one.failure);
            all.latencies_us.extend(one.latencies_us);
        }
        all.elapsed = start.elapsed();
        all.latencies_us.sort_unstable();
        if let (Some(pace), Some(ticker)) = (pace, ticker) {
            pace.check_kept(ticker, all.acknowledged + all.failed)?;
        }
        Ok(all)
    }
}

async fn closed(mut connection: Connection, end: Instant) -> Outcome {
    let mut outcome = Outcome::default();
    let submission = request::submission();
    loop {
        let sent = Instant::now();
        if sent >= end || !submit(&mut connection, &submission, sent, &mut outcome).await {
            return outcome;
        }
    }
}

async fn paced(mut connection: Connection, pace: Arc<Pace>) -> Outcome {
    let mut outcome = Outcome::default();
    let submission = request::submission();
    while let Some(due) = pace.next().await {
        if !submit(&mut connection, &submission, due, &mut outcome).await {
            break;
        }
    }
    outcome
}

/// Sends one submission and waits for its reply. False when the connection is of no more use.
async fn submit(
    connection: &mut Connection,
    submission: &[u8],
    due: Instant,
    outcome: &mut Outcome,
) -> bool {
    let status = connection.exchange(submission).await;
    if matches!(status, Ok(200 | 303)) {
        outcome.acknowledged += 1;
        let latency = due.elapsed().as_micros();
        outcome.latencies_us.push(u32::try_from(latency).unwrap_or(u32::MAX));
    } else {
        outcome.failed += 1;
        outcome.failure = Some(match &status {
            Ok(_) => connection.status_line().into_owned(),
            Err(error) => format!("{error:#}"),
        });
    }
    status.is_ok()
}
