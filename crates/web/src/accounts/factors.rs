//! `/account/factors`: what protects an account beside its password.

use axum::{extract::State, response::Response};
use formhold_service::{
    ServiceError,
    factors::{self, OwnFactors, Proof},
    passkeys,
};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::{
    WebState,
    pages::{
        FormState, TimeView,
        account::{FactorsPage, PasskeyRow, QrCode, RecoveryCodesPage, TotpPage},
    },
    visit::{
        Around, Done, Sent, Visit,
        cookies::{self, TOTP},
        reply,
    },
};

pub(super) const PATH: &str = "/account/factors";

#[derive(Deserialize)]
pub(super) struct CodeForm {
    #[serde(default)]
    code: String,
}

#[derive(Deserialize)]
pub(super) struct ProofForm {
    #[serde(default)]
    current_password: String,
    #[serde(default)]
    code: String,
}

impl ProofForm {
    fn proof(&self) -> Proof<'_> {
        Proof { password: &self.current_password, code: &self.code }
    }
}

/// What was wrong with the forms of the page.
#[derive(Default)]
struct Wrong {
    totp_off: FormState,
    recovery: FormState,
}

/// `GET /account/factors`.
pub(super) async fn show_factors(
    State(state): State<WebState>,
    visit: Visit,
) -> Result<Response, Response> {
    factors_page(&state, &visit, StatusCode::OK, &Wrong::default()).await
}

/// `GET /account/factors/totp`.
pub(super) async fn show_totp(
    State(state): State<WebState>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, Response> {
    totp_page(&state, &visit, &headers, StatusCode::OK, &FormState::default()).await
}

/// `POST /account/factors/totp`. The codes are in the answer itself: no address shows them again.
pub(super) async fn turn_on_totp(
    State(state): State<WebState>,
    headers: HeaderMap,
    Sent { visit, fields: form }: Sent<CodeForm>,
) -> Result<Response, Response> {
    let ticket = cookies::cookie(&headers, TOTP);
    match factors::finish_totp(&state.0.app, &visit.caller, ticket, &form.code).await {
        Ok(codes) => {
            let mut response = codes_page(&state, &visit, &codes).await?;
            cookies::clear(response.headers_mut(), TOTP);
            Ok(response)
        }
        // The page was sent again, or another window was first.
        Err(ServiceError::Conflict(_)) => Ok(reply::see_other(PATH)),
        Err(failure) => {
            let problems = reply::problems(&failure, FormState::default());
            let problems = problems.ok_or_else(|| visit.failed(&failure))?;
            totp_page(&state, &visit, &headers, StatusCode::UNPROCESSABLE_ENTITY, &problems).await
        }
    }
}

/// `POST /account/factors/totp/off`.
pub(super) async fn turn_off_totp(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<ProofForm>,
) -> Result<Response, Response> {
    match factors::turn_off_totp(&state.0.app, &visit.caller, form.proof()).await {
        Ok(()) => Ok(reply::see_other(&Done::TotpOff.at(PATH))),
        Err(failure) => {
            refused(&state, &visit, &failure, |totp_off| Wrong { totp_off, ..Wrong::default() })
                .await
        }
    }
}

/// `POST /account/factors/recovery`.
pub(super) async fn new_recovery_codes(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<ProofForm>,
) -> Result<Response, Response> {
    match factors::new_recovery_codes(&state.0.app, &visit.caller, form.proof()).await {
        Ok(codes) => codes_page(&state, &visit, &codes).await,
        Err(failure) => {
            refused(&state, &visit, &failure, |recovery| Wrong { recovery, ..Wrong::default() })
                .await
        }
    }
}

async fn refused(
    state: &WebState,
    visit: &Visit,
    failure: &ServiceError,
    wrong: impl FnOnce(FormState) -> Wrong,
) -> Result<Response, Response> {
    // Something else happened to the account meanwhile: the page shows what there is now.
    if matches!(failure, ServiceError::Conflict(_) | ServiceError::Stale(_)) {
        return Ok(reply::see_other(PATH));
    }
    let problems = reply::problems(failure, FormState::default());
    let problems = problems.ok_or_else(|| visit.failed(failure))?;
    factors_page(state, visit, StatusCode::UNPROCESSABLE_ENTITY, &wrong(problems)).await
}

async fn factors_page(
    state: &WebState,
    visit: &Visit,
    status: StatusCode,
    wrong: &Wrong,
) -> Result<Response, Response> {
    let around = Around::of(state, visit).await?;
    let found = factors::get_factors(&state.0.app, &visit.caller).await;
    let OwnFactors { user, recovery_codes_left, passkeys } =
        found.map_err(|failure| visit.failed(&failure))?;
    let ids: Vec<String> = passkeys.iter().map(|passkey| passkey.id.to_string()).collect();
    let rows = passkeys.iter().zip(&ids).map(|(passkey, id)| PasskeyRow {
        id,
        name: &passkey.name,
        added: TimeView::at_ms(passkey.created_at_ms),
        last_used: passkey.used_at_ms.map(TimeView::at_ms),
    });
    let page = FactorsPage {
        frame: around.frame(),
        has_totp: user.has_totp,
        totp_off: &wrong.totp_off,
        recovery_codes_left: usize::try_from(recovery_codes_left).unwrap_or(usize::MAX),
        recovery: &wrong.recovery,
        has_password: user.has_password,
        passkeys: &rows.collect::<Vec<_>>(),
        passkeys_available: passkeys::are_available(&state.0.app),
    };
    Ok(reply::page(status, &page))
}

async fn totp_page(
    state: &WebState,
    visit: &Visit,
    headers: &HeaderMap,
    status: StatusCode,
    form: &FormState,
) -> Result<Response, Response> {
    let around = Around::of(state, visit).await?;
    let known = cookies::cookie(headers, TOTP);
    let set_up = match factors::begin_totp(&state.0.app, &visit.caller, known).await {
        Ok(set_up) => set_up,
        Err(ServiceError::Conflict(_)) => return Ok(reply::see_other(PATH)),
        Err(failure) => return Err(visit.failed(&failure)),
    };
    let (width, modules) = &set_up.qr;
    let page = TotpPage {
        frame: around.frame(),
        form,
        qr: &QrCode::from_modules(*width, modules),
        secret: &set_up.typed,
        uri: &set_up.url,
    };
    let mut response = reply::page(status, &page);
    cookies::set(response.headers_mut(), TOTP, &set_up.ticket, Some(factors::set_up_lifetime()));
    Ok(response)
}

async fn codes_page(
    state: &WebState,
    visit: &Visit,
    codes: &[String],
) -> Result<Response, Response> {
    let around = Around::of(state, visit).await?;
    let page = RecoveryCodesPage { frame: around.frame(), codes };
    Ok(reply::page(StatusCode::OK, &page))
}
