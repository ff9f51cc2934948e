//! A clock that stands still until it is moved.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use formhold_domain::Clock;

#[derive(Default)]
pub(crate) struct TestClock {
    wall_ms: AtomicI64,
    monotonic: Mutex<Duration>,
}

impl TestClock {
    /// Lets time pass.
    pub(crate) fn advance(&self, by: Duration) {
        *self.monotonic.lock().expect("nobody panicked") += by;
        self.jump_ms(i64::try_from(by.as_millis()).expect("not that long"));
    }

    /// Sets the wall clock; no time passes.
    pub(crate) fn jump_ms(&self, by_ms: i64) {
        self.wall_ms.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.wall_ms.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> Duration {
        *self.monotonic.lock().expect("nobody panicked")
    }
}
