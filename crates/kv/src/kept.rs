//! Short texts that wait for a second step: any node can take one, once.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{Kv, gcra::micros, uses::whole_ms};

/// How many texts a node keeps while there is no Redis to do it.
const MOST: usize = 10_000;

impl Kv {
    /// Keeps a text for `lifetime`, so that any node can [`take`](Self::take) it, once: a key that
    /// was taken is used up. A text that is kept under the same key already is replaced.
    ///
    /// While Redis does not answer this node keeps it, and only this node can take it. It keeps up to
    /// 10,000 texts; beyond that, the one that expires soonest goes.
    pub async fn keep(&self, scope: &str, key: &str, text: &str, lifetime: Duration) {
        let meter = &self.inner.meters.uses;
        let timer = meter.start();
        let kept: Option<()> = match &self.inner.link {
            None => None,
            Some(link) => {
                let mut set = redis::cmd("SET");
                set.arg(link.key("kept", scope, key)).arg(text).arg("PX").arg(whole_ms(lifetime));
                link.command(meter, &set).await
            }
        };
        if kept.is_none() {
            let until_us = self.now_us().saturating_add(micros(lifetime).max(1));
            self.inner.kept.put(scope, key, text, until_us, self.now_us());
        }
        meter.stop(timer);
    }

    /// Takes a text that was kept; none when there is none, it expired, or somebody took it. Of many
    /// at once one gets it: `lifetime`, the same that it was kept for, is how long this is watched.
    pub async fn take(&self, scope: &str, key: &str, lifetime: Duration) -> Option<String> {
        let text = match self.inner.kept.take(scope, key, self.now_us()) {
            Some(text) => Some(text),
            None => self.read_kept(scope, key).await,
        }?;
        // This decides. Redis may also have kept it though its answer came too late.
        let first = self.first_use(scope, key, lifetime).await;
        if let (true, Some(link)) = (first, &self.inner.link) {
            let mut delete = redis::cmd("DEL");
            delete.arg(link.key("kept", scope, key));
            let _: Option<()> = link.command(&self.inner.meters.uses, &delete).await;
        }
        first.then_some(text)
    }

    async fn read_kept(&self, scope: &str, key: &str) -> Option<String> {
        let link = self.inner.link.as_ref()?;
        let mut get = redis::cmd("GET");
        get.arg(link.key("kept", scope, key));
        link.command::<Option<String>>(&self.inner.meters.uses, &get).await.flatten()
    }
}

/// What this node keeps by itself.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Texts>);

#[derive(Default)]
struct Texts {
    by_key: HashMap<String, (u64, String)>,
    by_time: BTreeSet<(u64, String)>,
}

impl Kept {
    fn put(&self, scope: &str, key: &str, text: &str, until_us: u64, now_us: u64) {
        let key = format!("{scope}:{key}");
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        texts.remove(&key);
        while texts.by_time.first().is_some_and(|(until_us, _)| *until_us <= now_us)
            || texts.by_time.len() >= MOST
        {
            let Some((_, oldest)) = texts.by_time.pop_first() else { break };
            texts.by_key.remove(&oldest);
        }
        texts.by_time.insert((until_us, key.clone()));
        texts.by_key.insert(key, (until_us, text.to_owned()));
    }

    fn take(&self, scope: &str, key: &str, now_us: u64) -> Option<String> {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (until_us, text) = texts.remove(&format!("{scope}:{key}"))?;
        (until_us > now_us).then_some(text)
    }
}

impl Texts {
    fn remove(&mut self, key: &str) -> Option<(u64, String)> {
        let (until_us, text) = self.by_key.remove(key)?;
        self.by_time.remove(&(until_us, key.to_owned()));
        Some((until_us, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_memory_forgets_what_expires_soonest() {
        let kept = Kept::default();
        for number in 0..=MOST as u64 {
            kept.put("test", &number.to_string(), "text", 1_000 + number, 0);
        }
        assert_eq!(kept.take("test", "0", 0), None, "the first went");
        assert_eq!(kept.take("test", "1", 0).as_deref(), Some("text"));
        assert_eq!(kept.take("test", "1", 0), None, "once");
        assert_eq!(kept.take("test", "2", 1_002), None, "too late");
    }
}
