//! One request, from its arrival until its reply was made.

use std::{net::IpAddr, sync::Arc, time::Instant};

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    response::Response,
};
use formhold_telemetry::{
    metrics::method_label,
    request::{self, RequestId},
};
use http::{HeaderName, HeaderValue};
use http_body::Body as _;

use super::body::Counted;
use crate::{
    WebState,
    client::{Peer, client_address, is_trusted},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The route of what no route is for.
const UNMATCHED: &str = "unmatched";
/// What the log says of a client that went away before there was a reply. Never sent.
const CLIENT_GONE: u16 = 499;

/// Watches one request. Where it is dropped without a reply, the client went away.
pub(super) struct Watch {
    state: WebState,
    request: Arc<request::Request>,
    client: Option<IpAddr>,
    started: Instant,
    answered: bool,
}

impl Watch {
    pub(super) fn begin(state: &WebState, request: &Request) -> Self {
        let (headers, trusted) = (request.headers(), &state.0.server.trusted_proxies);
        let peer = request.extensions().get::<Peer>().map(|Peer(peer)| peer.ip());
        let given = headers
            .get(REQUEST_ID)
            .filter(|_| peer.is_some_and(|peer| is_trusted(peer.to_canonical(), trusted)))
            .and_then(|value| RequestId::parse(value.as_bytes()));
        let id = given.unwrap_or_else(|| RequestId::of(state.0.app.ids.uuid().as_u128()));
        let route =
            request.extensions().get::<MatchedPath>().map_or(UNMATCHED, MatchedPath::as_str);
        let method = method_label(request.method().as_str());
        let meter = state.0.meters.route(route, method);
        state.0.meters.begin();
        Self {
            request: request::Request::new(id, method, Arc::clone(&meter.route)),
            state: state.clone(),
            client: peer.map(|peer| client_address(peer, headers, trusted)),
            started: Instant::now(),
            answered: false,
        }
    }

    pub(super) fn request(&self) -> Arc<request::Request> {
        Arc::clone(&self.request)
    }

    /// Counts the reply, and sees to its line in the access log.
    pub(super) fn end(mut self, mut response: Response) -> Response {
        self.answered = true;
        if let Ok(id) = HeaderValue::from_str(self.request.id.as_str()) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        let entry = self.entry(response.status().as_u16());
        match response.body().size_hint().exact() {
            Some(bytes) => {
                entry.log(bytes);
                response
            }
            // How much of a stream is sent shows when it ends.
            None => response.map(|body| Body::new(Counted::new(body, entry))),
        }
    }

    fn entry(&self, status: u16) -> Entry {
        let meters = &self.state.0.meters;
        let meter = meters.route(&self.request.route, self.request.method);
        meter.observe(status, self.started.elapsed());
        Entry { request: self.request(), client: self.client, started: self.started, status }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.state.0.meters.end();
        if !self.answered {
            self.entry(CLIENT_GONE).log(0);
        }
    }
}

/// A line of the access log. It holds no path, no query, nothing that was sent.
pub(super) struct Entry {
    request: Arc<request::Request>,
    client: Option<IpAddr>,
    started: Instant,
    status: u16,
}

impl Entry {
    pub(super) fn log(&self, bytes: u64) {
        let is_probe = matches!(&*self.request.route, "/livez" | "/readyz");
        let (status, client) = (self.status, self.client.map(shortened));
        let duration_ms = self.started.elapsed().as_micros() as f64 / 1_000.0;
        let client = client.as_ref().map(tracing::field::display);
        Arc::clone(&self.request).within(|| {
            // Probes come every few seconds and say nothing.
            if is_probe {
                tracing::debug!(target: "access", status, duration_ms, bytes, client, "answered");
            } else {
                tracing::info!(target: "access", status, duration_ms, bytes, client, "answered");
            }
        });
    }
}

/// An address without what tells single machines apart: its /24, of IPv6 its /48.
fn shortened(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => IpAddr::from((address.to_bits() & !0xff).to_be_bytes()),
        IpAddr::V6(address) => IpAddr::from((address.to_bits() & !(u128::MAX >> 48)).to_be_bytes()),
    }
}
