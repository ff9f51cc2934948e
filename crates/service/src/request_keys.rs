//! Requests that are sent a second time with the key of the first: they have no second effect, and
//! get the first one's answer. 24 hours long, on all nodes.

use std::future::Future;

use formhold_domain::access::{Caller, Via};
use formhold_store::RequestKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{App, ServiceError};

/// The longest key, in bytes.
pub const MAX_KEY_BYTES: usize = 255;
/// An answer comes this soon after its effect, unless the process was killed.
const REPLY_MS: i64 = 60_000;

/// A request that names itself by a key.
#[derive(Debug, Clone, Copy)]
pub struct KeyedRequest(RequestKey);

/// What is known of a request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// It was not carried out yet.
    New,
    /// It was carried out, and answered so.
    Answered(Reply),
    /// It was carried out a moment ago, and is about to be answered.
    UnderWay,
    /// It was carried out; what was answered is not kept.
    ReplyNotKept,
    /// The key was used for another request.
    Other,
}

/// An answer, as it is sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Names and values of the headers that belong to it.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

impl KeyedRequest {
    /// A request of this caller. `parts` are all that makes two requests the same: method, address,
    /// body. None for visitors: there is nobody whom the key could be of.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] for a key that is empty, too long or not plain.
    pub fn of(caller: &Caller, key: &[u8], parts: &[&[u8]]) -> Result<Option<Self>, ServiceError> {
        let plain = key.iter().all(|byte| (b' '..=b'~').contains(byte));
        if !plain || !(1..=MAX_KEY_BYTES).contains(&key.len()) {
            let message = format!("must have 1 to {MAX_KEY_BYTES} plain characters");
            return Err(ServiceError::invalid("Idempotency-Key", "WRONG_KEY", message));
        }
        let Some(person) = caller.person() else { return Ok(None) };
        let owner_id = match &person.via {
            // What one token may see, another one may not.
            Via::Token { id, .. } => id.0,
            Via::Session(_) => person.user_id.0,
        };
        let mut content = Sha256::new();
        for part in parts {
            content.update((part.len() as u64).to_be_bytes());
            content.update(part);
        }
        let (key_hash, content_hash) = (Sha256::digest(key).into(), content.finalize().into());
        Ok(Some(Self(RequestKey { owner_id, key_hash, content_hash })))
    }

    /// What is known of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look_up(&self, app: &App) -> Result<Known, ServiceError> {
        let now_ms = app.clock.now_ms();
        let Some(found) = app.store.find_request(&self.0, now_ms).await? else {
            return Ok(Known::New);
        };
        if found.content_hash != self.0.content_hash {
            return Ok(Known::Other);
        }
        let Some(text) = found.reply else {
            let recent = found.at_ms + REPLY_MS > now_ms;
            return Ok(if recent { Known::UnderWay } else { Known::ReplyNotKept });
        };
        let reply: Option<Reply> = serde_json::from_str(&text)
            .map_err(|error| ServiceError::Internal(format!("a kept answer is broken: {error}")))?;
        Ok(reply.map_or(Known::ReplyNotKept, Known::Answered))
    }

    /// Carries it out: what it changes is committed together with its key. Says also whether another
    /// one with the same key was faster; then this one changed nothing.
    pub async fn once<F: Future>(self, work: F) -> (F::Output, bool) {
        self.0.once(work).await
    }

    /// Keeps its answer; none where that must not be read a second time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep(&self, app: &App, reply: Option<&Reply>) -> Result<(), ServiceError> {
        let text = serde_json::to_string(&reply)
            .map_err(|error| ServiceError::Internal(error.to_string()))?;
        Ok(app.store.keep_reply(&self.0, &text, app.clock.now_ms()).await?)
    }
}
