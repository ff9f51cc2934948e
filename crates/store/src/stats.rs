//! What is known of the database's work at one moment, for metrics.

use formhold_domain::meters::HistogramReading;
use sea_orm::{DatabaseConnection, DbBackend};

use crate::Store;

/// The numbers of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreStats {
    /// The batching writer.
    pub writer: WriterStats,
    /// The pools of connections.
    pub pools: Vec<PoolStats>,
    /// The size of SQLite's write-ahead log; none elsewhere.
    pub wal_bytes: Option<u64>,
}

/// The batching writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterStats {
    /// Submissions that wait.
    pub queue_rows: usize,
    /// Bytes that wait or are being written.
    pub queue_bytes: usize,
    /// Submissions in a transaction.
    pub batch_rows: HistogramReading,
    /// How long a transaction took with its commit, in microseconds.
    pub batch_us: HistogramReading,
    /// Submissions that were turned away because too many were waiting.
    pub refused: u64,
    /// Submissions that the database did not take.
    pub failed: u64,
}

/// A pool of connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolStats {
    /// What it is for: `read` or `write`.
    pub name: &'static str,
    /// The most connections that it opens.
    pub max: u32,
    /// Connections that are open.
    pub open: u32,
    /// Those of them that nobody uses.
    pub idle: u32,
}

impl Store {
    /// The numbers of this moment. Asks the database nothing.
    #[must_use]
    pub fn stats(&self) -> StoreStats {
        let connections = &self.inner.connections;
        let pools = [("read", &connections.read), ("write", &connections.write)];
        StoreStats {
            writer: self.inner.writer.stats(),
            pools: pools.into_iter().map(|(name, pool)| pool_stats(name, pool)).collect(),
            wal_bytes: connections.checkpoint.as_ref().map(crate::connect::wal_bytes),
        }
    }
}

fn pool_stats(name: &'static str, connection: &DatabaseConnection) -> PoolStats {
    // The same words for two types of pools.
    let (max, open, idle) = match connection.get_database_backend() {
        DbBackend::Sqlite => {
            let pool = connection.get_sqlite_connection_pool();
            (pool.options().get_max_connections(), pool.size(), pool.num_idle())
        }
        _ => {
            let pool = connection.get_mysql_connection_pool();
            (pool.options().get_max_connections(), pool.size(), pool.num_idle())
        }
    };
    PoolStats { name, max, open, idle: u32::try_from(idle).unwrap_or(open).min(open) }
}
