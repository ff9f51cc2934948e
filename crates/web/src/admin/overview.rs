//! `/admin`: the workspaces and how much is in them.

use axum::{extract::State, response::Response};
use formhold_domain::access::Action;
use formhold_service::access::allows;
use http::StatusCode;

use super::{Shown, workspaces::Rows};
use crate::{
    WebState,
    pages::admin::OverviewPage,
    visit::{Around, Visit, reply},
};

/// `GET /admin`.
pub(super) async fn show_overview(State(state): State<WebState>, visit: Visit) -> Shown {
    let around = Around::of(&state, &visit).await?;
    let found = Rows::of(&state, &visit, None).await?;
    let page = OverviewPage {
        frame: around.frame(),
        workspaces: &found.rows(&visit),
        may_create_workspace: allows(&visit.caller, Action::CreateWorkspaces, None),
        has_more: found.has_more(),
    };
    let response: Response = reply::page(StatusCode::OK, &page);
    Ok(response)
}
