//! Changing one submission: where it lies, its marks and its answers, all of it or nothing.

use formhold_domain::{
    Answers, InboxAct, InboxItem, SubmissionId, SubmissionState, Tag,
    access::{Action, Caller},
    audit::{AuditAction, AuditEntry},
};
use formhold_store::{Change, HistoryActor};
use serde_json::json;

use super::inbox::{act, apply, open};
use crate::{App, ServiceError};

/// How many tags a submission may have.
pub const MOST_TAGS: usize = 50;
/// How many answers it may have.
const MOST_ANSWERS: usize = 1_000;
const MAX_NAME_BYTES: usize = 256;

/// What is to change of a submission; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubmissionPatch {
    /// Where it is put. Into or out of the spam folder it teaches the form.
    pub state: Option<SubmissionState>,
    /// Whether somebody looked at it.
    pub is_read: Option<bool>,
    /// Whether it has a star.
    pub is_starred: Option<bool>,
    /// All of its tags.
    pub tags: Option<Vec<Tag>>,
    /// All of its answers; the history keeps every value before and after. They need not fit the
    /// form: owners correct what they know.
    pub answers: Option<Answers>,
}

/// Changes a submission; `version` is the one that the caller looked at, none takes whichever there
/// is.
///
/// # Errors
/// [`ServiceError::Stale`] when the submission has another version by now,
/// [`ServiceError::NotFound`] when there is none for the caller, [`ServiceError::Invalid`] when tags
/// or answers are too many or have no name.
pub async fn change_submission(
    app: &App,
    caller: &Caller,
    id: SubmissionId,
    version: Option<u32>,
    mut patch: SubmissionPatch,
) -> Result<InboxItem, ServiceError> {
    let opened = open(app, caller, Action::ChangeSubmissions, id).await?;
    check(&patch)?;
    let form_id = opened.form.identity.id;
    let gone = || ServiceError::NotFound(format!("submission {id}"));
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let now = change.lock_submission(form_id, id).await?.ok_or_else(gone)?;
    if version.is_some_and(|version| version != now) {
        return Err(ServiceError::Stale("the submission"));
    }
    let is_edited = patch.answers.is_some();
    if let Some(answers) = patch.answers.take() {
        let answers = &with_line_breaks_of(&opened.item.submission.answers, answers);
        let actor = HistoryActor::of(caller);
        if !change.edit_answers(&*app.ids, &actor, form_id, id, answers).await? {
            return Err(gone());
        }
    }
    let acts = acts_of(&change, id, patch).await?;
    let mut done: Vec<&str> = if is_edited { vec!["edit"] } else { Vec::new() };
    let mut is_taught = false;
    for act in &acts {
        if apply(app, caller, &mut change, form_id, &[id], act).await? > 0
            && !matches!(act, InboxAct::MarkRead(_))
        {
            done.push(act.name());
            is_taught |= matches!(act, InboxAct::MoveTo(_));
        }
    }
    if !done.is_empty() {
        // The values are in the history, which goes when the submission goes.
        let entry = AuditEntry::new(AuditAction::SubmissionChange, caller).on("submission", id);
        let details = json!({ "act": done.join(" ") });
        change.record(entry.within(opened.workspace_id).with(details));
    }
    change.commit().await?;
    if is_taught {
        app.lessons.drop_key(&form_id.to_string()).await;
    }
    app.store.find_inbox_item(id).await?.ok_or_else(gone)
}

/// Takes a submission out of the trash, to where it was before.
///
/// # Errors
/// As [`open`].
pub async fn restore_submission(
    app: &App,
    caller: &Caller,
    id: SubmissionId,
) -> Result<InboxItem, ServiceError> {
    let opened = open(app, caller, Action::ChangeSubmissions, id).await?;
    act(app, caller, opened.form.identity.id, &[id], &InboxAct::Restore.into()).await?;
    let gone = || ServiceError::NotFound(format!("submission {id}"));
    app.store.find_inbox_item(id).await?.ok_or_else(gone)
}

/// Deletes a submission that lies in the trash, with all that hangs on it.
///
/// # Errors
/// As [`change_submission`]; [`ServiceError::Conflict`] when it lies somewhere else.
pub async fn delete_submission_for_good(
    app: &App,
    caller: &Caller,
    id: SubmissionId,
    version: Option<u32>,
) -> Result<(), ServiceError> {
    let opened = open(app, caller, Action::ChangeSubmissions, id).await?;
    let form_id = opened.form.identity.id;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let now = change.lock_submission(form_id, id).await?;
    let now = now.ok_or_else(|| ServiceError::NotFound(format!("submission {id}")))?;
    if version.is_some_and(|version| version != now) {
        return Err(ServiceError::Stale("the submission"));
    }
    if change.delete_submissions(form_id, &[id]).await? == 0 {
        let why = "the submission does not lie in the trash; move it there first";
        return Err(ServiceError::Conflict(why.to_owned()));
    }
    let entry = AuditEntry::new(AuditAction::SubmissionDelete, caller).on("submission", id);
    change.record(entry.within(opened.workspace_id));
    Ok(change.commit().await?)
}

/// The acts that lead to what is wanted.
async fn acts_of(
    change: &Change,
    id: SubmissionId,
    patch: SubmissionPatch,
) -> Result<Vec<InboxAct>, ServiceError> {
    let mut acts: Vec<InboxAct> = Vec::new();
    acts.extend(patch.state.map(InboxAct::MoveTo));
    acts.extend(patch.is_read.map(InboxAct::MarkRead));
    acts.extend(patch.is_starred.map(InboxAct::Star));
    if let Some(wanted) = patch.tags {
        // By bulk it may have got more than one call may name.
        const ALL: u64 = 10_000;
        let has = change.tags_of(id, ALL).await?;
        let gone = has.iter().filter(|tag| !wanted.contains(tag)).cloned();
        acts.extend(gone.map(InboxAct::RemoveTag));
        let new = wanted.into_iter().filter(|tag| !has.contains(tag));
        acts.extend(new.map(InboxAct::AddTag));
    }
    Ok(acts)
}

/// Browsers send line breaks in a way of their own: a value that differs in nothing else stays.
fn with_line_breaks_of(before: &Answers, after: Answers) -> Answers {
    let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    let kept = |(name, value): (&str, &str)| {
        let same = before.values(name).find(|known| lines(known) == lines(value));
        (name.to_owned(), same.unwrap_or(value).to_owned())
    };
    after.iter().map(kept).collect()
}

fn check(patch: &SubmissionPatch) -> Result<(), ServiceError> {
    if patch.tags.as_ref().is_some_and(|tags| tags.len() > MOST_TAGS) {
        let message = format!("must not be more than {MOST_TAGS}");
        return Err(ServiceError::invalid("tags", "TOO_MANY", message));
    }
    let Some(answers) = &patch.answers else { return Ok(()) };
    if answers.len() > MOST_ANSWERS {
        let message = format!("must not have more than {MOST_ANSWERS} values");
        return Err(ServiceError::invalid("answers", "TOO_MANY", message));
    }
    if answers.iter().any(|(name, _)| name.is_empty() || name.len() > MAX_NAME_BYTES) {
        let message = format!("must have names of 1 to {MAX_NAME_BYTES} bytes");
        return Err(ServiceError::invalid("answers", "WRONG_NAME", message));
    }
    Ok(())
}
