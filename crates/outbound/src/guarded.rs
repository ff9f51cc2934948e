//! The client for addresses that a user typed.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::CONTENT_TYPE};
use reqwest::{Client, Response, StatusCode, redirect, retry};

use crate::{
    Failure, MAX_ANSWER_BYTES, OutboundError, ReadError, Resolver, Settings, SystemResolver,
    Target, read_capped, resolver::Guard, tls,
};

/// How much a call may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a call may take, from the lookup of the name to the last byte read.
    pub total_timeout: Duration,
    /// How many bytes an answer may have.
    pub max_answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total_timeout: Duration::from_secs(15), max_answer_bytes: MAX_ANSWER_BYTES }
    }
}

/// Calls addresses that users typed: only public ones and those of the settings, over `http` and
/// `https`, on any port. It follows no redirect, tries nothing twice and asks no proxy, whatever the
/// environment says.
///
/// Every call opens a connection of its own, so every call looks the name up and checks what it
/// dials.
#[derive(Debug, Clone)]
pub struct GuardedClient {
    client: Client,
    guard: Guard,
    limits: Limits,
}

/// What is sent.
#[derive(Debug, Clone)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Where to.
    pub target: Target,
    /// Headers beside those that every call has.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Request {
    /// A POST of a body.
    #[must_use]
    pub fn post(target: Target, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self { method: Method::POST, target, headers, body: body.into() }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: HeaderValue) -> Self {
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }
}

/// What came back, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, or its start.
    pub body: Vec<u8>,
}

impl Answer {
    /// The answer, where its status is 2xx.
    ///
    /// # Errors
    /// Names any other status.
    pub fn success(self) -> Result<Self, Failure> {
        if self.status.is_success() { Ok(self) } else { Err(Failure::Status(self.status.as_u16())) }
    }
}

impl GuardedClient {
    /// A client with the resolver of the machine and the usual limits.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: &Settings) -> Result<Self, OutboundError> {
        Self::with(settings, Limits::default(), Arc::new(SystemResolver::default()))
    }

    /// A client with other limits or another resolver.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    #[expect(clippy::disallowed_methods, reason = "the one home of HTTP clients")]
    pub fn with(
        settings: &Settings,
        limits: Limits,
        resolver: Arc<dyn Resolver>,
    ) -> Result<Self, OutboundError> {
        let guard = Guard { resolver, allowed: settings.allow_networks.as_slice().into() };
        let client = Client::builder()
            .tls_backend_preconfigured(tls::config()?)
            .dns_resolver(Arc::new(guard.clone()))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .no_gzip()
            .pool_max_idle_per_host(0)
            .timeout(limits.total_timeout)
            .user_agent(concat!("Formhold/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, guard, limits })
    }

    /// Refuses a host that is a number and not allowed; a name is only looked up by a call. For
    /// telling people while they type.
    ///
    /// # Errors
    /// [`Failure::Refused`].
    pub fn check(&self, target: &Target) -> Result<(), Failure> {
        match target.literal() {
            Some(address) if !self.guard.allows(address) => Err(Failure::Refused),
            _ => Ok(()),
        }
    }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// The class of what went wrong; never [`Failure::Status`].
    pub async fn call(&self, request: Request) -> Result<Answer, Failure> {
        let mut response = self.send(request).await?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let body = read_capped(response, self.limits.max_answer_bytes).await;
        let body = body.map_err(|error| match error {
            ReadError::TooLarge { .. } => Failure::TooLarge,
            ReadError::Broken(error) => Failure::of(&error),
        })?;
        Ok(Answer { status, headers, body })
    }

    /// Sends a request of which the status says everything: of the body the start is read as far as
    /// it comes, and how it goes on does not matter.
    ///
    /// # Errors
    /// The class of what went wrong; never [`Failure::Status`] and never [`Failure::TooLarge`].
    pub async fn notify(&self, request: Request, keep_bytes: usize) -> Result<Answer, Failure> {
        let mut response = self.send(request).await?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = Vec::new();
        while body.len() < keep_bytes
            && let Ok(Some(chunk)) = response.chunk().await
        {
            body.extend_from_slice(&chunk[..chunk.len().min(keep_bytes - body.len())]);
        }
        Ok(Answer { status, headers, body })
    }

    async fn send(&self, request: Request) -> Result<Response, Failure> {
        self.check(&request.target)?;
        let Request { method, target, headers, body } = request;
        let sending = self.client.request(method, target.url().clone()).headers(headers).body(body);
        sending.send().await.map_err(|error| Failure::of(&error))
    }
}
