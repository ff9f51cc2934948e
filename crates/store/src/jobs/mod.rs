//! The job table: what follows from a change waits here until a worker has done it.
//!
//! A worker leases a job by counting up its `fence`, and whoever holds an older fence has no effect any
//! more. A lease ends when its holder was silent for too long by the clock of who watches, which never
//! jumps: no time of day decides whether something runs twice.

mod finish;
mod hold;
mod list;
mod manage;
mod new_work;
mod round;
mod schedules;
mod sql;
mod turns;

pub use finish::{Claim, EndedTry, TryEnd};
use formhold_domain::{
    ChannelId, FormId, JobId, SubmissionId, WorkspaceId,
    job::{About, JobKind, JobPayload, JobState, NewJob, UnreadablePayload},
};
pub use hold::{Beat, WorkerLock};
pub use list::{JobFilter, JobTry};
pub(crate) use new_work::NewWork;
pub use round::{Claimed, Round};
pub use schedules::Schedule;
pub use turns::{NextTurns, Waiting};

use crate::{StoreError, entities::jobs};

/// A job as it is stored, without its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Its kind; a name that this program may not know.
    pub kind: String,
    /// What it shares its turn with.
    pub lane: String,
    /// Where it stands.
    pub state: JobState,
    /// What it is about.
    pub about: About,
    /// When it was, or will be, its turn.
    pub run_at_ms: i64,
    /// How often it was tried.
    pub attempts: u32,
    /// How often it is tried in all.
    pub max_attempts: u32,
    /// Whether what it has to know is still there: secrets are blanked when it ends.
    pub can_run: bool,
    /// The node that is at it, or was.
    pub node: Option<String>,
    /// When it was made.
    pub created_at_ms: i64,
    /// When it ended.
    pub finished_at_ms: Option<i64>,
    /// Why the last try failed.
    pub last_error: Option<String>,
}

/// The row of a job that is new.
pub(crate) fn job_row(job: &NewJob, now_ms: i64) -> jobs::Model {
    let kind = job.payload.kind();
    let rules = kind.rules();
    let state = match job.not_before_ms {
        Some(at) if at > now_ms => JobState::Later,
        _ => JobState::Ready,
    };
    jobs::Model {
        id: job.id.0,
        kind: kind.as_str().to_owned(),
        lane: job.lane.as_str().to_owned(),
        priority: i32::from(rules.priority),
        state: state.as_str().to_owned(),
        payload: job.payload.to_text(),
        run_at_ms: job.not_before_ms.unwrap_or(now_ms),
        attempts: 0,
        max_attempts: i32::try_from(rules.back_off.max_attempts()).unwrap_or(i32::MAX),
        fence: 0,
        beats: 0,
        node: None,
        workspace_id: job.about.workspace_id.map(|id| id.0),
        form_id: job.about.form_id.map(|id| id.0),
        submission_id: job.about.submission_id.map(|id| id.0),
        channel_id: job.about.channel_id.map(|id| id.0),
        created_at_ms: now_ms,
        finished_at_ms: None,
        last_error: None,
    }
}

fn job(row: jobs::Model) -> Result<Job, StoreError> {
    let state = JobState::parse(&row.state).ok_or_else(|| {
        StoreError::Other(format!("job {} has the unknown state `{}`", row.id, row.state))
    })?;
    Ok(Job {
        id: JobId(row.id),
        can_run: payload(&row).is_none_or(|payload| payload.is_ok()),
        about: about(&row),
        kind: row.kind,
        lane: row.lane,
        state,
        run_at_ms: row.run_at_ms,
        attempts: u32::try_from(row.attempts).unwrap_or(0),
        max_attempts: u32::try_from(row.max_attempts).unwrap_or(0),
        node: row.node,
        created_at_ms: row.created_at_ms,
        finished_at_ms: row.finished_at_ms,
        last_error: row.last_error,
    })
}

fn about(row: &jobs::Model) -> About {
    About {
        workspace_id: row.workspace_id.map(WorkspaceId),
        form_id: row.form_id.map(FormId),
        submission_id: row.submission_id.map(SubmissionId),
        channel_id: row.channel_id.map(ChannelId),
    }
}

/// What the job has to know; none where its kind is unknown.
fn payload(row: &jobs::Model) -> Option<Result<JobPayload, UnreadablePayload>> {
    JobKind::parse(&row.kind).map(|kind| JobPayload::parse(kind, &row.payload))
}

/// The kinds whose payload is blanked when a job ends.
fn secret_kinds() -> Vec<&'static str> {
    let secret = JobKind::ALL.into_iter().filter(|kind| kind.rules().is_secret);
    secret.map(JobKind::as_str).collect()
}
