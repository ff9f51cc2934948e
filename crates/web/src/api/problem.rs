//! What went wrong, as RFC 9457 says it: `application/problem+json` with a code that stays the same.

use axum::response::{IntoResponse, Response};
use formhold_service::limits::LimitExceeded;
use formhold_telemetry::request::current_id;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

/// The codes of problems: each has one status and one title.
macro_rules! codes {
    ($($variant:ident $name:literal $status:ident $title:literal,)+) => {
        /// What kind of problem it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Code { $($variant,)+ }

        impl Code {
            /// All.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable name.
            pub(crate) fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            pub(crate) fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }

            /// What it is about, for people.
            pub(crate) fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

codes! {
    Malformed "MALFORMED" BAD_REQUEST "The request cannot be read.",
    UnknownParameter "UNKNOWN_PARAMETER" BAD_REQUEST "A parameter of the address cannot be used.",
    SignInRequired "SIGN_IN_REQUIRED" UNAUTHORIZED "Say who you are.",
    WrongToken "WRONG_TOKEN" UNAUTHORIZED "The token is none of ours, or has ended.",
    WrongPassword "WRONG_PASSWORD" UNAUTHORIZED "The address or the password is wrong.",
    WrongFactor "WRONG_CODE" UNAUTHORIZED "The code is wrong, or was used already.",
    TooLate "TOO_LATE" UNAUTHORIZED "The password was too long ago.",
    Forbidden "FORBIDDEN" FORBIDDEN "You may not do that.",
    Unconfirmed "UNCONFIRMED" FORBIDDEN "The address was not confirmed yet.",
    ForeignOrigin "FOREIGN_ORIGIN" FORBIDDEN "A page of another site asked for this.",
    NotFound "NOT_FOUND" NOT_FOUND "There is no such thing.",
    MethodNotAllowed "METHOD_NOT_ALLOWED" METHOD_NOT_ALLOWED "This address has no such method.",
    TooSlow "TOO_SLOW" REQUEST_TIMEOUT "The request took too long to arrive.",
    Conflict "CONFLICT" CONFLICT "Something else is in the way.",
    KeyUnderWay "IDEMPOTENCY_KEY_UNDER_WAY" CONFLICT "The same request is under way.",
    ReplyNotKept "IDEMPOTENCY_REPLY_NOT_KEPT" CONFLICT "This was done; its answer was not kept.",
    DeadLink "DEAD_LINK" GONE "The link was used already, or is too old.",
    Stale "STALE" PRECONDITION_FAILED "It was changed by somebody else meanwhile.",
    BodyTooLarge "BODY_TOO_LARGE" PAYLOAD_TOO_LARGE "The request is too large.",
    UnsupportedType "UNSUPPORTED_TYPE" UNSUPPORTED_MEDIA_TYPE "The body is of a type that is not read here.",
    WrongHost "WRONG_HOST" MISDIRECTED_REQUEST "This Formhold is reached under another address.",
    Invalid "INVALID" UNPROCESSABLE_ENTITY "Something that was sent cannot be used.",
    KeyReused "IDEMPOTENCY_KEY_REUSED" UNPROCESSABLE_ENTITY "The key was used for another request.",
    TooMany "TOO_MANY_REQUESTS" TOO_MANY_REQUESTS "That was too often.",
    Internal "INTERNAL" INTERNAL_SERVER_ERROR "Something failed here.",
    Busy "BUSY" SERVICE_UNAVAILABLE "A part cannot serve now; try again.",
}

/// One thing that is wrong.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ProblemItem {
    /// Where: a JSON pointer into the body (RFC 6901), `?name` for a parameter of the address, or
    /// the name of a header.
    #[schema(example = "/email")]
    pub(crate) pointer: String,
    /// What kind; stays the same.
    #[schema(example = "NOT_EMAIL")]
    pub(crate) code: String,
    /// The same for people.
    #[schema(example = "must be an address like name@example.org")]
    pub(crate) message: String,
}

/// Why a request was not carried out (RFC 9457).
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    detail: String,
    errors: Vec<ProblemItem>,
    retry_after_seconds: Option<u32>,
    limit: Option<Box<LimitExceeded>>,
}

/// A problem as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemOut {
    /// Where the code is described.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", example = "/api/docs#problem-STALE")]
    kind: String,
    /// The status again.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What the code means; the same for each.
    title: String,
    /// What went wrong this time, for people.
    detail: String,
    /// What kind of problem; stays the same.
    #[schema(schema_with = super::schemas::problem_code)]
    code: String,
    /// Names this request; a support team may ask for it.
    #[schema(example = "01a208bace0777ccbb5d86cd914be7f9")]
    request_id: String,
    /// Everything that is wrong with what was sent; empty where the problem is another one.
    errors: Vec<ProblemItem>,
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_seconds: None,
            limit: None,
        }
    }

    /// A problem that needs no more words than its title.
    pub(crate) fn plain(code: Code) -> Self {
        Self::new(code, code.title())
    }

    /// Says what is wrong with one thing that was sent.
    pub(crate) fn at(
        mut self,
        pointer: impl Into<String>,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let item =
            ProblemItem { pointer: pointer.into(), code: code.into(), message: message.into() };
        self.errors.push(item);
        self
    }

    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The limit that was gone beyond.
    pub(super) fn limit(mut self, exceeded: LimitExceeded) -> Self {
        self.limit = Some(Box::new(exceeded));
        self
    }

    /// The reply, with the request's id.
    pub(super) fn into_reply(self, headers: http::HeaderMap) -> Response {
        let status = self.code.status();
        let out = ProblemOut {
            kind: format!("/api/docs#problem-{}", self.code.as_str()),
            status: status.as_u16(),
            title: self.code.title().to_owned(),
            detail: self.detail,
            code: self.code.as_str().to_owned(),
            request_id: current_id().map_or_else(String::new, |id| id.as_str().to_owned()),
            errors: self.errors,
        };
        let mut response = axum::Json(out).into_response();
        *response.status_mut() = status;
        let own = response.headers_mut();
        for (name, value) in &headers {
            own.append(name, value.clone());
        }
        own.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        own.remove(header::CONTENT_LENGTH);
        if status == StatusCode::UNAUTHORIZED {
            let asks = match self.code {
                Code::WrongToken => "Bearer realm=\"formhold\", error=\"invalid_token\"",
                _ => "Bearer realm=\"formhold\"",
            };
            own.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(asks));
        }
        if let Some(seconds) = self.retry_after_seconds {
            own.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(limit) = &self.limit {
            super::limits::add_headers(own, limit.name, &limit.quota, 0, limit.reset_after);
        }
        response
    }
}

/// A reply without a body, which the door writes, so that none goes out in another shape.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
