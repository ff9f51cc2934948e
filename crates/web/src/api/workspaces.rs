//! `/workspaces`: where forms and the people around them belong.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use formhold_domain::{WorkspaceId, accounts::Workspace, rfc3339};
use formhold_service::workspaces::{self, WorkspaceSummary};
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asker::Asker,
    body::Json,
    id::Id,
    page::{self, Page, after, limit},
    problem::Problem,
    query::Query,
    sessions::ListQuery,
    version::{IfMatch, at, versioned},
};
use crate::WebState;

/// A workspace.
#[derive(Serialize, ToSchema)]
#[schema(as = Workspace)]
pub(crate) struct WorkspaceOut {
    #[schema(format = "uuid")]
    id: String,
    name: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<&Workspace> for WorkspaceOut {
    fn from(workspace: &Workspace) -> Self {
        Self {
            id: workspace.id.to_string(),
            name: workspace.name.as_str().to_owned(),
            created_at: rfc3339(workspace.created_at_ms),
            updated_at: rfc3339(workspace.updated_at_ms),
        }
    }
}

/// A workspace to be made, or its new name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkspaceIn {
    #[schema(min_length = 1, max_length = 100, example = "Garden club")]
    name: String,
}

/// List the workspaces that you may see, the oldest first.
#[utoipa::path(get, path = "/workspaces", tag = "Workspaces", params(ListQuery),
    responses((status = 200, description = "A page of workspaces.", body = Page<WorkspaceOut>)))]
pub(super) async fn list_workspaces(
    State(state): State<WebState>,
    asker: Asker,
    uri: Uri,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let after: Option<WorkspaceId> = after("workspaces", query.cursor.as_deref())?;
    let app = &state.0.app;
    let found = workspaces::list_workspaces(app, &asker.caller, after, limit + 1).await?;
    let id = |found: &WorkspaceSummary| found.workspace.id.to_string();
    let out = |found: &WorkspaceSummary| WorkspaceOut::from(&found.workspace);
    Ok(page::page(("workspaces", &uri, limit), found, id, out))
}

/// Make a workspace. You become its owner.
#[utoipa::path(post, path = "/workspaces", tag = "Workspaces", request_body = WorkspaceIn,
    responses((status = 201, description = "The workspace.", body = WorkspaceOut)))]
pub(super) async fn create_workspace(
    State(state): State<WebState>,
    asker: Asker,
    Json(new): Json<WorkspaceIn>,
) -> Result<Response, Problem> {
    let made = workspaces::create_workspace(&state.0.app, &asker.caller, &new.name).await?;
    Ok(at(reply(StatusCode::CREATED, &made), &format!("/api/v1/workspaces/{}", made.id)))
}

/// See a workspace.
#[utoipa::path(get, path = "/workspaces/{id}", tag = "Workspaces",
    responses((status = 200, description = "The workspace.", body = WorkspaceOut)))]
pub(super) async fn get_workspace(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<WorkspaceId>,
) -> Result<Response, Problem> {
    let found = workspaces::get_workspace(&state.0.app, &asker.caller, id).await?;
    Ok(reply(StatusCode::OK, &found.workspace))
}

/// Rename a workspace.
#[utoipa::path(patch, path = "/workspaces/{id}", tag = "Workspaces", request_body = WorkspaceIn,
    responses((status = 200, description = "The workspace as it is now.", body = WorkspaceOut)))]
pub(super) async fn rename_workspace(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<WorkspaceId>,
    IfMatch(version): IfMatch,
    Json(new): Json<WorkspaceIn>,
) -> Result<Response, Problem> {
    let (app, caller) = (&state.0.app, &asker.caller);
    let renamed = workspaces::rename_workspace(app, caller, id, version, &new.name).await?;
    Ok(reply(StatusCode::OK, &renamed))
}

/// Delete a workspace, which must have no forms.
#[utoipa::path(delete, path = "/workspaces/{id}", tag = "Workspaces",
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn delete_workspace(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<WorkspaceId>,
    IfMatch(version): IfMatch,
) -> Result<Response, Problem> {
    workspaces::delete_workspace(&state.0.app, &asker.caller, id, version).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn reply(status: StatusCode, workspace: &Workspace) -> Response {
    versioned(status, workspace.version, WorkspaceOut::from(workspace))
}
