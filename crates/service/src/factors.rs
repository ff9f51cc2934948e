//! What protects an account beside its password: codes of an app and recovery codes. Passkeys have a
//! file of their own.
//!
//! Every change here signs out all other browsers: who stole a session must not outlive it.

use std::time::Duration;

use formhold_domain::{
    BearerHash, UserId,
    access::{Action, Caller, Person},
    accounts::User,
    audit::{AuditAction, AuditEntry},
    letters::FactorsChange,
};
use formhold_identity::{recovery_codes::RecoveryCode, totp::TotpSecret};
use formhold_store::{Change, Credentials, Passkey};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    App, ServiceError,
    access::{require, require_own},
    account_mail, limits, proof, sessions,
    sign_in::totp_secret,
    tickets, users,
};

/// How long setting up an app may take.
const SET_UP_MS: i64 = 20 * 60 * 1000;
/// Less than this is not enough to find the telephone: the page shows a new secret.
const LEAST_LEFT_MS: i64 = 5 * 60 * 1000;
const SET_UP: &str = "codes of an app";

/// What somebody's account is protected by.
#[derive(Debug, Clone)]
pub struct OwnFactors {
    /// The account.
    pub user: User,
    /// How many recovery codes were not used.
    pub recovery_codes_left: u64,
    /// The passkeys, in the order in which they were added.
    pub passkeys: Vec<Passkey>,
}

/// A secret that an app is to take on.
pub struct TotpSetUp {
    /// What the browser keeps until the first right code, for [`finish_totp`].
    pub ticket: String,
    /// The secret as people type it.
    pub typed: String,
    /// The secret as an `otpauth:` address.
    pub url: String,
    /// That address as a QR code: its width in modules, and its modules row by row; true is dark.
    pub qr: (usize, Vec<bool>),
}

/// What shows once more that an account's owner is at the browser: the password, or a code of the
/// app where there is no password.
#[derive(Clone, Copy)]
pub struct Proof<'a> {
    /// The password.
    pub password: &'a str,
    /// A code of the app.
    pub code: &'a str,
}

/// What is kept of a set-up until the first right code.
#[derive(Serialize, Deserialize)]
struct Kept {
    secret: [u8; 20],
    /// Whoever steals the cookie alone has nothing of it.
    session: String,
    expires_at_ms: i64,
}

/// How long what a browser keeps of a set-up is worth something.
#[must_use]
pub fn set_up_lifetime() -> Duration {
    Duration::from_millis(SET_UP_MS.unsigned_abs())
}

/// What the caller's account is protected by.
///
/// # Errors
/// When the caller is nobody, or the database fails.
pub async fn get_factors(app: &App, caller: &Caller) -> Result<OwnFactors, ServiceError> {
    let id = require_own(caller, Action::SeeOwnAccount)?.user_id;
    let user = app.store.find_user(id).await?.ok_or(ServiceError::SignInRequired)?;
    let recovery_codes_left = app.store.count_recovery_codes(id).await?;
    let passkeys = app.store.list_passkeys(id).await?;
    Ok(OwnFactors { user, recovery_codes_left, passkeys })
}

/// Begins to set up an app. `ticket` is what the browser kept of a set-up before: a page that is
/// loaded again shows the same secret.
///
/// # Errors
/// [`ServiceError::Conflict`] when codes are on already.
pub async fn begin_totp(
    app: &App,
    caller: &Caller,
    ticket: Option<&str>,
) -> Result<TotpSetUp, ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let user = app.store.find_user(person.user_id).await?.ok_or(ServiceError::SignInRequired)?;
    if user.has_totp {
        return Err(already_on());
    }
    let now_ms = app.clock.now_ms();
    let known = ticket.and_then(|ticket| kept(app, person, ticket));
    let known = known.filter(|kept| kept.expires_at_ms - now_ms >= LEAST_LEFT_MS);
    let kept = known.unwrap_or_else(|| Kept {
        secret: *TotpSecret::generate(&*app.ids).as_bytes(),
        session: session_of(person),
        expires_at_ms: now_ms + SET_UP_MS,
    });
    let secret = TotpSecret::from_bytes(kept.secret);
    let issuer = match &app.public_host {
        Some(host) => format!("Formhold ({host})"),
        None => "Formhold".to_owned(),
    };
    let account = user.email.as_str();
    Ok(TotpSetUp {
        ticket: tickets::seal(app, SET_UP, &kept),
        typed: secret.to_typed(),
        url: secret.to_url(&issuer, account),
        qr: secret.to_qr_modules(&issuer, account),
    })
}

/// Turns codes of an app on by the first right one, and makes recovery codes: shown now and never
/// again.
///
/// # Errors
/// [`ServiceError::Invalid`] when the code is wrong or came too late, [`ServiceError::Conflict`] when
/// codes are on already.
pub async fn finish_totp(
    app: &App,
    caller: &Caller,
    ticket: Option<&str>,
    code: &str,
) -> Result<Vec<String>, ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    limits::count_factor(app, caller, person.user_id).await?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let found = change.credentials(person.user_id).await?.ok_or(ServiceError::SignInRequired)?;
    if found.totp_secret.is_some() {
        return Err(already_on());
    }
    let kept = ticket.and_then(|ticket| kept(app, person, ticket));
    let Some(kept) = kept.filter(|kept| kept.expires_at_ms > change.now_ms()) else {
        let message = "came too late: add the new key below to your app";
        return Err(ServiceError::invalid("code", "TOO_LATE", message));
    };
    let secret = TotpSecret::from_bytes(kept.secret);
    let step = secret.verify(code, change.now_ms(), None).ok_or_else(wrong_code)?;
    change.set_totp(person.user_id, Some(secret.as_bytes().to_vec()), Some(step)).await?;
    let codes = put_recovery_codes(app, &change, person.user_id).await?;
    let ended = end_other_sessions(&change, person).await?;
    let entry = AuditEntry::new(AuditAction::TotpOn, caller).on("user", person.user_id);
    change.record(entry.with(json!({ "ended_sessions": ended.len() })));
    account_mail::tell_of_factors(app, &mut change, &found.user, FactorsChange::TotpOn);
    change.commit().await?;
    sessions::forget(app, &ended).await;
    Ok(codes)
}

/// Turns codes of an app off; the recovery codes go with them.
///
/// # Errors
/// [`ServiceError::Invalid`] when the proof is wrong, [`ServiceError::Conflict`] when codes are off.
pub async fn turn_off_totp(
    app: &App,
    caller: &Caller,
    proof: Proof<'_>,
) -> Result<(), ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let (mut change, found) = prove(app, caller, person, proof).await?;
    change.set_totp(person.user_id, None, None).await?;
    change.put_recovery_codes(person.user_id, &[]).await?;
    let ended = end_other_sessions(&change, person).await?;
    let entry = AuditEntry::new(AuditAction::TotpOff, caller).on("user", person.user_id);
    change.record(entry.with(json!({ "ended_sessions": ended.len() })));
    account_mail::tell_of_factors(app, &mut change, &found.user, FactorsChange::TotpOff);
    change.commit().await?;
    sessions::forget(app, &ended).await;
    Ok(())
}

/// Puts new recovery codes in the place of the old ones: shown now and never again.
///
/// # Errors
/// As [`turn_off_totp`].
pub async fn new_recovery_codes(
    app: &App,
    caller: &Caller,
    proof: Proof<'_>,
) -> Result<Vec<String>, ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let (mut change, found) = prove(app, caller, person, proof).await?;
    let codes = put_recovery_codes(app, &change, person.user_id).await?;
    let ended = end_other_sessions(&change, person).await?;
    let entry = AuditEntry::new(AuditAction::RecoveryCodes, caller).on("user", person.user_id);
    change.record(entry.with(json!({ "ended_sessions": ended.len() })));
    account_mail::tell_of_factors(app, &mut change, &found.user, FactorsChange::RecoveryCodesNew);
    change.commit().await?;
    sessions::forget(app, &ended).await;
    Ok(codes)
}

/// Takes away everything of an account that opens it beside the password, for who lost it all and
/// asked an administrator. Everybody is signed out of it.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such account, [`ServiceError::Conflict`] when it is
/// the caller's own.
pub async fn reset_factors(app: &App, caller: &Caller, id: UserId) -> Result<(), ServiceError> {
    require(caller, Action::ChangeUsers, None)?;
    users::keep_off_oneself(caller, id, "reset your second step")?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let gone = || ServiceError::NotFound(format!("user {id}"));
    let user = change.user(id).await?.ok_or_else(gone)?;
    change.set_totp(id, None, None).await?;
    change.put_recovery_codes(id, &[]).await?;
    let passkeys = change.delete_passkeys(id, None).await?;
    let identities = change.delete_identities(id).await?;
    let ended = change.end_sessions(id, None, None).await?;
    let entry = AuditEntry::new(AuditAction::FactorsReset, caller).on("user", id);
    let before = json!({ "totp": user.has_totp, "passkeys": passkeys, "providers": identities });
    change.record(entry.with(json!({ "before": before, "ended_sessions": ended.len() })));
    account_mail::tell_of_factors(app, &mut change, &user, FactorsChange::Reset);
    change.commit().await?;
    sessions::forget(app, &ended).await;
    Ok(())
}

/// Ends the sessions of a user but the one in use.
pub(crate) async fn end_other_sessions(
    change: &Change,
    person: &Person,
) -> Result<Vec<BearerHash>, ServiceError> {
    let own = sessions::session_in_use(person);
    Ok(change.end_sessions(person.user_id, None, own).await?)
}

/// Checks the proof, and goes on inside the change that decides: with codes on, on the account as it
/// was when the proof was checked.
async fn prove(
    app: &App,
    caller: &Caller,
    person: &Person,
    given: Proof<'_>,
) -> Result<(Change, Credentials), ServiceError> {
    let found = app.store.credentials(person.user_id).await?;
    let found = found.ok_or(ServiceError::SignInRequired)?;
    match &found.password_hash {
        Some(hash) => proof::password(app, caller, person, hash, given.password).await?,
        None => limits::count_factor(app, caller, person.user_id).await?,
    }
    let change = app.store.begin(app.clock.now_ms()).await?;
    proof::still(&change, &found.user).await?;
    let now = change.credentials(person.user_id).await?.ok_or(ServiceError::SignInRequired)?;
    let Some(secret) = totp_secret(&now)? else {
        let message = "codes from an app are off already";
        return Err(ServiceError::Conflict(message.to_owned()));
    };
    if now.password_hash.is_none() {
        let step = secret.verify(given.code, change.now_ms(), now.totp_step);
        let used = match step {
            Some(step) => change.use_totp_step(person.user_id, step).await?,
            None => false,
        };
        if !used {
            change.roll_back().await?;
            proof::note_failure(app, caller, person).await?;
            return Err(wrong_code());
        }
    }
    Ok((change, now))
}

async fn put_recovery_codes(
    app: &App,
    change: &Change,
    user_id: UserId,
) -> Result<Vec<String>, ServiceError> {
    let codes = RecoveryCode::generate(&*app.ids);
    let hashes: Vec<_> = codes.iter().map(RecoveryCode::hash).collect();
    change.put_recovery_codes(user_id, &hashes).await?;
    Ok(codes.iter().map(RecoveryCode::to_shown).collect())
}

fn kept(app: &App, person: &Person, ticket: &str) -> Option<Kept> {
    let kept: Kept = tickets::open(app, SET_UP, ticket)?;
    (kept.session == session_of(person)).then_some(kept)
}

fn session_of(person: &Person) -> String {
    sessions::session_in_use(person).map(|id| id.to_string()).unwrap_or_default()
}

fn already_on() -> ServiceError {
    ServiceError::Conflict("codes from an app are on already".to_owned())
}

fn wrong_code() -> ServiceError {
    ServiceError::invalid("code", "WRONG", "is wrong, or was used already")
}
