//! The own password: changing it, or setting the first one.

use formhold_domain::{
    access::{Action, Caller},
    audit::{AuditAction, AuditEntry},
    letters::LetterSubject,
};
use formhold_store::UserUpdate;
use serde_json::json;

use crate::{
    App, ServiceError, access::require_own, account_mail, letters, new_accounts, proof, sessions,
};

/// Sets a new password. All other sessions end, and so do all tokens, links and a change of address
/// that waits: whoever had the old password keeps nothing.
///
/// # Errors
/// [`ServiceError::Invalid`] when the current password is wrong or the new one is too weak,
/// [`ServiceError::Conflict`] when there is none and the sign-in was too long ago.
pub async fn change_password(
    app: &App,
    caller: &Caller,
    current_password: &str,
    new_password: &str,
) -> Result<(), ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let user = proof::owner(app, caller, person, current_password).await?;
    let known = [user.email.as_str(), user.name.as_str()];
    let password = new_accounts::new_password("new_password", new_password, &known)
        .map_err(|problem| ServiceError::Invalid(vec![problem]))?;
    let hash = app.passwords.hash(&password).await?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let user = proof::still(&change, &user).await?;
    let update = UserUpdate { password_hash: Some(Some(hash)), ..UserUpdate::default() };
    change.update_user(user.id, user.version, update).await?;
    let ended = change.end_sessions(user.id, None, sessions::session_in_use(person)).await?;
    change.delete_tokens(user.id).await?;
    change.delete_links(user.id, None).await?;
    change.delete_email_change(user.id).await?;
    let entry = AuditEntry::new(AuditAction::PasswordChange, caller).on("user", user.id);
    let by = if user.has_password { "password" } else { "session" };
    change.record(entry.with(json!({ "by": by })));
    let forgot = account_mail::page(app, "/forgot");
    let letter = account_mail::to(&user, LetterSubject::PasswordChanged { forgot });
    letters::enqueue(app, &mut change, Some(letter));
    change.commit().await?;
    sessions::forget(app, &ended).await;
    Ok(())
}
