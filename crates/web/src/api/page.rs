//! Lists: a page of them, and the way to the next one.

use axum::response::{IntoResponse, Response};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, Uri, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::{problem::Problem, query::wrong};

/// How many things a page has where nobody says how many.
pub(super) const LIMIT: u16 = 50;
/// The most things of a page.
pub(super) const MAX_LIMIT: u16 = 200;

/// Some things of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The things.
    pub(super) items: Vec<T>,
    /// What to ask for the next ones with; null at the end.
    pub(super) next_cursor: Option<String>,
}

/// How many a page may have.
pub(super) fn limit(asked: Option<u16>) -> Result<u64, Problem> {
    match asked.unwrap_or(LIMIT) {
        limit @ 1..=MAX_LIMIT => Ok(limit.into()),
        _ => Err(wrong("limit", format!("must be 1 to {MAX_LIMIT}"))),
    }
}

/// Where a list goes on: after the thing that a cursor names. `kind` is the list and its order, for
/// which alone the cursor is good.
pub(super) fn after<T: std::str::FromStr>(
    kind: &str,
    cursor: Option<&str>,
) -> Result<Option<T>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let parse = || {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        text.strip_prefix(kind)?.strip_prefix(' ')?.parse().ok()
    };
    parse().map(Some).ok_or_else(|| wrong("cursor", "is none that this list handed out"))
}

/// The cursor that leads on after the thing of this id.
pub(super) fn cursor(kind: &str, id: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{kind} {id}"))
}

/// A page of `found`, which has one thing more than `limit` where there are more. `id` names a thing.
pub(super) fn page<T, O: Serialize>(
    (kind, uri, limit): (&str, &Uri, u64),
    mut found: Vec<T>,
    id: impl Fn(&T) -> String,
    out: impl Fn(&T) -> O,
) -> Response {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found.last().filter(|_| more).map(|last| cursor(kind, &id(last)));
    let link = next_cursor.as_deref().and_then(|cursor| next_link(uri, cursor));
    let page = Page { items: found.iter().map(out).collect(), next_cursor };
    let mut response = axum::Json(page).into_response();
    if let Some(link) = link {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

/// RFC 8288. The router took away what all paths begin with.
fn next_link(uri: &Uri, cursor: &str) -> Option<HeaderValue> {
    let others = uri.query().unwrap_or_default().split('&');
    let others = others.filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let cursor = format!("cursor={cursor}");
    let query = others.chain([cursor.as_str()]).collect::<Vec<_>>().join("&");
    HeaderValue::from_str(&format!("</api/v1{}?{query}>; rel=\"next\"", uri.path())).ok()
}
