//! Answering in the dialect that the client speaks.

use axum::{
    Json,
    response::{Html, IntoResponse, Response},
};
use formhold_domain::{Answers, CompiledForm, Language, Rejection};
use formhold_service::{
    App,
    submissions::{Accepted, Refusal, Refused},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use url::Url;

use super::{cors, negotiate::Wants, pages};
use crate::{
    error::{ErrorReply, with_request_id},
    public::{FilledIn, MessagePage},
};

/// What a path's own clients expect beyond the common reply.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    /// Whatever the headers say.
    pub(super) always_json: bool,
    /// Formcarry's clients look for `code`, `status` and `title`.
    has_code: bool,
    /// FormSubmit's scripts compare `success` with text.
    success_is_text: bool,
}

impl Dialect {
    pub(super) const PLAIN: Self =
        Self { always_json: false, has_code: false, success_is_text: false };
    pub(super) const PLAIN_JSON: Self = Self { always_json: true, ..Self::PLAIN };
    pub(super) const FORMCARRY: Self = Self { has_code: true, ..Self::PLAIN };
    pub(super) const FORMSUBMIT_AJAX: Self =
        Self { always_json: true, success_is_text: true, ..Self::PLAIN };
}

/// Answers one request.
pub(super) struct Replier {
    pub(super) dialect: Dialect,
    pub(super) wants: Wants,
    /// The address under which the client reached us.
    pub(super) own: Url,
}

impl Replier {
    /// The submission is stored.
    pub(super) fn success(&self, form: &CompiledForm, accepted: &Accepted) -> Response {
        let thanks = pages::thanks_path(form, accepted.language);
        if self.wants == Wants::Page {
            let next = accepted.next.as_ref().map_or(thanks.as_str(), Url::as_str);
            return redirect(next);
        }
        let texts = &accepted.language.texts().replies;
        let next = accepted.next.clone().or_else(|| self.own.join(&thanks).ok());
        let mut body = json!({
            "ok": true,
            "success": self.success_value(true),
            "id": accepted.id.to_string(),
            // Formspree's client takes a reply without a string here for a failure.
            "next": next.map(String::from).unwrap_or_default(),
            "message": form.definition.success_message.as_deref().unwrap_or(texts.success),
        });
        if self.dialect.has_code {
            body["code"] = json!(200);
            body["status"] = json!("success");
            body["title"] = json!(texts.success_title);
        }
        json_reply(StatusCode::OK, &body)
    }

    /// The submission is not stored, and the person may try again.
    pub(super) fn refused(&self, app: &App, form: &CompiledForm, refused: &Refused) -> Response {
        let error = ErrorReply::of_refusal(&refused.refusal, refused.language);
        if self.wants == Wants::Json {
            return self.json_error(&error, refused.language);
        }
        if let Some(url) = &refused.error_url {
            return redirect(url.as_str());
        }
        let shows_form = !form.takes_anything()
            && !matches!(refused.refusal, Refusal::Closed | Refusal::NotOpenYet | Refusal::Full);
        if !shows_form {
            let title = title(&error, refused.language);
            let entered = Some(&refused.answers).filter(|answers| !answers.is_empty());
            let page = MessagePage {
                language: refused.language,
                form_name: Some(&form.definition.name),
                title,
                message: &error.message,
                entered,
            };
            return error_page(&error, page.render());
        }
        let (problems, sentence) = match &refused.refusal {
            Refusal::Rejected(Rejection::Fields(problems)) => (problems.clone(), None),
            _ => (Vec::new(), Some(error.message.clone())),
        };
        let filled = FilledIn {
            answers: refused.answers.clone(),
            problems,
            error: sentence,
            controls: refused.kept_controls.clone(),
            had_files: refused.had_files,
        };
        pages::form_reply(app, form, refused.language, &self.own, Some((&error, &filled)))
    }

    /// Nothing was taken in.
    pub(super) fn error(
        &self,
        form: Option<&CompiledForm>,
        error: &ErrorReply,
        language: Language,
    ) -> Response {
        if self.wants == Wants::Json {
            return self.json_error(error, language);
        }
        // Nothing is known of what was typed, but it is still in the browser, and the page says so.
        let entered = form.map(|_| Answers::default());
        let form_name = form.map(|form| form.definition.name.as_str());
        let is_ours = error.status.is_server_error();
        let message = if is_ours { with_request_id(&error.message) } else { error.message.clone() };
        let page = MessagePage {
            language,
            form_name,
            title: title(error, language),
            message: &message,
            entered: entered.as_ref(),
        };
        error_page(error, page.render())
    }

    fn json_error(&self, error: &ErrorReply, language: Language) -> Response {
        let mut body = json!({
            "ok": false,
            "success": self.success_value(false),
            "error": error.message,
            "message": error.message,
            "errors": error.errors,
        });
        if let Some(id) = formhold_telemetry::request::current_id() {
            body["request_id"] = json!(id.as_str());
        }
        if self.dialect.has_code {
            body["code"] = json!(error.status.as_u16());
            body["status"] = json!("error");
            body["title"] = json!(title(error, language));
        }
        let mut response = json_reply(error.status, &body);
        error.add_headers(response.headers_mut());
        response
    }

    fn success_value(&self, success: bool) -> Value {
        if self.dialect.success_is_text { json!(success.to_string()) } else { json!(success) }
    }
}

fn title(error: &ErrorReply, language: Language) -> &'static str {
    let texts = &language.texts().page;
    match error.status {
        StatusCode::NOT_FOUND | StatusCode::GONE => texts.not_found_title,
        StatusCode::FORBIDDEN => texts.closed_title,
        _ => texts.error_title,
    }
}

fn json_reply(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    cors::allow_reading(response.headers_mut());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn redirect(target: &str) -> Response {
    let headers = [(header::LOCATION, target), (header::CACHE_CONTROL, "no-store")];
    let mut response = (StatusCode::SEE_OTHER, headers).into_response();
    cors::allow_reading(response.headers_mut());
    response
}

/// A page that tells of an error.
pub(super) fn error_page(error: &ErrorReply, html: Result<String, askama::Error>) -> Response {
    let mut response = page_reply(error.status, html);
    error.add_headers(response.headers_mut());
    response
}

pub(super) fn page_reply(status: StatusCode, html: Result<String, askama::Error>) -> Response {
    let mut response = match html {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "internal error\n").into_response()
        }
    };
    pages::add_policy(response.headers_mut());
    cors::allow_reading(response.headers_mut());
    response
}
