//! Deliveries of submissions: of a channel or of a submission, with their tries, and sending again.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use formhold_domain::{ChannelId, JobId, SubmissionId, job::JobState, parse_rfc3339, rfc3339};
use formhold_service::jobs::{
    Job, JobDetails, JobTry,
    deliveries::{self, Of},
};
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    asker::Asker,
    body::Json,
    id::Id,
    page::{self, Page, after, limit},
    problem::{Code, Problem},
    query::{Query, wrong},
    schemas,
};
use crate::WebState;

/// What a channel tells one recipient of a submission, or told.
#[derive(Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(crate) struct DeliveryOut {
    /// Its id, which receivers see: the same over all tries.
    #[schema(format = "uuid")]
    id: String,
    #[schema(format = "uuid")]
    form_id: Option<String>,
    #[schema(format = "uuid")]
    submission_id: Option<String>,
    #[schema(format = "uuid")]
    channel_id: Option<String>,
    /// Whom it is for, where the channel has several recipients.
    recipient: Option<String>,
    #[schema(schema_with = schemas::job_state)]
    state: &'static str,
    /// How often it was tried since it was made, or was sent again by somebody.
    attempts: u32,
    /// How often it is tried in all.
    max_attempts: u32,
    #[schema(format = DateTime)]
    created_at: String,
    /// When it is tried next; null where it is not.
    #[schema(format = DateTime)]
    next_at: Option<String>,
    /// When it arrived, failed for good or was called off.
    #[schema(format = DateTime)]
    finished_at: Option<String>,
    /// Why the last try failed.
    last_error: Option<String>,
    /// Its tries, the first one first; only where one delivery is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    tries: Option<Vec<TryOut>>,
}

/// A try of a job.
#[derive(Serialize, ToSchema)]
#[schema(as = Try)]
pub(crate) struct TryOut {
    /// Which one, from 1.
    attempt: u64,
    #[schema(format = DateTime)]
    at: String,
    duration_ms: i64,
    #[schema(schema_with = schemas::try_outcome)]
    outcome: &'static str,
    /// The receiver's status code, where it has such.
    status: Option<u16>,
    /// The first KiB of what the receiver said, or what was done.
    excerpt: String,
}

impl From<&Job> for DeliveryOut {
    fn from(job: &Job) -> Self {
        let waits = matches!(job.state, JobState::Ready | JobState::Later);
        Self {
            id: job.id.to_string(),
            form_id: job.about.form_id.map(|id| id.to_string()),
            submission_id: job.about.submission_id.map(|id| id.to_string()),
            channel_id: job.about.channel_id.map(|id| id.to_string()),
            recipient: job.recipient.clone(),
            state: job.state.as_str(),
            attempts: job.attempts,
            max_attempts: job.max_attempts,
            created_at: rfc3339(job.created_at_ms),
            next_at: waits.then(|| rfc3339(job.run_at_ms)),
            finished_at: job.finished_at_ms.map(rfc3339),
            last_error: job.last_error.clone(),
            tries: None,
        }
    }
}

impl From<&JobTry> for TryOut {
    fn from(it: &JobTry) -> Self {
        Self {
            attempt: it.attempt,
            at: rfc3339(it.at_ms),
            duration_ms: it.duration_ms,
            outcome: it.outcome.as_str(),
            status: it.status,
            excerpt: it.excerpt.clone(),
        }
    }
}

/// Which deliveries.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveriesQuery {
    #[param(schema_with = schemas::job_state, required = false)]
    state: Option<String>,
    #[param(schema_with = schemas::limit, required = false)]
    limit: Option<u16>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Which of the deliveries that failed for good.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FailedBetween {
    /// Those that failed then or later.
    #[schema(format = DateTime)]
    from: Option<String>,
    /// Those that failed then or before.
    #[schema(format = DateTime)]
    to: Option<String>,
}

/// How many are tried again.
#[derive(Serialize, ToSchema)]
pub(crate) struct Retried {
    retried: usize,
}

/// List the deliveries of a channel, the newest first.
#[utoipa::path(get, path = "/channels/{id}/deliveries", tag = "Channels", params(DeliveriesQuery),
    responses((status = 200, description = "A page of deliveries.", body = Page<DeliveryOut>)))]
pub(super) async fn list_channel_deliveries(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<ChannelId>,
    uri: Uri,
    Query(query): Query<DeliveriesQuery>,
) -> Result<Response, Problem> {
    list(&state, &asker, Of::Channel(id), (&uri, query)).await
}

/// List the deliveries of a submission, the newest first.
#[utoipa::path(get, path = "/submissions/{id}/deliveries", tag = "Channels",
    params(DeliveriesQuery),
    responses((status = 200, description = "A page of deliveries.", body = Page<DeliveryOut>)))]
pub(super) async fn list_submission_deliveries(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<SubmissionId>,
    uri: Uri,
    Query(query): Query<DeliveriesQuery>,
) -> Result<Response, Problem> {
    list(&state, &asker, Of::Submission(id), (&uri, query)).await
}

async fn list(
    state: &WebState,
    asker: &Asker,
    of: Of,
    (uri, query): (&Uri, DeliveriesQuery),
) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let before: Option<JobId> = after("deliveries", query.cursor.as_deref())?;
    let asked = (of, job_state(query.state.as_deref())?);
    let app = &state.0.app;
    let found = deliveries::list_deliveries(app, &asker.caller, asked, before, limit + 1).await?;
    let id = |job: &Job| job.id.to_string();
    Ok(page::page(("deliveries", uri, limit), found, id, |job| DeliveryOut::from(job)))
}

/// See a delivery with its tries.
#[utoipa::path(get, path = "/deliveries/{id}", tag = "Channels",
    responses((status = 200, description = "The delivery.", body = DeliveryOut)))]
pub(super) async fn get_delivery(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<JobId>,
) -> Result<axum::Json<DeliveryOut>, Problem> {
    let JobDetails { job, tries } =
        deliveries::show_delivery(&state.0.app, &asker.caller, id).await?;
    let tries = Some(tries.iter().map(TryOut::from).collect());
    Ok(axum::Json(DeliveryOut { tries, ..DeliveryOut::from(&job) }))
}

/// Send a delivery again at once, also one that arrived.
///
/// It keeps its id: a receiver that looks at it knows the repetition.
#[utoipa::path(post, path = "/deliveries/{id}/retry", tag = "Channels",
    responses((status = 204, description = "It waits for its turn.")))]
pub(super) async fn retry_delivery(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<JobId>,
) -> Result<Response, Problem> {
    deliveries::retry_delivery(&state.0.app, &asker.caller, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Send all deliveries of a channel again that failed for good, in a time or ever.
#[utoipa::path(post, path = "/channels/{id}/deliveries/retry", tag = "Channels",
    request_body = FailedBetween,
    responses((status = 200, description = "How many wait for their turn.", body = Retried)))]
pub(super) async fn retry_channel_deliveries(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<ChannelId>,
    Json(FailedBetween { from, to }): Json<FailedBetween>,
) -> Result<axum::Json<Retried>, Problem> {
    let from_ms = time("/from", from.as_deref())?.unwrap_or(0);
    let to_ms = time("/to", to.as_deref())?.unwrap_or(i64::MAX);
    let (app, caller) = (&state.0.app, &asker.caller);
    let retried = deliveries::retry_failed_deliveries(app, caller, id, from_ms, to_ms).await?;
    Ok(axum::Json(Retried { retried }))
}

/// The state that a list is asked for.
pub(super) fn job_state(text: Option<&str>) -> Result<Option<JobState>, Problem> {
    let parse = |text| {
        JobState::parse(text).ok_or_else(|| {
            let all: Vec<_> = JobState::ALL.iter().map(|state| state.as_str()).collect();
            wrong("state", format!("must be one of {}", all.join(", ")))
        })
    };
    text.map(parse).transpose()
}

fn time(pointer: &str, text: Option<&str>) -> Result<Option<i64>, Problem> {
    let parse = |text| {
        let message = "must be a time like 2026-01-31T12:00:00Z (RFC 3339)";
        parse_rfc3339(text)
            .ok_or_else(|| Problem::plain(Code::Invalid).at(pointer, "WRONG_VALUE", message))
    };
    text.map(parse).transpose()
}
