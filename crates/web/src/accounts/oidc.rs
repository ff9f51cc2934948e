//! `/login/oidc/{id}`: to another provider and back.

use axum::{
    extract::{Path, State},
    response::Response,
};
use formhold_service::oidc::{self, Begun, Callback, Finished, OidcProblem, Refused};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;

use super::login::{login_page, own_path_or_none, went_on};
use crate::{
    WebState,
    pages::{Card, ErrorKind, FormState, Link, MessagePage},
    visit::{
        Asked, Sent, Visit,
        cookies::{self, PROVIDER},
        reply,
    },
};

/// A longer one would not fit into a cookie with the rest.
const MAX_NEXT_BYTES: usize = 500;

#[derive(Deserialize)]
pub(super) struct BeginForm {
    #[serde(default)]
    next: String,
}

/// `POST /login/oidc/{id}`.
///
/// The answer is a page that goes on by itself, and no redirect: browsers hold each redirect after a
/// form against the policy of the form's page, and where a provider sends people on to is its own
/// affair.
pub(super) async fn begin(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: form }: Sent<BeginForm>,
) -> Response {
    let next = own_path_or_none(&form.next);
    let next = if next.len() > MAX_NEXT_BYTES { "" } else { next };
    let Some(back) = visit.own_url(&format!("/login/oidc/{id}/callback")) else {
        return reply::error(ErrorKind::NotFound);
    };
    let begun = oidc::begin(&state.0.app, &visit.caller, &id, &back, next).await;
    let Begun { url, name, ticket } = match begun {
        Ok(begun) => begun,
        Err(refused) => return not_signed_in(&state, &visit, refused, next).await,
    };
    let label = format!("Continue to {name}");
    let page = MessagePage {
        card: Card { csrf: "", flash: None },
        title: "One moment",
        message: "You are being taken to where you sign in.",
        link: Some(Link { path: url.as_str(), label: &label }),
    };
    let mut response = reply::page(StatusCode::OK, &page);
    let headers = response.headers_mut();
    if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={url}")) {
        headers.insert("refresh", refresh);
    }
    cookies::set(headers, PROVIDER, &ticket, Some(oidc::lifetime()));
    response
}

/// `GET /login/oidc/{id}/callback`: the way back.
pub(super) async fn finish(
    State(state): State<WebState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    visit: Visit,
    Asked(callback): Asked<Callback>,
) -> Response {
    let ticket = cookies::cookie(&headers, PROVIDER);
    match oidc::finish(&state.0.app, &visit.caller, &id, ticket, &callback).await {
        Ok(Finished { step, next }) => {
            let mut response = went_on(&state, &step, &next);
            cookies::clear(response.headers_mut(), PROVIDER);
            response
        }
        Err(refused) => not_signed_in(&state, &visit, refused, "").await,
    }
}

async fn not_signed_in(state: &WebState, visit: &Visit, refused: Refused, next: &str) -> Response {
    let (status, sentence) = match refused {
        Refused::Failed(failure) => return visit.failed(&failure),
        Refused::Provider(OidcProblem::UnknownProvider) => {
            return reply::error(ErrorKind::NotFound);
        }
        Refused::NotBegunHere => (
            StatusCode::UNAUTHORIZED,
            "This sign-in was not begun in this browser, or it took too long. Please try again.",
        ),
        Refused::Provider(OidcProblem::Declined) => {
            (StatusCode::UNAUTHORIZED, "You were not signed in, as you said no there.")
        }
        Refused::Provider(problem) => {
            tracing::warn!(%problem, "a sign-in by a provider came to nothing");
            (
                StatusCode::BAD_GATEWAY,
                "The sign-in there did not work. Please try again, or sign in in another way.",
            )
        }
        Refused::Unverified => (
            StatusCode::FORBIDDEN,
            "Who you signed in with does not say that your e-mail address is yours. Confirm it there, or sign in in another way.",
        ),
        Refused::Unconfirmed => (
            StatusCode::FORBIDDEN,
            "There is an account with your address that was never confirmed. Follow the link in the mail about it first.",
        ),
        Refused::NoAccount => (
            StatusCode::FORBIDDEN,
            "There is no account for you here yet. Somebody who manages this installation can make one.",
        ),
        Refused::Disabled => {
            (StatusCode::FORBIDDEN, "Your account here was disabled by an administrator.")
        }
    };
    let form = FormState::default().with_error(sentence);
    login_page(state, visit, status, &form, next).await
}
