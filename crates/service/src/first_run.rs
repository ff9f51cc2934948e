//! Setting up an instance: its first administrator, without any default password.
//!
//! The link's secret is nowhere but in the memory of the process that showed it: no restart, and no
//! backup that is restored, can open it again. That the set-up is done is a fact in the database,
//! which one change of all can write.

use std::sync::{Mutex, PoisonError};

use formhold_domain::{
    Bearer, BearerHash, UserId, WorkspaceId,
    access::{Caller, InstanceRole, WorkspaceRole},
    accounts::{Factor, WorkspaceName},
    audit::{AuditAction, AuditEntry},
};
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::{
    App, ServiceError, new_accounts,
    sessions::{self, Opened},
};

const DONE: &str = "set_up";

/// The link that is open, as its hash.
#[derive(Default)]
pub(crate) struct OpenLink(Mutex<Option<BearerHash>>);

/// Who the first administrator is.
#[derive(Debug, Clone, Copy)]
pub struct FirstAdmin<'a> {
    /// The person's name.
    pub name: &'a str,
    /// The address.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
    /// What the first workspace is called from now on.
    pub workspace: Option<&'a str>,
}

/// Whether the instance was set up: some account was made, ever.
///
/// # Errors
/// When the database fails.
pub async fn is_done(app: &App) -> Result<bool, ServiceError> {
    Ok(app.store.has_fact(DONE).await? || app.store.count_users().await? > 0)
}

/// Opens the set-up; gives the address of its page. An earlier link of this process is dead then.
#[must_use]
pub fn open(app: &App) -> String {
    let secret = Bearer::new(&*app.ids);
    *app.set_up.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret.hash());
    crate::account_mail::page(app, &format!("/setup?token={}", secret.expose()))
}

/// Whether this is the secret of the open link.
#[must_use]
pub fn is_open(app: &App, secret: &Bearer) -> bool {
    let open = app.set_up.0.lock().unwrap_or_else(PoisonError::into_inner);
    open.is_some_and(|hash| bool::from(hash.ct_eq(&secret.hash())))
}

/// Sets the instance up by its link, and signs the first administrator in.
///
/// # Errors
/// [`ServiceError::DeadLink`] when the link is none, or somebody was first.
pub async fn set_up(
    app: &App,
    caller: &Caller,
    secret: &Bearer,
    admin: &FirstAdmin<'_>,
) -> Result<Opened, ServiceError> {
    if !is_open(app, secret) {
        return Err(ServiceError::DeadLink);
    }
    let opened = make(app, caller, admin, true).await?;
    *app.set_up.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    opened.ok_or(ServiceError::DeadLink)
}

/// Makes the first administrator without a link, for who may run the program.
///
/// # Errors
/// [`ServiceError::DeadLink`] when the instance was set up already.
pub async fn create_admin(
    app: &App,
    caller: &Caller,
    admin: &FirstAdmin<'_>,
) -> Result<(), ServiceError> {
    make(app, caller, admin, false).await.map(|_| ())
}

async fn make(
    app: &App,
    caller: &Caller,
    admin: &FirstAdmin<'_>,
    sign_in: bool,
) -> Result<Option<Opened>, ServiceError> {
    let user = new_accounts::checked(admin.name, admin.email, Some(admin.password))?;
    let workspace =
        admin.workspace.map(WorkspaceName::parse).transpose().map_err(|problem| {
            ServiceError::invalid("workspace", "WRONG_NAME", problem.to_string())
        })?;
    let id = UserId(app.ids.uuid());
    let new = user.into_new(app, id, InstanceRole::Admin, true).await?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    // The fact first: of two at once the second waits here, and then finds it.
    if !change.insert_fact(DONE).await? || app.store.count_users().await? > 0 {
        change.roll_back().await?;
        return Err(ServiceError::DeadLink);
    }
    change.insert_user(&new).await?;
    change.put_member(WorkspaceId::FIRST, id, WorkspaceRole::Owner).await?;
    if let (Some(name), Some(first)) = (workspace, change.workspace(WorkspaceId::FIRST).await?) {
        change.rename_workspace(first.id, first.version, &name).await?;
    }
    let entry = AuditEntry::new(AuditAction::InstanceSetUp, caller).on("user", id);
    change.record(entry.with(json!({ "role": InstanceRole::Admin.as_str() })));
    let opened = match sign_in {
        true => Some(sessions::open(app, &mut change, caller, id, Factor::Setup).await?),
        false => None,
    };
    change.commit().await?;
    Ok(opened)
}

/// Notes that the instance is set up, inside a change that makes an account.
pub(crate) async fn note_done(change: &formhold_store::Change) -> Result<(), ServiceError> {
    change.insert_fact(DONE).await?;
    Ok(())
}
