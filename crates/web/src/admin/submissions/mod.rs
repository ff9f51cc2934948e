//! The pages of what was submitted: a form's inbox, and one submission.

mod bulk;
mod columns;
mod edit;
mod events;
mod export;
mod inbox;
mod notes;
mod one;
mod shown;
mod undo;
mod watchers;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    response::Response,
    routing::{get, post},
};
use formhold_domain::{FormId, SubmissionId};

pub(crate) use watchers::Watchers;

use crate::{WebState, pages::ErrorKind, visit::reply};

/// All answers of a submission, or a thousand ids.
const MAX_FORM_BYTES: usize = 1024 * 1024;

/// The routes of these pages.
pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/admin/forms/{id}/submissions", get(inbox::show_inbox))
        .route("/admin/forms/{id}/submissions/events", get(events::watch_inbox))
        .route("/admin/forms/{id}/submissions/bulk", post(bulk::act_on_submissions))
        .route("/admin/forms/{id}/submissions/undo", post(undo::undo_move))
        .route("/admin/forms/{id}/submissions/columns", post(columns::save_columns))
        .route("/admin/forms/{id}/submissions/export", post(export::export_submissions))
        .route("/admin/submissions/{id}", get(one::show_submission))
        .route("/admin/submissions/{id}/act", post(one::act_on_submission))
        .route("/admin/submissions/{id}/edit", get(edit::show_edit).post(edit::edit_submission))
        .route(
            "/admin/submissions/{id}/delete",
            get(one::ask_delete_submission).post(one::delete_submission),
        )
        .route("/admin/submissions/{id}/notes", post(notes::add_note))
        .route("/admin/submissions/{id}/notes/{note_id}/delete", post(notes::delete_note))
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
}

/// The inbox of a form.
fn path_of(form_id: FormId) -> String {
    format!("/admin/forms/{form_id}/submissions")
}

/// The page of a submission.
fn path_of_one(id: SubmissionId) -> String {
    format!("/admin/submissions/{id}")
}

/// Where a form leads back to: a list of these pages, and nothing that it made up.
fn back_to(back: &str, form_id: FormId) -> String {
    let own = path_of(form_id);
    let is_own = back == own || back.strip_prefix(&own).is_some_and(|rest| rest.starts_with('?'));
    if is_own && back.bytes().all(|byte| byte.is_ascii_graphic()) { back.to_owned() } else { own }
}

/// The id in a path.
fn parse<T: std::str::FromStr>(id: &str) -> Result<T, Response> {
    id.parse().map_err(|_| reply::error(ErrorKind::NotFound))
}
