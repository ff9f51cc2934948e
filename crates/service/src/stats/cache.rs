//! How often caches had what was asked for, since the start of this process.

use formhold_domain::access::{Action, Caller};

use crate::{App, ServiceError, access::require};

/// What a cache did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheStats {
    /// The cache's name, as `forms`.
    pub name: String,
    /// Found.
    pub hits: u64,
    /// Had to be loaded.
    pub misses: u64,
    /// Forgotten before their time, because there was no more room.
    pub evictions: u64,
    /// Calls to Redis that failed or took too long.
    pub errors: u64,
}

impl CacheStats {
    /// Of a thousand questions, how many the cache could answer; none before the first.
    #[must_use]
    pub fn hits_per_mille(&self) -> Option<u64> {
        (self.hits * 1_000).checked_div(self.hits + self.misses)
    }
}

/// The caches of this node, by name.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who may not see how the instance does.
pub fn cache_stats(app: &App, caller: &Caller) -> Result<Vec<CacheStats>, ServiceError> {
    require(caller, Action::SeeSystem, None)?;
    /// What is no cache.
    const OTHERS: [&str; 6] = ["all", "limits", "uses", "counts", "locks", "messages"];
    let caches = app.kv.stats().into_iter().filter(|it| !OTHERS.contains(&it.name.as_str()));
    Ok(caches
        .map(|it| CacheStats {
            name: it.name,
            hits: it.hits,
            misses: it.misses,
            evictions: it.evictions,
            errors: it.errors,
        })
        .collect())
}
