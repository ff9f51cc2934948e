//! Schedules: each tick makes one job, once over all nodes.
//!
//! A tick is a row that moves on and a job, in one transaction: of two nodes that both see that it is
//! time, the second finds the row moved. A node that was frozen meanwhile finds the same.

use formhold_domain::{
    JobId,
    access::{Action, Caller},
    audit::{AuditAction, AuditEntry},
    job::{JobKind, JobPayload, Lane, NewJob},
};
use formhold_store::{Change, Job, JobTry, Schedule};

use crate::{App, ServiceError, access::require};

/// No schedule waits for longer; one that does was moved by a clock that stood in the future.
const LONGEST_WAIT_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// A schedule and what it last did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleDetails {
    /// Its kind of job; its name is that of the schedule.
    pub kind: JobKind,
    /// When it comes: five fields as of cron, in UTC.
    pub pattern: &'static str,
    /// What the database knows of it; nothing before a worker ran for the first time.
    pub schedule: Option<Schedule>,
    /// The last job that it made, unless that was removed.
    pub last_job: Option<Job>,
    /// What that job did: how many of what, and how long it took.
    pub last_try: Option<JobTry>,
}

/// All schedules, with what each last did.
///
/// # Errors
/// As [`require`].
pub async fn list_schedules(
    app: &App,
    caller: &Caller,
) -> Result<Vec<ScheduleDetails>, ServiceError> {
    require(caller, Action::SeeJobs, None)?;
    let known = app.store.schedules().await?;
    let mut all = Vec::new();
    for kind in JobKind::ALL {
        let Some(pattern) = kind.rules().schedule else { continue };
        let schedule = known.iter().find(|it| it.name == kind.as_str()).cloned();
        let (mut last_job, mut last_try) = (None, None);
        if let Some(id) = schedule.as_ref().and_then(|it| it.last_job_id) {
            last_job = app.store.find_job(id).await?;
            last_try = app.store.job_tries(id).await?.pop();
        }
        all.push(ScheduleDetails { kind, pattern, schedule, last_job, last_try });
    }
    Ok(all)
}

/// Does at once what a schedule does; gives the job.
///
/// # Errors
/// [`ServiceError::NotFound`] where there is no such schedule, [`ServiceError::Conflict`] while its last job
/// has not ended.
pub async fn run_schedule(app: &App, caller: &Caller, name: &str) -> Result<JobId, ServiceError> {
    require(caller, Action::ChangeJobs, None)?;
    let kind = JobKind::parse(name).filter(|kind| kind.rules().schedule.is_some());
    let kind = kind.ok_or_else(|| ServiceError::NotFound(format!("schedule `{name}`")))?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    change.add_schedule(name, change.now_ms()).await?;
    let schedule = change.schedule(name).await?;
    let schedule = schedule.ok_or_else(|| ServiceError::NotFound(format!("schedule `{name}`")))?;
    if has_not_ended(&change, &schedule).await? {
        let message = format!("what schedule `{name}` began last has not ended");
        return Err(ServiceError::Conflict(message));
    }
    let job = job_of(app, kind);
    let id = job.id;
    change.enqueue(job);
    change.move_schedule(name, schedule.next_at_ms, Some(id)).await?;
    change.record(AuditEntry::new(AuditAction::ScheduleRun, caller).on("schedule", name));
    change.commit().await?;
    Ok(id)
}

/// Lets the schedule of a kind tick if it is time: makes its job, unless the last one has not ended.
/// `next_after` says when the pattern matches next after a time. True when a job was made.
///
/// Times that passed while nobody looked are one tick. A schedule only goes on in time, so that a clock
/// that is set back repeats nothing.
///
/// # Errors
/// When the database fails.
pub async fn tick(
    app: &App,
    kind: JobKind,
    next_after: impl Fn(i64) -> i64,
) -> Result<bool, ServiceError> {
    let (name, now_ms) = (kind.as_str(), app.clock.now_ms());
    let next_at_ms = next_after(now_ms);
    let mut change = app.store.begin(now_ms).await?;
    let Some(schedule) = change.schedule(name).await? else {
        change.add_schedule(name, next_at_ms).await?;
        change.commit().await?;
        return Ok(false);
    };
    let is_lost = schedule.next_at_ms > now_ms + LONGEST_WAIT_MS;
    if schedule.next_at_ms > now_ms && !is_lost {
        change.roll_back().await?;
        return Ok(false);
    }
    let makes_one = !is_lost && !has_not_ended(&change, &schedule).await?;
    let job = makes_one.then(|| job_of(app, kind));
    change.move_schedule(name, next_at_ms, job.as_ref().map(|job| job.id)).await?;
    if let Some(job) = job {
        change.enqueue(job);
    }
    change.commit().await?;
    Ok(makes_one)
}

/// The kinds whose schedule it is time for, or that have none in the database yet.
///
/// # Errors
/// When the database fails.
pub async fn due(app: &App) -> Result<Vec<JobKind>, ServiceError> {
    let now_ms = app.clock.now_ms();
    let known = app.store.schedules().await?;
    let is_due = |kind: &JobKind| {
        let found = known.iter().find(|it| it.name == kind.as_str());
        found.is_none_or(|it| it.next_at_ms <= now_ms || it.next_at_ms > now_ms + LONGEST_WAIT_MS)
    };
    let scheduled = JobKind::ALL.into_iter().filter(|kind| kind.rules().schedule.is_some());
    Ok(scheduled.filter(is_due).collect())
}

async fn has_not_ended(change: &Change, schedule: &Schedule) -> Result<bool, ServiceError> {
    let Some(id) = schedule.last_job_id else { return Ok(false) };
    Ok(change.job(id).await?.is_some_and(|job| !job.state.is_finished()))
}

fn job_of(app: &App, kind: JobKind) -> NewJob {
    let id = JobId(app.ids.uuid_at(app.clock.now_ms()));
    NewJob::new(id, Lane::own(), JobPayload::Plain(kind))
}
