//! `/submissions/{id}/notes` and `/history`, and the tags of a form.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use formhold_domain::{FormId, HistoryEntry, Note, NoteId, SubmissionId, rfc3339};
use formhold_service::submissions::{inbox, notes};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    asker::Asker,
    body::Json,
    id::{Id, Ids},
    page::Page,
    problem::Problem,
    schemas,
};
use crate::WebState;

/// What somebody wrote about a submission.
#[derive(Serialize, ToSchema)]
#[schema(as = Note)]
pub(crate) struct NoteOut {
    #[schema(format = "uuid")]
    id: String,
    /// Who wrote it.
    #[schema(format = "uuid")]
    user_id: Option<String>,
    text: String,
    #[schema(format = DateTime)]
    created_at: String,
}

/// A note to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteIn {
    /// Up to 10,000 bytes.
    #[schema(min_length = 1, max_length = 10000)]
    text: String,
}

/// Something that was done to a submission.
#[derive(Serialize, ToSchema)]
#[schema(as = HistoryEntry)]
pub(crate) struct HistoryOut {
    #[schema(format = DateTime)]
    at: String,
    /// `user` or `system`.
    actor_kind: String,
    /// The user, or the part of Formhold.
    actor_id: Option<String>,
    /// `inbox`, `spam`, `archive`, `trash`, `restore`, `star`, `unstar`, `add_tag`, `remove_tag`,
    /// `note` or `edit`.
    #[schema(example = "archive")]
    kind: String,
    /// The tag; or of an edit each field with all of its values before and after.
    #[schema(schema_with = schemas::anything)]
    details: Value,
}

/// List the notes about a submission, the oldest first.
///
/// Up to 500; there is no next page.
#[utoipa::path(get, path = "/submissions/{id}/notes", tag = "Submissions",
    responses((status = 200, description = "The notes.", body = Page<NoteOut>)))]
pub(super) async fn list_submission_notes(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<SubmissionId>,
) -> Result<axum::Json<Page<NoteOut>>, Problem> {
    let found = notes::list_notes(&state.0.app, &asker.caller, id).await?;
    Ok(whole(found.iter().map(note).collect()))
}

/// Add a note to a submission.
#[utoipa::path(post, path = "/submissions/{id}/notes", tag = "Submissions", request_body = NoteIn,
    responses((status = 201, description = "The note.", body = NoteOut)))]
pub(super) async fn add_submission_note(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<SubmissionId>,
    Json(NoteIn { text }): Json<NoteIn>,
) -> Result<Response, Problem> {
    let made = notes::add_note(&state.0.app, &asker.caller, id, &text).await?;
    Ok((StatusCode::CREATED, axum::Json(note(&made))).into_response())
}

/// Delete a note.
#[utoipa::path(delete, path = "/submissions/{id}/notes/{note_id}", tag = "Submissions",
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn delete_submission_note(
    State(state): State<WebState>,
    asker: Asker,
    Ids(id, note_id): Ids<SubmissionId, NoteId>,
) -> Result<Response, Problem> {
    notes::delete_note(&state.0.app, &asker.caller, id, note_id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// List what was done to a submission, the newest first.
///
/// The last 500; there is no next page.
#[utoipa::path(get, path = "/submissions/{id}/history", tag = "Submissions",
    responses((status = 200, description = "Its history.", body = Page<HistoryOut>)))]
pub(super) async fn list_submission_history(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<SubmissionId>,
) -> Result<axum::Json<Page<HistoryOut>>, Problem> {
    let found = notes::list_history(&state.0.app, &asker.caller, id).await?;
    Ok(whole(found.into_iter().map(entry).collect()))
}

/// List the tags that a form's submissions have, in order.
///
/// Up to 500; there is no next page.
#[utoipa::path(get, path = "/forms/{id}/tags", tag = "Submissions",
    responses((status = 200, description = "The tags.", body = Page<String>)))]
pub(super) async fn list_form_tags(
    State(state): State<WebState>,
    asker: Asker,
    Id(form_id): Id<FormId>,
) -> Result<axum::Json<Page<String>>, Problem> {
    let tags = inbox::list_tags(&state.0.app, &asker.caller, form_id).await?;
    Ok(whole(tags.into_iter().map(String::from).collect()))
}

fn whole<T>(items: Vec<T>) -> axum::Json<Page<T>> {
    axum::Json(Page { items, next_cursor: None })
}

fn note(note: &Note) -> NoteOut {
    NoteOut {
        id: note.id.to_string(),
        user_id: note.user_id.map(|id| id.to_string()),
        text: note.text.clone(),
        created_at: rfc3339(note.created_at_ms),
    }
}

fn entry(entry: HistoryEntry) -> HistoryOut {
    HistoryOut {
        at: rfc3339(entry.at_ms),
        actor_kind: entry.actor_kind,
        actor_id: entry.actor_id,
        kind: entry.kind,
        details: entry.details,
    }
}
