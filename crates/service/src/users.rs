//! Users, as administrators see them: making, finding, changing, disabling, deleting.

use formhold_domain::{
    Language, UserId,
    access::{Action, Caller, InstanceRole, WorkspaceRole},
    accounts::{LinkKind, PersonName, User, UserState, Workspace},
    audit::{AuditAction, AuditEntry},
    letters::LetterSubject,
};
use formhold_store::{Change, StoreError, UserUpdate};
pub use formhold_store::{UserFilter, UserOrder};
use serde_json::{Value, json};

pub use crate::factors::reset_factors;
use crate::{
    App, ServiceError,
    access::{require, require_own},
    account_mail, first_run, letters,
    new_accounts::checked,
    pictures, sessions,
};

/// What somebody wants to make an account of.
#[derive(Debug, Clone)]
pub struct UserIn {
    /// The person's name.
    pub name: String,
    /// The address.
    pub email: String,
    /// What it is in the instance.
    pub role: InstanceRole,
    /// The language of mails to it.
    pub language: Option<Language>,
    /// The password; none: the person gets a link to set one.
    pub password: Option<String>,
}

/// What is to change of an account; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct UserPatch {
    /// The name.
    pub name: Option<String>,
    /// The role.
    pub role: Option<InstanceRole>,
    /// The language.
    pub language: Option<Language>,
}

/// Makes an account for somebody. Without a password the person gets a link to set one; that shows
/// that mail arrives, so the address needs no other confirmation.
///
/// # Errors
/// [`ServiceError::Invalid`] with all problems, [`ServiceError::Conflict`] when the address has an
/// account.
pub async fn create_user(app: &App, caller: &Caller, user: UserIn) -> Result<User, ServiceError> {
    require(caller, Action::ChangeUsers, None)?;
    let checked = checked(&user.name, &user.email, user.password.as_deref())?;
    let id = UserId(app.ids.uuid());
    let mut new = checked.into_new(app, id, user.role, true).await?;
    new.language = user.language.unwrap_or_default();
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    change.insert_user(&new).await.map_err(taken)?;
    first_run::note_done(&change).await?;
    let made = change.user(id).await?.ok_or_else(|| gone(id))?;
    let entry = AuditEntry::new(AuditAction::UserCreate, caller).on("user", id);
    change.record(entry.with(json!({ "after": shown(&made) })));
    if new.password_hash.is_none() {
        let link = account_mail::link(app, &change, &made, LinkKind::ResetPassword).await?;
        let letter = account_mail::to(&made, LetterSubject::ResetPassword { link });
        letters::enqueue(app, &mut change, Some(letter));
    }
    change.commit().await?;
    Ok(made)
}

/// An account.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none.
pub async fn get_user(app: &App, caller: &Caller, id: UserId) -> Result<User, ServiceError> {
    require(caller, Action::SeeUsers, None)?;
    app.store.find_user(id).await?.ok_or_else(|| gone(id))
}

/// An account and what opens it, as administrators see it.
#[derive(Debug, Clone)]
pub struct UserDetail {
    /// The account.
    pub user: User,
    /// How many passkeys it has.
    pub passkeys: u64,
    /// How many sessions are open.
    pub sessions: u64,
    /// The workspaces that it belongs to, the oldest first.
    pub memberships: Vec<(Workspace, WorkspaceRole)>,
}

/// An account and what opens it. Of more than 200 sessions or workspaces the rest is left out.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none.
pub async fn user_detail(
    app: &App,
    caller: &Caller,
    id: UserId,
) -> Result<UserDetail, ServiceError> {
    const MOST: u64 = 200;
    let user = get_user(app, caller, id).await?;
    let passkeys = app.store.list_passkeys(id).await?.len() as u64;
    let sessions = sessions::open_sessions(app, id).await?.len() as u64;
    let of_user = app.store.memberships(id).await?;
    let ids: Vec<_> = of_user.iter().map(|it| it.workspace_id).collect();
    let workspaces = app.store.find_workspaces(Some(&ids), MOST).await?;
    let role_in = |id| of_user.iter().find(|it| it.workspace_id == id).map(|it| it.role);
    let memberships =
        workspaces.into_iter().filter_map(|it| role_in(it.id).map(|role| (it, role))).collect();
    Ok(UserDetail { user, passkeys, sessions, memberships })
}

/// Ends all sessions of an account; gives how many.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such account.
pub async fn end_sessions(app: &App, caller: &Caller, id: UserId) -> Result<usize, ServiceError> {
    require(caller, Action::ChangeUsers, None)?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    current(&change, id, None).await?;
    let ended = change.end_sessions(id, None, None).await?;
    let entry = AuditEntry::new(AuditAction::SignOut, caller).on("user", id);
    change.record(entry.with(json!({ "ended": ended.len() })));
    change.commit().await?;
    sessions::forget(app, &ended).await;
    Ok(ended.len())
}

/// The caller's own account.
///
/// # Errors
/// [`ServiceError::SignInRequired`] when the caller is nobody.
pub async fn own_account(app: &App, caller: &Caller) -> Result<User, ServiceError> {
    let person = require_own(caller, Action::SeeOwnAccount)?;
    app.store.find_user(person.user_id).await?.ok_or(ServiceError::SignInRequired)
}

/// Up to `limit` accounts after the one with this id.
///
/// # Errors
/// When the caller may not, or the database fails.
pub async fn list_users(
    app: &App,
    caller: &Caller,
    filter: &UserFilter,
    order: UserOrder,
    after: Option<UserId>,
    limit: u64,
) -> Result<Vec<User>, ServiceError> {
    require(caller, Action::SeeUsers, None)?;
    Ok(app.store.list_users(filter, order, after, limit).await?)
}

/// Changes an account. `version` is the one that the caller looked at; none takes whichever there is.
///
/// # Errors
/// [`ServiceError::Stale`] when it has another version, [`ServiceError::Conflict`] when nobody would
/// be left to administer the instance, or it is the caller's own role.
pub async fn change_user(
    app: &App,
    caller: &Caller,
    id: UserId,
    version: Option<u32>,
    patch: UserPatch,
) -> Result<User, ServiceError> {
    require(caller, Action::ChangeUsers, None)?;
    let name = patch
        .name
        .as_deref()
        .map(PersonName::parse)
        .transpose()
        .map_err(|problem| ServiceError::invalid("name", "WRONG_NAME", problem.to_string()))?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let before = current(&change, id, version).await?;
    let role = patch.role.filter(|role| *role != before.role);
    if role.is_some() {
        keep_off_oneself(caller, id, "change your role")?;
    }
    if role == Some(InstanceRole::User) {
        keep_an_admin(&change, &before).await?;
    }
    let update = UserUpdate { name, role, language: patch.language, ..UserUpdate::default() };
    if !change.update_user(id, before.version, update).await? {
        return Err(ServiceError::Stale("the user"));
    }
    // A session must not go on with rights that were given or taken meanwhile.
    let ended = match role {
        Some(_) => change.end_sessions(id, None, None).await?,
        None => Vec::new(),
    };
    let after = change.user(id).await?.ok_or_else(|| gone(id))?;
    let entry = AuditEntry::new(AuditAction::UserChange, caller).on("user", id);
    change.record(entry.with(json!({ "before": shown(&before), "after": shown(&after) })));
    change.commit().await?;
    sessions::forget(app, &ended).await;
    Ok(after)
}

/// Turns an account off or on again. Turned off, nobody is signed in to it at the next request, and
/// its tokens do not work.
///
/// # Errors
/// [`ServiceError::Conflict`] when nobody would be left to administer the instance, or it is the
/// caller's own.
pub async fn set_user_state(
    app: &App,
    caller: &Caller,
    id: UserId,
    state: UserState,
) -> Result<User, ServiceError> {
    require(caller, Action::ChangeUsers, None)?;
    if state == UserState::Disabled {
        keep_off_oneself(caller, id, "disable you")?;
    }
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let before = current(&change, id, None).await?;
    if before.state == state {
        return Ok(before);
    }
    let (action, ended) = match state {
        UserState::Active => (AuditAction::UserEnable, Vec::new()),
        UserState::Disabled => {
            keep_an_admin(&change, &before).await?;
            change.delete_links(id, None).await?;
            (AuditAction::UserDisable, change.end_sessions(id, None, None).await?)
        }
    };
    let update = UserUpdate { state: Some(state), ..UserUpdate::default() };
    change.update_user(id, before.version, update).await?;
    let after = change.user(id).await?.ok_or_else(|| gone(id))?;
    change.record(AuditEntry::new(action, caller).on("user", id));
    change.commit().await?;
    sessions::forget(app, &ended).await;
    Ok(after)
}

/// Deletes somebody else's account and everything that opens it.
///
/// # Errors
/// [`ServiceError::Conflict`] when nobody would be left to administer the instance, or it is the
/// caller's own.
pub async fn delete_user(
    app: &App,
    caller: &Caller,
    id: UserId,
    version: Option<u32>,
) -> Result<(), ServiceError> {
    require(caller, Action::ChangeUsers, None)?;
    keep_off_oneself(caller, id, "delete you")?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let before = current(&change, id, version).await?;
    keep_an_admin(&change, &before).await?;
    let ended = change.session_hashes(id).await?;
    change.delete_user(id).await?;
    let entry = AuditEntry::new(AuditAction::UserDelete, caller).on("user", id);
    change.record(entry.with(json!({ "before": { "role": before.role.as_str() } })));
    change.commit().await?;
    sessions::forget(app, &ended).await;
    pictures::discard(app, before.picture.as_ref());
    Ok(())
}

/// The account as it is now, if it has the version that the caller looked at.
pub(crate) async fn current(
    change: &Change,
    id: UserId,
    version: Option<u32>,
) -> Result<User, ServiceError> {
    let user = change.user(id).await?.ok_or_else(|| gone(id))?;
    if version.is_some_and(|version| version != user.version) {
        return Err(ServiceError::Stale("the user"));
    }
    Ok(user)
}

/// An admin does not lock the own account by a slip of the hand; and whoever found a browser that is
/// signed in gets around no question for the password by it.
pub(crate) fn keep_off_oneself(
    caller: &Caller,
    id: UserId,
    deed: &str,
) -> Result<(), ServiceError> {
    if caller.person().is_some_and(|person| person.user_id == id) {
        return Err(ServiceError::Conflict(format!("only another administrator can {deed}")));
    }
    Ok(())
}

pub(crate) async fn keep_an_admin(change: &Change, user: &User) -> Result<(), ServiceError> {
    let is_admin = user.role == InstanceRole::Admin && user.state == UserState::Active;
    if is_admin && change.count_admins().await? <= 1 {
        return Err(ServiceError::Conflict(
            "this is the last administrator: make somebody else one first".to_owned(),
        ));
    }
    Ok(())
}

/// What the audit trail keeps of an account.
fn shown(user: &User) -> Value {
    json!({
        "email": user.email.as_str(),
        "name": user.name.as_str(),
        "role": user.role.as_str(),
        "language": user.language.tag(),
        "state": user.state.as_str(),
    })
}

fn gone(id: UserId) -> ServiceError {
    ServiceError::NotFound(format!("user {id}"))
}

pub(crate) fn taken(error: StoreError) -> ServiceError {
    match error {
        StoreError::Conflict { .. } => has_account(),
        other => other.into(),
    }
}

/// Only for who may know that.
pub(crate) fn has_account() -> ServiceError {
    ServiceError::Conflict("there is an account with this address already".to_owned())
}
