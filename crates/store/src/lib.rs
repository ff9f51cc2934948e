//! The only crate that speaks SQL: SQLite and MySQL/MariaDB behind one [`Store`].
//!
//! Queries are written once. What really differs between the databases stands side by side in
//! one function, chosen by backend.

mod accounts;
mod audit;
mod change;
mod channels;
mod connect;
mod counters;
mod entities;
mod error;
mod export;
mod form_lists;
mod form_trash;
mod form_versions;
mod forms;
mod idempotency;
mod inbox;
mod jobs;
mod migrations;
mod own_submissions;
mod probe;
mod request_keys;
mod search;
mod secrets;
mod settings;
mod spam;
mod stats;
mod submissions;
mod uploads;
mod writer;

use std::sync::Arc;

pub use accounts::{
    Credentials, NewInvitation, NewUser, Passkey, SignedIn, TokenUse, UserFilter, UserOrder,
    UserUpdate, WorkspaceSummary,
};
pub use audit::{AuditEnds, AuditFilter};
pub use change::Change;
pub use channels::ChannelRecord;
pub use counters::{CounterDifference, CounterKind, FormTally, HourTally, Tally};
pub use error::{StoreError, Unavailable};
pub use export::{ExportPage, ExportSnapshot};
pub use form_lists::FormFilter;
pub use form_versions::FormVersion;
pub use forms::{FormRecord, FormSummary, NewForm};
pub use idempotency::{Idempotency, Remembered};
pub use inbox::{Acted, Actor as HistoryActor, InboxFilter, InboxOrder};
pub use jobs::{
    Beat, ChannelJobs, Claim, Claimed, EndedTry, FailedJobs, Job, JobFilter, JobTry, KindCount,
    NextTurns, Round, Schedule, TryEnd, Waiting, WorkerLock,
};
pub use migrations::MigrationStatus;
pub use own_submissions::OwnSubmission;
pub use request_keys::{CarriedOut, RequestKey};
pub use settings::Settings;
pub use spam::{Learnt, Taught};
pub use stats::{PoolStats, StoreStats, WriterStats};
pub use writer::{NewSubmission, Outcome};

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::watch;

use crate::{connect::Connections, jobs::NewWork, writer::Writer};

/// A database of Formhold. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    connections: Connections,
    writer: Writer,
    new_work: NewWork,
    broken: watch::Receiver<Option<String>>,
}

impl Store {
    /// Opens the database, brings its schema up to date under a lock, and starts the writer.
    ///
    /// A SQLite file that does not exist yet is made; anything else in its place is left alone.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] for a damaged or newer database, which is not touched, or one
    /// whose settings break the promise of durability; [`StoreError::Unavailable`] when it cannot
    /// be reached.
    pub async fn open(settings: &Settings) -> Result<Self, StoreError> {
        let connections = Connections::open(settings).await?;
        migrations::run(&connections.write).await?;
        let (report, broken) = watch::channel(None);
        let writer = Writer::start(&connections, report)?;
        Ok(Self {
            inner: Arc::new(Inner { connections, writer, new_work: NewWork::default(), broken }),
        })
    }

    /// What `migrate --check` shows: each migration, and whether it was applied. Changes nothing.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn migration_status(settings: &Settings) -> Result<Vec<MigrationStatus>, StoreError> {
        migrations::status(settings).await
    }

    /// Resolves when the database reported that it can no longer be trusted to keep what it
    /// acknowledged (a failed fsync, corruption), with the reason. The process should end.
    pub async fn broken(&self) -> String {
        let mut broken = self.inner.broken.clone();
        match broken.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or_default(),
            // The writer ends only with the store.
            Err(_) => std::future::pending().await,
        }
    }

    /// Which database this is, for people: `SQLite 3.51.3` or `MariaDB 10.11.6`.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.inner.connections.description
    }

    /// What an operator should change about the database's settings, in plain words.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.inner.connections.warnings
    }

    /// Commits what is queued and closes all connections.
    pub async fn close(&self) {
        self.inner.writer.stop().await;
        self.inner.connections.close().await;
    }

    fn read(&self) -> &DatabaseConnection {
        &self.inner.connections.read
    }

    async fn begin_write(&self) -> Result<DatabaseTransaction, StoreError> {
        begin_write(&self.inner.connections.write).await
    }
}

/// Begins a transaction that will write; on SQLite it takes the write lock at once, because a
/// transaction that turns from reading to writing can fail without waiting.
async fn begin_write(connection: &DatabaseConnection) -> Result<DatabaseTransaction, StoreError> {
    let immediate = matches!(connection.get_database_backend(), DbBackend::Sqlite)
        .then_some(SqliteTransactionMode::Immediate);
    let options =
        TransactionOptions { sqlite_transaction_mode: immediate, ..TransactionOptions::default() };
    Ok(connection.begin_with_options(options).await?)
}
