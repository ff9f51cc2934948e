//! `/admin/forms/new`, and copies: how forms come to be.

use axum::{
    extract::{Path, State},
    response::Response,
};
use formhold_domain::{FormDefinition, Notation, access::Action};
use formhold_service::{
    ServiceError,
    access::require,
    forms::{self, STARTS},
};
use http::StatusCode;
use serde::Deserialize;

use super::list::workspace_of;
use crate::{
    WebState,
    admin::{Shown, status_of},
    pages::{ErrorKind, FormState, admin::NewFormPage},
    visit::{Around, Button, Done, Sent, Visit, reply},
};

#[derive(Deserialize)]
pub(in crate::admin) struct NewForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    slug: String,
    #[serde(default)]
    start: String,
    /// In place of the others.
    definition: Option<String>,
}

/// `GET /admin/forms/new`.
pub(in crate::admin) async fn show_new_form(State(state): State<WebState>, visit: Visit) -> Shown {
    let around = Around::of(&state, &visit).await?;
    may_create(&visit, &around)?;
    let form = FormState::filled([("start", "contact")]);
    Ok(page(&around, StatusCode::OK, &form, &FormState::default()))
}

/// `POST /admin/forms/new`.
pub(in crate::admin) async fn create_form(
    State(state): State<WebState>,
    Sent { visit, fields: sent }: Sent<NewForm>,
) -> Shown {
    let around = Around::of(&state, &visit).await?;
    may_create(&visit, &around)?;
    let app = &state.0.app;
    let definition = match &sent.definition {
        Some(text) => match read(text) {
            Ok(definition) => Ok(definition),
            Err(problem) => {
                let code = FormState::filled([("definition", text)])
                    .with_problem("definition", sentence(&problem));
                let form = FormState::filled([("start", "contact")]);
                return Ok(page(&around, StatusCode::UNPROCESSABLE_ENTITY, &form, &code));
            }
        },
        None => forms::start(app, &sent.start, &sent.name, &sent.slug).await,
    };
    let made = match definition {
        Ok(definition) => {
            forms::create_form(app, &visit.caller, workspace_of(&around), definition).await
        }
        Err(failure) => Err(failure),
    };
    let failure = match made {
        Ok(made) => {
            let path = format!("/admin/forms/{}/fields", made.record.id);
            return Ok(reply::see_other(&Done::FormCreated.at(&path)));
        }
        Err(failure) => failure,
    };
    let (form, code) = match sent.definition {
        Some(text) => (FormState::filled([("start", "contact")]), Some(text)),
        None => {
            let typed = [("name", sent.name), ("slug", sent.slug), ("start", sent.start)];
            (FormState::filled(typed), None)
        }
    };
    let status = status_of(&failure);
    Ok(match code {
        None => {
            let form = told(&failure, form).ok_or_else(|| visit.failed(&failure))?;
            page(&around, status, &form, &FormState::default())
        }
        Some(text) => {
            let code = FormState::filled([("definition", text)]);
            let code = as_code(&failure, code).ok_or_else(|| visit.failed(&failure))?;
            page(&around, status, &form, &code)
        }
    })
}

/// `POST /admin/forms/{id}/duplicate`.
pub(in crate::admin) async fn duplicate_form(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, .. }: Sent<Button>,
) -> Shown {
    let id = super::around::parse(&id)?;
    let made = forms::duplicate_form(&state.0.app, &visit.caller, id, None, None).await;
    let made = made.map_err(|failure| visit.failed(&failure))?;
    let path = format!("/admin/forms/{}/settings", made.record.id);
    Ok(reply::see_other(&Done::FormCreated.at(&path)))
}

/// A definition in TOML or JSON, whichever it looks like.
pub(super) fn read(text: &str) -> Result<FormDefinition, String> {
    let is_json = text.trim_start().starts_with('{');
    let notation = if is_json { Notation::Json } else { Notation::Toml };
    FormDefinition::read(text, notation).map_err(|problem| problem.to_string())
}

/// What is wrong with a definition that was typed as code, at the one field that there is.
pub(super) fn as_code(failure: &ServiceError, form: FormState) -> Option<FormState> {
    match failure {
        ServiceError::Definition { problems, .. } => {
            Some(problems.iter().fold(form, |form, problem| {
                form.with_problem("definition", sentence(&problem.to_string()))
            }))
        }
        other => reply::problems(other, form),
    }
}

/// What is wrong with a form that was typed, at its fields.
pub(super) fn told(failure: &ServiceError, form: FormState) -> Option<FormState> {
    let ServiceError::Definition { problems, .. } = failure else {
        return match failure {
            ServiceError::Invalid(problems) => Some(problems.iter().fold(form, |form, problem| {
                form.with_problem(problem.field, about_field(problem.field, &problem.message))
            })),
            other => reply::problems(other, form),
        };
    };
    Some(problems.iter().fold(form, |form, problem| {
        // `protection.spam.banned_words[1]` is typed into `banned_words`.
        let place = problem.place.split(['[', ' ']).next().unwrap_or_default();
        let field = place.rsplit('.').next().unwrap_or_default();
        let message = match problem.message.starts_with('`') {
            true => sentence(&problem.message),
            false => about_field(field, &problem.message),
        };
        form.with_problem(field, message)
    }))
}

/// What is wrong with a field, also when it is read away from it: begins with what the field is called.
pub(super) fn about_field(name: &str, message: &str) -> String {
    sentence(&format!("{} {message}", name.replace('_', " ")))
}

/// Begins with a capital and ends with a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.trim().chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let whole = format!("{first}{}", chars.as_str());
    if whole.ends_with(['.', '!', '?']) { whole } else { format!("{whole}.") }
}

fn may_create(visit: &Visit, around: &Around) -> Result<(), Response> {
    let Some(id) = workspace_of(around) else { return Err(reply::error(ErrorKind::Forbidden)) };
    require(&visit.caller, Action::ChangeForms, Some(id)).map_err(|failure| visit.failed(&failure))
}

fn page(around: &Around, status: StatusCode, form: &FormState, code: &FormState) -> Response {
    let starts: Vec<_> = STARTS.iter().map(|it| (it.name, it.label, it.text)).collect();
    reply::page(status, &NewFormPage { frame: around.frame(), form, code, starts: &starts })
}
