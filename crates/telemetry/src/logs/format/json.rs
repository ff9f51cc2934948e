//! A JSON object a line.

use formhold_domain::rfc3339;

use super::object::Object;
use crate::logs::Line;

pub(super) fn render(line: &Line, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    object.text("timestamp", &rfc3339(line.at_ms));
    object.text("level", line.level.as_str());
    object.text("target", line.target);
    object.text("message", &line.message);
    object.raw("number", line.number);
    if let Some(request) = &line.request {
        object.text("request_id", request.id.as_str());
        object.text("method", request.method);
        object.text("route", &request.route);
        if let Some(user) = request.user() {
            object.raw("user_id", format_args!("\"{user}\""));
        }
        if let Some(form) = request.form() {
            object.raw("form_id", format_args!("\"{form}\""));
        }
    }
    for (name, value) in &line.fields {
        object.value(name, value);
    }
    object.end();
}
