//! Code that puts a form onto a site: plain HTML, a script, a component of React.

use std::fmt::Write as _;

use formhold_domain::{ChoiceOption, FieldDefinition, FieldType, FormDefinition};
use serde_json::Value;

/// The language that elements are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Markup {
    Html,
    Jsx,
}

/// A form in plain HTML that posts to this address.
pub(super) fn html(form: &FormDefinition, url: &str) -> String {
    let multipart = if takes_files(form) { " enctype=\"multipart/form-data\"" } else { "" };
    let opening = format!("<form action=\"{}\" method=\"post\"{multipart}>", escaped(url));
    whole(Markup::Html, form, &opening, "  <button>Send</button>\n</form>\n")
}

/// The same, sent by a script that stays on the page.
pub(super) fn fetch(form: &FormDefinition, url: &str) -> String {
    let id = format!("form-{}", form.slug);
    let opening = format!("<form id=\"{id}\" action=\"{}\" method=\"post\">", escaped(url));
    let closing = "  <button>Send</button>\n  <p role=\"status\"></p>\n</form>\n";
    let form = whole(Markup::Html, form, &opening, closing);
    format!("{form}{}", FETCH.replace("FORM", &id))
}

const FETCH: &str = r##"
<script type="module">
  const form = document.querySelector("#FORM");
  const status = form.querySelector("[role=status]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    status.textContent = "Sending…";
    try {
      const reply = await fetch(form.action, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new FormData(form),
      });
      const answer = await reply.json();
      const problems = (answer.errors ?? []).map(({ field, message }) => `${field}: ${message}`);
      status.textContent = [answer.message, ...problems].join(" ");
      if (answer.ok) form.reset();
    } catch {
      status.textContent = "Nothing was sent. Please try again.";
    }
  });
</script>
"##;

/// The same as a component of React.
pub(super) fn react(form: &FormDefinition, url: &str) -> String {
    let opening = "    <form onSubmit={send}>";
    let closing =
        "      <button>Send</button>\n      <p role=\"status\">{status}</p>\n    </form>\n";
    let fields = indented(&whole(Markup::Jsx, form, "", ""), "    ");
    REACT
        .replace("URL", &Value::from(url).to_string())
        .replace("FORM", &format!("{opening}\n{}\n{closing}", fields.trim_matches('\n')))
}

const REACT: &str = r##"import { useState } from "react";

export function Form() {
  const [status, setStatus] = useState("");

  async function send(event) {
    event.preventDefault();
    const form = event.currentTarget;
    setStatus("Sending…");
    try {
      const reply = await fetch(URL, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new FormData(form),
      });
      const answer = await reply.json();
      const problems = (answer.errors ?? []).map(({ field, message }) => `${field}: ${message}`);
      setStatus([answer.message, ...problems].join(" "));
      if (answer.ok) form.reset();
    } catch {
      setStatus("Nothing was sent. Please try again.");
    }
  }

  return (
FORM  );
}
"##;

fn takes_files(form: &FormDefinition) -> bool {
    form.fields.iter().any(|field| field.kind == FieldType::File)
}

fn whole(markup: Markup, form: &FormDefinition, opening: &str, closing: &str) -> String {
    let mut code = format!("{opening}\n");
    if form.fields.is_empty() {
        // A form that declares none takes any; these are only to begin with.
        code.push_str(&indented(
            &input(markup, "E-mail", &[("name", "email"), ("type", "email")]),
            "  ",
        ));
        code.push_str(&indented(&block(markup, "label", "Message", "textarea", "message"), "  "));
    }
    for field in &form.fields {
        code.push_str(&indented(&of_field(markup, field), "  "));
    }
    code.push_str(closing);
    code
}

fn block(markup: Markup, tag: &str, label: &str, control: &str, name: &str) -> String {
    let attributes = attributes(markup, &[("name", name)]);
    let control = match markup {
        Markup::Html => format!("<{control}{attributes}></{control}>"),
        Markup::Jsx => format!("<{control}{attributes} />"),
    };
    format!("<{tag}>\n  {}\n  {control}\n</{tag}>\n", text(markup, label))
}

fn input(markup: Markup, label: &str, pairs: &[(&str, &str)]) -> String {
    let control = void(markup, pairs);
    format!("<label>\n  {}\n  {control}\n</label>\n", text(markup, label))
}

fn of_field(markup: Markup, field: &FieldDefinition) -> String {
    let name = field.name.as_str();
    // Where a field is only asked for at times, a page without our script cannot insist on it.
    let required = (field.required && field.shown_if.is_none()).then_some(("required", ""));
    let number = |number: Option<usize>| number.map(|number| number.to_string());
    let (min_length, max_length) = (number(field.min_length), number(field.max_length));
    let bound = |bound: &Option<formhold_domain::Bound>| bound.as_ref().map(ToString::to_string);
    let (min, max, step) =
        (bound(&field.min), bound(&field.max), field.step.map(|it| it.to_string()));
    let mut pairs = vec![("name", name)];
    let optional = |name: &'static str, value: &'static str| (name, value);
    match field.kind {
        FieldType::Hidden => {
            pairs.extend([("type", "hidden"), ("value", field.default.as_deref().unwrap_or(""))]);
            return void(markup, &pairs) + "\n";
        }
        FieldType::Select => return select(markup, field, required),
        FieldType::Radio => {
            let options: Vec<_> = field.options.iter().map(pair).collect();
            return group(markup, field, "radio", &options, required);
        }
        FieldType::Checkboxes => {
            let options: Vec<_> = field.options.iter().map(pair).collect();
            return group(markup, field, "checkbox", &options, None);
        }
        FieldType::Rating => {
            let most = max.as_deref().and_then(|max| max.parse().ok()).unwrap_or(5_u8);
            let points: Vec<_> = (1..=most).map(|point| point.to_string()).collect();
            let options: Vec<_> = points.iter().map(|it| (it.as_str(), it.as_str())).collect();
            return group(markup, field, "radio", &options, required);
        }
        FieldType::Consent => pairs.extend([("type", "checkbox"), ("value", "on")]),
        FieldType::File => pairs.push(("type", "file")),
        FieldType::Integer => pairs.extend([("type", "number"), optional("step", "1")]),
        FieldType::Datetime => pairs.push(("type", "datetime-local")),
        FieldType::Textarea | FieldType::Text => {}
        FieldType::Email => pairs.push(("type", "email")),
        FieldType::Tel => pairs.push(("type", "tel")),
        FieldType::Url => pairs.push(("type", "url")),
        FieldType::Number => {
            pairs.extend([("type", "number"), ("step", step.as_deref().unwrap_or("any"))]);
        }
        FieldType::Date => pairs.push(("type", "date")),
        FieldType::Time => pairs.push(("type", "time")),
    }
    let accept = field.accept.join(",");
    let more = [
        ("minlength", min_length.as_deref()),
        ("maxlength", max_length.as_deref()),
        ("min", min.as_deref()),
        ("max", max.as_deref()),
        ("placeholder", field.placeholder.as_deref()),
        ("accept", (!accept.is_empty()).then_some(accept.as_str())),
    ];
    pairs.extend(more.into_iter().filter_map(|(name, value)| Some((name, value?))));
    pairs.extend(field.max_files.filter(|max| *max > 1).map(|_| ("multiple", "")));
    pairs.extend(required);
    if field.kind == FieldType::Textarea {
        let attributes = attributes(markup, &pairs);
        let control = match markup {
            Markup::Html => format!("<textarea{attributes}></textarea>"),
            Markup::Jsx => format!("<textarea{attributes} />"),
        };
        return format!("<label>\n  {}\n  {control}\n</label>\n", text(markup, field.label()));
    }
    input(markup, field.label(), &pairs)
}

fn select(markup: Markup, field: &FieldDefinition, required: Option<(&str, &str)>) -> String {
    let mut pairs = vec![("name", field.name.as_str())];
    pairs.extend(required);
    let mut code = format!("  <select{}>\n", attributes(markup, &pairs));
    let _ = writeln!(code, "    <option value=\"\"></option>");
    for (value, label) in field.options.iter().map(pair) {
        let value = attributes(markup, &[("value", value)]);
        let _ = writeln!(code, "    <option{value}>{}</option>", text(markup, label));
    }
    format!("<label>\n  {}\n{code}  </select>\n</label>\n", text(markup, field.label()))
}

fn group(
    markup: Markup,
    field: &FieldDefinition,
    kind: &str,
    options: &[(&str, &str)],
    required: Option<(&str, &str)>,
) -> String {
    let mut code = format!("<fieldset>\n  <legend>{}</legend>\n", text(markup, field.label()));
    for (value, label) in options {
        let mut pairs = vec![("name", field.name.as_str()), ("type", kind), ("value", *value)];
        pairs.extend(required);
        let _ = writeln!(code, "  <label>{} {}</label>", void(markup, &pairs), text(markup, label));
    }
    code + "</fieldset>\n"
}

fn pair(option: &ChoiceOption) -> (&str, &str) {
    (option.value(), option.label())
}

fn void(markup: Markup, pairs: &[(&str, &str)]) -> String {
    let end = if markup == Markup::Jsx { " />" } else { ">" };
    format!("<input{}{end}", attributes(markup, pairs))
}

fn attributes(markup: Markup, pairs: &[(&str, &str)]) -> String {
    let flags = ["required", "multiple"];
    pairs.iter().fold(String::new(), |code, (name, value)| {
        let name = match (markup, *name) {
            (Markup::Jsx, "minlength") => "minLength",
            (Markup::Jsx, "maxlength") => "maxLength",
            (_, name) => name,
        };
        if flags.contains(&name) {
            return format!("{code} {name}");
        }
        let plain = value.chars().all(|c| c.is_alphanumeric() || " -_.,:/*".contains(c));
        match markup {
            Markup::Jsx if !plain => format!("{code} {name}={{{}}}", Value::from(*value)),
            _ => format!("{code} {name}=\"{}\"", escaped(value)),
        }
    })
}

fn text(markup: Markup, words: &str) -> String {
    let plain = words.chars().all(|c| c.is_alphanumeric() || " -_.,:?!/()".contains(c));
    match markup {
        Markup::Jsx if !plain => format!("{{{}}}", Value::from(words)),
        _ => escaped(words),
    }
}

/// For text and for attributes in double quotes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn indented(code: &str, by: &str) -> String {
    code.lines().fold(String::new(), |all, line| match line.is_empty() {
        true => all + "\n",
        false => format!("{all}{by}{line}\n"),
    })
}
