//! `/system/jobs`: what waits to be done, what was done and what failed.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use formhold_domain::{JobId, WorkspaceId, rfc3339};
use formhold_service::jobs::{self, Job, JobDetails, JobFilter};
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    asker::Asker,
    deliveries::{TryOut, job_state},
    id::Id,
    page::{self, Page, after, limit},
    problem::Problem,
    query::Query,
    schemas,
};
use crate::WebState;

/// Work that followed from a change.
#[derive(Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobOut {
    #[schema(format = "uuid")]
    id: String,
    /// What is done.
    #[schema(example = "deliver")]
    kind: String,
    /// What it takes turns with.
    #[schema(example = "smtp")]
    lane: String,
    #[schema(schema_with = schemas::job_state)]
    state: &'static str,
    /// How often it was tried since it was made, or was tried again by somebody.
    attempts: u32,
    /// How often it is tried in all.
    max_attempts: u32,
    /// When it was, or will be, its turn.
    #[schema(format = DateTime)]
    run_at: String,
    #[schema(format = DateTime)]
    created_at: String,
    /// When it ended.
    #[schema(format = DateTime)]
    finished_at: Option<String>,
    /// The node that is at it, or was.
    node: Option<String>,
    #[schema(format = "uuid")]
    workspace_id: Option<String>,
    #[schema(format = "uuid")]
    form_id: Option<String>,
    #[schema(format = "uuid")]
    submission_id: Option<String>,
    #[schema(format = "uuid")]
    channel_id: Option<String>,
    /// Why the last try failed.
    last_error: Option<String>,
    /// Its tries, the first one first; only where one job is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    tries: Option<Vec<TryOut>>,
}

impl From<&Job> for JobOut {
    fn from(job: &Job) -> Self {
        Self {
            id: job.id.to_string(),
            kind: job.kind.clone(),
            lane: job.lane.clone(),
            state: job.state.as_str(),
            attempts: job.attempts,
            max_attempts: job.max_attempts,
            run_at: rfc3339(job.run_at_ms),
            created_at: rfc3339(job.created_at_ms),
            finished_at: job.finished_at_ms.map(rfc3339),
            node: job.node.clone(),
            workspace_id: job.about.workspace_id.map(|id| id.to_string()),
            form_id: job.about.form_id.map(|id| id.to_string()),
            submission_id: job.about.submission_id.map(|id| id.to_string()),
            channel_id: job.about.channel_id.map(|id| id.to_string()),
            last_error: job.last_error.clone(),
            tries: None,
        }
    }
}

/// Which jobs.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct JobsQuery {
    #[param(schema_with = schemas::job_state, required = false)]
    state: Option<String>,
    /// Those about things of this workspace: its editors may see them.
    #[param(value_type = Option<String>, format = "uuid")]
    workspace_id: Option<WorkspaceId>,
    #[param(schema_with = schemas::limit, required = false)]
    limit: Option<u16>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List jobs, the newest first.
#[utoipa::path(get, path = "/system/jobs", tag = "System", params(JobsQuery),
    responses((status = 200, description = "A page of jobs.", body = Page<JobOut>)))]
pub(super) async fn list_jobs(
    State(state): State<WebState>,
    asker: Asker,
    uri: Uri,
    Query(query): Query<JobsQuery>,
) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let before: Option<JobId> = after("jobs", query.cursor.as_deref())?;
    let filter = JobFilter {
        state: job_state(query.state.as_deref())?,
        workspace_id: query.workspace_id,
        ..JobFilter::default()
    };
    let app = &state.0.app;
    let found = jobs::list_jobs(app, &asker.caller, &filter, before, limit + 1).await?;
    let id = |job: &Job| job.id.to_string();
    Ok(page::page(("jobs", &uri, limit), found, id, |job| JobOut::from(job)))
}

/// See a job with its tries.
#[utoipa::path(get, path = "/system/jobs/{id}", tag = "System",
    responses((status = 200, description = "The job.", body = JobOut)))]
pub(super) async fn get_job(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<JobId>,
) -> Result<axum::Json<JobOut>, Problem> {
    let JobDetails { job, tries } = jobs::show_job(&state.0.app, &asker.caller, id).await?;
    let tries = Some(tries.iter().map(TryOut::from).collect());
    Ok(axum::Json(JobOut { tries, ..JobOut::from(&job) }))
}

/// Let a job be tried again at once.
#[utoipa::path(post, path = "/system/jobs/{id}/retry", tag = "System",
    responses((status = 204, description = "It waits for its turn.")))]
pub(super) async fn retry_job(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<JobId>,
) -> Result<Response, Problem> {
    jobs::retry_job(&state.0.app, &asker.caller, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Call off a job that waits.
#[utoipa::path(post, path = "/system/jobs/{id}/cancel", tag = "System",
    responses((status = 204, description = "It is not done any more.")))]
pub(super) async fn cancel_job(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<JobId>,
) -> Result<Response, Problem> {
    jobs::cancel_job(&state.0.app, &asker.caller, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
