//! `GET /account/picture/{id}`: somebody's picture, for who works with them.

use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use formhold_service::pictures::{self, PictureContent};
use http::{HeaderName, HeaderValue, header};

use crate::{
    WebState,
    pages::ErrorKind,
    visit::{Visit, reply},
};

/// The picture. Its address changes with it, so a browser may keep it for a while.
pub(super) async fn get_picture(
    State(state): State<WebState>,
    Path(id): Path<String>,
    visit: Visit,
) -> Response {
    let Ok(id) = id.parse() else { return reply::error(ErrorKind::NotFound) };
    let opened = pictures::open_picture(&state.0.app, &visit.caller, id).await;
    let PictureContent { content_type, size_bytes, content } = match opened {
        Ok(picture) => picture,
        Err(failure) => return visit.failed(&failure),
    };
    let mut response = Body::from_stream(content).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size_bytes));
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"),
        (header::CACHE_CONTROL, "private, max-age=3600"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
