//! Notes about submissions, and what their history tells.

use formhold_domain::{
    HistoryEntry, Note, NoteId, SubmissionId,
    access::{Action, Caller},
};
use formhold_store::HistoryActor;

use super::inbox::open;
use crate::{App, ServiceError};

/// How many notes and changes are shown.
pub(super) const MOST_SHOWN: u64 = 500;

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
