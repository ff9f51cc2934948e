//! `/admin/workspaces/{id}/members`: the roles of a workspace's members.

use axum::{
    extract::{Path, State},
    response::Response,
};
use formhold_domain::{
    UserId, WorkspaceId,
    access::{Action, WorkspaceRole},
};
use formhold_service::{ServiceError, access::require, members, workspaces};
use http::StatusCode;
use serde::Deserialize;

use super::{
    Shown, status_of,
    workspace::{self, View, path},
};
use crate::{
    WebState,
    pages::{Act, ConfirmActPage, ErrorKind, FormState, Named},
    visit::{Around, Button, Done, Sent, Visit, reply},
};

#[derive(Deserialize)]
pub(super) struct RoleForm {
    #[serde(default)]
    role: String,
}

/// `POST /admin/workspaces/{id}/members/{user_id}`.
pub(super) async fn change_member(
    State(state): State<WebState>,
    Path(ids): Path<(String, String)>,
    Sent { visit, fields: form }: Sent<RoleForm>,
) -> Shown {
    let (id, user_id) = parse(&ids)?;
    // The page offers no other.
    let role = WorkspaceRole::parse(&form.role);
    let role = role.ok_or_else(|| reply::error(ErrorKind::FormExpired))?;
    match members::change_member(&state.0.app, &visit.caller, id, user_id, role).await {
        Ok(_) => Ok(reply::see_other(&Done::MemberSaved.at(&path(id)))),
        Err(ServiceError::Conflict(message)) => {
            let error = Some(format!("Not possible: {message}."));
            let view = View { error, ..View::default() };
            workspace::page(&state, &visit, id, StatusCode::CONFLICT, view).await
        }
        Err(failure) => Err(visit.failed(&failure)),
    }
}

/// `GET /admin/workspaces/{id}/members/{user_id}/remove`.
pub(super) async fn ask_remove_member(
    State(state): State<WebState>,
    visit: Visit,
    Path(ids): Path<(String, String)>,
) -> Shown {
    let (id, user_id) = parse(&ids)?;
    ask(&state, &visit, (id, user_id), StatusCode::OK, &FormState::default()).await
}

/// `POST /admin/workspaces/{id}/members/{user_id}/remove`.
pub(super) async fn remove_member(
    State(state): State<WebState>,
    Path(ids): Path<(String, String)>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let (id, user_id) = parse(&ids)?;
    match members::remove_member(&state.0.app, &visit.caller, id, user_id).await {
        // Whoever left cannot open the workspace any more.
        Ok(()) if is_own(&visit, user_id) => {
            Ok(reply::see_other(&Done::MemberRemoved.at("/account")))
        }
        Ok(()) => Ok(reply::see_other(&Done::MemberRemoved.at(&path(id)))),
        Err(failure) => {
            let form = reply::problems(&failure, FormState::default());
            let form = form.ok_or_else(|| visit.failed(&failure))?;
            ask(&state, &visit, (id, user_id), status_of(&failure), &form).await
        }
    }
}

async fn ask(
    state: &WebState,
    visit: &Visit,
    (id, user_id): (WorkspaceId, UserId),
    status: StatusCode,
    form: &FormState,
) -> Shown {
    let (app, caller) = (&state.0.app, &visit.caller);
    let failed = |failure: ServiceError| visit.failed(&failure);
    let around = Around::of(state, visit).await?;
    let workspace = workspaces::get_workspace(app, caller, id).await.map_err(failed)?.workspace;
    require(caller, Action::ChangeMembers, Some(id)).map_err(failed)?;
    let member = members::get_member(app, caller, id, user_id).await.map_err(failed)?;
    let (id, user_id) = (id.to_string(), user_id.to_string());
    let act = Act::RemoveMember {
        workspace: Named { id: &id, name: workspace.name.as_str() },
        member: Named { id: &user_id, name: member.name.as_str() },
    };
    Ok(reply::page(status, &ConfirmActPage { frame: around.frame(), form, act }))
}

fn is_own(visit: &Visit, user_id: UserId) -> bool {
    visit.caller.person().is_some_and(|person| person.user_id == user_id && !person.is_admin())
}

fn parse((id, user_id): &(String, String)) -> Result<(WorkspaceId, UserId), Response> {
    let user_id = user_id.parse().map_err(|_| reply::error(ErrorKind::NotFound))?;
    Ok((workspace::parse(id)?, user_id))
}
