//! Every page rendered with sample data.

use std::collections::HashSet;

use formhold_domain::{
    Answers, CompiledForm, FieldProblem, FormKey, Identity, Language, Problem, Rejection,
};
use serde_json::{Value, json};

use super::{FilledIn, FormPage, MessagePage, ThanksPage, assets};

const HOSTILE: &str = r#""><script>alert(1)</script>'{}{value}"#;

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

#[test]
fn every_field_type_becomes_its_native_control() {
    let html = english(&every_type(), None);
    let expected = [
        ("name=\"text\"", "type=\"text\""),
        ("name=\"text\"", "minlength=\"2\" maxlength=\"80\" required"),
        ("name=\"text\"", "pattern=\"[A-Z].*\" title=\"Begins with a capital.\""),
        ("name=\"textarea\"", "<textarea id=\"f-1\""),
        ("name=\"email\"", "type=\"email\" autocomplete=\"email\" placeholder=\"a@example.org\""),
        ("name=\"tel\"", "type=\"tel\" autocomplete=\"tel\""),
        ("name=\"url\"", "type=\"url\" autocomplete=\"url\""),
        (
            "name=\"number\"",
            "type=\"number\" inputmode=\"decimal\" min=\"0.5\" max=\"9\" step=\"0.25\"",
        ),
        ("name=\"integer\"", "inputmode=\"numeric\" min=\"1\" step=\"1\""),
        ("name=\"integer\"", "value=\"2\""),
        ("name=\"date\"", "type=\"date\" min=\"2026-01-01\""),
        ("name=\"time\"", "type=\"time\" max=\"17:30\""),
        ("name=\"datetime\"", "type=\"datetime-local\""),
        ("name=\"select\"", "<select id=\"f-10\" name=\"select\" required"),
        ("value=\"b\"", "<option value=\"b\" selected"),
        ("name=\"radio\"", "type=\"radio\" name=\"radio\" value=\"m\""),
        ("name=\"checkboxes\"", "type=\"checkbox\" name=\"checkboxes\" value=\"x\""),
        ("name=\"consent\"", "type=\"checkbox\" name=\"consent\" value=\"on\" required"),
        ("name=\"scale\"", "type=\"radio\" name=\"scale\" value=\"1\" id=\"f-15\" required"),
        ("name=\"hidden\"", "type=\"hidden\" name=\"hidden\" value=\"from the page\""),
        ("name=\"file\"", "accept=\".pdf,application/pdf,image/*\" multiple required"),
        ("name=\"_gotcha\"", "tabindex=\"-1\" autocomplete=\"off\""),
        ("method=\"post\"", "action=\"/f/abcdefgh23\" enctype=\"multipart/form-data\""),
    ];
    for (part, wanted) in expected {
        let found = tag(&html, part);
        assert!(found.contains(wanted), "{wanted} is not in {found}");
    }
    assert_eq!(html.matches("class=\"point\"").count(), 15);
    assert!(html.contains("At most 3 files. At most 10 MiB a file. Accepted: PDF, images."));
    assert!(html.contains("Please choose 2 to 3."));
}

#[test]
fn what_an_owner_or_a_visitor_wrote_never_becomes_markup() {
    let option = json!([{ "value": HOSTILE, "label": HOSTILE }]);
    let name = |suffix: &str| format!("{HOSTILE}{suffix}");
    let hostile = form(json!({
        "name": HOSTILE, "slug": "hostile", "success_message": HOSTILE,
        "fields": [
            { "name": HOSTILE, "type": "text", "label": HOSTILE, "help": HOSTILE,
              "placeholder": HOSTILE, "default": HOSTILE, "required": true },
            { "name": name("a"), "type": "textarea", "default": "</textarea><script>alert(1)" },
            { "name": name("s"), "type": "select", "options": option },
            { "name": name("r"), "type": "radio", "options": option },
            { "name": name("c"), "type": "checkboxes", "options": option, "help": HOSTILE },
            { "name": name("y"), "type": "consent", "label": HOSTILE },
            { "name": name("h"), "type": "hidden", "default": HOSTILE },
            { "name": name("f"), "type": "file", "accept": [format!(".{HOSTILE}")] },
            { "name": name("i"), "type": "email", "label": HOSTILE,
              "shown_if": { "field": name("s"), "any_of": [HOSTILE] } },
        ]
    }));
    let problem = |field: String| FieldProblem { field, problem: Problem::NotAnOption };
    let answers: Answers = [HOSTILE.to_owned(), name("s"), name("a"), name("extra")]
        .map(|name| (name, HOSTILE.to_owned()))
        .into_iter()
        .collect();
    let filled = FilledIn {
        problems: vec![problem(name("s")), problem(HOSTILE.to_owned()), problem(name("none"))],
        error: Some(HOSTILE.to_owned()),
        controls: vec![(HOSTILE.to_owned(), HOSTILE.to_owned())],
        had_files: true,
        answers: answers.clone(),
    };
    let anything = form(json!({ "name": HOSTILE, "slug": "anything" }));
    for language in Language::all() {
        let message = MessagePage {
            language,
            form_name: Some(HOSTILE),
            title: HOSTILE,
            message: HOSTILE,
            entered: Some(&answers),
        };
        let thanks = ThanksPage { form: &hostile, language, form_path: HOSTILE };
        let snippet = FormPage {
            form: &anything,
            language,
            action: HOSTILE,
            action_url: HOSTILE,
            filled: None,
            captcha: None,
            stamp: "STAMP",
        };
        let pages = [
            page(&hostile, language, None),
            page(&hostile, language, Some(&filled)),
            message.render().unwrap(),
            thanks.render().unwrap(),
            snippet.render().unwrap(),
        ];
        for html in pages {
            assert!(!html.contains("<script>"), "{html}");
            assert!(!html.contains("\"><script"), "{html}");
            assert!(html.contains("&#60;script&#62;alert(1)"), "{html}");
        }
    }
}

#[test]
fn every_problem_is_tied_to_its_field() {
    let form = every_type();
    let filled = rejected(&form, wrong_answers());
    let html = english(&form, Some(&filled));
    let ids: Vec<_> = values(&html, "id");
    let unique: HashSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len(), "ids repeat: {ids:?}");
    for described_by in values(&html, "aria-describedby") {
        for id in described_by.split(' ') {
            assert!(ids.contains(&id), "{id} is not there");
        }
    }
    let described: Vec<_> =
        values(&html, "aria-describedby").iter().flat_map(|ids| ids.split(' ')).collect();
    for (index, field) in form.fields.iter().enumerate() {
        let name = &field.definition.name;
        let Some(wrong) = filled.problems.iter().find(|problem| problem.field == *name) else {
            continue;
        };
        let problem_id = format!("f-{index}-problem");
        assert!(described.contains(&problem_id.as_str()), "{name}");
        assert!(html.contains(&format!("href=\"#f-{index}\">{name}</a>")), "{name}");
        assert!(ids.contains(&format!("f-{index}").as_str()), "{name}");
        let described_field = tag(&html, &problem_id);
        assert!(described_field.contains("aria-invalid=\"true\"") || name == "checkboxes");
        let message = wrong.problem.message(Language::default());
        assert!(html.contains(&format!("id=\"{problem_id}\">{message}")), "{name}");
    }
    assert!(tag(&html, "name=\"checkboxes\"").contains("aria-invalid=\"true\""));
    assert!(html.contains("<title>Error: Sample</title>"));
    assert!(tag(&html, "autofocus").contains("name=\"text\""));
    assert_eq!(html.matches("autofocus").count(), 1);
    assert!(html.contains("class=\"summary\" role=\"alert\""));
    assert!(html.contains(&format!("{} answers need another look:", filled.problems.len())));
}

#[test]
fn what_was_entered_is_kept() {
    let form = every_type();
    let mut filled = rejected(&form, wrong_answers());
    filled.controls.push(("_next".to_owned(), "/done".to_owned()));
    let html = english(&form, Some(&filled));
    assert!(tag(&html, "name=\"email\"").contains("value=\"ada@\""));
    assert!(html.contains(">\n\nkept</textarea>"), "the parser drops the first line break");
    assert!(tag(&html, "value=\"p\"").contains("checked"));
    assert!(tag(&html, "value=\"y\"").contains("checked"));
    assert!(!tag(&html, "name=\"consent\"").contains("checked"));
    assert!(tag(&html, "name=\"hidden\"").contains("value=\"kept too\""));
    assert!(
        tag(&html, "name=\"_next\"").contains("type=\"hidden\" name=\"_next\" value=\"/done\"")
    );
    assert!(
        tag(&html, "name=\"extra\"")
            .contains("type=\"hidden\" name=\"extra\" value=\"kept apart\"")
    );
    for entered in ["“many”", "“31.12.2026”", "“noon”", "“now”", "“c”", "“9”"]
    {
        assert!(html.contains(&format!("You entered {entered}.")), "{entered}");
    }
    assert_eq!(html.matches("Please choose the files again").count(), 2);
}

#[test]
fn undeclared_answers_are_not_sent_again_to_a_form_that_refuses_them() {
    let strict = form(json!({
        "name": "Strict", "slug": "strict", "undeclared": "refuse",
        "fields": [{ "name": "a", "type": "text" }]
    }));
    let filled = rejected(&strict, answers(json!([["a", "kept"], ["b", "gone"]])));
    let html = english(&strict, Some(&filled));
    assert!(html.contains("value=\"kept\""));
    assert!(!html.contains("name=\"b\""));
    assert!(
        html.contains("b<span class=\"message\">This form has no such field.</span>"),
        "{html}"
    );
}

#[test]
fn a_field_that_may_not_apply_is_required_by_script_only() {
    let html = english(&every_type(), None);
    let asked = tag(&html, "name=\"asked\"");
    assert!(asked.contains(" data-required"), "{asked}");
    assert!(!asked.contains(" required"), "{asked}");
    assert!(html.contains("Only if the answer to “radio” is “Mail” or “Phone”."));
    let wrapper = tag(&html, "data-if-field=\"radio\"");
    assert!(wrapper.contains("data-if-any-of=\"[&#34;m&#34;,&#34;p&#34;]\""), "{wrapper}");
}

#[test]
fn a_browser_never_refuses_a_number_that_the_server_takes() {
    let step = |field: Value| {
        let html = english(&with_fields(json!([field])), None);
        values(&html, "step")[0].to_owned()
    };
    assert_eq!(step(json!({ "name": "a", "type": "number" })), "any");
    assert_eq!(step(json!({ "name": "a", "type": "integer" })), "1");
    assert_eq!(step(json!({ "name": "a", "type": "integer", "default": "7.5" })), "any");
    assert_eq!(step(json!({ "name": "a", "type": "number", "step": 5, "default": "7" })), "any");
    assert_eq!(
        step(json!({ "name": "a", "type": "number", "step": 5, "min": 2, "default": "7" })),
        "5"
    );
}

#[test]
fn a_pattern_that_browsers_read_differently_is_left_to_the_server() {
    for (pattern, shown) in [(r"\d{5}", true), (r"\w+", false), ("[[:alpha:]]+", false)] {
        let form = with_fields(json!([{ "name": "a", "type": "text", "pattern": pattern }]));
        assert_eq!(english(&form, None).contains(" pattern="), shown, "{pattern}");
    }
}

#[test]
fn the_page_of_a_form_without_fields_says_how_to_use_it() {
    let html = english(&form(json!({ "name": "Anything", "slug": "anything" })), None);
    assert!(html.contains("&lt;form action=\"https://forms.example.org/f/abcdefgh23\""), "{html}");
    assert!(!html.contains("<form"));
}

#[test]
fn the_thanks_page_leads_back_only_to_a_form_that_can_be_filled_in_there() {
    let thanks = |form: &CompiledForm, language: Language| {
        ThanksPage { form, language, form_path: "/f/abcdefgh23" }.render().unwrap()
    };
    let (english, german) = (Language::default(), Language::parse("de").unwrap());
    let html = thanks(&every_type(), english);
    assert!(html.contains("<a href=\"/f/abcdefgh23\">Send another one</a>"), "{html}");
    let html = thanks(&every_type(), german);
    assert!(html.contains("<a href=\"/f/abcdefgh23?language=de\">Noch"), "{html}");
    let anything = json!({ "name": "A", "slug": "a", "success_message": "It is here." });
    let html = thanks(&form(anything), english);
    assert!(html.contains("It is here.") && !html.contains("<a "), "{html}");
}

#[test]
fn a_page_in_another_language_asks_for_replies_in_it() {
    let german = Language::parse("de").unwrap();
    let html = page(&every_type(), german, None);
    assert!(tag(&html, "_language").contains("value=\"de\""));
    assert!(!english(&every_type(), None).contains("_language"));
}

#[test]
fn a_german_page_has_no_english_sentence() {
    /// The sentences of one language, between their places.
    fn sentences(language: Language) -> HashSet<String> {
        let texts = format!("{:?}", language.texts());
        let quoted = texts.split(": \"").skip(1).filter_map(|rest| rest.split('"').next());
        let after_place =
            |part: &'_ str| part.split_once('}').map_or(part, |(_, after)| after).trim().to_owned();
        let parts = quoted.flat_map(|text| text.split('{')).map(after_place);
        parts.filter(|part| part.len() > 3).collect()
    }
    let german = Language::parse("de").unwrap();
    let (english, translated) = (sentences(Language::default()), sentences(german));
    let untranslated: Vec<_> = english.intersection(&translated).collect();
    assert!(untranslated.is_empty(), "{untranslated:?}");
    for html in every_page(german) {
        for sentence in &english {
            let found = html.find(sentence.as_str()).filter(|at| {
                let end = at + sentence.len();
                !html[..*at].ends_with(char::is_alphanumeric)
                    && !html[end..].starts_with(char::is_alphanumeric)
            });
            assert_eq!(found, None, "“{sentence}” is in {html}");
        }
    }
}

#[test]
fn pages_obey_the_content_security_policy() {
    let urls: Vec<_> = assets::ALL.iter().map(|asset| asset.url()).collect();
    for html in Language::all().flat_map(every_page) {
        assert!(!html.contains(" style=") && !html.contains("<style"), "{html}");
        assert!(!html.contains(" onclick=") && !html.contains("javascript:"), "{html}");
        let scripts = html.matches("<script").count();
        assert_eq!(scripts, html.matches("<script src=\"/static/").count());
        for url in values(&html, "src").into_iter().chain(values(&html, "href")) {
            let ours = urls.iter().any(|known| known == url);
            let form = url.split('?').next() == Some("/f/abcdefgh23");
            assert!(ours || url.starts_with('#') || form, "{url}");
        }
        assert_eq!(html.matches("<h1>").count(), 1);
    }
}
