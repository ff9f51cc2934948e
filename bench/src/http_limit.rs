//! The HTTP side alone: the product's own accept loop, a handler that parses the form and answers
//! as the product does, and nothing in between.

use std::net::SocketAddr;

use anyhow::Context as _;
use axum::{
    Router,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use formhold::settings;
use formhold_web::{Listener, Stop};
use http::{StatusCode, header};

use crate::request;

/// Serves until the process is ended.
///
/// # Errors
/// When the address is taken.
pub(crate) async fn serve(address: SocketAddr) -> anyhow::Result<()> {
    let defaults = settings::load(None, &settings::Environment::new())?;
    let mut server = defaults.settings.server;
    server.listen = address;
    let listener = Listener::bind(&server).await.context("cannot listen")?;
    let router =
        Router::new().route(request::PATH, post(take)).route("/livez", get(async || "ok\n"));
    listener.serve(router, Stop::new()).await;
    Ok(())
}

async fn take(body: axum::body::Bytes) -> Response {
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    if !fields.iter().any(|(name, value)| name == "email" && value.contains('@')) {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    let headers = [
        (header::LOCATION, "/f/abcdefghij/thanks"),
        (header::CACHE_CONTROL, "no-store"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}
