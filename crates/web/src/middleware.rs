//! What every reply passes through: once, at the accept loop, which costs a submission less than a
//! layer around each route.

use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};

/// Adds headers that make a reply harmless whatever it holds. Handlers that need another policy set
/// it themselves, and it stays.
pub(crate) fn finish(mut response: Response) -> Response {
    let headers = response.headers_mut();
    default(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // With `no-referrer` browsers would post a form of ours with `Origin: null`.
    default(headers, header::REFERRER_POLICY, "same-origin");
    default(headers, header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    response
}

fn default(headers: &mut HeaderMap, name: header::HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}
