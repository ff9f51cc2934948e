//! The schema's history. A change is one file here and one line in `migrations()`; none is ever
//! edited once shipped, and each is safe to run again after a kill.

mod m0001_trunk;
mod m0002_protection;
mod m0003_accounts;
mod m0004_jobs;
mod m0005_request_keys;
mod m0006_inbox;
mod m0007_search;
mod m0008_forms;
mod m0009_channels;
mod tables;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

use crate::{Settings, StoreError, Unavailable, connect::Connections};

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_trunk::Migration),
            Box::new(m0002_protection::Migration),
            Box::new(m0003_accounts::Migration),
            Box::new(m0004_jobs::Migration),
            Box::new(m0005_request_keys::Migration),
            Box::new(m0006_inbox::Migration),
            Box::new(m0007_search::Migration),
            Box::new(m0008_forms::Migration),
            Box::new(m0009_channels::Migration),
        ]
    }
}

/// A migration and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// The migration's name.
    pub name: String,
    /// Whether it was applied.
    pub applied: bool,
}

fn names() -> Vec<String> {
    Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

/// Refuses a database that has migrations which this program does not know.
///
/// `applied` are the names found in the database.
pub(crate) fn refuse_newer(applied: &[String]) -> Result<(), StoreError> {
    let known = names();
    match applied.iter().find(|name| !known.contains(name)) {
        None => Ok(()),
        Some(name) => Err(StoreError::Unusable(format!(
            "the database was changed by a newer Formhold (it has the migration `{name}`, which this \
             one, {}, does not know). Nothing was touched. Start the newer Formhold again, or restore \
             a backup that this one made.",
            env!("CARGO_PKG_VERSION")
        ))),
    }
}

/// The names of the applied migrations; none where the database is still empty.
pub(crate) async fn applied(connection: &DatabaseConnection) -> Result<Vec<String>, StoreError> {
    let exists = match connection.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT 1 AS found FROM sqlite_master WHERE name = 'seaql_migrations' LIMIT 1"
        }
        _ => {
            "SELECT 1 AS found FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'seaql_migrations' LIMIT 1"
        }
    };
    let backend = connection.get_database_backend();
    if connection.query_one_raw(Statement::from_string(backend, exists)).await?.is_none() {
        return Ok(Vec::new());
    }
    let list = "SELECT version FROM seaql_migrations ORDER BY version LIMIT 10000";
    let rows = connection.query_all_raw(Statement::from_string(backend, list)).await?;
    rows.iter().map(|row| Ok(row.try_get::<String>("", "version")?)).collect()
}

/// Applies what is missing, under a lock that only one process holds.
pub(crate) async fn run(connection: &DatabaseConnection) -> Result<(), StoreError> {
    let present = applied(connection).await?;
    refuse_newer(&present)?;
    if present.len() == names().len() {
        return Ok(());
    }
    tracing::info!(
        missing = names().len() - present.len(),
        "bringing the database's schema up to date"
    );
    match connection.get_database_backend() {
        DbBackend::Sqlite => {
            // One transaction: a killed migration leaves nothing behind.
            let transaction = crate::begin_write(connection).await?;
            Migrator::up(&transaction, None).await?;
            transaction.commit().await?;
        }
        _ => with_mysql_lock(connection).await?,
    }
    Ok(())
}

/// MySQL commits each change of the schema by itself, so the lock is a named one, held by a
/// session of its own until the last change is done.
async fn with_mysql_lock(connection: &DatabaseConnection) -> Result<(), StoreError> {
    const WAIT_SECONDS: u64 = 120;
    let mut session = connection.get_mysql_connection_pool().acquire().await?;
    let name: String =
        sqlx::query_scalar("SELECT CONCAT('formhold.', LEFT(SHA2(DATABASE(), 256), 40))")
            .fetch_one(&mut *session)
            .await?;
    let locked: Option<i64> = sqlx::query_scalar("SELECT GET_LOCK(?, ?)")
        .bind(&name)
        .bind(WAIT_SECONDS)
        .fetch_one(&mut *session)
        .await?;
    if locked != Some(1) {
        let message =
            format!("another process has been changing the schema for {WAIT_SECONDS} seconds");
        return Err(StoreError::Unavailable(Unavailable::Busy(message)));
    }
    let result = Migrator::up(connection, None).await;
    sqlx::query("DO RELEASE_LOCK(?)").bind(&name).execute(&mut *session).await?;
    Ok(result?)
}

/// Compares the database with what this program knows, without changing it.
pub(crate) async fn status(settings: &Settings) -> Result<Vec<MigrationStatus>, StoreError> {
    let present = Connections::applied_migrations(settings).await?;
    refuse_newer(&present)?;
    Ok(names()
        .into_iter()
        .map(|name| MigrationStatus { applied: present.contains(&name), name })
        .collect())
}
