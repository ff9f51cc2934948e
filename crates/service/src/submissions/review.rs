//! What an owner does with submissions that arrived: look, and say what is spam and what is not.

use formhold_domain::{
    Submission, SubmissionId, SubmissionState,
    spam::{Lesson, PlainAnswers, tokens},
};
use formhold_store::Taught;

use crate::{App, ServiceError, forms};

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
/// [`ServiceError::NotFound`] when there is none of this id.
pub async fn mark_submission(
    app: &App,
    id: SubmissionId,
    lesson: Lesson,
) -> Result<bool, ServiceError> {
    let submission = get_submission(app, id).await?;
    let form_id = submission.form_id;
    let key = app.secrets.tokens_of(form_id);
    let tokens = tokens(&key, &PlainAnswers::of(&submission.answers));
    let taught = app.store.teach(form_id, id, &tokens, lesson, app.clock.now_ms()).await?;
    app.lessons.drop_key(&form_id.to_string()).await;
    match taught {
        Taught::Learnt => Ok(true),
        Taught::KnownAlready => Ok(false),
        Taught::NoSubmission => Err(ServiceError::NotFound(format!("submission {id}"))),
    }
}
