//! `/auth/register`, `/auth/email`, `/auth/password`: accounts by mail.

use axum::extract::State;
use formhold_domain::{Bearer, Language};
use formhold_service::{
    ServiceError, forgotten,
    registration::{self, RegistrationIn},
    users,
};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{asker::Asker, body::Json, problem::Problem, schemas};
use crate::WebState;

/// Who wants an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterIn {
    #[schema(min_length = 1, max_length = 100, example = "Hanna Meier")]
    name: String,
    #[schema(max_length = 254, format = Email, example = "hanna@example.org")]
    email: String,
    /// 8 to 1,024 bytes.
    #[schema(min_length = 8, max_length = 1024, format = Password)]
    password: String,
    /// The language of mails; English where it is left out.
    #[serde(default)]
    #[schema(schema_with = schemas::language, required = false)]
    language: Option<Language>,
}

/// Whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForgotIn {
    #[schema(max_length = 254, format = Email, example = "hanna@example.org")]
    email: String,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetIn {
    /// What stands behind `token=` in the link of the mail.
    token: String,
    /// 8 to 1,024 bytes.
    #[schema(min_length = 8, max_length = 1024, format = Password)]
    new_password: String,
}

/// That a mail arrived.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyIn {
    /// What stands behind `token=` in the link of the mail.
    token: String,
}

/// Make an account for yourself.
///
/// It can be used once its address is confirmed. The answer is the same for an address that has an
/// account.
#[utoipa::path(post, path = "/auth/register", tag = "Session", request_body = RegisterIn, security(()),
    responses((status = 202, description = "A mail is on its way.")))]
pub(super) async fn register(
    State(state): State<WebState>,
    asker: Asker,
    Json(form): Json<RegisterIn>,
) -> Result<StatusCode, Problem> {
    let RegisterIn { name, email, password, language } = &form;
    let wanted = RegistrationIn { name, email, password, language: *language };
    registration::register(&state.0.app, &asker.caller, wanted).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Ask for a link to set a new password.
///
/// The answer is the same for an address that has no account.
#[utoipa::path(post, path = "/auth/password/forgot", tag = "Session", request_body = ForgotIn, security(()),
    responses((status = 202, description = "Where the address has an account, a mail is on its way.")))]
pub(super) async fn forgot_password(
    State(state): State<WebState>,
    asker: Asker,
    Json(form): Json<ForgotIn>,
) -> Result<StatusCode, Problem> {
    forgotten::send_link(&state.0.app, &asker.caller, &form.email).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Set a new password by the link of a mail.
///
/// Everybody is signed out of the account, and its tokens are revoked.
#[utoipa::path(post, path = "/auth/password/reset", tag = "Session", request_body = ResetIn, security(()),
    responses((status = 204, description = "The password is set.")))]
pub(super) async fn reset_password(
    State(state): State<WebState>,
    asker: Asker,
    Json(form): Json<ResetIn>,
) -> Result<StatusCode, Problem> {
    let secret = secret(&form.token)?;
    users::reset_password(&state.0.app, &asker.caller, &secret, &form.new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Confirm the address of an account by the link of a mail.
#[utoipa::path(post, path = "/auth/email/verify", tag = "Session", request_body = VerifyIn, security(()),
    responses((status = 204, description = "The account can be used.")))]
pub(super) async fn verify_email(
    State(state): State<WebState>,
    asker: Asker,
    Json(form): Json<VerifyIn>,
) -> Result<StatusCode, Problem> {
    registration::confirm(&state.0.app, &asker.caller, &secret(&form.token)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn secret(token: &str) -> Result<Bearer, Problem> {
    Ok(Bearer::parse(token).ok_or(ServiceError::DeadLink)?)
}
