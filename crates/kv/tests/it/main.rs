//! The crate through its public door: in memory, and on real servers of Redis.

mod admission;
mod caches;
mod clock;
mod cluster;
mod conformance;
mod exact;
mod messages;
mod outages;
mod scene;
mod sentinel;
mod tls;
