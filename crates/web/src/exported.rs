//! An export on its way: always a file of its own, followed by what it was.

use axum::{body::Body, response::Response};
use bytes::Bytes;
use formhold_service::{ExportPiece, ExportStream, exports::Format};
use futures_util::StreamExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_body::Frame;
use http_body_util::StreamBody;

const ROWS: &str = "formhold-export-rows";
const SHA256: &str = "formhold-export-sha256";

/// An export as a download of this name. What breaks off on the way breaks the reply off, so that no
/// half of a file looks like a whole one. Clients that say `TE: trailers` are told the count of rows
/// and the SHA-256 behind the last byte.
pub(crate) fn file(name: &str, format: &Format, content: ExportStream) -> Response {
    let frames = content.map(|piece| piece.map(frame));
    let mut response = Response::new(Body::new(StreamBody::new(frames)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type));
    // Slugs are letters, digits and hyphens.
    let disposition = format!("attachment; filename=\"{name}.{}\"", format.name);
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    for (name, value) in [
        (header::TRAILER, "formhold-export-rows, formhold-export-sha256"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::CACHE_CONTROL, "private, no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn frame(piece: ExportPiece) -> Frame<Bytes> {
    match piece {
        ExportPiece::Bytes(bytes) => Frame::data(bytes),
        ExportPiece::Receipt(receipt) => {
            tracing::info!(rows = receipt.rows, bytes = receipt.bytes, "an export is complete");
            let mut trailers = HeaderMap::new();
            trailers.insert(HeaderName::from_static(ROWS), HeaderValue::from(receipt.rows));
            if let Ok(sha256) = HeaderValue::from_str(&receipt.sha256) {
                trailers.insert(HeaderName::from_static(SHA256), sha256);
            }
            Frame::trailers(trailers)
        }
    }
}
