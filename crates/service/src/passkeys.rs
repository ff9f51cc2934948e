//! Passkeys: adding and removing them, and signing in by one.
//!
//! What must survive between the options and the answer is kept for minutes where all nodes find it,
//! under the challenge, and taken once: so an answer works once, on any node.

use formhold_domain::{
    PasskeyId, UserId,
    access::{Action, Caller, Person},
    accounts::{Factor, PasskeyName, UserState},
    audit::{AuditAction, AuditEntry},
    letters::FactorsChange,
};
use formhold_identity::passkeys::{
    ANSWER_WITHIN, Begun, Owner, PasskeyProblem, Passkeys, challenge_of,
};
use formhold_store::{Passkey, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{
    App, ServiceError,
    access::require_own,
    account_mail, factors, limits,
    sessions::{self, Opened},
    sign_in::{self, Refused},
};

/// More than anybody has devices.
const MOST: usize = 20;
const NAME: &str = "Passkey";
const KEPT: &str = "passkeys";

/// What is kept between the options and the answer.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// The browser or account that the options were made for.
    made_for: String,
    state: String,
    begun_at_ms: i64,
}

/// Whether passkeys can be used where people reach this.
#[must_use]
pub fn are_available(app: &App) -> bool {
    app.passkeys.is_some()
}

/// Begins to add a passkey; gives the options for the browser, as JSON.
///
/// # Errors
/// [`ServiceError::Conflict`] when the account has as many as it may.
pub async fn begin_registration(app: &App, caller: &Caller) -> Result<String, ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let passkeys = available(app)?;
    let user = app.store.find_user(person.user_id).await?.ok_or(ServiceError::SignInRequired)?;
    let existing = app.store.list_passkeys(person.user_id).await?;
    may_have_one_more(existing.len())?;
    let ids: Vec<_> =
        existing.iter().filter_map(|it| Passkeys::credential_id(&it.credential)).collect();
    let name = user.email.as_str();
    let owner = Owner { id: person.user_id.0, name, display_name: user.name.as_str() };
    let begun = passkeys.begin_registration(owner, &ids).map_err(internal)?;
    keep(app, &registration_of(person), begun).await
}

/// Adds the passkey that the browser made. Without a name it is called "Passkey".
///
/// # Errors
/// [`ServiceError::Invalid`] when the name is wrong, or the answer is to no question of ours;
/// [`ServiceError::Conflict`] when the passkey is known already.
pub async fn register(
    app: &App,
    caller: &Caller,
    name: &str,
    response: &str,
) -> Result<PasskeyId, ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let passkeys = available(app)?;
    let name = if name.trim().is_empty() { NAME } else { name };
    let name = passkey_name(name)?;
    let kept = taken(app, &registration_of(person), response).await.ok_or_else(refused)?;
    let registered = passkeys.finish_registration(&kept.state, response).map_err(|problem| {
        tracing::info!(%problem, "a passkey was not added");
        refused()
    })?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let user = change.user(person.user_id).await?.ok_or(ServiceError::SignInRequired)?;
    may_have_one_more(app.store.list_passkeys(person.user_id).await?.len())?;
    let passkey = Passkey {
        id: PasskeyId(app.ids.uuid()),
        user_id: person.user_id,
        credential_hash: Sha256::digest(&registered.credential_id).into(),
        name: name.to_string(),
        credential: registered.credential,
        created_at_ms: change.now_ms(),
        used_at_ms: None,
    };
    change.insert_passkey(&passkey).await.map_err(|error| match error {
        StoreError::Conflict { .. } => {
            ServiceError::Conflict("this passkey was added already".to_owned())
        }
        other => other.into(),
    })?;
    let ended = factors::end_other_sessions(&change, person).await?;
    let entry = AuditEntry::new(AuditAction::PasskeyAdd, caller).on("passkey", passkey.id);
    let after = json!({ "name": passkey.name, "user": person.user_id.to_string() });
    change.record(entry.with(json!({ "after": after, "ended_sessions": ended.len() })));
    account_mail::tell_of_factors(app, &mut change, &user, FactorsChange::PasskeyAdded);
    change.commit().await?;
    sessions::forget(app, &ended).await;
    Ok(passkey.id)
}

/// One of the caller's passkeys.
///
/// # Errors
/// [`ServiceError::NotFound`] when it is gone or somebody else's.
pub async fn get_passkey(
    app: &App,
    caller: &Caller,
    id: PasskeyId,
) -> Result<Passkey, ServiceError> {
    let person = require_own(caller, Action::SeeOwnAccount)?;
    let all = app.store.list_passkeys(person.user_id).await?;
    all.into_iter().find(|passkey| passkey.id == id).ok_or_else(|| gone(id))
}

/// Calls one of the caller's passkeys otherwise.
///
/// # Errors
/// [`ServiceError::Invalid`] when the name is wrong, [`ServiceError::NotFound`] when the passkey is
/// gone or somebody else's.
pub async fn rename_passkey(
    app: &App,
    caller: &Caller,
    id: PasskeyId,
    name: &str,
) -> Result<(), ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let name = passkey_name(name)?;
    let before = get_passkey(app, caller, id).await?.name;
    if before == name.as_str() {
        return Ok(());
    }
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    if !change.rename_passkey(person.user_id, id, name.as_str()).await? {
        return Err(gone(id));
    }
    let entry = AuditEntry::new(AuditAction::PasskeyChange, caller).on("passkey", id);
    change.record(entry.with(json!({ "before": before, "after": name.as_str() })));
    Ok(change.commit().await?)
}

/// Removes one of the caller's passkeys.
///
/// # Errors
/// [`ServiceError::NotFound`] when it is gone or somebody else's.
pub async fn remove_passkey(app: &App, caller: &Caller, id: PasskeyId) -> Result<(), ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let user = change.user(person.user_id).await?.ok_or(ServiceError::SignInRequired)?;
    if change.delete_passkeys(person.user_id, Some(id)).await? == 0 {
        return Err(gone(id));
    }
    let ended = factors::end_other_sessions(&change, person).await?;
    let entry = AuditEntry::new(AuditAction::PasskeyRemove, caller).on("passkey", id);
    let user_id = person.user_id.to_string();
    change.record(entry.with(json!({ "user": user_id, "ended_sessions": ended.len() })));
    account_mail::tell_of_factors(app, &mut change, &user, FactorsChange::PasskeyRemoved);
    change.commit().await?;
    sessions::forget(app, &ended).await;
    Ok(())
}

/// Begins a sign-in for this browser; gives the options for it, as JSON. `browser` is something that
/// only this browser has.
///
/// # Errors
/// [`ServiceError::TooMany`] when the client asked too often.
pub async fn begin_sign_in(
    app: &App,
    caller: &Caller,
    browser: &str,
) -> Result<String, ServiceError> {
    let passkeys = available(app)?;
    if let Some(address) = caller.address {
        limits::count_passkey_challenge(app, address).await?;
    }
    let begun = passkeys.begin_sign_in().map_err(internal)?;
    keep(app, &sign_in_of(browser), begun).await
}

/// Signs in by a browser's answer. The person unlocked the passkey, so no code is asked for.
///
/// # Errors
/// [`Refused::Wrong`] whatever is wrong with the answer, or why else not.
pub async fn sign_in(
    app: &App,
    caller: &Caller,
    browser: &str,
    response: &str,
) -> Result<Opened, Refused> {
    let passkeys = available(app)?;
    limits::count_opening(app, caller).await?;
    let kept = taken(app, &sign_in_of(browser), response).await.ok_or(Refused::Wrong)?;
    let claimed = passkeys.claimed(response).map_err(|_| Refused::Wrong)?;
    let hash: [u8; 32] = Sha256::digest(&claimed.credential_id).into();
    let Some(passkey) = app.store.find_passkey(&hash).await? else {
        return Err(sign_in::refuse(app, caller, None).await);
    };
    let user_id = passkey.user_id;
    let proved = passkeys.finish_sign_in(&kept.state, response, user_id.0, &passkey.credential);
    let proved = match proved {
        Ok(proved) => proved,
        Err(problem) => return Err(not_proved(app, caller, user_id, &problem).await?),
    };
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    // Account and passkey as they are now: either may have gone while the person looked for a finger.
    let found = change.user(user_id).await?;
    let is_usable = found.as_ref().is_some_and(|user| {
        user.state == UserState::Active && user.email_confirmed_at_ms.is_some()
    });
    let changed = proved.changed_credential.as_deref();
    if !is_usable || !change.update_passkey_use(passkey.id, changed).await? {
        change.roll_back().await?;
        return Err(sign_in::refuse(app, caller, found).await);
    }
    // Two nodes without Redis may both have taken it; the state names the challenge.
    let id = sessions::id_from(kept.begun_at_ms, &kept.state);
    let by = (user_id, Factor::Passkey);
    let opened = sessions::open_as(app, &mut change, caller, by, id).await;
    let opened = opened.map_err(|failure| match failure {
        ServiceError::Conflict(_) => Refused::Wrong,
        other => other.into(),
    })?;
    change.commit().await?;
    Ok(opened)
}

async fn not_proved(
    app: &App,
    caller: &Caller,
    user_id: UserId,
    problem: &PasskeyProblem,
) -> Result<Refused, Refused> {
    if *problem == PasskeyProblem::Copied {
        tracing::warn!(%user_id, "{problem}");
    }
    let user = app.store.find_user(user_id).await?;
    Ok(sign_in::refuse(app, caller, user).await)
}

/// Keeps the state until the answer comes; gives the options.
async fn keep(app: &App, made_for: &str, begun: Begun) -> Result<String, ServiceError> {
    let Some(challenge) = begun.challenge() else {
        return Err(ServiceError::Internal("options for a passkey have no challenge".to_owned()));
    };
    let begun_at_ms = app.clock.now_ms();
    let kept = Kept { made_for: made_for.to_owned(), state: begun.state, begun_at_ms };
    let kept = serde_json::to_string(&kept).expect("texts can be written");
    app.kv.keep(KEPT, &challenge, &kept, ANSWER_WITHIN).await;
    Ok(begun.options)
}

/// The state that belongs to an answer, once.
async fn taken(app: &App, made_for: &str, response: &str) -> Option<Kept> {
    let challenge = challenge_of(response)?;
    // What cannot be one of ours must not be remembered.
    if challenge.len() > 128 {
        return None;
    }
    let kept = app.kv.take(KEPT, &challenge, ANSWER_WITHIN).await?;
    let kept: Kept = serde_json::from_str(&kept).ok()?;
    (kept.made_for == made_for).then_some(kept)
}

fn registration_of(person: &Person) -> String {
    let session = sessions::session_in_use(person).map(|id| id.to_string()).unwrap_or_default();
    format!("account {} in session {session}", person.user_id)
}

/// The browser's secret is not kept itself.
fn sign_in_of(browser: &str) -> String {
    let hash = Sha256::digest(browser);
    hash.iter().fold("browser ".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

fn available(app: &App) -> Result<&Passkeys, ServiceError> {
    let missing = || ServiceError::NotFound("passkey at this address".to_owned());
    app.passkeys.as_deref().ok_or_else(missing)
}

fn may_have_one_more(existing: usize) -> Result<(), ServiceError> {
    if existing < MOST {
        return Ok(());
    }
    Err(ServiceError::Conflict(format!("you have {MOST} passkeys already; remove one first")))
}

fn passkey_name(name: &str) -> Result<PasskeyName, ServiceError> {
    PasskeyName::parse(name)
        .map_err(|problem| ServiceError::invalid("name", "WRONG_NAME", problem.to_string()))
}

fn gone(id: PasskeyId) -> ServiceError {
    ServiceError::NotFound(format!("passkey {id}"))
}

fn refused() -> ServiceError {
    let message = "is no answer to what was asked, or came too late; try again";
    ServiceError::invalid("passkey", "REFUSED", message)
}

fn internal(problem: PasskeyProblem) -> ServiceError {
    ServiceError::Internal(problem.to_string())
}
