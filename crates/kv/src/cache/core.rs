//! What both caches are made of: values with their age, and one load at a time for each key.
//!
//! A value that was being loaded while its key was dropped is never kept: it may be the old one.
//! Each key belongs to one of many generations; a drop begins a new one, and a value is good only
//! as long as its generation lasts.

use std::{
    hash::{BuildHasher as _, RandomState},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
};

use formhold_domain::Clock;
use moka::notification::RemovalCause;

use super::{CacheOptions, Droppable};
use crate::{gcra::micros, stats::Meter};

const GENERATIONS: usize = 1024;

pub(super) struct Core<V> {
    values: moka::future::Cache<String, Kept<V>>,
    hasher: RandomState,
    generations: Box<[AtomicU64]>,
    time_limit_us: u64,
    clock: Arc<dyn Clock>,
    pub(super) meter: Arc<Meter>,
}

#[derive(Clone)]
struct Kept<V> {
    value: V,
    generation: u64,
    until_us: u64,
}

/// Whether a value may serve others later, too.
pub(super) enum Keep {
    Yes,
    No,
}

impl<V: Clone + Send + Sync + 'static> Core<V> {
    pub(super) fn new(options: CacheOptions, clock: Arc<dyn Clock>, meter: Arc<Meter>) -> Self {
        let evictions = Arc::clone(&meter);
        let values = moka::future::Cache::builder()
            .max_capacity(options.capacity)
            // Frees memory only; what is too old is decided by the clock that was handed in.
            .time_to_live(options.time_limit)
            .eviction_listener(move |_, _, cause| {
                if cause == RemovalCause::Size {
                    evictions.evicted();
                }
            })
            .build();
        Self {
            values,
            hasher: RandomState::new(),
            generations: (0..GENERATIONS).map(|_| AtomicU64::new(0)).collect(),
            time_limit_us: micros(options.time_limit),
            clock,
            meter,
        }
    }

    pub(super) async fn get(&self, key: &str) -> Option<V> {
        let kept = self.values.get(key).await?;
        self.is_good(key, &kept).then_some(kept.value)
    }

    /// The value that is kept, else what `load` gives; who asks meanwhile waits for the same load.
    pub(super) async fn get_or_try_load<E: Send + Sync + 'static>(
        &self,
        key: &str,
        load: impl Future<Output = Result<(V, Keep), E>>,
    ) -> Result<V, Arc<E>> {
        let mut load = pin!(load);
        loop {
            if let Some(value) = self.get(key).await {
                return Ok(value);
            }
            self.values.invalidate(key).await;
            let asked = self.current_generation(key);
            let mine = AtomicBool::new(false);
            let loading = async {
                mine.store(true, SeqCst);
                let generation = self.current_generation(key);
                let (value, keep) = load.as_mut().await?;
                let until_us = match keep {
                    Keep::Yes => self.now_us().saturating_add(self.time_limit_us),
                    Keep::No => 0,
                };
                Ok(Kept { value, generation, until_us })
            };
            let kept = self.values.try_get_with_by_ref(key, loading).await?;
            // Another's load may have begun before a drop that came before this question.
            if mine.load(SeqCst) || kept.generation >= asked {
                return Ok(kept.value);
            }
        }
    }

    /// Changes whenever the key is dropped.
    pub(super) fn current_generation(&self, key: &str) -> u64 {
        self.generation(key).load(SeqCst)
    }

    pub(super) async fn invalidate(&self, key: &str) {
        self.forget(Some(key));
        self.values.invalidate(key).await;
    }

    fn is_good(&self, key: &str, kept: &Kept<V>) -> bool {
        kept.until_us > self.now_us() && kept.generation == self.current_generation(key)
    }

    fn generation(&self, key: &str) -> &AtomicU64 {
        let at = usize::try_from(self.hasher.hash_one(key) & 0xffff).unwrap_or(0) % GENERATIONS;
        &self.generations[at]
    }

    fn now_us(&self) -> u64 {
        micros(self.clock.monotonic())
    }
}

impl<V: Clone + Send + Sync + 'static> Droppable for Core<V> {
    fn forget(&self, key: Option<&str>) {
        match key {
            Some(key) => {
                self.generation(key).fetch_add(1, SeqCst);
            }
            None => {
                for generation in &self.generations {
                    generation.fetch_add(1, SeqCst);
                }
            }
        }
    }
}
