//! API tokens: making, listing and revoking what lets programs act in somebody's name.
//!
//! Tokens are made by people who are signed in, for themselves: never by a token, never by an
//! administrator for others. Administrators see and revoke those of others.

use formhold_domain::{
    Bearer, TokenId, UserId, WorkspaceId,
    access::{Action, Caller, Person, Scope, Scopes, Via},
    accounts::{ApiToken, TokenName, UserState},
    audit::{AuditAction, AuditEntry},
    rfc3339,
};
use serde_json::{Value, json};

use crate::{
    App, InputProblem, ServiceError,
    access::{require, require_own},
};

/// How many tokens one user may have, those that expired included.
pub const MAX_TOKENS: u64 = 100;
/// The longest time after which a token expires, where it does.
pub const MAX_DAYS: u32 = 3_650;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A token that somebody wants.
#[derive(Debug, Clone, Default)]
pub struct TokenIn {
    /// What its owner calls it.
    pub name: String,
    /// The names of its [`Scope`]s.
    pub scopes: Vec<String>,
    /// The only workspace that it reaches; none: all of its owner's.
    pub workspace_id: Option<WorkspaceId>,
    /// After how many days it expires; none: never.
    pub expires_in_days: Option<u32>,
}

/// A token that was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// The token.
    pub token: ApiToken,
    /// What proves it, to be shown once as [`Bearer::expose_token`] writes it.
    pub secret: Bearer,
}

/// The scopes that a token of the caller could make use of.
///
/// # Errors
/// [`ServiceError::SignInRequired`] when the caller is nobody.
pub fn usable_scopes(caller: &Caller) -> Result<Scopes, ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let usable = Scope::ALL.into_iter().filter(|scope| person.has_use_for(*scope, None));
    Ok(Scopes::new(usable.collect()))
}

/// Makes a token for the caller, who must have signed in.
///
/// # Errors
/// [`ServiceError::Invalid`] with all problems, [`ServiceError::NotFound`] for a workspace that the
/// caller does not see, [`ServiceError::Conflict`] when the caller has [`MAX_TOKENS`].
pub async fn create_token(
    app: &App,
    caller: &Caller,
    wanted: TokenIn,
) -> Result<Made, ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    if let Some(id) = wanted.workspace_id {
        require(caller, Action::SeeWorkspace, Some(id))?;
    }
    let (name, scopes) = checked(person, &wanted)?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    // The rows are kept from others: nobody is disabled, and no workspace deleted, meanwhile.
    let user = change.user(person.user_id).await?;
    if user.is_none_or(|user| user.state != UserState::Active) {
        return Err(ServiceError::SignInRequired);
    }
    if let Some(id) = wanted.workspace_id
        && change.workspace(id).await?.is_none()
    {
        return Err(ServiceError::NotFound(format!("workspace {id}")));
    }
    if change.count_tokens(person.user_id).await? >= MAX_TOKENS {
        return Err(ServiceError::Conflict(format!(
            "you have {MAX_TOKENS} tokens already: revoke some first"
        )));
    }
    let secret = Bearer::new(&*app.ids);
    let lifetime_ms = wanted.expires_in_days.map(|days| i64::from(days) * DAY_MS);
    let token = ApiToken {
        id: TokenId(app.ids.uuid()),
        user_id: person.user_id,
        name: name.as_str().to_owned(),
        scopes,
        workspace_id: wanted.workspace_id,
        created_at_ms: change.now_ms(),
        expires_at_ms: lifetime_ms.map(|lifetime_ms| change.now_ms() + lifetime_ms),
        used_at_ms: None,
    };
    change.insert_token(&token, &secret.hash()).await?;
    let entry = entry(AuditAction::TokenCreate, caller, &token);
    change.record(entry.with(json!({ "after": shown(&token) })));
    change.commit().await?;
    Ok(Made { token, secret })
}

/// Up to `limit` tokens, the newest first, before the id `before`: those of a user, or the caller's
/// own where `user_id` is none.
///
/// # Errors
/// When the caller may not, or the database fails.
pub async fn list_tokens(
    app: &App,
    caller: &Caller,
    user_id: Option<UserId>,
    before: Option<TokenId>,
    limit: u64,
) -> Result<Vec<ApiToken>, ServiceError> {
    let owner = seen_owner(caller, user_id)?;
    Ok(app.store.list_tokens(owner, before, limit).await?)
}

/// A token: of a user, or of the caller's own where `user_id` is none.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none, or it is somebody else's.
pub async fn get_token(
    app: &App,
    caller: &Caller,
    user_id: Option<UserId>,
    id: TokenId,
) -> Result<ApiToken, ServiceError> {
    let owner = seen_owner(caller, user_id)?;
    app.store.find_token_of(owner, id).await?.ok_or_else(|| gone(id))
}

/// Revokes a token at once: of a user, or of the caller's own where `user_id` is none. A token may
/// revoke itself.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none, or it is somebody else's.
pub async fn revoke_token(
    app: &App,
    caller: &Caller,
    user_id: Option<UserId>,
    id: TokenId,
) -> Result<(), ServiceError> {
    let owner = match (user_id, caller.person()) {
        (Some(user_id), _) => {
            require(caller, Action::ChangeUsers, None)?;
            user_id
        }
        (None, Some(Person { via: Via::Token { id: own, .. }, user_id, .. })) if *own == id => {
            *user_id
        }
        (None, _) => require_own(caller, Action::ChangeOwnAccount)?.user_id,
    };
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let token = change.token(owner, id).await?.ok_or_else(|| gone(id))?;
    // Two at once: the one that deletes it writes the entry.
    if !change.delete_token(owner, id).await? {
        return Err(gone(id));
    }
    let entry = entry(AuditAction::TokenRevoke, caller, &token);
    change.record(entry.with(json!({ "before": shown(&token) })));
    change.commit().await?;
    Ok(())
}

fn seen_owner(caller: &Caller, user_id: Option<UserId>) -> Result<UserId, ServiceError> {
    match user_id {
        Some(user_id) => require(caller, Action::SeeUsers, None).map(|()| user_id),
        None => Ok(require_own(caller, Action::SeeOwnAccount)?.user_id),
    }
}

/// Checks what is wanted; all problems at once.
fn checked(person: &Person, wanted: &TokenIn) -> Result<(TokenName, Scopes), ServiceError> {
    let mut problems = Vec::new();
    let name = TokenName::parse(&wanted.name)
        .map_err(|problem| InputProblem::new("name", "WRONG_NAME", problem.to_string()));
    let scopes = checked_scopes(person, wanted);
    if let Some(days) = wanted.expires_in_days
        && !(1..=MAX_DAYS).contains(&days)
    {
        let message = format!("must be 1 to {MAX_DAYS} days, or nothing");
        problems.push(InputProblem::new("expires_in_days", "OUT_OF_RANGE", message));
    }
    match (name, scopes) {
        (Ok(name), Ok(scopes)) if problems.is_empty() => Ok((name, scopes)),
        (name, scopes) => {
            let first = [name.err(), scopes.err()].into_iter().flatten();
            Err(ServiceError::Invalid(first.chain(problems).collect()))
        }
    }
}

fn checked_scopes(person: &Person, wanted: &TokenIn) -> Result<Scopes, InputProblem> {
    let problem = |code, message: String| InputProblem::new("scopes", code, message);
    if wanted.scopes.is_empty() {
        return Err(problem("REQUIRED", "must not be empty".to_owned()));
    }
    let mut scopes = Vec::new();
    for name in &wanted.scopes {
        let Some(scope) = Scope::parse(name) else {
            let start: String = name.chars().take(40).collect();
            return Err(problem(
                "UNKNOWN_SCOPE",
                format!("must not have `{start}`: there is no such scope"),
            ));
        };
        if !person.has_use_for(scope, wanted.workspace_id) {
            let message = format!("must not have `{name}`: your role gives it nothing to do");
            return Err(problem("USELESS_SCOPE", message));
        }
        scopes.push(scope);
    }
    Ok(Scopes::new(scopes))
}

/// Owners of the workspace that a token reaches find it in their part of the trail.
fn entry(action: AuditAction, caller: &Caller, token: &ApiToken) -> AuditEntry {
    let entry = AuditEntry::new(action, caller).on("token", token.id);
    match token.workspace_id {
        Some(id) => entry.within(id),
        None => entry,
    }
}

/// What the audit trail keeps of a token.
fn shown(token: &ApiToken) -> Value {
    json!({
        "user_id": token.user_id.to_string(),
        "name": token.name,
        "scopes": token.scopes,
        "workspace_id": token.workspace_id.map(|id| id.to_string()),
        "expires_at": token.expires_at_ms.map(rfc3339),
    })
}

fn gone(id: TokenId) -> ServiceError {
    ServiceError::NotFound(format!("token {id}"))
}
