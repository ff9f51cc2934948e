//! `/account/password`: changes the password, or sets the first one.

use axum::{extract::State, response::Response};
use formhold_service::own::password;
use http::StatusCode;
use serde::Deserialize;

use super::set_up::PASSWORD_HINT;
use crate::{
    WebState,
    pages::{FormState, account::PasswordPage},
    visit::{Around, Done, Sent, Visit, reply},
};

const PATH: &str = "/account/password";

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    #[serde(default)]
    current_password: String,
    #[serde(default)]
    new_password: String,
}

/// `GET /account/password`.
pub(super) async fn show_password(
    State(state): State<WebState>,
    visit: Visit,
) -> Result<Response, Response> {
    page(&state, &visit, StatusCode::OK, &FormState::default()).await
}

/// `POST /account/password`.
pub(super) async fn change_password(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<PasswordForm>,
) -> Result<Response, Response> {
    let PasswordForm { current_password, new_password } = form;
    let (app, caller) = (&state.0.app, &visit.caller);
    let failure =
        match password::change_password(app, caller, &current_password, &new_password).await {
            Ok(()) => return Ok(reply::see_other(&Done::PasswordChanged.at(PATH))),
            Err(failure) => failure,
        };
    match reply::problems(&failure, FormState::default()) {
        Some(form) => page(&state, &visit, StatusCode::UNPROCESSABLE_ENTITY, &form).await,
        None => Err(visit.failed(&failure)),
    }
}

async fn page(
    state: &WebState,
    visit: &Visit,
    status: StatusCode,
    form: &FormState,
) -> Result<Response, Response> {
    let around = Around::of(state, visit).await?;
    let has_password = around.user.has_password;
    let page =
        PasswordPage { frame: around.frame(), form, has_password, password_hint: PASSWORD_HINT };
    Ok(reply::page(status, &page))
}
