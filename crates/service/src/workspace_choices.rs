//! The workspaces that somebody can choose from: in forms, and to narrow a list.

use formhold_domain::{
    WorkspaceId,
    access::{Action, Caller},
    accounts::Workspace,
};

use crate::{App, ServiceError, access::allows};

/// More than fit in a list to choose from.
const MOST: u64 = 500;

/// The oldest workspaces in which the caller may do this.
///
/// # Errors
/// When the database fails.
pub async fn workspaces_for(
    app: &App,
    caller: &Caller,
    action: Action,
) -> Result<Vec<Workspace>, ServiceError> {
    let Some(person) = caller.person() else { return Ok(Vec::new()) };
    let own: Vec<WorkspaceId> = person.memberships.iter().map(|it| it.workspace_id).collect();
    let only = if person.is_admin() { None } else { Some(own.as_slice()) };
    let found = app.store.list_workspaces(only, None, MOST).await?;
    let found = found.into_iter().map(|summary| summary.workspace);
    Ok(found.filter(|workspace| allows(caller, action, Some(workspace.id))).collect())
}
