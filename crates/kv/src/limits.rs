//! Rate limits: exact over all nodes while Redis answers, an equal share on each node while not.

use crate::{
    Decision, Kv, Limited, Quota,
    gcra::Gcra,
    stats::Meter,
    table::{Before, Place, Table},
};

/// What this node knows of each client by itself.
///
/// Of a place, `until_us` is when the client has this node's share of its quota again, `value`
/// when it has all of its quota again, counted only by what this node let through.
pub(crate) struct Limiter(Table);

/// What Redis said.
pub(crate) struct Answer {
    pub(crate) allowed: bool,
    pub(crate) used_us: u64,
}

impl Kv {
    /// Asks whether one more request of `key` is within its quota, and counts it if so.
    ///
    /// `scope` says what is limited ("submissions", "login"; no colon), `key` whom: a client's
    /// [key](crate::client_key), or that and a form. A refused request is not counted, so that
    /// who keeps trying is let in at the quota's pace.
    ///
    /// Redis decides, by one script and its own clock. While it does not answer, each node allows
    /// `limit / nodes`, one at least, and knows what was used before. A node also never allows more
    /// than `limit + 1` whatever Redis says, so that a Redis that loses keys opens nothing.
    ///
    /// A node remembers 131,072 clients. Beyond that, one that was not seen lately takes the place,
    /// and the use, of the least used of eight, but may always send one request: limits stay on,
    /// memory does not grow, and nobody is shut out.
    pub async fn limit(&self, scope: &str, key: &str, quota: &Quota) -> Decision {
        let limited = Limited { scope, key, quota };
        let decided = self.admit(&[limited], None).await.decisions.pop();
        decided.expect("a limit that is asked about decides")
    }

    /// Decides by what Redis answered, if it did.
    pub(crate) fn decide(
        &self,
        limited: &Limited<'_>,
        now_us: u64,
        answer: Option<Answer>,
    ) -> Decision {
        let Limited { scope, key, quota } = *limited;
        let (limiter, meter) = (&self.inner.limiter, &self.inner.meters.limits);
        let all = Gcra::of(quota);
        let share = match &self.inner.link {
            Some(link) => Gcra::of(&quota.share(link.nodes())),
            None => all,
        };
        match answer {
            Some(answer) => limiter.note(meter, (scope, key), now_us, share, all, answer),
            None => limiter.take(meter, (scope, key), now_us, share, all),
        }
    }
}

impl Limiter {
    pub(crate) fn new() -> Self {
        Self(Table::new())
    }

    /// Decides without Redis, by this node's share.
    fn take(
        &self,
        meter: &Meter,
        (scope, key): (&str, &str),
        now_us: u64,
        share: Gcra,
        all: Gcra,
    ) -> Decision {
        self.0.with(scope, key, now_us, |place, before| {
            settle(meter, place, before, now_us, share, all);
            let used_us = share.used_us(place.until_us, now_us);
            let decision = match share.take(used_us) {
                Some(after_us) => {
                    place.until_us = now_us + after_us;
                    let own_us = place.value.saturating_sub(now_us) + all.interval_us;
                    place.value = now_us + own_us.min(own_most(all));
                    share.allow(after_us)
                }
                None => share.refuse(used_us),
            };
            Decision { limit: all.limit(), ..decision }
        })
    }

    /// Takes note of what Redis decided, so that this node can go on without it at any moment.
    fn note(
        &self,
        meter: &Meter,
        (scope, key): (&str, &str),
        now_us: u64,
        share: Gcra,
        all: Gcra,
        answer: Answer,
    ) -> Decision {
        self.0.with(scope, key, now_us, |place, before| {
            settle(meter, place, before, now_us, share, all);
            let mut used_us = share.used_us(place.until_us, now_us);
            if answer.allowed {
                used_us = share.take(used_us).unwrap_or(used_us);
            }
            // What others let through counts here, too: of a share as much is used as of the whole.
            place.until_us = now_us + used_us.max(answer.used_us.min(share.full_us));
            if !answer.allowed {
                return all.refuse(answer.used_us);
            }
            let own_us = place.value.saturating_sub(now_us) + all.interval_us;
            if own_us > own_most(all) {
                return all.refuse(all.full_us);
            }
            place.value = now_us + own_us;
            all.allow(answer.used_us)
        })
    }
}

/// One more than the limit, because this node's clock and that of Redis do not tick together.
fn own_most(all: Gcra) -> u64 {
    all.full_us + all.interval_us
}

/// Who takes another's place takes over its use, too, but for one request. And nobody can have used
/// more than everything: then the quota was made smaller.
fn settle(meter: &Meter, place: &mut Place, before: Before, now_us: u64, share: Gcra, all: Gcra) {
    if let Before::Other(other) = before {
        meter.evicted();
        place.until_us = other.until_us.min(now_us + share.full_us - share.interval_us);
    }
    place.until_us = place.until_us.min(now_us + share.full_us);
    place.value = place.value.min(now_us + own_most(all));
}
