//! The one home of HTTP clients: nothing else in Formhold builds one.
//!
//! [`service_client`] is for services that the operator named in the settings, which may well be in
//! a private network. [`GuardedClient`] is for addresses that a user typed.

mod capped;
mod failure;
mod guarded;
mod networks;
mod resolver;
mod service;
mod settings;
mod target;
mod tls;

pub use capped::{ReadError, read_capped};
pub use failure::{Failure, is_tls_failure};
pub use guarded::{Answer, GuardedClient, Limits, Request};
pub use resolver::{Resolver, SystemResolver};
pub use service::{ServiceSettings, service_client};
pub use settings::Settings;
pub use target::{Target, TargetProblem};
pub use tls::install_tls_provider;

/// What callers hold and look at, so that nothing else needs the library below.
pub use reqwest::{Client, Response, StatusCode};
use thiserror::Error;

/// How many bytes of an answer are read unless there is a reason to read more.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Why a client could not be built.
#[derive(Debug, Error)]
pub enum OutboundError {
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The client cannot be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(#[from] reqwest::Error),
}
