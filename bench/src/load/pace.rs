//! A fixed pace: moments at which requests are due, handed to whichever connection is free.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use anyhow::ensure;
use tokio::sync::Semaphore;

/// tokio's own timer is too coarse: it ticks each millisecond.
const TICK: Duration = Duration::from_micros(200);
/// How far behind the pace a server may end up before the measurement is of no use.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) struct Pace {
    start: Instant,
    rate: f64,
    slots: u64,
    due: Semaphore,
    taken: AtomicU64,
    give_up: Instant,
}

impl Pace {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    pub(super) fn new(start: Instant, rate: f64, duration: Duration) -> Self {
        Self {
            start,
            rate,
            slots: (rate * duration.as_secs_f64()) as u64,
            due: Semaphore::new(0),
            taken: AtomicU64::new(0),
            give_up: start + duration + PATIENCE,
        }
    }

    /// Waits until the next request is due; answers when that was. None when none is left.
    pub(super) async fn next(&self) -> Option<Instant> {
        if Instant::now() > self.give_up {
            return None;
        }
        self.due.acquire().await.ok()?.forget();
        let slot = self.taken.fetch_add(1, Ordering::Relaxed);
        (slot < self.slots).then(|| self.start + self.offset(slot))
    }

    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
    fn offset(&self, slot: u64) -> Duration {
        Duration::from_secs_f64(slot as f64 / self.rate)
    }

    /// Releases what is due, until all is.
    pub(super) fn tick(self: Arc<Self>) -> JoinHandle<()> {
        std::thread::spawn(move || {
            let mut released = 0;
            while released < self.slots {
                let before = released;
                while released < self.slots && self.offset(released) <= self.start.elapsed() {
                    released += 1;
                }
                self.due.add_permits(usize::try_from(released - before).unwrap_or(0));
                std::thread::sleep(TICK);
            }
            // Whoever still waits learns that nothing is left.
            self.due.add_permits(Semaphore::MAX_PERMITS / 2);
        })
    }

    /// Ends the ticker, and refuses a measurement in which not all was sent.
    pub(super) fn check_kept(&self, ticker: JoinHandle<()>, sent: u64) -> anyhow::Result<()> {
        ensure!(ticker.join().is_ok(), "the ticker failed");
        ensure!(sent == self.slots, "the server did not keep the pace: {sent} of {}", self.slots);
        Ok(())
    }
}
