//! Field types and rules, as a client sees them.

use formhold_testkit::{TestApp, on_both_stacks};
use serde_json::{Value, json};

/// Posts one value of a field and gives back the code of what is wrong, empty where nothing is.
async fn code(app: &TestApp, slug: &str, field: Value, values: &[&str]) -> String {
    let mut field = field;
    field["name"] = json!("f");
    app.form(json!({ "slug": slug, "fields": [field, { "name": "other", "type": "text" }] })).await;
    let pairs: Vec<_> =
        [("other", "x")].into_iter().chain(values.iter().map(|value| ("f", *value))).collect();
    let (status, body) = app.post(&format!("/f/{slug}"), &pairs).await;
    assert!(status == 200 || status == 422, "{status} {body}");
    if status == 200 {
        String::new()
    } else {
        body["errors"][0]["code"].as_str().expect("a code").to_owned()
    }
}

on_both_stacks! {
    async fn each_rule_has_its_code(app: TestApp) {
        let options = json!(["a", { "value": "b", "label": "B" }, "c"]);
        let cases: Vec<(Value, Vec<&str>, &str)> = vec![
            (json!({ "type": "text", "required": true }), vec![], "REQUIRED_FIELD_MISSING"),
            (json!({ "type": "text", "required": true }), vec![" "], "REQUIRED_FIELD_EMPTY"),
            (json!({ "type": "text" }), vec!["a", "b"], "TOO_MANY_VALUES"),
            (json!({ "type": "text", "min_length": 3 }), vec!["ab"], "TOO_SHORT"),
            (json!({ "type": "textarea", "max_length": 3 }), vec!["ü\r\nx"], ""),
            (json!({ "type": "textarea", "max_length": 3 }), vec!["abcd"], "TOO_LONG"),
            (json!({ "type": "text", "pattern": "[A-Z]{2}" }), vec!["AB"], ""),
            (json!({ "type": "text", "pattern": "[A-Z]{2}" }), vec!["xABx"], "PATTERN_MISMATCH"),
            (json!({ "type": "email" }), vec!["ada@mail.example"], ""),
            (json!({ "type": "email" }), vec!["ada@mail"], "TYPE_EMAIL"),
            (json!({ "type": "email" }), vec!["a@b.example\r\nBcc: x@y.example"], "TYPE_EMAIL"),
            (json!({ "type": "tel" }), vec!["+49 (0)30 1234-567"], ""),
            (json!({ "type": "tel" }), vec!["call me"], "TYPE_TEL"),
            (json!({ "type": "url" }), vec!["https://a.example/x?y=1"], ""),
            (json!({ "type": "url" }), vec!["javascript:alert(1)"], "TYPE_URL"),
            (json!({ "type": "number", "min": 0.5, "max": 2 }), vec!["1.5"], ""),
            (json!({ "type": "number" }), vec!["1,5"], "TYPE_NUMERIC"),
            (json!({ "type": "number", "min": 0.5 }), vec!["0.4"], "TOO_SMALL"),
            (json!({ "type": "number", "max": 2 }), vec!["2.1"], "TOO_LARGE"),
            (json!({ "type": "number", "step": 0.1 }), vec!["0.3"], ""),
            (json!({ "type": "integer", "min": 1, "step": 2 }), vec!["4"], "OFF_STEP"),
            (json!({ "type": "integer" }), vec!["1.0"], "TYPE_NUMERIC"),
            (json!({ "type": "date", "min": "2026-01-01" }), vec!["2025-12-31"], "TOO_SMALL"),
            (json!({ "type": "date" }), vec!["2026-02-30"], "TYPE_DATE"),
            (json!({ "type": "time" }), vec!["25:00"], "TYPE_TIME"),
            (json!({ "type": "time", "max": "18:00" }), vec!["17:59"], ""),
            (json!({ "type": "datetime" }), vec!["2026-02-30T10:00"], "TYPE_DATETIME"),
            (json!({ "type": "select", "options": options }), vec!["b"], ""),
            (json!({ "type": "radio", "options": options }), vec!["B"], "NOT_AN_OPTION"),
            (json!({ "type": "checkboxes", "options": options, "min_choices": 2 }), vec!["a", "c"], ""),
            (json!({ "type": "checkboxes", "options": options, "min_choices": 2 }), vec!["a", "a"], "TOO_FEW_CHOICES"),
            (json!({ "type": "checkboxes", "options": options, "max_choices": 1 }), vec!["a", "b"], "TOO_MANY_CHOICES"),
            (json!({ "type": "checkboxes", "options": options }), vec!["z"], "NOT_AN_OPTION"),
            (json!({ "type": "consent", "required": true }), vec![], "CONSENT_REQUIRED"),
            (json!({ "type": "consent", "required": true }), vec!["0"], "CONSENT_REQUIRED"),
            (json!({ "type": "consent", "required": true }), vec!["0", "on"], ""),
            (json!({ "type": "rating" }), vec!["6"], "TOO_LARGE"),
            (json!({ "type": "rating", "max": 10 }), vec!["10"], ""),
            (json!({ "type": "hidden", "required": true }), vec!["x"], ""),
            (json!({ "type": "file", "required": true }), vec![], "REQUIRED_FIELD_MISSING"),
            (json!({ "type": "file" }), vec!["name.txt"], "FILE_EXPECTED"),
            (json!({ "type": "text", "equal_to": "other" }), vec!["x"], ""),
            (json!({ "type": "text", "equal_to": "other" }), vec!["y"], "NOT_EQUAL"),
            (json!({ "type": "text", "required": true, "shown_if": { "field": "other", "any_of": ["y"] } }), vec![], ""),
            (json!({ "type": "text", "required": true, "shown_if": { "field": "other", "any_of": ["x"] } }), vec![], "REQUIRED_FIELD_MISSING"),
        ];
        for (index, (field, values, expected)) in cases.into_iter().enumerate() {
            let got = code(&app, &format!("case-{index}"), field.clone(), &values).await;
            assert_eq!(got, expected, "{field} {values:?}");
        }
    }

    async fn every_wrong_field_is_told_at_once_and_nothing_is_stored(app: TestApp) {
        let form = app.form(json!({ "language": "de", "fields": [
            { "name": "a", "type": "email", "required": true }, { "name": "b", "type": "integer" }, { "name": "c", "type": "date" }
        ] })).await;
        let (status, body) = app.post("/f/test", &[("b", "x"), ("c", "y")]).await;
        assert_eq!(status, 422);
        let fields: Vec<_> = body["errors"].as_array().expect("a list").iter().map(|error| error["field"].as_str().expect("a name")).collect();
        assert_eq!(fields, ["a", "b", "c"]);
        assert_eq!(body["errors"][0]["message"], "Bitte füllen Sie dieses Feld aus.");
        assert!(app.submissions(&form).await.is_empty());
    }

    async fn undeclared_fields_go_where_the_owner_wants_them(app: TestApp) {
        let fields = json!([{ "name": "a", "type": "text" }]);
        let refuse = app.form(json!({ "slug": "refuse", "undeclared": "refuse", "fields": fields })).await;
        let keep = app.form(json!({ "slug": "keep", "fields": fields })).await;
        let ignore = app.form(json!({ "slug": "ignore", "undeclared": "drop", "fields": fields })).await;
        let pairs = [("x", "1"), ("a", "2"), ("x", "3")];
        let (status, body) = app.post("/f/refuse", &pairs).await;
        assert_eq!((status, &body["errors"][0]["code"], &body["errors"][0]["field"]), (422, &json!("UNDECLARED_FIELD"), &json!("x")));
        assert_eq!(app.post("/f/keep", &pairs).await.0, 200);
        assert_eq!(app.post("/f/ignore", &pairs).await.0, 200);
        assert!(app.submissions(&refuse).await.is_empty());
        let kept = &app.submissions(&keep).await[0];
        assert_eq!(kept.undeclared.iter().collect::<Vec<_>>(), [("x", "1"), ("x", "3")]);
        assert_eq!(kept.answers.iter().collect::<Vec<_>>(), [("a", "2")]);
        assert!(app.submissions(&ignore).await[0].undeclared.is_empty());
    }

    async fn a_form_takes_submissions_between_its_times_only(app: TestApp) {
        // The test's clock stands at 2026-06-01 12:00 UTC.
        app.form(json!({ "opens_at": "2026-06-01T13:00:00Z", "closes_at": "2026-06-01T14:00:00Z" })).await;
        app.form(json!({ "slug": "shut", "state": "closed" })).await;
        const HOUR_MS: i64 = 60 * 60 * 1000;
        for (path, expected) in [("/f/test", 403), ("/f/shut", 403)] {
            let (status, body) = app.post(path, &[("a", "1")]).await;
            assert_eq!((status, &body["errors"][0]["code"]), (expected, &json!("INACTIVE")), "{path}");
        }
        app.clock.advance_ms(HOUR_MS);
        assert_eq!(app.post("/f/test", &[("a", "1")]).await.0, 200);
        app.clock.advance_ms(HOUR_MS);
        assert_eq!(app.post("/f/test", &[("a", "1")]).await.0, 403);
    }

    async fn a_submission_names_the_version_that_it_was_checked_against(app: TestApp) {
        let first = app.form(json!({ "fields": [{ "name": "a", "type": "text" }] })).await;
        app.post("/f/test", &[("a", "1")]).await;
        let second = app.form(json!({ "fields": [{ "name": "a", "type": "integer" }] })).await;
        assert_eq!((second.identity.id, second.identity.version), (first.identity.id, 2));
        assert_eq!(app.post("/f/test", &[("a", "x")]).await.0, 422);
        app.post("/f/test", &[("a", "1")]).await;
        let versions: Vec<_> = app.submissions(&second).await.iter().map(|submission| submission.form_version).collect();
        assert_eq!(versions, [1, 2]);
    }

    async fn nothing_at_all_is_refused_as_empty(app: TestApp) {
        app.form(json!({})).await;
        for pairs in [&[][..], &[("_subject", "only a control")]] {
            let (status, body) = app.post("/f/test", pairs).await;
            assert_eq!((status, &body["errors"][0]["code"]), (422, &json!("EMPTY")));
        }
        assert_eq!(app.post("/f/test", &[("a", "")]).await.0, 200);
    }
}

#[test]
fn a_definition_is_refused_with_all_of_its_mistakes() {
    use formhold_domain::{CompiledForm, FormId, FormKey, Identity};
    let definition = formhold_testkit::form_of(json!({
        "opens_at": "tomorrow", "allowed_origins": ["site.example"], "redirect_hosts": ["https://x"], "success_url": "/done",
        "fields": [
            { "name": "_x", "type": "text" },
            { "name": "a", "type": "rating", "pattern": "x" },
            { "name": "a", "type": "select" },
            { "name": "b", "type": "text", "pattern": "(" },
            { "name": "c", "type": "text", "pattern": "(a{1000}){1000}" },
            { "name": "d", "type": "number", "min": 2, "max": 1 },
            { "name": "e", "type": "date", "min": "soon" },
            { "name": "f", "type": "text", "equal_to": "nobody", "shown_if": { "field": "f", "any_of": [] } },
            { "name": "g", "type": "file", "accept": ["pdf"] },
            { "name": "h", "type": "radio", "options": ["x", "x", ""] },
            { "name": "i", "type": "integer", "step": 0 }
        ]
    }));
    let id = "018f0000-0000-7000-8000-000000000000".parse::<FormId>().expect("an id");
    let identity = Identity { id, key: FormKey::parse("abcdefghij").expect("a key"), version: 1 };
    let problems = CompiledForm::compile(identity, definition).expect_err("mistakes");
    let text = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(text);
}
