//! The pages of people who sign in: each handler reads a form, calls one function of the service, and
//! draws a page.

mod home;
mod login;
mod reset;
mod sessions;
mod set_up;
mod tokens;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use crate::WebState;

/// More than any form of these pages has; a password alone may have 1,024 bytes, each of them encoded.
const MAX_FORM_BYTES: usize = 16 * 1024;

/// The routes of these pages.
pub(crate) fn routes() -> Router<WebState> {
    Router::new()
        .route("/login", get(login::show_login).post(login::login))
        .route("/login/factor", get(login::show_factor).post(login::factor))
        .route("/logout", post(login::logout))
        .route("/setup", get(set_up::show_set_up).post(set_up::set_up))
        .route("/reset", get(reset::show_reset).post(reset::reset))
        .route("/account", get(home::show_account))
        .route("/account/sessions", get(sessions::show_sessions))
        .route("/account/sessions/end-others", post(sessions::end_other_sessions))
        .route("/account/sessions/{id}/end", post(sessions::end_session))
        .route("/account/tokens", get(tokens::show_tokens))
        .route("/account/tokens/new", get(tokens::show_new_token).post(tokens::create_token))
        .route(
            "/account/tokens/{id}/revoke",
            get(tokens::confirm_revoke_token).post(tokens::revoke_token),
        )
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
}
