//! Deliveries: who is told of a submission. Each is a job of its own, for one recipient of one channel,
//! stored with the submission; what is told is read anew at each try.

mod attempt;
mod budgets;
mod message;
mod trial;

pub use attempt::{Tried, attempt};
use formhold_domain::{
    CompiledForm, JobId, Submission,
    job::{About, JobPayload, Lane, NewJob},
};
use formhold_store::JobFilter;
pub use trial::try_channel;

use crate::{
    App, ServiceError,
    channels::{self, Active},
    forms,
};
use message::message;

/// The jobs that tell of a submission that is about to be stored.
///
/// # Errors
/// When it cannot be found out who is to be told.
pub(crate) async fn jobs_for(
    app: &App,
    form: &CompiledForm,
    submission: &Submission,
) -> Result<Vec<NewJob>, ServiceError> {
    let active = channels::active(app, submission.form_id).await?;
    if active.is_empty() {
        return Ok(Vec::new());
    }
    // Recipients follow from what was submitted, not from what names the message.
    let message = message(app, &form.definition, &form.identity, submission, app.ids.uuid());
    let mut jobs = Vec::new();
    for channel in active.iter() {
        for recipient in channel.channel.recipients(&channel.config, &message) {
            let id = JobId(app.ids.uuid_at(submission.received_at_ms));
            let about = About {
                workspace_id: Some(channel.record.workspace_id),
                form_id: Some(submission.form_id),
                submission_id: Some(submission.id),
                channel_id: Some(channel.record.id),
            };
            let job = NewJob::new(id, lane(channel), JobPayload::Deliver(recipient));
            jobs.push(job.about(about));
        }
    }
    Ok(jobs)
}

/// The jobs that tell of a submission that was held back as spam until now; none where somebody was
/// told of it already.
///
/// # Errors
/// As [`jobs_for`].
pub(crate) async fn held_back(
    app: &App,
    submission: &Submission,
) -> Result<Vec<NewJob>, ServiceError> {
    if channels::active(app, submission.form_id).await?.is_empty() {
        return Ok(Vec::new());
    }
    let told = JobFilter { submission_id: Some(submission.id), ..JobFilter::default() };
    if !app.store.list_jobs(&told, None, 1).await?.is_empty() {
        return Ok(Vec::new());
    }
    match app.store.get_form(submission.form_id).await? {
        Some(form) if form.deleted_at_ms.is_none() => {
            jobs_for(app, &forms::compile(form)?, submission).await
        }
        _ => Ok(Vec::new()),
    }
}

/// Deliveries to one host take turns; mails go through few hands.
fn lane(channel: &Active) -> Lane {
    let about = channel.channel.about();
    match (about.name, channel.config.host(about)) {
        ("email" | "confirmation", _) => Lane::smtp(),
        (_, Some(host)) => Lane::host(&host),
        // A service whose address the channel knows by itself.
        (name, None) => Lane::host(name),
    }
}
