//! Signing in by other providers, with OpenID Connect.
//!
//! A provider is known by its issuer and a person by the provider's subject: addresses and names may
//! be anybody's. An address links a person to an account only where both sides saw that it is theirs.

use std::time::Duration;

use formhold_domain::{
    EmailAddress, Language, SessionId, UserId,
    access::{Caller, InstanceRole},
    accounts::{Factor, PersonName, User, UserState},
    audit::{AuditAction, AuditEntry},
    letters::FactorsChange,
};
use formhold_identity::oidc::Claims;
pub use formhold_identity::oidc::{Callback, OidcProblem};
use formhold_store::{Change, NewUser, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{
    App, ServiceError, account_mail, limits, registration, sessions,
    sign_in::{self, Step, Ticket},
    tickets,
};

/// As long as the state of a sign-in is good.
const LIFETIME: Duration = Duration::from_secs(15 * 60);
const BEGUN: &str = "sign-in by a provider";

/// A provider's account of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// The hash of the provider's issuer: the settings may give its id to another one.
    provider: String,
    /// What the provider is called in the settings.
    name: String,
    subject: String,
}

/// A sign-in that was begun.
#[derive(Debug)]
pub struct Begun {
    /// Where the person is to be sent.
    pub url: Url,
    /// What the provider is called.
    pub name: String,
    /// What this browser alone keeps until the person comes back, for [`finish`].
    pub ticket: String,
}

/// What a sign-in led to.
#[derive(Debug)]
pub struct Finished {
    /// A session, or the question for a second factor.
    pub step: Step,
    /// What was to be seen afterwards, as the browser asked for it.
    pub next: String,
}

/// Why nobody is signed in.
#[derive(Debug)]
pub enum Refused {
    /// This is not the sign-in that was begun in this browser; or it was finished already, or too
    /// long ago.
    NotBegunHere,
    /// The provider cannot be used or proves nothing.
    Provider(OidcProblem),
    /// The provider does not say that the address is the person's, so nobody looked for an account.
    Unverified,
    /// The address has an account, whose owner never showed that it is theirs.
    Unconfirmed,
    /// There is no account for this person, and none is made.
    NoAccount,
    /// The account may not be used.
    Disabled,
    /// Something failed, or was done too often.
    Failed(ServiceError),
}

impl<E: Into<ServiceError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What the browser keeps.
#[derive(Serialize, Deserialize)]
struct Kept {
    state: String,
    next: String,
    begun_at_ms: i64,
}

/// The providers of the settings, as ids and names.
pub fn providers(app: &App) -> impl Iterator<Item = (&str, &str)> {
    app.oidc.providers()
}

/// How long what the browser keeps is worth something.
#[must_use]
pub fn lifetime() -> Duration {
    LIFETIME
}

/// Begins a sign-in by the provider with this id. It will send the person back to `redirect_url`.
///
/// # Errors
/// When there is no such provider, it cannot be asked, or the client asks too often.
pub async fn begin(
    app: &App,
    caller: &Caller,
    provider: &str,
    redirect_url: &Url,
    next: &str,
) -> Result<Begun, Refused> {
    limits::count_opening(app, caller).await?;
    let begun = app.oidc.begin(provider, redirect_url).await.map_err(Refused::Provider)?;
    let begun_at_ms = app.clock.now_ms();
    let kept = Kept { state: begun.state, next: next.to_owned(), begun_at_ms };
    let ticket = tickets::seal(app, BEGUN, &kept);
    Ok(Begun { url: begun.url, name: name_of(app, provider), ticket })
}

/// Finishes a sign-in by what the provider sent the person back with. Of many at once one succeeds.
///
/// An account with codes of an app is still asked for one: the provider stands in for the password,
/// no more. A new link of an account to the provider is made with the session, so never without the
/// code.
///
/// # Errors
/// Why not.
pub async fn finish(
    app: &App,
    caller: &Caller,
    provider: &str,
    ticket: Option<&str>,
    callback: &Callback,
) -> Result<Finished, Refused> {
    limits::count_opening(app, caller).await?;
    let kept = ticket.and_then(|ticket| tickets::open::<Kept>(app, BEGUN, ticket));
    let Kept { state, next, begun_at_ms } = kept.ok_or(Refused::NotBegunHere)?;
    let claims = app.oidc.finish(provider, &state, callback).await.map_err(|problem| {
        if problem == OidcProblem::WrongState {
            return Refused::NotBegunHere;
        }
        Refused::Provider(problem)
    })?;
    // Only now, so that what a stranger makes up does not use up the sign-in. Two nodes without Redis
    // may both be first; then the session's id decides. The provider takes its code once, too, but
    // that is another's promise.
    if !app.kv.first_use("oidc", &hex(&state), LIFETIME).await {
        return Err(Refused::NotBegunHere);
    }
    let identity = Identity {
        provider: hex(&claims.issuer),
        name: name_of(app, provider),
        subject: claims.subject.clone(),
    };
    let session_id = sessions::id_from(begun_at_ms, &state);
    let found = app.store.find_identity(&identity.provider, &identity.subject).await?;
    let step = match found {
        Some(user_id) => open(app, caller, (user_id, session_id), None).await?,
        None => {
            let email = verified_address(&claims)?;
            match app.store.find_user_by_email(&email).await? {
                // Whoever made it may have waited for just this.
                Some(user) if user.email_confirmed_at_ms.is_none() => {
                    return Err(Refused::Unconfirmed);
                }
                Some(user) => {
                    let new = Some((identity, user.version));
                    open(app, caller, (user.id, session_id), new).await?
                }
                None if registration::is_open(app).await? => {
                    register(app, caller, session_id, &identity, new_user(app, email, &claims))
                        .await?
                }
                None => return Err(Refused::NoAccount),
            }
        }
    };
    Ok(Finished { step, next })
}

fn verified_address(claims: &Claims) -> Result<EmailAddress, Refused> {
    let email = claims.email.as_deref().filter(|_| claims.email_verified);
    let email = email.and_then(|email| EmailAddress::parse(email).ok());
    email.ok_or(Refused::Unverified)
}

/// An account for somebody whose provider saw that the address is theirs.
fn new_user(app: &App, email: EmailAddress, claims: &Claims) -> NewUser {
    let told = claims.name.as_deref().and_then(|name| PersonName::parse(name).ok());
    let (before_at, _) = email.as_str().split_once('@').unwrap_or_default();
    let name = told.or_else(|| PersonName::parse(before_at).ok());
    let name = name.or_else(|| PersonName::parse("?").ok()).expect("one character is a name");
    NewUser {
        id: UserId(app.ids.uuid()),
        email,
        email_confirmed: true,
        name,
        role: InstanceRole::User,
        language: Language::default(),
        password_hash: None,
    }
}

/// Makes an account that the provider opens.
async fn register(
    app: &App,
    caller: &Caller,
    session_id: SessionId,
    identity: &Identity,
    new: NewUser,
) -> Result<Step, Refused> {
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    change.insert_user(&new).await?;
    let user = change.user(new.id).await?.ok_or(Refused::NoAccount)?;
    let entry = AuditEntry::new(AuditAction::UserRegister, caller).on("user", user.id);
    change.record(entry.with(json!({ "by": "provider" })));
    let by = (user.id, Factor::Oidc);
    let opened = sessions::open_as(app, &mut change, caller, by, session_id).await?;
    link(app, &mut change, caller, &user, Some(identity)).await?;
    change.commit().await?;
    Ok(Step::Done(opened))
}

/// Opens an account, or asks for its second factor. `new` is what to link it to, and the version that
/// it had when its address was looked at.
async fn open(
    app: &App,
    caller: &Caller,
    (user_id, session_id): (UserId, SessionId),
    new: Option<(Identity, u32)>,
) -> Result<Step, Refused> {
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let user = change.user(user_id).await?.ok_or(Refused::NoAccount)?;
    if user.state != UserState::Active {
        change.roll_back().await?;
        return match sign_in::refuse(app, caller, Some(user)).await {
            sign_in::Refused::Failed(failure) => Err(Refused::Failed(failure)),
            _ => Err(Refused::Disabled),
        };
    }
    if new.as_ref().is_some_and(|(_, version)| *version != user.version) {
        return Err(ServiceError::Stale("the account").into());
    }
    let identity = new.map(|(identity, _)| identity);
    if user.has_totp {
        change.roll_back().await?;
        return Ok(Step::Factor(Ticket::new(app, &user, identity)));
    }
    let by = (user_id, Factor::Oidc);
    let opened = sessions::open_as(app, &mut change, caller, by, session_id).await;
    let opened = opened.map_err(|failure| match failure {
        ServiceError::Conflict(_) => Refused::NotBegunHere,
        other => other.into(),
    })?;
    link(app, &mut change, caller, &user, identity.as_ref()).await?;
    change.commit().await?;
    Ok(Step::Done(opened))
}

/// Notes that the account can be opened by this identity, and tells the owner.
pub(crate) async fn link(
    app: &App,
    change: &mut Change,
    caller: &Caller,
    user: &User,
    identity: Option<&Identity>,
) -> Result<(), ServiceError> {
    let Some(Identity { provider, name, subject }) = identity else { return Ok(()) };
    change.insert_identity(provider, subject, user.id).await.map_err(|error| match error {
        StoreError::Conflict { .. } => {
            ServiceError::Conflict("this was done by another sign-in meanwhile".to_owned())
        }
        other => other.into(),
    })?;
    let entry = AuditEntry::new(AuditAction::IdentityLink, caller).on("user", user.id);
    change.record(entry.with(json!({ "provider": name })));
    account_mail::tell_of_factors(app, change, user, FactorsChange::ProviderLinked);
    Ok(())
}

fn name_of(app: &App, provider: &str) -> String {
    let found = app.oidc.providers().find(|(id, _)| *id == provider);
    found.map_or(provider, |(_, name)| name).to_owned()
}

/// SHA-256 as 64 letters and digits.
fn hex(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
