//! `GET /static/...`: the stylesheet and script of the pages, cached for ever under their hash.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri, header};

use crate::public::assets;

/// One embedded file.
pub(crate) async fn static_file(uri: Uri) -> Response {
    let Some(asset) = assets::at(uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let versioned = uri.query().is_some_and(|query| query.starts_with("v="));
    let cached = if versioned { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, cached),
        // Scripts are modules, which other sites and sandboxed frames load by CORS only.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    (headers, asset.bytes).into_response()
}
