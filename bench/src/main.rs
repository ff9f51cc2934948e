//! Measures how many submissions Formhold takes, what the machine would allow at most, and how well
//! spam is told.

mod bare;
mod database;
mod http_limit;
mod inbox;
mod load;
mod machine;
mod mariadb;
mod phases;
mod process;
mod redis;
mod report;
mod request;
mod run;
mod server;
mod sign_in;
mod spam;
mod stats;

use std::{net::SocketAddr, time::Duration};

use clap::Parser;

use crate::{load::Load, stats::Latency};

/// Measure how many submissions Formhold takes, and what the machine would allow at most.
#[derive(Debug, Parser)]
enum Command {
    /// Measure everything and write a report
    Run(run::Arguments),
    /// Send submissions to a server that runs already
    Load {
        /// Where it listens
        address: SocketAddr,
        /// For how many seconds
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// How many connections
        #[arg(long, default_value_t = 64)]
        connections: usize,
        /// How many a second; without it, as many as are answered
        #[arg(long)]
        rate: Option<f64>,
    },
    /// Measure how well spam is told from honest mail
    Spam(spam::Arguments),
    /// Measure whether pages tell who has an account, and what many sign-ins do to others
    SignIn(sign_in::Arguments),
    /// Measure the inbox of a form with a million submissions
    Inbox(inbox::Arguments),
    /// Serve forms without storing anything
    HttpLimit {
        /// Where to listen
        address: SocketAddr,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_env_filter("warn").with_writer(std::io::stderr).init();
    tokio::select! {
        outcome = run(Command::parse()) => outcome,
        // What was started ends with what is dropped here.
        _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Run(arguments) => print(&run::run(arguments).await?),
        Command::Spam(arguments) => {
            let outcome = spam::measure(&arguments)?;
            print(&outcome.markdown());
            outcome.judge()?;
        }
        Command::SignIn(arguments) => print(&sign_in::measure(&arguments).await?),
        Command::Inbox(arguments) => print(&inbox::measure(&arguments).await?),
        Command::HttpLimit { address } => http_limit::serve(address).await?,
        Command::Load { address, seconds, connections, rate } => {
            let duration = Duration::from_secs(seconds);
            let outcome = Load { address, connections, duration, rate }.run().await?;
            let (done, failed) = (outcome.acknowledged, outcome.failed);
            let elapsed = outcome.elapsed;
            print(&format!(
                "{done} acknowledged and {failed} failed in {elapsed:.2?}\n{:.2?}",
                Latency::of(&outcome)
            ));
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the one place that writes results")]
fn print(text: &str) {
    println!("{text}");
}
