//! `Idempotency-Key` on POST: a request that is sent again has no second effect and gets the first
//! one's answer (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>).

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use formhold_service::request_keys::{KeyedRequest, Known, Reply};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt as _;

use super::{
    asker::Asker,
    body,
    problem::{Code, Problem},
};
use crate::WebState;

/// The header of a request's key.
pub(super) const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// What belongs to an answer; everything else is made anew.
const KEPT: [HeaderName; 3] = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];

/// Marks an answer that holds a secret: it is shown once, and kept nowhere.
#[derive(Clone, Copy)]
pub(super) struct ShownOnce;

/// Lets a request with a key through once.
pub(super) async fn idempotency(
    State(state): State<WebState>,
    asker: Asker,
    request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    match keyed(&state, &asker, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn keyed(
    state: &WebState,
    asker: &Asker,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let app = &state.0.app;
    let (mut parts, body) = request.into_parts();
    let content = body::read(state, &parts.headers, body).await?;
    // It was decompressed.
    parts.headers.remove(header::CONTENT_ENCODING);
    parts.headers.remove(header::CONTENT_LENGTH);
    let address = parts.uri.to_string();
    let key = parts.headers.get(KEY).map_or(&b""[..], HeaderValue::as_bytes);
    let same: [&[u8]; 2] = [address.as_bytes(), &content];
    let Some(keyed) = KeyedRequest::of(&asker.caller, key, &same)? else {
        return Ok(next.run(Request::from_parts(parts, Body::from(content))).await);
    };
    if let Some(response) = known(keyed.look_up(app).await?)? {
        return Ok(response);
    }
    let request = Request::from_parts(parts, Body::from(content));
    let (response, was_second) = keyed.once(next.run(request)).await;
    if was_second {
        // Whatever came of this one: the first one's answer is the answer.
        return known(keyed.look_up(app).await?)?
            .ok_or_else(|| Problem::plain(Code::Busy).retry_after(1));
    }
    if !response.status().is_success() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let content = body.collect().await.map(http_body_util::Collected::to_bytes);
    let content = content.map_err(|_| Problem::plain(Code::Internal))?;
    let secret = parts.extensions.get::<ShownOnce>().is_some();
    let reply = (!secret).then(|| Reply {
        status: parts.status.as_u16(),
        headers: KEPT
            .iter()
            .filter_map(|name| {
                let value = parts.headers.get(name)?.to_str().ok()?;
                Some((name.as_str().to_owned(), value.to_owned()))
            })
            .collect(),
        body: String::from_utf8_lossy(&content).into_owned(),
    });
    if let Err(error) = keyed.keep(app, reply.as_ref()).await {
        // It was done: that must be said, whatever a second try gets to hear.
        tracing::warn!(%error, "the answer to a request with a key could not be kept");
    }
    Ok(Response::from_parts(parts, Body::from(content)))
}

/// The answer to a request that is known; none where it is new.
fn known(known: Known) -> Result<Option<Response>, Problem> {
    match known {
        Known::New => Ok(None),
        Known::Answered(reply) => Ok(Some(replay(reply))),
        Known::UnderWay => Err(Problem::plain(Code::KeyUnderWay).retry_after(1)),
        Known::ReplyNotKept => Err(Problem::plain(Code::ReplyNotKept)),
        Known::Other => Err(Problem::plain(Code::KeyReused)),
    }
}

fn replay(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let mut response = (status, reply.body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
