//! What may be used once only: answers to a challenge, one-time codes, links in mails.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{BuildHasher as _, RandomState},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{Kv, gcra::micros, stats::Meter};

/// How many uses a node remembers.
const REMEMBERED: usize = 200_000;

impl Kv {
    /// True the first time that `key` is used within `lifetime`, on whatever node; false from then
    /// on. Of many at once exactly one is first.
    ///
    /// While Redis does not answer a key can be first once on each node, never twice on one: each
    /// node also remembers what it saw itself, up to 200,000 uses. Beyond that it forgets the one
    /// that expires soonest, which has the least left to gain.
    pub async fn first_use(&self, scope: &str, key: &str, lifetime: Duration) -> bool {
        let meter = &self.inner.meters.uses;
        let timer = meter.start();
        // Here first: of two at once on this node only one goes on to Redis.
        let first = self.inner.uses.remember(meter, scope, key, self.now_us(), lifetime)
            && self.first_in_redis(scope, key, lifetime).await.unwrap_or(true);
        meter.count(first);
        meter.stop(timer);
        first
    }

    async fn first_in_redis(&self, scope: &str, key: &str, lifetime: Duration) -> Option<bool> {
        let link = self.inner.link.as_ref()?;
        let mut set = redis::cmd("SET");
        set.arg(link.key("use", scope, key)).arg(1).arg("NX").arg("PX").arg(whole_ms(lifetime));
        let was_set: Option<String> = link.command(&self.inner.meters.uses, &set).await?;
        Some(was_set.is_some())
    }
}

/// Milliseconds as Redis takes them: one at least, a thousand years at most.
pub(crate) fn whole_ms(duration: Duration) -> u64 {
    const THOUSAND_YEARS_MS: u128 = 1_000 * 366 * 24 * 60 * 60 * 1_000;
    u64::try_from(duration.as_millis().clamp(1, THOUSAND_YEARS_MS)).unwrap_or(u64::MAX)
}

/// What this node saw used.
pub(crate) struct Uses {
    // Keyed at random, so that nobody can find two keys with one hash.
    hasher: RandomState,
    seen: Mutex<Seen>,
    most: usize,
}

#[derive(Default)]
struct Seen {
    until_us: HashMap<u64, u64>,
    by_time: BTreeSet<(u64, u64)>,
}

impl Uses {
    pub(crate) fn new() -> Self {
        Self { hasher: RandomState::new(), seen: Mutex::default(), most: REMEMBERED }
    }

    fn remember(
        &self,
        meter: &Meter,
        scope: &str,
        key: &str,
        now_us: u64,
        lifetime: Duration,
    ) -> bool {
        let hash = self.hasher.hash_one((scope, key));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((until_us, old)) = seen.by_time.first().copied() {
            let expired = until_us <= now_us;
            if !expired && seen.by_time.len() < self.most {
                break;
            }
            if !expired {
                meter.evicted();
            }
            seen.by_time.pop_first();
            seen.until_us.remove(&old);
        }
        if seen.until_us.contains_key(&hash) {
            return false;
        }
        let until_us = now_us.saturating_add(micros(lifetime).max(1));
        seen.until_us.insert(hash, until_us);
        seen.by_time.insert((until_us, hash));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_memory_forgets_what_expires_soonest() {
        let uses = Uses { most: 3, ..Uses::new() };
        let meter = Meter::default();
        let remember = |key: &str, seconds| {
            uses.remember(&meter, "test", key, 0, Duration::from_secs(seconds))
        };
        assert!(remember("a", 30) && remember("b", 10) && remember("c", 20));
        assert!(remember("d", 40), "the memory is full, and b goes");
        assert!(!remember("d", 40));
        assert!(remember("b", 10), "b was forgotten");
        assert_eq!(uses.seen.lock().unwrap().until_us.len(), 3);
    }
}
