//! `/confirm`: shows that an address is one's own, by the link of a mail.

use axum::{extract::State, response::Response};
use formhold_domain::Bearer;
use formhold_service::{ServiceError, registration};
use http::StatusCode;
use serde::Deserialize;

use super::set_up::TokenQuery;
use crate::{
    WebState,
    pages::{Card, ConfirmEmailPage, Confirmation},
    visit::{Asked, Done, Sent, Visit, reply},
};

#[derive(Deserialize)]
pub(super) struct ConfirmForm {
    #[serde(default)]
    pub(super) token: String,
}

/// `GET /confirm?token=`. Looking does not use the link up: programs look at links in mails, too.
pub(super) async fn show_confirm(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<TokenQuery>,
) -> Response {
    let Some(secret) = Bearer::parse(&query.token) else {
        return reply::service_error(&ServiceError::DeadLink);
    };
    match registration::address_of_link(&state.0.app, &secret).await {
        Ok(email) => {
            let question = (Confirmation::Registration, email.as_str());
            page(&state, &visit, &query.token, question)
        }
        Err(failure) => reply::service_error(&failure),
    }
}

/// `POST /confirm`.
pub(super) async fn confirm(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<ConfirmForm>,
) -> Response {
    let Some(secret) = Bearer::parse(&form.token) else {
        return reply::service_error(&ServiceError::DeadLink);
    };
    match registration::confirm(&state.0.app, &visit.caller, &secret).await {
        Ok(()) => reply::see_other(&Done::Confirmed.at("/login")),
        Err(failure) => reply::service_error(&failure),
    }
}

/// The page behind a link that asks for something.
pub(super) fn page(
    state: &WebState,
    visit: &Visit,
    token: &str,
    (asks_for, email): (Confirmation, &str),
) -> Response {
    let csrf = visit.csrf(state);
    let card = Card { csrf: &csrf, flash: None };
    let page = ConfirmEmailPage { card, token, email, asks_for };
    let mut response = reply::page(StatusCode::OK, &page);
    visit.remember(response.headers_mut());
    response
}
