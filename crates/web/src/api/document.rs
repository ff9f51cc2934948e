//! What the API can do, as OpenAPI 3.1: from the handlers, and completed by what all of them share.

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::problem::{Code, ProblemOut};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Formhold",
        description = "Everything that the pages of Formhold do, for programs. docs/API.md says how to authenticate, page through lists and change things safely.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(ProblemOut)),
    tags(
        (name = "Session", description = "Signing in and out."),
        (name = "Own account", description = "The account of who asks."),
        (name = "Tokens", description = "What lets programs act in your name."),
        (name = "Users", description = "Accounts, for administrators."),
        (name = "Workspaces", description = "Where forms and the people around them belong."),
        (name = "Forms", description = "What people fill in: definitions, versions, the trash."),
        (name = "Members", description = "Who belongs to a workspace."),
        (name = "Invitations", description = "Who was asked to join a workspace."),
        (name = "Statistics", description = "How much is submitted, and what lies there."),
        (name = "Submissions", description = "What was submitted to forms, and what is done with it."),
        (name = "Channels", description = "Where a form's submissions are told, and what came of it."),
        (name = "System", description = "What happened here."),
    )
)]
struct Head;

/// What comes before the routes.
pub(super) fn head() -> utoipa::openapi::OpenApi {
    Head::openapi()
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let described = serde_json::to_value(super::described().into_openapi());
    completed(described.expect("a description of routes is plain data"))
});

static TEXT: LazyLock<String> = LazyLock::new(|| format!("{:#}\n", *DOCUMENT));

/// The description of the API, OpenAPI 3.1.
#[must_use]
pub fn openapi() -> &'static Value {
    &DOCUMENT
}

/// `GET /api/openapi.json`.
pub(super) async fn get_document() -> Response {
    let mut response = TEXT.as_str().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn completed(mut document: Value) -> Value {
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    document["security"] = json!([{ "token": [] }, { "session": [] }]);
    document["components"]["securitySchemes"] = json!({
        "token": { "type": "http", "scheme": "bearer", "description": "A token that starts with `fh_`." },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": crate::visit::cookies::SESSION,
            "description": "What a sign-in opens. Changes need X-Csrf-Token, Origin or Sec-Fetch-Site as well.",
        },
    });
    let paths = std::mem::take(&mut document["paths"]);
    let mut whole = Map::new();
    for (path, mut item) in paths.as_object().cloned().unwrap_or_default() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            complete(&path, method, operation);
        }
        whole.insert(format!("/api/v1{path}"), item);
    }
    document["paths"] = Value::Object(whole);
    document
}

fn complete(path: &str, method: &str, operation: &mut Value) {
    let mut parameters: Vec<Value> = names(path).map(path_parameter).collect();
    let changes = method != "get";
    if matches_version(operation) {
        parameters.push(header_parameter(
            "If-Match",
            "The `ETag` of what you looked at: 412 when it is another one by now.",
            json!({ "type": "string", "pattern": r#"^("[0-9]{1,9}"|\*)$"# }),
        ));
    }
    if method == "post" && operation["security"].is_null() {
        parameters.push(header_parameter(
            "Idempotency-Key",
            "Names this request for 24 hours: sent again it has no second effect, and gets the first answer.",
            json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$" }),
        ));
    }
    let mut known = operation["parameters"].as_array().cloned().unwrap_or_default();
    for parameter in &mut known {
        match parameter["name"].as_str() {
            Some("cursor") => {
                parameter["schema"]["minLength"] = json!(1);
                parameter["schema"]["maxLength"] = json!(200);
            }
            // The macro forgets it beside a schema of our own.
            Some("format") => parameter["required"] = json!(true),
            _ => {}
        }
    }
    let has_query = !known.is_empty();
    let names_something = known
        .iter()
        .any(|parameter| ["form", "workspace_id"].iter().any(|name| parameter["name"] == *name));
    parameters.extend(known);
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    let reads = !operation["requestBody"].is_null() || method == "post";
    let mut statuses = vec![401, 403, 421, 429, 500, 503];
    if reads || has_query {
        statuses.push(400);
    }
    if path.contains('{') || reads || names_something {
        statuses.push(404);
    }
    if reads {
        statuses.extend([408, 413, 415, 422]);
    }
    if changes {
        statuses.push(409);
    }
    // More steps than a chart has.
    if path == "/stats/trend" {
        statuses.push(422);
    }
    // By the link of a mail.
    if path.contains("/auth/") {
        statuses.push(410);
    }
    if matches_version(operation) {
        statuses.extend([400, 412]);
    }
    let responses = operation["responses"].as_object_mut();
    let mut all: std::collections::BTreeMap<String, Value> =
        responses.map(std::mem::take).unwrap_or_default().into_iter().collect();
    for status in statuses {
        all.entry(status.to_string()).or_insert_with(|| problem(status));
    }
    if let Some(found) = all.get_mut("200").filter(|_| has_version(operation)) {
        found["headers"]["ETag"] = text_header("The version, for `If-Match`.");
    }
    // The only files that are JSON as well.
    if operation["operationId"].as_str().is_some_and(|name| name.starts_with("export_")) {
        let list = json!({ "type": "array", "items": { "type": "object" } });
        if let Some(found) = all.get_mut("200") {
            found["content"]["application/json"]["schema"] = list;
        }
    }
    if let Some(made) = all.get_mut("201") {
        made["headers"]["Location"] = text_header("Where it is, where it has an address.");
    }
    operation["responses"] = json!(all);
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameter(name: &str) -> Value {
    let schema = match name {
        "version" => json!({ "type": "integer", "minimum": 1, "maximum": 2_000_000_000 }),
        "name" => json!({ "type": "string", "minLength": 1, "maxLength": 100 }),
        _ => json!({ "type": "string", "format": "uuid" }),
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

fn header_parameter(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "header", "required": false, "description": description, "schema": schema })
}

fn text_header(description: &str) -> Value {
    json!({ "description": description, "schema": { "type": "string" } })
}

/// What a status means: all its codes.
fn problem(status: u16) -> Value {
    let codes = Code::ALL.iter().filter(|code| code.status() == status);
    let sentences: Vec<String> =
        codes.map(|code| format!("`{}`: {}", code.as_str(), code.title())).collect();
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    let mut response = json!({
        "description": sentences.join(" "),
        "content": { "application/problem+json": { "schema": schema } },
    });
    if matches!(status, 429 | 503) {
        response["headers"]["Retry-After"] = json!({
            "description": "After how many seconds another try may succeed.",
            "schema": { "type": "integer", "minimum": 1 },
        });
    }
    response
}

fn matches_version(operation: &Value) -> bool {
    let name = operation["operationId"].as_str().unwrap_or_default();
    [
        "change_me",
        "change_user",
        "delete_user",
        "rename_workspace",
        "delete_workspace",
        "change_submission",
        "delete_submission",
        "change_form",
        "delete_form",
        "put_definition",
        "restore_form_version",
        "change_channel",
        "delete_channel",
        "create_channel_secret",
    ]
    .contains(&name)
}

fn has_version(operation: &Value) -> bool {
    let name = operation["operationId"].as_str().unwrap_or_default();
    let shows = [
        "get_user",
        "get_workspace",
        "get_me",
        "disable_user",
        "enable_user",
        "get_submission",
        "restore_submission",
        "get_form",
        "restore_form",
        "get_definition",
        "get_channel",
    ];
    matches_version(operation) || shows.contains(&name)
}
