//! How fields become controls that a browser understands.

use serde_json::{Value, json};

use super::{english, every_type, form, tag, values, with_fields};

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
