//! Asking for a link that sets a new password. Whether the address has an account shows neither in the
//! answer nor in how long it takes.

use formhold_domain::{
    EmailAddress,
    access::Caller,
    accounts::{LinkKind, UserState},
    audit::{AuditAction, AuditEntry},
    letters::LetterSubject,
};
use serde_json::json;

use crate::{App, ServiceError, account_mail, letters, limits, pace};

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
    let mut mails = Vec::new();
    let entry = match user {
        Some(user) => {
            let link = account_mail::link(app, &change, &user, LinkKind::ResetPassword).await?;
            mails.push(account_mail::to(&user, LetterSubject::ResetPassword { link }));
            entry.on("user", user.id)
        }
        None => entry.with(json!({ "account": "unknown" })),
    };
    change.record(entry);
    change.commit().await?;
    letters::send(app, mails);
    Ok(())
}
