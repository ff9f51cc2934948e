//! `GET /static/...`: the stylesheet and script of the pages, cached for ever under their hash.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri, header};

use crate::public::assets;

/// One embedded file.
pub(crate) async fn static_file(uri: Uri) -> Response {
    let Some(asset) = assets::ALL.iter().find(|asset| asset.path == uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let versioned = uri.query().is_some_and(|query| query.starts_with("v="));
    let cached = if versioned { "public, max-age=31536000, immutable" } else { "no-cache" };
    ([(header::CONTENT_TYPE, asset.content_type), (header::CACHE_CONTROL, cached)], asset.bytes)
        .into_response()
}
