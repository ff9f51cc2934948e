//! `/account/delete`: the end of an account, by its owner.

use axum::{extract::State, response::Response};
use formhold_service::own::deletion::{self, Proof};
use http::StatusCode;
use serde::Deserialize;

use crate::{
    WebState,
    pages::{FormState, Named, account::DeleteAccountPage},
    visit::{
        Around, Done, Sent, Visit,
        cookies::{self, SESSION},
        reply,
    },
};

#[derive(Deserialize)]
pub(super) struct DeleteForm {
    #[serde(default)]
    current_password: String,
    #[serde(default)]
    email: String,
}

/// `GET /account/delete`.
pub(super) async fn show_delete(
    State(state): State<WebState>,
    visit: Visit,
) -> Result<Response, Response> {
    page(&state, &visit, StatusCode::OK, &FormState::default()).await
}

/// `POST /account/delete`.
pub(super) async fn delete_account(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<DeleteForm>,
) -> Result<Response, Response> {
    let proof = Proof { current_password: &form.current_password, email: &form.email };
    let failure = match deletion::delete_account(&state.0.app, &visit.caller, proof).await {
        Ok(()) => {
            let mut response = reply::see_other(&Done::AccountDeleted.at("/login"));
            cookies::clear(response.headers_mut(), SESSION);
            return Ok(response);
        }
        Err(failure) => failure,
    };
    match reply::problems(&failure, FormState::filled([("email", form.email.as_str())])) {
        Some(form) => page(&state, &visit, StatusCode::UNPROCESSABLE_ENTITY, &form).await,
        None => Err(visit.failed(&failure)),
    }
}

async fn page(
    state: &WebState,
    visit: &Visit,
    status: StatusCode,
    form: &FormState,
) -> Result<Response, Response> {
    let around = Around::of(state, visit).await?;
    let found = deletion::last_owner_of(&state.0.app, &visit.caller).await;
    let found = found.map_err(|failure| visit.failed(&failure))?;
    let ids: Vec<String> = found.iter().map(|workspace| workspace.id.to_string()).collect();
    let named: Vec<Named<'_>> = found
        .iter()
        .zip(&ids)
        .map(|(workspace, id)| Named { id, name: workspace.name.as_str() })
        .collect();
    let has_password = around.user.has_password;
    let page =
        DeleteAccountPage { frame: around.frame(), form, has_password, last_owner_of: &named };
    Ok(reply::page(status, &page))
}
