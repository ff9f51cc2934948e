//! `/register`: an account of one's own, by confirming an address or on an invitation.

use axum::{extract::State, response::Response};
use formhold_domain::{Bearer, Language};
use formhold_service::{
    ServiceError,
    registration::{self, Invited, RegistrationIn},
};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use super::set_up::{PASSWORD_HINT, TokenQuery};
use crate::{
    WebState,
    pages::{Card, FormState, InvitedView, Link, MessagePage, RegisterPage},
    visit::{Asked, Done, Sent, Visit, reply},
};

#[derive(Deserialize)]
pub(super) struct RegisterForm {
    #[serde(default)]
    token: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

/// `GET /register`, with `?token=` on an invitation. Looking does not use the link up.
pub(super) async fn show_register(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<TokenQuery>,
) -> Response {
    let invitation = match invitation(&state, &query.token).await {
        Ok(invitation) => invitation,
        Err(failure) => return failed(&failure),
    };
    if invitation.is_none() {
        match registration::is_open(&state.0.app).await {
            Ok(true) => {}
            Ok(false) => return closed(),
            Err(failure) => return failed(&failure),
        }
    }
    let (form, invitation) = (FormState::default(), invitation.as_ref());
    page(&state, &visit, StatusCode::OK, &form, (&query.token, invitation))
}

/// `POST /register`.
pub(super) async fn register(
    State(state): State<WebState>,
    headers: HeaderMap,
    Sent { visit, fields: form }: Sent<RegisterForm>,
) -> Response {
    let (app, caller) = (&state.0.app, &visit.caller);
    let wanted = RegistrationIn {
        name: &form.name,
        email: &form.email,
        password: &form.password,
        language: language(&headers),
    };
    let outcome = match (form.token.is_empty(), Bearer::parse(&form.token)) {
        (true, _) => registration::register(app, caller, wanted).await.map(|()| Done::Registered),
        (false, Some(secret)) => registration::register_invited(app, caller, &secret, wanted)
            .await
            .map(|()| Done::InvitedRegistered),
        (false, None) => Err(ServiceError::DeadLink),
    };
    let failure = match outcome {
        Ok(done) => return reply::see_other(&done.at("/login")),
        Err(failure) => failure,
    };
    let filled = FormState::filled([("name", form.name.as_str()), ("email", form.email.as_str())]);
    let Some(problems) = reply::problems(&failure, filled) else { return failed(&failure) };
    match invitation(&state, &form.token).await {
        Ok(invitation) => {
            let invitation = (form.token.as_str(), invitation.as_ref());
            page(&state, &visit, StatusCode::UNPROCESSABLE_ENTITY, &problems, invitation)
        }
        Err(failure) => failed(&failure),
    }
}

async fn invitation(state: &WebState, token: &str) -> Result<Option<Invited>, ServiceError> {
    if token.is_empty() {
        return Ok(None);
    }
    let secret = Bearer::parse(token).ok_or(ServiceError::DeadLink)?;
    registration::find_invited(&state.0.app, &secret).await.map(Some)
}

/// The first language of the browser that mails are written in.
fn language(headers: &HeaderMap) -> Option<Language> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    accepted.split(',').find_map(|range| Language::parse(range.split(';').next()?.trim()))
}

fn failed(failure: &ServiceError) -> Response {
    match failure {
        ServiceError::Forbidden(_) => closed(),
        other => reply::service_error(other),
    }
}

fn closed() -> Response {
    let page = MessagePage {
        card: Card { csrf: "", flash: None },
        title: "You cannot register here by yourself",
        message: "Ask somebody who manages this installation for an account or an invitation.",
        link: Some(Link { path: "/login", label: "Go to the sign-in page" }),
    };
    reply::page(StatusCode::FORBIDDEN, &page)
}

fn page(
    state: &WebState,
    visit: &Visit,
    status: StatusCode,
    form: &FormState,
    (token, invited): (&str, Option<&Invited>),
) -> Response {
    let csrf = visit.csrf(state);
    let invitation = invited.map(|invited| InvitedView {
        token,
        email: invited.email.as_str(),
        workspace: invited.workspace.as_str(),
    });
    let card = Card { csrf: &csrf, flash: None };
    let page = RegisterPage { card, form, invitation, password_hint: PASSWORD_HINT };
    let mut response = reply::page(status, &page);
    visit.remember(response.headers_mut());
    response
}
