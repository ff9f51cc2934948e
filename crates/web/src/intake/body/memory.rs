//! What bodies under way may take in memory together: many slow ones must not end the process.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::BodyError;

/// How much is held at the moment, and how much may be.
#[derive(Debug)]
pub(crate) struct MemoryBudget {
    held: AtomicU64,
    max: u64,
    refused: AtomicU64,
}

impl MemoryBudget {
    /// A budget of so many bytes.
    pub(crate) fn new(max: u64) -> Arc<Self> {
        Arc::new(Self { held: AtomicU64::new(0), max, refused: AtomicU64::new(0) })
    }

    /// The bytes that are held, and how many requests found no room so far.
    pub(crate) fn stats(&self) -> (u64, u64) {
        (self.held.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed))
    }
}

/// One request's part of the budget, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    budget: Arc<MemoryBudget>,
    held: AtomicU64,
}

impl Reservation {
    pub(super) fn of(budget: &Arc<MemoryBudget>) -> Arc<Self> {
        Arc::new(Self { budget: Arc::clone(budget), held: AtomicU64::new(0) })
    }

    /// Takes so much more.
    pub(super) fn hold(&self, bytes: usize) -> Result<(), BodyError> {
        let bytes = bytes as u64;
        self.held.fetch_add(bytes, Ordering::Relaxed);
        let before = self.budget.held.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > self.budget.max {
            self.budget.refused.fetch_add(1, Ordering::Relaxed);
            return Err(BodyError::MemoryFull);
        }
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.held.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}
