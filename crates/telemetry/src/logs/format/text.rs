//! A line for people: `2026-06-01T12:00:00.000Z  INFO formhold::serve: a sentence name=value`.

use std::io::Write as _;

use formhold_domain::rfc3339;
use tracing::Level;

use super::escape::{is_harmful, json_text, plain_text};
use crate::logs::{Line, Value};

pub(super) fn render(line: &Line, colours: bool, out: &mut Vec<u8>) {
    let (dim, colour, plain) =
        if colours { ("\x1b[2m", colour(line.level), "\x1b[0m") } else { ("", "", "") };
    let time = rfc3339(line.at_ms);
    let _ = write!(out, "{dim}{time}{plain} {colour}{:>5}{plain} {dim}", line.level.as_str());
    plain_text(line.target, out);
    let _ = write!(out, ":{plain} ");
    plain_text(&line.message, out);
    let begin = |name: &str, out: &mut Vec<u8>| {
        let _ = write!(out, " {dim}{name}={plain}");
    };
    for (name, value) in &line.fields {
        begin(name, out);
        self::value(value, out);
    }
    let Some(request) = &line.request else { return };
    for (name, text) in
        [("method", request.method), ("route", &request.route), ("request_id", request.id.as_str())]
    {
        begin(name, out);
        quoted_where_needed(text, out);
    }
    let user = request.user().map(|user| ("user_id", user.0));
    let form = request.form().map(|form| ("form_id", form.0));
    for (name, id) in [user, form].into_iter().flatten() {
        begin(name, out);
        let _ = write!(out, "{id}");
    }
}

fn value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Text(text) => quoted_where_needed(text, out),
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

/// Nobody can make one field look like two.
fn quoted_where_needed(text: &str, out: &mut Vec<u8>) {
    let plain = |sign: char| {
        !sign.is_whitespace() && !is_harmful(sign) && !matches!(sign, '"' | '=' | '\\')
    };
    if !text.is_empty() && text.chars().all(plain) {
        out.extend_from_slice(text.as_bytes());
    } else {
        json_text(text, out);
    }
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG => "\x1b[34m",
        Level::TRACE => "\x1b[35m",
    }
}
