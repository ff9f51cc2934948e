//! Caches: of values in this process, and of values that the nodes share.

mod core;
mod local;
mod shared;

use std::time::Duration;

pub use local::LocalCache;
pub use shared::SharedCache;

/// The bounds of a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheOptions {
    /// How many values a node keeps; beyond that, those that are rarely asked for go.
    pub capacity: u64,
    /// How long a value is kept at most.
    pub time_limit: Duration,
}

/// What can be told to forget.
pub(crate) trait Droppable: Send + Sync {
    /// Forgets a key, or everything.
    fn forget(&self, key: Option<&str>);
}
