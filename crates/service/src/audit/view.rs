//! A page of the audit trail with the names that people know.

use std::collections::HashMap;

use formhold_domain::{
    EmailAddress, UserId,
    access::{Action, Caller},
    accounts::Workspace,
    audit::AuditRow,
};
use formhold_store::AuditFilter;

use super::{Recent, list_audit, recent::check_recent};
use crate::{App, ServiceError, access::allows, workspace_choices::workspaces_for};

/// A page of the audit trail.
#[derive(Debug, Clone)]
pub struct AuditView {
    /// The entries, newest first.
    pub entries: Vec<AuditRow>,
    /// The names of the users among them, by id.
    pub names: HashMap<String, String>,
    /// The workspaces that the caller can narrow it to.
    pub workspaces: Vec<Workspace>,
    /// What it was narrowed to: owners see one workspace at a time.
    pub filter: AuditFilter,
    /// Whether the caller sees the entries of all workspaces at once.
    pub sees_all: bool,
    /// Whether the newest part of the trail is whole.
    pub recent: Recent,
}

/// Up to `limit` entries before the number `before`. Who may not see the whole trail sees that of the
/// first own workspace. An address in place of the actor's id names the user who has it.
///
/// # Errors
/// When the caller may not, or the database fails.
pub async fn view_audit(
    app: &App,
    caller: &Caller,
    filter: AuditFilter,
    before: Option<u64>,
    limit: u64,
) -> Result<AuditView, ServiceError> {
    let workspaces = workspaces_for(app, caller, Action::SeeWorkspaceAudit).await?;
    let filter = narrowed(app, caller, filter, &workspaces).await?;
    let entries = list_audit(app, caller, &filter, before, limit).await?;
    let names = names_in(app, &entries).await?;
    let recent = check_recent(app).await?;
    let sees_all = allows(caller, Action::SeeAudit, None);
    Ok(AuditView { entries, names, workspaces, filter, sees_all, recent })
}

/// What the caller sees of what was asked for.
async fn narrowed(
    app: &App,
    caller: &Caller,
    mut filter: AuditFilter,
    workspaces: &[Workspace],
) -> Result<AuditFilter, ServiceError> {
    if filter.workspace_id.is_none() && !allows(caller, Action::SeeAudit, None) {
        filter.workspace_id = workspaces.first().map(|workspace| workspace.id);
    }
    let address = filter.actor_id.as_deref().and_then(|text| EmailAddress::parse(text).ok());
    if let Some(address) = address
        && let Some(user) = app.store.find_user_by_email(&address).await?
    {
        filter.actor_id = Some(user.id.to_string());
    }
    Ok(filter)
}

async fn names_in(
    app: &App,
    entries: &[AuditRow],
) -> Result<HashMap<String, String>, ServiceError> {
    let actors = entries.iter().filter_map(|row| row.actor_id.as_deref());
    let users = entries.iter().filter(|row| row.target_kind.as_deref() == Some("user"));
    let targets = users.filter_map(|row| row.target_id.as_deref());
    let mut ids: Vec<UserId> = actors.chain(targets).filter_map(|id| id.parse().ok()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let users = app.store.find_users(&ids).await?;
    Ok(users.into_iter().map(|user| (user.id.to_string(), user.name.to_string())).collect())
}
