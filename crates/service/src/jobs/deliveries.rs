//! Deliveries as people see them: the jobs that tell of submissions, of a channel or of a submission.

use std::collections::HashMap;

use formhold_domain::{
    ChannelId, FormId, JobId, SubmissionId, WorkspaceId,
    access::{Action, Caller},
    audit::{AuditAction, AuditEntry},
    job::{JobKind, JobState},
};
pub use formhold_store::ChannelJobs;
use formhold_store::{FailedJobs, Job, JobFilter};
use serde_json::json;

use super::{JobDetails, retry_job, show_job};
use crate::{App, ServiceError, forms, submissions};

/// Beyond so many nobody wants to know how many deliveries wait or failed.
pub const MOST_COUNTED: u64 = 1_000;

/// What deliveries belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// A notification channel.
    Channel(ChannelId),
    /// A submission.
    Submission(SubmissionId),
}

/// Up to `limit` deliveries, newest first, before the id `before`.
///
/// # Errors
/// [`ServiceError::NotFound`] where there is no such channel or submission, or the caller may not know
/// of it; else as [`crate::access::require`].
pub async fn list_deliveries(
    app: &App,
    caller: &Caller,
    (of, state): (Of, Option<JobState>),
    before: Option<JobId>,
    limit: u64,
) -> Result<Vec<Job>, ServiceError> {
    // Whose they are is asked of the channel or submission. Not of the rows as well: the database may
    // take the index of the workspace then, which goes through all of its jobs.
    let filter = match of {
        Of::Channel(id) => {
            of_channel(app, caller, id).await?;
            JobFilter { state, channel_id: Some(id), ..JobFilter::default() }
        }
        Of::Submission(id) => {
            submissions::inbox::open(app, caller, Action::ChangeSubmissions, id).await?;
            JobFilter { state, submission_id: Some(id), ..JobFilter::default() }
        }
    };
    Ok(app.store.list_jobs(&filter, before, limit.min(1000)).await?)
}

/// A delivery and its tries.
///
/// # Errors
/// [`ServiceError::NotFound`] where there is none, or the caller may not know of it.
pub async fn show_delivery(
    app: &App,
    caller: &Caller,
    id: JobId,
) -> Result<JobDetails, ServiceError> {
    let found = show_job(app, caller, id).await;
    match found {
        Ok(details) if details.job.kind == JobKind::Deliver.as_str() => Ok(details),
        Ok(_) | Err(ServiceError::NotFound(_)) => {
            Err(ServiceError::NotFound(format!("delivery {id}")))
        }
        Err(other) => Err(other),
    }
}

/// Sends a delivery again at once, also one that arrived: with the same id.
///
/// # Errors
/// As [`show_delivery`] and [`retry_job`].
pub async fn retry_delivery(app: &App, caller: &Caller, id: JobId) -> Result<(), ServiceError> {
    show_delivery(app, caller, id).await?;
    retry_job(app, caller, id).await
}

/// Sends all deliveries of a channel again that failed for good between two times, both counted in;
/// gives how many.
///
/// # Errors
/// [`ServiceError::Conflict`] while the channel is switched off; else as [`list_deliveries`].
pub async fn retry_failed_deliveries(
    app: &App,
    caller: &Caller,
    id: ChannelId,
    from_ms: i64,
    to_ms: i64,
) -> Result<usize, ServiceError> {
    let Place { workspace_id, is_on } = of_channel(app, caller, id).await?;
    if !is_on {
        let message = "the channel is switched off; switch it on first";
        return Err(ServiceError::Conflict(message.to_owned()));
    }
    let failed = FailedJobs { channel_id: Some(id), from_ms, to_ms };
    let entry = || {
        let entry = AuditEntry::new(AuditAction::JobRetry, caller);
        entry.on("channel", id).within(workspace_id)
    };
    retry_all(app, failed, entry).await
}

/// Lets all jobs be tried again that failed so; gives how many. Some at a time, so that nobody waits
/// long for the others.
pub(super) async fn retry_all(
    app: &App,
    failed: FailedJobs,
    entry: impl Fn() -> AuditEntry,
) -> Result<usize, ServiceError> {
    let (mut count, mut after) = (0, None);
    loop {
        let mut change = app.store.begin(app.clock.now_ms()).await?;
        let (some, last) = change.retry_dead_jobs(failed, after).await?;
        if some > 0 {
            let (from_ms, to_ms) = (failed.from_ms, failed.to_ms);
            let details = json!({ "jobs": some, "from_ms": from_ms, "to_ms": to_ms });
            change.record(entry().with(details));
        }
        change.commit().await?;
        count += some;
        match last {
            Some(_) => after = last,
            None => return Ok(count),
        }
    }
}

/// How the deliveries of each channel of a form do; none counts further than [`MOST_COUNTED`].
///
/// # Errors
/// As [`forms::form_for`].
pub async fn channels_health(
    app: &App,
    caller: &Caller,
    form_id: FormId,
) -> Result<HashMap<ChannelId, ChannelJobs>, ServiceError> {
    forms::form_for(app, caller, Action::ChangeSubmissions, form_id).await?;
    let mut health = HashMap::new();
    for channel in app.store.channels_of_form(form_id).await? {
        health.insert(channel.id, app.store.channel_jobs(channel.id, MOST_COUNTED).await?);
    }
    Ok(health)
}

struct Place {
    workspace_id: WorkspaceId,
    is_on: bool,
}

/// Where a channel is, for who may change the submissions that it tells of.
async fn of_channel(app: &App, caller: &Caller, id: ChannelId) -> Result<Place, ServiceError> {
    let gone = || ServiceError::NotFound(format!("channel {id}"));
    let Some(channel) = app.store.find_channel(id).await? else {
        return Err(crate::access::nothing(caller, gone()));
    };
    let action = Action::ChangeSubmissions;
    let workspace_id = forms::require_form(app, caller, action, channel.form_id, gone).await?;
    Ok(Place { workspace_id, is_on: channel.is_on })
}
