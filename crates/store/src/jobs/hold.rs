//! Leases: who is at which job, and what happens when nobody hears of them any more.

use std::{fs::File, io};

use formhold_domain::{
    JobId,
    job::{JobKind, JobState, TryOutcome},
};
use sea_orm::{DatabaseTransaction, DbBackend, FromQueryResult as _};
use uuid::Uuid;

use super::{Claim, secret_kinds, sql};
use crate::{Store, StoreError, entities::jobs};

/// More jobs than all nodes together run at once.
const MOST_RUNNING: usize = 10_000;
/// How many silent ones are let go in one transaction.
const AT_ONCE: usize = 200;
const LOST: &str = "the node that was at it did not report back";

/// A sign of life of a job that somebody is at. While two looks find the same, the holder is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Beat {
    /// Which claim.
    pub claim: Claim,
    /// The job's kind; none where this program does not know it.
    pub kind: Option<JobKind>,
    /// How many signs of life there were.
    pub beats: i64,
}

/// Shows that no other process works the jobs of this database. Given back when dropped, and by the
/// operating system when the process ends in any way.
#[derive(Debug)]
pub struct WorkerLock {
    // On MySQL many may work, and there is none.
    _file: Option<File>,
}

impl Store {
    /// Becomes the one process that works the jobs of a SQLite database: a file beside it is locked.
    /// None while another is. On MySQL any number may work. Every job that is still marked as running
    /// belonged to a process that has ended; it is let go at once.
    ///
    /// # Errors
    /// When the file cannot be made, or the database fails.
    pub async fn lock_worker(&self, now_ms: i64) -> Result<Option<WorkerLock>, StoreError> {
        let write = &self.inner.connections.write;
        if write.get_database_backend() == DbBackend::MySql {
            return Ok(Some(WorkerLock { _file: None }));
        }
        let options = write.get_sqlite_connection_pool().connect_options();
        let mut path = options.get_filename().as_os_str().to_owned();
        path.push(".worker");
        let cannot = |error: io::Error| {
            let path = path.to_string_lossy();
            StoreError::Other(format!("the lock of the worker, `{path}`, fails: {error}"))
        };
        let file = File::create(&path).map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Ok(None),
            Err(std::fs::TryLockError::Error(error)) => return Err(cannot(error)),
        }
        let lock = WorkerLock { _file: Some(file) };
        while self.let_go_of_all(now_ms).await? > 0 {}
        Ok(Some(lock))
    }

    async fn let_go_of_all(&self, now_ms: i64) -> Result<usize, StoreError> {
        let mut beats = self.beats().await?;
        beats.truncate(AT_ONCE);
        self.let_go(&beats, now_ms).await
    }

    /// The signs of life of all jobs that somebody is at.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn beats(&self) -> Result<Vec<Beat>, StoreError> {
        let text =
            format!("SELECT id, kind, fence, beats FROM jobs WHERE state = ? LIMIT {MOST_RUNNING}");
        let rows = sql::query(self.read(), text, vec![JobState::Running.as_str().into()]).await?;
        let beat = |row: &sea_orm::QueryResult| {
            let kind: String = row.try_get("", "kind")?;
            let claim =
                Claim { job_id: JobId(row.try_get("", "id")?), fence: row.try_get("", "fence")? };
            Ok(Beat { claim, kind: JobKind::parse(&kind), beats: row.try_get("", "beats")? })
        };
        rows.iter().map(beat).collect()
    }

    /// Gives signs of life of jobs that this node is at; gives those that are not its own any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn beat(&self, node: &str, claims: &[Claim]) -> Result<Vec<JobId>, StoreError> {
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let transaction = self.begin_write().await?;
        let ids = || claims.iter().map(|claim| claim.job_id.0.into());
        let text = format!(
            "UPDATE jobs SET beats = beats + 1 WHERE id IN ({}) AND state = ? AND node = ?",
            sql::places(claims.len())
        );
        let mut values: Vec<sea_orm::Value> = ids().collect();
        values.extend([JobState::Running.as_str().into(), node.into()]);
        let changed = sql::execute(&transaction, text, values).await?;
        let lost = if usize::try_from(changed) == Ok(claims.len()) {
            Vec::new()
        } else {
            not_held(&transaction, node, claims).await?
        };
        transaction.commit().await?;
        Ok(lost)
    }

    /// Lets go of jobs whose holder was silent since these signs of life: they are tried again, or have
    /// failed where that was their last try. Gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn let_go(&self, silent: &[Beat], now_ms: i64) -> Result<usize, StoreError> {
        let mut count = 0;
        for some in silent.chunks(AT_ONCE) {
            let transaction = self.begin_write().await?;
            for beat in some {
                count += usize::from(let_go_of(&transaction, beat, now_ms).await?);
            }
            transaction.commit().await?;
        }
        Ok(count)
    }
}

async fn not_held(
    transaction: &DatabaseTransaction,
    node: &str,
    claims: &[Claim],
) -> Result<Vec<JobId>, StoreError> {
    let text = format!(
        "SELECT id FROM jobs WHERE id IN ({}) AND state = ? AND node = ?",
        sql::places(claims.len())
    );
    let mut values: Vec<sea_orm::Value> = claims.iter().map(|it| it.job_id.0.into()).collect();
    values.extend([JobState::Running.as_str().into(), node.into()]);
    let rows = sql::query(transaction, text, values).await?;
    let held = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<Vec<Uuid>, _>>()?;
    let lost = claims.iter().map(|claim| claim.job_id).filter(|id| !held.contains(&id.0));
    Ok(lost.collect())
}

async fn let_go_of(
    transaction: &DatabaseTransaction,
    beat: &Beat,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let text = format!(
        "SELECT {} FROM jobs WHERE id = ? AND state = ? AND fence = ? AND beats = ?{}",
        sql::COLUMNS,
        sql::lock_free_ones(transaction)
    );
    let values = vec![
        beat.claim.job_id.0.into(),
        JobState::Running.as_str().into(),
        beat.claim.fence.into(),
        beat.beats.into(),
    ];
    let found = sql::query(transaction, text, values).await?;
    let Some(row) = found.first() else { return Ok(false) };
    let row = jobs::Model::from_query_result(row, "")?;
    let is_last = row.attempts >= row.max_attempts;
    let state = if is_last { JobState::Dead } else { JobState::Ready };
    let blank = is_last && secret_kinds().contains(&row.kind.as_str());
    let finished_at_ms = is_last.then_some(now_ms);
    let text =
        "UPDATE jobs SET state = ?, finished_at_ms = ?, payload = ?, last_error = ? WHERE id = ?";
    let payload = if blank { String::new() } else { row.payload };
    let values = vec![
        state.as_str().into(),
        finished_at_ms.into(),
        payload.into(),
        LOST.into(),
        row.id.into(),
    ];
    sql::execute(transaction, text.to_owned(), values).await?;
    let text = "INSERT INTO job_tries (job_id, attempt, at_ms, duration_ms, outcome, status, excerpt) \
                VALUES (?, ?, ?, 0, ?, NULL, ?)";
    let values = vec![
        row.id.into(),
        row.fence.into(),
        now_ms.into(),
        TryOutcome::Lost.as_str().into(),
        LOST.into(),
    ];
    sql::execute(transaction, text.to_owned(), values).await?;
    Ok(true)
}
