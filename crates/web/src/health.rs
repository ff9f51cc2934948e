//! Health: `GET /livez` and `GET /readyz`.

use axum::{extract::State, response::IntoResponse};
use http::{StatusCode, header};

use crate::WebState;

/// The process runs. Says nothing of the database, so that an orchestrator does not restart a
/// process for a fault that is elsewhere.
pub(crate) async fn livez() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], "ok\n")
}

/// A submission would be accepted and committed now.
pub(crate) async fn readyz(State(state): State<WebState>) -> impl IntoResponse {
    let (status, text) = match formhold_service::health::readiness(&state.0.app).await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")),
    };
    (status, [(header::CACHE_CONTROL, "no-store")], text)
}
