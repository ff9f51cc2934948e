//! How much one client and one form may.

use std::{net::IpAddr, time::Duration};

use formhold_domain::{CompiledForm, Limit, Quota, UserId, access::Caller};
use formhold_kv::{Decision, client_key};
use sha2::{Digest as _, Sha256};

use crate::{App, captchas};

/// The server's limits; a form may have others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Submissions of one client address (IPv6: one /64) to one form.
    pub submissions: Limit,
    /// Submissions to one form from all addresses together.
    pub form_submissions: Limit,
    /// Challenges of the built-in captcha for one client address.
    pub challenges: Limit,
    /// Sign-ins, and other tries to open an account, of one client address.
    pub login: Limit,
    /// The same for one account, from all addresses together.
    pub login_account: Limit,
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
const CHALLENGES: &str = "challenges";
const LOGIN: &str = "login";
const LOGIN_ACCOUNT: &str = "login_account";

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
    let own = &form.definition.protection;
    let form_id = form.identity.id.0.simple();
    // The client first: one that is refused uses up nothing of what the form takes from all.
    if let Some(address) = client {
        let limit = own.limit.unwrap_or(app.rate_limits.submissions);
        let key = format!("{form_id}:{}", client_key(address));
        if let Err(exceeded) = check(app, SUBMISSIONS, &key, limit).await {
            captchas::note_offence(app, client).await;
            return Err(exceeded);
        }
    }
    let limit = own.total_limit.unwrap_or(app.rate_limits.form_submissions);
    check(app, FORM_SUBMISSIONS, &form_id.to_string(), limit).await
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
    if let Some(address) = caller.address {
        check(app, LOGIN, &client_key(address), app.rate_limits.login).await?;
    }
    let key = hex(&Sha256::digest(name)[..16]);
    check(app, LOGIN_ACCOUNT, &key, app.rate_limits.login_account).await
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
    match app.kv.limit(name, key, quota).await {
        Decision { allowed: true, .. } => Ok(()),
        Decision { reset_after, retry_after, .. } => Err(LimitExceeded {
            name,
            quota: *quota,
            reset_after,
            retry_after: retry_after.unwrap_or(reset_after),
        }),
    }
}
