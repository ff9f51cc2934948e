//! Who may see and change which job.

use formhold_domain::{
    JobId,
    access::{Action, Caller},
    audit::{AuditAction, AuditEntry},
};
use formhold_store::Job;
use serde_json::json;

use crate::{
    ServiceError,
    access::{allows, require},
};

/// Lets a caller go on who may do this to any job, or may change submissions of the workspace that the
/// job's submission is in. Nobody else is told whether the job exists, unless they may ask for any.
pub(super) fn require_job(
    caller: &Caller,
    action: Action,
    id: JobId,
    job: Option<Job>,
) -> Result<Job, ServiceError> {
    let gone = || ServiceError::NotFound(format!("job {id}"));
    if allows(caller, action, None) {
        return job.ok_or_else(gone);
    }
    let of_submission = job.filter(|job| job.about.submission_id.is_some());
    let workspace = of_submission.as_ref().and_then(|job| job.about.workspace_id);
    match (of_submission, workspace) {
        (Some(job), Some(workspace)) => {
            match require(caller, Action::ChangeSubmissions, Some(workspace)) {
                Ok(()) => Ok(job),
                Err(ServiceError::NotFound(_)) => Err(gone()),
                Err(other) => Err(other),
            }
        }
        _ if caller.person().is_none() => require(caller, action, None).and_then(|()| Err(gone())),
        _ => Err(gone()),
    }
}

/// What the audit trail keeps of something done to a job.
pub(super) fn entry(action: AuditAction, caller: &Caller, job: &Job) -> AuditEntry {
    let entry = AuditEntry::new(action, caller).on("job", job.id);
    let entry = match job.about.workspace_id {
        Some(workspace) => entry.within(workspace),
        None => entry,
    };
    entry.with(json!({ "kind": job.kind, "state": job.state.as_str(), "attempts": job.attempts }))
}
