//! State that lives for seconds to days: rate limits, single uses, counts, locks, messages between
//! nodes, caches. In memory, or shared through Redis.
//!
//! Two rules hold for all of it. Nothing here is the only copy of anything that matters. And
//! nobody who asks waits longer than 50 ms or gets an error because of Redis: while it does not
//! answer, each node decides by itself, as strictly as a node alone can.

mod address;
mod admission;
mod cache;
mod client_key;
mod counts;
mod gcra;
mod kept;
mod kv;
mod limits;
mod locks;
mod messages;
mod redis_link;
mod scripts;
mod settings;
mod stats;
mod table;
mod uses;

pub use address::AddressProblem;
pub use admission::{Admission, Counted, Limited, in_group};
pub use cache::{CacheOptions, LocalCache, SharedCache};
pub use client_key::client_key;
pub use formhold_domain::Quota;
pub use gcra::Decision;
pub use kv::Kv;
pub use locks::Lock;
pub use messages::{Message, Subscription};
pub use redis_link::RedisState;
pub use settings::{Settings, Timing};
pub use stats::{LATENCY_BOUNDS_US, Latency, NamedStats};
