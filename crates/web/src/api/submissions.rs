//! `/forms/{id}/submissions` and `/submissions`: what was submitted, seen and changed one by one.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use formhold_domain::{FormId, InboxItem, SubmissionId, SubmissionState, Tag, access::Action};
use formhold_service::submissions::{
    change::{self, SubmissionPatch},
    inbox,
};
use http::{StatusCode, Uri};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    asker::Asker,
    body::{Json, given},
    id::Id,
    page::{self, Page, after, limit},
    problem::Problem,
    query::Query,
    schemas,
    submission_filters::{Wanted, in_address},
    submission_out::{AnswerOut, SubmissionOut, answers_in},
    version::{IfMatch, versioned},
};
use crate::WebState;

/// Which submissions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SubmissionsQuery {
    /// Where they lie; the inbox where it is left out.
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
    #[param(schema_with = schemas::limit, required = false)]
    limit: Option<u16>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What is to change of a submission; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubmissionPatch)]
pub(crate) struct ChangedSubmission {
    /// Where it is put. Into or out of the spam folder it teaches the form.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = schemas::submission_state, required = false)]
    state: Option<SubmissionState>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    is_read: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    is_starred: Option<bool>,
    /// All of its tags: up to 50 of up to 40 characters, without commas.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<String>>, nullable = false, max_items = 50)]
    tags: Option<Vec<Tag>>,
    /// All of its answers. They need not fit the form; its history keeps every value.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_items = 1000)]
    answers: Option<Vec<AnswerOut>>,
}

/// List a form's submissions, the newest first.
#[utoipa::path(get, path = "/forms/{id}/submissions", tag = "Submissions", params(SubmissionsQuery),
    responses((status = 200, description = "A page of submissions.", body = Page<SubmissionOut>)))]
pub(super) async fn list_form_submissions(
    State(state): State<WebState>,
    asker: Asker,
    Id(form_id): Id<FormId>,
    uri: Uri,
    Query(query): Query<SubmissionsQuery>,
) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let before: Option<SubmissionId> = after("submissions", query.cursor.as_deref())?;
    let filter = query.wanted().filter(form_id)?;
    let app = &state.0.app;
    let found = inbox::list_inbox(app, &asker.caller, &filter, before, limit + 1).await?;
    let id = |item: &InboxItem| item.submission.id.to_string();
    Ok(page::page(("submissions", &uri, limit), found, id, |item| SubmissionOut::of(app, item)))
}

impl SubmissionsQuery {
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

/// See a submission.
#[utoipa::path(get, path = "/submissions/{id}", tag = "Submissions",
    responses((status = 200, description = "The submission.", body = SubmissionOut)))]
pub(super) async fn get_submission(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<SubmissionId>,
) -> Result<Response, Problem> {
    let opened = inbox::open(&state.0.app, &asker.caller, Action::SeeSubmissions, id).await?;
    Ok(reply(&state, &opened.item))
}

/// Change a submission.
///
/// All of it or nothing.
#[utoipa::path(patch, path = "/submissions/{id}", tag = "Submissions", request_body = ChangedSubmission,
    responses((status = 200, description = "The submission as it is now.", body = SubmissionOut)))]
pub(super) async fn change_submission(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<SubmissionId>,
    IfMatch(version): IfMatch,
    Json(changed): Json<ChangedSubmission>,
) -> Result<Response, Problem> {
    let ChangedSubmission { state: to, is_read, is_starred, tags, answers } = changed;
    let answers = answers.map(answers_in);
    let patch = SubmissionPatch { state: to, is_read, is_starred, tags, answers };
    let (app, version) = (&state.0.app, handled(version));
    let item = change::change_submission(app, &asker.caller, id, version, patch).await?;
    Ok(reply(&state, &item))
}

/// How a submission is deleted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteQuery {
    /// Deletes one that lies in the trash, with its files and all that hangs on it.
    #[serde(default)]
    #[param(required = false)]
    for_good: bool,
}

/// Put a submission into the trash, or delete one that lies there for good.
#[utoipa::path(delete, path = "/submissions/{id}", tag = "Submissions", params(DeleteQuery),
    responses((status = 204, description = "It lies in the trash, or is gone.")))]
pub(super) async fn delete_submission(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<SubmissionId>,
    IfMatch(version): IfMatch,
    Query(DeleteQuery { for_good }): Query<DeleteQuery>,
) -> Result<Response, Problem> {
    let (app, caller, version) = (&state.0.app, &asker.caller, handled(version));
    if for_good {
        change::delete_submission_for_good(app, caller, id, version).await?;
    } else {
        let patch =
            SubmissionPatch { state: Some(SubmissionState::Trash), ..SubmissionPatch::default() };
        change::change_submission(app, caller, id, version, patch).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Take a submission out of the trash, to where it was before.
///
/// One that lies somewhere else stays there.
#[utoipa::path(post, path = "/submissions/{id}/restore", tag = "Submissions",
    responses((status = 200, description = "The submission as it is now.", body = SubmissionOut)))]
pub(super) async fn restore_submission(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<SubmissionId>,
) -> Result<Response, Problem> {
    let item = change::restore_submission(&state.0.app, &asker.caller, id).await?;
    Ok(reply(&state, &item))
}

/// Versions in tags begin with 1, those of what nobody touched yet with 0.
fn reply(state: &WebState, item: &InboxItem) -> Response {
    let out = SubmissionOut::of(&state.0.app, item);
    versioned(StatusCode::OK, item.handling.version.saturating_add(1), out)
}

/// A tag that is none of ours, which has become 0, matches nothing.
fn handled(version: Option<u32>) -> Option<u32> {
    version.map(|version| version.checked_sub(1).unwrap_or(u32::MAX))
}
