//! `GET /metrics`, on a listener of its own: what it tells is for the operator alone.

use std::sync::Arc;

use axum::{Router, extract::State, response::IntoResponse, routing::get};
use formhold_telemetry::metrics::{CONTENT_TYPE, Metrics};
use http::header;

/// The routes of the listener for metrics.
pub fn metrics_router(metrics: Arc<Metrics>) -> Router {
    Router::new().route("/metrics", get(show_metrics)).with_state(metrics)
}

async fn show_metrics(State(metrics): State<Arc<Metrics>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")], metrics.render())
}
