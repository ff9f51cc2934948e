//! What Formhold does, one function an action. No HTTP and no SQL here.

pub mod captchas;
pub mod demo;
mod error;
pub mod exports;
pub mod forms;
pub mod health;
pub mod limits;
pub mod links;
mod offences;
pub mod scanning;
mod secrets;
pub mod spam;
pub mod submissions;
pub mod uploads;

use std::sync::Arc;

pub use error::ServiceError;
use formhold_captcha::Captchas;
use formhold_domain::{Clock, Ids, spam::Counts};
use formhold_files::{Files, Scanner};
use formhold_kv::{Kv, LocalCache};
use formhold_store::Store;
pub use secrets::Secrets;

/// Everything that an action needs. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Store,
    /// The uploaded files.
    pub files: Files,
    /// What looks for malware in them.
    pub scanner: Option<Scanner>,
    /// State that nodes share for a while.
    pub kv: Kv,
    /// The captchas that forms can ask for.
    pub captchas: Arc<Captchas>,
    /// How many files a submission may have, and how large.
    pub file_limits: uploads::FileLimits,
    /// How often clients may do what.
    pub rate_limits: limits::RateLimits,
    /// The host under which people reach this, where the settings say it.
    pub public_host: Option<String>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers.
    pub ids: Arc<dyn Ids>,
    secrets: Arc<Secrets>,
    forms: LocalCache<forms::Found>,
    lessons: LocalCache<Counts>,
    readiness: Arc<health::Readiness>,
}

/// What an [`App`] is put together from.
#[expect(missing_docs, reason = "the fields are those of `App`")]
pub struct Parts {
    pub store: Store,
    pub files: Files,
    pub scanner: Option<Scanner>,
    pub kv: Kv,
    pub captchas: Captchas,
    pub file_limits: uploads::FileLimits,
    pub rate_limits: limits::RateLimits,
    pub public_host: Option<String>,
    pub secrets: Secrets,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { store, files, scanner, kv, captchas, .. } = parts;
        Self {
            forms: kv.local_cache("forms", forms::CACHE),
            lessons: kv.local_cache("lessons", spam::CACHE),
            store,
            files,
            scanner,
            kv,
            captchas: Arc::new(captchas),
            file_limits: parts.file_limits,
            rate_limits: parts.rate_limits,
            public_host: parts.public_host,
            secrets: Arc::new(parts.secrets),
            clock: parts.clock,
            ids: parts.ids,
            readiness: Arc::default(),
        }
    }
}
