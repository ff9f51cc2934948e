//! What a browser sent along with a request for one of these pages.

use std::time::Duration;

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Query, Request},
    response::Response,
};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::reply;
use crate::{WebState, pages::ErrorKind};

/// Longer than any form of these pages takes to arrive.
const PATIENCE: Duration = Duration::from_secs(15);

/// The fields of a form.
pub(super) struct Sent<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<WebState> for Sent<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Self::Rejection> {
        let reading = Form::<T>::from_request(request, state);
        match tokio::time::timeout(PATIENCE, reading).await {
            Ok(Ok(Form(fields))) => Ok(Self(fields)),
            // No form of ours is sent in another way, or as long.
            Ok(Err(_)) | Err(_) => Err(reply::error(ErrorKind::FormExpired)),
        }
    }
}

/// The fields of the address; what cannot be read is as if it were not there.
pub(super) struct Asked<T>(pub(super) T);

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
