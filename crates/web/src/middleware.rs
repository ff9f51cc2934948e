//! What every reply passes through, and why in this order.

use axum::{Router, extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, HeaderValue, header};

/// Wraps the router. One layer only: each costs every submission a boxed future.
pub(crate) fn wrap(router: Router) -> Router {
    router.layer(axum::middleware::from_fn(add_headers))
}

/// Headers that make a reply harmless whatever it holds. Handlers that need another policy set it
/// themselves, and it stays.
async fn add_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    default(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(headers, header::REFERRER_POLICY, "no-referrer");
    default(headers, header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    response
}

fn default(headers: &mut HeaderMap, name: header::HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}
