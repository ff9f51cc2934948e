//! `GET /f/{form}/schema`: what a form takes, for scripts. Nothing here is secret.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use formhold_domain::{AskCaptcha, FieldDefinition, Language};
use formhold_service::{
    captchas,
    forms::{self, Found},
};
use serde::Serialize;

use super::{address::FormName, cors};
use crate::{WebState, error::ErrorReply};

#[derive(Serialize)]
struct SchemaOut<'a> {
    key: &'a str,
    version: u32,
    name: &'a str,
    language: &'static str,
    /// True where any field is taken.
    takes_anything: bool,
    fields: &'a [FieldDefinition],
    limits: LimitsOut,
    /// Null where the form asks for none.
    captcha: Option<CaptchaOut<'a>>,
}

#[derive(Serialize)]
struct CaptchaOut<'a> {
    provider: &'a str,
    when: AskCaptcha,
    /// The fields that its answer may come in.
    fields: &'static [&'static str],
    /// The service's public key; null for the built-in one.
    site_key: Option<String>,
}

#[derive(Serialize)]
struct LimitsOut {
    max_fields: usize,
    max_text_bytes: u64,
    max_files: usize,
    max_file_bytes: u64,
}

/// The public definition of a form.
pub(crate) async fn schema(State(state): State<WebState>, FormName(name): FormName) -> Response {
    let shared = &state.0;
    let mut response = match forms::find_form(&shared.app, &name).await {
        Ok(Found::Form(form)) => {
            let (own, files) = (&form.definition.limits, shared.app.file_limits);
            let limits = LimitsOut {
                max_fields: own.max_fields.unwrap_or(usize::MAX).min(shared.limits.max_fields),
                max_text_bytes: own
                    .max_text_bytes
                    .unwrap_or(u64::MAX)
                    .min(shared.limits.max_text_bytes),
                max_files: if form.takes_files() {
                    own.max_files.unwrap_or(usize::MAX).min(files.max_files)
                } else {
                    0
                },
                max_file_bytes: own.max_file_bytes.unwrap_or(u64::MAX).min(files.max_file_bytes),
            };
            let schema = SchemaOut {
                key: form.identity.key.as_str(),
                version: form.identity.version,
                name: &form.definition.name,
                language: form.definition.language.tag(),
                takes_anything: form.takes_anything(),
                fields: &form.definition.fields,
                limits,
                captcha: captchas::widget(&shared.app, &form).map(|(kind, widget)| CaptchaOut {
                    provider: kind.name,
                    when: form.definition.protection.captcha.when,
                    fields: kind.fields,
                    site_key: widget.site_key,
                }),
            };
            Json(schema).into_response()
        }
        Ok(Found::Deleted) => problem(&ErrorReply::form_deleted(Language::default())),
        Ok(Found::Nothing) => problem(&ErrorReply::form_not_found(Language::default())),
        Err(error) => problem(&ErrorReply::of_service(&error, Language::default())),
    };
    cors::allow_reading(response.headers_mut());
    response
}

/// An error for scripts.
pub(super) fn problem(error: &ErrorReply) -> Response {
    let body = serde_json::json!({ "ok": false, "error": error.message, "errors": error.errors });
    let mut response = (error.status, Json(body)).into_response();
    error.add_headers(response.headers_mut());
    response
}
