//! `GET /api/docs`: the description of the API as a page for people, without a script.

use std::sync::LazyLock;

use axum::response::Response;
use http::StatusCode;
use serde_json::Value;

use super::{document::openapi, problem::Code};
use crate::{
    pages::{
        OperationGroup, OperationView, ProblemCode, PropertyView, ReferencePage, ReplyView,
        SchemaView,
    },
    visit::reply,
};

/// The page never changes while the program runs.
static PAGE: LazyLock<ReferencePage> = LazyLock::new(|| {
    let document = openapi();
    ReferencePage {
        groups: groups(document),
        schemas: schemas(document),
        problems: Code::ALL
            .iter()
            .map(|code| ProblemCode {
                code: code.as_str(),
                status: code.status().as_u16(),
                title: code.title(),
            })
            .collect(),
    }
});

/// `GET /api/docs`.
pub(super) async fn get_reference() -> Response {
    reply::page(StatusCode::OK, &*PAGE)
}

fn groups(document: &Value) -> Vec<OperationGroup> {
    let tags = document["tags"].as_array().into_iter().flatten();
    tags.map(|tag| {
        let mut operations = Vec::new();
        for (path, item) in entries(&document["paths"]) {
            for (method, operation) in entries(item) {
                if operation["tags"][0] == tag["name"] {
                    operations.push(operation_view(path, method, operation));
                }
            }
        }
        OperationGroup { name: text(&tag["name"]), about: text(&tag["description"]), operations }
    })
    .collect()
}

fn operation_view(path: &str, method: &str, operation: &Value) -> OperationView {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    OperationView {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        about: text(&operation["description"]),
        body: schema_of(&operation["requestBody"]),
        parameters: parameters
            .map(|it| PropertyView {
                name: text(&it["name"]),
                kind: format!("{}: {}", text(&it["in"]), kind(&it["schema"])),
                is_required: it["required"] == true,
                about: text(&it["description"]),
            })
            .collect(),
        replies: entries(&operation["responses"])
            .map(|(status, it)| ReplyView {
                status: status.clone(),
                about: text(&it["description"]).replace('`', ""),
                schema: schema_of(it),
            })
            .collect(),
    }
}

fn schemas(document: &Value) -> Vec<SchemaView> {
    let view = |(name, schema): (&String, &Value)| SchemaView {
        name: name.clone(),
        about: text(&schema["description"]),
        fields: entries(&schema["properties"])
            .map(|(field, it)| PropertyView {
                name: field.clone(),
                kind: kind(it),
                is_required: schema["required"]
                    .as_array()
                    .is_some_and(|required| required.iter().any(|name| name == field)),
                about: text(&it["description"]).replace('`', ""),
            })
            .collect(),
    };
    entries(&document["components"]["schemas"]).map(view).collect()
}

/// What a schema lets through, in few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return name;
    }
    if let Some(names) = schema["enum"].as_array() {
        return names.iter().map(text).collect::<Vec<_>>().join(" or ");
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    let types: Vec<String> = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect(),
        Value::String(one) => vec![one.clone()],
        _ => return "anything".to_owned(),
    };
    if types == ["array"] {
        return format!("list of {}", kind(&schema["items"]));
    }
    let format = schema["format"].as_str().map_or_else(String::new, |it| format!(" ({it})"));
    format!("{}{format}", types.join(" or "))
}

/// The name of the schema of a body.
fn schema_of(holder: &Value) -> Option<String> {
    let (_, content) = entries(&holder["content"]).next()?;
    reference(&content["schema"])
}

fn reference(schema: &Value) -> Option<String> {
    Some(schema["$ref"].as_str()?.rsplit('/').next()?.to_owned())
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
