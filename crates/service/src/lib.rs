//! What Formhold does, one function an action. No HTTP and no SQL here.

pub mod demo;
mod error;
pub mod exports;
pub mod forms;
pub mod health;
pub mod submissions;
pub mod uploads;

use std::sync::Arc;

pub use error::ServiceError;
use formhold_domain::{Clock, Ids};
use formhold_files::Files;
use formhold_store::Store;

/// Everything that an action needs. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Store,
    /// The uploaded files.
    pub files: Files,
    /// How many files a submission may have, and how large.
    pub file_limits: uploads::FileLimits,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers.
    pub ids: Arc<dyn Ids>,
    cache: forms::Cache,
    readiness: Arc<health::Readiness>,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(
        store: Store,
        files: Files,
        file_limits: uploads::FileLimits,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self {
            store,
            files,
            file_limits,
            clock,
            ids,
            cache: forms::Cache::new(),
            readiness: Arc::default(),
        }
    }
}
