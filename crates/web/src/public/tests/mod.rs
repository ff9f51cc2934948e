//! Every page rendered with sample data.

mod captcha;
mod fields;
mod languages;
mod safety;
mod second_try;

use formhold_domain::{Answers, CompiledForm, FormKey, Identity, Language, Rejection};
use serde_json::{Value, json};

use super::{FilledIn, FormPage, MessagePage, ThanksPage};

fn form(definition: Value) -> CompiledForm {
    let identity = Identity {
        id: "018f0000-0000-7000-8000-000000000000".parse().unwrap(),
        key: FormKey::parse("abcdefgh23").unwrap(),
        version: 1,
    };
    CompiledForm::compile(identity, serde_json::from_value(definition).unwrap()).unwrap()
}

fn with_fields(fields: Value) -> CompiledForm {
    form(json!({ "name": "Sample", "slug": "sample", "fields": fields }))
}

fn every_type() -> CompiledForm {
    with_fields(json!([
        { "name": "text", "type": "text", "required": true, "min_length": 2, "max_length": 80,
          "pattern": "[A-Z].*", "help": "Begins with a capital." },
        { "name": "textarea", "type": "textarea", "max_length": 2000 },
        { "name": "email", "type": "email", "required": true, "placeholder": "a@example.org" },
        { "name": "tel", "type": "tel" },
        { "name": "url", "type": "url" },
        { "name": "number", "type": "number", "min": 0.5, "max": 9, "step": 0.25 },
        { "name": "integer", "type": "integer", "min": 1, "default": "2" },
        { "name": "date", "type": "date", "min": "2026-01-01" },
        { "name": "time", "type": "time", "max": "17:30" },
        { "name": "datetime", "type": "datetime" },
        { "name": "select", "type": "select", "required": true, "options": ["a", "b"],
          "default": "b" },
        { "name": "radio", "type": "radio",
          "options": [{ "value": "m", "label": "Mail" }, { "value": "p", "label": "Phone" }] },
        { "name": "checkboxes", "type": "checkboxes", "options": ["x", "y", "z"],
          "min_choices": 2, "max_choices": 3 },
        { "name": "consent", "type": "consent", "required": true },
        { "name": "stars", "type": "rating" },
        { "name": "scale", "type": "rating", "max": 10, "required": true },
        { "name": "hidden", "type": "hidden", "default": "from the page" },
        { "name": "file", "type": "file", "accept": [".pdf", "application/pdf", "image/*"],
          "max_files": 3, "max_bytes": 10_485_760, "required": true },
        { "name": "asked", "type": "text", "required": true,
          "shown_if": { "field": "radio", "any_of": ["m", "p"] } },
    ]))
}

fn answers(pairs: Value) -> Answers {
    serde_json::from_value(pairs).unwrap()
}

fn wrong_answers() -> Answers {
    answers(json!([
        ["text", "x"],
        ["textarea", "\nkept"],
        ["email", "ada@"],
        ["tel", "me"],
        ["url", "here"],
        ["number", "many"],
        ["integer", "7.5"],
        ["date", "31.12.2026"],
        ["time", "noon"],
        ["datetime", "now"],
        ["select", "c"],
        ["radio", "p"],
        ["checkboxes", "y"],
        ["consent", "0"],
        ["stars", "9"],
        ["hidden", "kept too"],
        ["extra", "kept apart"]
    ]))
}

fn rejected(form: &CompiledForm, answers: Answers) -> FilledIn {
    let Err(Rejection::Fields(problems)) = form.check(&answers, &[]) else {
        panic!("these answers must have problems");
    };
    FilledIn { answers, problems, had_files: true, ..FilledIn::default() }
}

fn page(form: &CompiledForm, language: Language, filled: Option<&FilledIn>) -> String {
    let action_url = "https://forms.example.org/f/abcdefgh23";
    FormPage {
        form,
        language,
        action: "/f/abcdefgh23",
        action_url,
        filled,
        captcha: None,
        stamp: "STAMP",
    }
    .render()
    .unwrap()
}

fn english(form: &CompiledForm, filled: Option<&FilledIn>) -> String {
    page(form, Language::default(), filled)
}

/// All values of an attribute, in order.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    html.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// The start tag of the first element with this text in it.
fn tag<'a>(html: &'a str, part: &str) -> &'a str {
    let at = html.find(part).unwrap_or_else(|| panic!("no {part} in {html}"));
    let start = html[..at].rfind('<').unwrap();
    let end = at + html[at..].find('>').unwrap();
    &html[start..=end]
}

/// One of each page.
fn every_page(language: Language) -> Vec<String> {
    let (every, anything) = (every_type(), form(json!({ "name": "Anything", "slug": "anything" })));
    let filled = rejected(&every, wrong_answers());
    let form_path = "/f/abcdefgh23";
    let texts = language.texts();
    let entered = wrong_answers();
    let message = MessagePage {
        language,
        form_name: Some("Sample"),
        title: texts.page.error_title,
        message: texts.replies.no_file_uploads,
        entered: Some(&entered),
    };
    vec![
        page(&every, language, None),
        page(&every, language, Some(&filled)),
        page(&anything, language, None),
        ThanksPage { form: &every, language, form_path }.render().unwrap(),
        message.render().unwrap(),
    ]
}
