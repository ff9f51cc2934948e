//! `/account`: who is signed in.

use axum::{extract::State, response::Response};
use formhold_domain::accounts::User;
use formhold_service::users;
use http::StatusCode;

use super::{guard::Visit, reply};
use crate::{
    WebState,
    pages::{Access, Frame, Link, Person, SignedInMessagePage},
};

/// `GET /account`.
pub(super) async fn show_account(State(state): State<WebState>, visit: Visit) -> Response {
    let user = match users::own_account(&state.0.app, &visit.caller).await {
        Ok(user) => user,
        Err(failure) => return reply::service_error(&failure),
    };
    let (csrf, id) = (visit.csrf(&state), user.id.to_string());
    let message = format!("You are signed in as {} ({}).", user.name, user.email);
    let page = SignedInMessagePage {
        frame: frame(&csrf, &user, &id),
        title: "Your account",
        message: &message,
        link: Some(Link { path: "/account/sessions", label: "Where you are signed in" }),
    };
    reply::page(StatusCode::OK, &page)
}

/// What surrounds the pages of a user.
pub(super) fn frame<'a>(csrf: &'a str, user: &'a User, id: &'a str) -> Frame<'a> {
    let (name, email) = (user.name.as_str(), user.email.as_str());
    let user = Person { id, name, email, picture: None };
    Frame { csrf, user, access: Access::Account, workspace: None, flash: None }
}
