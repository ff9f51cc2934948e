//! Nothing that somebody wrote becomes markup, and pages need no exception to their policy.

use formhold_domain::{Answers, FieldProblem, Language, Problem};
use serde_json::json;

use super::{every_page, form, page, values};
use crate::public::{FilledIn, FormPage, MessagePage, ThanksPage, assets};

const HOSTILE: &str = r#""><script>alert(1)</script>'{}{value}"#;

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
