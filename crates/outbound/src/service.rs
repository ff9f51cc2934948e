//! The client for services that the operator configured.

use std::time::Duration;

use reqwest::{Client, redirect, retry};

use crate::{OutboundError, tls};

/// Limits of a [`service_client`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceSettings {
    /// How long opening a connection may take, TLS included.
    pub connect_timeout: Duration,
    /// How long a call may take, from the first byte sent to the last one read.
    pub total_timeout: Duration,
}

/// A client for services that the operator configured: it follows no redirect, tries nothing twice,
/// keeps to its time limits and asks no proxy, whatever the environment says.
///
/// Read answers with [`read_capped`](crate::read_capped); the client itself does not limit their
/// size.
///
/// # Errors
/// When TLS cannot be set up.
#[expect(clippy::disallowed_methods, reason = "the one home of HTTP clients")]
pub fn service_client(settings: ServiceSettings) -> Result<Client, OutboundError> {
    let client = Client::builder()
        .tls_backend_preconfigured(tls::config()?)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .connect_timeout(settings.connect_timeout)
        .timeout(settings.total_timeout)
        .user_agent(concat!("Formhold/", env!("CARGO_PKG_VERSION")))
        .build()?;
    Ok(client)
}
