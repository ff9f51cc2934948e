//! Moving SQLite's write-ahead log into the database file, beside the writer.

use std::time::Duration;

use sqlx::SqlitePool;
use tokio::{sync::mpsc, time::MissedTickBehavior};

use super::Waiting;

const LOOK_EVERY: Duration = Duration::from_millis(200);
/// From this many pages on (of 4 KiB) the log is copied, while the writer goes on.
const COPY_PAGES: i64 = 2_000;
/// From this many on, the writer is stopped for a moment so that the log can start over.
const RESTART_PAGES: i64 = 16_000;

/// Runs until the writer stops taking submissions.
pub(super) async fn run(pool: SqlitePool, queue: mpsc::WeakSender<Waiting>) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if queue.upgrade().is_none() {
            return;
        }
        if let Err(error) = look(&pool).await {
            tracing::warn!(%error, "the write-ahead log could not be moved into the database");
        }
    }
}

async fn look(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    let pages = log_pages(pool);
    if pages < COPY_PAGES {
        return Ok(());
    }
    let (_, log, copied) = checkpoint(pool, "PRAGMA wal_checkpoint(PASSIVE)").await?;
    if log > RESTART_PAGES && log - copied < COPY_PAGES {
        checkpoint(pool, "PRAGMA wal_checkpoint(RESTART)").await?;
    }
    Ok(())
}

fn log_pages(pool: &SqlitePool) -> i64 {
    let bytes = crate::connect::wal_bytes(pool);
    i64::try_from(bytes / 4096).unwrap_or(i64::MAX)
}

/// Answers whether it was blocked, the pages in the log, and those copied of them.
async fn checkpoint(
    pool: &SqlitePool,
    statement: &'static str,
) -> Result<(i64, i64, i64), sqlx::Error> {
    sqlx::query_as(statement).fetch_one(pool).await
}
