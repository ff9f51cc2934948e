//! One request that must be within several limits, and is counted if it is: one trip to Redis.

use std::{fmt::Display, time::Duration};

use crate::{
    Decision, Kv, Quota,
    gcra::{Gcra, micros},
    limits::Answer,
    redis_link::Link,
    scripts,
    stats::Meter,
    uses::whole_ms,
};

/// A limit that a request must be within.
#[derive(Debug, Clone, Copy)]
pub struct Limited<'a> {
    /// What is limited; no colon.
    pub scope: &'a str,
    /// Whom: a key [of the group](in_group).
    pub key: &'a str,
    /// How much is allowed.
    pub quota: &'a Quota,
}

/// What a request is counted as, once it is within its limits.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a> {
    /// What is counted; no colon.
    pub scope: &'a str,
    /// Which: a key [of the group](in_group).
    pub key: &'a str,
    /// How long a count lasts from the first one on.
    pub window: Duration,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// What each limit said, up to the first one that refuses.
    pub decisions: Vec<Decision>,
    /// How often it was counted in the current window, with this one.
    pub count: Option<u64>,
}

/// A key that lies next to all others of its group, in a cluster, too. A group has no braces.
#[must_use]
pub fn in_group(group: impl Display, key: impl Display) -> String {
    format!("{{{group}}}:{key}")
}

impl Kv {
    /// Asks, in order, whether one more request is within its limits, as [`Kv::limit`] does for
    /// one, and counts it as [`Kv::count`] does if all allow it. After a limit that refuses,
    /// nothing is asked or counted any more.
    ///
    /// All keys are of [one group](in_group), so that Redis decides by one script: the request
    /// waits for it once. While Redis does not answer, each node decides as it does on each.
    pub async fn admit(&self, limits: &[Limited<'_>], counted: Option<Counted<'_>>) -> Admission {
        debug_assert!(of_one_group(limits, counted), "{limits:?} {counted:?}");
        if limits.is_empty() && counted.is_none() {
            return Admission { decisions: Vec::new(), count: None };
        }
        let meters = &self.inner.meters;
        let meter = if limits.is_empty() { &meters.counts } else { &meters.limits };
        let timer = meter.start();
        let said = match &self.inner.link {
            Some(link) => ask(link, meter, limits, counted).await.unwrap_or_default(),
            None => Vec::new(),
        };
        let mut said = said.as_chunks().0.iter();
        let now_us = self.now_us();
        let mut decisions = Vec::with_capacity(limits.len());
        for limited in limits {
            let answer = said.next().map(|[allowed, used_us]| Answer {
                allowed: *allowed == 1,
                used_us: used_us.unsigned_abs(),
            });
            let decision = self.decide(limited, now_us, answer);
            meter.count(decision.allowed);
            decisions.push(decision);
            if !decision.allowed {
                break;
            }
        }
        let allowed = decisions.iter().all(|decision| decision.allowed);
        let count = counted.filter(|_| allowed).map(|Counted { scope, key, window }| {
            let counts = &self.inner.counts;
            match said.next() {
                Some([count, left_ms]) => {
                    counts.note(scope, key, now_us, count.unsigned_abs(), *left_ms)
                }
                None => counts.add(scope, key, now_us, micros(window)),
            }
        });
        meter.stop(timer);
        Admission { decisions, count }
    }
}

/// Two numbers of each limit that was asked, and two of the count.
async fn ask(
    link: &Link,
    meter: &Meter,
    limits: &[Limited<'_>],
    counted: Option<Counted<'_>>,
) -> Option<Vec<i64>> {
    let mut keys = Vec::with_capacity(limits.len() + 1);
    let mut arguments = Vec::with_capacity(2 * limits.len() + 1);
    for limited in limits {
        let all = Gcra::of(limited.quota);
        keys.push(link.key("limit", limited.scope, limited.key));
        arguments.extend([all.interval_us, u64::from(all.limit())]);
    }
    if let Some(counted) = counted {
        keys.push(link.key("count", counted.scope, counted.key));
        arguments.push(whole_ms(counted.window));
    }
    link.script(meter, &scripts::ADMIT, &keys, &arguments).await
}

/// One key may be of any kind; several lie together only by their group.
fn of_one_group(limits: &[Limited<'_>], counted: Option<Counted<'_>>) -> bool {
    let mut keys = limits.iter().map(|limited| limited.key).chain(counted.map(|it| it.key));
    let Some(first) = keys.next() else { return true };
    let group = |key: &str| {
        let (group, _) = key.strip_prefix('{')?.split_once("}:")?;
        Some(group.to_owned())
    };
    keys.all(|key| group(key).is_some() && group(key) == group(first))
}
