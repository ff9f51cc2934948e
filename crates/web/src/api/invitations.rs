//! `/workspaces/{id}/invitations`: who was asked to join a workspace.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use formhold_domain::{
    InvitationId, Language, WorkspaceId, access::WorkspaceRole, accounts::Invitation, rfc3339,
};
use formhold_service::invitations::{self, InvitationIn};
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

/// An invitation that was not accepted yet.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(crate) struct InvitationOut {
    #[schema(format = "uuid")]
    id: String,
    #[schema(format = Email)]
    email: String,
    #[schema(schema_with = schemas::workspace_role)]
    role: &'static str,
    /// Who invited.
    #[schema(format = "uuid")]
    invited_by: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

impl From<&Invitation> for InvitationOut {
    fn from(invitation: &Invitation) -> Self {
        Self {
            id: invitation.id.to_string(),
            email: invitation.email.as_str().to_owned(),
            role: invitation.role.as_str(),
            invited_by: invitation.invited_by.map(|id| id.to_string()),
            created_at: rfc3339(invitation.created_at_ms),
            expires_at: rfc3339(invitation.expires_at_ms),
        }
    }
}

/// Somebody to be invited.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InvitationIn)]
pub(crate) struct NewInvitation {
    #[schema(max_length = 254, format = Email, example = "hanna@example.org")]
    email: String,
    #[schema(schema_with = schemas::workspace_role)]
    role: WorkspaceRole,
    /// The language of the mail; yours where it is left out.
    #[serde(default)]
    #[schema(schema_with = schemas::language, required = false)]
    language: Option<Language>,
}

/// List open invitations to a workspace, the newest first.
#[utoipa::path(get, path = "/workspaces/{id}/invitations", tag = "Invitations", params(ListQuery),
    responses((status = 200, description = "A page of invitations.", body = Page<InvitationOut>)))]
pub(super) async fn list_invitations(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<WorkspaceId>,
    uri: Uri,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let before: Option<InvitationId> = after("invitations", query.cursor.as_deref())?;
    let app = &state.0.app;
    let found = invitations::list_invitations(app, &asker.caller, id, before, limit + 1).await?;
    let id = |invitation: &Invitation| invitation.id.to_string();
    let out = |invitation: &Invitation| InvitationOut::from(invitation);
    Ok(page::page(("invitations", &uri, limit), found, id, out))
}

/// Invite somebody to a workspace by mail.
///
/// An open invitation of the same address ends. Nothing tells whether the address has an account.
#[utoipa::path(post, path = "/workspaces/{id}/invitations", tag = "Invitations", request_body = NewInvitation,
    responses((status = 201, description = "The invitation; its link is in the mail alone.", body = InvitationOut)))]
pub(super) async fn create_invitation(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<WorkspaceId>,
    Json(new): Json<NewInvitation>,
) -> Result<Response, Problem> {
    let NewInvitation { email, role, language } = new;
    let wanted = InvitationIn { email, role, language };
    let made = invitations::invite(&state.0.app, &asker.caller, id, wanted).await?;
    Ok((StatusCode::CREATED, axum::Json(InvitationOut::from(&made))).into_response())
}

/// Take an invitation back.
#[utoipa::path(delete, path = "/workspaces/{id}/invitations/{invitation_id}", tag = "Invitations",
    responses((status = 204, description = "Its link is dead.")))]
pub(super) async fn revoke_invitation(
    State(state): State<WebState>,
    asker: Asker,
    Ids(workspace_id, id): Ids<WorkspaceId, InvitationId>,
) -> Result<Response, Problem> {
    invitations::revoke_invitation(&state.0.app, &asker.caller, workspace_id, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
