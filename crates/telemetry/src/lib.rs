//! What Formhold tells of itself while it runs: log lines, a ring of the latest ones, and metrics.
//!
//! It knows nothing of the other parts. Those log through `tracing` and count for themselves; who
//! puts the parts together hands their numbers over as [`metrics::Source`].

pub mod logs;
pub mod metrics;
pub mod panics;
pub mod request;
mod settings;

pub use settings::{Format, Settings};
