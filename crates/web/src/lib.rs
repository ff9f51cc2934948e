//! The HTTP side of Formhold: the public endpoint, its pages, health.
//!
//! Handlers extract, call one function of `service` and map the result. No rule about the product
//! and no SQL is here.

mod accounts;
mod admin;
mod api;
mod client;
mod error;
mod exported;
mod health;
mod hops;
mod intake;
mod meters;
mod metrics;
mod middleware;
mod observe;
pub mod pages;
pub mod public;
mod router;
mod serve;
mod settings;
mod static_files;
mod uploads;
mod visit;

use std::sync::Arc;

use formhold_service::App;
use formhold_telemetry::metrics::RequestMeters;

pub use api::openapi;
pub use metrics::metrics_router;
pub use router::router;
pub use serve::{Listener, Stop};
pub use settings::{LimitSettings, ServerSettings};

/// What every handler can reach.
#[derive(Clone)]
pub struct WebState(Arc<Shared>);

struct Shared {
    app: App,
    server: ServerSettings,
    limits: LimitSettings,
    public_address: Option<url::Url>,
    memory: Arc<intake::MemoryBudget>,
    meters: Arc<RequestMeters>,
}

impl WebState {
    /// Puts the parts together.
    #[must_use]
    pub fn new(app: App, server: ServerSettings, limits: LimitSettings) -> Self {
        let public_address = server.public_address();
        let memory = intake::MemoryBudget::new(limits.max_memory_bytes);
        Self(Arc::new(Shared {
            app,
            server,
            limits,
            public_address,
            memory,
            meters: Arc::default(),
        }))
    }
}
