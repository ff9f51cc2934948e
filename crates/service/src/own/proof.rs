//! Showing once more that one is the owner, before what a session alone must not be enough for.

use formhold_domain::{
    access::{Caller, Person},
    accounts::{User, UserState},
    audit::{AuditAction, AuditEntry},
};
use formhold_identity::passwords::Password;
use formhold_store::Change;
use serde_json::json;

use crate::{App, ServiceError, limits, sessions};

/// How long ago somebody without a password may have signed in.
const FRESH_MS: i64 = 15 * 60 * 1000;
/// More than anybody has.
const MOST_SESSIONS: u64 = 10_000;

/// The caller's account, where they showed to be its owner: by the password, or, where there is none,
/// by having signed in a moment ago.
///
/// # Errors
/// [`ServiceError::Invalid`] when the password is wrong, [`ServiceError::Conflict`] when the sign-in
/// was too long ago, [`ServiceError::TooMany`].
pub(super) async fn owner(
    app: &App,
    caller: &Caller,
    person: &Person,
    current_password: &str,
) -> Result<User, ServiceError> {
    let found = app.store.credentials(person.user_id).await?;
    let found = found.ok_or(ServiceError::SignInRequired)?;
    let Some(hash) = found.password_hash.as_deref() else {
        return match signed_in_just_now(app, person).await? {
            true => Ok(found.user),
            false => Err(ServiceError::Conflict(
                "you signed in too long ago for this; sign out, sign in again, and come back"
                    .to_owned(),
            )),
        };
    };
    limits::count_factor(app, caller, person.user_id).await?;
    let matches = match Password::for_sign_in(current_password) {
        Ok(password) => app.passwords.verify(&password, Some(hash)).await?.matches,
        Err(_) => false,
    };
    if matches {
        return Ok(found.user);
    }
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let entry = AuditEntry::new(AuditAction::SignInFailed, caller).on("user", person.user_id);
    change.record(entry.with(json!({ "while": "signed in" })));
    change.commit().await?;
    Err(ServiceError::invalid("current_password", "WRONG_PASSWORD", "is wrong"))
}

async fn signed_in_just_now(app: &App, person: &Person) -> Result<bool, ServiceError> {
    let now_ms = app.clock.now_ms();
    let in_use = sessions::session_in_use(person);
    let sessions = app.store.list_sessions(person.user_id, now_ms, MOST_SESSIONS).await?;
    let in_use = sessions.into_iter().find(|session| Some(session.id) == in_use);
    Ok(in_use.is_some_and(|session| session.created_at_ms + FRESH_MS > now_ms))
}

/// The account as it is now, if it is still the one that the proof was for.
///
/// # Errors
/// [`ServiceError::Stale`] when it changed meanwhile.
pub(super) async fn still(change: &Change, proven: &User) -> Result<User, ServiceError> {
    let now = change.user(proven.id).await?;
    let same = now.filter(|now| now.version == proven.version && now.state == UserState::Active);
    same.ok_or(ServiceError::Stale("your account"))
}
