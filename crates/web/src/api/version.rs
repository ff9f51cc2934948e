//! Versions of single things: `ETag` on the way out, `If-Match` on the way in.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use serde::Serialize;

use super::problem::{Code, Problem};

/// The version that the caller looked at; none takes whichever there is.
pub(crate) struct IfMatch(pub(crate) Option<u32>);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut all = parts.headers.get_all(header::IF_MATCH).iter();
        let Some(one) = all.next() else { return Ok(Self(None)) };
        let text = one.to_str().unwrap_or_default().trim();
        if all.next().is_some() || text.contains(',') {
            let problem = Problem::plain(Code::Malformed);
            return Err(problem.at("If-Match", "WRONG_VALUE", "must name one version, or *"));
        }
        if text == "*" {
            return Ok(Self(None));
        }
        let number = || text.strip_prefix('"')?.strip_suffix('"')?.parse().ok();
        // Nothing has version 0: a tag that is none of ours matches nothing, weak ones neither
        // (RFC 9110, section 13.1.1).
        Ok(Self(Some(number().unwrap_or(0))))
    }
}

/// A single thing with its version.
pub(super) fn versioned(status: StatusCode, version: u32, out: impl Serialize) -> Response {
    let mut response = (status, axum::Json(out)).into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Says where a thing is that was made.
pub(super) fn at(mut response: Response, path: &str) -> Response {
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(header::LOCATION, path);
    }
    response
}
