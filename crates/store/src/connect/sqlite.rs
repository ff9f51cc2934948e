//! SQLite: one file, one writer, readers beside it, every commit synced.

use std::{
    fs,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    io,
    path::Path,
    time::Duration,
};

use sea_orm::DatabaseConnection;
use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::Connections;
use crate::{StoreError, Unavailable, migrations};

/// Older versions can corrupt a write-ahead log under two connections.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) async fn open(path: &str, readers: u32) -> Result<Connections, StoreError> {
    if !inspect_or_new(path).await? {
        make_new(path).await?;
    }
    let options =
        options(path).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    // Checkpoints run on a connection of their own, so that no submission waits for one.
    let writing = options.clone().pragma("wal_autocheckpoint", "0").pragma("cache_size", "-16000");
    let write = pool(1).connect_with(writing.clone()).await?;
    assert_durable(&write).await?;
    let intake = pool(1).connect_lazy_with(writing.clone());
    let checkpoint = pool(1).connect_with(writing).await?;
    let read = pool(readers).connect_with(options.pragma("query_only", "on")).await?;
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&read).await?;
    Ok(Connections {
        read: DatabaseConnection::from(read),
        write: DatabaseConnection::from(write),
        intake: DatabaseConnection::from(intake),
        checkpoint: Some(checkpoint),
        description: format!("SQLite {version}"),
        warnings: Vec::new(),
    })
}

/// Makes a database without tables under another name and then puts it in place: nobody, not even
/// after a kill, finds one that has no header yet. Whoever comes second takes the first one's.
async fn make_new(path: &str) -> Result<(), StoreError> {
    tracing::info!(path, "making a new database");
    let cannot = |error: io::Error| {
        StoreError::Unusable(format!("cannot make the database `{path}`: {error}"))
    };
    let folder = Path::new(path).parent().filter(|folder| *folder != "");
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(cannot)?;
    let unique = RandomState::new().build_hasher().finish();
    let partial = format!("{path}.{unique:016x}.new");
    // The change of the journal writes the header, and syncs it.
    let wal = options(&partial).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    wal.connect().await?.close().await?;
    let placed = match fs::hard_link(&partial, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        placed => placed,
    };
    fs::remove_file(&partial).map_err(cannot)?;
    placed.and_then(|()| fs::File::open(folder)?.sync_all()).map_err(cannot)
}

fn options(path: &str) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(false)
        .statement_cache_capacity(128)
        .disable_statement_logging()
}

fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(10))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_release(|connection, _| Box::pin(async { Ok(is_at_rest(connection).await) }))
}

/// Whether a connection that comes back to its pool counts no open transaction; one that does is
/// thrown away.
///
/// When a commit fails, SQLite may roll back by itself; the driver's rollback then fails, too, and
/// it goes on counting a transaction. Its next commit would only release a savepoint: what it
/// acknowledged would be lost.
async fn is_at_rest(connection: &mut SqliteConnection) -> bool {
    if !connection.is_in_transaction() {
        return true;
    }
    // A rollback may still be queued, where a transaction was only dropped.
    let answered = connection.ping().await.is_ok();
    let at_rest = answered && !connection.is_in_transaction();
    if !at_rest {
        tracing::warn!("replacing a database connection whose transaction failed");
    }
    at_rest
}

async fn assert_durable(pool: &SqlitePool) -> Result<(), StoreError> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(pool).await?;
    let parts: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    let found = (parts.first().copied(), parts.get(1).copied(), parts.get(2).copied());
    let (major, minor, patch) = OLDEST_SQLITE;
    if found < (Some(major), Some(minor), Some(patch)) {
        return Err(StoreError::Unusable(format!(
            "SQLite {version} is too old: at least {major}.{minor}.{patch} is needed"
        )));
    }
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(pool).await?;
    if mode != "wal" {
        return Err(StoreError::Unusable(format!(
            "SQLite's journal mode is `{mode}` where `wal` is needed; network file systems cannot do it: put the database on a local disk"
        )));
    }
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(pool).await?;
    if synchronous < 2 {
        return Err(StoreError::Unusable(
            "SQLite does not sync every commit although it was told to".to_owned(),
        ));
    }
    Ok(())
}

/// Looks at what is at the path without changing it. False where there is nothing yet.
async fn inspect_or_new(path: &str) -> Result<bool, StoreError> {
    inspect(path).await.map(|_| Path::new(path).exists())
}

/// The migrations of an existing database, opened for reading only.
pub(super) async fn inspect(path: &str) -> Result<Vec<String>, StoreError> {
    if !Path::new(path).exists() {
        if Path::new(&format!("{path}-wal")).exists() {
            return Err(StoreError::Unusable(format!(
                "`{path}` is missing but its log `{path}-wal` is there. Nothing was touched. Put the database \
                 file back beside its log, or move the log away to start anew."
            )));
        }
        return Ok(Vec::new());
    }
    let damaged = |what: &str| {
        StoreError::Unusable(format!(
            "`{path}` {what}. Nothing was touched. Keep a copy of it and of `{path}-wal`, then restore a \
             backup; to start anew instead, move both away."
        ))
    };
    check_header(path).map_err(|what| damaged(&what))?;
    // Without a log nothing else is needed beside the file, so none is made.
    let has_log = Path::new(&format!("{path}-wal")).exists();
    let pool = pool(1).connect_with(options(path).read_only(true).immutable(!has_log)).await?;
    let outcome = inspect_schema(&pool, path, has_log).await;
    pool.close().await;
    outcome.map_err(|error| match error {
        StoreError::Unavailable(Unavailable::Broken(what)) => {
            damaged(&format!("is damaged: {what}"))
        }
        StoreError::Other(what) => damaged(&what),
        other => other,
    })
}

fn check_header(path: &str) -> Result<(), String> {
    use std::io::Read as _;
    let mut header = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    file.take(16).read_to_end(&mut header).map_err(|error| format!("cannot be read: {error}"))?;
    match header.as_slice() {
        [] => Err("is empty (0 bytes), so it is no database".to_owned()),
        b"SQLite format 3\0" => Ok(()),
        _ => Err("is no SQLite database, or its beginning is damaged".to_owned()),
    }
}

async fn inspect_schema(
    pool: &SqlitePool,
    path: &str,
    has_log: bool,
) -> Result<Vec<String>, StoreError> {
    let page_bytes: i64 = sqlx::query_scalar("PRAGMA page_size").fetch_one(pool).await?;
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(pool).await?;
    let file_bytes = std::fs::metadata(path).map_or(0, |file| file.len());
    if !has_log && u64::try_from(page_bytes * pages).unwrap_or(0) > file_bytes {
        return Err(StoreError::Other(format!(
            "is cut off: it has {file_bytes} bytes where its header says {}",
            page_bytes * pages
        )));
    }
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table' LIMIT 1000")
            .fetch_all(pool)
            .await?;
    let applied = migrations::applied(&DatabaseConnection::from(pool.clone())).await?;
    migrations::refuse_newer(&applied)?;
    if applied.is_empty() && tables.iter().any(|name| name != "seaql_migrations") {
        return Err(StoreError::Other("is a database of another program".to_owned()));
    }
    Ok(applied)
}
