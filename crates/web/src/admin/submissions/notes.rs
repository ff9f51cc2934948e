//! `/admin/submissions/{id}/notes`: what people write about a submission for each other.

use axum::extract::{Path, State};
use formhold_domain::{NoteId, SubmissionId};
use formhold_service::submissions::notes;
use serde::Deserialize;

use super::{one::page, parse, path_of_one};
use crate::{
    WebState,
    admin::{Shown, status_of},
    pages::FormState,
    visit::{Button, Done, Sent, reply},
};

#[derive(Deserialize)]
pub(super) struct NoteForm {
    #[serde(default)]
    text: String,
}

/// `POST /admin/submissions/{id}/notes`.
pub(super) async fn add_note(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: form }: Sent<NoteForm>,
) -> Shown {
    let id: SubmissionId = parse(&id)?;
    let failure = match notes::add_note(&state.0.app, &visit.caller, id, &form.text).await {
        Ok(_) => return Ok(reply::see_other(&Done::NoteAdded.at(&path_of_one(id)))),
        Err(failure) => failure,
    };
    let entered = FormState::filled([("text", form.text)]);
    let entered = reply::problems(&failure, entered).ok_or_else(|| visit.failed(&failure))?;
    page(&state, &visit, id, status_of(&failure), &entered).await
}

/// `POST /admin/submissions/{id}/notes/{note_id}/delete`.
pub(super) async fn delete_note(
    State(state): State<WebState>,
    Path((id, note_id)): Path<(String, String)>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let (id, note_id): (SubmissionId, NoteId) = (parse(&id)?, parse(&note_id)?);
    let deleted = notes::delete_note(&state.0.app, &visit.caller, id, note_id).await;
    deleted.map_err(|failure| visit.failed(&failure))?;
    Ok(reply::see_other(&Done::NoteDeleted.at(&path_of_one(id))))
}
