//! `/forgot`: asks for a link that sets a new password.

use axum::{extract::State, response::Response};
use formhold_service::forgotten;
use http::StatusCode;
use serde::Deserialize;

use crate::{
    WebState,
    pages::{Card, ForgotPage, FormState},
    visit::{Done, Sent, Visit, reply},
};

#[derive(Deserialize)]
pub(super) struct ForgotForm {
    #[serde(default)]
    email: String,
}

/// `GET /forgot`.
pub(super) async fn show_forgot(State(state): State<WebState>, visit: Visit) -> Response {
    page(&state, &visit, StatusCode::OK, &FormState::default())
}

/// `POST /forgot`.
pub(super) async fn forgot(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<ForgotForm>,
) -> Response {
    match forgotten::send_link(&state.0.app, &visit.caller, &form.email).await {
        Ok(()) => reply::see_other(&Done::PasswordLinkSent.at("/login")),
        Err(failure) => {
            let filled = FormState::filled([("email", form.email.as_str())]);
            match reply::problems(&failure, filled) {
                Some(problems) => page(&state, &visit, StatusCode::UNPROCESSABLE_ENTITY, &problems),
                None => reply::service_error(&failure),
            }
        }
    }
}

fn page(state: &WebState, visit: &Visit, status: StatusCode, form: &FormState) -> Response {
    let csrf = visit.csrf(state);
    let card = Card { csrf: &csrf, flash: None };
    let mut response = reply::page(status, &ForgotPage { card, form });
    visit.remember(response.headers_mut());
    response
}
