//! Workspaces: making, finding, renaming, deleting.

use formhold_domain::{
    WorkspaceId,
    access::{Action, Caller, Via, WorkspaceRole},
    accounts::{Workspace, WorkspaceName},
    audit::{AuditAction, AuditEntry},
};
use formhold_store::Change;
pub use formhold_store::WorkspaceSummary;
use serde_json::json;

use crate::{
    App, ServiceError,
    access::{allows, require, require_own},
    sessions,
};

/// Makes a workspace. The caller becomes its owner.
///
/// # Errors
/// [`ServiceError::Invalid`] when the name cannot be used.
pub async fn create_workspace(
    app: &App,
    caller: &Caller,
    name: &str,
) -> Result<Workspace, ServiceError> {
    require(caller, Action::CreateWorkspaces, None)?;
    let name = parse_name(name)?;
    let id = WorkspaceId(app.ids.uuid());
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    change.insert_workspace(id, &name).await?;
    let owner = caller.person().map(|person| person.user_id);
    let known = match owner {
        Some(owner) => {
            change.put_member(id, owner, WorkspaceRole::Owner).await?;
            change.session_hashes(owner).await?
        }
        None => Vec::new(),
    };
    let made = change.workspace(id).await?.ok_or_else(|| gone(id))?;
    let entry = AuditEntry::new(AuditAction::WorkspaceCreate, caller).on("workspace", id);
    let details = json!({ "after": { "name": made.name.as_str() }, "owner": owner });
    change.record(entry.within(id).with(details));
    change.commit().await?;
    sessions::forget(app, &known).await;
    Ok(made)
}

/// A workspace, and how much is in it.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none, or the caller may not know of it.
pub async fn get_workspace(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
) -> Result<WorkspaceSummary, ServiceError> {
    require(caller, Action::SeeWorkspace, Some(id))?;
    let found = app.store.list_workspaces(Some(&[id]), None, 1).await?;
    found.into_iter().next().ok_or_else(|| gone(id))
}

/// Up to `limit` workspaces that the caller may see after the one with this id, the oldest first.
///
/// # Errors
/// When the caller is nobody, or the database fails.
pub async fn list_workspaces(
    app: &App,
    caller: &Caller,
    after: Option<WorkspaceId>,
    limit: u64,
) -> Result<Vec<WorkspaceSummary>, ServiceError> {
    if allows(caller, Action::SeeAllWorkspaces, None) {
        return Ok(app.store.list_workspaces(None, after, limit).await?);
    }
    let person = require_own(caller, Action::SeeOwnAccount)?;
    let mut only: Vec<_> = person.memberships.iter().map(|it| it.workspace_id).collect();
    if let Via::Token { workspace: Some(id), .. } = person.via {
        only = vec![id];
    }
    only.retain(|id| allows(caller, Action::SeeWorkspace, Some(*id)));
    if only.is_empty() {
        return Ok(Vec::new());
    }
    Ok(app.store.list_workspaces(Some(&only), after, limit).await?)
}

/// Up to 100 workspaces that the caller can choose to work in, the oldest first, and `remembered`
/// where the caller may see it; empty for nobody.
///
/// # Errors
/// When the database fails.
pub async fn choices(
    app: &App,
    caller: &Caller,
    remembered: Option<WorkspaceId>,
) -> Result<Vec<Workspace>, ServiceError> {
    const MOST: u64 = 100;
    let Some(person) = caller.person() else { return Ok(Vec::new()) };
    if person.is_admin() {
        let mut all = app.store.find_workspaces(None, MOST).await?;
        let further = remembered.filter(|id| all.iter().all(|it| it.id != *id));
        if let Some(id) = further {
            all.extend(app.store.find_workspace(id).await?);
        }
        return Ok(all);
    }
    let mut ids: Vec<_> = person.memberships.iter().map(|it| it.workspace_id).collect();
    // The one that is remembered is not what is left out.
    ids.sort_by_key(|id| (Some(*id) != remembered, *id));
    ids.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(app.store.find_workspaces(Some(&ids), MOST).await?)
}

/// Renames a workspace. `version` is the one that the caller looked at; none takes whichever there is.
///
/// # Errors
/// [`ServiceError::Stale`] when it has another version.
pub async fn rename_workspace(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
    version: Option<u32>,
    name: &str,
) -> Result<Workspace, ServiceError> {
    require(caller, Action::ChangeWorkspace, Some(id))?;
    let name = parse_name(name)?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let before = current(&change, id, version).await?;
    if !change.rename_workspace(id, before.version, &name).await? {
        return Err(ServiceError::Stale("the workspace"));
    }
    let after = change.workspace(id).await?.ok_or_else(|| gone(id))?;
    let entry = AuditEntry::new(AuditAction::WorkspaceChange, caller).on("workspace", id);
    let (old, new) = (before.name.as_str(), after.name.as_str());
    let details = json!({ "before": { "name": old }, "after": { "name": new } });
    change.record(entry.within(id).with(details));
    change.commit().await?;
    Ok(after)
}

/// Deletes a workspace with its memberships, its invitations and the tokens that reach only it. Its
/// forms are deleted with it: they take no submissions and nobody sees them any more. What was
/// submitted stays in the database.
///
/// # Errors
/// [`ServiceError::Stale`] when it has another version than the caller looked at,
/// [`ServiceError::Conflict`] when it is the last one of all.
pub async fn delete_workspace(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
    version: Option<u32>,
) -> Result<(), ServiceError> {
    require(caller, Action::ChangeWorkspace, Some(id))?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let has_other = change.has_other_workspace(id).await?;
    let before = current(&change, id, version).await?;
    if !has_other {
        // Forms that are made without saying where need one.
        let message = "this is the last workspace: make another one first".to_owned();
        return Err(ServiceError::Conflict(message));
    }
    let known = change.session_hashes_of_members(id).await?;
    let forms = change.delete_forms_of(id).await?;
    change.delete_workspace(id).await?;
    let entry = AuditEntry::new(AuditAction::WorkspaceDelete, caller).on("workspace", id);
    let details = json!({ "before": { "name": before.name.as_str() }, "forms": forms });
    change.record(entry.within(id).with(details));
    change.commit().await?;
    sessions::forget(app, &known).await;
    app.forms.drop_all().await;
    Ok(())
}

/// The workspace as it is now, kept from others, if it has the version that the caller looked at.
pub(crate) async fn current(
    change: &Change,
    id: WorkspaceId,
    version: Option<u32>,
) -> Result<Workspace, ServiceError> {
    let workspace = change.workspace(id).await?.ok_or_else(|| gone(id))?;
    if version.is_some_and(|version| version != workspace.version) {
        return Err(ServiceError::Stale("the workspace"));
    }
    Ok(workspace)
}

fn parse_name(text: &str) -> Result<WorkspaceName, ServiceError> {
    WorkspaceName::parse(text)
        .map_err(|problem| ServiceError::invalid("name", "WRONG_NAME", problem.to_string()))
}

pub(crate) fn gone(id: WorkspaceId) -> ServiceError {
    ServiceError::NotFound(format!("workspace {id}"))
}
