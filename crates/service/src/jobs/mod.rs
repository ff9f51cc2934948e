//! Jobs: seeing what waits, what was done and what failed, trying again, calling off.

mod rights;
pub mod schedules;

use formhold_domain::{
    JobId, SubmissionId, WorkspaceId,
    access::{Action, Caller},
    audit::{AuditAction, AuditEntry},
    job::JobState,
};
pub use formhold_kv::Message as WakeUp;
pub use formhold_store::{
    Beat, Claim, Claimed, EndedTry, Job, JobFilter, JobTry, Round, TryEnd, Waiting, WorkerLock,
};
use serde_json::json;

use crate::{App, ServiceError, access::require};

/// The channel on which nodes tell each other that a lane got work.
pub const WAKE_UPS: &str = "jobs";

/// A job and what became of its tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobDetails {
    /// The job.
    pub job: Job,
    /// Its tries, the first one first.
    pub tries: Vec<JobTry>,
}

/// Tells all nodes which lanes got work in this process, for as long as it runs. A worker that misses
/// it finds the work by itself a moment later.
pub async fn announce(app: App) {
    loop {
        for lane in app.store.new_work().await {
            app.kv.publish(WAKE_UPS, lane.as_str()).await;
        }
    }
}

/// Up to `limit` jobs, newest first, before the id `before`. Without a workspace: those of the whole
/// instance.
///
/// # Errors
/// As [`require`].
pub async fn list_jobs(
    app: &App,
    caller: &Caller,
    filter: &JobFilter,
    before: Option<JobId>,
    limit: u64,
) -> Result<Vec<Job>, ServiceError> {
    match filter.workspace_id {
        Some(workspace) => require(caller, Action::ChangeSubmissions, Some(workspace))?,
        None => require(caller, Action::SeeJobs, None)?,
    }
    Ok(app.store.list_jobs(filter, before, limit.min(1000)).await?)
}

/// The jobs of a submission, newest first: where it was delivered, and where not.
///
/// # Errors
/// As [`require`].
pub async fn jobs_of_submission(
    app: &App,
    caller: &Caller,
    workspace_id: WorkspaceId,
    submission_id: SubmissionId,
) -> Result<Vec<Job>, ServiceError> {
    let filter = JobFilter {
        workspace_id: Some(workspace_id),
        submission_id: Some(submission_id),
        ..JobFilter::default()
    };
    list_jobs(app, caller, &filter, None, 1000).await
}

/// A job and its tries.
///
/// # Errors
/// [`ServiceError::NotFound`] where there is none, or the caller may not know of it.
pub async fn show_job(app: &App, caller: &Caller, id: JobId) -> Result<JobDetails, ServiceError> {
    let job = app.store.find_job(id).await?;
    let job = rights::require_job(caller, Action::SeeJobs, id, job)?;
    let tries = app.store.job_tries(id).await?;
    Ok(JobDetails { job, tries })
}

/// Lets a job that failed, was called off or waits for its next try be tried at once, from the first
/// try on.
///
/// # Errors
/// [`ServiceError::NotFound`] as [`show_job`], [`ServiceError::Conflict`] where it is done, waits already or
/// is under way, or where what it has to know is gone.
pub async fn retry_job(app: &App, caller: &Caller, id: JobId) -> Result<(), ServiceError> {
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let job = rights::require_job(caller, Action::ChangeJobs, id, change.job(id).await?)?;
    let why_not = match job.state {
        JobState::Ready => Some("waits for its turn already"),
        JobState::Running => Some("is under way"),
        JobState::Done => Some("succeeded"),
        JobState::Dead | JobState::Cancelled | JobState::Later if !job.can_run => {
            Some("cannot be tried again: its content was a secret and is gone")
        }
        JobState::Dead | JobState::Cancelled | JobState::Later => None,
    };
    refuse(id, why_not)?;
    change.retry_job(&job).await?;
    change.record(rights::entry(AuditAction::JobRetry, caller, &job));
    Ok(change.commit().await?)
}

/// Lets all jobs be tried again that failed for good between two times, both counted in; gives how
/// many. Letters are not among them: their content is gone.
///
/// # Errors
/// As [`require`].
pub async fn retry_failed_jobs(
    app: &App,
    caller: &Caller,
    from_ms: i64,
    to_ms: i64,
) -> Result<usize, ServiceError> {
    require(caller, Action::ChangeJobs, None)?;
    let (mut count, mut after) = (0, None);
    loop {
        let mut change = app.store.begin(app.clock.now_ms()).await?;
        let (some, last) = change.retry_dead_jobs(from_ms, to_ms, after).await?;
        if some > 0 {
            let entry = AuditEntry::new(AuditAction::JobRetry, caller);
            change.record(entry.with(json!({ "jobs": some, "from_ms": from_ms, "to_ms": to_ms })));
        }
        change.commit().await?;
        count += some;
        match last {
            Some(_) => after = last,
            None => return Ok(count),
        }
    }
}

/// Calls off a job that waits.
///
/// # Errors
/// [`ServiceError::NotFound`] as [`show_job`], [`ServiceError::Conflict`] where it is under way or has ended.
pub async fn cancel_job(app: &App, caller: &Caller, id: JobId) -> Result<(), ServiceError> {
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let job = rights::require_job(caller, Action::ChangeJobs, id, change.job(id).await?)?;
    let why_not = match job.state {
        JobState::Ready | JobState::Later => None,
        JobState::Running => Some("is under way"),
        JobState::Done | JobState::Dead | JobState::Cancelled => Some("has ended"),
    };
    refuse(id, why_not)?;
    change.cancel_job(id).await?;
    change.record(rights::entry(AuditAction::JobCancel, caller, &job));
    Ok(change.commit().await?)
}

fn refuse(id: JobId, why_not: Option<&str>) -> Result<(), ServiceError> {
    match why_not {
        Some(why) => Err(ServiceError::Conflict(format!("job {id} {why}"))),
        None => Ok(()),
    }
}

/// Removes some of the jobs that ended long ago; gives how many. Failed ones are kept for longer.
///
/// # Errors
/// When the database fails.
pub async fn remove_spent(
    app: &App,
    keep_days: u32,
    keep_failed_days: u32,
) -> Result<u64, ServiceError> {
    const AT_ONCE: u64 = 500;
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let now_ms = app.clock.now_ms();
    let mut removed = 0;
    for (state, days) in [
        (JobState::Done, keep_days),
        (JobState::Cancelled, keep_days),
        (JobState::Dead, keep_failed_days),
    ] {
        let before_ms = now_ms - i64::from(days) * DAY_MS;
        removed += app.store.remove_ended_jobs(state, before_ms, AT_ONCE).await?;
    }
    Ok(removed)
}
