//! Connections to the database, opened with the settings that the promises rest on.

pub(crate) mod mysql;
mod sqlite;

use sea_orm::DatabaseConnection;
use sqlx::SqlitePool;

use crate::{Settings, StoreError};

/// Everything that talks to the database.
pub(crate) struct Connections {
    /// For reading, any number at the same time.
    pub(crate) read: DatabaseConnection,
    /// For writing anything but submissions.
    pub(crate) write: DatabaseConnection,
    /// For the writer of submissions alone: one connection, opened by its own thread.
    pub(crate) intake: DatabaseConnection,
    /// Where checkpoints of SQLite's log run, beside the writer.
    pub(crate) checkpoint: Option<SqlitePool>,
    /// Name and version of the database, for people.
    pub(crate) description: String,
    /// What an operator should change, in plain words.
    pub(crate) warnings: Vec<String>,
}

/// The size of SQLite's write-ahead log.
pub(crate) fn wal_bytes(pool: &SqlitePool) -> u64 {
    let options = pool.connect_options();
    let mut path = options.get_filename().as_os_str().to_owned();
    path.push("-wal");
    std::fs::metadata(path).map_or(0, |file| file.len())
}

impl Connections {
    pub(crate) async fn open(settings: &Settings) -> Result<Self, StoreError> {
        match settings.sqlite_path() {
            Some(path) => sqlite::open(path, settings.max_connections).await,
            None => mysql::open(&settings.url, settings.max_connections).await,
        }
    }

    /// The migrations that the database has; opens it without changing anything.
    pub(crate) async fn applied_migrations(settings: &Settings) -> Result<Vec<String>, StoreError> {
        match settings.sqlite_path() {
            Some(path) => sqlite::inspect(path).await,
            None => mysql::inspect(&settings.url).await,
        }
    }

    pub(crate) async fn close(&self) {
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.close().await;
        }
        for connection in [&self.read, &self.intake, &self.write] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::warn!(%error, "a database connection did not close cleanly");
            }
        }
    }
}
