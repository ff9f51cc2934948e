//! `/system/schedules`: what comes again by itself.

use axum::extract::{Path, State};
use formhold_domain::rfc3339;
use formhold_service::jobs::schedules::{self, ScheduleDetails};
use serde::Serialize;
use utoipa::ToSchema;

use super::{asker::Asker, page::Page, problem::Problem, schemas};
use crate::WebState;

/// What comes again by itself, and what it last did.
#[derive(Serialize, ToSchema)]
#[schema(as = Schedule)]
pub(crate) struct ScheduleOut {
    /// Its name: that of the kind of its jobs.
    #[schema(example = "trim-audit")]
    name: String,
    /// When it comes: five fields as of cron, in UTC.
    #[schema(example = "17 * * * *")]
    pattern: String,
    /// When it comes next; null before a worker ran for the first time.
    #[schema(format = DateTime)]
    next_at: Option<String>,
    /// When it last came.
    #[schema(format = DateTime)]
    last_at: Option<String>,
    /// The job that it made then, unless that was removed.
    #[schema(format = "uuid")]
    last_job_id: Option<String>,
    #[schema(schema_with = schemas::job_state_or_none)]
    last_state: Option<&'static str>,
    /// How long that took.
    last_duration_ms: Option<i64>,
    /// What that did, in words.
    last_result: Option<String>,
}

impl From<&ScheduleDetails> for ScheduleOut {
    fn from(it: &ScheduleDetails) -> Self {
        let known = it.schedule.as_ref();
        Self {
            name: it.kind.as_str().to_owned(),
            pattern: it.pattern.to_owned(),
            next_at: known.map(|known| rfc3339(known.next_at_ms)),
            last_at: known.and_then(|known| known.last_at_ms).map(rfc3339),
            last_job_id: it.last_job.as_ref().map(|job| job.id.to_string()),
            last_state: it.last_job.as_ref().map(|job| job.state.as_str()),
            last_duration_ms: it.last_try.as_ref().map(|last| last.duration_ms),
            last_result: it.last_try.as_ref().map(|last| last.excerpt.clone()),
        }
    }
}

/// The job of a schedule that was run.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScheduleRun {
    #[schema(format = "uuid")]
    job_id: String,
}

/// List all schedules, with what each last did.
#[utoipa::path(get, path = "/system/schedules", tag = "System",
    responses((status = 200, description = "All of them.", body = Page<ScheduleOut>)))]
pub(super) async fn list_schedules(
    State(state): State<WebState>,
    asker: Asker,
) -> Result<axum::Json<Page<ScheduleOut>>, Problem> {
    let found = schedules::list_schedules(&state.0.app, &asker.caller).await?;
    let items = found.iter().map(ScheduleOut::from).collect();
    Ok(axum::Json(Page { items, next_cursor: None }))
}

/// Do at once what a schedule does.
///
/// Takes a session of an administrator. Refused while what it began last has not ended.
#[utoipa::path(post, path = "/system/schedules/{name}/run", tag = "System",
    responses((status = 200, description = "The job that does it.", body = ScheduleRun)))]
pub(super) async fn run_schedule(
    State(state): State<WebState>,
    asker: Asker,
    Path(name): Path<String>,
) -> Result<axum::Json<ScheduleRun>, Problem> {
    let id = schedules::run_schedule(&state.0.app, &asker.caller, &name).await?;
    Ok(axum::Json(ScheduleRun { job_id: id.to_string() }))
}
