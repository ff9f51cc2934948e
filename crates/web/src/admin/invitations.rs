//! `/admin/workspaces/{id}/invitations` for who invites, `/invitation` for who is invited.

use axum::{
    extract::{Path, State},
    response::Response,
};
use formhold_domain::{Bearer, InvitationId, access::WorkspaceRole};
use formhold_service::{
    App, ServiceError,
    invitations::{self, InvitationIn},
    registration, users,
};
use http::StatusCode;
use serde::Deserialize;

use super::{
    Shown, status_of,
    workspace::{self, View, path},
};
use crate::{
    WebState,
    pages::{Card, ErrorKind, FormState, InvitationPage, Visitor},
    visit::{Asked, Button, Done, Sent, Visit, reply},
};

#[derive(Deserialize)]
pub(super) struct InviteForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
}

#[derive(Default, Deserialize)]
pub(super) struct Token {
    #[serde(default)]
    token: String,
}

/// `POST /admin/workspaces/{id}/invitations`.
pub(super) async fn invite(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: form }: Sent<InviteForm>,
) -> Shown {
    let id = workspace::parse(&id)?;
    // The page offers no other.
    let role = WorkspaceRole::parse(&form.role);
    let role = role.ok_or_else(|| reply::error(ErrorKind::FormExpired))?;
    let wanted = InvitationIn { email: form.email.clone(), role, language: None };
    let failure = match invitations::invite(&state.0.app, &visit.caller, id, wanted).await {
        Ok(_) => return Ok(reply::see_other(&Done::Invited.at(&path(id)))),
        Err(failure) => failure,
    };
    let entered = FormState::filled([("email", form.email), ("role", form.role)]);
    let invite = reply::problems(&failure, entered).ok_or_else(|| visit.failed(&failure))?;
    let view = View { invite, ..View::default() };
    workspace::page(&state, &visit, id, status_of(&failure), view).await
}

/// `POST /admin/workspaces/{id}/invitations/{invitation_id}/revoke`.
pub(super) async fn revoke_invitation(
    State(state): State<WebState>,
    Path((id, invitation_id)): Path<(String, String)>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let id = workspace::parse(&id)?;
    let invitation: Result<InvitationId, _> = invitation_id.parse();
    let invitation = invitation.map_err(|_| reply::error(ErrorKind::NotFound))?;
    let revoked = invitations::revoke_invitation(&state.0.app, &visit.caller, id, invitation).await;
    revoked.map_err(|failure| visit.failed(&failure))?;
    Ok(reply::see_other(&Done::InvitationRevoked.at(&path(id))))
}

/// `GET /invitation?token=`. Looking does not use the link up: programs look at links in mails, too.
pub(super) async fn show_invitation(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<Token>,
) -> Shown {
    let app = &state.0.app;
    let failed = |failure: ServiceError| visit.failed(&failure);
    let secret = parse(&query.token)?;
    let invited = invitations::look_at(app, &secret).await.map_err(failed)?;
    let own = match visit.is_signed_in() {
        true => Some(users::own_account(app, &visit.caller).await.map_err(failed)?),
        false => None,
    };
    let email = invited.invitation.email.as_str();
    let visitor = match &own {
        None => Visitor::SignedOut { may_register: may_register(app, &secret).await },
        Some(user) if user.email.folded() == invited.invitation.email.folded() => Visitor::Invited,
        Some(user) => Visitor::SomebodyElse { email: user.email.as_str() },
    };
    let csrf = visit.csrf(&state);
    let page = InvitationPage {
        card: Card { csrf: &csrf, flash: None },
        token: &query.token,
        workspace: invited.workspace.as_str(),
        email,
        role: invited.invitation.role.as_str(),
        invited_by: invited.invited_by.as_ref().map(|name| name.as_str()),
        visitor,
    };
    let mut response = reply::page(StatusCode::OK, &page);
    visit.remember(response.headers_mut());
    Ok(response)
}

/// `POST /invitation`.
pub(super) async fn accept(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<Token>,
) -> Shown {
    let secret = parse(&form.token)?;
    let joined = invitations::accept_invitation(&state.0.app, &visit.caller, &secret).await;
    let workspace_id = joined.map_err(|failure| visit.failed(&failure))?;
    Ok(reply::see_other(&Done::Joined.at(&path(workspace_id))))
}

/// Whether an account can be made on it; the page of that says why not.
async fn may_register(app: &App, secret: &Bearer) -> bool {
    registration::find_invited(app, secret).await.is_ok()
}

fn parse(token: &str) -> Result<Bearer, Response> {
    Bearer::parse(token).ok_or_else(|| reply::error(ErrorKind::LinkUsed))
}
