//! Signing in by password, and by a second factor where the account has one.
//!
//! Whether an address has an account shows neither in words nor in time: the password of an unknown
//! one is hashed, too, and refused in the same way.

use std::{fmt, time::Duration};

use formhold_domain::{
    EmailAddress, UserId,
    access::Caller,
    accounts::{Factor, User, UserState},
    audit::{AuditAction, AuditEntry},
    letters::FactorsChange,
};
use formhold_identity::{
    passwords::{Password, Verified},
    recovery_codes::RecoveryCode,
    totp::TotpSecret,
};
use formhold_store::{Change, Credentials};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    App, ServiceError, account_mail,
    limits::{self, count_sign_in},
    oidc::{self, Identity},
    sessions::{self, Opened},
    tickets,
};

/// How long the code may take after the password.
const TICKET_MS: i64 = 10 * 60 * 1000;
const PURPOSE: &str = "sign-in ticket";

/// What a right password leads to.
#[derive(Debug)]
pub enum Step {
    /// A session.
    Done(Opened),
    /// The question for a second factor.
    Factor(Ticket),
}

/// Shows that somebody knew the password of an account, or was sent by its provider, a moment ago. It
/// is worth nothing without the second factor, or after the account changed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    user_id: UserId,
    version: u32,
    expires_at_ms: i64,
    identity: Option<Identity>,
}

/// Why somebody is not signed in.
#[derive(Debug)]
pub enum Refused {
    /// The address or the password is wrong, or the account may not be used: which of them, nobody
    /// is told.
    Wrong,
    /// The password was right; the address was never confirmed. A new link is on its way.
    Unconfirmed,
    /// The code is wrong, or was used.
    WrongCode,
    /// The password was too long ago.
    TooLate,
    /// Something failed, or was done too often.
    Failed(ServiceError),
}

impl<E: Into<ServiceError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Signs in by address and password.
///
/// # Errors
/// Why not.
pub async fn by_password(
    app: &App,
    caller: &Caller,
    email: &str,
    password: &str,
) -> Result<Step, Refused> {
    count_sign_in(app, caller, &email.trim().to_lowercase()).await?;
    let password = Password::for_sign_in(password).map_err(|_| Refused::Wrong)?;
    let found = match EmailAddress::parse(email) {
        Ok(email) => app.store.credentials_by_email(&email).await?,
        Err(_) => None,
    };
    let hash = found.as_ref().and_then(|found| found.password_hash.as_deref());
    let Verified { matches, outdated } = app.passwords.verify(&password, hash).await?;
    let found = match found {
        Some(found) if matches && found.user.state == UserState::Active => found,
        other => return Err(refuse(app, caller, other.map(|found| found.user)).await),
    };
    if found.user.email_confirmed_at_ms.is_none() {
        account_mail::send_confirmation(app, &found.user).await?;
        return Err(Refused::Unconfirmed);
    }
    let rehashed = match outdated {
        true => Some(app.passwords.hash(&password).await?),
        false => None,
    };
    if found.totp_secret.is_some() {
        return Ok(Step::Factor(Ticket::new(app, &found.user, None)));
    }
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    still(&change, &found).await?;
    if let Some(hash) = rehashed {
        change.rehash_password(found.user.id, &hash).await?;
    }
    let opened = sessions::open(app, &mut change, caller, found.user.id, Factor::Password).await?;
    change.commit().await?;
    Ok(Step::Done(opened))
}

/// Signs in by a code of an app, after the password.
///
/// # Errors
/// Why not.
pub async fn by_totp(
    app: &App,
    caller: &Caller,
    ticket: &Ticket,
    code: &str,
) -> Result<Opened, Refused> {
    let (mut change, found) = redeem(app, caller, ticket).await?;
    let secret = totp_secret(&found)?.ok_or(Refused::TooLate)?;
    let step = secret.verify(code, change.now_ms(), found.totp_step);
    let used = match step {
        Some(step) => change.use_totp_step(found.user.id, step).await?,
        None => false,
    };
    if !used {
        change.roll_back().await?;
        refuse(app, caller, Some(found.user)).await;
        return Err(Refused::WrongCode);
    }
    let opened = sessions::open(app, &mut change, caller, found.user.id, Factor::Totp).await?;
    oidc::link(app, &mut change, caller, &found.user, ticket.identity.as_ref()).await?;
    change.commit().await?;
    Ok(opened)
}

/// Signs in by a recovery code, after the password.
///
/// # Errors
/// Why not.
pub async fn by_recovery_code(
    app: &App,
    caller: &Caller,
    ticket: &Ticket,
    code: &str,
) -> Result<Opened, Refused> {
    let (mut change, found) = redeem(app, caller, ticket).await?;
    let used = match RecoveryCode::parse(code) {
        Some(code) => change.use_recovery_code(found.user.id, &code.hash()).await?,
        None => false,
    };
    if !used {
        change.roll_back().await?;
        refuse(app, caller, Some(found.user)).await;
        return Err(Refused::WrongCode);
    }
    let user_id = found.user.id;
    let opened = sessions::open(app, &mut change, caller, user_id, Factor::RecoveryCode).await?;
    oidc::link(app, &mut change, caller, &found.user, ticket.identity.as_ref()).await?;
    let used = FactorsChange::RecoveryCodeUsed;
    account_mail::tell_of_factors(app, &mut change, &found.user, used);
    change.commit().await?;
    Ok(opened)
}

/// The account of a ticket as it is now, inside the change that decides.
async fn redeem(
    app: &App,
    caller: &Caller,
    ticket: &Ticket,
) -> Result<(Change, Credentials), Refused> {
    limits::count_factor(app, caller, ticket.user_id).await?;
    let change = app.store.begin(app.clock.now_ms()).await?;
    let found = change.credentials(ticket.user_id).await?;
    let good = found.filter(|found| {
        ticket.expires_at_ms > change.now_ms()
            && found.user.version == ticket.version
            && found.user.state == UserState::Active
    });
    good.map(|found| (change, found)).ok_or(Refused::TooLate)
}

/// The account must be the one that the password was checked for.
async fn still(change: &Change, found: &Credentials) -> Result<(), Refused> {
    let now = change.credentials(found.user.id).await?;
    let same = now.is_some_and(|now| {
        now.user.version == found.user.version && now.user.state == UserState::Active
    });
    if same { Ok(()) } else { Err(Refused::Wrong) }
}

/// Notes a sign-in that failed, whether or not there is an account: both take the same time.
pub(crate) async fn refuse(app: &App, caller: &Caller, user: Option<User>) -> Refused {
    let entry = AuditEntry::new(AuditAction::SignInFailed, caller);
    let entry = match user {
        Some(user) => entry.on("user", user.id),
        None => entry.with(json!({ "account": "unknown" })),
    };
    let noted = async {
        let mut change = app.store.begin(app.clock.now_ms()).await?;
        change.record(entry);
        change.commit().await
    };
    match noted.await {
        Ok(()) => Refused::Wrong,
        Err(error) => Refused::Failed(error.into()),
    }
}

/// The secret of an account's app.
pub(crate) fn totp_secret(found: &Credentials) -> Result<Option<TotpSecret>, ServiceError> {
    let Some(bytes) = &found.totp_secret else { return Ok(None) };
    let bytes = bytes.as_slice().try_into().map_err(|_| {
        ServiceError::Internal(format!("the app's secret of user {} is damaged", found.user.id))
    })?;
    Ok(Some(TotpSecret::from_bytes(bytes)))
}

impl Ticket {
    /// A ticket for an account as it is now; `identity` is linked to it once the code is right.
    pub(crate) fn new(app: &App, user: &User, identity: Option<Identity>) -> Self {
        let expires_at_ms = app.clock.now_ms() + TICKET_MS;
        Self { user_id: user.id, version: user.version, expires_at_ms, identity }
    }

    /// The ticket as text, signed, for a cookie.
    #[must_use]
    pub fn to_text(&self, app: &App) -> String {
        tickets::seal(app, PURPOSE, self)
    }

    /// The ticket of a text that was signed here.
    #[must_use]
    pub fn parse(app: &App, text: &str) -> Option<Self> {
        tickets::open(app, PURPOSE, text)
    }

    /// How long it is worth something.
    #[must_use]
    pub fn lifetime() -> Duration {
        Duration::from_millis(TICKET_MS.unsigned_abs())
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(***)")
    }
}
