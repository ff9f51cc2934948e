//! `/admin/jobs`: what waits to be done, what was done and what failed; and what comes by itself.

use axum::extract::{Path, State};
use formhold_domain::{
    JobId,
    job::{JobKind, JobState},
};
use formhold_service::{
    ServiceError,
    jobs::{
        self, Job, JobDetails, JobFilter, KindCount,
        schedules::{self, ScheduleDetails},
    },
};
use http::StatusCode;
use serde::Deserialize;

use super::{
    ASKED, Shown,
    channels::{may_retry, parse_job, tries, waits},
    cut,
};
use crate::{
    WebState,
    pages::{
        FormState, Link, TimeView,
        admin::{JobPage, JobRow, JobsPage, KindRow, ScheduleRow},
    },
    visit::{Around, Asked, Button, Done, Sent, Visit, reply},
};

const PATH: &str = "/admin/jobs";
/// Beyond so many of a state nobody waits for the count.
const MOST_COUNTED: u64 = 10_000;
/// Those that are counted.
const COUNTED: [JobState; 4] =
    [JobState::Ready, JobState::Later, JobState::Running, JobState::Dead];

#[derive(Default, Deserialize)]
pub(super) struct JobsQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    cursor: Option<JobId>,
}

/// `GET /admin/jobs`.
pub(super) async fn show_jobs(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<JobsQuery>,
) -> Shown {
    let around = Around::of(&state, &visit).await?;
    let (app, caller) = (&state.0.app, &visit.caller);
    let failed = |failure: ServiceError| visit.failed(&failure);
    let counted = jobs::count_jobs(app, caller, &COUNTED, MOST_COUNTED).await.map_err(failed)?;
    let filter = JobFilter { state: JobState::parse(&query.state), ..JobFilter::default() };
    let found = jobs::list_jobs(app, caller, &filter, query.cursor, ASKED).await;
    let mut found = found.map_err(failed)?;
    let last = cut(&mut found).then(|| found.last()).flatten();
    let state_name = filter.state.map_or("", JobState::as_str);
    let next = last.map(|last| format!("{PATH}?state={state_name}&cursor={}", last.id));
    let schedules = schedules::list_schedules(app, caller).await.map_err(failed)?;
    let page = JobsPage {
        frame: around.frame(),
        filter: &FormState::filled([("state", state_name)]),
        kinds: &by_kind(&counted),
        most_counted: MOST_COUNTED,
        jobs: &found.iter().map(row).collect::<Vec<_>>(),
        next: next.as_deref(),
        schedules: &schedules.iter().map(schedule_row).collect::<Vec<_>>(),
    };
    Ok(reply::page(StatusCode::OK, &page))
}

/// `GET /admin/jobs/{id}`.
pub(super) async fn show_job(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let around = Around::of(&state, &visit).await?;
    let found = jobs::show_job(&state.0.app, &visit.caller, parse_job(&id)?).await;
    let JobDetails { job, tries: all } = found.map_err(|failure| visit.failed(&failure))?;
    let submission_id = job.about.submission_id.map(|id| id.to_string());
    let page = JobPage {
        frame: around.frame(),
        title: "Job and its tries",
        back: Link { path: PATH, label: "Jobs" },
        path: &path(job.id),
        job: &row(&job),
        is_delivery: false,
        recipient: job.recipient.as_deref(),
        submission_id: submission_id.as_deref(),
        finished: job.finished_at_ms.map(TimeView::at_ms),
        node: job.node.as_deref(),
        tries: &tries(&all),
    };
    Ok(reply::page(StatusCode::OK, &page))
}

/// `POST /admin/jobs/{id}/retry`.
pub(super) async fn retry_job(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let id = parse_job(&id)?;
    let done = jobs::retry_job(&state.0.app, &visit.caller, id).await;
    done.map_err(|failure| visit.failed(&failure))?;
    Ok(reply::see_other(&Done::JobRetried.at(&path(id))))
}

/// `POST /admin/jobs/{id}/cancel`.
pub(super) async fn cancel_job(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let id = parse_job(&id)?;
    let done = jobs::cancel_job(&state.0.app, &visit.caller, id).await;
    done.map_err(|failure| visit.failed(&failure))?;
    Ok(reply::see_other(&Done::JobCancelled.at(&path(id))))
}

/// `POST /admin/schedules/{name}/run`.
pub(super) async fn run_schedule(
    State(state): State<WebState>,
    Path(name): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let done = schedules::run_schedule(&state.0.app, &visit.caller, &name).await;
    done.map_err(|failure| visit.failed(&failure))?;
    Ok(reply::see_other(&Done::ScheduleBegun.at(PATH)))
}

fn path(id: JobId) -> String {
    format!("{PATH}/{id}")
}

/// A job as lists show it.
pub(super) fn row(job: &Job) -> JobRow {
    JobRow {
        id: job.id.to_string(),
        kind: job.kind.clone(),
        lane: job.lane.clone(),
        state: job.state.as_str(),
        attempts: job.attempts,
        max_attempts: job.max_attempts,
        created: TimeView::at_ms(job.created_at_ms),
        next: waits(job),
        error: job.last_error.clone().filter(|_| job.state != JobState::Done),
        may_retry: may_retry(job),
        may_cancel: matches!(job.state, JobState::Ready | JobState::Later),
    }
}

fn schedule_row(it: &ScheduleDetails) -> ScheduleRow<'_> {
    let known = it.schedule.as_ref();
    ScheduleRow {
        kind: it.kind.as_str(),
        pattern: it.pattern,
        next: known.map(|known| TimeView::at_ms(known.next_at_ms)),
        last: known.and_then(|known| known.last_at_ms).map(TimeView::at_ms),
        state: it.last_job.as_ref().map(|job| job.state.as_str()),
        duration_ms: it.last_try.as_ref().map(|last| last.duration_ms),
        result: it.last_try.as_ref().map(|last| last.excerpt.clone()),
    }
}

/// The counts, with a row for each kind, in the order of the kinds.
fn by_kind(counted: &[(JobState, Vec<KindCount>)]) -> Vec<KindRow> {
    let mut rows: Vec<KindRow> = Vec::new();
    for (state, kinds) in counted {
        for KindCount { kind, count } in kinds {
            let at = rows.iter().position(|row| row.kind == *kind).unwrap_or_else(|| {
                rows.push(KindRow { kind: kind.clone(), ..KindRow::default() });
                rows.len() - 1
            });
            match state {
                JobState::Running => rows[at].running += count,
                JobState::Dead => rows[at].failed += count,
                _ => rows[at].waiting += count,
            }
        }
    }
    let place = |kind: &str| JobKind::ALL.iter().position(|known| known.as_str() == kind);
    rows.sort_by_key(|row| place(&row.kind).unwrap_or(usize::MAX));
    rows
}
