//! `/account/email`: moves the account to another address, when both agree.

use axum::{extract::State, response::Response};
use formhold_domain::{Bearer, accounts::LinkKind};
use formhold_service::{
    ServiceError,
    own::email::{self, Agreed},
};
use http::StatusCode;
use serde::Deserialize;

use super::{
    confirm::{self, ConfirmForm},
    set_up::TokenQuery,
};
use crate::{
    WebState,
    pages::{
        Confirmation, FormState, TimeView,
        account::{EmailPage, PendingEmail},
    },
    visit::{Around, Asked, Button, Done, Sent, Visit, reply},
};

const PATH: &str = "/account/email";

#[derive(Deserialize)]
pub(super) struct EmailForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    current_password: String,
}

/// `GET /account/email`.
pub(super) async fn show_email(
    State(state): State<WebState>,
    visit: Visit,
) -> Result<Response, Response> {
    page(&state, &visit, StatusCode::OK, &FormState::default()).await
}

/// `POST /account/email`.
pub(super) async fn ask_for_email(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<EmailForm>,
) -> Result<Response, Response> {
    let asked = email::ask(&state.0.app, &visit.caller, &form.email, &form.current_password).await;
    let failure = match asked {
        Ok(()) => return Ok(reply::see_other(&Done::EmailAsked.at(PATH))),
        Err(failure) => failure,
    };
    match reply::problems(&failure, FormState::filled([("email", form.email.as_str())])) {
        Some(form) => page(&state, &visit, StatusCode::UNPROCESSABLE_ENTITY, &form).await,
        None => Err(visit.failed(&failure)),
    }
}

/// `POST /account/email/cancel`.
pub(super) async fn cancel_email(
    State(state): State<WebState>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Response {
    match email::cancel(&state.0.app, &visit.caller).await {
        Ok(()) => reply::see_other(&Done::EmailCancelled.at(PATH)),
        Err(failure) => visit.failed(&failure),
    }
}

/// `GET /account/email/agree?token=`. Nobody needs to be signed in: the mail may be read elsewhere.
pub(super) async fn show_agree(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<TokenQuery>,
) -> Response {
    let Some(secret) = Bearer::parse(&query.token) else {
        return reply::service_error(&ServiceError::DeadLink);
    };
    match email::question(&state.0.app, &secret).await {
        Ok(question) => {
            let asks_for = match question.kind {
                LinkKind::LeaveEmail => Confirmation::OldAddress,
                _ => Confirmation::NewAddress,
            };
            let question = (asks_for, question.new_email.as_str());
            confirm::page(&state, &visit, &query.token, question)
        }
        Err(failure) => reply::service_error(&failure),
    }
}

/// `POST /account/email/agree`.
pub(super) async fn agree(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<ConfirmForm>,
) -> Response {
    let Some(secret) = Bearer::parse(&form.token) else {
        return reply::service_error(&ServiceError::DeadLink);
    };
    let done = match email::agree(&state.0.app, &visit.caller, &secret).await {
        Ok(Agreed::One) => Done::EmailAgreed,
        Ok(Agreed::Both) => Done::EmailChanged,
        Err(failure) => return reply::service_error(&failure),
    };
    reply::see_other(&done.at(if visit.is_signed_in() { PATH } else { "/login" }))
}

async fn page(
    state: &WebState,
    visit: &Visit,
    status: StatusCode,
    form: &FormState,
) -> Result<Response, Response> {
    let around = Around::of(state, visit).await?;
    let waiting = email::pending(&state.0.app, &visit.caller).await;
    let waiting = waiting.map_err(|failure| visit.failed(&failure))?;
    let pending = waiting.as_ref().map(|waiting| PendingEmail {
        email: waiting.new_email.as_str(),
        expires: TimeView::at_ms(waiting.expires_at_ms()),
    });
    let has_password = around.user.has_password;
    let page = EmailPage { frame: around.frame(), form, pending, has_password };
    Ok(reply::page(status, &page))
}
