//! `/workspace`: which workspace somebody works in, remembered in this browser.

use std::time::Duration;

use axum::{extract::State, response::Response};
use formhold_service::workspaces;
use serde::Deserialize;

use crate::{
    WebState,
    pages::ErrorKind,
    visit::{
        Done, Sent,
        cookies::{self, WORKSPACE},
        reply,
    },
};

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

#[derive(Deserialize)]
pub(super) struct SwitchForm {
    #[serde(default)]
    workspace_id: String,
}

/// `POST /workspace`. The cookie gives no rights: what it names is looked up with each page.
pub(super) async fn switch_workspace(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<SwitchForm>,
) -> Response {
    let Ok(id) = form.workspace_id.parse() else { return reply::error(ErrorKind::NotFound) };
    match workspaces::get_workspace(&state.0.app, &visit.caller, id).await {
        Ok(_) => {
            let path = format!("/admin/workspaces/{id}");
            let mut response = reply::see_other(&Done::WorkspaceSwitched.at(&path));
            cookies::set(response.headers_mut(), WORKSPACE, &id.to_string(), Some(YEAR));
            response
        }
        Err(failure) => visit.failed(&failure),
    }
}
