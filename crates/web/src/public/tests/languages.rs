//! Pages in another language, and the way back to the form in it.

use std::collections::HashSet;

use formhold_domain::{CompiledForm, Language};
use serde_json::json;

use super::{english, every_page, every_type, form, page, tag};
use crate::public::ThanksPage;

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
