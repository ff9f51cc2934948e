//! A clock that stands still until it is moved.

use std::{
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::Duration,
};

use formhold_domain::Clock;

/// Starts at 2026-06-01 12:00 UTC.
#[derive(Debug)]
pub struct TestClock {
    wall_ms: AtomicI64,
    monotonic_ms: AtomicU64,
}

impl Default for TestClock {
    fn default() -> Self {
        Self { wall_ms: AtomicI64::new(1_780_315_200_000), monotonic_ms: AtomicU64::new(0) }
    }
}

impl TestClock {
    /// Moves the clock; backwards, too: then only the wall clock goes back.
    pub fn advance_ms(&self, by_ms: i64) {
        self.jump_ms(by_ms);
        self.monotonic_ms.fetch_add(u64::try_from(by_ms).unwrap_or(0), Ordering::SeqCst);
    }

    /// Sets the wall clock forward or back, as a person would; no time passes.
    pub fn jump_ms(&self, by_ms: i64) {
        self.wall_ms.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.wall_ms.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.monotonic_ms.load(Ordering::SeqCst))
    }
}
