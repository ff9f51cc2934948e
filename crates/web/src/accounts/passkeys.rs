//! `/account/passkeys` and `/login/passkey`: what the script of passkeys asks and sends, and the forms
//! of the list.

use axum::{
    extract::{Path, State},
    response::Response,
};
use formhold_service::{ServiceError, passkeys, sign_in::Refused};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    factors::PATH,
    login::{hand_over, own_path},
};
use crate::{
    WebState,
    pages::{Act, ConfirmActPage, ErrorKind, FormState, Link, Named, SignedInMessagePage},
    visit::{Around, Button, Done, Sent, SentJson, Visit, reply},
};

#[derive(Deserialize)]
pub(super) struct NewPasskey {
    credential: Value,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
pub(super) struct Proof {
    credential: Value,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct NameForm {
    #[serde(default)]
    name: String,
}

/// `POST /account/passkeys/options`.
pub(super) async fn begin_registration(
    State(state): State<WebState>,
    SentJson { visit, fields: Button {} }: SentJson<Button>,
) -> Response {
    options(passkeys::begin_registration(&state.0.app, &visit.caller).await)
}

/// `POST /account/passkeys`.
pub(super) async fn register(
    State(state): State<WebState>,
    SentJson { visit, fields }: SentJson<NewPasskey>,
) -> Response {
    let NewPasskey { credential, name } = fields;
    let response = credential.to_string();
    match passkeys::register(&state.0.app, &visit.caller, &name, &response).await {
        Ok(_) => reply::json(&json!({ "location": Done::PasskeyAdded.at(PATH) })),
        Err(failure) => reply::problem(&failure),
    }
}

/// `POST /account/passkeys/{id}`.
pub(super) async fn rename_passkey(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: form }: Sent<NameForm>,
) -> Result<Response, Response> {
    let id = id.parse().map_err(|_| reply::error(ErrorKind::NotFound))?;
    match passkeys::rename_passkey(&state.0.app, &visit.caller, id, &form.name).await {
        Ok(()) => Ok(reply::see_other(&Done::PasskeyRenamed.at(PATH))),
        Err(failure) => {
            let problems = reply::problems(&failure, FormState::default());
            let problems = problems.ok_or_else(|| visit.failed(&failure))?;
            let around = Around::of(&state, &visit).await?;
            let page = SignedInMessagePage {
                frame: around.frame(),
                title: "The passkey kept its name",
                message: &problems.sentences().join(" "),
                link: Some(Link { path: PATH, label: "Back to sign-in security" }),
            };
            Ok(reply::page(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

/// `GET /account/passkeys/{id}/remove`.
pub(super) async fn show_remove(
    State(state): State<WebState>,
    Path(id): Path<String>,
    visit: Visit,
) -> Result<Response, Response> {
    let around = Around::of(&state, &visit).await?;
    let parsed = id.parse().map_err(|_| reply::error(ErrorKind::NotFound))?;
    let passkey = passkeys::get_passkey(&state.0.app, &visit.caller, parsed).await;
    let passkey = passkey.map_err(|failure| visit.failed(&failure))?;
    let page = ConfirmActPage {
        frame: around.frame(),
        form: &FormState::default(),
        act: Act::RemovePasskey(Named { id: &id, name: &passkey.name }),
    };
    Ok(reply::page(StatusCode::OK, &page))
}

/// `POST /account/passkeys/{id}/remove`.
pub(super) async fn remove_passkey(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Response {
    let Ok(id) = id.parse() else { return reply::error(ErrorKind::NotFound) };
    match passkeys::remove_passkey(&state.0.app, &visit.caller, id).await {
        Ok(()) => reply::see_other(&Done::PasskeyRemoved.at(PATH)),
        Err(failure) => visit.failed(&failure),
    }
}

/// `POST /login/passkey/options`.
pub(super) async fn begin_sign_in(
    State(state): State<WebState>,
    SentJson { visit, fields: Button {} }: SentJson<Button>,
) -> Response {
    options(passkeys::begin_sign_in(&state.0.app, &visit.caller, visit.browser()).await)
}

/// `POST /login/passkey`.
pub(super) async fn sign_in(
    State(state): State<WebState>,
    SentJson { visit, fields }: SentJson<Proof>,
) -> Response {
    let Proof { credential, next } = fields;
    let (app, response) = (&state.0.app, credential.to_string());
    match passkeys::sign_in(app, &visit.caller, visit.browser(), &response).await {
        Ok(opened) => {
            let mut response = reply::json(&json!({ "location": own_path(&next) }));
            hand_over(&opened, response.headers_mut());
            response
        }
        Err(Refused::Failed(failure)) => reply::problem(&failure),
        Err(_) => reply::with_detail(
            StatusCode::UNAUTHORIZED,
            "This passkey does not open an account here, or it took too long. Try again, or sign in in another way.",
        ),
    }
}

fn options(begun: Result<String, ServiceError>) -> Response {
    match begun {
        Ok(options) => {
            let mut response = Response::new(options.into());
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(failure) => reply::problem(&failure),
    }
}
