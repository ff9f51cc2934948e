//! Looking at jobs. Nothing here reads a payload out: it may hold secrets.

use formhold_domain::{
    ChannelId, JobId, SubmissionId, WorkspaceId,
    job::{JobState, TryOutcome},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Job, job};
use crate::{
    Store, StoreError,
    entities::{job_tries, jobs},
};

/// More tries than any job has.
const MOST_TRIES: u64 = 200;

/// Which jobs to list; what is none does not matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Those that stand here.
    pub state: Option<JobState>,
    /// Those about things of this workspace.
    pub workspace_id: Option<WorkspaceId>,
    /// Those about this submission.
    pub submission_id: Option<SubmissionId>,
    /// Those of this notification channel.
    pub channel_id: Option<ChannelId>,
}

/// What became of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobTry {
    /// Which try, from 1; it counts on where a job is tried again by hand.
    pub attempt: u64,
    /// When it began.
    pub at_ms: i64,
    /// How long it took.
    pub duration_ms: i64,
    /// What became of it.
    pub outcome: TryOutcome,
    /// The receiver's status code, where it has such.
    pub status: Option<u16>,
    /// What the receiver said, or what was done; at most 1 KiB.
    pub excerpt: String,
}

impl Store {
    /// Up to `limit` jobs, newest first, before the id `before`.
    ///
    /// # Errors
    /// When the database fails, or holds a row that cannot be read.
    pub async fn list_jobs(
        &self,
        filter: &JobFilter,
        before: Option<JobId>,
        limit: u64,
    ) -> Result<Vec<Job>, StoreError> {
        // The index of a workspace's jobs goes by state: each state is asked for by itself.
        let by_itself = filter.workspace_id.is_some()
            && filter.submission_id.is_none()
            && filter.channel_id.is_none();
        let states: Vec<Option<JobState>> = match filter.state {
            None if by_itself => JobState::ALL.iter().copied().map(Some).collect(),
            state => vec![state],
        };
        let mut found = Vec::new();
        for state in states {
            let one = JobFilter { state, ..*filter };
            found.extend(self.list_of_state(&one, before, limit).await?);
        }
        found.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        found.into_iter().map(job).collect()
    }

    async fn list_of_state(
        &self,
        filter: &JobFilter,
        before: Option<JobId>,
        limit: u64,
    ) -> Result<Vec<jobs::Model>, StoreError> {
        use jobs::Column;
        let mut query = jobs::Entity::find();
        if let Some(state) = filter.state {
            query = query.filter(Column::State.eq(state.as_str()));
        }
        if let Some(id) = filter.workspace_id {
            query = query.filter(Column::WorkspaceId.eq(id.0));
        }
        if let Some(id) = filter.submission_id {
            query = query.filter(Column::SubmissionId.eq(id.0));
        }
        if let Some(id) = filter.channel_id {
            query = query.filter(Column::ChannelId.eq(id.0));
        }
        if let Some(before) = before {
            query = query.filter(Column::Id.lt(before.0));
        }
        Ok(query.order_by_desc(Column::Id).limit(limit).all(self.read()).await?)
    }

    /// A job.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_job(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        let row = jobs::Entity::find_by_id(id.0).one(self.read()).await?;
        row.map(job).transpose()
    }

    /// The tries of a job, the first one first.
    ///
    /// # Errors
    /// When the database fails, or holds a row that cannot be read.
    pub async fn job_tries(&self, id: JobId) -> Result<Vec<JobTry>, StoreError> {
        let rows = job_tries::Entity::find()
            .filter(job_tries::Column::JobId.eq(id.0))
            .order_by_asc(job_tries::Column::Attempt)
            .limit(MOST_TRIES)
            .all(self.read())
            .await?;
        rows.into_iter().map(job_try).collect()
    }
}

fn job_try(row: job_tries::Model) -> Result<JobTry, StoreError> {
    let outcome = TryOutcome::parse(&row.outcome).ok_or_else(|| {
        StoreError::Other(format!("a try of job {} ended as `{}`", row.job_id, row.outcome))
    })?;
    Ok(JobTry {
        attempt: row.attempt.unsigned_abs(),
        at_ms: row.at_ms,
        duration_ms: row.duration_ms,
        outcome,
        status: row.status.and_then(|status| u16::try_from(status).ok()),
        excerpt: row.excerpt,
    })
}
