//! What the writer counts.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use formhold_domain::meters::Histogram;

const ROWS: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256];
const TIMES_US: &[u64] = &[
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    5_000_000,
];

#[derive(Debug)]
pub(super) struct Meters {
    pub(super) batch_rows: Histogram,
    pub(super) batch_us: Histogram,
    pub(super) refused: AtomicU64,
    pub(super) failed: AtomicU64,
}

impl Meters {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            batch_rows: Histogram::new(ROWS),
            batch_us: Histogram::new(TIMES_US),
            refused: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        })
    }

    /// Counts a batch.
    pub(super) fn wrote(&self, rows: usize, failed: usize, took: Duration) {
        self.batch_rows.observe(rows as u64);
        self.batch_us.observe_us(took);
        self.failed.fetch_add(failed as u64, Relaxed);
    }
}
