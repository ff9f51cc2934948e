//! What a browser sent along with a request for one of these pages.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
    response::Response,
};
use http::{header, request::Parts};
use serde::{Deserialize, de::DeserializeOwned};

use super::{Visit, reply};
use crate::{WebState, pages::ErrorKind};

/// Longer than any form of these pages takes to arrive.
const PATIENCE: Duration = Duration::from_secs(15);

/// A form that was sent, and who sent it: from one of our own pages, in the very browser that the
/// page was made for.
pub(crate) struct Sent<T> {
    pub(crate) visit: Visit,
    pub(crate) fields: T,
}

/// A form of nothing but a button.
#[derive(Deserialize)]
pub(crate) struct Button {}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    csrf: String,
}

impl<T: DeserializeOwned> FromRequest<WebState> for Sent<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, state).await?;
        let content_type = parts.headers.get(header::CONTENT_TYPE).map(|value| value.as_bytes());
        // No form of ours is sent in another way, or as long.
        let expired = || reply::error(ErrorKind::FormExpired);
        if !content_type.is_some_and(|it| it.starts_with(b"application/x-www-form-urlencoded")) {
            return Err(expired());
        }
        let reading = Bytes::from_request(Request::from_parts(parts, body), state);
        let Ok(Ok(body)) = tokio::time::timeout(PATIENCE, reading).await else {
            return Err(expired());
        };
        let token: Token = serde_html_form::from_bytes(&body).map_err(|_| expired())?;
        if !visit.is_own_form(state, &token.csrf) {
            return Err(expired());
        }
        let fields = serde_html_form::from_bytes(&body).map_err(|_| expired())?;
        Ok(Self { visit, fields })
    }
}

/// What a script of one of our own pages sent as JSON, and who sent it; the same as [`Sent`] with the
/// form's token in a header. Every refusal is JSON, too.
pub(crate) struct SentJson<T> {
    pub(crate) visit: Visit,
    pub(crate) fields: T,
}

impl<T: DeserializeOwned> FromRequest<WebState> for SentJson<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, state).await;
        let visit = visit.map_err(reply::as_problem)?;
        let expired = || reply::as_problem(reply::error(ErrorKind::FormExpired));
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let is_json = text("content-type").is_some_and(|it| it.starts_with("application/json"));
        if !is_json || !visit.is_own_form(state, text("x-csrf-token").unwrap_or_default()) {
            return Err(expired());
        }
        let reading = Bytes::from_request(Request::from_parts(parts, body), state);
        let Ok(Ok(body)) = tokio::time::timeout(PATIENCE, reading).await else {
            return Err(expired());
        };
        let fields = serde_json::from_slice(&body).map_err(|_| expired())?;
        Ok(Self { visit, fields })
    }
}

/// The fields of the address; what cannot be read is as if it were not there.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned + Default> FromRequestParts<WebState> for Asked<T> {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        Ok(Self(query.map(|Query(fields)| fields).unwrap_or_default()))
    }
}
