//! `/me/submissions`: what the caller sent to forms while signed in.

use axum::{extract::State, response::Response};
use formhold_domain::{SubmissionId, rfc3339};
use formhold_service::own::submissions::{OwnSubmission, list_own_submissions};
use http::Uri;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asker::Asker,
    page::{self, Page, after, limit},
    problem::Problem,
    query::Query,
    sessions::ListQuery,
};
use crate::WebState;

/// Something that one submitted oneself.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnSubmission)]
pub(crate) struct OwnSubmissionOut {
    #[schema(format = "uuid")]
    id: String,
    /// The form's name.
    form: String,
    #[schema(format = DateTime)]
    received_at: String,
    /// In the order in which they were given.
    answers: Vec<AnswerOut>,
    /// The names of the files that came with it.
    files: Vec<String>,
}

/// An answer to one field; all of its values.
#[derive(Serialize, ToSchema)]
pub(crate) struct AnswerOut {
    field: String,
    values: Vec<String>,
}

/// List what you submitted while signed in, the newest first.
#[utoipa::path(get, path = "/me/submissions", tag = "Own account", params(ListQuery),
    responses((status = 200, description = "A page of submissions.", body = Page<OwnSubmissionOut>)))]
pub(super) async fn list_submissions(
    State(state): State<WebState>,
    asker: Asker,
    uri: Uri,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let before: Option<SubmissionId> = after("own-submissions", query.cursor.as_deref())?;
    let found = list_own_submissions(&state.0.app, &asker.caller, before, limit + 1).await?;
    let id = |own: &OwnSubmission| own.submission.id.to_string();
    Ok(page::page(("own-submissions", &uri, limit), found, id, out))
}

fn out(own: &OwnSubmission) -> OwnSubmissionOut {
    let submission = &own.submission;
    let answers = [&submission.answers, &submission.undeclared];
    let answer = |(field, values): (&str, Vec<&str>)| AnswerOut {
        field: field.to_owned(),
        values: values.into_iter().map(str::to_owned).collect(),
    };
    OwnSubmissionOut {
        id: submission.id.to_string(),
        form: own.form.name.clone(),
        received_at: rfc3339(submission.received_at_ms),
        answers: answers.iter().flat_map(|it| it.grouped()).map(answer).collect(),
        files: submission.uploads.iter().map(|upload| upload.name.clone()).collect(),
    }
}
