//! `/setup`: the first administrator, by the link that a start shows.

use axum::{extract::State, response::Response};
use formhold_domain::Bearer;
use formhold_service::{
    ServiceError,
    first_run::{self, FirstAdmin},
};
use http::StatusCode;
use serde::Deserialize;

use super::login::signed_in;
use crate::{
    WebState,
    pages::{Card, ErrorKind, FormState, SetupPage},
    visit::{Asked, Sent, Visit, reply},
};

pub(super) const PASSWORD_HINT: &str = "At least 8 characters, and none that many people use.";

#[derive(Default, Deserialize)]
pub(super) struct TokenQuery {
    #[serde(default)]
    pub(super) token: String,
}

#[derive(Deserialize)]
pub(super) struct SetUpForm {
    #[serde(default)]
    token: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    workspace_name: String,
}

/// `GET /setup?token=`.
pub(super) async fn show_set_up(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<TokenQuery>,
) -> Response {
    let open =
        Bearer::parse(&query.token).is_some_and(|secret| first_run::is_open(&state.0.app, &secret));
    if !open {
        return reply::error(ErrorKind::LinkUsed);
    }
    page(&state, &visit, StatusCode::OK, &FormState::default(), &query.token)
}

/// `POST /setup`.
pub(super) async fn set_up(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<SetUpForm>,
) -> Response {
    let Some(secret) = Bearer::parse(&form.token) else {
        return reply::service_error(&ServiceError::DeadLink);
    };
    let workspace = form.workspace_name.trim();
    let admin = FirstAdmin {
        name: &form.name,
        email: &form.email,
        password: &form.password,
        workspace: (!workspace.is_empty()).then_some(workspace),
    };
    match first_run::set_up(&state.0.app, &visit.caller, &secret, &admin).await {
        Ok(opened) => signed_in(&opened, ""),
        Err(failure) => {
            let filled = FormState::filled([
                ("name", form.name.as_str()),
                ("email", form.email.as_str()),
                ("workspace_name", form.workspace_name.as_str()),
            ]);
            match reply::problems(&failure, filled) {
                Some(problems) => {
                    page(&state, &visit, StatusCode::UNPROCESSABLE_ENTITY, &problems, &form.token)
                }
                None => reply::service_error(&failure),
            }
        }
    }
}

fn page(
    state: &WebState,
    visit: &Visit,
    status: StatusCode,
    form: &FormState,
    token: &str,
) -> Response {
    let csrf = visit.csrf(state);
    let card = Card { csrf: &csrf, flash: None };
    let page = SetupPage { card, form, token, password_hint: PASSWORD_HINT };
    let mut response = reply::page(status, &page);
    visit.remember(response.headers_mut());
    response
}
