//! What owners do with what was submitted: find it, look at it, move it, mark it, change it.

use formhold_domain::{
    Answers, CompiledForm, FormId, HistoryEntry, InboxAct, InboxItem, Note, NoteId, SubmissionId,
    SubmissionState, Tag, WorkspaceId,
    access::{Action, Caller},
    audit::{AuditAction, AuditEntry},
    spam::Lesson,
};
use formhold_store::{Acted, HistoryActor, InboxFilter};
use serde_json::json;

use super::review::mark_submission;
use crate::{App, ServiceError, forms::form_for};

/// How many submissions one call may name.
pub const MOST_NAMED: usize = 1_000;
/// How many are changed in one transaction, so that others do not wait long.
const BITE: u64 = 500;
/// How many tags, notes and changes are shown.
const MOST_SHOWN: u64 = 500;

/// A submission with its form, for who looks at it.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The submission.
    pub item: InboxItem,
    /// Its form as it is now.
    pub form: CompiledForm,
    /// The workspace that both are in.
    pub workspace_id: WorkspaceId,
}

/// Up to `limit` submissions of a form in the filter's order, behind the one of the id `after`.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such form for the caller.
pub async fn list_inbox(
    app: &App,
    caller: &Caller,
    filter: &InboxFilter,
    after: Option<SubmissionId>,
    limit: u64,
) -> Result<Vec<InboxItem>, ServiceError> {
    form_for(app, caller, Action::SeeSubmissions, filter.form_id).await?;
    Ok(app.store.list_inbox(filter, after, limit).await?)
}

/// The tags in use among a form's submissions, in order.
///
/// # Errors
/// As [`list_inbox`].
pub async fn list_tags(
    app: &App,
    caller: &Caller,
    form_id: FormId,
) -> Result<Vec<Tag>, ServiceError> {
    form_for(app, caller, Action::SeeSubmissions, form_id).await?;
    Ok(app.store.list_tags(form_id, MOST_SHOWN).await?)
}

/// A submission, for who may do that with it.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none for the caller.
pub async fn open(
    app: &App,
    caller: &Caller,
    action: Action,
    id: SubmissionId,
) -> Result<Opened, ServiceError> {
    let gone = || ServiceError::NotFound(format!("submission {id}"));
    let found = app.store.find_inbox_item(id).await?;
    // Nobody learns by the kind of refusal whether there is one.
    let form_id = found.as_ref().map_or(FormId(id.0), |item| item.submission.form_id);
    match form_for(app, caller, action, form_id).await {
        Err(ServiceError::NotFound(_)) => Err(gone()),
        Err(other) => Err(other),
        Ok((form, workspace_id)) => {
            Ok(Opened { item: found.ok_or_else(gone)?, form, workspace_id })
        }
    }
}

/// Does something to named submissions of a form: to all of them, or to none. Gives how many it
/// changed; the others were like that already.
///
/// # Errors
/// [`ServiceError::NotFound`] with the first one that is not there or of another form,
/// [`ServiceError::Invalid`] when too many are named.
pub async fn act(
    app: &App,
    caller: &Caller,
    form_id: FormId,
    ids: &[SubmissionId],
    act: &InboxAct,
) -> Result<u64, ServiceError> {
    let (_, workspace_id) = form_for(app, caller, Action::ChangeSubmissions, form_id).await?;
    if ids.len() > MOST_NAMED {
        let message = format!("must not be more than {MOST_NAMED} at once");
        return Err(ServiceError::invalid("ids", "TOO_MANY", message));
    }
    act_within(app, caller, (form_id, workspace_id), ids, act).await
}

/// Does something to all submissions that a filter lets through now, some at a time. `progress` is
/// told how many were looked at so far. Gives how many were changed.
///
/// # Errors
/// As [`list_inbox`]; what was changed before the error stays changed, and doing it again goes on.
pub async fn act_on_all(
    app: &App,
    caller: &Caller,
    filter: &InboxFilter,
    act: &InboxAct,
    mut progress: impl FnMut(u64),
) -> Result<u64, ServiceError> {
    let (_, workspace_id) =
        form_for(app, caller, Action::ChangeSubmissions, filter.form_id).await?;
    let (mut before, mut seen, mut changed) = (None, 0, 0);
    loop {
        let page = app.store.list_inbox(filter, before, BITE).await?;
        let ids: Vec<SubmissionId> = page.iter().map(|item| item.submission.id).collect();
        let Some(last) = ids.last() else { return Ok(changed) };
        before = Some(*last);
        changed += act_within(app, caller, (filter.form_id, workspace_id), &ids, act).await?;
        seen += ids.len() as u64;
        progress(seen);
    }
}

async fn act_within(
    app: &App,
    caller: &Caller,
    (form_id, workspace_id): (FormId, WorkspaceId),
    ids: &[SubmissionId],
    act: &InboxAct,
) -> Result<u64, ServiceError> {
    let taught = match act {
        InboxAct::MoveTo(SubmissionState::Spam) => {
            return teach(app, caller, form_id, ids, Lesson::Spam).await;
        }
        // What is taken out of the spam folder was no spam.
        InboxAct::MoveTo(SubmissionState::Inbox | SubmissionState::Archive) => {
            let spam = in_spam_folder(app, form_id, ids).await?;
            teach(app, caller, form_id, &spam, Lesson::Ham).await?
        }
        _ => 0,
    };
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let actor = HistoryActor::of(caller);
    let changed = match change.act(&*app.ids, &actor, form_id, ids, act).await? {
        Acted::Missing(id) => return Err(ServiceError::NotFound(format!("submission {id}"))),
        Acted::Changed(changed) => changed,
    };
    if changed > 0 && !matches!(act, InboxAct::MarkRead(_)) {
        let details = json!({ "act": act.name(), "submissions": named(ids), "changed": changed });
        let entry = AuditEntry::new(AuditAction::SubmissionChange, caller).on("form", form_id);
        change.record(entry.within(workspace_id).with(details));
    }
    change.commit().await?;
    Ok(changed.max(taught))
}

/// Teaches all, once all are known to be there.
async fn teach(
    app: &App,
    caller: &Caller,
    form_id: FormId,
    ids: &[SubmissionId],
    lesson: Lesson,
) -> Result<u64, ServiceError> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let submission = app.store.find_submission(form_id, *id).await?;
        found.push(submission.ok_or_else(|| ServiceError::NotFound(format!("submission {id}")))?);
    }
    let to = match lesson {
        Lesson::Spam => SubmissionState::Spam,
        Lesson::Ham => SubmissionState::Inbox,
    };
    let mut moved = 0;
    for submission in found {
        mark_submission(app, caller, submission.id, lesson).await?;
        moved += u64::from(submission.state != to);
    }
    Ok(moved)
}

async fn in_spam_folder(
    app: &App,
    form_id: FormId,
    ids: &[SubmissionId],
) -> Result<Vec<SubmissionId>, ServiceError> {
    let mut spam = Vec::new();
    for id in ids {
        let found = app.store.find_submission(form_id, *id).await?;
        let found = found.ok_or_else(|| ServiceError::NotFound(format!("submission {id}")))?;
        if found.state == SubmissionState::Spam {
            spam.push(*id);
        }
    }
    Ok(spam)
}

/// Puts other answers in the place of a submission's; the history keeps every value before and
/// after. They need not fit the form: owners correct what they know.
///
/// # Errors
/// [`ServiceError::Stale`] when the submission has another version than the caller looked at.
pub async fn edit_answers(
    app: &App,
    caller: &Caller,
    id: SubmissionId,
    version: u32,
    answers: &Answers,
) -> Result<InboxItem, ServiceError> {
    let opened = open(app, caller, Action::ChangeSubmissions, id).await?;
    let form_id = opened.form.identity.id;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let actor = HistoryActor::of(caller);
    if !change.edit_answers(&*app.ids, &actor, form_id, id, version, answers).await? {
        return Err(ServiceError::Stale("the submission"));
    }
    // The values are in the history, which goes when the submission goes.
    let entry = AuditEntry::new(AuditAction::SubmissionChange, caller).on("submission", id);
    change.record(entry.within(opened.workspace_id).with(json!({ "act": "edit" })));
    change.commit().await?;
    let gone = || ServiceError::NotFound(format!("submission {id}"));
    app.store.find_inbox_item(id).await?.ok_or_else(gone)
}

/// The notes about a submission, oldest first.
///
/// # Errors
/// As [`open`].
pub async fn list_notes(
    app: &App,
    caller: &Caller,
    id: SubmissionId,
) -> Result<Vec<Note>, ServiceError> {
    open(app, caller, Action::SeeSubmissions, id).await?;
    Ok(app.store.list_notes(id, MOST_SHOWN).await?)
}

/// Adds a note to a submission.
///
/// # Errors
/// As [`open`]; [`ServiceError::Invalid`] when it is empty or too long.
pub async fn add_note(
    app: &App,
    caller: &Caller,
    id: SubmissionId,
    text: &str,
) -> Result<Note, ServiceError> {
    let opened = open(app, caller, Action::ChangeSubmissions, id).await?;
    let text = text.trim();
    if text.is_empty() {
        return Err(ServiceError::invalid("text", "REQUIRED", "must not be empty"));
    }
    if text.len() > Note::MAX_BYTES {
        let message = format!("must not have more than {} bytes", Note::MAX_BYTES);
        return Err(ServiceError::invalid("text", "TOO_LONG", message));
    }
    let note = Note {
        id: NoteId(app.ids.uuid()),
        user_id: caller.person().map(|person| person.user_id),
        text: text.to_owned(),
        created_at_ms: app.clock.now_ms(),
    };
    let change = app.store.begin(note.created_at_ms).await?;
    let (actor, form_id) = (HistoryActor::of(caller), opened.form.identity.id);
    if !change.insert_note(&*app.ids, &actor, form_id, id, &note).await? {
        return Err(ServiceError::NotFound(format!("submission {id}")));
    }
    change.commit().await?;
    Ok(note)
}

/// Deletes a note.
///
/// # Errors
/// As [`open`]; [`ServiceError::NotFound`] when there is no such note.
pub async fn delete_note(
    app: &App,
    caller: &Caller,
    id: SubmissionId,
    note: NoteId,
) -> Result<(), ServiceError> {
    open(app, caller, Action::ChangeSubmissions, id).await?;
    let change = app.store.begin(app.clock.now_ms()).await?;
    if !change.delete_note(id, note).await? {
        return Err(ServiceError::NotFound(format!("note {note}")));
    }
    Ok(change.commit().await?)
}

/// What was done to a submission, newest first.
///
/// # Errors
/// As [`open`].
pub async fn list_history(
    app: &App,
    caller: &Caller,
    id: SubmissionId,
) -> Result<Vec<HistoryEntry>, ServiceError> {
    open(app, caller, Action::SeeSubmissions, id).await?;
    Ok(app.store.list_history(id, MOST_SHOWN).await?)
}

/// Deletes submissions that lie in the trash for good; gives how many.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such form for the caller.
pub async fn delete_for_good(
    app: &App,
    caller: &Caller,
    form_id: FormId,
    ids: &[SubmissionId],
) -> Result<u64, ServiceError> {
    let (_, workspace_id) = form_for(app, caller, Action::ChangeSubmissions, form_id).await?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let deleted = change.delete_submissions(form_id, ids).await?;
    if deleted > 0 {
        let entry = AuditEntry::new(AuditAction::SubmissionDelete, caller).on("form", form_id);
        let details = json!({ "submissions": named(ids), "deleted": deleted });
        change.record(entry.within(workspace_id).with(details));
    }
    change.commit().await?;
    Ok(deleted)
}

/// The ids that the audit trail names one by one; of many it keeps the number alone.
fn named(ids: &[SubmissionId]) -> Vec<String> {
    const MOST: usize = 20;
    if ids.len() > MOST { Vec::new() } else { ids.iter().map(ToString::to_string).collect() }
}
