//! How often something happened lately: equal content, challenges of a network.

use std::time::Duration;

use crate::{Counted, Kv, table::Table};

impl Kv {
    /// Counts one more of `key` and says how many there were in the current window, with this one.
    /// A window begins with the first and ends `window` later.
    ///
    /// While Redis does not answer each node counts on from what it saw last. A node remembers
    /// 131,072 keys; beyond that, a new one takes the place of that whose window ends first.
    pub async fn count(&self, scope: &str, key: &str, window: Duration) -> u64 {
        let counted = Counted { scope, key, window };
        self.admit(&[], Some(counted)).await.count.expect("nothing stands before the count")
    }

    /// How many of `key` there were in the current window, without counting one more.
    pub async fn counted(&self, scope: &str, key: &str) -> u64 {
        let meter = &self.inner.meters.counts;
        let timer = meter.start();
        let counted: Option<Option<u64>> = match &self.inner.link {
            None => None,
            Some(link) => {
                let mut get = redis::cmd("GET");
                get.arg(link.key("count", scope, key));
                link.command(meter, &get).await
            }
        };
        let count = match counted {
            Some(count) => count.unwrap_or(0),
            None => self.inner.counts.read(scope, key, self.now_us()),
        };
        meter.stop(timer);
        count
    }
}

/// What this node knows of each count: until when its window lasts, and the number.
pub(crate) struct Counts(Table);

impl Counts {
    pub(crate) fn new() -> Self {
        Self(Table::new())
    }

    pub(crate) fn add(&self, scope: &str, key: &str, now_us: u64, window_us: u64) -> u64 {
        self.0.with(scope, key, now_us, |place, _| {
            if place.until_us <= now_us {
                place.until_us = now_us.saturating_add(window_us.max(1));
                place.value = 0;
            }
            place.value += 1;
            place.value
        })
    }

    pub(crate) fn note(
        &self,
        scope: &str,
        key: &str,
        now_us: u64,
        count: u64,
        left_ms: i64,
    ) -> u64 {
        self.0.with(scope, key, now_us, |place, _| {
            let left_us = u64::try_from(left_ms).unwrap_or(0).saturating_mul(1_000);
            place.until_us = now_us.saturating_add(left_us);
            place.value = count;
            count
        })
    }

    fn read(&self, scope: &str, key: &str, now_us: u64) -> u64 {
        let place = self.0.get(scope, key).filter(|place| place.until_us > now_us);
        place.map_or(0, |place| place.value)
    }
}
