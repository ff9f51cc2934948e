//! `/account/submissions`: what somebody sent to forms while signed in.

use axum::{extract::State, response::Response};
use formhold_domain::{FieldDefinition, Submission, SubmissionId};
use formhold_service::own::submissions::list_own_submissions;
use http::StatusCode;
use serde::Deserialize;

use crate::{
    WebState,
    pages::{
        TimeView,
        account::{AnswerView, OwnSubmission, SubmissionsPage},
    },
    visit::{Around, Asked, Visit, reply},
};

const ON_A_PAGE: usize = 20;

#[derive(Default, Deserialize)]
pub(super) struct PageQuery {
    before: Option<SubmissionId>,
}

/// `GET /account/submissions?before=`.
pub(super) async fn show_submissions(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<PageQuery>,
) -> Result<Response, Response> {
    let around = Around::of(&state, &visit).await?;
    // One more than is shown tells whether there is another page.
    let limit = ON_A_PAGE as u64 + 1;
    let found = list_own_submissions(&state.0.app, &visit.caller, query.before, limit).await;
    let mut found = found.map_err(|failure| visit.failed(&failure))?;
    let goes_on = found.len() > ON_A_PAGE;
    found.truncate(ON_A_PAGE);
    let next = found.last().filter(|_| goes_on).map(|last| {
        let last = last.submission.id;
        format!("/account/submissions?before={last}")
    });
    let answers: Vec<Vec<(String, String)>> =
        found.iter().map(|it| answers(&it.submission, &it.form.fields)).collect();
    let rows: Vec<OwnSubmission<'_>> = found
        .iter()
        .zip(&answers)
        .map(|(own, answers)| OwnSubmission {
            form_name: &own.form.name,
            received: TimeView::at_ms(own.submission.received_at_ms),
            answers: answers.iter().map(|(label, value)| AnswerView { label, value }).collect(),
        })
        .collect();
    let page = SubmissionsPage { frame: around.frame(), submissions: &rows, next: next.as_deref() };
    Ok(reply::page(StatusCode::OK, &page))
}

/// Labels and values: the form's fields in their order, then what it did not declare, then files that
/// belong to none of its fields.
fn answers(submission: &Submission, fields: &[FieldDefinition]) -> Vec<(String, String)> {
    let mut shown = Vec::new();
    let files = |name: &str| {
        let files = submission.uploads.iter().filter(|upload| upload.field == name);
        files.map(|upload| upload.name.clone()).collect::<Vec<_>>()
    };
    for field in fields {
        let mut values: Vec<String> =
            submission.answers.values(&field.name).map(|value| chosen(field, value)).collect();
        values.extend(files(&field.name));
        values.retain(|value| !value.is_empty());
        if !values.is_empty() {
            shown.push((field.label().to_owned(), values.join("\n")));
        }
    }
    let is_declared = |name: &str| fields.iter().any(|field| field.name == name);
    for answers in [&submission.answers, &submission.undeclared] {
        for (name, values) in answers.grouped() {
            if !is_declared(name) {
                shown.push((name.to_owned(), values.join("\n")));
            }
        }
    }
    for upload in submission.uploads.iter().filter(|upload| !is_declared(&upload.field)) {
        shown.push((upload.field.clone(), upload.name.clone()));
    }
    shown
}

/// What was chosen, as the form called it.
fn chosen(field: &FieldDefinition, value: &str) -> String {
    let option = field.options.iter().find(|option| option.value() == value);
    option.map_or(value, |option| option.label()).to_owned()
}
