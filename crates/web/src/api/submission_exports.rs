//! `/forms/{id}/export`: submissions as a file, streamed at once.

use axum::{extract::State, response::Response};
use formhold_domain::{FormId, SubmissionState};
use formhold_service::submissions::exports::{Selection, export_submissions as export};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    asker::Asker,
    id::Id,
    problem::Problem,
    query::{Query, wrong},
    schemas,
    submission_filters::{Wanted, in_address},
    user_exports::format_named,
};
use crate::{WebState, exported};

/// Which submissions, and in which format.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    #[param(schema_with = schemas::export_format, required = true)]
    format: String,
    /// Where they lie. Without it, and without another filter, all of the form are exported.
    #[param(schema_with = schemas::submission_state, required = false)]
    state: Option<SubmissionState>,
    /// Whether somebody looked at them.
    is_read: Option<bool>,
    /// Only those with a star.
    is_starred: Option<bool>,
    /// Only those with this tag.
    #[param(min_length = 1, max_length = 40)]
    tag: Option<String>,
    /// Words that answers or names of files must have: all of them. "Words in quotes" stand together,
    /// begin* finds beginnings.
    #[param(min_length = 1, max_length = 500)]
    q: Option<String>,
    /// Not before this time.
    #[param(format = DateTime)]
    created_after: Option<String>,
    /// Before this time.
    #[param(format = DateTime)]
    created_before: Option<String>,
}

/// Export submissions, the newest first.
///
/// A stream that breaks off is an export that failed. Where the request says `TE: trailers`, the
/// trailers `Formhold-Export-Rows` and `Formhold-Export-Sha256` state what was sent.
#[utoipa::path(get, path = "/forms/{id}/export", tag = "Submissions", params(ExportQuery),
    responses((status = 200, description = "The file, in the format that was asked for.",
        content(
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (String = "application/x-ndjson"),
            (String = "application/json"),
        ))))]
pub(super) async fn export_submissions(
    State(state): State<WebState>,
    asker: Asker,
    Id(form_id): Id<FormId>,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Problem> {
    let format = format_named(&query.format)?;
    let wanted = query.wanted();
    let selection = match (wanted.is_everything(), wanted.state) {
        (true, _) => Selection::Form(form_id),
        (false, None) => {
            return Err(wrong("state", "must be there beside another filter"));
        }
        (false, Some(_)) => Selection::Filtered(wanted.filter(form_id)?),
    };
    let found = export(&state.0.app, &asker.caller, selection, format).await?;
    Ok(exported::file(&found.slug, format, found.content))
}

impl ExportQuery {
    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            state: self.state,
            is_read: self.is_read,
            is_starred: self.is_starred,
            tag: self.tag.as_deref(),
            q: self.q.as_deref(),
            created_after: self.created_after.as_deref(),
            created_before: self.created_before.as_deref(),
            at: in_address,
        }
    }
}
