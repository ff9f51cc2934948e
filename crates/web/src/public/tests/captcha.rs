//! What a page says about its captcha.

use formhold_domain::Language;
use serde_json::json;

use super::with_fields;
use crate::public::{CaptchaView, FilledIn, FormPage, assets};

#[test]
fn a_captcha_says_once_what_it_needs_and_only_where_it_is_needed() {
    let form = with_fields(json!([{ "name": "text", "type": "text" }]));
    let hint = Language::default().texts().page.captcha_no_script;
    let sentence = "Please confirm that you are a person.";
    let missing = FilledIn { error: Some(sentence.to_owned()), ..FilledIn::default() };
    for (needed, filled, expected) in [
        (true, None, 1),
        (false, None, 0),
        (true, Some(&missing), 1),
        // Only of what looks like spam, and this did.
        (false, Some(&missing), 1),
    ] {
        let captcha = CaptchaView {
            script_url: None,
            own_script: Some(&assets::ALTCHA_JS),
            attributes: Vec::new(),
            needed,
            missed: filled.is_some(),
        };
        let html = FormPage {
            form: &form,
            language: Language::default(),
            action: "/f/abcdefgh23",
            action_url: "https://forms.example.org/f/abcdefgh23",
            filled,
            captcha: Some(&captcha),
            stamp: "STAMP",
        }
        .render()
        .unwrap();
        let said: Vec<_> = html.match_indices(hint).collect();
        assert_eq!(said.len(), expected, "needed: {needed}, {html}");
        let in_alert = said.first().is_some_and(|(at, _)| html[..*at].contains(sentence));
        assert_eq!(in_alert, filled.is_some(), "{html}");
        assert_eq!(html.matches("<noscript>").count(), expected);
    }
}
