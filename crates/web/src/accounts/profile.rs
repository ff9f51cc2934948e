//! `/account`: name, language and picture.

use axum::{extract::State, response::Response};
use formhold_service::own::{
    picture::{self, MAX_BYTES},
    profile,
};
use http::StatusCode;
use serde::Deserialize;

use crate::{
    WebState,
    pages::{FormState, account::ProfilePage},
    visit::{Around, Button, Done, Received, Sent, SentFile, Visit, reply},
};

const PATH: &str = "/account";
const PICTURE_HINT: &str = "PNG, JPEG, WebP or GIF, up to 2 MiB.";

#[derive(Deserialize)]
pub(super) struct ProfileForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    language: String,
}

/// `GET /account`.
pub(super) async fn show_profile(
    State(state): State<WebState>,
    visit: Visit,
) -> Result<Response, Response> {
    page(&state, &visit, StatusCode::OK, None, &FormState::default()).await
}

/// `POST /account`.
pub(super) async fn change_profile(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<ProfileForm>,
) -> Result<Response, Response> {
    let changed =
        profile::change_profile(&state.0.app, &visit.caller, &form.name, &form.language).await;
    let failure = match changed {
        Ok(()) => return Ok(reply::see_other(&Done::ProfileSaved.at(PATH))),
        Err(failure) => failure,
    };
    let filled = [("name", form.name.as_str()), ("language", form.language.as_str())];
    match reply::problems(&failure, FormState::filled(filled)) {
        Some(form) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(&state, &visit, status, Some(form), &FormState::default()).await
        }
        None => Err(visit.failed(&failure)),
    }
}

/// `POST /account/picture`.
pub(super) async fn change_picture(
    State(state): State<WebState>,
    SentFile { visit, file }: SentFile<MAX_BYTES>,
) -> Result<Response, Response> {
    let problems = match file {
        Received::TooLarge => FormState::default()
            .with_problem("picture", "The picture must not have more than 2 MiB."),
        Received::Whole(content) => {
            match picture::change_picture(&state.0.app, &visit.caller, &content).await {
                Ok(()) => return Ok(reply::see_other(&Done::PictureSaved.at(PATH))),
                Err(failure) => reply::problems(&failure, FormState::default())
                    .ok_or_else(|| visit.failed(&failure))?,
            }
        }
    };
    page(&state, &visit, StatusCode::UNPROCESSABLE_ENTITY, None, &problems).await
}

/// `POST /account/picture/delete`.
pub(super) async fn remove_picture(
    State(state): State<WebState>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Response {
    match picture::remove_picture(&state.0.app, &visit.caller).await {
        Ok(()) => reply::see_other(&Done::PictureRemoved.at(PATH)),
        Err(failure) => visit.failed(&failure),
    }
}

async fn page(
    state: &WebState,
    visit: &Visit,
    status: StatusCode,
    form: Option<FormState>,
    picture_form: &FormState,
) -> Result<Response, Response> {
    let around = Around::of(state, visit).await?;
    let user = &around.user;
    let form = form.unwrap_or_else(|| {
        FormState::filled([("name", user.name.as_str()), ("language", user.language.tag())])
    });
    let page = ProfilePage {
        frame: around.frame(),
        form: &form,
        picture_form,
        picture_hint: PICTURE_HINT,
        may_delete: true,
    };
    Ok(reply::page(status, &page))
}
