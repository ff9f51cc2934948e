//! The pages of people who sign in: each handler reads a form, calls one function of the service, and
//! draws a page.

mod confirm;
mod delete;
mod email;
mod factors;
mod forgot;
mod login;
mod oidc;
mod passkeys;
mod password;
mod picture;
mod profile;
mod register;
mod reset;
mod sessions;
mod set_up;
mod submissions;
mod tokens;

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
        .route("/register", get(register::show_register).post(register::register))
        .route("/confirm", get(confirm::show_confirm).post(confirm::confirm))
        .route("/forgot", get(forgot::show_forgot).post(forgot::forgot))
        .route("/account", get(profile::show_profile).post(profile::change_profile))
        .route("/account/picture", post(profile::change_picture))
        .route("/account/picture/delete", post(profile::remove_picture))
        .route("/account/picture/{id}", get(picture::get_picture))
        .route("/account/email", get(email::show_email).post(email::ask_for_email))
        .route("/account/email/cancel", post(email::cancel_email))
        .route("/account/email/agree", get(email::show_agree).post(email::agree))
        .route("/account/password", get(password::show_password).post(password::change_password))
        .route("/account/delete", get(delete::show_delete).post(delete::delete_account))
        .route("/account/submissions", get(submissions::show_submissions))
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
        .route("/account/tokens", get(tokens::show_tokens))
        .route("/account/tokens/new", get(tokens::show_new_token).post(tokens::create_token))
        .route(
            "/account/tokens/{id}/revoke",
            get(tokens::confirm_revoke_token).post(tokens::revoke_token),
        )
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
}
