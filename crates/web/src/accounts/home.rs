//! `/account`: who is signed in.

use axum::{extract::State, response::Response};
use http::StatusCode;

use crate::{
    WebState,
    pages::{Link, SignedInMessagePage},
    visit::{Around, Visit, reply},
};

/// `GET /account`.
pub(super) async fn show_account(
    State(state): State<WebState>,
    visit: Visit,
) -> Result<Response, Response> {
    let around = Around::of(&state, &visit).await?;
    let message = format!("You are signed in as {} ({}).", around.user.name, around.user.email);
    let page = SignedInMessagePage {
        frame: around.frame(),
        title: "Your account",
        message: &message,
        link: Some(Link { path: "/account/sessions", label: "Where you are signed in" }),
    };
    Ok(reply::page(StatusCode::OK, &page))
}
