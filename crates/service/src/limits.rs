//! How much one client and one form may.

use std::{net::IpAddr, time::Duration};

use formhold_domain::{
    CompiledForm, EmailAddress, FormId, Limit, Quota, UserId,
    access::{Caller, Via},
};
use formhold_kv::{Admission, Counted, Decision, Limited, client_key, in_group};
use sha2::{Digest as _, Sha256};

use crate::{App, offences};

/// The server's limits; a form may have others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Submissions of one client address (IPv6: one /64) to one form.
    pub submissions: Limit,
    /// Submissions to one form from all addresses together.
    pub form_submissions: Limit,
    /// Challenges of the built-in captcha for one client address; and those of passkeys, counted for
    /// themselves.
    pub challenges: Limit,
    /// Sign-ins, and other tries to open an account, of one client address.
    pub login: Limit,
    /// The same for one account, from all addresses together.
    pub login_account: Limit,
    /// Requests to the API: of one token, of one user who is signed in, or of one client address.
    pub api: Limit,
    /// Exports of one user.
    pub exports: Limit,
    /// Invitations that one user sends.
    pub invitations: Limit,
    /// Mails to one address that a submitter typed, by all forms together.
    pub mails_recipient: Limit,
    /// Mails that one form causes.
    pub mails_form: Limit,
}

/// A limit that a request went beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitExceeded {
    /// The limit's stable name.
    pub name: &'static str,
    /// How many in which time.
    pub quota: Quota,
    /// The time until everything is allowed again.
    pub reset_after: Duration,
    /// The time until one more is allowed.
    pub retry_after: Duration,
}

const SUBMISSIONS: &str = "submissions";
const FORM_SUBMISSIONS: &str = "form_submissions";
const UNKNOWN_FORMS: &str = "files_for_unknown_forms";
const CHALLENGES: &str = "challenges";
const PASSKEY_CHALLENGES: &str = "passkey_challenges";
const LOGIN: &str = "login";
const LOGIN_ACCOUNT: &str = "login_account";
const API: &str = "api";
const EXPORTS: &str = "exports";
const INVITATIONS: &str = "invitations";
const MAILS_RECIPIENT: &str = "mails_recipient";
const MAILS_FORM: &str = "mails_form";
const TRIALS: &str = "trials";

/// Counts a submission of this client to the form, whatever becomes of it: one that is invalid or
/// from a robot costs as much as one that is stored.
///
/// # Errors
/// The limit that it goes beyond.
pub async fn count_submission(
    app: &App,
    form: &CompiledForm,
    client: Option<IpAddr>,
) -> Result<(), LimitExceeded> {
    count_with(app, form, client, None).await.map(|_| ())
}

/// As [`count_submission`]; and, in the same trip to Redis, counts what is [of the form](of_form)
/// if no limit refuses, and says how often it was counted.
///
/// # Errors
/// The limit that it goes beyond.
pub(crate) async fn count_with(
    app: &App,
    form: &CompiledForm,
    client: Option<IpAddr>,
    counted: Option<Counted<'_>>,
) -> Result<Option<u64>, LimitExceeded> {
    let own = &form.definition.protection;
    let of_client = own.limit.unwrap_or(app.rate_limits.submissions);
    let of_all = own.total_limit.unwrap_or(app.rate_limits.form_submissions);
    let client_key = client.map(|address| of_form(form, client_key(address)));
    let form_key = of_form(form, "all");
    // The client first: one that is refused uses up nothing of what the form takes from all.
    let asked = [
        (SUBMISSIONS, client_key.as_deref(), of_client.quota()),
        (FORM_SUBMISSIONS, Some(form_key.as_str()), of_all.quota()),
    ];
    let asked = asked.into_iter().filter_map(|(name, key, quota)| Some((name, key?, quota?)));
    let asked: Vec<_> = asked.collect();
    let limits: Vec<_> =
        asked.iter().map(|(scope, key, quota)| Limited { scope, key, quota }).collect();
    let Admission { decisions, count } = app.kv.admit(&limits, counted).await;
    for ((name, _, quota), decision) in asked.into_iter().zip(decisions) {
        if let Err(exceeded) = judge(name, quota, decision) {
            if name == SUBMISSIONS {
                offences::note(app, client).await;
            }
            return Err(exceeded);
        }
    }
    Ok(count)
}

/// Counts a request of this client whose files come before it names its form, by the server's limit
/// for submissions: the form's own cannot be asked yet.
///
/// # Errors
/// The limit that it goes beyond.
pub async fn count_files_for_unknown_form(app: &App, client: IpAddr) -> Result<(), LimitExceeded> {
    let Some(quota) = app.rate_limits.submissions.quota() else { return Ok(()) };
    let decision = app.kv.limit(UNKNOWN_FORMS, &client_key(client), quota).await;
    let judged = judge(SUBMISSIONS, quota, decision);
    if judged.is_err() {
        offences::note(app, Some(client)).await;
    }
    judged
}

/// A key of what is counted for a form: all of them lie together, in a cluster of Redis, too.
pub(crate) fn of_form(form: &CompiledForm, key: impl std::fmt::Display) -> String {
    in_group(form.identity.id.0.simple(), key)
}

/// Counts a challenge that is handed out to this client.
///
/// # Errors
/// The limit that it goes beyond.
pub(crate) async fn count_challenge(app: &App, client: IpAddr) -> Result<(), LimitExceeded> {
    check(app, CHALLENGES, &client_key(client), app.rate_limits.challenges).await
}

/// Counts a try to open the account with this name, from the caller's address and on the whole. Names
/// without an account count as well.
///
/// # Errors
/// The limit that it goes beyond.
pub(crate) async fn count_sign_in(
    app: &App,
    caller: &Caller,
    name: &str,
) -> Result<(), LimitExceeded> {
    count_opening(app, caller).await?;
    let key = hex(&Sha256::digest(name)[..16]);
    check(app, LOGIN_ACCOUNT, &key, app.rate_limits.login_account).await
}

/// Counts a try to open an account by what nobody can guess, and what names the account itself: from
/// the caller's address alone.
///
/// # Errors
/// The limit that it goes beyond.
pub(crate) async fn count_opening(app: &App, caller: &Caller) -> Result<(), LimitExceeded> {
    let Some(address) = caller.address else { return Ok(()) };
    check(app, LOGIN, &client_key(address), app.rate_limits.login).await
}

/// Counts a challenge for a passkey that is handed out to this client: each look at the sign-in page
/// takes one, so it costs no try to sign in.
///
/// # Errors
/// The limit that it goes beyond.
pub(crate) async fn count_passkey_challenge(
    app: &App,
    client: IpAddr,
) -> Result<(), LimitExceeded> {
    check(app, PASSKEY_CHALLENGES, &client_key(client), app.rate_limits.challenges).await
}

/// Counts a try of a second factor.
///
/// # Errors
/// The limit that it goes beyond.
pub(crate) async fn count_factor(
    app: &App,
    caller: &Caller,
    user_id: UserId,
) -> Result<(), LimitExceeded> {
    count_sign_in(app, caller, &format!("factor of {user_id}")).await
}

/// How much of a limit is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The limit's stable name.
    pub name: &'static str,
    /// How many in which time.
    pub quota: Quota,
    /// How many more are allowed now.
    pub remaining: u32,
    /// The time until everything is allowed again.
    pub reset_after: Duration,
}

/// Counts a request to the API; says how much is left, where it is limited.
///
/// # Errors
/// The limit that it goes beyond.
pub async fn count_request(app: &App, caller: &Caller) -> Result<Option<Standing>, LimitExceeded> {
    let Some(quota) = app.rate_limits.api.quota() else { return Ok(None) };
    let key = match (caller.person().map(|person| (&person.via, person.user_id)), caller.address) {
        (Some((Via::Token { id, .. }, _)), _) => format!("token {id}"),
        (Some((Via::Session(_), id)), _) => format!("user {id}"),
        (None, Some(address)) => client_key(address),
        (None, None) => return Ok(None),
    };
    let decision = app.kv.limit(API, &key, quota).await;
    judge(API, quota, decision)?;
    let Decision { remaining, reset_after, .. } = decision;
    Ok(Some(Standing { name: API, quota: *quota, remaining, reset_after }))
}

/// Counts an export; those of Formhold itself are not limited.
///
/// # Errors
/// The limit that it goes beyond.
pub async fn count_export(app: &App, caller: &Caller) -> Result<(), LimitExceeded> {
    let Some(person) = caller.person() else { return Ok(()) };
    check(app, EXPORTS, &person.user_id.to_string(), app.rate_limits.exports).await
}

/// Counts a mail that a caller causes to be sent to an address of their choice. Apart from sign-ins,
/// which nobody should be able to block by it.
///
/// # Errors
/// The limit that it goes beyond.
pub(crate) async fn count_letter(
    app: &App,
    caller: &Caller,
    email: &EmailAddress,
) -> Result<(), LimitExceeded> {
    count_sign_in(app, caller, &format!("letter to {}", email.folded())).await
}

/// Counts a mail that this user has sent to somebody.
///
/// # Errors
/// The limit that it goes beyond.
pub(crate) async fn count_invitation(app: &App, by: UserId) -> Result<(), LimitExceeded> {
    check(app, INVITATIONS, &by.to_string(), app.rate_limits.invitations).await
}

/// Counts a mail to an address that a submitter typed.
///
/// # Errors
/// The limit that it goes beyond.
pub(crate) async fn count_mail_to(app: &App, recipient: &str) -> Result<(), LimitExceeded> {
    // The address itself is not kept; and who writes it in capitals gets no more.
    let key = hex(&Sha256::digest(recipient.to_ascii_lowercase())[..16]);
    check(app, MAILS_RECIPIENT, &key, app.rate_limits.mails_recipient).await
}

/// Counts a mail that a form causes.
///
/// # Errors
/// The limit that it goes beyond.
pub(crate) async fn count_mail_of(app: &App, form_id: FormId) -> Result<(), LimitExceeded> {
    check(app, MAILS_FORM, &form_id.to_string(), app.rate_limits.mails_form).await
}

/// Counts a test of a channel by this user, by the limit for invitations: each goes to somebody.
///
/// # Errors
/// The limit that it goes beyond.
pub(crate) async fn count_trial(app: &App, by: UserId) -> Result<(), LimitExceeded> {
    check(app, TRIALS, &by.to_string(), app.rate_limits.invitations).await
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn check(
    app: &App,
    name: &'static str,
    key: &str,
    limit: Limit,
) -> Result<(), LimitExceeded> {
    let Some(quota) = limit.quota() else { return Ok(()) };
    judge(name, quota, app.kv.limit(name, key, quota).await)
}

fn judge(name: &'static str, quota: &Quota, decision: Decision) -> Result<(), LimitExceeded> {
    match decision {
        Decision { allowed: true, .. } => Ok(()),
        Decision { reset_after, retry_after, .. } => Err(LimitExceeded {
            name,
            quota: *quota,
            reset_after,
            retry_after: retry_after.unwrap_or(reset_after),
        }),
    }
}
