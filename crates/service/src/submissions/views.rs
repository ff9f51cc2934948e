//! What the pages of the inbox show at once.

use std::collections::HashMap;

use formhold_domain::{
    FormId, HistoryEntry, InboxAct, InboxItem, Note, SubmissionId, SubmissionState, Tag, UserId,
    access::{Action, Caller},
};
use formhold_store::InboxFilter;

use super::{
    inbox::{self, Opened, open},
    notes::MOST_SHOWN,
};
use crate::{App, ServiceError, access::allows, forms::require_live_form};

/// How far submissions are counted: what lies in a folder is shown up to here.
pub const COUNTED: u64 = 999;

/// A page of a form's inbox.
#[derive(Debug, Clone)]
pub struct InboxView {
    /// What was found, newest first.
    pub items: Vec<InboxItem>,
    /// The tags that can be looked for.
    pub tags: Vec<Tag>,
    /// How many lie in each folder, counted to one more than [`COUNTED`].
    pub counts: Vec<(SubmissionState, u64)>,
    /// Whether the caller may move, mark and edit them.
    pub may_change: bool,
    /// Whether the caller may export them.
    pub may_export: bool,
}

/// A page of a form's inbox, with what stands around it.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such form for the caller.
pub async fn view_inbox(
    app: &App,
    caller: &Caller,
    filter: &InboxFilter,
    before: Option<SubmissionId>,
    limit: u64,
) -> Result<InboxView, ServiceError> {
    let form_id = filter.form_id;
    let workspace_id = require_live_form(app, caller, Action::SeeSubmissions, form_id).await?;
    let items = app.store.list_inbox(filter, before, limit).await?;
    let mut counts = Vec::new();
    for state in SubmissionState::ALL {
        counts.push((state, app.store.count_up_to(form_id, state, COUNTED + 1).await?));
    }
    Ok(InboxView {
        items,
        tags: app.store.list_tags(form_id, MOST_SHOWN).await?,
        counts,
        may_change: allows(caller, Action::ChangeSubmissions, Some(workspace_id)),
        may_export: allows(caller, Action::ExportSubmissions, Some(workspace_id)),
    })
}

/// A submission with everything that hangs on it.
#[derive(Debug, Clone)]
pub struct SubmissionView {
    /// The submission and its form.
    pub opened: Opened,
    /// What was written about it, oldest first.
    pub notes: Vec<Note>,
    /// What was done to it, newest first.
    pub history: Vec<HistoryEntry>,
    /// The names of the people in both, by id.
    pub names: HashMap<String, String>,
    /// The next newer one where it lies.
    pub newer: Option<SubmissionId>,
    /// The next older one where it lies.
    pub older: Option<SubmissionId>,
    /// Whether the caller may move, mark and edit it.
    pub may_change: bool,
}

/// A submission as its page shows it. Whoever may change it has read it then.
///
/// # Errors
/// As [`open`].
pub async fn view_submission(
    app: &App,
    caller: &Caller,
    id: SubmissionId,
) -> Result<SubmissionView, ServiceError> {
    let mut opened = open(app, caller, Action::SeeSubmissions, id).await?;
    let form_id = opened.form.identity.id;
    let may_change = allows(caller, Action::ChangeSubmissions, Some(opened.workspace_id));
    if may_change && !opened.item.handling.is_read {
        opened.item = read(app, caller, form_id, opened.item).await?;
    }
    let state = opened.item.submission.state;
    let (newer, older) = app.store.neighbours(form_id, state, id).await?;
    let notes = app.store.list_notes(id, MOST_SHOWN).await?;
    let history = app.store.list_history(id, MOST_SHOWN).await?;
    let names = names_in(app, &notes, &history).await?;
    Ok(SubmissionView { opened, notes, history, names, newer, older, may_change })
}

async fn read(
    app: &App,
    caller: &Caller,
    form_id: FormId,
    item: InboxItem,
) -> Result<InboxItem, ServiceError> {
    let id = item.submission.id;
    match inbox::act(app, caller, form_id, &[id], &InboxAct::MarkRead(true).into()).await {
        Ok(_) => Ok(app.store.find_inbox_item(id).await?.unwrap_or(item)),
        // While nothing can be written one can still read.
        Err(ServiceError::Unavailable(cause)) => {
            tracing::warn!(cause, "that a submission was read could not be noted");
            Ok(item)
        }
        Err(failure) => Err(failure),
    }
}

async fn names_in(
    app: &App,
    notes: &[Note],
    history: &[HistoryEntry],
) -> Result<HashMap<String, String>, ServiceError> {
    let actors = history.iter().filter_map(|entry| entry.actor_id.as_deref()?.parse().ok());
    let authors = notes.iter().filter_map(|note| note.user_id);
    let mut ids: Vec<UserId> = actors.chain(authors).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let users = app.store.find_users(&ids).await?;
    Ok(users.into_iter().map(|user| (user.id.to_string(), user.name.to_string())).collect())
}
