//! Every refusal as a status, codes and sentences. No other file knows status codes of errors.

use std::time::Duration;

use formhold_domain::{FieldProblem, Language, Rejection, Texts};
use formhold_service::{
    ServiceError, captchas::FailureCode, limits::LimitExceeded, links::LinkRefusal,
    submissions::Refusal,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::intake::BodyError;

/// What a client is told when nothing was stored.
#[derive(Debug, Clone)]
pub(crate) struct ErrorReply {
    pub(crate) status: StatusCode,
    /// What went wrong as a whole.
    pub(crate) message: String,
    /// The single problems.
    pub(crate) errors: Vec<ErrorItem>,
    /// After how many seconds a second try may succeed.
    pub(crate) retry_after_seconds: Option<u32>,
    /// The limit that was gone beyond.
    pub(crate) limit: Option<LimitExceeded>,
}

/// One problem.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ErrorItem {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    /// The field of a file, for codes that Formspree's clients know for the whole form only: with
    /// `field` they would not recognise them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file_field: Option<String>,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl ErrorReply {
    fn whole(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        let errors =
            vec![ErrorItem { field: None, file_field: None, code, message: message.clone() }];
        Self { status, message, errors, retry_after_seconds: None, limit: None }
    }

    /// True when an answer to a captcha would have helped.
    pub(crate) fn is_about_captcha(&self) -> bool {
        self.errors.iter().any(|item| item.code.starts_with("CAPTCHA_"))
    }

    /// What the reply's head says of a second try: `Retry-After`, and the limit that was gone
    /// beyond (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/>).
    pub(crate) fn add_headers(&self, headers: &mut HeaderMap) {
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        let Some(LimitExceeded { name, quota, reset_after, .. }) = &self.limit else { return };
        let window = quota.period().as_secs();
        let policy = format!("\"{name}\";q={};w={window}", quota.limit());
        let state = format!("\"{name}\";r=0;t={}", whole_seconds(*reset_after));
        for (header, text) in [("ratelimit-policy", policy), ("ratelimit", state)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(header, value);
            }
        }
    }

    pub(crate) fn form_not_found(language: Language) -> Self {
        Self::whole(
            StatusCode::NOT_FOUND,
            "FORM_NOT_FOUND",
            language.texts().replies.form_not_found,
        )
    }

    pub(crate) fn form_deleted(language: Language) -> Self {
        Self::whole(StatusCode::GONE, "FORM_NOT_FOUND", language.texts().replies.form_deleted)
    }

    pub(crate) fn method_not_allowed(language: Language) -> Self {
        let text = language.texts().replies.method_not_allowed;
        Self::whole(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", text)
    }

    pub(crate) fn too_slow(language: Language) -> Self {
        Self::whole(StatusCode::REQUEST_TIMEOUT, "TOO_SLOW", language.texts().replies.too_slow)
    }

    /// A client, or a form, that had enough for now.
    pub(crate) fn too_many(exceeded: &LimitExceeded, language: Language) -> Self {
        let seconds = whole_seconds(exceeded.retry_after);
        let text = fill(language.texts().replies.too_many, wait_for_people(seconds));
        Self {
            retry_after_seconds: Some(seconds),
            limit: Some(*exceeded),
            ..Self::whole(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", text)
        }
    }

    fn unavailable(texts: &Texts, cause: &str) -> Self {
        tracing::warn!(cause, "a request was turned away because a part cannot serve");
        Self {
            retry_after_seconds: Some(5),
            ..Self::whole(StatusCode::SERVICE_UNAVAILABLE, "BUSY", texts.replies.busy)
        }
    }

    /// A fault of ours that was logged where it happened.
    pub(crate) fn fault(language: Language) -> Self {
        let text = language.texts().replies.internal;
        Self::whole(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", text)
    }

    fn internal(texts: &Texts, cause: &str) -> Self {
        tracing::error!(cause, "a request failed");
        Self::whole(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", texts.replies.internal)
    }

    /// A failure of an action, told without its cause, which is logged.
    pub(crate) fn of_service(error: &ServiceError, language: Language) -> Self {
        match error {
            ServiceError::Unavailable(cause) => Self::unavailable(language.texts(), cause),
            other => Self::internal(language.texts(), &other.to_string()),
        }
    }

    /// A body that could not be taken in.
    pub(crate) fn of_body(error: &BodyError, language: Language) -> Self {
        let texts = &language.texts().replies;
        let too_large =
            |code, message: String| Self::whole(StatusCode::PAYLOAD_TOO_LARGE, code, message);
        match error {
            BodyError::Malformed(what) => {
                Self::whole(StatusCode::BAD_REQUEST, "MALFORMED", fill(texts.malformed, what))
            }
            BodyError::BodyTooLarge { max_bytes } => {
                too_large("BODY_TOO_LARGE", fill(texts.body_too_large, bytes(*max_bytes)))
            }
            BodyError::FileTooBig { field, max_bytes } => {
                file_too_big(texts.file_too_big, field, *max_bytes)
            }
            BodyError::TooManyFiles { max } => {
                too_large("TOO_MANY_FILES", fill(texts.too_many_files, max))
            }
            BodyError::NoFileUploads => Self::whole(
                StatusCode::UNPROCESSABLE_ENTITY,
                "NO_FILE_UPLOADS",
                texts.no_file_uploads,
            ),
            BodyError::TooManyParts { max } => {
                too_large("TOO_MANY_PARTS", fill(texts.too_many_parts, max))
            }
            BodyError::TooManyFields { max } => {
                too_large("TOO_MANY_FIELDS", fill(texts.too_many_fields, max))
            }
            BodyError::FieldNameTooLong { max_bytes, start } => too_large(
                "FIELD_NAME_TOO_LONG",
                format!("{} (`{start}…`)", fill(texts.field_name_too_long, max_bytes)),
            ),
            BodyError::PartHeaderTooLarge { max_bytes } => too_large(
                "PART_HEADER_TOO_LARGE",
                fill(texts.part_header_too_large, bytes(*max_bytes as u64)),
            ),
            BodyError::TooDeep { max } => {
                Self::whole(StatusCode::BAD_REQUEST, "JSON_TOO_DEEP", fill(texts.too_deep, max))
            }
            BodyError::TooSlow => Self::too_slow(language),
            BodyError::MemoryFull => Self::unavailable(
                language.texts(),
                "bodies under way take as much memory as they may",
            ),
            BodyError::UnsupportedType => Self::whole(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "UNSUPPORTED_TYPE",
                texts.unsupported_type,
            ),
            BodyError::UnsupportedEncoding => Self::whole(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "UNSUPPORTED_ENCODING",
                texts.unsupported_encoding,
            ),
            BodyError::FormNotFound => Self::form_not_found(language),
            BodyError::FormDeleted => Self::form_deleted(language),
            BodyError::TooMany(exceeded) => Self::too_many(exceeded, language),
            BodyError::Storage(error) => Self::of_service(error, language),
        }
    }

    /// A submission that was not accepted.
    pub(crate) fn of_refusal(refusal: &Refusal, language: Language) -> Self {
        let texts = &language.texts().replies;
        match refusal {
            Refusal::Closed => Self::whole(StatusCode::FORBIDDEN, "INACTIVE", texts.closed),
            Refusal::NotOpenYet => {
                Self::whole(StatusCode::FORBIDDEN, "INACTIVE", texts.not_open_yet)
            }
            Refusal::Full => Self::whole(StatusCode::FORBIDDEN, "INACTIVE", texts.full),
            Refusal::OriginNotAllowed => {
                Self::whole(StatusCode::FORBIDDEN, "BLOCKED", texts.blocked)
            }
            Refusal::IdempotencyKeyLength => {
                Self::whole(StatusCode::BAD_REQUEST, "IDEMPOTENCY_KEY_LENGTH", texts.key_length)
            }
            Refusal::IdempotencyKeyReused => {
                Self::whole(StatusCode::CONFLICT, "IDEMPOTENCY_KEY_REUSED", texts.key_reused)
            }
            Refusal::Rejected(rejection) => Self::of_rejection(rejection, language),
            Refusal::TooMany(exceeded) => Self::too_many(exceeded, language),
            Refusal::Captcha(code) => {
                let (name, text) = match code {
                    FailureCode::Missing => ("CAPTCHA_MISSING", texts.captcha_missing),
                    FailureCode::Expired | FailureCode::Duplicate | FailureCode::TooCheap => {
                        ("CAPTCHA_EXPIRED", texts.captcha_expired)
                    }
                    _ => ("CAPTCHA_WRONG", texts.captcha_wrong),
                };
                Self::whole(StatusCode::UNPROCESSABLE_ENTITY, name, text)
            }
            Refusal::Spam => Self::whole(StatusCode::UNPROCESSABLE_ENTITY, "SPAM", texts.spam),
            Refusal::UnsafeFile(field) => {
                let text = texts.unsafe_file;
                let mut reply = Self::whole(StatusCode::UNPROCESSABLE_ENTITY, "UNSAFE_FILE", text);
                reply.errors.iter_mut().for_each(|item| item.file_field = Some(field.clone()));
                reply
            }
            Refusal::Unavailable(cause) => Self::unavailable(language.texts(), cause),
            Refusal::Internal(cause) => Self::internal(language.texts(), cause),
        }
    }

    /// A link to a file that leads nowhere. Its reader is the form's owner.
    pub(crate) fn of_link(refusal: &LinkRefusal) -> Self {
        match refusal {
            LinkRefusal::NotFound => {
                Self::whole(StatusCode::NOT_FOUND, "NOT_FOUND", "there is no such file")
            }
            LinkRefusal::Expired => Self::whole(
                StatusCode::GONE,
                "LINK_EXPIRED",
                "this link has expired; ask for a new one",
            ),
            LinkRefusal::NotScannedYet => Self {
                retry_after_seconds: Some(30),
                ..Self::whole(
                    StatusCode::LOCKED,
                    "NOT_SCANNED_YET",
                    "this file is not scanned for malware yet; try again in a moment",
                )
            },
            LinkRefusal::Unsafe => Self::whole(
                StatusCode::LOCKED,
                "UNSAFE_FILE",
                "this file is locked: the scanner did not find it clean",
            ),
            LinkRefusal::NoThumbnail(reason) => Self::whole(
                StatusCode::UNPROCESSABLE_ENTITY,
                "NO_THUMBNAIL",
                format!("there is no small picture of this file: {reason}"),
            ),
            LinkRefusal::Failed(error) => Self::of_service(error, Language::default()),
        }
    }

    fn of_rejection(rejection: &Rejection, language: Language) -> Self {
        let texts = &language.texts().replies;
        let too_large =
            |code, message: String| Self::whole(StatusCode::PAYLOAD_TOO_LARGE, code, message);
        match rejection {
            Rejection::Empty => Self::whole(StatusCode::UNPROCESSABLE_ENTITY, "EMPTY", texts.empty),
            Rejection::NoFileUploads => Self::whole(
                StatusCode::UNPROCESSABLE_ENTITY,
                "NO_FILE_UPLOADS",
                texts.no_file_uploads,
            ),
            Rejection::TooManyFiles { max } => {
                too_large("TOO_MANY_FILES", fill(texts.too_many_files, max))
            }
            Rejection::FileTooBig { field, max_bytes } => {
                file_too_big(texts.file_too_big, field, *max_bytes)
            }
            Rejection::TooManyFields { max } => {
                too_large("TOO_MANY_FIELDS", fill(texts.too_many_fields, max))
            }
            Rejection::TooMuchText { max_bytes } => {
                too_large("BODY_TOO_LARGE", fill(texts.body_too_large, bytes(*max_bytes)))
            }
            Rejection::Fields(problems) => {
                let item = |problem: &FieldProblem| {
                    let code = problem.problem.code();
                    let name = Some(problem.field.clone());
                    let whole_form = matches!(code, "FILES_TOO_BIG" | "TOO_MANY_FILES");
                    let (field, file_field) = if whole_form { (None, name) } else { (name, None) };
                    ErrorItem {
                        field,
                        file_field,
                        code,
                        message: problem.problem.message(language),
                    }
                };
                Self {
                    status: StatusCode::UNPROCESSABLE_ENTITY,
                    message: texts.invalid.to_owned(),
                    errors: problems.iter().map(item).collect(),
                    retry_after_seconds: None,
                    limit: None,
                }
            }
        }
    }
}

/// A sentence about a fault of ours, with what finds it in the log.
pub(crate) fn with_request_id(message: &str) -> String {
    let id = formhold_telemetry::request::current_id();
    id.map_or_else(|| message.to_owned(), |id| format!("{message} (ID {})", id.as_str()))
}

/// Rounded up, and at least one: who comes back then is let in.
fn whole_seconds(time: Duration) -> u32 {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    u32::try_from(seconds).unwrap_or(u32::MAX).max(1)
}

fn wait_for_people(seconds: u32) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

fn file_too_big(text: &str, field: &str, max_bytes: u64) -> ErrorReply {
    let mut reply = ErrorReply::whole(
        StatusCode::PAYLOAD_TOO_LARGE,
        "FILES_TOO_BIG",
        fill(text, bytes(max_bytes)),
    );
    reply.errors.iter_mut().for_each(|item| item.file_field = Some(field.to_owned()));
    reply
}

fn fill(text: &str, value: impl std::fmt::Display) -> String {
    text.replace("{}", &value.to_string())
}

fn bytes(bytes: u64) -> String {
    formhold_domain::bytes_for_people(bytes)
}
