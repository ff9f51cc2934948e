//! What owners do with what was submitted: find it, look at it, move it and mark it.

use formhold_domain::{
    CompiledForm, FormId, InboxAct, InboxItem, SubmissionId, SubmissionState, Tag, WorkspaceId,
    access::{Action, Caller},
    audit::AuditEntry,
    spam::{Lesson, PlainAnswers, tokens},
};
use formhold_store::{Acted, Change, HistoryActor, InboxFilter, Taught};
use serde_json::json;

use super::deeds::Deed;
use crate::{
    App, ServiceError, deliveries,
    forms::{form_for, require_live_form},
};

/// How many submissions one call may name.
pub const MOST_NAMED: usize = 1_000;
/// How many are changed in one transaction, so that others do not wait long.
const BITE: u64 = 500;
/// The same where each one teaches.
const LESSON_BITE: usize = 50;
/// How many tags are shown.
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
    require_live_form(app, caller, Action::SeeSubmissions, filter.form_id).await?;
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
    require_live_form(app, caller, Action::SeeSubmissions, form_id).await?;
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
    deed: &Deed,
) -> Result<u64, ServiceError> {
    let workspace_id = require_live_form(app, caller, Action::ChangeSubmissions, form_id).await?;
    if ids.len() > MOST_NAMED {
        let message = format!("must not be more than {MOST_NAMED} at once");
        return Err(ServiceError::invalid("ids", "TOO_MANY", message));
    }
    // Lessons take a change of their own each few, so it is known before the first one.
    if let Some(missing) = app.store.missing_submission(form_id, ids).await? {
        return Err(ServiceError::NotFound(format!("submission {missing}")));
    }
    act_within(app, caller, (form_id, workspace_id), ids, deed).await
}

/// What was done of something that is to be done to all that a filter lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// How many were changed; the others were like that already.
    pub changed: u64,
    /// The last one that was looked at, where there are more: it goes on after this one.
    pub last: Option<SubmissionId>,
}

/// Does something to the submissions that a filter lets through now, from the newest on, or on after
/// `after`; to up to `at_most` of them, some at a time.
///
/// # Errors
/// As [`list_inbox`]; what was changed before the error stays changed, and doing it again goes on.
pub async fn act_on_all(
    app: &App,
    caller: &Caller,
    filter: &InboxFilter,
    deed: &Deed,
    after: Option<SubmissionId>,
    at_most: u64,
) -> Result<Part, ServiceError> {
    let form_id = filter.form_id;
    let workspace_id = require_live_form(app, caller, Action::ChangeSubmissions, form_id).await?;
    let (mut last, mut seen, mut changed) = (after, 0, 0);
    while seen < at_most {
        let asked = BITE.min(at_most - seen);
        let page = app.store.list_inbox(filter, last, asked).await?;
        let ids: Vec<SubmissionId> = page.iter().map(|item| item.submission.id).collect();
        if !ids.is_empty() {
            changed += act_within(app, caller, (form_id, workspace_id), &ids, deed).await?;
        }
        if (ids.len() as u64) < asked {
            return Ok(Part { changed, last: None });
        }
        last = ids.last().copied();
        seen += ids.len() as u64;
    }
    Ok(Part { changed, last })
}

async fn act_within(
    app: &App,
    caller: &Caller,
    (form_id, workspace_id): (FormId, WorkspaceId),
    ids: &[SubmissionId],
    deed: &Deed,
) -> Result<u64, ServiceError> {
    let lesson = deed.act().and_then(lesson_of);
    // Each lesson writes a row for each word: others shall not wait for many of them.
    let bite = if lesson.is_some() { LESSON_BITE } else { ids.len().max(1) };
    let mut sum = 0;
    for some in ids.chunks(bite) {
        let mut change = app.store.begin(app.clock.now_ms()).await?;
        let changed = match deed {
            Deed::Act(act) => apply(app, caller, &mut change, form_id, some, act).await?,
            Deed::DeleteForGood => change.delete_submissions(form_id, some).await?,
        };
        if changed > 0
            && let Some(action) = deed.audited()
        {
            let details =
                json!({ "act": deed.name(), "submissions": named(some), "changed": changed });
            let entry = AuditEntry::new(action, caller).on("form", form_id);
            change.record(entry.within(workspace_id).with(details));
        }
        change.commit().await?;
        sum += changed;
    }
    if lesson.is_some() && sum > 0 {
        app.lessons.drop_key(&form_id.to_string()).await;
    }
    Ok(sum)
}

/// Does it within a change; a move that says whether they are spam teaches the form.
pub(super) async fn apply(
    app: &App,
    caller: &Caller,
    change: &mut Change,
    form_id: FormId,
    ids: &[SubmissionId],
    act: &InboxAct,
) -> Result<u64, ServiceError> {
    let taught = match lesson_of(act) {
        Some(lesson) => teach(app, caller, change, form_id, ids, lesson).await?,
        None => 0,
    };
    if *act == InboxAct::MoveTo(SubmissionState::Spam) {
        return Ok(taught);
    }
    let actor = HistoryActor::of(caller);
    match change.act(&*app.ids, &actor, form_id, ids, act).await? {
        Acted::Missing(id) => Err(ServiceError::NotFound(format!("submission {id}"))),
        Acted::Changed(changed) => Ok(changed.max(taught)),
    }
}

/// What a move says of submissions.
fn lesson_of(act: &InboxAct) -> Option<Lesson> {
    match act {
        InboxAct::MoveTo(SubmissionState::Spam) => Some(Lesson::Spam),
        // What is taken out of the spam folder was no spam.
        InboxAct::MoveTo(SubmissionState::Inbox | SubmissionState::Archive) => Some(Lesson::Ham),
        _ => None,
    }
}

async fn teach(
    app: &App,
    caller: &Caller,
    change: &mut Change,
    form_id: FormId,
    ids: &[SubmissionId],
    lesson: Lesson,
) -> Result<u64, ServiceError> {
    let (from, to) = match lesson {
        Lesson::Spam => (None, SubmissionState::Spam),
        Lesson::Ham => (Some(SubmissionState::Spam), SubmissionState::Inbox),
    };
    let (actor, key) = (HistoryActor::of(caller), app.secrets.tokens_of(form_id));
    let mut moved = 0;
    for submission in app.store.find_submissions(form_id, ids, from).await? {
        let tokens = tokens(&key, &PlainAnswers::of(&submission.answers));
        let by = (&*app.ids, &actor);
        let taught = change.teach(by, form_id, submission.id, &tokens, lesson).await?;
        if taught != Taught::NoSubmission {
            moved += u64::from(submission.state != to);
            if lesson == Lesson::Ham {
                // Whoever should know of it is told now.
                let jobs = deliveries::held_back(app, &submission).await?;
                jobs.into_iter().for_each(|job| change.enqueue(job));
            }
        }
    }
    Ok(moved)
}

/// The ids that the audit trail names one by one; of many it keeps the number alone.
fn named(ids: &[SubmissionId]) -> Vec<String> {
    const MOST: usize = 20;
    if ids.len() > MOST { Vec::new() } else { ids.iter().map(ToString::to_string).collect() }
}
