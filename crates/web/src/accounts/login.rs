//! `/login`, `/login/factor`, `/logout`.

use axum::{extract::State, response::Response};
use formhold_domain::access::{Actor, Via};
use formhold_service::{
    ServiceError, oidc, passkeys, registration, sessions,
    sign_in::{self, Refused, Step, Ticket},
};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::{
    WebState,
    pages::{Card, FactorPage, FormState, LoginPage, ProviderView},
    visit::{
        Asked, Button, Sent, Visit,
        cookies::{self, SESSION, TICKET},
        reply,
    },
};

/// What a sign-in leads to where nothing else was asked for.
const HOME: &str = "/account";

#[derive(Default, Deserialize)]
pub(super) struct NextQuery {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct LoginForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct FactorForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    recovery_code: String,
    #[serde(default)]
    next: String,
}

/// `GET /login`.
pub(super) async fn show_login(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<NextQuery>,
) -> Response {
    if visit.is_signed_in() {
        return reply::see_other(own_path(&query.next));
    }
    login_page(&state, &visit, StatusCode::OK, &FormState::default(), &query.next).await
}

/// `POST /login`.
pub(super) async fn login(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<LoginForm>,
) -> Response {
    let again = async |status, message: &str| {
        let filled = FormState::filled([("email", form.email.as_str())]).with_error(message);
        login_page(&state, &visit, status, &filled, &form.next).await
    };
    let app = &state.0.app;
    match sign_in::by_password(app, &visit.caller, &form.email, &form.password).await {
        Ok(step) => went_on(&state, &step, &form.next),
        Err(Refused::Unconfirmed) => {
            again(
                StatusCode::FORBIDDEN,
                "The address of this account was not confirmed yet. We have sent you a new link.",
            )
            .await
        }
        Err(Refused::Failed(failure)) => failed(&failure),
        Err(_) => again(StatusCode::UNAUTHORIZED, "The address or the password is wrong.").await,
    }
}

/// `GET /login/factor`.
pub(super) async fn show_factor(
    State(state): State<WebState>,
    visit: Visit,
    headers: HeaderMap,
    Asked(query): Asked<NextQuery>,
) -> Response {
    if ticket(&state, &headers).is_none() {
        return reply::see_other("/login");
    }
    factor_page(&state, &visit, StatusCode::OK, &FormState::default(), &query.next)
}

/// `POST /login/factor`.
pub(super) async fn factor(
    State(state): State<WebState>,
    headers: HeaderMap,
    Sent { visit, fields: form }: Sent<FactorForm>,
) -> Response {
    let Some(ticket) = ticket(&state, &headers) else { return reply::see_other("/login") };
    let (app, caller) = (&state.0.app, &visit.caller);
    let (field, outcome) = if form.recovery_code.trim().is_empty() {
        ("code", sign_in::by_totp(app, caller, &ticket, &form.code).await)
    } else {
        let code = &form.recovery_code;
        ("recovery_code", sign_in::by_recovery_code(app, caller, &ticket, code).await)
    };
    match outcome {
        Ok(opened) => signed_in(&opened, &form.next),
        Err(Refused::WrongCode) => {
            let form_state = FormState::default()
                .with_problem(field, "This code is wrong, or was used already.");
            factor_page(&state, &visit, StatusCode::UNAUTHORIZED, &form_state, &form.next)
        }
        Err(Refused::Failed(failure)) => failed(&failure),
        Err(_) => {
            let mut response = reply::see_other("/login");
            cookies::clear(response.headers_mut(), TICKET);
            response
        }
    }
}

/// `POST /logout`.
pub(super) async fn logout(
    State(state): State<WebState>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Response {
    if let Actor::Person(person) = &visit.caller.actor
        && let Via::Session(id) = person.via
    {
        match sessions::end_session(&state.0.app, &visit.caller, id).await {
            // It ended by itself meanwhile.
            Ok(()) | Err(ServiceError::NotFound(_)) => {}
            Err(failure) => return reply::service_error(&failure),
        }
    }
    let mut response = reply::see_other("/login");
    cookies::clear(response.headers_mut(), SESSION);
    response
}

/// The reply to a password or a provider's word: a session, or the question for a second factor.
pub(super) fn went_on(state: &WebState, step: &Step, next: &str) -> Response {
    match step {
        Step::Done(opened) => signed_in(opened, next),
        Step::Factor(ticket) => {
            let mut response = reply::see_other(&factor_path(next));
            let (text, lifetime) = (ticket.to_text(&state.0.app), Ticket::lifetime());
            cookies::set(response.headers_mut(), TICKET, &text, Some(lifetime));
            response
        }
    }
}

/// The reply to a sign-in: the session's cookie, and nothing of what was before it.
pub(super) fn signed_in(opened: &sessions::Opened, next: &str) -> Response {
    let mut response = reply::see_other(own_path(next));
    hand_over(opened, response.headers_mut());
    response
}

/// Sets the session's cookie, and takes away what was before it.
pub(super) fn hand_over(opened: &sessions::Opened, headers: &mut HeaderMap) {
    cookies::open_session(headers, opened);
}

fn failed(failure: &ServiceError) -> Response {
    reply::service_error(failure)
}

fn ticket(state: &WebState, headers: &HeaderMap) -> Option<Ticket> {
    Ticket::parse(&state.0.app, cookies::cookie(headers, TICKET)?)
}

pub(super) async fn login_page(
    state: &WebState,
    visit: &Visit,
    status: StatusCode,
    form: &FormState,
    next: &str,
) -> Response {
    let csrf = visit.csrf(state);
    let card = Card { csrf: &csrf, flash: visit.flash() };
    let app = &state.0.app;
    let providers = oidc::providers(app).map(|(id, name)| ProviderView { id, name });
    let (next, providers) = (own_path_or_none(next), &*providers.collect::<Vec<_>>());
    let may_register = match registration::is_open(app).await {
        Ok(open) => open,
        Err(failure) => return failed(&failure),
    };
    let passkeys = passkeys::are_available(app);
    let page = LoginPage { card, form, next, providers, passkeys, may_register, may_reset: true };
    let mut response = reply::page(status, &page);
    visit.remember(response.headers_mut());
    response
}

fn factor_page(
    state: &WebState,
    visit: &Visit,
    status: StatusCode,
    form: &FormState,
    next: &str,
) -> Response {
    let csrf = visit.csrf(state);
    let card = Card { csrf: &csrf, flash: None };
    let page = FactorPage { card, form, next: own_path_or_none(next) };
    let mut response = reply::page(status, &page);
    visit.remember(response.headers_mut());
    response
}

fn factor_path(next: &str) -> String {
    let next = own_path_or_none(next);
    let encoded = percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC);
    format!("/login/factor?next={encoded}")
}

pub(super) fn own_path(next: &str) -> &str {
    match own_path_or_none(next) {
        "" => HOME,
        path => path,
    }
}

/// Only paths of these pages: anything else could lead to another site.
pub(super) fn own_path_or_none(next: &str) -> &str {
    let below = |root: &str| {
        next.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    };
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_known = below("/account") || below("/admin") || below("/invitation");
    if plain && !next.contains("//") && is_known { next } else { "" }
}
