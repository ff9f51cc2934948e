//! The arithmetic of a rate limit: the generic cell rate algorithm, in whole microseconds.
//!
//! All that is kept of a client is one moment: when it will have everything again. How far that
//! lies ahead is what it has used. `scripts/admit.lua` does the same sums inside of Redis.

use std::time::Duration;

use crate::Quota;

/// What a rate limit says about one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request may go on.
    pub allowed: bool,
    /// The quota's limit.
    pub limit: u32,
    /// How many more would be allowed right now.
    pub remaining: u32,
    /// The time until everything is allowed again.
    pub reset_after: Duration,
    /// Of a refused request: the time until the next one is allowed.
    pub retry_after: Option<Duration>,
}

/// A quota in the units of the sums.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gcra {
    limit: u32,
    /// The time after which one more is allowed, rounded up.
    pub(crate) interval_us: u64,
    /// What a client has used that has used everything.
    pub(crate) full_us: u64,
}

impl Gcra {
    pub(crate) fn limit(&self) -> u32 {
        self.limit
    }

    pub(crate) fn of(quota: &Quota) -> Self {
        let limit = quota.limit().get();
        let interval_us = micros(quota.period()).div_ceil(u64::from(limit)).max(1);
        Self { limit, interval_us, full_us: interval_us * u64::from(limit) }
    }

    /// What is used when everything is there again at `again_at_us`. More than everything cannot be
    /// used: then the quota was changed, or a clock was set back.
    pub(crate) fn used_us(&self, again_at_us: u64, now_us: u64) -> u64 {
        again_at_us.saturating_sub(now_us).min(self.full_us)
    }

    /// What is used after one more, if there is one more.
    pub(crate) fn take(&self, used_us: u64) -> Option<u64> {
        let after_us = used_us + self.interval_us;
        (after_us <= self.full_us).then_some(after_us)
    }

    pub(crate) fn allow(&self, used_us: u64) -> Decision {
        self.decision(true, used_us)
    }

    pub(crate) fn refuse(&self, used_us: u64) -> Decision {
        self.decision(false, used_us)
    }

    fn decision(&self, allowed: bool, used_us: u64) -> Decision {
        let left_us = self.full_us.saturating_sub(used_us);
        let wait_us = self.interval_us.saturating_sub(left_us);
        Decision {
            allowed,
            limit: self.limit,
            remaining: u32::try_from(left_us / self.interval_us).unwrap_or(u32::MAX),
            reset_after: Duration::from_micros(used_us),
            retry_after: (!allowed).then(|| Duration::from_micros(wait_us)),
        }
    }
}

/// Whole microseconds; beyond half a million years the largest number there is.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
