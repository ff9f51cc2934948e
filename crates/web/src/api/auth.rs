//! `/auth`: signing in and out, for clients that hold a cookie.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use formhold_domain::{
    access::{Actor, Caller, Via},
    rfc3339,
};
use formhold_service::{
    ServiceError, csrf, sessions,
    sign_in::{self, Step, Ticket},
    users,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asker::Asker,
    body::Json,
    problem::{Code, Problem},
    users::UserOut,
};
use crate::{
    WebState,
    visit::cookies::{self, SESSION},
};

/// What somebody signs in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginIn {
    #[schema(max_length = 254, example = "hanna@example.org")]
    email: String,
    #[schema(max_length = 1024, format = Password)]
    password: String,
}

/// The second factor: one of the two codes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactorIn {
    /// What the password led to; it is good for ten minutes.
    ticket: String,
    /// The code that the app shows.
    #[schema(example = "123456")]
    code: Option<String>,
    /// A recovery code, in place of the app.
    recovery_code: Option<String>,
}

/// What a sign-in led to.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoginOut {
    /// Whether a code is asked for before the session begins.
    needs_factor: bool,
    /// To be sent back with the code; null when signed in.
    ticket: Option<String>,
    /// Who is signed in; null until then.
    user: Option<UserOut>,
    /// For the header `X-Csrf-Token` of changes by this session; null until signed in.
    csrf_token: Option<String>,
    /// When the session ends whatever happens; null until signed in.
    #[schema(format = DateTime)]
    session_expires_at: Option<String>,
}

/// Sign in by address and password.
///
/// Opens a session in the cookie `__Host-formhold_session`. Programs use a token instead.
#[utoipa::path(post, path = "/auth/login", tag = "Session", request_body = LoginIn, security(()),
    responses((status = 200, description = "Signed in, or asked for the second factor.", body = LoginOut)))]
pub(super) async fn login(
    State(state): State<WebState>,
    asker: Asker,
    Json(form): Json<LoginIn>,
) -> Result<Response, Problem> {
    let app = &state.0.app;
    match sign_in::by_password(app, &asker.caller, &form.email, &form.password).await? {
        Step::Done(opened) => signed_in(&state, &asker.caller, &opened).await,
        Step::Factor(ticket) => Ok(axum::Json(LoginOut {
            needs_factor: true,
            ticket: Some(ticket.to_text(app)),
            user: None,
            csrf_token: None,
            session_expires_at: None,
        })
        .into_response()),
    }
}

/// Sign in by the second factor, after the password.
#[utoipa::path(post, path = "/auth/login/factor", tag = "Session", request_body = FactorIn, security(()),
    responses((status = 200, description = "Signed in.", body = LoginOut)))]
pub(super) async fn login_factor(
    State(state): State<WebState>,
    asker: Asker,
    Json(form): Json<FactorIn>,
) -> Result<Response, Problem> {
    let (app, caller) = (&state.0.app, &asker.caller);
    let ticket = Ticket::parse(app, &form.ticket).ok_or_else(|| Problem::plain(Code::TooLate))?;
    let opened = match (&form.code, &form.recovery_code) {
        (Some(code), None) => sign_in::by_totp(app, caller, &ticket, code).await?,
        (None, Some(code)) => sign_in::by_recovery_code(app, caller, &ticket, code).await?,
        _ => {
            let message = "must be given, or recovery_code, and not both";
            return Err(Problem::plain(Code::Invalid).at("/code", "REQUIRED", message));
        }
    };
    signed_in(&state, caller, &opened).await
}

/// Sign out.
#[utoipa::path(post, path = "/auth/logout", tag = "Session",
    responses((status = 204, description = "The session in use has ended.")))]
pub(super) async fn logout(
    State(state): State<WebState>,
    asker: Asker,
) -> Result<Response, Problem> {
    let person = asker.caller.person().ok_or(ServiceError::SignInRequired)?;
    let Via::Session(id) = person.via else {
        let detail = "a token is no session: it ends by DELETE /api/v1/tokens/{id}";
        return Err(Problem::new(Code::Forbidden, detail));
    };
    match sessions::end_session(&state.0.app, &asker.caller, id).await {
        // It ended by itself meanwhile.
        Ok(()) | Err(ServiceError::NotFound(_)) => {}
        Err(failure) => return Err(failure.into()),
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    cookies::clear(response.headers_mut(), SESSION);
    Ok(response)
}

async fn signed_in(
    state: &WebState,
    visitor: &Caller,
    opened: &sessions::Opened,
) -> Result<Response, Problem> {
    let app = &state.0.app;
    let actor: Actor = sessions::actor_of_session(app, &opened.secret).await?;
    let user = users::own_account(app, &Caller { actor, ..visitor.clone() }).await?;
    let out = LoginOut {
        needs_factor: false,
        ticket: None,
        user: Some(UserOut::from(&user)),
        csrf_token: Some(csrf::token(app, &opened.secret.expose())),
        session_expires_at: Some(rfc3339(opened.session.expires_at_ms)),
    };
    let mut response = axum::Json(out).into_response();
    cookies::open_session(response.headers_mut(), opened);
    Ok(response)
}
