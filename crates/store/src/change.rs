//! A change: everything that one action writes, in one transaction, with its audit entries.

use formhold_domain::{
    audit::{AuditEntry, AuditRow, details_hash, entry_hash},
    job::{Lane, NewJob},
};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, DatabaseTransaction, EntityTrait,
    IntoActiveModel as _, QuerySelect, QueryTrait as _,
};
use serde_json::Value;

use crate::{
    Store, StoreError,
    entities::{audit_ends, audit_entries},
    jobs::job_row,
    request_keys,
    writer::insert,
};

/// A transaction that an action writes in. Dropped without [`Change::commit`] it leaves nothing
/// behind.
///
/// What is read here is read as it is now, and stays so until the end on SQLite; on MySQL rows that a
/// decision rests on are locked by the function that reads them.
pub struct Change {
    pub(crate) transaction: DatabaseTransaction,
    entries: Vec<AuditEntry>,
    jobs: Vec<NewJob>,
    /// Lanes in which jobs became ready that were there before.
    pub(crate) woken: Vec<Lane>,
    store: Store,
    now_ms: i64,
}

impl Store {
    /// Begins a change at this time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(&self, now_ms: i64) -> Result<Change, StoreError> {
        let transaction = self.begin_write().await?;
        request_keys::take(&transaction, now_ms).await?;
        Ok(Change {
            transaction,
            entries: Vec::new(),
            jobs: Vec::new(),
            woken: Vec::new(),
            store: self.clone(),
            now_ms,
        })
    }
}

impl Change {
    /// When it takes place.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// Adds an entry to the audit trail, which is written at the commit.
    pub fn record(&mut self, entry: AuditEntry) {
        self.entries.push(entry);
    }

    /// Adds a job that follows from the change: it is stored at the commit, and begun after it.
    pub fn enqueue(&mut self, job: NewJob) {
        self.jobs.push(job);
    }

    /// Makes the change last.
    ///
    /// # Errors
    /// When the database fails; nothing was changed then, unless the connection was lost while the
    /// commit was under way.
    pub async fn commit(self) -> Result<(), StoreError> {
        let rows: Vec<_> = self.jobs.iter().map(|job| job_row(job, self.now_ms)).collect();
        insert::execute(&self.transaction, insert::job_inserts(&rows)).await?;
        self.write_entries().await?;
        self.transaction.commit().await?;
        request_keys::note_commit();
        let woken = self.jobs.iter().map(|job| &job.lane).chain(&self.woken);
        self.store.inner.new_work.announce(woken);
        Ok(())
    }

    /// Leaves everything as it was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn roll_back(self) -> Result<(), StoreError> {
        Ok(self.transaction.rollback().await?)
    }

    /// Last of all, because all changes of all nodes wait for the row with the chain's end.
    async fn write_entries(&self) -> Result<(), StoreError> {
        if self.entries.is_empty() {
            return Ok(());
        }
        let ends = lock_ends(&self.transaction).await?;
        let mut sequence = ends.last_sequence;
        let mut before = fixed_hash(&ends.last_hash)?;
        let mut rows = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            sequence += 1;
            let mut row = row_of(entry, sequence, self.now_ms);
            row.hash = entry_hash(&before, &row);
            before = row.hash;
            rows.push(model_of(row).into_active_model());
        }
        audit_entries::Entity::insert_many(rows).exec_without_returning(&self.transaction).await?;
        let mut ends = ends.into_active_model();
        ends.last_sequence = Set(sequence);
        ends.last_hash = Set(before.to_vec());
        ends.update(&self.transaction).await?;
        Ok(())
    }
}

/// The row with the chain's ends, kept from others until the transaction ends.
pub(crate) async fn lock_ends(
    transaction: &DatabaseTransaction,
) -> Result<audit_ends::Model, StoreError> {
    let locked = audit_ends::Entity::find_by_id(1)
        .apply_if(for_update(transaction), |query, ()| query.lock_exclusive());
    let ends = locked.one(transaction).await?;
    ends.ok_or_else(|| StoreError::Other("the end of the audit trail is missing".to_owned()))
}

/// Some where rows must be locked by themselves: a transaction of SQLite that writes is alone anyway.
pub(crate) fn for_update(transaction: &DatabaseTransaction) -> Option<()> {
    use sea_orm::ConnectionTrait as _;
    (transaction.get_database_backend() == sea_orm::DbBackend::MySql).then_some(())
}

pub(crate) fn fixed_hash(bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    let wrong = |_| StoreError::Other(format!("a hash has {} bytes in place of 32", bytes.len()));
    bytes.try_into().map_err(wrong)
}

fn row_of(entry: &AuditEntry, sequence: i64, at_ms: i64) -> AuditRow {
    let details = (entry.details != Value::Null).then(|| entry.details.to_string());
    AuditRow {
        sequence: sequence.unsigned_abs(),
        at_ms,
        action: entry.action.as_str().to_owned(),
        actor_kind: entry.actor_kind.to_owned(),
        actor_id: entry.actor_id.clone(),
        via: entry.via.clone(),
        address: entry.address.clone(),
        workspace_id: entry.workspace_id,
        target_kind: entry.target_kind.map(str::to_owned),
        target_id: entry.target_id.clone(),
        details_hash: details_hash(details.as_deref()),
        details,
        hash: [0; 32],
    }
}

fn model_of(row: AuditRow) -> audit_entries::Model {
    audit_entries::Model {
        sequence: i64::try_from(row.sequence).unwrap_or(i64::MAX),
        at_ms: row.at_ms,
        action: row.action,
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        via: row.via,
        address: row.address,
        workspace_id: row.workspace_id.map(|id| id.0),
        target_kind: row.target_kind,
        target_id: row.target_id,
        details: row.details,
        details_hash: row.details_hash.to_vec(),
        hash: row.hash.to_vec(),
    }
}
