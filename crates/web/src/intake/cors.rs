//! What lets scripts of other sites post here and read the reply.
//!
//! Any origin may read replies: they hold nothing that belongs to anyone else, no cookies are
//! looked at, and a site that a form does not allow should read why it was refused. Whether an
//! origin may post is decided when it posts.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

const ALLOWED_HEADERS: &str = "content-type, accept, x-requested-with, idempotency-key, authorization, formspree-client, formspree-session-data";

/// Answers a browser that asks before it posts; the same for every form, known or not.
pub(crate) async fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    let mut response = (StatusCode::NO_CONTENT, headers).into_response();
    allow_reading(response.headers_mut());
    response
}

/// Lets scripts of any site read this reply.
pub(super) fn allow_reading(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("retry-after, ratelimit, ratelimit-policy"),
    );
}
