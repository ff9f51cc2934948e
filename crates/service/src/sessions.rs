//! Being signed in: beginning, finding, listing and ending sessions; and API tokens that are shown.
//!
//! The database holds the sessions. Where Redis is set and answers, what a session means is kept there
//! for seconds, for all nodes; every change drops it at once.

use std::{sync::Arc, time::Duration};

use formhold_domain::{
    Bearer, BearerHash, SessionId, UserId,
    access::{Action, Actor, Caller, Person, Via},
    accounts::{Factor, Session},
    audit::{AuditAction, AuditEntry},
};
use formhold_kv::{CacheOptions, RedisState};
use formhold_store::{Change, SignedIn, StoreError};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{App, ServiceError, access::require_own};

/// What sessions mean. Short, because it bounds how long a node may believe an ended one where Redis
/// fails at that very moment.
pub(crate) const CACHE: CacheOptions =
    CacheOptions { capacity: 10_000, time_limit: Duration::from_secs(10) };

/// How exact "last used" is.
const TOUCH_MS: i64 = 60_000;
/// How many sessions of one user are listed.
const MOST: u64 = 200;
const USER_AGENT_BYTES: usize = 512;

/// A session that was begun.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The session.
    pub session: Session,
    /// What opens it: for a cookie, and nowhere else.
    pub secret: Bearer,
}

/// Who the holder of a session's secret is; a visitor when it ended.
///
/// # Errors
/// When the database fails.
pub async fn actor_of_session(app: &App, secret: &Bearer) -> Result<Actor, ServiceError> {
    let now_ms = app.clock.now_ms();
    let Some(found) = open_at(app, secret, now_ms).await? else { return Ok(Actor::Visitor) };
    if found.seen_at_ms + TOUCH_MS <= now_ms {
        // Failing to note it costs somebody a sign-in at worst.
        if let Err(error) = app.store.touch_session(found.session_id, now_ms).await {
            tracing::warn!(%error, "a session's use could not be noted");
        }
        forget(app, &[secret.hash()]).await;
    }
    Ok(person(found))
}

/// As [`actor_of_session`], where nobody does anything: a page that stays open for hours keeps no
/// session from ending.
///
/// # Errors
/// When the database fails.
pub async fn actor_who_waits(app: &App, secret: &Bearer) -> Result<Actor, ServiceError> {
    let found = open_at(app, secret, app.clock.now_ms()).await?;
    Ok(found.map_or(Actor::Visitor, person))
}

async fn open_at(
    app: &App,
    secret: &Bearer,
    now_ms: i64,
) -> Result<Option<SignedIn>, ServiceError> {
    let found = find(app, &secret.hash()).await?;
    Ok(found.filter(|found| {
        found.expires_at_ms > now_ms && found.seen_at_ms + app.auth.idle_ms() > now_ms
    }))
}

fn person(found: SignedIn) -> Actor {
    Actor::Person(Person {
        user_id: found.user_id,
        role: found.role,
        memberships: found.memberships,
        via: Via::Session(found.session_id),
    })
}

/// Who the holder of an API token is; none when it ended or never was.
///
/// # Errors
/// When the database fails.
pub async fn actor_of_token(app: &App, secret: &Bearer) -> Result<Option<Actor>, ServiceError> {
    let Some(found) = app.store.find_token(&secret.hash()).await? else { return Ok(None) };
    let (token, now_ms) = (found.token, app.clock.now_ms());
    if token.expires_at_ms.is_some_and(|end| end <= now_ms) {
        return Ok(None);
    }
    if token.used_at_ms.is_none_or(|used| used + TOUCH_MS <= now_ms)
        && let Err(error) = app.store.touch_token(token.id, now_ms).await
    {
        tracing::warn!(%error, "a token's use could not be noted");
    }
    Ok(Some(Actor::Person(Person {
        user_id: token.user_id,
        role: found.role,
        memberships: found.memberships,
        via: Via::Token { id: token.id, scopes: token.scopes, workspace: token.workspace_id },
    })))
}

async fn find(app: &App, hash: &BearerHash) -> Result<Option<SignedIn>, ServiceError> {
    // In memory it could not be dropped by other nodes.
    if !matches!(app.kv.redis_state(), RedisState::Connected { .. }) {
        return Ok(app.store.find_session(hash).await?);
    }
    let load = app.store.find_session(hash);
    let found = app.sessions.get_or_try_load(&key(hash), load).await;
    found.map_err(|error: Arc<StoreError>| match &*error {
        StoreError::Unavailable(_) => ServiceError::Unavailable(error.to_string()),
        other => ServiceError::Internal(other.to_string()),
    })
}

/// Begins a session, inside the change that it follows from.
pub(crate) async fn open(
    app: &App,
    change: &mut Change,
    caller: &Caller,
    user_id: UserId,
    factor: Factor,
) -> Result<Opened, ServiceError> {
    open_as(app, change, caller, (user_id, factor), SessionId(app.ids.uuid())).await
}

/// The id of the session that something which is good once leads to: however often it is used at the
/// same moment, the database has room for one.
pub(crate) fn id_from(begun_at_ms: i64, proof: &str) -> SessionId {
    let hash = Sha256::digest(proof);
    let mut random = [0; 10];
    random.copy_from_slice(&hash[..10]);
    let id = uuid::Builder::from_unix_timestamp_millis(begun_at_ms.unsigned_abs(), &random);
    SessionId(id.into_uuid())
}

/// As [`open`], with an id of the caller's.
///
/// # Errors
/// [`ServiceError::Conflict`] when there is a session with this id.
pub(crate) async fn open_as(
    app: &App,
    change: &mut Change,
    caller: &Caller,
    (user_id, factor): (UserId, Factor),
    id: SessionId,
) -> Result<Opened, ServiceError> {
    let (now_ms, secret) = (change.now_ms(), Bearer::new(&*app.ids));
    let session = Session {
        id,
        user_id,
        factor,
        created_at_ms: now_ms,
        seen_at_ms: now_ms,
        expires_at_ms: now_ms + app.auth.lifetime_ms(),
        address: caller.address.map(|address| address.to_string()),
        user_agent: caller.user_agent.as_deref().map(|text| cut(text).to_owned()),
    };
    change.insert_session(&session, &secret.hash()).await?;
    change.note_sign_in(user_id).await?;
    let entry = AuditEntry {
        actor_kind: "user",
        actor_id: Some(user_id.to_string()),
        via: Some(session.id.to_string()),
        ..AuditEntry::new(AuditAction::SignIn, caller)
    };
    change.record(entry.on("session", session.id).with(json!({ "factor": factor.as_str() })));
    Ok(Opened { session, secret })
}

/// The caller's own sessions, the newest first.
///
/// # Errors
/// When the caller is nobody, or the database fails.
pub async fn list_sessions(app: &App, caller: &Caller) -> Result<Vec<Session>, ServiceError> {
    let person = require_own(caller, Action::SeeOwnAccount)?;
    open_sessions(app, person.user_id).await
}

/// The sessions of a user that still open something, the newest first.
pub(crate) async fn open_sessions(
    app: &App,
    user_id: UserId,
) -> Result<Vec<Session>, ServiceError> {
    let now_ms = app.clock.now_ms();
    let mut sessions = app.store.list_sessions(user_id, now_ms, MOST).await?;
    sessions.retain(|session| session.seen_at_ms + app.auth.idle_ms() > now_ms);
    Ok(sessions)
}

/// Ends the caller's own session of this id; it may be the one in use.
///
/// # Errors
/// [`ServiceError::NotFound`] when it ended already or is somebody else's.
pub async fn end_session(app: &App, caller: &Caller, id: SessionId) -> Result<(), ServiceError> {
    let user_id = match (&caller.actor, caller.person()) {
        // Signing out takes no right.
        (Actor::Person(Person { via: Via::Session(own), user_id, .. }), _) if *own == id => {
            *user_id
        }
        _ => require_own(caller, Action::ChangeOwnAccount)?.user_id,
    };
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let ended = change.end_sessions(user_id, Some(id), None).await?;
    if ended.is_empty() {
        return Err(ServiceError::NotFound(format!("session {id}")));
    }
    change.record(AuditEntry::new(AuditAction::SignOut, caller).on("session", id));
    change.commit().await?;
    forget(app, &ended).await;
    Ok(())
}

/// Ends all of the caller's sessions but the one in use; gives how many.
///
/// # Errors
/// When the caller is nobody, or the database fails.
pub async fn end_other_sessions(app: &App, caller: &Caller) -> Result<usize, ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let ended = change.end_sessions(person.user_id, None, session_in_use(person)).await?;
    let entry = AuditEntry::new(AuditAction::SignOut, caller).on("user", person.user_id);
    change.record(entry.with(json!({ "ended": ended.len() })));
    change.commit().await?;
    forget(app, &ended).await;
    Ok(ended.len())
}

/// Forgets some of the sessions, links and keys of requests that ended by their age; gives how many
/// sessions.
///
/// # Errors
/// When the database fails.
pub async fn forget_ended(app: &App) -> Result<u64, ServiceError> {
    const AT_ONCE: u64 = 1_000;
    let now_ms = app.clock.now_ms();
    app.store.forget_links(now_ms).await?;
    while app.store.forget_requests(now_ms, AT_ONCE).await? > 0 {}
    Ok(app.store.forget_ended_sessions(now_ms, AT_ONCE).await?)
}

/// The session that somebody is using, where it is one.
pub(crate) fn session_in_use(person: &Person) -> Option<SessionId> {
    match person.via {
        Via::Session(id) => Some(id),
        Via::Token { .. } => None,
    }
}

/// Drops what is kept of sessions; to be called after the commit that changed them.
pub(crate) async fn forget(app: &App, hashes: &[BearerHash]) {
    for hash in hashes {
        app.sessions.drop_key(&key(hash)).await;
    }
}

/// The hash is no secret: nobody finds what it is the hash of.
fn key(hash: &BearerHash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(USER_AGENT_BYTES)]
}
