//! Making an account for oneself: by confirming an address, or on an invitation.
//!
//! Whether an address has an account already shows neither in the answer nor in how long it takes; its
//! owner is told by mail.

use formhold_domain::{
    Bearer, EmailAddress, Language, UserId,
    access::{Caller, InstanceRole},
    accounts::{Invitation, LinkKind, Registration, User, UserState, WorkspaceName},
    audit::{AuditAction, AuditEntry},
    letters::{Letter, LetterSubject},
};
use formhold_identity::passwords::Password;
use formhold_store::{Change, NewUser, UserUpdate};
use serde_json::json;

use crate::{
    App, ServiceError, account_mail, first_run, letters, limits, new_accounts, pace, users,
};

/// How often a registration that meets another one is tried.
const TRIES: u32 = 3;

/// What somebody wants to be called and sign in with.
#[derive(Debug, Clone, Copy)]
pub struct RegistrationIn<'a> {
    /// The person's name.
    pub name: &'a str,
    /// The address; on an invitation it is the invited one, whatever stands here.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
    /// The language of mails.
    pub language: Option<Language>,
}

/// An invitation that somebody without an account follows.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The invited address.
    pub email: EmailAddress,
    /// The workspace that it leads to.
    pub workspace: WorkspaceName,
}

/// Whether everybody may register. Nobody may before the instance was set up: the first account
/// closes the set-up.
///
/// # Errors
/// When the database fails.
pub async fn is_open(app: &App) -> Result<bool, ServiceError> {
    Ok(app.auth.registration == Registration::Open && first_run::is_done(app).await?)
}

/// Makes an account that is locked until its address is confirmed. Where the address has one already,
/// its owner gets a mail, and the answer is the same.
///
/// An account that was never confirmed may be somebody else's try to keep the address: where another
/// password is sent for it, none works any more, and who reads the mail sets one.
///
/// # Errors
/// [`ServiceError::Forbidden`] when not everybody may register, [`ServiceError::Invalid`] with all
/// problems, [`ServiceError::TooMany`].
pub async fn register(
    app: &App,
    caller: &Caller,
    registration: RegistrationIn<'_>,
) -> Result<(), ServiceError> {
    if !is_open(app).await? {
        return Err(closed());
    }
    let RegistrationIn { name, email, password, language } = registration;
    let checked = new_accounts::checked(name, email, Some(password))?;
    limits::count_letter(app, caller, &checked.email).await?;
    let password = checked.password.clone();
    let mut known = look(app, &checked.email, password.as_ref()).await?;
    let id = UserId(app.ids.uuid());
    let mut new = checked.into_new(app, id, InstanceRole::User, false).await?;
    new.language = language.unwrap_or_default();
    pace::evenly(async {
        for _ in 1..TRIES {
            match try_to_register(app, caller, &new, known).await {
                // Somebody else made an account of the address at this very moment.
                Err(ServiceError::Conflict(_)) => {
                    known = look(app, &new.email, password.as_ref()).await?;
                }
                outcome => return outcome,
            }
        }
        try_to_register(app, caller, &new, known).await
    })
    .await
}

/// The account of an address, as it was looked at.
#[derive(Clone, Copy)]
struct Known {
    id: Option<UserId>,
    /// Whether its password is the one that was sent.
    same_password: bool,
}

/// Looks for the account of an address; takes as long where there is none.
async fn look(
    app: &App,
    email: &EmailAddress,
    password: Option<&Password>,
) -> Result<Known, ServiceError> {
    let known = app.store.credentials_by_email(email).await?;
    let hash = known.as_ref().and_then(|known| known.password_hash.as_deref());
    let same_password = match password {
        Some(password) => app.passwords.verify(password, hash).await?.matches,
        None => false,
    };
    Ok(Known { id: known.map(|known| known.user.id), same_password })
}

async fn try_to_register(
    app: &App,
    caller: &Caller,
    new: &NewUser,
    Known { id, same_password }: Known,
) -> Result<(), ServiceError> {
    let known = app.store.find_user_by_email(&new.email).await?;
    if known.as_ref().map(|known| known.id) != id {
        return Err(ServiceError::Conflict("the account changed".to_owned()));
    }
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let entry = AuditEntry::new(AuditAction::UserRegister, caller);
    let (entry, letter) = match known {
        Some(known) => {
            let user = change.user(known.id).await?;
            let letter = match user {
                Some(user) if user.email == known.email => {
                    Some(tell(app, &change, &user, same_password).await?)
                }
                // It went, or moved on, at this very moment.
                _ => return Err(ServiceError::Conflict("the account changed".to_owned())),
            };
            (entry.on("user", known.id).with(json!({ "account": "known" })), letter.flatten())
        }
        None => {
            change.insert_user(new).await?;
            let user = made(&change, new.id).await?;
            let link = account_mail::link(app, &change, &user, LinkKind::ConfirmEmail).await?;
            let letter = account_mail::to(&user, LetterSubject::ConfirmEmail { link });
            (entry.on("user", new.id), Some(letter))
        }
    };
    change.record(entry);
    letters::enqueue(app, &mut change, letter);
    change.commit().await?;
    Ok(())
}

/// The mail for the owner of an address that has an account already.
async fn tell(
    app: &App,
    change: &Change,
    user: &User,
    same_password: bool,
) -> Result<Option<Letter>, ServiceError> {
    if user.state != UserState::Active {
        return Ok(None);
    }
    let subject = if user.email_confirmed_at_ms.is_some() {
        let page = |path| account_mail::page(app, path);
        LetterSubject::HasAccount { sign_in: page("/login"), forgot: page("/forgot") }
    } else if same_password {
        let link = account_mail::link(app, change, user, LinkKind::ConfirmEmail).await?;
        LetterSubject::ConfirmEmail { link }
    } else {
        let update = UserUpdate { password_hash: Some(None), ..UserUpdate::default() };
        change.update_user(user.id, user.version, update).await?;
        change.delete_links(user.id, None).await?;
        let link = account_mail::link(app, change, user, LinkKind::ResetPassword).await?;
        LetterSubject::RegisteredAgain { link }
    };
    Ok(Some(account_mail::to(user, subject)))
}

/// The address that a link confirms; looking does not use it up.
///
/// # Errors
/// [`ServiceError::DeadLink`].
pub async fn address_of_link(app: &App, secret: &Bearer) -> Result<EmailAddress, ServiceError> {
    let found = app.store.find_link(&secret.hash()).await?.filter(|link| {
        link.kind == LinkKind::ConfirmEmail && link.expires_at_ms > app.clock.now_ms()
    });
    let user_id = found.ok_or(ServiceError::DeadLink)?.user_id;
    let user = app.store.find_user(user_id).await?.ok_or(ServiceError::DeadLink)?;
    Ok(user.email)
}

/// Confirms an account's address by the link of a mail: from now on it can be used.
///
/// # Errors
/// [`ServiceError::DeadLink`].
pub async fn confirm(app: &App, caller: &Caller, secret: &Bearer) -> Result<(), ServiceError> {
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let used = change.use_link(&secret.hash(), LinkKind::ConfirmEmail).await?;
    let user = match used {
        Some(link) => change.user(link.user_id).await?,
        None => None,
    };
    let user = user.filter(|user| user.state == UserState::Active);
    let user = user.ok_or(ServiceError::DeadLink)?;
    let confirmed = user.email_confirmed_at_ms.or(Some(change.now_ms()));
    let update = UserUpdate { email_confirmed_at_ms: Some(confirmed), ..UserUpdate::default() };
    change.update_user(user.id, user.version, update).await?;
    change.record(AuditEntry::new(AuditAction::EmailConfirm, caller).on("user", user.id));
    change.commit().await?;
    Ok(())
}

/// What an invitation leads to; looking does not use it up.
///
/// # Errors
/// [`ServiceError::Forbidden`] when nobody may register, [`ServiceError::DeadLink`].
pub async fn find_invited(app: &App, secret: &Bearer) -> Result<Invited, ServiceError> {
    let invitation = open_invitation(app, secret).await?;
    let workspace = app.store.find_workspace(invitation.workspace_id).await?;
    let workspace = workspace.ok_or(ServiceError::DeadLink)?.name;
    Ok(Invited { email: invitation.email, workspace })
}

async fn open_invitation(app: &App, secret: &Bearer) -> Result<Invitation, ServiceError> {
    if app.auth.registration == Registration::Closed {
        return Err(closed());
    }
    let found = app.store.find_invitation(&secret.hash()).await?;
    let open = found.filter(|invitation| invitation.expires_at_ms > app.clock.now_ms());
    open.ok_or(ServiceError::DeadLink)
}

/// Makes an account on an invitation, in its workspace. The address is known to be the person's: the
/// link came there by mail.
///
/// # Errors
/// [`ServiceError::DeadLink`], [`ServiceError::Invalid`] with all problems, [`ServiceError::Conflict`]
/// when the address has an account already: who holds the link may know.
pub async fn register_invited(
    app: &App,
    caller: &Caller,
    secret: &Bearer,
    registration: RegistrationIn<'_>,
) -> Result<(), ServiceError> {
    let email = open_invitation(app, secret).await?.email;
    let RegistrationIn { name, password, language, .. } = registration;
    let checked = new_accounts::checked(name, email.as_str(), Some(password))?;
    limits::count_sign_in(app, caller, &format!("invitation of {}", email.folded())).await?;
    let id = UserId(app.ids.uuid());
    let mut new = checked.into_new(app, id, InstanceRole::User, true).await?;
    new.language = language.unwrap_or_default();
    let known = app.store.find_user_by_email(&email).await?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let used = change.use_invitation(&secret.hash()).await?.ok_or(ServiceError::DeadLink)?;
    let workspace = change.workspace(used.workspace_id).await?.ok_or(ServiceError::DeadLink)?;
    let user = match known {
        Some(known) => take_over(&change, known.id, &new).await?,
        None => {
            change.insert_user(&new).await.map_err(users::taken)?;
            made(&change, id).await?
        }
    };
    change.put_member(workspace.id, user.id, used.role).await?;
    let on_user = |action| AuditEntry::new(action, caller).on("user", user.id);
    change.record(on_user(AuditAction::UserRegister).with(json!({ "by": "invitation" })));
    let role = json!({ "after": { "role": used.role.as_str() } });
    change.record(on_user(AuditAction::MemberAdd).within(workspace.id).with(role));
    change.commit().await?;
    Ok(())
}

/// An account of the invited address that nobody ever confirmed becomes that of who was invited.
async fn take_over(change: &Change, id: UserId, new: &NewUser) -> Result<User, ServiceError> {
    let user = change.user(id).await?.filter(|user| {
        user.email_confirmed_at_ms.is_none()
            && user.state == UserState::Active
            && user.email.folded() == new.email.folded()
    });
    let user = user.ok_or_else(users::has_account)?;
    let update = UserUpdate {
        name: Some(new.name.clone()),
        language: Some(new.language),
        password_hash: Some(new.password_hash.clone()),
        email_confirmed_at_ms: Some(Some(change.now_ms())),
        ..UserUpdate::default()
    };
    change.update_user(id, user.version, update).await?;
    change.delete_links(id, None).await?;
    Ok(user)
}

async fn made(change: &Change, id: UserId) -> Result<User, ServiceError> {
    let lost = || ServiceError::Internal(format!("user {id} was made and is not there"));
    change.user(id).await?.ok_or_else(lost)
}

fn closed() -> ServiceError {
    ServiceError::Forbidden("nobody may register here without an invitation".to_owned())
}
