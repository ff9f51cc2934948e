//! Links that set a new password: asked for by mail, or made by an administrator; and using one.
//! Whether an address has an account shows neither in the answer nor in how long it takes.

use formhold_domain::{
    Bearer, EmailAddress, UserId,
    access::{Action, Caller},
    accounts::{LinkKind, OneTimeLink, UserState},
    audit::{AuditAction, AuditEntry},
    letters::LetterSubject,
};
use formhold_store::UserUpdate;
use serde_json::json;

use crate::{
    App, ServiceError,
    access::require,
    account_mail, letters, limits,
    new_accounts::new_password,
    pace, sessions,
    users::{current, keep_off_oneself},
};

/// Sends a link that sets a new password, where the address has an account that may be used. The old
/// password works until the link is used.
///
/// # Errors
/// [`ServiceError::Invalid`] when it is no address, [`ServiceError::TooMany`]; the same whether or not
/// there is an account.
pub async fn send_link(app: &App, caller: &Caller, email: &str) -> Result<(), ServiceError> {
    let email = EmailAddress::parse(email)
        .map_err(|message| ServiceError::invalid("email", "NOT_EMAIL", message))?;
    limits::count_letter(app, caller, &email).await?;
    pace::evenly(send(app, caller, &email)).await
}

async fn send(app: &App, caller: &Caller, email: &EmailAddress) -> Result<(), ServiceError> {
    let found = app.store.find_user_by_email(email).await?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    // As it is now: the account may have gone, or moved to another address, meanwhile.
    let user = match found {
        Some(found) => change.user(found.id).await?.filter(|user| {
            user.state == UserState::Active && user.email.folded() == email.folded()
        }),
        None => None,
    };
    let entry = AuditEntry::new(AuditAction::PasswordForgot, caller);
    let entry = match user {
        Some(user) => {
            let link = account_mail::link(app, &change, &user, LinkKind::ResetPassword).await?;
            let letter = account_mail::to(&user, LetterSubject::ResetPassword { link });
            letters::enqueue(app, &mut change, Some(letter));
            entry.on("user", user.id)
        }
        None => entry.with(json!({ "account": "unknown" })),
    };
    change.record(entry);
    change.commit().await?;
    Ok(())
}

/// Makes a link with which somebody sets a new password, for who asked an administrator. The old
/// password works until then.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such account, [`ServiceError::Conflict`] when it is
/// the caller's own.
pub async fn password_link(app: &App, caller: &Caller, id: UserId) -> Result<String, ServiceError> {
    require(caller, Action::ChangeUsers, None)?;
    keep_off_oneself(caller, id, "make a link to your password")?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let user = current(&change, id, None).await?;
    let link = account_mail::link(app, &change, &user, LinkKind::ResetPassword).await?;
    change.record(AuditEntry::new(AuditAction::PasswordForgot, caller).on("user", id));
    change.commit().await?;
    Ok(link)
}

/// Sets a new password by the link of a mail; everybody is signed out of the account.
///
/// # Errors
/// [`ServiceError::DeadLink`], or what is wrong with the password; the link works on then.
pub async fn reset_password(
    app: &App,
    caller: &Caller,
    secret: &Bearer,
    password: &str,
) -> Result<(), ServiceError> {
    let found: Option<OneTimeLink> = app.store.find_link(&secret.hash()).await?;
    let found = found.filter(|link| link.kind == LinkKind::ResetPassword);
    let user_id = found.ok_or(ServiceError::DeadLink)?.user_id;
    let user = app.store.find_user(user_id).await?.ok_or(ServiceError::DeadLink)?;
    let known = [user.email.as_str(), user.name.as_str()];
    let password = new_password("new_password", password, &known)
        .map_err(|problem| ServiceError::Invalid(vec![problem]))?;
    let hash = app.passwords.hash(&password).await?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let used = change.use_link(&secret.hash(), LinkKind::ResetPassword).await?;
    let now = change.user(user_id).await?;
    let (Some(_), Some(now)) = (used, now) else { return Err(ServiceError::DeadLink) };
    if now.state != UserState::Active {
        return Err(ServiceError::DeadLink);
    }
    let update = UserUpdate {
        password_hash: Some(Some(hash)),
        // The link came by mail to this address.
        email_confirmed_at_ms: Some(now.email_confirmed_at_ms.or(Some(change.now_ms()))),
        ..UserUpdate::default()
    };
    change.update_user(user_id, now.version, update).await?;
    let ended = change.end_sessions(user_id, None, None).await?;
    change.delete_tokens(user_id).await?;
    change.delete_links(user_id, None).await?;
    change.delete_email_change(user_id).await?;
    let entry = AuditEntry::new(AuditAction::PasswordChange, caller).on("user", user_id);
    change.record(entry.with(json!({ "by": "link" })));
    let forgot = account_mail::page(app, "/forgot");
    let letter = account_mail::to(&now, LetterSubject::PasswordChanged { forgot });
    letters::enqueue(app, &mut change, Some(letter));
    change.commit().await?;
    sessions::forget(app, &ended).await;
    Ok(())
}
