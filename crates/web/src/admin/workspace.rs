//! `/admin/workspaces/{id}`: who is in a workspace; renaming and deleting it.

use axum::{
    extract::{Path, State},
    response::Response,
};
use formhold_domain::{InvitationId, UserId, WorkspaceId, access::Action};
use formhold_service::{
    ServiceError,
    access::{allows, require},
    invitations, members, workspaces,
};
use http::StatusCode;
use serde::Deserialize;

use super::{ASKED, Shown, cut, is_confirmed, status_of};
use crate::{
    WebState,
    pages::{
        Act, ConfirmActPage, ErrorKind, FormState, Named, Person, TimeView,
        admin::{InvitationRow, MemberRow, WorkspacePage},
    },
    visit::{Around, Asked, Done, Sent, Visit, reply},
};

const LIST: &str = "/admin/workspaces";

#[derive(Default, Deserialize)]
pub(super) struct WorkspaceQuery {
    #[serde(default)]
    member: Option<UserId>,
    #[serde(default)]
    invitation: Option<InvitationId>,
}

#[derive(Deserialize)]
pub(super) struct RenameForm {
    #[serde(default)]
    version: String,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
pub(super) struct ConfirmForm {
    #[serde(default)]
    confirm: String,
}

/// How the page is shown: at first, or again because of what was sent.
#[derive(Default)]
pub(super) struct View {
    /// Where the list of members goes on.
    pub(super) member: Option<UserId>,
    /// Where the list of invitations goes on.
    pub(super) invitation: Option<InvitationId>,
    /// What was wrong with the name.
    pub(super) rename: Option<FormState>,
    /// What was wrong with an invitation.
    pub(super) invite: FormState,
    /// What was wrong with something else.
    pub(super) error: Option<String>,
}

/// `GET /admin/workspaces/{id}`.
pub(super) async fn show_workspace(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
    Asked(query): Asked<WorkspaceQuery>,
) -> Shown {
    let WorkspaceQuery { member, invitation } = query;
    let view = View { member, invitation, ..View::default() };
    page(&state, &visit, parse(&id)?, StatusCode::OK, view).await
}

/// `POST /admin/workspaces/{id}`.
pub(super) async fn rename_workspace(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: form }: Sent<RenameForm>,
) -> Shown {
    let (id, app) = (parse(&id)?, &state.0.app);
    // A form of ours always says which version it was made for.
    let version = form.version.parse().map_err(|_| reply::error(ErrorKind::FormExpired))?;
    let renamed =
        workspaces::rename_workspace(app, &visit.caller, id, Some(version), &form.name).await;
    let failure = match renamed {
        Ok(_) => return Ok(reply::see_other(&Done::WorkspaceSaved.at(&path(id)))),
        Err(failure) => failure,
    };
    let entered = match failure {
        // What somebody else saved is shown, not what was entered over it.
        ServiceError::Stale(_) => {
            let found = workspaces::get_workspace(app, &visit.caller, id).await;
            found.map_err(|failure| visit.failed(&failure))?.workspace.name.to_string()
        }
        _ => form.name,
    };
    let rename = reply::problems(&failure, FormState::filled([("name", entered)]));
    let rename = Some(rename.ok_or_else(|| visit.failed(&failure))?);
    page(&state, &visit, id, status_of(&failure), View { rename, ..View::default() }).await
}

/// `GET /admin/workspaces/{id}/delete`.
pub(super) async fn ask_delete_workspace(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    ask_delete(&state, &visit, parse(&id)?, StatusCode::OK, &FormState::default()).await
}

/// `POST /admin/workspaces/{id}/delete`.
pub(super) async fn delete_workspace(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: form }: Sent<ConfirmForm>,
) -> Shown {
    let (id, app, caller) = (parse(&id)?, &state.0.app, &visit.caller);
    let found = workspaces::get_workspace(app, caller, id).await;
    let workspace = found.map_err(|failure| visit.failed(&failure))?.workspace;
    if !is_confirmed(&form.confirm, workspace.name.as_str()) {
        let problem = FormState::filled([("confirm", form.confirm)])
            .with_problem("confirm", "This is not the workspace's name.");
        return ask_delete(&state, &visit, id, StatusCode::UNPROCESSABLE_ENTITY, &problem).await;
    }
    match workspaces::delete_workspace(app, caller, id, Some(workspace.version)).await {
        Ok(()) => Ok(reply::see_other(&Done::WorkspaceDeleted.at(LIST))),
        Err(failure) => {
            let form = reply::problems(&failure, FormState::default());
            let form = form.ok_or_else(|| visit.failed(&failure))?;
            ask_delete(&state, &visit, id, status_of(&failure), &form).await
        }
    }
}

async fn ask_delete(
    state: &WebState,
    visit: &Visit,
    id: WorkspaceId,
    status: StatusCode,
    form: &FormState,
) -> Shown {
    let around = Around::of(state, visit).await?;
    let failed = |failure: ServiceError| visit.failed(&failure);
    let found = workspaces::get_workspace(&state.0.app, &visit.caller, id).await.map_err(failed)?;
    require(&visit.caller, Action::ChangeWorkspace, Some(id)).map_err(failed)?;
    let id = id.to_string();
    let act = Act::DeleteWorkspace(Named { id: &id, name: found.workspace.name.as_str() });
    Ok(reply::page(status, &ConfirmActPage { frame: around.frame(), form, act }))
}

/// Draws the page of a workspace.
pub(super) async fn page(
    state: &WebState,
    visit: &Visit,
    id: WorkspaceId,
    status: StatusCode,
    view: View,
) -> Shown {
    let (app, caller) = (&state.0.app, &visit.caller);
    let failed = |failure: ServiceError| visit.failed(&failure);
    let around = Around::of(state, visit).await?;
    let around = match view.error {
        Some(error) => around.with_error(error),
        None => around,
    };
    let workspace = workspaces::get_workspace(app, caller, id).await.map_err(failed)?.workspace;
    let members = members::list_members(app, caller, id, view.member, ASKED).await;
    let mut members = members.map_err(failed)?;
    let last = cut(&mut members).then(|| members.last()).flatten();
    let next_members = last.map(|last| format!("{}?member={}", path(id), last.user_id));
    let open = invitations::list_invitations(app, caller, id, view.invitation, ASKED).await;
    let mut open = open.map_err(failed)?;
    let last = cut(&mut open).then(|| open.last()).flatten();
    let next_invitations = last.map(|last| format!("{}?invitation={}", path(id), last.id));
    let names = invitations::inviters(app, caller, id, &open).await.map_err(failed)?;
    let open: Vec<_> = open.iter().map(|it| (it.id.to_string(), it)).collect();
    let invitations: Vec<_> = open
        .iter()
        .map(|(id, it)| InvitationRow {
            id,
            email: it.email.as_str(),
            role: it.role.as_str(),
            invited_by: it.invited_by.and_then(|id| names.get(&id)).map(|name| name.as_str()),
            expires: TimeView::at_ms(it.expires_at_ms),
        })
        .collect();
    let members: Vec<_> = members.iter().map(|it| (it.user_id.to_string(), it)).collect();
    let members: Vec<_> = members
        .iter()
        .map(|(id, it)| {
            let (name, email) = (it.name.as_str(), it.email.as_str());
            MemberRow { person: Person { id, name, email, picture: None }, role: it.role.as_str() }
        })
        .collect();
    let saved = || FormState::filled([("name", workspace.name.as_str())]);
    let page = WorkspacePage {
        frame: around.frame(),
        id: &id.to_string(),
        name: workspace.name.as_str(),
        version: workspace.version,
        rename: &view.rename.unwrap_or_else(saved),
        invite: &view.invite,
        members: &members,
        next_members: next_members.as_deref(),
        invitations: &invitations,
        next_invitations: next_invitations.as_deref(),
        may_manage: allows(caller, Action::ChangeMembers, Some(id)),
        may_delete: allows(caller, Action::ChangeWorkspace, Some(id)),
    };
    Ok(reply::page(status, &page))
}

pub(super) fn parse(id: &str) -> Result<WorkspaceId, Response> {
    id.parse().map_err(|_| reply::error(ErrorKind::NotFound))
}

pub(super) fn path(id: WorkspaceId) -> String {
    format!("{LIST}/{id}")
}
