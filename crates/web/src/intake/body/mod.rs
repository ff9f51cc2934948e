//! Reading what was sent, within limits: names and values in order, files straight to storage.

mod charset;
mod disposition;
mod json;
mod memory;
mod multipart;
mod reader;
mod urlencoded;

use axum::body::Body;
use formhold_service::{App, ServiceError, limits::LimitExceeded, uploads::ReceivedUploads};
use http::{HeaderMap, header};

pub(crate) use self::memory::MemoryBudget;
pub(crate) use self::reader::BodyReader;
use super::door::Door;
use crate::{LimitSettings, WebState};

/// What was sent.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) uploads: ReceivedUploads,
}

/// Why it could not be taken in.
#[derive(Debug)]
pub(crate) enum BodyError {
    Malformed(String),
    BodyTooLarge { max_bytes: u64 },
    FileTooBig { field: String, max_bytes: u64 },
    TooManyFiles { max: usize },
    NoFileUploads,
    TooManyParts { max: usize },
    TooManyFields { max: usize },
    FieldNameTooLong { max_bytes: usize, start: String },
    PartHeaderTooLarge { max_bytes: usize },
    TooDeep { max: usize },
    TooSlow,
    MemoryFull,
    UnsupportedType,
    UnsupportedEncoding,
    FormNotFound,
    FormDeleted,
    TooMany(LimitExceeded),
    Storage(ServiceError),
}

/// The kinds of bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Urlencoded,
    Json,
    Multipart { boundary: String },
}

/// What kind of body the headers announce; none where it is one that is not read here.
pub(super) fn kind_of(headers: &HeaderMap) -> Option<Kind> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/x-www-form-urlencoded" => Some(Kind::Urlencoded),
        "multipart/form-data" => {
            Some(Kind::Multipart { boundary: multer::parse_boundary(value).ok()? })
        }
        "application/json" => Some(Kind::Json),
        other => {
            (other.starts_with("application/") && other.ends_with("+json")).then_some(Kind::Json)
        }
    }
}

/// Reads a body. Files are stored only where the door lets them in, and a form that is known by
/// then ends a hopeless upload early by its limits.
pub(super) async fn read(
    state: &WebState,
    headers: &HeaderMap,
    body: Body,
    door: &mut Door<'_>,
) -> (Result<Sent, BodyError>, BodyReader) {
    let mut reader = reader_of(state, body);
    let sent = read_all(&state.0.app, &state.0.limits, headers, &mut reader, door).await;
    (sent, reader)
}

/// Reads a body and forgets it, within bounds.
pub(super) async fn drain(state: &WebState, body: Body) {
    reader_of(state, body).drain().await;
}

fn reader_of(state: &WebState, body: Body) -> BodyReader {
    let shared = &state.0;
    BodyReader::new(body, shared.server.body_progress_seconds, &shared.memory)
}

async fn read_all(
    app: &App,
    limits: &LimitSettings,
    headers: &HeaderMap,
    reader: &mut BodyReader,
    door: &mut Door<'_>,
) -> Result<Sent, BodyError> {
    let kind = kind_of(headers).ok_or(BodyError::UnsupportedType)?;
    let max_bytes = match kind {
        Kind::Multipart { .. } => limits.max_body_bytes,
        _ => limits.max_text_bytes,
    };
    reader.prepare(headers, max_bytes)?;
    let uploads = ReceivedUploads::none(app);
    let charset = charset::declared(headers);
    match kind {
        Kind::Urlencoded => Ok(Sent {
            fields: urlencoded::parse(&reader.whole().await?, charset, limits)?,
            uploads,
        }),
        Kind::Json => Ok(Sent { fields: json::parse(&reader.whole().await?, limits)?, uploads }),
        Kind::Multipart { boundary } => {
            let memory = reader.memory();
            multipart::Receiver { app, limits, door, uploads, memory }
                .receive(reader, boundary)
                .await
        }
    }
}

/// Refuses one field more than allowed, and names that are too long.
fn admit(fields: &[(String, String)], name: &str, limits: &LimitSettings) -> Result<(), BodyError> {
    if fields.len() >= limits.max_fields {
        return Err(BodyError::TooManyFields { max: limits.max_fields });
    }
    if name.len() > limits.max_field_name_bytes {
        let start = name[..name.floor_char_boundary(40)].to_owned();
        return Err(BodyError::FieldNameTooLong { max_bytes: limits.max_field_name_bytes, start });
    }
    Ok(())
}
