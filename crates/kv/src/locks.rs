//! Locks that save work: one node does something while the others leave it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use uuid::Uuid;

use crate::{Kv, gcra::micros, scripts, uses::whole_ms};

/// A lock that is held. Dropping it releases it soon after; [`Lock::release`] does so at once.
#[must_use = "a lock that is dropped is released"]
pub struct Lock {
    kv: Kv,
    scope: String,
    key: String,
    token: Uuid,
    released: bool,
}

impl Kv {
    /// Takes a lock, if nobody holds it. It ends by itself after `lifetime`.
    ///
    /// It saves work and does not guard data: a holder that was asleep for longer does not notice
    /// that its lock ended, and while Redis does not answer each node has locks of its own. What
    /// must not happen twice is decided in the database.
    pub async fn lock(&self, scope: &str, key: &str, lifetime: Duration) -> Option<Lock> {
        let meter = &self.inner.meters.locks;
        let timer = meter.start();
        let lock = self.try_lock(scope, key, lifetime).await;
        meter.count(lock.is_some());
        meter.stop(timer);
        lock
    }

    async fn try_lock(&self, scope: &str, key: &str, lifetime: Duration) -> Option<Lock> {
        let token = self.inner.ids.uuid();
        if !self.inner.locks.take(scope, key, token, self.now_us(), lifetime) {
            return None;
        }
        let lock = Lock {
            kv: self.clone(),
            scope: scope.to_owned(),
            key: key.to_owned(),
            token,
            released: false,
        };
        if let Some(link) = &self.inner.link {
            let mut set = redis::cmd("SET");
            set.arg(link.key("lock", scope, key)).arg(token.to_string());
            set.arg("NX").arg("PX").arg(whole_ms(lifetime));
            let answer: Option<Option<String>> = link.command(&self.inner.meters.locks, &set).await;
            if answer == Some(None) {
                lock.release().await;
                return None;
            }
        }
        Some(lock)
    }

    async fn unlock(&self, scope: &str, key: &str, token: Uuid) -> bool {
        let here = self.inner.locks.release(scope, key, token, self.now_us());
        let Some(link) = &self.inner.link else { return here };
        let name = link.key("lock", scope, key);
        let meter = &self.inner.meters.locks;
        let released: Option<u8> =
            link.script(meter, &scripts::UNLOCK, &[name], &[token.to_string()]).await;
        released.map_or(here, |released| released == 1)
    }
}

impl Lock {
    /// Releases the lock. True when it was still held, so that nobody else can have had it.
    pub async fn release(mut self) -> bool {
        self.released = true;
        self.kv.unlock(&self.scope, &self.key, self.token).await
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.released {
            return;
        }
        let (kv, token) = (self.kv.clone(), self.token);
        let (scope, key) = (std::mem::take(&mut self.scope), std::mem::take(&mut self.key));
        // Outside of a runtime, at the very end of the process, it ends by itself.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move { kv.unlock(&scope, &key, token).await });
            }
            Err(_) => {
                self.kv.inner.locks.release(&scope, &key, token, self.kv.now_us());
            }
        }
    }
}

/// The locks that this node holds.
#[derive(Default)]
pub(crate) struct Locks(Mutex<HashMap<(String, String), Held>>);

struct Held {
    token: Uuid,
    until_us: u64,
}

impl Locks {
    fn take(&self, scope: &str, key: &str, token: Uuid, now_us: u64, lifetime: Duration) -> bool {
        let mut held = self.held();
        held.retain(|_, it| it.until_us > now_us);
        let name = (scope.to_owned(), key.to_owned());
        if held.contains_key(&name) {
            return false;
        }
        held.insert(name, Held { token, until_us: now_us.saturating_add(micros(lifetime)) });
        true
    }

    fn release(&self, scope: &str, key: &str, token: Uuid, now_us: u64) -> bool {
        let mut held = self.held();
        let name = (scope.to_owned(), key.to_owned());
        match held.get(&name) {
            Some(it) if it.token == token => {
                held.remove(&name).is_some_and(|it| it.until_us > now_us)
            }
            _ => false,
        }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<(String, String), Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
