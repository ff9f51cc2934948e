//! MySQL and MariaDB: durability as the server is set.

use std::time::Duration;

use sea_orm::DatabaseConnection;
use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, MySqlConnection, MySqlPool,
    mysql::{MySqlConnectOptions, MySqlPoolOptions},
};

use super::Connections;
use crate::{StoreError, migrations};

/// How long a start waits for a server that is not there yet.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn open(url: &str, readers: u32) -> Result<Connections, StoreError> {
    let options = options(url)?;
    let read = connect_patiently(&options, pool(readers)).await?;
    let write = writing(2).connect_with(options.clone()).await?;
    let intake = writing(1).connect_lazy_with(options);
    let applied = migrations::applied(&DatabaseConnection::from(read.clone())).await?;
    migrations::refuse_newer(&applied)?;
    let version: String = sqlx::query_scalar("SELECT VERSION()").fetch_one(&read).await?;
    let product = if version.contains("MariaDB") { "MariaDB" } else { "MySQL" };
    let number = version.split('-').next().unwrap_or_default();
    Ok(Connections {
        warnings: warnings(&read).await?,
        read: DatabaseConnection::from(read),
        write: DatabaseConnection::from(write),
        intake: DatabaseConnection::from(intake),
        checkpoint: None,
        description: format!("{product} {number}"),
    })
}

/// The migrations of an existing database.
pub(super) async fn inspect(url: &str) -> Result<Vec<String>, StoreError> {
    let pool = pool(1).connect_with(options(url)?).await?;
    let applied = migrations::applied(&DatabaseConnection::from(pool.clone())).await;
    pool.close().await;
    applied
}

fn options(url: &str) -> Result<MySqlConnectOptions, StoreError> {
    let options: MySqlConnectOptions = url.parse().map_err(|error| {
        StoreError::Unusable(format!("the database's address cannot be read: {error}"))
    })?;
    if options.get_database().is_none_or(str::is_empty) {
        return Err(StoreError::Unusable(
            "the database's address names no database: write mysql://user:password@host/database"
                .to_owned(),
        ));
    }
    Ok(options
        .charset("utf8mb4")
        .collation("utf8mb4_bin")
        .statement_cache_capacity(256)
        .disable_statement_logging())
}

fn pool(size: u32) -> MySqlPoolOptions {
    MySqlPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(1))
        .test_before_acquire(true)
}

/// What several nodes insert at the same time must not lock the gaps between rows.
fn writing(size: u32) -> MySqlPoolOptions {
    pool(size).after_connect(|connection, _| Box::pin(prepare_to_write(connection)))
}

async fn prepare_to_write(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    connection.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").await?;
    connection.execute("SET SESSION innodb_lock_wait_timeout = 5").await?;
    Ok(())
}

/// A connection outside of any pool, set as those that write are.
pub(crate) async fn connect_to_write(
    options: &MySqlConnectOptions,
) -> Result<MySqlConnection, sqlx::Error> {
    let mut connection = MySqlConnection::connect_with(options).await?;
    prepare_to_write(&mut connection).await?;
    Ok(connection)
}

async fn connect_patiently(
    options: &MySqlConnectOptions,
    pool: MySqlPoolOptions,
) -> Result<MySqlPool, StoreError> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match pool.clone().connect_with(options.clone()).await {
            Ok(pool) => return Ok(pool),
            Err(error @ sqlx::Error::Database(_)) => return Err(error.into()),
            Err(error) if tokio::time::Instant::now() >= deadline => return Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "the database cannot be reached yet, trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// What makes an acknowledged commit less than durable, or text less than exact.
async fn warnings(pool: &MySqlPool) -> Result<Vec<String>, StoreError> {
    let (flush, logged, sync, packet): (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT CAST(@@innodb_flush_log_at_trx_commit AS SIGNED), CAST(@@log_bin AS SIGNED), CAST(@@sync_binlog AS SIGNED), CAST(@@max_allowed_packet AS SIGNED)",
    )
    .fetch_one(pool)
    .await?;
    let mut warnings = Vec::new();
    if flush != 1 {
        warnings.push(format!("innodb_flush_log_at_trx_commit is {flush}: a crash of the database can lose acknowledged submissions; set it to 1"));
    }
    if logged == 1 && sync != 1 {
        warnings.push(format!("sync_binlog is {sync}: a crash of the database can lose acknowledged submissions on its replicas; set it to 1"));
    }
    if packet < 16 << 20 {
        warnings.push(format!("max_allowed_packet is {packet} bytes: large submissions will be refused; set it to 16M or more"));
    }
    Ok(warnings)
}
