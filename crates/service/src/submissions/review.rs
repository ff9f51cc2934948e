//! What an owner does with submissions that arrived: look, and say what is spam and what is not.

use formhold_domain::{
    Submission, SubmissionId, SubmissionState,
    access::{Action, Caller},
    audit::{AuditAction, AuditEntry},
    spam::{Lesson, PlainAnswers, tokens},
};
use formhold_store::{HistoryActor, Taught};
use serde_json::json;

use crate::{App, ServiceError, deliveries, forms};

/// Up to `limit` submissions of a form that lie in `state`, newest first, before the id `before`.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such form.
pub async fn list_submissions(
    app: &App,
    key_or_slug: &str,
    state: SubmissionState,
    before: Option<SubmissionId>,
    limit: u64,
) -> Result<Vec<Submission>, ServiceError> {
    let form = forms::get_form(app, key_or_slug).await?;
    Ok(app.store.list_submissions(form.identity.id, state, before, limit).await?)
}

/// A submission.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none of this id.
pub async fn get_submission(app: &App, id: SubmissionId) -> Result<Submission, ServiceError> {
    let found = app.store.get_submission(id).await?;
    found.ok_or_else(|| ServiceError::NotFound(format!("submission {id}")))
}

/// Says of a submission that it is spam or that it is not: it moves where it belongs, and the form
/// learns from it. True when that is news.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none of this id that the caller sees,
/// [`ServiceError::Forbidden`] when the caller's role does not allow it.
pub async fn mark_submission(
    app: &App,
    caller: &Caller,
    id: SubmissionId,
    lesson: Lesson,
) -> Result<bool, ServiceError> {
    let submission = get_submission(app, id).await?;
    let form_id = submission.form_id;
    let gone = || ServiceError::NotFound(format!("submission {id}"));
    let workspace_id =
        forms::require_form(app, caller, Action::ChangeSubmissions, form_id, gone).await?;
    let key = app.secrets.tokens_of(form_id);
    let tokens = tokens(&key, &PlainAnswers::of(&submission.answers));
    // Whoever should know of it is told now.
    let jobs = match (lesson, submission.state) {
        (Lesson::Ham, SubmissionState::Spam) => deliveries::held_back(app, &submission).await?,
        _ => Vec::new(),
    };
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let actor = HistoryActor::of(caller);
    let taught = change.teach((&*app.ids, &actor), form_id, id, &tokens, lesson).await?;
    if taught == Taught::NoSubmission {
        return Err(gone());
    }
    let is_news = taught == Taught::Learnt;
    if is_news {
        jobs.into_iter().for_each(|job| change.enqueue(job));
        let entry = AuditEntry::new(AuditAction::SubmissionMark, caller).on("submission", id);
        let details = json!({
            "before": { "state": submission.state.as_str() },
            "after": { "state": where_it_goes(lesson).as_str() },
        });
        change.record(entry.within(workspace_id).with(details));
    }
    change.commit().await?;
    app.lessons.drop_key(&form_id.to_string()).await;
    Ok(is_news)
}

fn where_it_goes(lesson: Lesson) -> SubmissionState {
    match lesson {
        Lesson::Spam => SubmissionState::Spam,
        Lesson::Ham => SubmissionState::Inbox,
    }
}
