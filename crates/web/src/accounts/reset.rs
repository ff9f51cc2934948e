//! `/reset`: a new password, by the link of a mail or of an administrator.

use axum::{extract::State, response::Response};
use formhold_domain::Bearer;
use formhold_service::{ServiceError, forgotten};
use http::StatusCode;
use serde::Deserialize;

use super::set_up::{PASSWORD_HINT, TokenQuery};
use crate::{
    WebState,
    pages::{Card, FormState, Link, MessagePage, ResetPage},
    visit::{Asked, Sent, Visit, reply},
};

#[derive(Deserialize)]
pub(super) struct ResetForm {
    #[serde(default)]
    token: String,
    #[serde(default)]
    new_password: String,
}

/// `GET /reset?token=`. Looking does not use the link up: programs look at links in mails, too.
pub(super) async fn show_reset(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<TokenQuery>,
) -> Response {
    page(&state, &visit, StatusCode::OK, &FormState::default(), &query.token)
}

/// `POST /reset`.
pub(super) async fn reset(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<ResetForm>,
) -> Response {
    let Some(secret) = Bearer::parse(&form.token) else {
        return reply::service_error(&ServiceError::DeadLink);
    };
    let (app, caller) = (&state.0.app, &visit.caller);
    match forgotten::reset_password(app, caller, &secret, &form.new_password).await {
        Ok(()) => {
            let done = MessagePage {
                card: Card { csrf: "", flash: None },
                title: "Your password is set",
                message: "You can sign in with it now. All other browsers were signed out.",
                link: Some(Link { path: "/login", label: "Sign in" }),
            };
            reply::page(StatusCode::OK, &done)
        }
        Err(failure) => match reply::problems(&failure, FormState::default()) {
            Some(problems) => {
                page(&state, &visit, StatusCode::UNPROCESSABLE_ENTITY, &problems, &form.token)
            }
            None => reply::service_error(&failure),
        },
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
    let page = ResetPage { card, form, token, email: None, password_hint: PASSWORD_HINT };
    let mut response = reply::page(status, &page);
    visit.remember(response.headers_mut());
    response
}
