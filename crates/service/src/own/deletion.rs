//! Deleting the own account.

use formhold_domain::{
    EmailAddress,
    access::{Action, Caller},
    accounts::Workspace,
    audit::{AuditAction, AuditEntry},
    letters::LetterSubject,
};
use serde_json::json;

use crate::{
    App, ServiceError, access::require_own, account_mail, letters, pictures, proof, sessions, users,
};

/// How the owner shows to mean it.
#[derive(Debug, Clone, Copy)]
pub struct Proof<'a> {
    /// The password, where there is one.
    pub current_password: &'a str,
    /// The typed address, where there is none.
    pub email: &'a str,
}

/// The workspaces that would be left without an owner: they are in the way.
///
/// # Errors
/// When the caller is nobody, or the database fails.
pub async fn last_owner_of(app: &App, caller: &Caller) -> Result<Vec<Workspace>, ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    Ok(app.store.only_owner_of(person.user_id).await?)
}

/// Deletes the caller's account and everything that opens it. Forms and submissions stay with their
/// workspaces.
///
/// # Errors
/// [`ServiceError::Invalid`] when password or address are wrong, [`ServiceError::Conflict`] when a
/// workspace would be left without an owner, which it names, or the instance without an administrator.
pub async fn delete_account(
    app: &App,
    caller: &Caller,
    proof: Proof<'_>,
) -> Result<(), ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let user = proof::owner(app, caller, person, proof.current_password).await?;
    let typed =
        || EmailAddress::parse(proof.email).is_ok_and(|it| it.folded() == user.email.folded());
    if !user.has_password && !typed() {
        return Err(ServiceError::invalid("email", "WRONG_EMAIL", "is not that of this account"));
    }
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let user = proof::still(&change, &user).await?;
    users::keep_an_admin(&change, &user).await?;
    let left = change.only_owner_of(user.id).await?;
    if !left.is_empty() {
        let names: Vec<&str> = left.iter().map(|workspace| workspace.name.as_str()).collect();
        return Err(ServiceError::Conflict(format!(
            "you are the only owner of {}: make somebody else an owner first",
            names.join(", ")
        )));
    }
    let ended = change.session_hashes(user.id).await?;
    change.delete_user(user.id).await?;
    let entry = AuditEntry::new(AuditAction::UserDelete, caller).on("user", user.id);
    change.record(entry.with(json!({ "before": { "role": user.role.as_str() } })));
    let letter = account_mail::to(&user, LetterSubject::AccountDeleted);
    letters::enqueue(app, &mut change, Some(letter));
    change.commit().await?;
    sessions::forget(app, &ended).await;
    pictures::discard(app, user.picture.as_ref());
    Ok(())
}
