//! A form with a file that a browser sent from one of these pages.

use std::{
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, Request},
    response::Response,
};
use bytes::{Bytes, BytesMut};
use formhold_service::ServiceError;
use futures_util::{Stream, StreamExt as _, stream};
use http::header;
use multer::{Constraints, Field, Multipart, SizeLimit};

use super::{Visit, reply};
use crate::{WebState, pages::ErrorKind};

/// Longer than a picture takes on a slow line.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a file that is too large may have, so that the browser hears why it was not taken.
const MAX_BODY_BYTES: u64 = 32 * 1024 * 1024;
/// More than a form's token has.
const MAX_TOKEN_BYTES: usize = 256;

/// A form with one file of at most so many bytes, and who sent it: somebody who is signed in, from one
/// of our own pages. The form's token comes before the file, so that nothing of the file is read for
/// anybody else.
pub(crate) struct SentFile<const MAX_BYTES: usize> {
    pub(crate) visit: Visit,
    /// Empty where none was chosen.
    pub(crate) file: Received,
}

/// What came of the file.
pub(crate) enum Received {
    /// All of it.
    Whole(BytesMut),
    /// It has too many bytes; they were read and dropped.
    TooLarge,
}

impl<const MAX_BYTES: usize> FromRequest<WebState> for SentFile<MAX_BYTES> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, state).await?;
        if !visit.is_signed_in() {
            return Err(visit.failed(&ServiceError::SignInRequired));
        }
        let expired = || reply::error(ErrorKind::FormExpired);
        let content_type = parts.headers.get(header::CONTENT_TYPE);
        let boundary = content_type
            .and_then(|value| value.to_str().ok())
            .and_then(|value| multer::parse_boundary(value).ok())
            .ok_or_else(expired)?;
        let reading = read(&visit, state, body, boundary, MAX_BYTES);
        match tokio::time::timeout(PATIENCE, reading).await {
            Ok(Some(file)) => Ok(Self { visit, file }),
            _ => Err(expired()),
        }
    }
}

/// The file; none where the form is none of ours.
async fn read(
    visit: &Visit,
    state: &WebState,
    body: Body,
    boundary: String,
    max_bytes: usize,
) -> Option<Received> {
    let size = SizeLimit::new().whole_stream(MAX_BODY_BYTES);
    let constraints = Constraints::new().size_limit(size);
    let mut form = Multipart::with_constraints(one_by_one(body), boundary, constraints);
    let token = form.next_field().await.ok()??;
    if token.name() != Some("csrf") {
        return None;
    }
    let Received::Whole(token) = content(token, MAX_TOKEN_BYTES).await? else { return None };
    if !visit.is_own_form(state, std::str::from_utf8(&token).ok()?) {
        return None;
    }
    match form.next_field().await.ok()? {
        Some(file) => content(file, max_bytes).await,
        None => Some(Received::Whole(BytesMut::new())),
    }
}

/// The body, one chunk at a time: the parser reads ahead for as long as there is more at once, which
/// would take all of it into memory.
fn one_by_one(body: Body) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    let (mut chunks, mut handed_on) = (body.into_data_stream(), false);
    stream::poll_fn(move |context: &mut Context<'_>| {
        if std::mem::take(&mut handed_on) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let next = chunks.poll_next_unpin(context);
        handed_on = matches!(next, Poll::Ready(Some(Ok(_))));
        next
    })
}

async fn content(mut field: Field<'_>, max_bytes: usize) -> Option<Received> {
    let (mut content, mut length) = (BytesMut::new(), 0_usize);
    while let Some(chunk) = field.chunk().await.ok()? {
        length = length.saturating_add(chunk.len());
        if length <= max_bytes {
            content.extend_from_slice(&chunk);
        } else {
            content = BytesMut::new();
        }
    }
    Some(if length <= max_bytes { Received::Whole(content) } else { Received::TooLarge })
}
