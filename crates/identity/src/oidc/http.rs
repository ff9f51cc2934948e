//! The HTTP client that the library is given: ours, with its limits.

use std::pin::Pin;

use formhold_outbound::{Client, MAX_ANSWER_BYTES, ReadError, read_capped};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use thiserror::Error;
use url::Url;

use crate::address::is_plain_and_here;

/// The client for one provider.
pub(super) struct Http {
    client: Client,
    /// The provider is on this machine, for trying; so may its parts be.
    may_be_plain: bool,
}

/// Why a call came to nothing.
#[derive(Debug, Error)]
pub(super) enum HttpError {
    #[error("names an address that is not https")]
    Plain,
    #[error("did not answer in time")]
    Slow,
    #[error("cannot be reached")]
    Unreachable,
    #[error("gave no whole answer: {0}")]
    Cut(#[from] ReadError),
}

impl Http {
    pub(super) fn new(client: Client, issuer: &str) -> Self {
        let may_be_plain = Url::parse(issuer).is_ok_and(|url| is_plain_and_here(&url));
        Self { client, may_be_plain }
    }

    /// True where secrets and people may be sent.
    pub(super) fn is_safe(&self, url: &Url) -> bool {
        url.scheme() == "https" || (self.may_be_plain && is_plain_and_here(url))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| HttpError::Plain)?;
        if !self.is_safe(&url) {
            return Err(HttpError::Plain);
        }
        let request = request.try_into().map_err(|_| HttpError::Unreachable)?;
        let mut response = self.client.execute(request).await.map_err(|error| {
            if error.is_timeout() { HttpError::Slow } else { HttpError::Unreachable }
        })?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut answer = HttpResponse::new(read_capped(response, MAX_ANSWER_BYTES).await?);
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        Ok(answer)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
