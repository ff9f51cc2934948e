//! `/admin/users/export`: all users that match, as a file.

use axum::{body::Body, extract::State, response::IntoResponse as _};
use formhold_service::{exports::Format, user_exports};
use http::{HeaderName, HeaderValue, header};
use serde::Deserialize;

use super::{Shown, users::UsersQuery};
use crate::{
    WebState,
    pages::ErrorKind,
    visit::{Asked, Visit, reply},
};

#[derive(Default, Deserialize)]
pub(super) struct FormatQuery {
    #[serde(default)]
    format: String,
}

/// `GET /admin/users/export?format=`. What breaks off on the way breaks the reply off, so that no
/// half of a file looks like a whole one.
pub(super) async fn export_users(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<UsersQuery>,
    Asked(FormatQuery { format }): Asked<FormatQuery>,
) -> Shown {
    let format = Format::named(&format).ok_or_else(|| reply::error(ErrorKind::NotFound))?;
    let content = user_exports::export_users(&state.0.app, &visit.caller, query.filter(), format);
    let content = content.await.map_err(|failure| visit.failed(&failure))?;
    let mut response = Body::from_stream(content).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type));
    let disposition = format!("attachment; filename=\"users.{}\"", format.name);
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    let policy = HeaderValue::from_static("default-src 'none'; sandbox");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    let resource_policy = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(resource_policy, HeaderValue::from_static("same-origin"));
    Ok(response)
}
