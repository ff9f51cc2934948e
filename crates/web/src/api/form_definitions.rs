//! `/forms/{id}/definition`: a form as code, in JSON or TOML.

use axum::{
    extract::{FromRequest, Request, State},
    response::{IntoResponse, Response},
};
use formhold_domain::{DefinitionProblem, FormDefinition, FormId, Notation, access::Action};
use formhold_service::forms;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;
use utoipa::{PartialSchema, ToSchema};

use super::{
    asker::Asker,
    body,
    id::Id,
    problem::{Code, Problem},
    version::IfMatch,
};
use crate::WebState;

/// The media type of TOML, as registered with IANA.
const TOML: &str = "application/toml";

/// A definition in a body, and how it was written.
pub(crate) struct DefinitionIn {
    pub(super) definition: FormDefinition,
    pub(super) notation: Notation,
}

/// A form's definition: `name`, `slug`, `fields` and more, as docs/FORMS.md lists them.
impl ToSchema for DefinitionIn {
    fn name() -> std::borrow::Cow<'static, str> {
        "FormDefinition".into()
    }
}

impl PartialSchema for DefinitionIn {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        super::schemas::form_definition().into()
    }
}

impl FromRequest<WebState> for DefinitionIn {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let notation = match body::essence(&parts.headers).as_str() {
            "application/json" => Notation::Json,
            TOML => Notation::Toml,
            _ => {
                let detail = "send application/json or application/toml, and say so in the header Content-Type";
                return Err(Problem::new(Code::UnsupportedType, detail));
            }
        };
        let content = body::read(state, &parts.headers, body).await?;
        let definition = match notation {
            Notation::Json => body::parse(&content)?,
            Notation::Toml => {
                let text = std::str::from_utf8(&content)
                    .map_err(|_| Problem::new(Code::Malformed, "the body is no UTF-8"))?;
                FormDefinition::read(text, notation).map_err(|problem| {
                    let message = problem.to_string();
                    Problem::plain(Code::Invalid).at("", "WRONG_DEFINITION", message)
                })?
            }
        };
        Ok(Self { definition, notation })
    }
}

/// Get a form's definition, as JSON, or as TOML where `Accept` names `application/toml`.
#[utoipa::path(get, path = "/forms/{id}/definition", tag = "Forms",
    responses((status = 200, description = "The definition.",
        content((DefinitionIn = "application/json"), (String = "application/toml")))))]
pub(super) async fn get_definition(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<FormId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (form, _) = forms::form_for(&state.0.app, &asker.caller, Action::SeeForms, id).await?;
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let is_toml = accept.is_some_and(|accept| accept.split([',', ';']).any(|it| it.trim() == TOML));
    let notation = if is_toml { Notation::Toml } else { Notation::Json };
    Ok(reply(&form.definition, notation, form.identity.version))
}

/// Put a definition in force as the form's next version, in JSON or TOML.
#[utoipa::path(put, path = "/forms/{id}/definition", tag = "Forms",
    request_body(content((DefinitionIn = "application/json"), (String = "application/toml"))),
    responses((status = 200, description = "The definition as it is now.",
        content((DefinitionIn = "application/json"), (String = "application/toml")))))]
pub(super) async fn put_definition(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<FormId>,
    IfMatch(version): IfMatch,
    sent: DefinitionIn,
) -> Result<Response, Problem> {
    let DefinitionIn { definition, notation } = sent;
    let app = &state.0.app;
    let changed = forms::change_form(app, &asker.caller, id, version, |_| definition).await?;
    Ok(reply(&changed.record.definition, notation, changed.record.version))
}

fn reply(definition: &FormDefinition, notation: Notation, version: u32) -> Response {
    let content_type = match notation {
        Notation::Toml => TOML,
        Notation::Json => "application/json",
    };
    let kind = (header::CONTENT_TYPE, content_type);
    let mut response = (StatusCode::OK, [kind], definition.write(notation)).into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Where in a definition something is wrong, as a JSON pointer: `/fields/2` for `fields[2] (email)`.
pub(super) fn pointer(problem: &DefinitionProblem) -> String {
    let place = problem.place.split(' ').next().unwrap_or_default();
    if place == "line" {
        return String::new();
    }
    let parts = place.split(['.', '[', ']']).filter(|part| !part.is_empty());
    parts.fold(String::new(), |pointer, part| format!("{pointer}/{part}"))
}

/// A definition as JSON.
pub(super) fn json(definition: &FormDefinition) -> Value {
    serde_json::to_value(definition).unwrap_or_default()
}
