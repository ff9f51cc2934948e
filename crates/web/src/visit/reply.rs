//! Pages and redirects as replies, and what is told when something went wrong.

use axum::response::{Html, IntoResponse, Response};
use formhold_service::ServiceError;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use crate::{
    error::{ErrorReply, with_request_id},
    pages::{Card, ErrorKind, FormState, MessagePage, Template, content_security_policy},
};

/// A page.
pub(crate) fn page(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => {
            let mut response = (status, Html(html)).into_response();
            add_policy(response.headers_mut());
            response
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "internal error\n").into_response()
        }
    }
}

/// Goes on to another page after a change.
pub(crate) fn see_other(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/account"));
    response.headers_mut().insert(header::LOCATION, location);
    add_policy(response.headers_mut());
    response
}

/// A page that says why there is no other.
pub(crate) fn error(kind: ErrorKind) -> Response {
    let status = match kind {
        ErrorKind::Forbidden | ErrorKind::FormExpired => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::LinkUsed => StatusCode::GONE,
        ErrorKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let card = Card { csrf: "", flash: None };
    let error = MessagePage::error(card, kind);
    if kind == ErrorKind::Internal {
        let message = with_request_id(error.message);
        return page(status, &MessagePage { message: &message, ..error });
    }
    page(status, &error)
}

/// A request for another host than the one in the settings.
pub(crate) fn wrong_host() -> Response {
    let text = "this Formhold is reached under another address\n";
    (StatusCode::MISDIRECTED_REQUEST, text).into_response()
}

/// A failure of an action, as a page. Its cause is logged, not shown.
pub(crate) fn service_error(failure: &ServiceError) -> Response {
    match failure {
        ServiceError::SignInRequired => see_other("/login"),
        ServiceError::Forbidden(_) => error(ErrorKind::Forbidden),
        ServiceError::NotFound(_) => error(ErrorKind::NotFound),
        ServiceError::DeadLink => error(ErrorKind::LinkUsed),
        ServiceError::Conflict(message) => {
            let message = format!("It is refused because {message}.");
            let card = Card { csrf: "", flash: None };
            let title = "This is not possible now";
            page(StatusCode::CONFLICT, &MessagePage { card, title, message: &message, link: None })
        }
        ServiceError::TooMany(exceeded) => {
            let mut response = error(ErrorKind::TooMany);
            ErrorReply::too_many(exceeded, formhold_domain::Language::default())
                .add_headers(response.headers_mut());
            response
        }
        ServiceError::Unavailable(cause) => {
            tracing::warn!(cause, "a page could not be shown: a part cannot serve");
            let mut response = error(ErrorKind::Unavailable);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            response
        }
        other => {
            tracing::error!(error = %other, "a page failed");
            error(ErrorKind::Internal)
        }
    }
}

/// What is wrong with a form, at its fields; none where the failure is about something else.
pub(crate) fn problems(failure: &ServiceError, form: FormState) -> Option<FormState> {
    match failure {
        ServiceError::Invalid(problems) => Some(problems.iter().fold(form, |form, problem| {
            let label = match problem.field {
                "email" => "The address",
                "name" => "The name",
                "password" | "new_password" => "The password",
                "current_password" => "Your password",
                "language" => "The language",
                "picture" => "The picture",
                "code" => "The code",
                "passkey" => "The device's answer",
                "workspace" => "The workspace's name",
                "workspace_id" => "The workspace",
                "tag" => "The tag",
                "text" => "The note",
                "answers" => "The answers",
                "scopes" => "What it allows",
                "expires_in_days" => "The time",
                other => other,
            };
            let field = if problem.field == "workspace" { "workspace_name" } else { problem.field };
            form.with_problem(field, format!("{label} {}.", problem.message))
        })),
        ServiceError::Conflict(message) => {
            Some(form.with_error(format!("Not possible: {message}.")))
        }
        ServiceError::Stale(_) => Some(form.with_error(
            "Somebody changed this meanwhile. Look at it as it is now, and try again.",
        )),
        _ => None,
    }
}

/// What a script of ours is to know.
pub(crate) fn json(value: &serde_json::Value) -> Response {
    as_json(StatusCode::OK, "application/json", value.to_string())
}

/// A failure of an action, for a script of ours, which shows `detail` to people (RFC 9457).
pub(crate) fn problem(failure: &ServiceError) -> Response {
    if let ServiceError::SignInRequired = failure {
        let detail = "You were signed out meanwhile. Load the page again and sign in.";
        return with_detail(StatusCode::UNAUTHORIZED, detail);
    }
    let Some(form) = problems(failure, FormState::default()) else {
        return as_problem(service_error(failure));
    };
    let status = match failure {
        ServiceError::Conflict(_) => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    with_detail(status, &form.sentences().join(" "))
}

/// A sentence for a script of ours, with a status.
pub(crate) fn with_detail(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let problem = json!({ "title": title, "status": status.as_u16(), "detail": detail });
    as_json(status, "application/problem+json", problem.to_string())
}

/// A page that says why there is no other, for a script of ours: with the same status and headers.
pub(crate) fn as_problem(page: Response) -> Response {
    let kind = match page.status() {
        StatusCode::NOT_FOUND => ErrorKind::NotFound,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::TooMany,
        StatusCode::SERVICE_UNAVAILABLE => ErrorKind::Unavailable,
        StatusCode::INTERNAL_SERVER_ERROR => ErrorKind::Internal,
        _ => ErrorKind::FormExpired,
    };
    let mut problem = with_detail(page.status(), kind.message());
    for (name, value) in page.headers() {
        problem.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    problem
}

fn as_json(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let no_store = (header::CACHE_CONTROL, "no-store");
    (status, [(header::CONTENT_TYPE, content_type), no_store], body).into_response()
}

fn add_policy(headers: &mut HeaderMap) {
    let policy = content_security_policy(&[]);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let opener = HeaderName::from_static("cross-origin-opener-policy");
    headers.insert(opener, HeaderValue::from_static("same-origin"));
}
