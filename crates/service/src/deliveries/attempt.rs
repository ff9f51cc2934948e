//! One try of one delivery.

use std::time::Duration;

use formhold_channels::{Delivery, Outcome, Report};
use formhold_domain::{Submission, SubmissionState, job::JobPayload};
use formhold_store::Claimed;

use super::{
    budgets,
    message::{attachments, message},
};
use crate::{
    App, ServiceError,
    channels::{self, Active},
};

/// A channel whose deliveries all failed for so long is switched off.
const MOST_FAILING_MS: i64 = 5 * 24 * 60 * 60 * 1000;
/// How long a delivery waits for a scan of the files that it takes along.
const MOST_SCANNING_MS: i64 = 60 * 60 * 1000;

/// What came of a try. Texts are kept and shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// It arrived.
    Delivered {
        /// The receiver's status code, where it has such.
        status: Option<u16>,
        /// What the receiver said.
        answer: String,
    },
    /// It may arrive later.
    Later {
        /// The receiver's status code, where it has such.
        status: Option<u16>,
        /// Why not now.
        reason: String,
        /// Not sooner than this.
        not_within: Option<Duration>,
    },
    /// It never will.
    Never {
        /// The receiver's status code, where it has such.
        status: Option<u16>,
        /// Why not.
        reason: String,
    },
}

fn never(reason: impl Into<String>) -> Tried {
    Tried::Never { status: None, reason: reason.into() }
}

/// Tries a delivery once. It may have been tried before by a node that could not say so any more: the
/// message has the same id then.
///
/// # Errors
/// When the database or a file cannot be read; trying again may work.
pub async fn attempt(app: &App, job: &Claimed) -> Result<Tried, ServiceError> {
    let recipient = match &job.payload {
        Ok(JobPayload::Deliver(recipient)) => recipient,
        Ok(_) => return Ok(never("this is no delivery")),
        Err(error) => return Err(ServiceError::Unavailable(error.to_string())),
    };
    let (Some(submission_id), Some(channel_id)) = (job.about.submission_id, job.about.channel_id)
    else {
        return Ok(never("it does not say what to deliver"));
    };
    let Some(record) = app.store.find_channel(channel_id).await? else {
        return Ok(never("the channel was deleted"));
    };
    if !record.is_on {
        return Ok(never("the channel is switched off"));
    }
    let Some(submission) = app.store.get_submission(submission_id).await? else {
        return Ok(never("the submission was deleted"));
    };
    if matches!(submission.state, SubmissionState::Spam | SubmissionState::Trash) {
        return Ok(never(format!("the submission lies in {} by now", submission.state.as_str())));
    }
    let Some(form) = app.store.get_form(submission.form_id).await? else {
        return Ok(never("the form was deleted"));
    };
    let active = Active::of(record)?;
    let takes_files = active.config.is_on("attach_files");
    if takes_files && waits_for_scan(app, &submission) {
        return Ok(Tried::Later {
            status: None,
            reason: "its files are being scanned".to_owned(),
            not_within: None,
        });
    }
    if let Some(refused) = budgets::count(app, active.channel, &submission, recipient).await {
        return Ok(refused);
    }
    let identity = formhold_domain::Identity { id: form.id, key: form.key, version: form.version };
    let mut message = message(app, &form.definition, &identity, &submission, job.claim.job_id.0);
    if takes_files {
        message.attachments = attachments(app, &submission).await?;
    }
    let delivery = Delivery { config: &active.config, message: &message, recipient };
    let report = active.channel.send(&app.channels, delivery).await;
    note(app, &active, &report).await?;
    Ok(tried(report))
}

fn waits_for_scan(app: &App, submission: &Submission) -> bool {
    let age_ms = app.clock.now_ms() - submission.received_at_ms;
    let waits = |upload: &formhold_domain::Upload| upload.scan == formhold_domain::Scan::Waiting;
    age_ms < MOST_SCANNING_MS && submission.uploads.iter().any(waits)
}

/// Notes how the channel is, and switches it off where it has no hope.
async fn note(app: &App, active: &Active, report: &Report) -> Result<(), ServiceError> {
    let record = &active.record;
    let now_ms = app.clock.now_ms();
    match (report.outcome, record.failing_since_ms) {
        (Outcome::Delivered, None) => {}
        (Outcome::Delivered, Some(_)) => app.store.note_channel(record.id, None).await?,
        (Outcome::Failed { permanent: true }, _) => {
            let why = format!("its receiver refuses everything: {}", reason(report));
            channels::switch_off(app, record.id, &why).await?;
        }
        // About this one message only.
        (Outcome::Failed { permanent: false }, _) => {}
        (Outcome::Retry { .. }, None) => app.store.note_channel(record.id, Some(now_ms)).await?,
        (Outcome::Retry { .. }, Some(since_ms)) if now_ms - since_ms >= MOST_FAILING_MS => {
            let why = format!("nothing has arrived for five days: {}", reason(report));
            channels::switch_off(app, record.id, &why).await?;
        }
        (Outcome::Retry { .. }, Some(_)) => {}
    }
    Ok(())
}

fn tried(report: Report) -> Tried {
    let status = report.status;
    match report.outcome {
        Outcome::Delivered => Tried::Delivered { status, answer: report.answer },
        Outcome::Retry { after } => {
            Tried::Later { status, reason: reason(&report), not_within: after }
        }
        Outcome::Failed { .. } => Tried::Never { status, reason: reason(&report) },
    }
}

/// Why it did not arrive, and what the receiver said.
pub(super) fn reason(report: &Report) -> String {
    let problem = report.problem.as_ref().map(ToString::to_string);
    let status = report.status.map(|status| format!("the receiver answered {status}"));
    let said = (!report.answer.is_empty()).then(|| report.answer.clone());
    let parts: Vec<_> = problem.or(status).into_iter().chain(said).collect();
    if parts.is_empty() { "the receiver refuses it".to_owned() } else { parts.join(": ") }
}
