//! What is counted about each use, for `doctor`, the monitor page and metrics.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use serde::Serialize;

/// The upper bounds of the latency buckets, in microseconds; one more bucket holds the rest.
pub const LATENCY_BOUNDS_US: [u64; 7] = [1, 10, 100, 1_000, 5_000, 10_000, 50_000];

const BUCKETS: usize = LATENCY_BOUNDS_US.len() + 1;

/// What happened under one name since the start of the process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NamedStats {
    /// `all`, `limits`, `uses`, `counts`, `locks`, `messages`, or the name of a cache.
    pub name: String,
    /// A cache: found. `limits`: allowed. `uses`: first uses. `locks`: taken.
    pub hits: u64,
    /// A cache: had to be loaded. `limits`: refused. `uses`: used before. `locks`: held by another.
    pub misses: u64,
    /// Forgotten before their time, because there was no more room.
    pub evictions: u64,
    /// Calls to Redis that failed or took too long.
    pub errors: u64,
    /// Decided by this node alone, because Redis does not answer.
    pub fallbacks: u64,
    /// How long uses took; of a cache with the loading.
    pub latency: Latency,
}

/// How long something took.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// How many were measured.
    pub count: u64,
    /// All of them together, in microseconds.
    pub sum_us: u64,
    /// How many took up to each of [`LATENCY_BOUNDS_US`] and more than the one before; the last
    /// number is the rest.
    pub buckets: [u64; BUCKETS],
}

/// Counters of one name.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    hits: AtomicU64,
    misses: AtomicU64,
    evictions: AtomicU64,
    errors: AtomicU64,
    fallbacks: AtomicU64,
    sum_ns: AtomicU64,
    buckets: [AtomicU64; BUCKETS],
}

impl Meter {
    pub(crate) fn start(&self) -> Instant {
        Instant::now()
    }

    pub(crate) fn stop(&self, start: Instant) {
        let took = start.elapsed();
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = LATENCY_BOUNDS_US.iter().position(|bound| us < *bound);
        self.buckets[bucket.unwrap_or(BUCKETS - 1)].fetch_add(1, Relaxed);
        self.sum_ns.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(0), Relaxed);
    }

    pub(crate) fn count(&self, hit: bool) {
        if hit { &self.hits } else { &self.misses }.fetch_add(1, Relaxed);
    }

    pub(crate) fn evicted(&self) {
        self.evictions.fetch_add(1, Relaxed);
    }

    pub(crate) fn failed(&self) {
        self.errors.fetch_add(1, Relaxed);
    }

    pub(crate) fn fell_back(&self) {
        self.fallbacks.fetch_add(1, Relaxed);
    }

    fn read(&self, name: &str) -> NamedStats {
        let buckets = std::array::from_fn(|at| self.buckets[at].load(Relaxed));
        NamedStats {
            name: name.to_owned(),
            hits: self.hits.load(Relaxed),
            misses: self.misses.load(Relaxed),
            evictions: self.evictions.load(Relaxed),
            errors: self.errors.load(Relaxed),
            fallbacks: self.fallbacks.load(Relaxed),
            latency: Latency {
                count: buckets.iter().sum(),
                sum_us: self.sum_ns.load(Relaxed) / 1_000,
                buckets,
            },
        }
    }
}

/// The meters of a [`Kv`](crate::Kv).
#[derive(Debug, Default)]
pub(crate) struct Meters {
    pub(crate) limits: Meter,
    pub(crate) uses: Meter,
    pub(crate) counts: Meter,
    pub(crate) locks: Meter,
    pub(crate) messages: Meter,
    caches: Mutex<BTreeMap<&'static str, Arc<Meter>>>,
}

impl Meters {
    pub(crate) fn cache(&self, name: &'static str) -> Arc<Meter> {
        let mut caches = self.caches.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(caches.entry(name).or_default())
    }

    /// All together first, then each name.
    pub(crate) fn read(&self) -> Vec<NamedStats> {
        let mut named = vec![
            self.limits.read("limits"),
            self.uses.read("uses"),
            self.counts.read("counts"),
            self.locks.read("locks"),
            self.messages.read("messages"),
        ];
        let caches = self.caches.lock().unwrap_or_else(PoisonError::into_inner);
        named.extend(caches.iter().map(|(name, meter)| meter.read(name)));
        let mut all = NamedStats { name: "all".to_owned(), ..NamedStats::default() };
        for stats in &named {
            all.add(stats);
        }
        named.insert(0, all);
        named
    }
}

impl NamedStats {
    fn add(&mut self, other: &Self) {
        self.hits += other.hits;
        self.misses += other.misses;
        self.evictions += other.evictions;
        self.errors += other.errors;
        self.fallbacks += other.fallbacks;
        self.latency.count += other.latency.count;
        self.latency.sum_us += other.latency.sum_us;
        for (sum, count) in self.latency.buckets.iter_mut().zip(other.latency.buckets) {
            *sum += count;
        }
    }
}

impl Latency {
    /// The mean; zero when nothing was measured.
    #[must_use]
    pub fn mean(&self) -> Duration {
        Duration::from_micros(self.sum_us.checked_div(self.count).unwrap_or(0))
    }
}
