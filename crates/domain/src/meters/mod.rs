//! Counting without locks, for whoever keeps numbers of what it does.

mod histogram;
mod slots;

pub use histogram::{Histogram, HistogramReading};
pub use slots::Slots;
