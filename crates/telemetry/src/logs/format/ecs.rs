//! A JSON object a line, with the names of the Elastic Common Schema
//! (<https://www.elastic.co/docs/reference/ecs>).

use formhold_domain::rfc3339;

use super::object::Object;
use crate::logs::{Line, Value};

const ECS_VERSION: &str = "8.17.0";

pub(super) fn render(line: &Line, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    object.text("@timestamp", &rfc3339(line.at_ms));
    object.text("log.level", level(line));
    object.text("message", &line.message);
    object.text("ecs.version", ECS_VERSION);
    object.text("log.logger", line.target);
    object.text("service.name", "formhold");
    object.text("service.version", env!("CARGO_PKG_VERSION"));
    object.raw("event.sequence", line.number);
    if let Some(request) = &line.request {
        object.text("http.request.id", request.id.as_str());
        object.text("http.request.method", request.method);
        object.text("labels.route", &request.route);
        if let Some(user) = request.user() {
            object.raw("user.id", format_args!("\"{user}\""));
        }
        if let Some(form) = request.form() {
            object.raw("labels.form_id", format_args!("\"{form}\""));
        }
    }
    for (name, value) in &line.fields {
        field(&mut object, name, value);
    }
    object.end();
}

fn level(line: &Line) -> &'static str {
    match line.level {
        tracing::Level::ERROR => "error",
        tracing::Level::WARN => "warn",
        tracing::Level::INFO => "info",
        tracing::Level::DEBUG => "debug",
        tracing::Level::TRACE => "trace",
    }
}

/// What the schema has a name for gets that; anything else is kept below a name of our own, where it
/// cannot clash with the schema's types.
fn field(object: &mut Object<'_>, name: &'static str, value: &Value) {
    match (name, value) {
        ("status", _) => object.value("http.response.status_code", value),
        ("bytes", _) => object.value("http.response.body.bytes", value),
        ("client", _) => object.value("client.ip", value),
        // The schema wants whole nanoseconds.
        ("duration_ms", Value::Float(ms)) => object.raw("event.duration", (ms * 1e6) as i64),
        ("error" | "cause" | "reason", _) => object.text("error.message", &value.to_string()),
        _ => {
            object.prefix("formhold.");
            object.value(name, value);
            object.prefix("");
        }
    }
}
