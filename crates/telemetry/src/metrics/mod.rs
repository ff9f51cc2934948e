//! Metrics in the text format of Prometheus, read from those who count when somebody asks.

pub mod catalogue;
mod process;
mod reading;
mod requests;

use std::sync::{PoisonError, RwLock};

pub use catalogue::{Description, Kind};
pub use reading::Reading;
pub use requests::{RequestMeters, RouteMeter, method_label};

/// The media type of what [`Metrics::render`] gives back.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Somebody who counts.
pub trait Source: Send + Sync {
    /// Adds the numbers of this moment.
    fn read(&self, reading: &mut Reading);
}

impl<F: Fn(&mut Reading) + Send + Sync> Source for F {
    fn read(&self, reading: &mut Reading) {
        self(reading);
    }
}

/// All who count. The process itself is one of them from the start.
pub struct Metrics {
    sources: RwLock<Vec<Box<dyn Source>>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { sources: RwLock::new(vec![Box::new(process::Process::new())]) }
    }
}

impl Metrics {
    /// Adds somebody who counts.
    pub fn add(&self, source: impl Source + 'static) {
        self.sources.write().unwrap_or_else(PoisonError::into_inner).push(Box::new(source));
    }

    /// Asks everybody, and writes the numbers down.
    #[must_use]
    pub fn render(&self) -> String {
        let mut reading = Reading::default();
        for source in self.sources.read().unwrap_or_else(PoisonError::into_inner).iter() {
            source.read(&mut reading);
        }
        reading.render()
    }
}
