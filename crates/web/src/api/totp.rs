//! `/me/totp`: codes of an authenticator app, and recovery codes.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use formhold_service::factors::{self, Proof};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{asker::Asker, body::Json, idempotency::ShownOnce, problem::Problem};
use crate::WebState;

/// Whether signing in takes a code of an app.
#[derive(Serialize, ToSchema)]
pub(crate) struct TotpOut {
    is_on: bool,
    recovery_codes_left: u64,
}

/// A secret for an app, before its first code was right.
#[derive(Serialize, ToSchema)]
pub(crate) struct TotpBegun {
    /// To be sent back with the first code.
    ticket: String,
    /// The secret, as people type it into an app.
    secret: String,
    /// The same as an `otpauth:` address, for a QR code.
    url: String,
}

/// The first code of an app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TotpFirstCode {
    ticket: String,
    #[schema(example = "123456")]
    code: String,
}

/// What shows that the account is yours.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TotpProof {
    /// The password; left out where the account has none.
    #[serde(default)]
    #[schema(max_length = 1024, format = Password)]
    current_password: String,
    #[schema(example = "123456")]
    code: String,
}

/// Codes that each open the account once, in place of the app.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

/// See whether signing in takes a code.
#[utoipa::path(get, path = "/me/totp", tag = "Own account",
    responses((status = 200, description = "Whether it does.", body = TotpOut)))]
pub(super) async fn get_totp(
    State(state): State<WebState>,
    asker: Asker,
) -> Result<axum::Json<TotpOut>, Problem> {
    let found = factors::get_factors(&state.0.app, &asker.caller).await?;
    let recovery_codes_left = found.recovery_codes_left;
    Ok(axum::Json(TotpOut { is_on: found.user.has_totp, recovery_codes_left }))
}

/// Begin to set up an app. Takes a session, as all changes here do.
#[utoipa::path(post, path = "/me/totp", tag = "Own account",
    responses((status = 200, description = "The secret for the app.", body = TotpBegun)))]
pub(super) async fn begin_totp(
    State(state): State<WebState>,
    asker: Asker,
) -> Result<Response, Problem> {
    let begun = factors::begin_totp(&state.0.app, &asker.caller, None).await?;
    let out = TotpBegun { ticket: begun.ticket, secret: begun.typed, url: begun.url };
    Ok(shown_once(out))
}

/// Turn codes on, by the first one.
///
/// All other sessions end. The recovery codes are shown this once.
#[utoipa::path(post, path = "/me/totp/confirm", tag = "Own account", request_body = TotpFirstCode,
    responses((status = 200, description = "Codes are on.", body = RecoveryCodes)))]
pub(super) async fn confirm_totp(
    State(state): State<WebState>,
    asker: Asker,
    Json(form): Json<TotpFirstCode>,
) -> Result<Response, Problem> {
    let (app, caller) = (&state.0.app, &asker.caller);
    let codes = factors::finish_totp(app, caller, Some(&form.ticket), &form.code).await?;
    Ok(shown_once(RecoveryCodes { recovery_codes: codes }))
}

/// Turn codes off; the recovery codes go with them.
#[utoipa::path(post, path = "/me/totp/disable", tag = "Own account", request_body = TotpProof,
    responses((status = 204, description = "Codes are off.")))]
pub(super) async fn disable_totp(
    State(state): State<WebState>,
    asker: Asker,
    Json(form): Json<TotpProof>,
) -> Result<StatusCode, Problem> {
    factors::turn_off_totp(&state.0.app, &asker.caller, form.proof()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make new recovery codes; the old ones are dead.
#[utoipa::path(post, path = "/me/totp/recovery-codes", tag = "Own account", request_body = TotpProof,
    responses((status = 200, description = "The codes: shown this once.", body = RecoveryCodes)))]
pub(super) async fn create_recovery_codes(
    State(state): State<WebState>,
    asker: Asker,
    Json(form): Json<TotpProof>,
) -> Result<Response, Problem> {
    let codes = factors::new_recovery_codes(&state.0.app, &asker.caller, form.proof()).await?;
    Ok(shown_once(RecoveryCodes { recovery_codes: codes }))
}

impl TotpProof {
    fn proof(&self) -> Proof<'_> {
        Proof { password: &self.current_password, code: &self.code }
    }
}

fn shown_once(out: impl Serialize) -> Response {
    let mut response = axum::Json(out).into_response();
    response.extensions_mut().insert(ShownOnce);
    response
}
