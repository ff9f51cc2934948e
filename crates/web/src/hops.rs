//! `GET /hops`: what this server makes of the proxies between itself and whoever asks.
//! `formhold doctor` asks; the answer tells a client nothing but its own address.

use axum::{
    Json,
    extract::{Extension, State},
};
use http::{HeaderMap, HeaderValue, header};
use serde::Serialize;

use crate::{
    WebState,
    client::{Peer, Way, client_address},
};

#[derive(Serialize)]
pub(crate) struct HopsOut {
    /// The client's address as it counts for limits.
    client: std::net::IpAddr,
    /// How many proxies stated an address, believed or not.
    forwarded: usize,
    /// How many proxies are believed, the one that we talk to included.
    trusted: usize,
}

/// The way of this very request.
pub(crate) async fn hops(
    State(state): State<WebState>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
) -> ([(header::HeaderName, HeaderValue); 1], Json<HopsOut>) {
    let trusted_proxies = &state.0.server.trusted_proxies;
    let Way { forwarded, trusted } = Way::of(peer.ip(), &headers, trusted_proxies);
    let client = client_address(peer.ip(), &headers, trusted_proxies);
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    ([no_store], Json(HopsOut { client, forwarded, trusted }))
}
