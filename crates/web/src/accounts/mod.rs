//! The pages of people who sign in: each handler reads a form, calls one function of the service, and
//! draws a page.

mod factors;
mod home;
mod login;
mod oidc;
mod passkeys;
mod reset;
mod sessions;
mod set_up;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use crate::WebState;

/// More than any form of these pages has; a password alone may have 1,024 bytes, each of them encoded.
const MAX_FORM_BYTES: usize = 16 * 1024;

/// What a device tells of a passkey may hold certificates.
const MAX_ANSWER_BYTES: usize = 72 * 1024;

fn answer() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MAX_ANSWER_BYTES)
}

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
        .route("/login/passkey/options", post(passkeys::begin_sign_in))
        .route("/login/passkey", post(passkeys::sign_in).layer(answer()))
        .route("/login/oidc/{id}", post(oidc::begin))
        .route("/login/oidc/{id}/callback", get(oidc::finish))
        .route("/account/factors", get(factors::show_factors))
        .route("/account/factors/totp", get(factors::show_totp).post(factors::turn_on_totp))
        .route("/account/factors/totp/off", post(factors::turn_off_totp))
        .route("/account/factors/recovery", post(factors::new_recovery_codes))
        .route("/account/passkeys/options", post(passkeys::begin_registration))
        .route("/account/passkeys", post(passkeys::register).layer(answer()))
        .route("/account/passkeys/{id}", post(passkeys::rename_passkey))
        .route(
            "/account/passkeys/{id}/remove",
            get(passkeys::show_remove).post(passkeys::remove_passkey),
        )
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
}
