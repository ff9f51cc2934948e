//! `/admin/channels/{id}/deliveries`, `/admin/deliveries/{id}`: what was told, what failed, and sending
//! it again.

use std::collections::HashMap;

use axum::{
    extract::{Path, State},
    response::Response,
};
use formhold_domain::{
    ChannelId, FormId, JobId, SubmissionId,
    access::Action,
    day_start_ms,
    job::{JobKind, JobState},
};
use formhold_service::{
    ServiceError, channels,
    jobs::{
        self, Job, JobDetails, JobTry,
        deliveries::{self, Of},
    },
};
use http::StatusCode;
use serde::Deserialize;

use super::{parse, path};
use crate::{
    WebState,
    admin::{ASKED, Shown, cut, forms::FormAround, jobs::row},
    pages::{
        ErrorKind, FormState, Link, TimeView,
        admin::{DeliveriesPage, DeliveryRow, FormTab, JobPage, SubmissionDeliveriesPage, TryRow},
    },
    visit::{Around, Asked, Button, Done, Sent, Visit, reply},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Default, Deserialize)]
pub(super) struct DeliveriesQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    cursor: Option<JobId>,
}

#[derive(Default, Deserialize)]
pub(super) struct RetryForm {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// `GET /admin/channels/{id}/deliveries`.
pub(super) async fn show_deliveries(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
    Asked(query): Asked<DeliveriesQuery>,
) -> Shown {
    list(&state, &visit, parse(&id)?, query, (StatusCode::OK, FormState::default())).await
}

/// `POST /admin/channels/{id}/deliveries/retry`.
pub(super) async fn retry_failed(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: form }: Sent<RetryForm>,
) -> Shown {
    let id = parse(&id)?;
    let filled = || FormState::filled([("from", form.from.clone()), ("to", form.to.clone())]);
    let again = async |status, problems| {
        list(&state, &visit, id, DeliveriesQuery::default(), (status, problems)).await
    };
    let day = |text: &str, otherwise: i64| match text {
        "" => Some(otherwise),
        text => day_start_ms(text),
    };
    let Some(from_ms) = day(&form.from, 0) else {
        let wrong = filled().with_problem("from", "The first day must be a date like 2026-01-31.");
        return again(StatusCode::UNPROCESSABLE_ENTITY, wrong).await;
    };
    let Some(to_ms) = day(&form.to, i64::MAX - DAY_MS) else {
        let wrong = filled().with_problem("to", "The last day must be a date like 2026-01-31.");
        return again(StatusCode::UNPROCESSABLE_ENTITY, wrong).await;
    };
    let (app, caller) = (&state.0.app, &visit.caller);
    let to_ms = to_ms + DAY_MS - 1;
    match deliveries::retry_failed_deliveries(app, caller, id, from_ms, to_ms).await {
        Ok(count) => {
            let done = if count == 0 { Done::NothingRetried } else { Done::DeliveriesRetried };
            Ok(reply::see_other(&done.at(&format!("{}/deliveries", path(id)))))
        }
        Err(failure @ ServiceError::Conflict(_)) => {
            let problems = reply::problems(&failure, filled()).unwrap_or_default();
            again(StatusCode::CONFLICT, problems).await
        }
        Err(failure) => Err(visit.failed(&failure)),
    }
}

async fn list(
    state: &WebState,
    visit: &Visit,
    id: ChannelId,
    query: DeliveriesQuery,
    (status, retry): (StatusCode, FormState),
) -> Shown {
    let around = Around::of(state, visit).await?;
    let (app, caller) = (&state.0.app, &visit.caller);
    let failed = |failure: ServiceError| visit.failed(&failure);
    let channel = channels::get_channel(app, caller, id).await.map_err(failed)?;
    let form_id = channel.form_id.to_string();
    let about = FormAround::of(state, visit, Action::ChangeForms, &form_id).await?;
    let asked = JobState::parse(&query.state);
    let of = (Of::Channel(id), asked);
    let found = deliveries::list_deliveries(app, caller, of, query.cursor, ASKED).await;
    let mut found = found.map_err(failed)?;
    let last = cut(&mut found).then(|| found.last()).flatten();
    let state_name = asked.map_or("", JobState::as_str);
    let next = last.map(|last| {
        let own = format!("{}/deliveries", path(id));
        format!("{own}?state={state_name}&cursor={}", last.id)
    });
    let rows: Vec<_> = found.iter().map(|job| delivery_row(job, None)).collect();
    let page = DeliveriesPage {
        frame: around.frame(),
        about: about.frame(FormTab::Delivery),
        id: &id.to_string(),
        name: &channel.name,
        filter: &FormState::filled([("state", state_name)]),
        retry: &retry,
        deliveries: &rows,
        next: next.as_deref(),
    };
    Ok(reply::page(status, &page))
}

/// `GET /admin/submissions/{id}/deliveries`.
pub(super) async fn show_of_submission(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let around = Around::of(&state, &visit).await?;
    let (app, caller) = (&state.0.app, &visit.caller);
    let failed = |failure: ServiceError| visit.failed(&failure);
    let Ok(submission_id) = id.parse::<SubmissionId>() else {
        return Err(reply::error(ErrorKind::NotFound));
    };
    let of = (Of::Submission(submission_id), None);
    let found = deliveries::list_deliveries(app, caller, of, None, 200).await.map_err(failed)?;
    let names = match found.first().and_then(|job| job.about.form_id) {
        Some(form_id) => channel_names(&state, &visit, form_id).await?,
        None => HashMap::new(),
    };
    let name = |job: &Job| names.get(&job.about.channel_id?).cloned();
    let rows: Vec<_> = found.iter().map(|job| delivery_row(job, name(job))).collect();
    let page =
        SubmissionDeliveriesPage { frame: around.frame(), submission_id: &id, deliveries: &rows };
    Ok(reply::page(StatusCode::OK, &page))
}

async fn channel_names(
    state: &WebState,
    visit: &Visit,
    form_id: FormId,
) -> Result<HashMap<ChannelId, String>, Response> {
    let all = channels::list_channels(&state.0.app, &visit.caller, form_id).await;
    let all = all.map_err(|failure| visit.failed(&failure))?;
    Ok(all.into_iter().map(|channel| (channel.id, channel.name)).collect())
}

/// `GET /admin/deliveries/{id}`.
pub(super) async fn show_delivery(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let around = Around::of(&state, &visit).await?;
    let (app, caller) = (&state.0.app, &visit.caller);
    let found = deliveries::show_delivery(app, caller, parse_job(&id)?).await;
    let JobDetails { job, tries: all } = found.map_err(|failure| visit.failed(&failure))?;
    let channel = match job.about.channel_id {
        // It may have been deleted.
        Some(id) => channels::get_channel(app, caller, id).await.ok(),
        None => None,
    };
    let list = channel.as_ref().map(|channel| format!("{}/deliveries", path(channel.id)));
    let back = match &list {
        Some(path) => Link { path, label: "Deliveries" },
        None => Link { path: "/admin/forms", label: "Forms" },
    };
    let name = channel.as_ref().map_or("A channel that was deleted", |channel| &channel.name);
    let submission_id = job.about.submission_id.map(|id| id.to_string());
    let page = JobPage {
        frame: around.frame(),
        title: &format!("Delivery by {name}"),
        back,
        path: &delivery_path(job.id),
        job: &row(&job),
        is_delivery: true,
        recipient: job.recipient.as_deref(),
        submission_id: submission_id.as_deref(),
        finished: job.finished_at_ms.map(TimeView::at_ms),
        node: job.node.as_deref(),
        tries: &tries(&all),
    };
    Ok(reply::page(StatusCode::OK, &page))
}

/// `POST /admin/deliveries/{id}/retry`.
pub(super) async fn retry_delivery(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let id = parse_job(&id)?;
    let done = deliveries::retry_delivery(&state.0.app, &visit.caller, id).await;
    done.map_err(|failure| visit.failed(&failure))?;
    Ok(reply::see_other(&Done::DeliveryRetried.at(&delivery_path(id))))
}

/// `POST /admin/deliveries/{id}/cancel`.
pub(super) async fn cancel_delivery(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let id = parse_job(&id)?;
    let done = jobs::cancel_job(&state.0.app, &visit.caller, id).await;
    done.map_err(|failure| visit.failed(&failure))?;
    Ok(reply::see_other(&Done::JobCancelled.at(&delivery_path(id))))
}

fn delivery_path(id: JobId) -> String {
    format!("/admin/deliveries/{id}")
}

pub(in crate::admin) fn parse_job(id: &str) -> Result<JobId, Response> {
    id.parse().map_err(|_| reply::error(ErrorKind::NotFound))
}

fn delivery_row(job: &Job, channel: Option<String>) -> DeliveryRow {
    DeliveryRow {
        id: job.id.to_string(),
        created: TimeView::at_ms(job.created_at_ms),
        channel,
        recipient: job.recipient.clone(),
        submission_id: job.about.submission_id.map(|id| id.to_string()),
        state: job.state.as_str(),
        attempts: job.attempts,
        next: waits(job),
        error: job.last_error.clone().filter(|_| job.state != JobState::Done),
        may_retry: may_retry(job),
    }
}

/// When a job is tried next; none where that is now, or never.
pub(in crate::admin) fn waits(job: &Job) -> Option<TimeView> {
    (job.state == JobState::Later).then(|| TimeView::at_ms(job.run_at_ms))
}

/// Whether a button to try a job again makes sense; the service has the last word.
pub(in crate::admin) fn may_retry(job: &Job) -> bool {
    match job.state {
        JobState::Ready | JobState::Running => false,
        JobState::Done => job.kind == JobKind::Deliver.as_str(),
        JobState::Later | JobState::Dead | JobState::Cancelled => job.can_run,
    }
}

/// Tries for a page, the newest first.
pub(in crate::admin) fn tries(all: &[JobTry]) -> Vec<TryRow> {
    let shown = all.iter().rev().map(|it| TryRow {
        attempt: it.attempt,
        at: TimeView::at_ms(it.at_ms),
        duration_ms: it.duration_ms,
        outcome: it.outcome.as_str(),
        status: it.status,
        excerpt: it.excerpt.clone(),
    });
    shown.collect()
}
