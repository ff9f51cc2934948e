//! A clock that stands still until it is moved.

use std::sync::atomic::{AtomicI64, Ordering};

use formhold_domain::Clock;

/// Starts at 2026-06-01 12:00 UTC.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_780_315_200_000))
    }
}

impl TestClock {
    /// Moves the clock; backwards, too.
    pub fn advance_ms(&self, by_ms: i64) {
        self.0.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
