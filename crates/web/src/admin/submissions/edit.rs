//! `/admin/submissions/{id}/edit`: correcting what was answered.

use axum::extract::{Path, State};
use formhold_domain::{Answers, FieldType, SubmissionId, access::Action};
use formhold_service::submissions::{
    change::{self, SubmissionPatch},
    inbox::{self, Opened},
};
use http::StatusCode;
use serde::Deserialize;

use super::{parse, path_of_one, shown};
use crate::{
    WebState,
    admin::{Shown, forms::FormAround, status_of},
    pages::{
        FormState,
        admin::{EditSubmissionPage, EditedAnswer, FormTab},
    },
    visit::{Around, Done, Sent, Visit, reply},
};

#[derive(Deserialize)]
pub(super) struct EditForm {
    #[serde(default)]
    version: u32,
    /// The names and the values, in the same order.
    #[serde(default)]
    field: Vec<String>,
    #[serde(default)]
    value: Vec<String>,
}

/// `GET /admin/submissions/{id}/edit`.
pub(super) async fn show_edit(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let id: SubmissionId = parse(&id)?;
    let opened = inbox::open(&state.0.app, &visit.caller, Action::ChangeSubmissions, id).await;
    let opened = opened.map_err(|failure| visit.failed(&failure))?;
    let (version, pairs) = (opened.item.handling.version, pairs(&opened));
    draw(&state, &visit, (&opened, version), (StatusCode::OK, &FormState::default()), pairs).await
}

/// `POST /admin/submissions/{id}/edit`.
pub(super) async fn edit_submission(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: form }: Sent<EditForm>,
) -> Shown {
    let id: SubmissionId = parse(&id)?;
    let (app, caller) = (&state.0.app, &visit.caller);
    let opened = inbox::open(app, caller, Action::ChangeSubmissions, id).await;
    let opened = opened.map_err(|failure| visit.failed(&failure))?;
    let entered: Vec<(String, String)> = form.field.into_iter().zip(form.value).collect();
    let before = &opened.item.submission.answers;
    // What was not answered before and is not answered now is no empty answer.
    let is_there = |(name, value): &&(String, String)| {
        !value.is_empty() || before.values(name).any(str::is_empty)
    };
    let answers: Answers = entered.iter().filter(is_there).cloned().collect();
    let patch = SubmissionPatch { answers: Some(answers), ..SubmissionPatch::default() };
    let changed = change::change_submission(app, caller, id, Some(form.version), patch).await;
    let failure = match changed {
        Ok(_) => return Ok(reply::see_other(&Done::SubmissionSaved.at(&path_of_one(id)))),
        Err(failure) => failure,
    };
    let wrong = reply::problems(&failure, FormState::default());
    let wrong = wrong.ok_or_else(|| visit.failed(&failure))?;
    // Once more saves what is entered over what is there by now, which the page says.
    let version = opened.item.handling.version;
    draw(&state, &visit, (&opened, version), (status_of(&failure), &wrong), entered).await
}

/// The answers in their order, and behind them what the form asks and nobody answered.
fn pairs(opened: &Opened) -> Vec<(String, String)> {
    let answers = &opened.item.submission.answers;
    let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let mut pairs: Vec<(String, String)> = answers.iter().map(pair).collect();
    let asked = opened.form.definition.fields.iter().filter(|it| it.kind != FieldType::File);
    let missing = asked.filter(|field| answers.first(&field.name).is_none());
    pairs.extend(missing.map(|field| (field.name.clone(), String::new())));
    pairs
}

async fn draw(
    state: &WebState,
    visit: &Visit,
    (opened, version): (&Opened, u32),
    (status, form): (StatusCode, &FormState),
    pairs: Vec<(String, String)>,
) -> Shown {
    let around = Around::of(state, visit).await?;
    let form_id = opened.form.identity.id.to_string();
    let about = FormAround::of(state, visit, Action::ChangeSubmissions, &form_id).await?;
    let mut seen: Vec<String> = Vec::new();
    let mut answers = Vec::new();
    for (field, value) in pairs {
        seen.push(field.clone());
        let times = seen.iter().filter(|name| **name == field).count();
        let label = shown::label(&opened.form, &field);
        let label = if times > 1 { format!("{label} ({times})") } else { label.to_owned() };
        answers.push(EditedAnswer { field, label, value });
    }
    let page = EditSubmissionPage {
        frame: around.frame(),
        about: about.frame(FormTab::Inbox),
        id: &opened.item.submission.id.to_string(),
        version,
        form,
        answers: &answers,
    };
    Ok(reply::page(status, &page))
}
