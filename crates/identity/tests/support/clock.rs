//! A clock that can be moved.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use formhold_domain::Clock;

/// Stands still until it is moved.
pub(crate) struct MovableClock(AtomicI64);

impl MovableClock {
    /// At some moment.
    pub(crate) fn new() -> Self {
        Self(AtomicI64::new(1_800_000_000_000))
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_millis()).expect("short"), Ordering::SeqCst);
    }
}

impl Clock for MovableClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.now_ms()).expect("after 1970"))
    }
}
