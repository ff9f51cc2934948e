//! Which lanes got work in this process, for whoever wakes workers.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use formhold_domain::job::Lane;
use tokio::sync::Notify;

use crate::Store;

/// More lanes than anybody looks at one by one; workers look for work by themselves, too.
const MOST_LANES: usize = 1024;

/// Lanes with new work, gathered until somebody asks.
#[derive(Default)]
pub(crate) struct NewWork {
    lanes: Mutex<BTreeSet<Lane>>,
    notify: Notify,
}

impl NewWork {
    /// Says that jobs of these lanes were committed.
    pub(crate) fn announce<'a>(&self, new: impl Iterator<Item = &'a Lane>) {
        let mut new = new.peekable();
        if new.peek().is_none() {
            return;
        }
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        for lane in new {
            if lanes.len() < MOST_LANES && !lanes.contains(lane) {
                lanes.insert(lane.clone());
            }
        }
        drop(lanes);
        self.notify.notify_one();
    }

    fn take(&self) -> BTreeSet<Lane> {
        std::mem::take(&mut self.lanes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store {
    /// Waits until jobs were committed by this process, and gives their lanes. Meant for one who asks.
    pub async fn new_work(&self) -> BTreeSet<Lane> {
        loop {
            let lanes = self.inner.new_work.take();
            if !lanes.is_empty() {
                return lanes;
            }
            self.inner.new_work.notify.notified().await;
        }
    }
}
