//! Members of workspaces: who is in one, and what they may do there.
//!
//! Each change locks the workspace first: changes of one workspace's members and invitations wait for
//! each other, on all nodes.

use formhold_domain::{
    UserId, WorkspaceId,
    access::{Action, Caller, WorkspaceRole},
    accounts::Member,
    audit::{AuditAction, AuditEntry},
};
use formhold_store::Change;
use serde_json::json;

use crate::{App, ServiceError, access::require, sessions, workspaces};

/// Up to `limit` members of a workspace after the user `after`, in the order of their accounts.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such workspace, or the caller may not know of it.
pub async fn list_members(
    app: &App,
    caller: &Caller,
    workspace_id: WorkspaceId,
    after: Option<UserId>,
    limit: u64,
) -> Result<Vec<Member>, ServiceError> {
    require(caller, Action::SeeMembers, Some(workspace_id))?;
    if app.store.find_workspace(workspace_id).await?.is_none() {
        return Err(workspaces::gone(workspace_id));
    }
    Ok(app.store.list_members(workspace_id, after, limit).await?)
}

/// Somebody in a workspace.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such workspace or member.
pub async fn get_member(
    app: &App,
    caller: &Caller,
    workspace_id: WorkspaceId,
    user_id: UserId,
) -> Result<Member, ServiceError> {
    require(caller, Action::SeeMembers, Some(workspace_id))?;
    let found = app.store.find_member(workspace_id, user_id).await?;
    found.ok_or_else(|| no_member(user_id))
}

/// Gives a member another role, which counts from their next request on.
///
/// # Errors
/// [`ServiceError::Conflict`] when the workspace would be without an owner and the caller is no
/// admin, who is an owner of all.
pub async fn change_member(
    app: &App,
    caller: &Caller,
    workspace_id: WorkspaceId,
    user_id: UserId,
    role: WorkspaceRole,
) -> Result<Member, ServiceError> {
    require(caller, Action::ChangeMembers, Some(workspace_id))?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let before = current_role(&change, workspace_id, user_id).await?;
    if before != role {
        if before == WorkspaceRole::Owner {
            keep_an_owner(&change, caller, workspace_id).await?;
        }
        change.put_member(workspace_id, user_id, role).await?;
        let known = change.session_hashes(user_id).await?;
        let entry = AuditEntry::new(AuditAction::MemberChange, caller).on("user", user_id);
        let (old, new) = (before.as_str(), role.as_str());
        let details = json!({ "before": { "role": old }, "after": { "role": new } });
        change.record(entry.within(workspace_id).with(details));
        change.commit().await?;
        sessions::forget(app, &known).await;
    } else {
        change.roll_back().await?;
    }
    let member = app.store.find_member(workspace_id, user_id).await?;
    member.ok_or_else(|| no_member(user_id))
}

/// Removes a member, who has no rights there from the next request on.
///
/// # Errors
/// As [`change_member`].
pub async fn remove_member(
    app: &App,
    caller: &Caller,
    workspace_id: WorkspaceId,
    user_id: UserId,
) -> Result<(), ServiceError> {
    require(caller, Action::ChangeMembers, Some(workspace_id))?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let before = current_role(&change, workspace_id, user_id).await?;
    if before == WorkspaceRole::Owner {
        keep_an_owner(&change, caller, workspace_id).await?;
    }
    change.delete_member(workspace_id, user_id).await?;
    let known = change.session_hashes(user_id).await?;
    let entry = AuditEntry::new(AuditAction::MemberRemove, caller).on("user", user_id);
    let details = json!({ "before": { "role": before.as_str() } });
    change.record(entry.within(workspace_id).with(details));
    change.commit().await?;
    sessions::forget(app, &known).await;
    Ok(())
}

async fn current_role(
    change: &Change,
    workspace_id: WorkspaceId,
    user_id: UserId,
) -> Result<WorkspaceRole, ServiceError> {
    workspaces::current(change, workspace_id, None).await?;
    let role = change.member_role(workspace_id, user_id).await?;
    role.ok_or_else(|| no_member(user_id))
}

/// The last owner stays one, unless somebody acts who may step in at any time.
async fn keep_an_owner(
    change: &Change,
    caller: &Caller,
    workspace_id: WorkspaceId,
) -> Result<(), ServiceError> {
    let is_member = caller.person().is_some_and(|person| !person.is_admin());
    if is_member && change.count_owners(workspace_id).await? <= 1 {
        return Err(ServiceError::Conflict(
            "this is the last owner of the workspace: make somebody else one first".to_owned(),
        ));
    }
    Ok(())
}

fn no_member(user_id: UserId) -> ServiceError {
    ServiceError::NotFound(format!("member {user_id}"))
}
