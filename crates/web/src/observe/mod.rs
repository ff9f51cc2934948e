//! What every request passes through on its way to its handler: it gets an id, its panic is caught,
//! it is counted by its route, and the access log gets a line.
//!
//! A layer around the routes, because only there the template of the route is known; one for
//! everything, because each layer costs a submission.

mod body;
mod watch;

use std::{
    convert::Infallible,
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{extract::Request, response::Response};
use futures_util::FutureExt as _;
use http::header;
use tower::{Layer, Service};

use self::watch::Watch;
use crate::{WebState, intake};

/// The layer.
#[derive(Clone)]
pub(crate) struct Observe(WebState);

impl Observe {
    pub(crate) fn new(state: &WebState) -> Self {
        Self(state.clone())
    }
}

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Observed { state: self.0.clone(), inner }
    }
}

/// A route within the layer.
#[derive(Clone)]
pub(crate) struct Observed<S> {
    state: WebState,
    inner: S,
}

impl<S> Service<Request> for Observed<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let watch = Watch::begin(&self.state, &request);
        let accept = request.headers().get(header::ACCEPT).cloned();
        let waiting = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, waiting);
        Box::pin(async move {
            let work = AssertUnwindSafe(async { inner.call(request).await }).catch_unwind();
            let response = match watch.request().scope(work).await {
                Ok(Ok(response)) => response,
                Ok(Err(never)) => match never {},
                // It was logged and counted where it happened.
                Err(_) => watch.request().within(|| intake::fault(accept)),
            };
            Ok(watch.end(response))
        })
    }
}
