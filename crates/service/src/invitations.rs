//! Invitations to workspaces: sending, listing, revoking, accepting.
//!
//! The link is in the mail alone, and nobody who invites ever sees it: whoever holds it has shown that
//! mail to the address arrives.

use std::collections::HashMap;

use formhold_domain::{
    Bearer, EmailAddress, InvitationId, Language, UserId, WorkspaceId,
    access::{Action, Caller, WorkspaceRole},
    accounts::{Invitation, PersonName, WorkspaceName},
    audit::{AuditAction, AuditEntry},
    letters::{Letter, LetterSubject},
};
use formhold_store::NewInvitation;
use serde_json::json;

use crate::{
    App, ServiceError,
    access::{require, require_own},
    account_mail, letters, limits, sessions, workspaces,
};

const LIFETIME_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Whom to invite.
#[derive(Debug, Clone)]
pub struct InvitationIn {
    /// The address.
    pub email: String,
    /// What they will be in the workspace.
    pub role: WorkspaceRole,
    /// The language of the mail; none: that of whoever invites.
    pub language: Option<Language>,
}

/// What an invitation says to who holds its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// The workspace's name.
    pub workspace: WorkspaceName,
    /// Who invited, where they still have an account.
    pub invited_by: Option<PersonName>,
}

/// Invites somebody by mail. An open invitation of the same address to the same workspace ends.
/// Nothing in the answer depends on whether the address has an account.
///
/// # Errors
/// [`ServiceError::Conflict`] when the address is that of a member, whom the caller sees anyway,
/// [`ServiceError::TooMany`] when the caller invited too many.
pub async fn invite(
    app: &App,
    caller: &Caller,
    workspace_id: WorkspaceId,
    wanted: InvitationIn,
) -> Result<Invitation, ServiceError> {
    require(caller, Action::ChangeMembers, Some(workspace_id))?;
    let email = parse_address(&wanted.email)?;
    let inviter = match caller.person() {
        Some(person) => {
            limits::count_invitation(app, person.user_id).await?;
            app.store.find_user(person.user_id).await?
        }
        None => None,
    };
    let secret = Bearer::new(&*app.ids);
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let workspace = workspaces::current(&change, workspace_id, None).await?;
    if change.has_member_with(workspace_id, &email).await? {
        let message = "this person is in the workspace already".to_owned();
        return Err(ServiceError::Conflict(message));
    }
    let invitation = Invitation {
        id: InvitationId(app.ids.uuid()),
        workspace_id,
        email: email.clone(),
        role: wanted.role,
        invited_by: inviter.as_ref().map(|user| user.id),
        created_at_ms: change.now_ms(),
        expires_at_ms: change.now_ms() + LIFETIME_MS,
    };
    let new = NewInvitation { invitation: invitation.clone(), hash: secret.hash() };
    change.put_invitation(&new).await?;
    let entry = AuditEntry::new(AuditAction::InvitationCreate, caller);
    let details = json!({ "after": { "email": email.as_str(), "role": wanted.role.as_str() } });
    change.record(entry.on("invitation", invitation.id).within(workspace_id).with(details));
    let own_language = inviter.as_ref().map(|user| user.language);
    let letter = Letter {
        // Nothing that is known of an account with this address: the mail is the same without one.
        name: email.to_string(),
        to: email,
        language: wanted.language.or(own_language).unwrap_or_default(),
        subject: LetterSubject::Invitation {
            workspace: workspace.name.to_string(),
            invited_by: inviter.map_or_else(|| "Formhold".to_owned(), |user| user.name.to_string()),
            link: account_mail::page(app, &format!("/invitation?token={}", secret.expose())),
        },
    };
    letters::enqueue(app, &mut change, Some(letter));
    change.commit().await?;
    Ok(invitation)
}

/// Up to `limit` open invitations to a workspace, the newest first, before the one with this id.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such workspace, or the caller may not know of it.
pub async fn list_invitations(
    app: &App,
    caller: &Caller,
    workspace_id: WorkspaceId,
    before: Option<InvitationId>,
    limit: u64,
) -> Result<Vec<Invitation>, ServiceError> {
    require(caller, Action::SeeMembers, Some(workspace_id))?;
    if app.store.find_workspace(workspace_id).await?.is_none() {
        return Err(workspaces::gone(workspace_id));
    }
    let now_ms = app.clock.now_ms();
    Ok(app.store.list_invitations(workspace_id, now_ms, before, limit).await?)
}

/// The names of those who sent these invitations to a workspace, as far as they still have accounts.
///
/// # Errors
/// As [`list_invitations`].
pub async fn inviters(
    app: &App,
    caller: &Caller,
    workspace_id: WorkspaceId,
    invitations: &[Invitation],
) -> Result<HashMap<UserId, PersonName>, ServiceError> {
    require(caller, Action::SeeMembers, Some(workspace_id))?;
    let own = invitations.iter().filter(|it| it.workspace_id == workspace_id);
    let ids: Vec<_> = own.filter_map(|it| it.invited_by).collect();
    let users = app.store.find_users(&ids).await?;
    Ok(users.into_iter().map(|user| (user.id, user.name)).collect())
}

/// Takes an invitation back: its link does not work any more.
///
/// # Errors
/// [`ServiceError::NotFound`] when it was accepted or taken back already, or is another workspace's.
pub async fn revoke_invitation(
    app: &App,
    caller: &Caller,
    workspace_id: WorkspaceId,
    id: InvitationId,
) -> Result<(), ServiceError> {
    require(caller, Action::ChangeMembers, Some(workspace_id))?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    workspaces::current(&change, workspace_id, None).await?;
    let found = change.delete_invitation(workspace_id, id).await?;
    let before = found.ok_or_else(|| ServiceError::NotFound(format!("invitation {id}")))?;
    let entry = AuditEntry::new(AuditAction::InvitationRevoke, caller).on("invitation", id);
    let (email, role) = (before.email.as_str(), before.role.as_str());
    let details = json!({ "before": { "email": email, "role": role } });
    change.record(entry.within(workspace_id).with(details));
    change.commit().await?;
    Ok(())
}

/// What the invitation with this secret says. Looking does not use it up.
///
/// # Errors
/// [`ServiceError::DeadLink`] when it was used or taken back, or has expired.
pub async fn look_at(app: &App, secret: &Bearer) -> Result<Invited, ServiceError> {
    let found = app.store.find_invitation(&secret.hash()).await?;
    let open = found.filter(|it| it.expires_at_ms > app.clock.now_ms());
    let invitation = open.ok_or(ServiceError::DeadLink)?;
    let workspace = app.store.find_workspace(invitation.workspace_id).await?;
    let workspace = workspace.ok_or(ServiceError::DeadLink)?.name;
    let invited_by = match invitation.invited_by {
        Some(id) => app.store.find_user(id).await?.map(|user| user.name),
        None => None,
    };
    Ok(Invited { invitation, workspace, invited_by })
}

/// Joins the workspace that an invitation leads to, and says which it is. Who is a member already
/// never loses rights by it.
///
/// # Errors
/// [`ServiceError::DeadLink`] when it was used or taken back, or has expired,
/// [`ServiceError::Forbidden`] when it is for another address.
pub async fn accept_invitation(
    app: &App,
    caller: &Caller,
    secret: &Bearer,
) -> Result<WorkspaceId, ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let user_id = person.user_id;
    let (hash, dead) = (secret.hash(), || ServiceError::DeadLink);
    let workspace_id = app.store.find_invitation(&hash).await?.ok_or_else(dead)?.workspace_id;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    // The workspace first, as all changes of its members do.
    change.workspace(workspace_id).await?.ok_or_else(dead)?;
    let user = change.user(user_id).await?.ok_or(ServiceError::SignInRequired)?;
    let invitation = change.use_invitation(&hash).await?.ok_or_else(dead)?;
    if invitation.email.folded() != user.email.folded() {
        let message = "this invitation is for another address".to_owned();
        return Err(ServiceError::Forbidden(message));
    }
    let before = change.member_role(workspace_id, user_id).await?;
    let role = before.map_or(invitation.role, |before| before.max(invitation.role));
    change.put_member(workspace_id, user_id, role).await?;
    let known = change.session_hashes(user_id).await?;
    let entry = AuditEntry::new(AuditAction::MemberAdd, caller).on("user", user_id);
    let details = json!({ "after": { "role": role.as_str() }, "invitation": invitation.id });
    change.record(entry.within(workspace_id).with(details));
    change.commit().await?;
    sessions::forget(app, &known).await;
    Ok(workspace_id)
}

/// Forgets invitations that expired; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget_expired(app: &App) -> Result<u64, ServiceError> {
    Ok(app.store.forget_invitations(app.clock.now_ms()).await?)
}

/// An address that can be kept in lower case, too.
fn parse_address(text: &str) -> Result<EmailAddress, ServiceError> {
    EmailAddress::parse(text)
        .and_then(|email| EmailAddress::parse(&email.folded()).map(|_| email))
        .map_err(|message| ServiceError::invalid("email", "NOT_EMAIL", message))
}
