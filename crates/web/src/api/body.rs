//! Bodies of requests: JSON, within limits of size and time, and nothing in it that is not known.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
};
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use super::problem::{Code, Problem};
use crate::{WebState, intake::BodyReader};

/// The largest body.
pub(super) const MAX_BYTES: u64 = 1 << 20;

/// What a request holds as JSON.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<WebState> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            let detail = "send application/json, and say so in the header Content-Type";
            return Err(Problem::new(Code::UnsupportedType, detail));
        }
        parse(&read(state, &parts.headers, body).await?).map(Self)
    }
}

/// Reads a body, decompressed.
pub(super) async fn read(
    state: &WebState,
    headers: &HeaderMap,
    body: Body,
) -> Result<Bytes, Problem> {
    let shared = &state.0;
    let mut reader = BodyReader::new(body, shared.server.body_progress_seconds, &shared.memory);
    let patience = Duration::from_secs(shared.server.request_seconds);
    let reading = async {
        reader.prepare(headers, MAX_BYTES)?;
        reader.whole().await
    };
    match tokio::time::timeout(patience, reading).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => {
            // So that a client that only listens once it has sent everything gets to see the reply.
            reader.drain().await;
            Err(error.into())
        }
        Err(_) => Err(Problem::plain(Code::TooSlow)),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    essence(headers) == "application/json"
}

/// The media type of a body without its parameters, in lower case; empty where none is stated.
pub(super) fn essence(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// What a body says as JSON; what is wrong is told with its place.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.into_inner();
        if !inner.is_data() {
            return Problem::new(Code::Malformed, format!("the body is no JSON: {inner}"));
        }
        let (code, message) = sentence(&inner.to_string());
        let pointer = missing(&message).map_or(pointer.clone(), |name| format!("{pointer}/{name}"));
        Problem::plain(Code::Invalid).at(pointer, code, message)
    })?;
    json.end().map_err(|_| {
        Problem::new(Code::Malformed, "the body is no JSON: something follows after its end")
    })?;
    Ok(parsed)
}

/// RFC 6901.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Map { key } | Segment::Enum { variant: key } => {
            format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
        }
        Segment::Unknown => pointer,
    })
}

/// The code and the words for what serde says, without the place, which the pointer names.
fn sentence(text: &str) -> (&'static str, String) {
    let text = text.rsplit_once(" at line ").map_or(text, |(text, _)| text);
    let code = match text.split_once(' ').map(|(first, _)| first) {
        Some("unknown") if text.starts_with("unknown field") => "UNKNOWN_FIELD",
        Some("missing") => "REQUIRED",
        Some("duplicate") => "TWICE",
        _ => "WRONG_TYPE",
    };
    (code, text.to_owned())
}

fn missing(text: &str) -> Option<&str> {
    text.strip_prefix("missing field `")?.strip_suffix('`')
}

/// Reads a field of a patch that may be left out, but is not null: what is null would be taken away.
pub(super) fn given<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}
