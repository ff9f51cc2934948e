//! `GET /uploads/{id}`: a file, by a signed link. Always an attachment: nothing that was uploaded
//! is ever shown as a page of ours.

use axum::{
    body::Body,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    response::{IntoResponse, Response},
};
use formhold_domain::{FileLink, LinkPurpose};
use formhold_service::links::{self, Download};
use http::{HeaderValue, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::{WebState, error::ErrorReply};

/// What stays as it is in an extended parameter: RFC 8187, `attr-char`.
const ATTR: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[derive(Deserialize)]
pub(crate) struct LinkQuery {
    purpose: String,
    expires: i64,
    signature: String,
}

/// The file that a link leads to.
pub(crate) async fn get_upload(
    State(state): State<WebState>,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<LinkQuery>, QueryRejection>,
) -> Response {
    let link = id.ok().zip(query.ok()).and_then(|(Path(id), Query(query))| {
        let purpose = LinkPurpose::parse(&query.purpose)?;
        let link = FileLink { upload_id: id.parse().ok()?, purpose, expires_at_s: query.expires };
        Some((link, query.signature))
    });
    let opened = match &link {
        Some((link, signature)) => links::open_link(&state.0.app, link, signature).await,
        None => Err(links::LinkRefusal::NotFound),
    };
    match opened {
        Ok(download) => reply(download),
        Err(refusal) => {
            let error = ErrorReply::of_link(&refusal);
            let mut response = (error.status, format!("{}\n", error.message)).into_response();
            error.add_headers(response.headers_mut());
            response
        }
    }
}

fn reply(download: Download) -> Response {
    let Download { name, content_type, size_bytes, content } = download;
    let mut response = Body::from_stream(content).into_response();
    let headers = response.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text).ok();
    for (header, value) in [
        (header::CONTENT_TYPE, value(content_type)),
        (header::CONTENT_LENGTH, value(&size_bytes.to_string())),
        (header::CONTENT_DISPOSITION, value(&disposition(&name))),
        (header::CONTENT_SECURITY_POLICY, value("default-src 'none'; sandbox")),
        (header::CACHE_CONTROL, value("private, no-store")),
        (header::HeaderName::from_static("cross-origin-resource-policy"), value("same-origin")),
    ] {
        if let Some(value) = value {
            headers.insert(header, value);
        }
    }
    response
}

/// RFC 6266: a plain name for old clients, the real one for all others.
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-._ ()".contains(c) { c } else { '_' })
        .collect();
    format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
        utf8_percent_encode(name, ATTR)
    )
}
