//! What people do with jobs: try again, call off; and removing those that ended long ago.

use formhold_domain::{
    JobId,
    job::{JobKind, JobState, Lane},
};
use sea_orm::Value;
use uuid::Uuid;

use super::{Job, job, secret_kinds, sql};
use crate::{Change, Store, StoreError, entities::jobs};

/// How many failed jobs are tried again in one change.
const RETRIES_AT_ONCE: usize = 500;

impl Change {
    /// A job, as it is now; nobody else changes it before this change ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn job(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        use sea_orm::{EntityTrait as _, QuerySelect as _, QueryTrait as _};
        let query = jobs::Entity::find_by_id(id.0);
        let locked = crate::change::for_update(&self.transaction);
        let query = query.apply_if(locked, |query, ()| query.lock_exclusive());
        query.one(&self.transaction).await?.map(job).transpose()
    }

    /// Lets a job be tried again at once, from the first try on. The caller looked that it neither runs
    /// nor succeeded.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn retry_job(&mut self, job: &Job) -> Result<(), StoreError> {
        self.retry(&[job.id.0]).await?;
        self.woken.push(Lane::stored(&job.lane));
        Ok(())
    }

    /// Calls off a job. The caller looked that it waits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cancel_job(&self, id: JobId) -> Result<(), StoreError> {
        let secret = secret_kinds();
        let text = format!(
            "UPDATE jobs SET state = ?, finished_at_ms = ?, \
             payload = CASE WHEN kind IN ({}) THEN '' ELSE payload END WHERE id = ?",
            sql::places(secret.len())
        );
        let mut values: Vec<Value> =
            vec![JobState::Cancelled.as_str().into(), self.now_ms().into()];
        values.extend(secret.into_iter().map(Into::into));
        values.push(id.0.into());
        sql::execute(&self.transaction, text, values).await?;
        Ok(())
    }

    /// Lets some of the jobs that failed for good between two times, both counted in, be tried again,
    /// in the order of their ids after `after`. Those whose content is gone stay. Gives how many, and the last one that was
    /// looked at; none at the end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn retry_dead_jobs(
        &mut self,
        from_ms: i64,
        to_ms: i64,
        after: Option<JobId>,
    ) -> Result<(usize, Option<JobId>), StoreError> {
        let text = format!(
            "SELECT id, kind, lane, finished_at_ms FROM jobs WHERE state = ? AND id > ? \
             ORDER BY id LIMIT {RETRIES_AT_ONCE}{}",
            sql::lock_all(&self.transaction)
        );
        let after = after.map_or(Uuid::nil(), |id| id.0);
        let values = vec![JobState::Dead.as_str().into(), after.into()];
        let rows = sql::query(&self.transaction, text, values).await?;
        let (mut ids, mut last) = (Vec::new(), None);
        for row in &rows {
            let id: Uuid = row.try_get("", "id")?;
            let kind: String = row.try_get("", "kind")?;
            let at: Option<i64> = row.try_get("", "finished_at_ms")?;
            last = Some(JobId(id));
            let in_time = at.is_some_and(|at| (from_ms..=to_ms).contains(&at));
            if in_time && JobKind::parse(&kind).is_some_and(|kind| !kind.rules().is_secret) {
                ids.push(id);
                self.woken.push(Lane::stored(&row.try_get::<String>("", "lane")?));
            }
        }
        if !ids.is_empty() {
            self.retry(&ids).await?;
        }
        Ok((ids.len(), last))
    }

    async fn retry(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        let text = format!(
            "UPDATE jobs SET state = ?, run_at_ms = ?, attempts = 0, finished_at_ms = NULL WHERE id IN ({})",
            sql::places(ids.len())
        );
        let mut values: Vec<Value> = vec![JobState::Ready.as_str().into(), self.now_ms().into()];
        values.extend(ids.iter().map(|id| (*id).into()));
        sql::execute(&self.transaction, text, values).await?;
        Ok(())
    }
}

impl Store {
    /// Removes up to `limit` jobs that ended in this state before a time, with their tries. Gives how
    /// many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_ended_jobs(
        &self,
        state: JobState,
        before_ms: i64,
        limit: u64,
    ) -> Result<u64, StoreError> {
        // What ended before a time was made before it: ids sort by that, and the index has them.
        let milliseconds = u128::from(before_ms.max(0).unsigned_abs());
        let bound = Uuid::from_u128(milliseconds << 80);
        let text = format!(
            "SELECT id FROM jobs WHERE state = ? AND id < ? AND finished_at_ms < ? ORDER BY id LIMIT {limit}"
        );
        let values = vec![state.as_str().into(), bound.into(), before_ms.into()];
        let rows = sql::query(self.read(), text, values).await?;
        let ids = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<Vec<Uuid>, _>>()?;
        if ids.is_empty() {
            return Ok(0);
        }
        let transaction = self.begin_write().await?;
        let places = sql::places(ids.len());
        // Somebody may have asked for another try meanwhile.
        let text = format!(
            "SELECT id FROM jobs WHERE id IN ({places}) AND state = ?{}",
            sql::lock_all(&transaction)
        );
        let mut values: Vec<Value> = ids.iter().map(|id| (*id).into()).collect();
        values.push(state.as_str().into());
        let rows = sql::query(&transaction, text, values).await?;
        let ids = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<Vec<Uuid>, _>>()?;
        let places = sql::places(ids.len());
        let values = || ids.iter().map(|id| (*id).into()).collect::<Vec<Value>>();
        if !ids.is_empty() {
            let tries = format!("DELETE FROM job_tries WHERE job_id IN ({places})");
            sql::execute(&transaction, tries, values()).await?;
            sql::execute(
                &transaction,
                format!("DELETE FROM jobs WHERE id IN ({places})"),
                values(),
            )
            .await?;
        }
        transaction.commit().await?;
        Ok(ids.len() as u64)
    }
}
