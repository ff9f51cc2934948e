//! `POST /admin/forms/{id}/submissions/export`: those that are chosen, that match, or all, as a file.

use axum::extract::{Path, State};
use formhold_domain::{FormId, SubmissionId};
use formhold_service::{
    exports::Format,
    submissions::exports::{Selection, export_submissions as export},
};
use serde::Deserialize;

use super::{inbox::InboxQuery, parse};
use crate::{
    WebState,
    admin::Shown,
    exported,
    pages::ErrorKind,
    visit::{Sent, reply},
};

#[derive(Deserialize)]
pub(super) struct ExportForm {
    #[serde(default)]
    format: String,
    #[serde(default)]
    ids: Vec<SubmissionId>,
    #[serde(default)]
    all: String,
    /// `form` for all of it, wherever it lies.
    #[serde(default)]
    which: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    read: String,
    #[serde(default)]
    starred: String,
    #[serde(default)]
    tag: Vec<String>,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// `POST /admin/forms/{id}/submissions/export`.
pub(super) async fn export_submissions(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: form }: Sent<ExportForm>,
) -> Shown {
    let form_id: FormId = parse(&id)?;
    let format = Format::named(&form.format).ok_or_else(|| reply::error(ErrorKind::NotFound))?;
    let tag = form.tag.first().cloned().unwrap_or_default();
    let query = InboxQuery::of([
        &form.state,
        &form.q,
        &form.read,
        &form.starred,
        &tag,
        &form.from,
        &form.to,
    ]);
    let selection = match (form.which.as_str(), form.ids.is_empty() || form.all == "yes") {
        ("form", _) => Selection::Form(form_id),
        (_, false) => Selection::Named(form_id, form.ids),
        (_, true) => Selection::Filtered(query.read(form_id).0),
    };
    let found = export(&state.0.app, &visit.caller, selection, format).await;
    let found = found.map_err(|failure| visit.failed(&failure))?;
    Ok(exported::file(&found.slug, format, found.content))
}
