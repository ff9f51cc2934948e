//! `/workspaces/{id}/members`: who belongs to a workspace.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use formhold_domain::{UserId, WorkspaceId, access::WorkspaceRole, accounts::Member, rfc3339};
use formhold_service::members;
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asker::Asker,
    body::Json,
    id::{Id, Ids},
    page::{self, Page, after, limit},
    problem::Problem,
    query::Query,
    schemas,
    sessions::ListQuery,
};
use crate::WebState;

/// Somebody in a workspace.
#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberOut {
    #[schema(format = "uuid")]
    user_id: String,
    name: String,
    #[schema(format = Email)]
    email: String,
    #[schema(schema_with = schemas::workspace_role)]
    role: &'static str,
    /// Since when.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<&Member> for MemberOut {
    fn from(member: &Member) -> Self {
        Self {
            user_id: member.user_id.to_string(),
            name: member.name.as_str().to_owned(),
            email: member.email.as_str().to_owned(),
            role: member.role.as_str(),
            created_at: rfc3339(member.created_at_ms),
        }
    }
}

/// What a member is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberPatch {
    #[schema(schema_with = schemas::workspace_role)]
    role: WorkspaceRole,
}

/// List the members of a workspace.
#[utoipa::path(get, path = "/workspaces/{id}/members", tag = "Members", params(ListQuery),
    responses((status = 200, description = "A page of members.", body = Page<MemberOut>)))]
pub(super) async fn list_members(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<WorkspaceId>,
    uri: Uri,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let after: Option<UserId> = after("members", query.cursor.as_deref())?;
    let app = &state.0.app;
    let found = members::list_members(app, &asker.caller, id, after, limit + 1).await?;
    let id = |member: &Member| member.user_id.to_string();
    Ok(page::page(("members", &uri, limit), found, id, |member| MemberOut::from(member)))
}

/// See a member.
#[utoipa::path(get, path = "/workspaces/{id}/members/{user_id}", tag = "Members",
    responses((status = 200, description = "The member.", body = MemberOut)))]
pub(super) async fn get_member(
    State(state): State<WebState>,
    asker: Asker,
    Ids(workspace_id, user_id): Ids<WorkspaceId, UserId>,
) -> Result<axum::Json<MemberOut>, Problem> {
    let (app, caller) = (&state.0.app, &asker.caller);
    let member = members::get_member(app, caller, workspace_id, user_id).await?;
    Ok(axum::Json(MemberOut::from(&member)))
}

/// Give a member another role.
#[utoipa::path(patch, path = "/workspaces/{id}/members/{user_id}", tag = "Members", request_body = MemberPatch,
    responses((status = 200, description = "The member as it is now.", body = MemberOut)))]
pub(super) async fn change_member(
    State(state): State<WebState>,
    asker: Asker,
    Ids(workspace_id, user_id): Ids<WorkspaceId, UserId>,
    Json(patch): Json<MemberPatch>,
) -> Result<axum::Json<MemberOut>, Problem> {
    let (app, caller) = (&state.0.app, &asker.caller);
    let member = members::change_member(app, caller, workspace_id, user_id, patch.role).await?;
    Ok(axum::Json(MemberOut::from(&member)))
}

/// Take a member out of a workspace.
#[utoipa::path(delete, path = "/workspaces/{id}/members/{user_id}", tag = "Members",
    responses((status = 204, description = "They belong to it no more.")))]
pub(super) async fn remove_member(
    State(state): State<WebState>,
    asker: Asker,
    Ids(workspace_id, user_id): Ids<WorkspaceId, UserId>,
) -> Result<Response, Problem> {
    members::remove_member(&state.0.app, &asker.caller, workspace_id, user_id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
