//! A change of the own address, to which both the old and the new one must agree.

use formhold_domain::{
    Bearer, EmailAddress,
    access::{Action, Caller},
    accounts::{EmailChange, LinkKind, OneTimeLink, User, UserState},
    audit::{AuditAction, AuditEntry},
    letters::{Letter, LetterSubject},
};
use formhold_store::{Change, StoreError, UserUpdate};
use serde_json::json;

use crate::{
    App, ServiceError, access::require_own, account_mail, letters, limits, pace, proof, sessions,
};

/// What a link asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Which of the two addresses is asked.
    pub kind: LinkKind,
    /// The new address.
    pub new_email: EmailAddress,
}

/// What agreeing led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreed {
    /// The other address is still to agree.
    One,
    /// The account has its new address.
    Both,
}

/// The change that waits for the caller's account.
///
/// # Errors
/// When the caller is nobody, or the database fails.
pub async fn pending(app: &App, caller: &Caller) -> Result<Option<EmailChange>, ServiceError> {
    let person = require_own(caller, Action::SeeOwnAccount)?;
    let found = app.store.find_email_change(person.user_id).await?;
    Ok(found.filter(|change| change.expires_at_ms() > app.clock.now_ms()))
}

/// Asks both addresses whether the account may move to the new one; one that waits ends. Where the new
/// address has an account already, its owner is told, and only they: the caller sees no difference.
///
/// # Errors
/// [`ServiceError::Invalid`] when it is no new address or the password is wrong,
/// [`ServiceError::Conflict`] when there is no password and the sign-in was too long ago,
/// [`ServiceError::TooMany`].
pub async fn ask(
    app: &App,
    caller: &Caller,
    new_email: &str,
    current_password: &str,
) -> Result<(), ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let new_email = EmailAddress::parse(new_email)
        .map_err(|message| ServiceError::invalid("email", "NOT_EMAIL", message))?;
    let user = proof::owner(app, caller, person, current_password).await?;
    if user.email.folded() == new_email.folded() {
        return Err(ServiceError::invalid(
            "email",
            "SAME_EMAIL",
            "is that of your account already",
        ));
    }
    limits::count_letter(app, caller, &new_email).await?;
    pace::evenly(ask_both(app, caller, &user, new_email)).await
}

async fn ask_both(
    app: &App,
    caller: &Caller,
    user: &User,
    new_email: EmailAddress,
) -> Result<(), ServiceError> {
    let taken_by = app.store.find_user_by_email(&new_email).await?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let user = proof::still(&change, user).await?;
    let waiting = EmailChange {
        user_id: user.id,
        new_email: new_email.clone(),
        old_agreed: false,
        new_agreed: false,
        created_at_ms: change.now_ms(),
    };
    change.put_email_change(&waiting).await?;
    let link = account_mail::link(app, &change, &user, LinkKind::LeaveEmail).await?;
    let leave = LetterSubject::LeaveEmail { new_email: new_email.to_string(), link };
    // Made in any case, so that both take as long; where the address has an account nobody gets it.
    let link = account_mail::link(app, &change, &user, LinkKind::ReachEmail).await?;
    let reach = match taken_by {
        Some(owner) => taken(app, &owner),
        None => {
            Some(account_mail::to_address(&user, new_email, LetterSubject::ReachEmail { link }))
        }
    };
    let entry = AuditEntry::new(AuditAction::EmailChangeAsk, caller).on("user", user.id);
    let details = json!({
        "before": { "email": user.email.as_str() },
        "after": { "email": waiting.new_email.as_str() },
    });
    change.record(entry.with(details));
    letters::enqueue(app, &mut change, reach.into_iter().chain([account_mail::to(&user, leave)]));
    change.commit().await?;
    Ok(())
}

/// Tells the owner of an address that somebody wanted to move an account there.
fn taken(app: &App, owner: &User) -> Option<Letter> {
    let sign_in = account_mail::page(app, "/login");
    (owner.state == UserState::Active)
        .then(|| account_mail::to(owner, LetterSubject::AddressTaken { sign_in }))
}

/// What a link asks for; looking does not use it up.
///
/// # Errors
/// [`ServiceError::DeadLink`].
pub async fn question(app: &App, secret: &Bearer) -> Result<Question, ServiceError> {
    let OneTimeLink { kind, user_id, .. } = open_link(app, secret).await?;
    let waiting = app.store.find_email_change(user_id).await?;
    let new_email = waiting.ok_or(ServiceError::DeadLink)?.new_email;
    Ok(Question { kind, new_email })
}

async fn open_link(app: &App, secret: &Bearer) -> Result<OneTimeLink, ServiceError> {
    let found = app.store.find_link(&secret.hash()).await?.filter(|link| {
        matches!(link.kind, LinkKind::LeaveEmail | LinkKind::ReachEmail)
            && link.expires_at_ms > app.clock.now_ms()
    });
    found.ok_or(ServiceError::DeadLink)
}

/// Agrees for the address that the link was sent to. When both did, the account moves: all sessions
/// but the caller's end, and links that were sent to the old address are dead.
///
/// # Errors
/// [`ServiceError::DeadLink`], also where the new address got an account meanwhile; its owner is told.
pub async fn agree(app: &App, caller: &Caller, secret: &Bearer) -> Result<Agreed, ServiceError> {
    let kind = open_link(app, secret).await?.kind;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let used = change.use_link(&secret.hash(), kind).await?.ok_or(ServiceError::DeadLink)?;
    let user = change.user(used.user_id).await?;
    let user = user.filter(|user| user.state == UserState::Active);
    let user = user.ok_or(ServiceError::DeadLink)?;
    let waiting = change.email_change(user.id).await?;
    let mut waiting = waiting.ok_or(ServiceError::DeadLink)?;
    match kind {
        LinkKind::LeaveEmail => waiting.old_agreed = true,
        _ => waiting.new_agreed = true,
    }
    let agreed = if kind == LinkKind::LeaveEmail { "old" } else { "new" };
    let entry = AuditEntry::new(AuditAction::EmailConfirm, caller).on("user", user.id);
    change.record(entry.with(json!({ "address": agreed })));
    if !(waiting.old_agreed && waiting.new_agreed) {
        change.put_email_change(&waiting).await?;
        change.commit().await?;
        return Ok(Agreed::One);
    }
    move_account(app, caller, change, &user, waiting.new_email).await
}

async fn move_account(
    app: &App,
    caller: &Caller,
    mut change: Change,
    user: &User,
    new_email: EmailAddress,
) -> Result<Agreed, ServiceError> {
    change.delete_email_change(user.id).await?;
    change.delete_links(user.id, None).await?;
    let update = UserUpdate {
        email: Some(new_email.clone()),
        email_confirmed_at_ms: Some(Some(change.now_ms())),
        ..UserUpdate::default()
    };
    match change.update_user(user.id, user.version, update).await {
        Ok(_) => {}
        Err(StoreError::Conflict { .. }) => {
            // The statement changed nothing; that the change is over stays.
            let owner = app.store.find_user_by_email(&new_email).await?;
            letters::enqueue(app, &mut change, owner.and_then(|owner| taken(app, &owner)));
            change.commit().await?;
            return Err(ServiceError::DeadLink);
        }
        Err(error) => return Err(error.into()),
    }
    let own = caller.person().filter(|person| person.user_id == user.id);
    let in_use = own.and_then(sessions::session_in_use);
    let ended = change.end_sessions(user.id, None, in_use).await?;
    let entry = AuditEntry::new(AuditAction::EmailChange, caller).on("user", user.id);
    let details = json!({
        "before": { "email": user.email.as_str() },
        "after": { "email": new_email.as_str() },
    });
    change.record(entry.with(details));
    let subject = LetterSubject::EmailChanged { new_email: new_email.to_string() };
    letters::enqueue(app, &mut change, Some(account_mail::to(user, subject)));
    change.commit().await?;
    sessions::forget(app, &ended).await;
    Ok(Agreed::Both)
}

/// Gives up the change that waits for the caller's account; its links are dead. That there is none is
/// no error.
///
/// # Errors
/// When the caller is nobody, or the database fails.
pub async fn cancel(app: &App, caller: &Caller) -> Result<(), ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let user = change.user(person.user_id).await?.ok_or(ServiceError::SignInRequired)?;
    if !change.delete_email_change(user.id).await? {
        return Ok(change.roll_back().await?);
    }
    for kind in [LinkKind::LeaveEmail, LinkKind::ReachEmail] {
        change.delete_links(user.id, Some(kind)).await?;
    }
    change.record(AuditEntry::new(AuditAction::EmailChangeCancel, caller).on("user", user.id));
    change.commit().await?;
    Ok(())
}
